"""Rows as the terms that pricing knows: coupons with their campaigns, offers, rewards and claims that wait."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, or_, select

from posconsole.clock import months_later
from posconsole.engine.arguments import text
from posconsole.engine.db.database import among, one_of, values
from posconsole.engine.quoting.terms import Gift, Incentive, Rule
from posconsole.errors import InvalidInput, NotFound
from posconsole.models import Campaign, Coupon, Member, MemberUse, Redemption, Reward, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posconsole.engine.db.database import Row, Transaction

_COUPON, _CAMPAIGN, _REWARD = table(Coupon), table(Campaign), table(Reward)
_REDEMPTION, _MEMBER, _USE = table(Redemption), table(Member), table(MemberUse)

_COUPONS = select(_COUPON).where(among(_COUPON.c.code_key, bindparam("keys")))
_CAMPAIGNS = select(_CAMPAIGN).where(among(_CAMPAIGN.c.id, bindparam("ids")))
_REWARDS = select(_REWARD).where(among(_REWARD.c.id, bindparam("ids")))
_USES = select(_USE.c.subject, _USE.c.uses).where(
    _USE.c.member_id == bindparam("member"), among(_USE.c.subject, bindparam("subjects"))
)
_FIRST_USE = (
    select(_REDEMPTION.c.coupon_id, func.min(_REDEMPTION.c.created_at).label("first"))
    .join(_MEMBER, _MEMBER.c.id == _REDEMPTION.c.member_id)
    .where(
        or_(_MEMBER.c.id == bindparam("member"), _MEMBER.c.merged_into == bindparam("member")),
        among(_REDEMPTION.c.coupon_id, bindparam("coupons")),
        one_of(_REDEMPTION.c.status, "pending", "applied"),
    )
    .group_by(_REDEMPTION.c.coupon_id)
)
_OWNER = func.coalesce(_MEMBER.c.merged_into, _MEMBER.c.id).label("owner")
_CLAIMS = (
    select(
        *_REWARD.c,
        _REDEMPTION.c.id.label("claim"),
        _REDEMPTION.c.code,
        _REDEMPTION.c.code_key,
        _REDEMPTION.c.status,
        _REDEMPTION.c.payment_id,
        _OWNER,
    )
    .join(_REWARD, _REWARD.c.id == _REDEMPTION.c.reward_id)
    .join(_MEMBER, _MEMBER.c.id == _REDEMPTION.c.member_id)
)
_CLAIMS_BY_CODE = _CLAIMS.where(among(_REDEMPTION.c.code_key, bindparam("keys")))
_WAITING = _CLAIMS.where(
    or_(_MEMBER.c.id == bindparam("member"), _MEMBER.c.merged_into == bindparam("member")),
    _REDEMPTION.c.status == "pending",
    _REDEMPTION.c.payment_id.is_(None),
)
_WITHIN = (
    select(_REWARD)
    .where(
        _REWARD.c.kind == "discount",
        _REWARD.c.points <= bindparam("points"),
        _REWARD.c.active.is_(True),
        _REWARD.c.deleted_at.is_(None),
        or_(_REWARD.c.stock.is_(None), _REWARD.c.stock > 0),
    )
    .order_by(_REWARD.c.points.desc(), _REWARD.c.id)
    .limit(bindparam("most"))
)
_CLAIM = _CLAIMS.where(_REDEMPTION.c.id == bindparam("claim_id"))


def coupons(transaction: Transaction, keys: Iterable[str], member: str | None, now: int) -> dict[str, Rule]:
    """Return the coupons with these folded codes, by it, as this member may use them."""
    wanted = sorted(keys)
    rows = transaction.all(_COUPONS, keys=values(wanted)) if wanted else []
    if not rows:
        return {}
    campaigns = _by_id(transaction, _CAMPAIGNS, (row.campaign_id for row in rows))
    rewards = _by_id(transaction, _REWARDS, (row.reward_id for row in rows))
    uses = _uses(transaction, rows, member)
    lapsed = _lapsed(transaction, rows, member, now)
    return {
        row.code_key: coupon(
            row, uses.get(row.id, 0), row.id in lapsed, campaigns.get(row.campaign_id), rewards.get(row.reward_id)
        )
        for row in rows
    }


def _by_id(transaction: Transaction, statement: object, ids: Iterable[str | None]) -> Mapping[str | None, Row]:
    wanted = sorted({one for one in ids if one is not None})
    rows = transaction.all(statement, ids=values(wanted)) if wanted else []  # type: ignore[arg-type]
    return {row.id: row for row in rows}


def _uses(transaction: Transaction, rows: Iterable[Row], member: str | None) -> dict[str, int]:
    limited = sorted(row.id for row in rows if limit_of(row) is not None)
    if not limited or member is None:
        return {}
    return dict(map(tuple, transaction.all(_USES, member=member, subjects=values(limited))))


def _lapsed(transaction: Transaction, rows: Iterable[Row], member: str | None, now: int) -> set[str]:
    """Return the repeating coupons whose months since this member's first use are over."""
    months = {row.id: row.duration_in_months for row in rows if row.duration == "repeating"}
    if not months or member is None:
        return set()
    first = transaction.all(_FIRST_USE, member=member, coupons=values(sorted(months)))
    return {row.coupon_id for row in first if now >= months_later(row.first, months[row.coupon_id])}


