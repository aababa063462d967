"""What makes a voucher, changes what is on it outside a sale, and ends it: the parts of a unit of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from posconsole.clock import moment
from posconsole.codes import BODY, mask, mint
from posconsole.engine.arguments import flag, optional, whole
from posconsole.engine.club import accounts, points
from posconsole.engine.codes import campaigns, codebook
from posconsole.engine.journal import bookings
from posconsole.engine.quoting.reasons import REASONS, day
from posconsole.engine.sale import spending
from posconsole.engine.sale.salerows import new_redemption, new_voucher
from posconsole.errors import Conflict, InvalidInput, NotAllowed
from posconsole.models import Redemption, Voucher, table
from posconsole.models.voucher import UNTOLD
from posconsole.money import LARGEST, Currency, minor_units

if TYPE_CHECKING:
    from posconsole.engine.context import Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.sale.salerows import Fields
    from posconsole.engine.views import ShopView

_VOUCHER, _REDEMPTION = table(Voucher), table(Redemption)
_IS = _VOUCHER.c.id == bindparam("voucher")
_TAKE = select(_VOUCHER).where(_IS).with_for_update()
_AFTER = _VOUCHER.c.balance + bindparam("change")
_ADJUST = (
    update(_VOUCHER)
    .where(_IS, _VOUCHER.c.status == "active", _VOUCHER.c.held <= _AFTER, _AFTER <= LARGEST)
    .values(balance=_AFTER, adjusted=_VOUCHER.c.adjusted + bindparam("change"))
)
_ENDED = (
    select(_VOUCHER.c.id, _VOUCHER.c.balance)
    .where(UNTOLD, _VOUCHER.c.expires_at < bindparam("now"), _VOUCHER.c.status == "active")
    .order_by(_VOUCHER.c.expires_at, _VOUCHER.c.id)
    .limit(bindparam("most"))
)
_TELL = update(_VOUCHER).where(_IS, UNTOLD).values(expired_told=True)
SWEPT = 500
"""Vouchers of whose end one sweep tells: a till waits no longer than that takes."""

TERMS = (
    "id code_key kind currency initial_value single_use expires_at line_no pin_hash source_id campaign_id batch_id"
    " batch_no"
).split()
"""A voucher's terms: never changed after it was issued, and covered by the digest of the event that made it."""
REDEEMED = "id kind voucher_id member_id status amount forfeited reversed points created_at".split()
"""What a redemption without a sale is: covered by the digest of the voucher's event."""


def terms(
    shop: ShopView,
    *,
    value: object,
    kind: str = "money",
    currency: str | None = None,
    single_use: bool = False,
    expires_at: object = None,
    campaign: str | None = None,
) -> Fields:
    """Read what a voucher, or each of a batch, is worth and how long. Raises `InvalidInput` with the field."""
    if kind not in bookings.GIVEN:
        raise InvalidInput("A voucher holds money or points", field="kind")
    given = optional(currency, "currency")
    if kind == "points":
        if given is not None:
            raise InvalidInput("Points have no currency", field="currency")
        worth, unit = whole(value, "value", 1), points.UNIT
    else:
        if given is not None and Currency.of(given) != shop.currency:
            raise InvalidInput(
                f"This shop's currency is {shop.currency.code}", code="currency_mismatch", field="currency"
            )
        worth, unit = minor_units(value, "value", least=1), shop.currency.code
    return {
        "kind": kind,
        "currency": unit,
        "initial_value": worth,
        "single_use": flag(single_use, "single_use"),
        "expires_at": moment(expires_at, shop.timezone, "expires_at", end=True),
        "campaign_id": optional(campaign, "campaign"),
    }


def give(
    unit: Unit,
    *,
    value: int,
    source: str,
    member: str | None = None,
    prefix: str = "CREDIT",
    expires_at: int | None = None,
    kind: str = "money",
    against: str | None = None,
) -> Fields:
    """Give an active voucher inside a transaction, as what a redemption or a refund, the `source`, pays out.

    `value` in minor units, or in points. Writes its row, its ledger and its event, and returns the row. The value
    comes out of the account `against`: by default promotion, or for points the points given; a caller whose own
    entries put it into another account names that one.
    """
    made = {
        "kind": kind,
        "currency": points.UNIT if kind == "points" else unit.currency,
        "initial_value": value,
        "expires_at": expires_at,
        "member_id": member,
        "source_id": source,
    }
    return issue(unit, mint(prefix), made, against)


def issue(unit: Unit, code: str, made: Fields, against: str | None = None) -> Fields:
    """Write an active voucher with these columns, its ledger and its event."""
    row = new_voucher(code, made["currency"], made["initial_value"], unit.now, active=True) | made
    if row["member_id"] is not None:
        # Who bought may have been merged since: it is for the one who lives on.
        row["member_id"] = accounts.take(unit.transaction, row["member_id"]).id
    campaigns.check(unit.transaction, row["campaign_id"])
    codebook.reserve_series(unit, row["code_key"][:-BODY], "voucher")
    if unit.transaction.insert(_VOUCHER, [row], ignore=True) != 1:
        raise Conflict("This code was used already. Take another.", field="code")
    payer = against or bookings.GIVEN[row["kind"]]
    entries = unit.post(row["id"], bookings.voucher("issue", row, row["initial_value"], payer))
    unit.journal.record(
        "voucher.issued",
        row["id"],
        value=row["initial_value"],
        source=row["source_id"],
        member=row["member_id"],
        rows=unit.digest([[row[name] for name in TERMS]]),
        **unit.booked(entries),
    )
    return row


