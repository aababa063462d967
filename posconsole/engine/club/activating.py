"""Claiming offers: the activation of one by a member, and the bonus that is awarded with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from posconsole.codes import identifier
from posconsole.engine.club import accounts, offerslots, points, standings, targeting
from posconsole.engine.club.offerterms import BONUS
from posconsole.engine.club.offerviews import ActivationView
from posconsole.engine.sale.salerows import new_redemption
from posconsole.errors import InvalidInput, NotAllowed, NotFound
from posconsole.models import LedgerEntry, Offer, OfferActivation, Redemption, table

if TYPE_CHECKING:
    from posconsole.engine.context import Request, Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.views import ShopView

_OFFER, _ACTIVATION, _REDEMPTION = table(Offer), table(OfferActivation), table(Redemption)
_ENTRY = table(LedgerEntry)
_TAKE = select(_OFFER).where(_OFFER.c.id == bindparam("offer")).with_for_update()
_OF_BOTH = (_ACTIVATION.c.offer_id == bindparam("offer"), _ACTIVATION.c.member_id == bindparam("member"))
_ACTIVATED = select(_ACTIVATION.c.activated_at).where(*_OF_BOTH)
_DEACTIVATE = delete(_ACTIVATION).where(*_OF_BOTH)
_AWARDED = select(_REDEMPTION.c.points).where(_REDEMPTION.c.id == bindparam("redemption"))
_CREDITED = select(_ENTRY.c.seq).where(_ENTRY.c.cause == bindparam("cause"), _ENTRY.c.account == "points")
CLAIM = ("offer_id", "member_id", "activated_at")
AWARD = (
    "id kind coupon_id voucher_id offer_id reward_id campaign_id payment_id member_id granted_by amount forfeited "
    "reversed points multiplier code code_key shipping tracking created_at"
).split()
"""What of an activation, and of the redemption of a bonus, never changes and is covered by its event's digest."""
NOTHING = "nothing"
"""What a request to give up a claim came to when there was none."""
_LIMITS = ("max_redemptions", "per_member_limit")

Activated = tuple[ActivationView, NotAllowed | None]
"""An activation, and what keeps the bonus back that should come with it."""


def activate(unit: Unit, shop: ShopView, offer: str, account: str, request: Request) -> Activated:
    """Write a member's claim to an offer, and award its bonus; the offer's row is this transaction's from here on."""
    # The member first, as in a sale: of two transactions that want both rows one simply waits.
    member = accounts.take(unit.transaction, account)
    found = unit.transaction.first(_TAKE, offer=offer)
    if found is None:
        raise NotFound("There is no such offer", field="offer")
    bonus = found.incentive == BONUS
    # Known beforehand, so that the key stands for it whether or not it can be awarded.
    result = identifier("rdm") if bonus else found.id
    earlier = unit.once(request, result)
    if earlier is not None:
        return _again(unit, found, member, earlier)
    if found.activation != "opt_in":
        raise InvalidInput("This offer applies by itself: there is nothing to activate", field="offer")
    refused = _refusal(unit, shop, found, member)
    if refused is not None and not (bonus and refused[0] in _LIMITS):
        raise refused[1]
    _claim(unit, found, member)
    if refused is not None:
        return _view(unit, found, member), refused[1]
    if bonus:
        _award(unit, found, member, result)
    return _view(unit, found, member, result if bonus else None), None


def deactivate(unit: Unit, offer: str, account: str, request: Request) -> bool:
    """Give a member's claim up, and say whether there was one."""
    # Whoever writes a claim takes its member first: what is read here stays.
    member = accounts.take(unit.transaction, account)
    there = unit.transaction.scalar(_ACTIVATED, offer=offer, member=member.id) is not None
    earlier = unit.once(request, offer if there else NOTHING)
    if earlier is not None:
        return earlier != NOTHING
    if there:
        unit.transaction.guarded(_DEACTIVATE, offer=offer, member=member.id)
        told = {"offer": offer, "account": member.account_id, "member": member.id}
        unit.journal.record("loyalty.offer.deactivated", offer, **told)
    return there


def _refusal(unit: Unit, shop: ShopView, offer: Row, member: Row) -> tuple[str, NotAllowed] | None:
    """Return the first condition but the activation itself that isn't met, and the refusal for it."""
    judged = targeting.judge(unit.transaction, offer.id, member.id, unit.now)
    if judged is None:
        raise AssertionError("an offer and a member that are locked are not there")
    row, conditions = judged
    unmet = next((one for one in conditions if not one.met and one.name != "activation"), None)
    if unmet is None:
        return None
    return unmet.name, NotAllowed(
        standings.sentence(row, unmet, shop), code=targeting.REFUSED[unmet.name], field="offer"
    )


def _claim(unit: Unit, offer: Row, member: Row) -> None:
    """Write the activation, if it isn't there."""
    row = {"offer_id": offer.id, "member_id": member.id, "activated_at": unit.now}
    if not unit.transaction.insert(_ACTIVATION, [row], ignore=True):
        return
    told = {"offer": offer.id, "account": member.account_id, "member": member.id}
    told["claim"] = unit.digest([[row[name] for name in CLAIM]])
    unit.journal.record("loyalty.offer.activated", offer.id, **told)


def _award(unit: Unit, offer: Row, member: Row, redemption: str) -> None:
    row = new_redemption(
        "offer",
        offer.id,
        id=redemption,
        member_id=member.id,
        campaign_id=offer.campaign_id,
        status="applied",
        points=offer.points,
        created_at=unit.now,
    )
    offerslots.step(unit.transaction, "spend", row)
    unit.transaction.insert(_REDEMPTION, [row])
    posted = unit.post(redemption, points.give(unit, redemption, member.id, offer.points, "awarded"))
    credited = unit.transaction.scalar(_CREDITED, cause=redemption)
    unit.journal.record(
        "loyalty.offer.redeemed",
        offer.id,
        offer=offer.id,
        account=member.account_id,
        member=member.id,
        redemption=redemption,
        cause=redemption,
        points=offer.points,
        points_transaction=credited and f"ptx_{credited}",
        award=unit.digest([[row[name] for name in AWARD]]),
        **unit.booked(posted),
    )
    offerslots.told(unit, offer.id)


def _again(unit: Unit, offer: Row, member: Row, result: str) -> Activated:
    """Return what came of the call that brought this key first."""
    if offer.incentive != BONUS:
        return _view(unit, offer, member), None
    view = _view(unit, offer, member, result)
    return view, None if view.redemption else NotAllowed(
        standings.kept_back(offer), code="offer_limit_reached", field="offer"
    )


def _view(unit: Unit, offer: Row, member: Row, redemption: str | None = None) -> ActivationView:
    since = unit.transaction.scalar(_ACTIVATED, offer=offer.id, member=member.id)
    given = None if redemption is None else unit.transaction.scalar(_AWARDED, redemption=redemption)
    awarded = None if given is None else redemption
    return ActivationView(offer.id, member.account_id, member.id, since, awarded, given or 0)
