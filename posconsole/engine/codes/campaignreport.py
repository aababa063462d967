"""What a campaign did: its uses and their cost, the sales with it and without it, in all and day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, and_, bindparam, case, func, or_, select, true

from posconsole.engine.day import quarters
from posconsole.engine.db.database import one_of
from posconsole.engine.views import CampaignDay, CampaignReport
from posconsole.models import Campaign, Payment, Redemption, table

if TYPE_CHECKING:
    from posconsole.engine.context import Context
    from posconsole.engine.db.database import Row, Transaction

_CAMPAIGN, _PAYMENT, _REDEMPTION = table(Campaign), table(Payment), table(Redemption)

_LIVE = and_(
    _REDEMPTION.c.campaign_id == bindparam("campaign"),
    one_of(_REDEMPTION.c.status, "applied", "fulfillment_pending", "fulfilled"),
)
_FIGURES = (
    func.count().label("redemptions"),
    # What a voucher of the campaign pays is no cost: giving it away was.
    func.coalesce(
        func.sum(case((_REDEMPTION.c.voucher_id.is_(None), _REDEMPTION.c.amount - _REDEMPTION.c.reversed), else_=0)), 0
    ).label("discount_cost"),
    func.coalesce(func.sum(_REDEMPTION.c.points), 0).label("points_cost"),
)
_USES = select(*_FIGURES).where(_LIVE).subquery("uses")
_USED = select(_REDEMPTION.c.id).where(_LIVE, _REDEMPTION.c.payment_id == _PAYMENT.c.id).exists()
_SALES = (
    select(
        _PAYMENT.c.captured_at.label("at"),
        (_PAYMENT.c.amount - _PAYMENT.c.refunded_amount).label("taken"),
        case((_USED, 1), else_=0).label("used"),
    )
    .where(one_of(_PAYMENT.c.status, "captured", "partially_refunded", "refunded"))
    .subquery("sales")
)
_IN_ITS_TIME = _SALES.c.at.between(
    func.coalesce(_CAMPAIGN.c.starts_at, _CAMPAIGN.c.created_at),
    func.coalesce(_CAMPAIGN.c.ends_at, bindparam("now", type_=BigInteger)),
)
# One statement, so that all of a report's figures are of one moment.
_REPORT = (
    select(
        _CAMPAIGN.c.id.label("campaign"),
        _CAMPAIGN.c.name,
        _CAMPAIGN.c.budget,
        (_CAMPAIGN.c.budget - _CAMPAIGN.c.spent - _CAMPAIGN.c.held).label("budget_left"),
        *_USES.c,
        func.coalesce(func.sum(_SALES.c.used), 0).label("sales_with"),
        func.coalesce(func.sum(_SALES.c.used * _SALES.c.taken), 0).label("revenue_with"),
        func.coalesce(func.sum(1 - _SALES.c.used), 0).label("sales_without"),
        func.coalesce(func.sum((1 - _SALES.c.used) * _SALES.c.taken), 0).label("revenue_without"),
    )
    .select_from(_CAMPAIGN.join(_USES, true()).outerjoin(_SALES, or_(_SALES.c.used == 1, _IN_ITS_TIME)))
    .where(_CAMPAIGN.c.id == bindparam("campaign"))
    .group_by(*_CAMPAIGN.c, *_USES.c)
)
_QUARTER_OF = quarters.quarter_of(_REDEMPTION.c.created_at)
_QUARTERS = select(_QUARTER_OF, *_FIGURES).where(_LIVE).group_by(_QUARTER_OF).order_by(_QUARTER_OF)


def report(context: Context, campaign: str) -> CampaignReport:
    """Return a campaign's report as of now."""
    zone, now = context.shop.timezone, context.clock.now()

    def work(transaction: Transaction) -> CampaignReport:
        head = figures(transaction, campaign, now)
        return CampaignReport(**head._asdict(), days=_days(transaction.all(_QUARTERS, campaign=campaign), zone))

    return context.read(work)


def figures(transaction: Transaction, campaign: str, now: int) -> Row:
    """Return the fields of a campaign's report but for its days."""
    (row,) = transaction.all(_REPORT, campaign=campaign, now=now)
    return row


def _days(sums: list[Row], zone: str) -> tuple[CampaignDay, ...]:
    """Sum quarters of an hour up to the shop's days."""
    days: dict[str, tuple[int, int, int]] = {}
    for quarter, uses, cost, points in sums:
        day = quarters.day(quarter, zone)
        before = days.get(day, (0, 0, 0))
        days[day] = (before[0] + uses, before[1] + cost, before[2] + points)
    return tuple(CampaignDay(day, *figures) for day, figures in days.items())
