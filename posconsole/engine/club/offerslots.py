"""The slots of offers: taken and given back by conditional updates, and the events of an offer's end.

An offer is over when its window has closed or every slot is redeemed. `expired_told` says which of the two its
journal told last, so that each end, and each reopening, is told once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, and_, bindparam, case, exists, false, or_, select, text, true, update

from posconsole.engine.club import accounts
from posconsole.models import Campaign, MemberUse, Offer, OfferActivation, table

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from posconsole.engine.context import Unit
    from posconsole.engine.db.database import Transaction
    from posconsole.engine.sale.salerows import Fields

_OFFER, _ACTIVATION, _USE = table(Offer), table(OfferActivation), table(MemberUse)
_CAMPAIGN = table(Campaign)
_TIMES, _HELD = _OFFER.c.times_redeemed, _OFFER.c.held
_NOW: BindParameter[int] = bindparam("now")
_ACTIVATED = exists().where(_ACTIVATION.c.offer_id == _OFFER.c.id, _ACTIVATION.c.member_id == accounts.LIVES_ON)
_CAMPAIGN_RUNS = exists().where(
    _CAMPAIGN.c.id == _OFFER.c.campaign_id,
    _CAMPAIGN.c.active.is_(True),
    _CAMPAIGN.c.deleted_at.is_(None),
    or_(_CAMPAIGN.c.starts_at.is_(None), _CAMPAIGN.c.starts_at <= _NOW),
    or_(_CAMPAIGN.c.ends_at.is_(None), _CAMPAIGN.c.ends_at >= _NOW),
)
_IS = _OFFER.c.id == bindparam("target")
_FREE = (
    _IS,
    _OFFER.c.state == "published",
    or_(_OFFER.c.starts_at.is_(None), _OFFER.c.starts_at <= _NOW),
    or_(_OFFER.c.ends_at.is_(None), _OFFER.c.ends_at >= _NOW),
    or_(_OFFER.c.max_redemptions.is_(None), _OFFER.c.max_redemptions > _TIMES + _HELD),
    or_(_OFFER.c.activation == "auto", _ACTIVATED),
    or_(_OFFER.c.campaign_id.is_(None), _CAMPAIGN_RUNS),
)
_CLAIMS = {
    "spend": update(_OFFER).where(*_FREE).values(times_redeemed=_TIMES + 1),
    "hold": update(_OFFER).where(*_FREE).values(held=_HELD + 1),
}
_STEPS = {
    "apply": update(_OFFER).where(_IS, _HELD > 0).values(held=_HELD - 1, times_redeemed=_TIMES + 1),
    "release": update(_OFFER).where(_IS, _HELD > 0).values(held=_HELD - 1),
    "return": update(_OFFER).where(_IS, _TIMES > 0).values(times_redeemed=_TIMES - 1),
}
# Portable SQL that Core has no portable construct for.
_CLAIM_USE = text(
    "INSERT INTO member_use (subject, member_id, uses)"
    " VALUES (:target, (SELECT COALESCE(merged_into, id) FROM member WHERE id = :member), 1)"
    " ON CONFLICT (subject, member_id) DO UPDATE SET uses = member_use.uses + 1"
    " WHERE member_use.uses < COALESCE((SELECT per_member_limit FROM offer WHERE id = :target), member_use.uses + 1)"
)
_RETURN_USE = (
    update(_USE)
    .where(_USE.c.subject == bindparam("target"), _USE.c.member_id == accounts.LIVES_ON, _USE.c.uses > 0)
    .values(uses=_USE.c.uses - 1)
)


def over(now: Any) -> ColumnElement[bool]:
    """Return the condition that an offer's window has closed or its last slot is redeemed: never NULL."""
    closed = and_(_OFFER.c.ends_at.is_not(None), _OFFER.c.ends_at < now)
    return or_(closed, and_(_OFFER.c.max_redemptions.is_not(None), _OFFER.c.max_redemptions <= _TIMES))


_OVER = case((over(_NOW), true()), else_=false())
_UNTOLD = (_OFFER.c.state != "draft", _OFFER.c.expired_told != _OVER)
_TELL = update(_OFFER).where(_IS, *_UNTOLD).values(expired_told=_OVER)
_TOLD = select(_OFFER.c.expired_told, _TIMES, _OFFER.c.max_redemptions).where(_IS)
_MOST = 200
"""Of so many offers the end is told at a time."""
_DUE = select(_OFFER.c.id).where(*_UNTOLD).order_by(_OFFER.c.id).limit(_MOST)


def step(transaction: Transaction, what: str, row: Fields) -> None:
    """Spend, hold, apply, release or return the slot of an offer's redemption, for its member and in all.

    A claim needs an offer that is published, in its window and its campaign's, below its cap, activated where it
    has to be. The offer's row comes first, so that who holds it has all its counts. Raises `Raced` when a condition
    no longer holds.
    """
    target, member = row["offer_id"], row["member_id"]
    if what in _CLAIMS:
        transaction.guarded(_CLAIMS[what], target=target, member=member, now=row["created_at"])
        transaction.guarded(_CLAIM_USE, target=target, member=member)
        return
    transaction.guarded(_STEPS[what], target=target)
    if what != "apply":
        transaction.guarded(_RETURN_USE, target=target, member=member)


def told(unit: Unit, offer: str) -> bool:
    """Record that an offer is over, or that it runs again, and say whether that wasn't told already.

    Called in the transaction that redeemed or gave back a slot.
    """
    if not unit.transaction.change(_TELL, target=offer, now=unit.now):
        return False
    (row,) = unit.transaction.all(_TOLD, target=offer)
    event = "loyalty.offer.expired" if row.expired_told else "loyalty.offer.reopened"
    unit.journal.record(event, offer, redeemed=row.times_redeemed, cap=row.max_redemptions)
    return True


def sweep(unit: Unit) -> int:
    """Tell once of each offer whose window has closed, at most `_MOST` at a time, and return of how many."""
    return sum(told(unit, offer) for offer in unit.transaction.scalars(_DUE, now=unit.now))
