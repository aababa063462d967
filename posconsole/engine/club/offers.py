"""The verbs of offers. Using one in a sale belongs to payments."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, update

from posconsole.codes import identifier
from posconsole.engine import listing
from posconsole.engine.arguments import optional, text, whole
from posconsole.engine.club import activating, offerslots, offerterms, standings
from posconsole.engine.club import targeting as targets
from posconsole.engine.club.offerviews import ActivationView, OfferView, Standing
from posconsole.engine.context import Request
from posconsole.engine.db.database import among, values
from posconsole.engine.journal.events import told
from posconsole.engine.staff.access import needs
from posconsole.engine.views import Page
from posconsole.errors import InvalidInput, NotAllowed, NotFound
from posconsole.models import Campaign, Offer, OfferActivation, Reward, Segment, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.sale.salerows import Fields

_OFFER, _ACTIVATION = table(Offer), table(OfferActivation)
_CAMPAIGN, _REWARD, _SEGMENT = table(Campaign), table(Reward), table(Segment)
_IS = _OFFER.c.id == bindparam("offer")
_GET = select(_OFFER).where(_IS)
_NOT_OVER = ~offerslots.over(bindparam("now"))
_PUBLISH = update(_OFFER).where(_IS, _OFFER.c.state != "published", _NOT_OVER).values(state="published")
_PAUSE = update(_OFFER).where(_IS, _OFFER.c.state == "published", _NOT_OVER).values(state="paused")
_DELETE = delete(_OFFER).where(_IS, _OFFER.c.state == "draft")
_ACTIVATIONS = (
    select(_ACTIVATION.c.offer_id, func.count())
    .where(among(_ACTIVATION.c.offer_id, bindparam("offers")))
    .group_by(_ACTIVATION.c.offer_id)
)
_RUNS = select(_CAMPAIGN.c.id).where(_CAMPAIGN.c.id == bindparam("campaign"), _CAMPAIGN.c.deleted_at.is_(None))
_GIFT = select(_REWARD.c.id).where(
    _REWARD.c.id == bindparam("reward"), _REWARD.c.active.is_(True), _REWARD.c.deleted_at.is_(None)
)
_SEGMENTS = select(_SEGMENT.c.name).where(among(_SEGMENT.c.name, bindparam("names")))
STATUSES = ("draft", "published", "paused", "expired")
TERMS = (
    "id name incentive multiplier points percent_off max_discount reward_id segments tiers min_balance enrolled_before "
    "attributes activation starts_at ends_at max_redemptions per_member_limit campaign_id created_at"
).split()
"""An offer's terms: never changed after it was made, and covered by the digest of the event that made it."""


def status(row: Row, now: int) -> str:
    """Derive an offer's state: draft, published, paused or expired."""
    closed = row.ends_at is not None and now > row.ends_at
    spent = row.max_redemptions is not None and row.times_redeemed >= row.max_redemptions
    return "expired" if row.state != "draft" and (closed or spent) else str(row.state)


def show(row: Row, now: int, activations: int) -> OfferView:
    """Return the view of an offer's row."""
    state = status(row, now)
    started = row.starts_at is None or now >= row.starts_at
    left = row.max_redemptions is None or row.times_redeemed + row.held < row.max_redemptions
    return OfferView(
        id=row.id,
        name=row.name,
        status=state,
        valid=state == "published" and started and left,
        incentive=offerterms.shown_incentive(row),
        targeting=offerterms.shown_targeting(row),
        activation=row.activation,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        max_redemptions=row.max_redemptions,
        per_member_limit=row.per_member_limit,
        times_redeemed=row.times_redeemed,
        held=row.held,
        activations=activations,
        campaign=row.campaign_id,
        created=row.created_at,
    )