def take_out(unit: Unit, voucher: str, reason: str, **told: object) -> None:
    """Take a voucher out of use with what is left on it; `NotAllowed` when it is, or a sale is paid with it.

    What a customer paid for it is the shop's then, and not a promotion that was never used: it goes to `breakage`.
    `told` goes onto the event.
    """
    row = _taken(unit, voucher)
    if row.held:
        raise NotAllowed("A till is being paid with this voucher right now. Wait for that sale to end.")
    spending.void(unit.transaction, row.id, row.balance)
    heir = "breakage" if _bought(row) else bookings.GIVEN[row.kind]
    entries = unit.post(row.id, bookings.voucher("void", row._asdict(), -row.balance, heir))
    unit.journal.record("voucher.voided", row.id, left=row.balance, reason=reason, **unit.booked(entries), **told)


def change(amount: object) -> int:
    """Read what an adjustment puts on a voucher or, negative, takes off it."""
    if not amount or isinstance(amount, bool) or not isinstance(amount, int) or abs(amount) > LARGEST:
        raise InvalidInput("amount has to be a whole number of minor units, and not 0", field="amount")
    return amount


def adjust(unit: Unit, voucher: str, amount: int, reason: str) -> None:
    """Change what is on a voucher by an amount that leaves what open payments hold of it."""
    row = _taken(unit, voucher)
    if unit.transaction.change(_ADJUST, voucher=voucher, change=amount) != 1:
        if amount > 0:
            raise InvalidInput("That is more than a voucher can hold", field="amount")
        raise NotAllowed(
            f"Only {row.balance - row.held} is free on this voucher", code="insufficient_balance", field="amount"
        )
    entries = unit.post(voucher, bookings.voucher("adjust", row._asdict(), amount, bookings.GIVEN[row.kind]))
    unit.journal.record("voucher.adjusted", voucher, amount=amount, reason=reason, **unit.booked(entries))


def claim(voucher: str, now: int) -> Fields:
    """Return the row of a redemption that credits a points voucher without a sale."""
    return new_redemption("voucher", voucher, status="applied", created_at=now)


def credit(unit: Unit, row: Fields, member: str, shop: ShopView) -> None:
    """Credit what is on a points voucher to a member. Raises `NotAllowed` with the reason's code."""
    # The member first, as in a sale, so that the two never wait for each other.
    row["member_id"] = accounts.take(unit.transaction, member).id
    voucher: Row = unit.transaction.all(_TAKE, voucher=row["voucher_id"])[0]
    _usable(voucher, unit.now, shop)
    left = voucher.balance - voucher.held
    row["points"] = left
    spending.step(unit.transaction, "spend", [row])
    unit.transaction.insert(_REDEMPTION, [row])
    given = points.give(unit, row["id"], row["member_id"], left, "awarded")
    drawn = bookings.voucher("redeem", voucher._asdict(), -left, "points_given")
    entries = unit.post(row["id"], [*drawn, *given])
    unit.journal.record(
        "voucher.redeemed",
        voucher.id,
        redemption=row["id"],
        cause=row["id"],
        payment=None,
        code=mask(voucher.code),
        points=left,
        credit=unit.digest([[row[name] for name in REDEEMED]]),
        **unit.booked(entries),
    )


def sweep(unit: Unit) -> int:
    """Tell once of each voucher whose time is over, at most `SWEPT` of them, and return of how many."""
    ended = unit.transaction.all(_ENDED, now=unit.now, most=SWEPT)
    for row in ended:
        unit.transaction.guarded(_TELL, voucher=row.id)
        unit.journal.record("voucher.expired", row.id, left=row.balance)
    return len(ended)


def _taken(unit: Unit, voucher: str) -> Row:
    row: Row = unit.transaction.all(_TAKE, voucher=voucher)[0]
    if row.status != "active":
        raise NotAllowed(f"This voucher is {row.status} already")
    return row


def _bought(row: Row) -> bool:
    sold_or_refunded = row.payment_id is not None or (row.source_id or "").startswith("ref_")
    return sold_or_refunded and row.kind == "money"


def _usable(row: Row, now: int, shop: ShopView) -> None:
    """Check that a voucher gives points now, in the order of the reasons."""
    if row.kind != "points":
        raise NotAllowed("This voucher holds money: it pays for a sale", field="code")
    ended = row.expires_at is not None and now > row.expires_at
    found = {"inactive": row.status != "active", "expired": ended, "insufficient_balance": row.balance - row.held <= 0}
    for reason, holds in found.items():
        if holds:
            date = day(row.expires_at, shop.locale, shop.timezone) if ended else ""
            raise NotAllowed(REASONS[reason].format(code=mask(row.code), date=date), code=reason, field="code")