def limit_of(row: Row) -> int | None:
    """Return how often one member may use a coupon; None for as often as they like."""
    limit: int | None = row.customer_limit
    return limit if row.duration != "once" else 1


def coupon(
    row: Row, used: int = 0, lapsed: bool = False, campaign: Row | None = None, reward: Row | None = None
) -> Rule:
    """Return a coupon's terms inside its campaign's window and budget, and within those of the reward that it gives."""
    discount = reward if reward is not None and reward.kind == "discount" else row
    gives = None if reward is None or reward.kind == "discount" else _gift(reward, reward.id)
    within = (_NONE, _NONE) if discount is row else (_set(discount.product_ids), _set(discount.categories))
    return Rule(
        kind="coupon",
        id=row.id,
        code=row.code,
        name=row.name,
        percent=discount.percent_off,
        amount=discount.amount_off,
        currency=row.currency,
        points=row.points or 0,
        gift=gives,
        min_order_value=_most(row.min_order_value, discount.min_order_value),
        max_discount=row.max_discount if discount is row else _least(row.max_discount, discount.max_discount),
        valid_from=_most(row.valid_from, campaign and campaign.starts_at),
        valid_until=_least(row.valid_until, campaign and campaign.ends_at),
        products=_set(row.product_ids),
        excluded=_set(row.excluded_product_ids),
        categories=_set(row.categories),
        cap=row.max_redemptions,
        used=row.times_redeemed + row.held,
        customer_limit=limit_of(row),
        customer_used=used,
        lapsed=lapsed,
        # A gift and points need somebody to go to, and months somebody to count for.
        members_only=bool(row.points) or gives is not None or row.duration != "forever",
        stackable=bool(row.stackable),
        priority=row.priority,
        active=bool(row.active) and row.deleted_at is None and _runs(campaign) and _offered(reward),
        revision=row.revision,
        campaign=row.campaign_id,
        budget=_budget(campaign),
        within=within,
    )


def offered(rows: Iterable[Row]) -> tuple[tuple[Rule, ...], tuple[Incentive, ...]]:
    """Part offers that a member may use now into discounts and what gives points or gifts."""
    discounts, incentives = [], []
    for row in rows:
        if not row.reward_active and row.reward_id is not None:
            continue
        if row.percent_off is not None or row.reward_kind == "discount":
            discounts.append(_discount_offer(row))
        else:
            gift = None if row.reward_id is None else Gift(row.reward_id, row.reward_name, row.reward_stock)
            incentives.append(Incentive(row.id, row.name, row.multiplier, row.points or 0, gift, row.campaign_id))
    return tuple(discounts), tuple(incentives)