class Offers:
    """What can be done with offers."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("offers.create")
    def create(
        self,
        *,
        name: str,
        incentive: Mapping[str, Any],
        targeting: Mapping[str, Any] | None = None,
        starts_at: object = None,
        ends_at: object = None,
        max_redemptions: int | None = None,
        per_member_limit: int | None = 1,
        activation: str | None = None,
        campaign: str | None = None,
        idempotency_key: str | None = None,
    ) -> OfferView:
        """Draft an offer; it goes live when it is published.

        `incentive` has a `type` and its terms: points_multiplier (`multiplier`: 2, or 1.5), points_bonus (`points`),
        percentage_discount (`percent`, `max_discount` in minor units), gift_reward (`reward`). `targeting` takes
        `segments` and `tiers` (in one of them), `min_balance`, `enrolled_before`, `metadata`; all have to pass, and
        without any it is every member's. A date in the window means the whole day. A limit of None is none.
        `activation` is auto or opt_in; bonuses and gifts are claimed unless it says otherwise. Raises `InvalidInput`
        with the field, `NotFound` for a reward, segment or campaign that isn't there.
        """
        terms = offerterms.incentive(incentive)
        claimed = "opt_in" if terms["incentive"] in offerterms.CLAIMED else "auto"
        row: Fields = {
            "name": _named(name),
            **terms,
            **offerterms.targeting(targeting, self._context.shop.timezone),
            **offerterms.window(starts_at, ends_at, self._context.shop.timezone),
            "activation": _activation(activation) or claimed,
            "max_redemptions": _limit(max_redemptions, "max_redemptions"),
            "per_member_limit": _limit(per_member_limit, "per_member_limit"),
            "campaign_id": optional(campaign, "campaign"),
        }
        request = Request.of("offer", idempotency_key, **row)
        new = row | {"id": identifier("ofr"), "state": "draft", "times_redeemed": 0, "held": 0, "expired_told": False}

        def work(unit: Unit) -> OfferView:
            earlier = unit.once(request, new["id"])
            if earlier is None:
                _insert(unit, new | {"created_at": unit.now})
            found = unit.transaction.first(_GET, offer=earlier or new["id"]) or _thrown_away(unit, earlier, new)
            return show(found, unit.now, _activations(unit.transaction, (found.id,)).get(found.id, 0))

        return self._context.write(work)

    @needs("offers.create")
    def reach(self, targeting: Mapping[str, Any] | None = None) -> int:
        """Return how many members an offer with this targeting would be for now. Raises what `create` does."""
        terms, now = offerterms.targeting(targeting, self._context.shop.timezone), self._context.clock.now()
        return self._context.read(lambda transaction: targets.reach(transaction, terms, now))

    @needs("offers.publish")
    def publish(self, offer: str, *, idempotency_key: str | None = None) -> OfferView:
        """Let an offer go live, or go on. Raises `NotAllowed` with the code `expired` for one that is over."""
        return self._switch(offer, _PUBLISH, "published", idempotency_key)

    @needs("offers.pause")
    def pause(self, offer: str, *, idempotency_key: str | None = None) -> OfferView:
        """Stop an offer until it is published again; activations stay, and what open payments hold is theirs."""
        return self._switch(offer, _PAUSE, "paused", idempotency_key)

    def _switch(self, offer: str, statement: Any, state: str, key: str | None) -> OfferView:
        found = text(offer, "offer")
        request = Request.of(f"offer.{state}", key, offer=found)

        def work(unit: Unit) -> None:
            if unit.once(request, found) is not None:
                return
            if unit.transaction.change(statement, offer=found, now=unit.now):
                unit.journal.record(f"loyalty.offer.{state}", found)
                return
            now = status(_read(unit.transaction, found), unit.now)
            if now == "expired":
                raise NotAllowed("This offer is over. Make a new one.", code="expired", field="offer")
            if now != state:
                raise NotAllowed(f"This offer is a {now}: publish it first.", field="offer")

        self._context.write(work)
        return self._get(found)

    @needs("offers.delete")
    def delete(self, offer: str, *, idempotency_key: str | None = None) -> None:
        """Throw a draft away. What was ever published stays, with its redemptions."""
        found = text(offer, "offer")
        request = Request.of("offer.delete", idempotency_key, offer=found)

        def work(unit: Unit) -> None:
            if unit.once(request, found) is not None:
                return
            if unit.transaction.change(_DELETE, offer=found):
                unit.journal.record("loyalty.offer.deleted", found)
                return
            now = status(_read(unit.transaction, found), unit.now)
            raise NotAllowed(f"This offer is {now}: pause it to stop it. Only a draft can be deleted.", field="offer")

        self._context.write(work)

    @needs("offers.get")
    def get(self, offer: str) -> OfferView:
        """Return an offer by id; `NotFound` when there is none."""
        return self._get(text(offer, "offer"))

    def _get(self, offer: str) -> OfferView:
        def work(transaction: Transaction) -> OfferView:
            row = _read(transaction, offer)
            return show(row, self._context.clock.now(), _activations(transaction, (offer,)).get(offer, 0))

        return self._context.read(work)

    @needs("offers.get")
    def list(
        self,
        *,
        status: str | None = None,
        type: str | None = None,  # noqa: A002
        campaign: str | None = None,
        matching: str | None = None,
        limit: int = 10,
        offset: int = 0,
        starting_after: str | None = None,
    ) -> Page[OfferView]:
        """Return offers, newest first: of a status, of a type of incentive, of a campaign, by any part of the name."""
        now = self._context.clock.now()
        conditions = [] if status is None else _has(status, now)
        if type is not None:
            conditions.append(_OFFER.c.incentive == text(type, "type"))
        if campaign is not None:
            conditions.append(_OFFER.c.campaign_id == text(campaign, "campaign"))
        conditions += listing.mentions(matching, _OFFER.c.name)
        page = {"limit": limit, "offset": offset}
        rows: Page[Row] = listing.newest(
            self._context, _OFFER, _OFFER, conditions, lambda row: row, starting_after=starting_after, **page
        )
        counts = self._context.read(lambda tx: _activations(tx, tuple(row.id for row in rows.data)))
        data = tuple(show(row, now, counts.get(row.id, 0)) for row in rows.data)
        return Page(data, rows.has_more, rows.total, rows.next)

    @needs("offers.activate")
    def activate(self, *, offer: str, account: str, idempotency_key: str | None = None) -> ActivationView:
        """Claim an opt-in offer for a member (`loy_…` or `cust_…`); a bonus is awarded with it, as often as it may be.

        Raises `NotFound`, `InvalidInput` for one that comes by itself, `NotAllowed` with `inactive`, `not_eligible` or
        `offer_limit_reached`. A bonus that a limit keeps back is refused so too, but its activation stays.
        """
        which, who = text(offer, "offer"), text(account, "account")
        request = Request.of("offer.activation", idempotency_key, offer=which, account=who)
        shop = self._context.shop
        view, refused = self._context.write(lambda unit: activating.activate(unit, shop, which, who, request))
        if refused is not None:
            raise refused
        return view

    @needs("offers.activate")
    def deactivate(self, *, offer: str, account: str, idempotency_key: str | None = None) -> bool:
        """Give a member's claim to an offer up; say whether there was one. What it brought stays theirs."""
        which, who = text(offer, "offer"), text(account, "account")
        request = Request.of("offer.deactivation", idempotency_key, offer=which, account=who)
        return self._context.write(lambda unit: activating.deactivate(unit, which, who, request))

    @needs("offers.get")
    def eligible(self, account: str) -> tuple[Standing, ...]:
        """Say of every published offer how a member stands to it: theirs now, theirs to activate, or why not."""
        who, now = text(account, "account"), self._context.clock.now()
        return self._context.read(lambda transaction: standings.of(transaction, self._context.shop, who, now))


