"""What a refund comes to: a pure function of the sale as it stands and of what is to come back.

The screen shows the plan; the transaction that carries it out plans again on the rows it has locked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from posconsole.codes import mask
from posconsole.engine.tendering import rounded
from posconsole.engine.views import RefundItem, RefundPlan, RefundTender
from posconsole.errors import InvalidInput, NotAllowed
from posconsole.money import spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from posconsole.engine.salerows import Fields, SaleRows


@dataclass(frozen=True, slots=True)
class Back:
    """Money that goes back to one place: to a voucher by its redemption, or to a tender."""

    kind: str
    amount: int
    voucher: str | None = None
    redemption: str | None = None
    tender: str | None = None


@dataclass(slots=True)
class Plan:
    """A refund in full detail. `shares` is what each redemption's discount shrinks by, `whole` whether all is back.

    `voided` are vouchers that this sale sold, with what is left on them; `unforfeited` what single-use
    vouchers get back of what they lost, which only a whole refund gives.
    """

    amount: int = 0
    tax: int = 0
    rounding: int = 0
    whole: bool = False
    items: list[RefundItem] = field(default_factory=list)
    backs: list[Back] = field(default_factory=list)
    shares: dict[str, int] = field(default_factory=dict)
    voided: dict[str, int] = field(default_factory=dict)
    unforfeited: dict[str, int] = field(default_factory=dict)

    def view(self, rows: SaleRows, codes: Mapping[str, str]) -> RefundPlan:
        """Return what a screen shows of the plan; `codes` are the vouchers' codes."""
        tenders = tuple(
            RefundTender(back.kind, back.amount, mask(codes[back.voucher]) if back.voucher else None, back.tender)
            for back in self.backs
        )
        return RefundPlan(rows.payment["id"], self.amount, self.rounding, tuple(self.items), tenders)


def plan(rows: SaleRows, wanted: Mapping[int, int] | None, rounding_before: int, smallest_coin: int) -> Plan:
    """Plan the refund of `wanted` quantities by line number; None means all that is left.

    `rounding_before` is the sum of earlier refunds' rounding. Raises `NotAllowed` when there is nothing to give
    back or more is asked for than was sold, `InvalidInput` for a line that isn't there.
    """
    if rows.payment["receipt"] is None:
        raise NotAllowed("Only a sale that was paid can be refunded")
    quantities = _quantities(rows, wanted)
    result = Plan(
        whole=all(line["refunded"] + quantities.get(line["no"], 0) == line["quantity"] for line in rows.lines)
    )
    for line in rows.lines:
        if line["no"] in quantities:
            _take_line(result, rows, line, quantities[line["no"]])
    _send_back(result, rows, rounding_before, smallest_coin)
    return result


def _quantities(rows: SaleRows, wanted: Mapping[int, int] | None) -> dict[int, int]:
    left = {line["no"]: line["quantity"] - line["refunded"] for line in rows.lines}
    if wanted is None:
        wanted = {no: quantity for no, quantity in left.items() if quantity}
    for no, quantity in wanted.items():
        if no not in left:
            raise InvalidInput(f"The receipt has no line {no}", field="items")
        if quantity > left[no]:
            raise NotAllowed(f"Of line {no} only {left[no]} can still be refunded", code="already_refunded")
    if not wanted:
        raise NotAllowed("Everything on this receipt was refunded already", code="already_refunded")
    return dict(wanted)


def unit_layers(price: int, quantity: int, layers: Iterable[int]) -> tuple[list[list[int]], list[int]]:
    """Spread each discount on a line over its units by largest remainder; return the shares and what is left.

    Each layer goes over what the one before it left, so that no unit falls below zero.
    """
    left, spreads = [price] * quantity, []
    for layer in layers:
        shares = spread(layer, left)
        left = [one - share for one, share in zip(left, shares, strict=True)]
        spreads.append(shares)
    return spreads, left


