"""Whom an offer is for, judged on what is known of the member now: inside a sale, on their state before it.

`REFUSED` says for each condition under which of the stable reasons an offer is refused when it isn't met.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, or_, select

from posconsole.engine.club import accounts, segments
from posconsole.engine.quoting.quotes import Condition
from posconsole.models import Campaign, Member, MemberUse, Offer, OfferActivation, Reward, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from posconsole.engine.db.database import Row, Transaction

_OFFER, _ACTIVATION, _MEMBER, _USE = table(Offer), table(OfferActivation), table(Member), table(MemberUse)
_CAMPAIGN, _REWARD = table(Campaign), table(Reward)

REFUSED: dict[str, str] = {
    "published": "inactive",
    "campaign": "inactive",
    "budget": "limit_reached",
    "segments": "not_eligible",
    "tiers": "not_eligible",
    "min_balance": "not_eligible",
    "enrolled_before": "not_eligible",
    "metadata": "not_eligible",
    "starts_at": "offer_limit_reached",
    "ends_at": "offer_limit_reached",
    "max_redemptions": "offer_limit_reached",
    "per_member_limit": "offer_limit_reached",
    "reward": "reward_unavailable",
    "activation": "not_eligible",
}
"""In the order in which the first that isn't met is *the* reason."""

_OF_CAMPAIGN = (
    _CAMPAIGN.c.active.label("campaign_active"),
    _CAMPAIGN.c.starts_at.label("campaign_starts_at"),
    _CAMPAIGN.c.ends_at.label("campaign_ends_at"),
    (_CAMPAIGN.c.budget - _CAMPAIGN.c.spent - _CAMPAIGN.c.held).label("campaign_budget_left"),
    _CAMPAIGN.c.deleted_at.label("campaign_deleted_at"),
)
_OF_REWARD = tuple(column.label(f"reward_{column.name}") for column in _REWARD.c if column.name != "id")
_WHO = (
    _MEMBER.c.id.label("member_id"),
    _MEMBER.c.tier.label("member_tier"),
    _MEMBER.c.points.label("member_points"),
    _MEMBER.c.created_at.label("member_since"),
    _MEMBER.c.attributes.label("member_attributes"),
)
_EVERYBODY = select(*_WHO).where(_MEMBER.c.merged_into.is_(None))
_OF_MEMBER = (
    *_WHO,
    func.coalesce(_USE.c.uses, 0).label("member_uses"),
    _ACTIVATION.c.activated_at,
)
_JUDGED = (
    select(*_OFFER.c, *_OF_CAMPAIGN, *_OF_REWARD, *_OF_MEMBER)
    .select_from(
        _OFFER.join(_MEMBER, _MEMBER.c.id == accounts.LIVES_ON)
        .outerjoin(_CAMPAIGN, _CAMPAIGN.c.id == _OFFER.c.campaign_id)
        .outerjoin(_REWARD, _REWARD.c.id == _OFFER.c.reward_id)
        .outerjoin(_USE, and_(_USE.c.subject == _OFFER.c.id, _USE.c.member_id == _MEMBER.c.id))
        .outerjoin(_ACTIVATION, and_(_ACTIVATION.c.offer_id == _OFFER.c.id, _ACTIVATION.c.member_id == _MEMBER.c.id))
    )
    .order_by(_OFFER.c.id)
)
_PUBLISHED = _JUDGED.where(_OFFER.c.state == "published")
_RUNNING = _PUBLISHED.where(
    or_(_OFFER.c.starts_at.is_(None), _OFFER.c.starts_at <= bindparam("now")),
    or_(_OFFER.c.ends_at.is_(None), _OFFER.c.ends_at >= bindparam("now")),
    # A bonus that has to be claimed is awarded when it is.
    or_(_OFFER.c.incentive != "points_bonus", _OFFER.c.activation == "auto"),
    or_(_OFFER.c.reward_id.is_(None), and_(_REWARD.c.active.is_(True), _REWARD.c.deleted_at.is_(None))),
)
_ONE = _JUDGED.where(_OFFER.c.id == bindparam("offer"))