def _discount_offer(row: Row) -> Rule:
    own = row.percent_off is not None
    return Rule(
        kind="offer",
        id=row.id,
        code=row.name,
        name=row.name,
        percent=row.percent_off if own else row.reward_percent_off,
        amount=None if own else row.reward_amount_off,
        min_order_value=None if own else row.reward_min_order_value,
        max_discount=row.max_discount if own else row.reward_max_discount,
        products=frozenset() if own else _set(row.reward_product_ids),
        categories=frozenset() if own else _set(row.reward_categories),
        campaign=row.campaign_id,
        budget=row.campaign_budget_left,
    )


def reward(transaction: Transaction, wanted: str) -> Rule:
    """Return the discount that a reward (`rwd_`, for points now) or a claim of one (`rdm_`) gives.

    Raises `NotFound`, or `InvalidInput` for one that is no discount.
    """
    if text(wanted, "reward").startswith("rdm_"):
        row = transaction.first(_CLAIM, claim_id=wanted)
    else:
        row = next(iter(transaction.all(_REWARDS, ids=values([wanted]))), None)
    if row is None:
        raise NotFound("There is no such reward. Choose one of the catalogue.", field="reward")
    if row.kind != "discount":
        raise InvalidInput("Only a discount is redeemed in a sale. Redeem this one by itself.", field="reward")
    return _claimed(row) if wanted.startswith("rdm_") else _reward(row, _offered(row), row.points)


def within(transaction: Transaction, points: int, member: str | None, most: int) -> list[Rule]:
    """Return the discount rewards that so many points buy, and those that the member has claimed and not used."""
    bought = [_reward(row, _offered(row), row.points) for row in transaction.all(_WITHIN, points=points, most=most)]
    return bought + [_claimed(row) for row in transaction.all(_WAITING, member=member)]


def waiting(transaction: Transaction, keys: Iterable[str]) -> dict[str, Rule]:
    """Return the claims of discount rewards with these folded codes, by it."""
    wanted = sorted(keys)
    rows = transaction.all(_CLAIMS_BY_CODE, keys=values(wanted)) if wanted else []
    return {row.code_key: _claimed(row) for row in rows}


def _claimed(row: Row) -> Rule:
    waits = row.status == "pending" and row.payment_id is None
    return _reward(row, True, 0, row.code or row.name, row.claim, row.owner, used=0 if waits else 1)


def _reward(
    row: Row,
    active: bool,
    cost: int,
    code: str = "",
    claim: str | None = None,
    owner: str | None = None,
    used: int | None = None,
) -> Rule:
    return Rule(
        kind="reward",
        id=row.id,
        code=code,
        name=row.name,
        percent=row.percent_off,
        amount=row.amount_off,
        min_order_value=row.min_order_value,
        max_discount=row.max_discount,
        products=_set(row.product_ids),
        categories=_set(row.categories),
        cap=None if used is None else 1,
        used=used or 0,
        members_only=True,
        active=bool(active),
        cost=cost,
        redemption=claim,
        owns=owner,
    )


def _gift(row: Row, key: str) -> Gift:
    return Gift(key, row.name, row.stock)


def _offered(reward: Row | None) -> bool:
    return reward is None or (bool(reward.active) and reward.deleted_at is None)


def _runs(campaign: Row | None) -> bool:
    return campaign is None or (bool(campaign.active) and campaign.deleted_at is None)


def _budget(campaign: Row | None) -> int | None:
    if campaign is None or campaign.budget is None:
        return None
    left: int = campaign.budget - campaign.spent - campaign.held
    return left


def _most(*figures: int | None) -> int | None:
    return max((figure for figure in figures if figure is not None), default=None)


def _least(*figures: int | None) -> int | None:
    return min((figure for figure in figures if figure is not None), default=None)


_NONE: frozenset[str] = frozenset()


def _set(written: str) -> frozenset[str]:
    return _NONE if written == "[]" else frozenset(json.loads(written))
