"""Spending codes: every change is a conditional update whose row count is checked.

A use is claimed as a hold by a pending payment and as spent by a captured one, under the same condition. What
a refund or a release gives back goes the same way in the other direction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, case, or_, text, update

from posconsole.models import Coupon, MemberUse, Voucher, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from posconsole.engine.database import Transaction
    from posconsole.engine.salerows import Fields

_COUPON, _VOUCHER, _USE = table(Coupon), table(Voucher), table(MemberUse)

_COUPON_IS = _COUPON.c.id == bindparam("target")
_COUPON_FREE = (
    _COUPON_IS,
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
    .where(_VOUCHER_IS, _VOUCHER.c.status == "active", _VOUCHER.c.initial_value >= _BALANCE + _WHOLE)
    .values(balance=_BALANCE + _WHOLE)
)
_VOID_VOUCHER = (
    update(_VOUCHER)
    .where(_VOUCHER_IS, _VOUCHER.c.status == "active", _CLAIMED == 0, bindparam("left") == _BALANCE)
    .values(status="void", balance=0)
)

# Portable SQL that Core has no portable construct for.
_CLAIM_USE = text(
    "INSERT INTO member_use (subject, member_id, uses) VALUES (:target, :member, 1)"
    " ON CONFLICT (subject, member_id) DO UPDATE SET uses = member_use.uses + 1"
    " WHERE member_use.uses < COALESCE((SELECT customer_limit FROM coupon WHERE id = :target), member_use.uses + 1)"
)
_RETURN_USE = (
    update(_USE)
    .where(_USE.c.subject == bindparam("target"), _USE.c.member_id == bindparam("member"), _USE.c.uses > 0)
    .values(uses=_USE.c.uses - 1)
)

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


def step(transaction: Transaction, what: str, redemptions: Iterable[Fields]) -> None:
    """Take one step with each redemption's coupon or voucher: spend, hold, apply or release it.

    Vouchers go first and in the order of their ids, coupons last: the rows that many tills want are held
    shortest and always in the same order. Raises `Raced` when a condition no longer holds.
    """
    rows = list(redemptions)
    for row in sorted((row for row in rows if row["voucher_id"]), key=lambda row: str(row["voucher_id"])):
        whole = row["amount"] + row["forfeited"]
        transaction.guarded(_VOUCHER_STEPS[what], target=row["voucher_id"], whole=whole)
    for row in sorted((row for row in rows if row["coupon_id"]), key=lambda row: str(row["coupon_id"])):
        _count_member(transaction, what, row)
        transaction.guarded(_COUPON_STEPS[what], target=row["coupon_id"])


def _count_member(transaction: Transaction, what: str, row: Fields) -> None:
    if row["member_id"] is None:
        return
    if what in ("spend", "hold"):
        transaction.guarded(_CLAIM_USE, target=row["coupon_id"], member=row["member_id"])
    elif what in ("release", "return"):
        transaction.guarded(_RETURN_USE, target=row["coupon_id"], member=row["member_id"])


def void(transaction: Transaction, voucher: str, left: int) -> None:
    """Take a voucher that nobody is paying with out of use, together with what is left on it."""
    transaction.guarded(_VOID_VOUCHER, target=voucher, left=left)


def give_back(transaction: Transaction, voucher: str, amount: int) -> None:
    """Put an amount back on a voucher, also on an expired one, which stays expired."""
    transaction.guarded(_RETURN_VOUCHER, target=voucher, whole=amount)