def for_member(transaction: Transaction, member: str, now: int) -> list[Row]:
    """Return the offers that a member may use in a sale now, by id; that a gift is out of stock is left to pricing.

    A row has the columns of `offer`, of its campaign (`campaign_budget_left` …), of its gift (`reward_name` …) and of
    the member who lives on (`member_id`, `member_uses` …).
    """
    rows = transaction.all(_RUNNING, member=member, now=now)
    among = _segments(transaction, member, rows, now)
    return [row for row in rows if all(one.met for one in conditions(row, among, now) if one.name != "reward")]


def judged(transaction: Transaction, member: str, now: int) -> list[tuple[Row, tuple[Condition, ...]]]:
    """Return every published offer, by id, with its conditions for this member, met and not."""
    rows = transaction.all(_PUBLISHED, member=member)
    among = _segments(transaction, member, rows, now)
    return [(row, tuple(conditions(row, among, now))) for row in rows]


def judge(transaction: Transaction, offer: str, member: str, now: int) -> tuple[Row, tuple[Condition, ...]] | None:
    """Return one offer, in whatever state, with its conditions for this member; None without one of the two."""
    row = transaction.first(_ONE, offer=offer, member=member)
    return None if row is None else (row, tuple(conditions(row, _segments(transaction, member, [row], now), now)))


def reach(transaction: Transaction, terms: Mapping[str, Any], now: int) -> int:
    """Count the members whom a targeting is for now; `terms` are its columns. `NotFound` for an unknown segment."""
    named = frozenset(json.loads(terms["segments"]))
    inside = segments.everyone_in(transaction, named, now) if named else frozenset[str]()
    judged = (
        _member_is(SimpleNamespace(**terms, **member._asdict()), named if member.member_id in inside else frozenset())
        for member in transaction.all(_EVERYBODY)
    )
    return sum(all(condition.met for condition in one) for one in judged)


def conditions(row: Row, among: frozenset[str], now: int) -> Iterator[Condition]:
    """Say of each condition that an offer has whether the member meets it, in the order of `REFUSED`.

    `figure` is how many points are missing, or the date that counts.
    """
    yield Condition("published", row.state == "published")
    if row.campaign_id is not None:
        yield from _campaign_pays(row, now)
    yield from _member_is(row, among)
    if row.starts_at is not None:
        yield Condition("starts_at", now >= row.starts_at, row.starts_at)
    if row.ends_at is not None:
        yield Condition("ends_at", now <= row.ends_at, row.ends_at)
    if row.max_redemptions is not None:
        yield Condition("max_redemptions", row.times_redeemed + row.held < row.max_redemptions, row.max_redemptions)
    if row.per_member_limit is not None:
        yield Condition("per_member_limit", row.member_uses < row.per_member_limit, row.per_member_limit)
    if row.reward_id is not None:
        there = row.reward_active and row.reward_deleted_at is None
        yield Condition("reward", bool(there) and row.reward_stock != 0)
    if row.activation == "opt_in":
        yield Condition("activation", row.activated_at is not None)


def _member_is(row: Any, among: frozenset[str]) -> Iterator[Condition]:
    if row.segments != "[]":
        yield Condition("segments", not among.isdisjoint(json.loads(row.segments)))
    if row.tiers != "[]":
        yield Condition("tiers", row.member_tier in json.loads(row.tiers))
    if row.min_balance is not None:
        missing = max(row.min_balance - row.member_points, 0)
        yield Condition("min_balance", not missing, missing or None)
    if row.enrolled_before is not None:
        yield Condition("enrolled_before", row.member_since < row.enrolled_before, row.enrolled_before)
    if row.attributes != "{}":
        wanted, has = json.loads(row.attributes), json.loads(row.member_attributes)
        yield Condition("metadata", wanted.items() <= has.items())


def _campaign_pays(row: Row, now: int) -> Iterator[Condition]:
    started = row.campaign_starts_at is None or row.campaign_starts_at <= now
    ended = row.campaign_ends_at is not None and row.campaign_ends_at < now
    there = row.campaign_active and row.campaign_deleted_at is None
    yield Condition("campaign", bool(there) and started and not ended)
    if row.campaign_budget_left is not None and (row.percent_off is not None or row.reward_kind == "discount"):
        yield Condition("budget", row.campaign_budget_left > 0)


def _segments(transaction: Transaction, member: str, rows: Iterable[Row], now: int) -> frozenset[str]:
    """Return which of the segments that these offers name the member is in."""
    named = {name for row in rows if row.segments != "[]" for name in json.loads(row.segments)}
    return segments.matching(transaction, member, named, now) if named else frozenset()
