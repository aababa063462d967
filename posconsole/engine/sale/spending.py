"""Spending codes: every change is a conditional update whose row count is checked.

A use is claimed as a hold by a pending payment and as spent by a captured one, under the same condition. What
a refund or a release gives back goes the same way in the other direction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, and_, bindparam, case, or_, text, update

from posconsole.engine.club import accounts, offerslots
from posconsole.models import Campaign, Coupon, MemberUse, Voucher, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posconsole.engine.db.database import Transaction
    from posconsole.engine.quoting.terms import Rule
    from posconsole.engine.sale.salerows import Fields

_COUPON, _VOUCHER, _USE = table(Coupon), table(Voucher), table(MemberUse)
_CAMPAIGN = table(Campaign)

_COUPON_IS = _COUPON.c.id == bindparam("target")
_COUPON_FREE = (
    _COUPON_IS,
    # Its terms are those that were priced.
    _COUPON.c.revision == bindparam("revision"),
    _COUPON.c.active.is_(True),
    _COUPON.c.deleted_at.is_(None),
    or_(_COUPON.c.max_redemptions.is_(None), _COUPON.c.times_redeemed + _COUPON.c.held < _COUPON.c.max_redemptions),
)
_VOUCHER_IS = _VOUCHER.c.id == bindparam("target")
_FREE_BALANCE = _VOUCHER.c.balance - _VOUCHER.c.held
_VOUCHER_FREE = (
    _VOUCHER_IS,
    _VOUCHER.c.status == "active",
    # What a single-use voucher doesn't pay is lost, so it has to be drawn to the last cent it has.
    case((_VOUCHER.c.single_use, bindparam("whole") == _FREE_BALANCE), else_=bindparam("whole") <= _FREE_BALANCE),
)
_TIMES, _HELD, _BALANCE, _CLAIMED = _COUPON.c.times_redeemed, _COUPON.c.held, _VOUCHER.c.balance, _VOUCHER.c.held
_WHOLE: BindParameter[int] = bindparam("whole")

_SPEND_COUPON = update(_COUPON).where(*_COUPON_FREE).values(times_redeemed=_TIMES + 1)
_HOLD_COUPON = update(_COUPON).where(*_COUPON_FREE).values(held=_HELD + 1)
_APPLY_COUPON = update(_COUPON).where(_COUPON_IS, _HELD > 0).values(held=_HELD - 1, times_redeemed=_TIMES + 1)
_RELEASE_COUPON = update(_COUPON).where(_COUPON_IS, _HELD > 0).values(held=_HELD - 1)
_RETURN_COUPON = update(_COUPON).where(_COUPON_IS, _TIMES > 0).values(times_redeemed=_TIMES - 1)

_SPEND_VOUCHER = update(_VOUCHER).where(*_VOUCHER_FREE).values(balance=_BALANCE - _WHOLE)
_HOLD_VOUCHER = update(_VOUCHER).where(*_VOUCHER_FREE).values(held=_CLAIMED + _WHOLE)
_APPLY_VOUCHER = (
    update(_VOUCHER).where(_VOUCHER_IS, _CLAIMED >= _WHOLE).values(held=_CLAIMED - _WHOLE, balance=_BALANCE - _WHOLE)
)
_RELEASE_VOUCHER = update(_VOUCHER).where(_VOUCHER_IS, _CLAIMED >= _WHOLE).values(held=_CLAIMED - _WHOLE)
_RETURN_VOUCHER = (
    update(_VOUCHER)
    .where(
        _VOUCHER_IS,
        _VOUCHER.c.status == "active",
        _VOUCHER.c.initial_value + _VOUCHER.c.adjusted >= _BALANCE + _WHOLE,
    )
    .values(balance=_BALANCE + _WHOLE)
)
_VOID_VOUCHER = (
    update(_VOUCHER)
    .where(_VOUCHER_IS, _VOUCHER.c.status == "active", _CLAIMED == 0, bindparam("left") == _BALANCE)
    .values(status="void", balance=0)
)

# Portable SQL that Core has no portable construct for. A merged member's uses count for the one that lives on.
_CLAIM_USE = text(
    "INSERT INTO member_use (subject, member_id, uses)"
    " VALUES (:target, (SELECT COALESCE(merged_into, id) FROM member WHERE id = :member), 1)"
    " ON CONFLICT (subject, member_id) DO UPDATE SET uses = member_use.uses + 1"
    " WHERE member_use.uses < COALESCE(CAST(:most AS INTEGER), member_use.uses + 1)"
)
_RETURN_USE = (
    update(_USE)
    .where(_USE.c.subject == bindparam("target"), _USE.c.member_id == accounts.LIVES_ON, _USE.c.uses > 0)
    .values(uses=_USE.c.uses - 1)
)

_CAMPAIGN_IS = _CAMPAIGN.c.id == bindparam("campaign")
_OFF: BindParameter[int] = bindparam("off")
_SPENT, _RESERVED = _CAMPAIGN.c.spent, _CAMPAIGN.c.held
_BUDGET_COVERS = (
    _CAMPAIGN_IS,
    _CAMPAIGN.c.active.is_(True),
    or_(
        _CAMPAIGN.c.budget.is_(None),
        # When it is spent its codes stop, also those that take nothing off.
        and_(_CAMPAIGN.c.budget > _SPENT + _RESERVED, _CAMPAIGN.c.budget >= _SPENT + _RESERVED + _OFF),
    ),
)
_BUDGET_STEPS = {
    "spend": update(_CAMPAIGN).where(*_BUDGET_COVERS).values(spent=_SPENT + _OFF),
    "hold": update(_CAMPAIGN).where(*_BUDGET_COVERS).values(held=_RESERVED + _OFF),
    "apply": update(_CAMPAIGN)
    .where(_CAMPAIGN_IS, _RESERVED >= _OFF)
    .values(held=_RESERVED - _OFF, spent=_SPENT + _OFF),
    "release": update(_CAMPAIGN).where(_CAMPAIGN_IS, _RESERVED >= _OFF).values(held=_RESERVED - _OFF),
    "return": update(_CAMPAIGN).where(_CAMPAIGN_IS, _SPENT >= _OFF).values(spent=_SPENT - _OFF),
}

_COUPON_STEPS = {
    "spend": _SPEND_COUPON,
    "hold": _HOLD_COUPON,
    "apply": _APPLY_COUPON,
    "release": _RELEASE_COUPON,
    "return": _RETURN_COUPON,
}
_VOUCHER_STEPS = {
    "spend": _SPEND_VOUCHER,
    "hold": _HOLD_VOUCHER,
    "apply": _APPLY_VOUCHER,
    "release": _RELEASE_VOUCHER,
}


def step(
    transaction: Transaction, what: str, redemptions: Iterable[Fields], terms: Mapping[str, Rule] | None = None
) -> None:
    """Take one step with each redemption's voucher, coupon or offer: spend, hold, apply or release it.

    A coupon is spent or held on the `terms` that were priced, by its id. Vouchers go first, then coupons and offers
    by their ids, and campaigns last: the rows that many tills want are held shortest and always in the same order.
    Raises `Raced` when a condition no longer holds.
    """
    rows = list(redemptions)
    for row in sorted((row for row in rows if row["voucher_id"]), key=lambda row: str(row["voucher_id"])):
        whole = row["amount"] + row["forfeited"] + row["points"]
        transaction.guarded(_VOUCHER_STEPS[what], target=row["voucher_id"], whole=whole)
    for row in sorted((row for row in rows if row["coupon_id"]), key=lambda row: str(row["coupon_id"])):
        _step_coupon(transaction, what, row, (terms or {}).get(row["coupon_id"]))
    for row in sorted((row for row in rows if row["offer_id"]), key=lambda row: str(row["offer_id"])):
        offerslots.step(transaction, what, row)
    if what != "return":
        _step_budgets(transaction, what, rows)


def _step_coupon(transaction: Transaction, what: str, row: Fields, terms: Rule | None) -> None:
    coupon, member = row["coupon_id"], row["member_id"]
    if terms is not None:
        if member is not None:
            transaction.guarded(_CLAIM_USE, target=coupon, member=member, most=terms.customer_limit)
        transaction.guarded(_COUPON_STEPS[what], target=coupon, revision=terms.revision)
        return
    if member is not None and what in ("release", "return"):
        transaction.guarded(_RETURN_USE, target=coupon, member=member)
    transaction.guarded(_COUPON_STEPS[what], target=coupon)


def _step_budgets(transaction: Transaction, what: str, rows: Iterable[Fields]) -> None:
    """Move what discounts take off through the budgets of their campaigns; what a voucher pays is no cost."""
    off: dict[str, int] = {}
    for row in rows:
        if row["campaign_id"] is not None and (row["coupon_id"] or (row["offer_id"] and row["amount"])):
            off[row["campaign_id"]] = off.get(row["campaign_id"], 0) + row["amount"]
    for campaign in sorted(off):
        transaction.guarded(_BUDGET_STEPS[what], campaign=campaign, off=off[campaign])


def unspend(transaction: Transaction, campaign: str, amount: int) -> None:
    """Give a campaign's budget back what a refund takes off a discount."""
    transaction.guarded(_BUDGET_STEPS["return"], campaign=campaign, off=amount)


def void(transaction: Transaction, voucher: str, left: int) -> None:
    """Take a voucher that nobody is paying with out of use, together with what is left on it."""
    transaction.guarded(_VOID_VOUCHER, target=voucher, left=left)


def give_back(transaction: Transaction, voucher: str, amount: int) -> None:
    """Put an amount back on a voucher, also on an expired one, which stays expired."""
    transaction.guarded(_RETURN_VOUCHER, target=voucher, whole=amount)
