"""What was redeemed, what the discounts cost, and what the campaigns did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, select

from posconsole.clock import local
from posconsole.engine.codes import campaignreport
from posconsole.engine.day import quarters
from posconsole.engine.db.database import one_of
from posconsole.engine.figures import reporting
from posconsole.engine.sale import records
from posconsole.models import Campaign, Coupon, Offer, Payment, Redemption, Reward, table

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from posconsole.engine.db.database import Transaction
    from posconsole.engine.figures.reporting import Report
    from posconsole.engine.views import ShopView

_REDEMPTION, _PAYMENT, _CAMPAIGN = table(Redemption), table(Payment), table(Campaign)
_COUPON, _OFFER, _REWARD = table(Coupon), table(Offer), table(Reward)

_USES = select(_REDEMPTION, _PAYMENT.c.till_id, _PAYMENT.c.receipt).outerjoin(
    _PAYMENT, _PAYMENT.c.id == _REDEMPTION.c.payment_id
)
_LIVE = (
    one_of(_REDEMPTION.c.status, "applied", "fulfillment_pending", "fulfilled"),
    _REDEMPTION.c.kind != "voucher",
    _REDEMPTION.c.created_at.between(bindparam("since"), bindparam("until")),
)
# What a reward cost the member is no points that the shop gave.
_GIVEN = case((_REDEMPTION.c.kind == "reward", 0), else_=_REDEMPTION.c.points)
_COST = (
    func.count().label("uses"),
    func.coalesce(func.sum(_REDEMPTION.c.amount - _REDEMPTION.c.reversed), 0).label("discount"),
    func.coalesce(func.sum(_GIVEN), 0).label("points"),
)
_QUARTER = quarters.quarter_of(_REDEMPTION.c.created_at)
_BY_QUARTER = select(_QUARTER, *_COST).where(*_LIVE).group_by(_QUARTER)


def _by(target: Any, column: Any, name: Any) -> Select[Any]:
    """Return the cost by coupon, campaign, offer or reward, dearest first."""
    return (
        select(target.c.id, name, *_COST)
        .select_from(_REDEMPTION.join(target, target.c.id == column))
        .where(*_LIVE)
        .group_by(target.c.id, name)
        .order_by(_COST[1].desc(), target.c.id)
    )


_BY = {
    "coupon": _by(_COUPON, _REDEMPTION.c.coupon_id, _COUPON.c.code.label("name")),
    "campaign": _by(_CAMPAIGN, _REDEMPTION.c.campaign_id, _CAMPAIGN.c.name),
    "offer": _by(_OFFER, _REDEMPTION.c.offer_id, _OFFER.c.name),
    "reward": _by(_REWARD, _REDEMPTION.c.reward_id, _REWARD.c.name),
}
BY = ("day", *_BY)
_ALL_CAMPAIGNS = select(_CAMPAIGN.c.id).order_by(_CAMPAIGN.c.created_at, _CAMPAIGN.c.id)
_OF_CAMPAIGN = (
    *reporting.columns("campaign", "name"),
    reporting.Column("redemptions"),
    reporting.Column("discount_cost", "amount"),
    reporting.Column("points_cost"),
    *(reporting.Column(f"sales_{which}", summed=False) for which in ("with", "without")),
    *(reporting.Column(f"revenue_{which}", "amount", summed=False) for which in ("with", "without")),
    *(reporting.Column(name, "amount", summed=False) for name in ("budget", "budget_left")),
)


def used(transaction: Transaction, shop: ShopView, conditions: list[ColumnElement[bool]]) -> Report:
    """List redemptions, oldest first; `amount` is the discount or the draw, `reversed` what refunds took back of it."""
    order = (_REDEMPTION.c.created_at, _REDEMPTION.c.id)
    rows = [row._asdict() for row in transaction.query(_USES.where(*conditions).order_by(*order))]
    names = records.names_of(transaction, rows)
    texts = "redemption at kind code name status customer payment receipt campaign".split()
    columns = reporting.columns(*texts, amount="amount reversed", count="points")
    shown = [
        [
            row["id"],
            local(row["created_at"], shop.timezone).isoformat(),
            row["kind"],
            *names[records.target_of(row)],
            row["status"],
            row["member_id"],
            row["payment_id"],
            None if row["receipt"] is None else records.receipt_number(row["till_id"], row["receipt"]),
            row["campaign_id"],
            row["amount"],
            row["reversed"],
            row["points"],
        ]
        for row in rows
    ]
    return reporting.report("redemptions", shop, columns, shown)


def cost(transaction: Transaction, shop: ShopView, by: str, period: dict[str, int]) -> Report:
    """Sum what coupons, offers and rewards took off, after refunds and on the day of the sale, and the points given."""
    figures = {"count": "uses", "amount": "discount"}
    if by != "day":
        rows = transaction.all(_BY[by], **period)
        return reporting.report("discount_cost", shop, _cost_columns("id", "name", **figures), rows)
    days: dict[str, list[int]] = {}
    for row in sorted(transaction.all(_BY_QUARTER, **period)):
        sums = days.setdefault(quarters.day(row.quarter, shop.timezone), [0, 0, 0])
        sums[:] = (before + more for before, more in zip(sums, row[1:], strict=True))
    columns = _cost_columns("day", **figures)
    return reporting.report("discount_cost", shop, columns, [[day, *sums] for day, sums in days.items()])


def _cost_columns(*texts: str, **figures: str) -> tuple[reporting.Column, ...]:
    return (*reporting.columns(*texts, **figures), reporting.Column("points"))


def campaigns(transaction: Transaction, shop: ShopView, now: int) -> Report:
    """Tell what each campaign did: its uses, their cost, the sales with it and without it, and what is left for it."""
    found = [campaignreport.figures(transaction, one, now) for one in transaction.scalars(_ALL_CAMPAIGNS)]
    rows = [[getattr(row, column.name) for column in _OF_CAMPAIGN] for row in found]
    return reporting.report("campaigns", shop, _OF_CAMPAIGN, rows)