def _take_line(result: Plan, rows: SaleRows, line: Fields, quantity: int) -> None:
    """Add the frozen shares of the next units of a line."""
    units = slice(line["refunded"], line["refunded"] + quantity)
    shares = sorted(
        (share["redemption_id"], share["amount"]) for share in rows.shares if share["line_no"] == line["no"]
    )
    spreads, net = unit_layers(line["unit_price"], line["quantity"], [amount for _, amount in shares])
    for (redemption, _), spread_out in zip(shares, spreads, strict=True):
        result.shares[redemption] = result.shares.get(redemption, 0) + sum(spread_out[units])
    taxes = spread(line["tax"], net)
    tax, amount = sum(taxes[units]), sum(net[units])
    if line["voucher_value"] is not None:
        amount = _take_vouchers(result, rows, line, quantity)
    elif not rows.order["prices_include_tax"]:
        amount += tax
    result.items.append(RefundItem(line["no"], line["name"], quantity, amount, tax))
    result.amount += amount
    result.tax += tax


def _take_vouchers(result: Plan, rows: SaleRows, line: Fields, quantity: int) -> int:
    """Take back the fullest vouchers that a line sold: what is left of each is paid back, and it is voided."""
    mine = [voucher for voucher in rows.sold if voucher["line_no"] == line["no"] and voucher["status"] == "active"]
    mine.sort(key=lambda voucher: (-voucher["balance"], voucher["id"]))
    if len(mine) < quantity:
        raise NotAllowed("A voucher of this sale is void already. Ask a manager.")
    for voucher in mine[:quantity]:
        if voucher["held"]:
            raise NotAllowed("A voucher of this sale is being used at a till right now. Wait for that sale to end.")
        result.voided[voucher["id"]] = voucher["balance"]
    return sum(_unspent(line["unit_price"], voucher) for voucher in mine[:quantity])


def _unspent(price: int, voucher: Fields) -> int:
    """Return what is left of the price that was paid: what was spent comes off it, a bonus or a fee isn't paid out."""
    value, balance = int(voucher["initial_value"]), int(voucher["balance"])
    return max(min(price, value) - (value - balance), 0)


def _send_back(result: Plan, rows: SaleRows, rounding_before: int, coin: int) -> None:
    """Send the amount to vouchers first, up to what each gave, then to cards, then to cash."""
    left = result.amount
    for row in sorted(rows.redemptions, key=lambda row: str(row["id"])):
        if row["voucher_id"] is None:
            continue
        amount = min(left, row["amount"] - row["reversed"])
        left -= amount
        if amount:
            result.backs.append(Back("voucher", amount, voucher=row["voucher_id"], redemption=row["id"]))
        if result.whole and row["forfeited"]:
            result.unforfeited[row["voucher_id"]] = row["forfeited"]
    by_card = [tender for tender in rows.tenders if tender["kind"] != "cash"]
    in_cash = [tender for tender in rows.tenders if tender["kind"] == "cash"]
    left -= _to_tenders(result, by_card, left)
    result.rounding = _to_tenders(result, in_cash, _cash(rows, in_cash, left, rounding_before, coin)) - left


def _cash(rows: SaleRows, in_cash: Sequence[Fields], left: int, rounding_before: int, coin: int) -> int:
    """Return the coins for `left`: what cash gives back in all is rounded, less what it gave before.

    Were each refund rounded by itself, ten of 98 would give more than the 980 that were paid. When cash gives back
    all that it was owed, it gives back all that was paid, as that was rounded.
    """
    paid, given = (sum(int(tender[name]) for tender in in_cash) for name in ("amount", "refunded"))
    exact = given - rounding_before + left
    in_all = paid if exact == paid - rows.payment["rounding"] else rounded(exact, coin)
    return in_all - given


def _to_tenders(result: Plan, tenders: Iterable[Fields], amount: int) -> int:
    """Give an amount back to tenders, to each at most what it paid; return what they took."""
    taken = 0
    for tender in tenders:
        part = min(amount - taken, tender["amount"] - tender["refunded"])
        if part > 0:
            result.backs.append(Back(tender["kind"], part, tender=tender["id"]))
            taken += part
    return taken