def _insert(unit: Unit, row: Fields) -> None:
    _check(unit.transaction, row)
    unit.transaction.insert(_OFFER, [row])
    rows = unit.digest([[row[name] for name in TERMS]])
    unit.journal.record("loyalty.offer.created", row["id"], name=row["name"], rows=rows)


def _thrown_away(unit: Unit, draft: str | None, new: Fields) -> Any:
    """Return a draft that is gone as it was made: the same request had the same terms."""
    made, _ = told(unit.transaction, "loyalty.offer.created", str(draft))
    return SimpleNamespace(**new | {"id": draft, "created_at": made.at})


def _check(transaction: Transaction, row: Fields) -> None:
    """Check that what an offer refers to is there."""
    if row["campaign_id"] is not None and transaction.scalar(_RUNS, campaign=row["campaign_id"]) is None:
        raise NotFound("There is no such campaign", field="campaign")
    if row["reward_id"] is not None and transaction.scalar(_GIFT, reward=row["reward_id"]) is None:
        raise NotFound("There is no such reward in the catalogue", field="reward")
    if row["segments"] != "[]":
        missing = set(offerterms.names(row["segments"])) - set(transaction.scalars(_SEGMENTS, names=row["segments"]))
        if missing:
            raise NotFound(f"There is no segment {min(missing)!r}. Make it first.", field="segments")


def _read(transaction: Transaction, offer: str) -> Row:
    row = transaction.first(_GET, offer=offer)
    if row is None:
        raise NotFound("There is no such offer", field="offer")
    return row


def _activations(transaction: Transaction, offers: tuple[str, ...]) -> dict[str, int]:
    return dict(map(tuple, transaction.all(_ACTIVATIONS, offers=values(offers)))) if offers else {}


def _has(status: str, now: int) -> list[Any]:
    """Return the conditions for a derived status."""
    if status not in STATUSES:
        raise InvalidInput(f"An offer's status is one of {', '.join(STATUSES)}", field="status")
    if status == "draft":
        return [_OFFER.c.state == "draft"]
    if status == "expired":
        return [_OFFER.c.state != "draft", offerslots.over(now)]
    return [_OFFER.c.state == status, ~offerslots.over(now)]


def _named(name: str) -> str:
    called = optional(name, "name")
    if called is None:
        raise InvalidInput("An offer needs a name", field="name")
    return called


def _activation(value: str | None) -> str | None:
    if value not in (None, "auto", "opt_in"):
        raise InvalidInput("activation is auto or opt_in", field="activation")
    return value


def _limit(value: int | None, field: str) -> int | None:
    return None if value is None else whole(value, field, 1)
