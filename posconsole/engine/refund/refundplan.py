"""What a refund comes to: a pure function of the sale as it stands and of what is to come back.

The screen shows the plan; the transaction that carries it out plans again on the rows it has locked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from posconsole.codes import mask
from posconsole.engine.club.earning import on_goods
from posconsole.engine.quoting.terms import multiplied
from posconsole.engine.sale.tendering import rounded
from posconsole.engine.views import RefundItem, RefundPlan, RefundTender
from posconsole.errors import InvalidInput, NotAllowed
from posconsole.money import spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from posconsole.engine.sale.salerows import Fields, SaleRows


@dataclass(frozen=True, slots=True)
class Back:
    """Money that goes back to one place: to a voucher, to a tender, or with neither to a new voucher (`credit`).

    `redemption` is the draw on a voucher that it gives back, wherever it goes.
    """

    kind: str
    amount: int
    voucher: str | None = None
    redemption: str | None = None
    tender: str | None = None


@dataclass(slots=True)
class Plan:
    """A refund in full detail. `shares` is what each redemption's discount shrinks by, `whole` whether all is back.

    `points` is what the member loses of what the sale gave. `voided` are vouchers that this sale sold, with what is
    left on them. Only a whole refund gives back what single-use vouchers lost (`unforfeited`) and what points
    vouchers gave (`repointed`).
    """

    as_credit: bool = False
    amount: int = 0
    tax: int = 0
    rounding: int = 0
    points: int = 0
    whole: bool = False
    items: list[RefundItem] = field(default_factory=list)
    backs: list[Back] = field(default_factory=list)
    shares: dict[str, int] = field(default_factory=dict)
    voided: dict[str, int] = field(default_factory=dict)
    unforfeited: dict[str, int] = field(default_factory=dict)
    repointed: dict[str, int] = field(default_factory=dict)

    @property
    def credit(self) -> int:
        """Return what the new voucher is worth: all that goes back, and what single-use vouchers had lost."""
        if not self.as_credit:
            return 0
        return sum(back.amount for back in self.backs) + sum(self.unforfeited.values())

    def refilled(self) -> set[str]:
        """Return the vouchers that get something back."""
        if self.as_credit:
            return set()
        return {back.voucher for back in self.backs if back.voucher} | {*self.unforfeited, *self.repointed}

    def view(self, rows: SaleRows, codes: Mapping[str, str]) -> RefundPlan:
        """Return what a screen shows of the plan; `codes` are the vouchers' codes."""
        tenders = merged(
            RefundTender(back.kind, back.amount, mask(codes[back.voucher]) if back.voucher else None, back.tender)
            for back in self.backs
        )
        return RefundPlan(rows.payment["id"], self.amount, self.rounding, tuple(self.items), tenders, self.points)


def merged(tenders: Iterable[RefundTender]) -> tuple[RefundTender, ...]:
    """Return the parts of a refund as they are shown: what goes to one new voucher is one part."""
    shown: list[RefundTender] = []
    for tender in tenders:
        if shown and tender.kind == shown[-1].kind == "credit":
            tender = replace(tender, amount=tender.amount + shown.pop().amount)
        shown.append(tender)
    return tuple(shown)


def plan(
    rows: SaleRows,
    wanted: Mapping[int, int] | None,
    rounding_before: int,
    smallest_coin: int,
    *,
    as_credit: bool = False,
) -> Plan:
    """Plan the refund of `wanted` quantities by line number; None means all that is left.

    `rounding_before` is the sum of earlier refunds' rounding. With `as_credit` all of it goes to one new voucher.
    Raises `NotAllowed` when there is nothing to give back or more is asked for than was sold, `InvalidInput` for a
    line that isn't there.
    """
    if rows.payment["receipt"] is None:
        raise NotAllowed("Only a sale that was paid can be refunded")
    quantities = _quantities(rows, wanted)
    result = Plan(
        as_credit=as_credit,
        whole=all(line["refunded"] + quantities.get(line["no"], 0) == line["quantity"] for line in rows.lines),
        points=_points(rows, {}) - _points(rows, quantities),
    )
    for line in rows.lines:
        if line["no"] in quantities:
            _take_line(result, rows, line, quantities[line["no"]])
    left = _send_to_vouchers(result, rows)
    if as_credit:
        result.backs += [Back("credit", left)] if left else []
    else:
        _send_to_tenders(result, rows, left, rounding_before, smallest_coin)
    return result


def _points(rows: SaleRows, back: Mapping[int, int]) -> int:
    """Return the points that the sale is worth once `back` (quantities by line) has come back too.

    What doesn't grow with the goods, a bonus or the points of a coupon, stays until nothing of them is left.
    """
    if rows.order["member_id"] is None:
        return 0
    kept = {line["no"]: line["quantity"] - line["refunded"] - back.get(line["no"], 0) for line in rows.lines}
    goods = [line for line in rows.lines if line["voucher_value"] is None and kept[line["no"]]]
    base = sum(sum(_units(rows, line)[2][-kept[line["no"]] :]) for line in goods)
    earns = on_goods(rows.order, base)
    grants = [row for row in rows.redemptions if row["kind"] != "reward"]
    extra = sum(multiplied(earns, row["multiplier"]) for row in grants if row["multiplier"])
    awarded = sum(row["points"] for row in grants if not row["multiplier"]) if any(kept.values()) else 0
    return earns + extra + int(awarded)


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


def _units(rows: SaleRows, line: Fields) -> tuple[list[str], list[list[int]], list[int]]:
    """Return a line's redemptions, each one's frozen share by unit, and what is left of each unit."""
    shares = sorted(
        (share["redemption_id"], share["amount"]) for share in rows.shares if share["line_no"] == line["no"]
    )
    layers, net = unit_layers(line["unit_price"], line["quantity"], [amount for _, amount in shares])
    return [redemption for redemption, _ in shares], layers, net


def _take_line(result: Plan, rows: SaleRows, line: Fields, quantity: int) -> None:
    """Add the frozen shares of the next units of a line."""
    units = slice(line["refunded"], line["refunded"] + quantity)
    redemptions, layers, net = _units(rows, line)
    for redemption, layer in zip(redemptions, layers, strict=True):
        result.shares[redemption] = result.shares.get(redemption, 0) + sum(layer[units])
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
    """Return what is left of the price that was paid: what was spent comes off it, a bonus or a fee isn't paid out.

    A bonus is also what a manager has put on it since.
    """
    value, balance = int(voucher["initial_value"]), int(voucher["balance"])
    spent = value + int(voucher["adjusted"]) - balance
    return max(min(min(price, value) - spent, balance), 0)


def _send_to_vouchers(result: Plan, rows: SaleRows) -> int:
    """Send the amount to vouchers first, each gets up to what it gave; return what is left."""
    left = result.amount
    for row in sorted(rows.redemptions, key=lambda row: str(row["id"])):
        if row["voucher_id"] is None:
            continue
        amount = min(left, row["amount"] - row["reversed"])
        left -= amount
        if amount:
            kind, voucher = ("credit", None) if result.as_credit else ("voucher", row["voucher_id"])
            result.backs.append(Back(kind, amount, voucher=voucher, redemption=row["id"]))
        if result.whole and row["forfeited"]:
            result.unforfeited[row["voucher_id"]] = row["forfeited"]
        if result.whole and row["points"]:
            result.repointed[row["voucher_id"]] = row["points"]
    return left


def _send_to_tenders(result: Plan, rows: SaleRows, left: int, rounding_before: int, coin: int) -> None:
    """Send what is left to cards, then to cash."""
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
