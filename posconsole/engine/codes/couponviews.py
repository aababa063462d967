"""Coupons as they are shown: their state, worked out by the database from all it depends on, and their uses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, or_, select

from posconsole.codes import mask
from posconsole.engine import listing
from posconsole.engine.db.database import one_of
from posconsole.engine.staff.access import CASHIER
from posconsole.engine.views import CouponView, UsageView
from posconsole.models import Campaign, Coupon, Payment, Redemption, Reward, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Select

    from posconsole.engine.db.database import Row, Transaction

_COUPON, _CAMPAIGN, _REWARD = table(Coupon), table(Campaign), table(Reward)
_PAYMENT, _REDEMPTION = table(Payment), table(Redemption)
STATES = ("active", "inactive", "scheduled", "expired", "exhausted", "deleted")
SHOWN = 100
"""Uses of a coupon that it is shown with; the list of redemptions has them all."""


def state_at(now: Any) -> ColumnElement[str]:
    """Return a coupon's state at a moment, by its own switch, window and cap, its campaign's, and its reward's switch.

    What can't come back goes before what can: an expired coupon is expired, even if its cap could be raised.
    """
    coupon, campaign, reward = _COUPON.c, _CAMPAIGN.c, _REWARD.c
    conditions = {
        "deleted": coupon.deleted_at.is_not(None),
        "inactive": or_(
            coupon.active.is_(False),
            campaign.active.is_(False),
            reward.active.is_(False),
            reward.deleted_at.is_not(None),
        ),
        "expired": or_(coupon.valid_until < now, campaign.ends_at < now),
        "scheduled": or_(coupon.valid_from > now, campaign.starts_at > now),
        "exhausted": or_(
            coupon.times_redeemed + coupon.held >= coupon.max_redemptions,
            campaign.spent + campaign.held >= campaign.budget,
        ),
    }
    return listing.derived(conditions, "active")


def with_state(now: Any) -> Select[Any]:
    """Return the selection of coupons with their `state` at a moment."""
    joined = _COUPON.outerjoin(_CAMPAIGN, _CAMPAIGN.c.id == _COUPON.c.campaign_id)
    joined = joined.outerjoin(_REWARD, _REWARD.c.id == _COUPON.c.reward_id)
    return select(_COUPON, state_at(now).label("state")).select_from(joined)


BY_ID_OR_CODE = with_state(bindparam("now", type_=BigInteger)).where(
    or_(_COUPON.c.id == bindparam("text"), _COUPON.c.code_key == bindparam("key"))
)
_USAGE = (
    select(
        _PAYMENT.c.order_id,
        _REDEMPTION.c.payment_id,
        _REDEMPTION.c.member_id,
        (_REDEMPTION.c.amount - _REDEMPTION.c.reversed).label("discount"),
        _REDEMPTION.c.status,
        _REDEMPTION.c.created_at,
    )
    .join(_PAYMENT, _PAYMENT.c.id == _REDEMPTION.c.payment_id)
    .where(_REDEMPTION.c.coupon_id == bindparam("coupon"), one_of(_REDEMPTION.c.status, "applied", "reversed"))
    .order_by(_REDEMPTION.c.created_at.desc(), _REDEMPTION.c.id.desc())
    .limit(SHOWN)
)


def usage(transaction: Transaction, coupon: str) -> tuple[UsageView, ...]:
    """Return a coupon's latest uses, newest first; one that a refund took back whole is `reversed`."""
    return tuple(UsageView(*row) for row in transaction.all(_USAGE, coupon=coupon))


def show(row: Row, role: str, usage: Iterable[UsageView] = ()) -> CouponView:
    """Return the view of a coupon's row with its state. To cashiers the codes of a batch are masked."""
    return CouponView(
        id=row.id,
        code=mask(row.code) if row.batch_id is not None and role == CASHIER else row.code,
        name=row.name,
        percent_off=row.percent_off,
        amount_off=row.amount_off,
        currency=row.currency,
        points=row.points,
        reward=row.reward_id,
        duration=row.duration,
        duration_in_months=row.duration_in_months,
        min_order_value=row.min_order_value,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        customer_limit=row.customer_limit,
        product_ids=tuple(json.loads(row.product_ids)),
        excluded_product_ids=tuple(json.loads(row.excluded_product_ids)),
        categories=tuple(json.loads(row.categories)),
        max_discount=row.max_discount,
        max_redemptions=row.max_redemptions,
        times_redeemed=row.times_redeemed,
        held=row.held,
        stackable=bool(row.stackable),
        priority=row.priority,
        campaign=row.campaign_id,
        batch=row.batch_id,
        revision=row.revision,
        status=row.state,
        valid=row.state == "active",
        created=row.created_at,
        updated=row.updated_at,
        usage=tuple(usage),
    )
