"""What the shop owes: the money on vouchers that are out, and the points on members' accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, func, select

from posconsole.engine.codes import vouchers
from posconsole.engine.db.database import one_of
from posconsole.engine.figures import reporting
from posconsole.models import Batch, Campaign, LedgerEntry, Member, Voucher, table

if TYPE_CHECKING:
    from posconsole.engine.db.database import Transaction
    from posconsole.engine.figures.reporting import Report
    from posconsole.engine.views import ShopView

_VOUCHER, _MEMBER, _ENTRY = table(Voucher), table(Member), table(LedgerEntry)
_CAMPAIGN, _BATCH = table(Campaign), table(Batch)

# The state is worked out first: a server doesn't group by what has a parameter in it.
_MONEY = (
    select(_VOUCHER, vouchers.status_at(bindparam("now", type_=BigInteger)).label("state"))
    .where(_VOUCHER.c.kind == "money")
    .subquery("money")
)
_GROUP = (_CAMPAIGN.c.name.label("campaign"), _BATCH.c.prefix, _BATCH.c.id.label("batch"), _MONEY.c.state)
_VOUCHERS = (
    select(
        *_GROUP,
        func.count().label("vouchers"),
        func.sum(_MONEY.c.initial_value + _MONEY.c.adjusted).label("issued"),
        func.sum(_MONEY.c.balance).label("outstanding"),
        func.sum(_MONEY.c.held).label("held"),
    )
    .select_from(
        _MONEY.outerjoin(_CAMPAIGN, _CAMPAIGN.c.id == _MONEY.c.campaign_id).outerjoin(
            _BATCH, _BATCH.c.id == _MONEY.c.batch_id
        )
    )
    .group_by(_CAMPAIGN.c.id, _CAMPAIGN.c.name, _BATCH.c.prefix, _BATCH.c.id, _MONEY.c.state)
)
_KEPT = select(func.coalesce(func.sum(_ENTRY.c.amount), 0)).where(
    one_of(_ENTRY.c.account, "breakage", "forfeited"), _ENTRY.c.unit == bindparam("currency")
)
_POINTS = (
    select(
        _MEMBER.c.tier,
        func.count().label("members"),
        func.sum(_MEMBER.c.points).label("points"),
        func.sum(_MEMBER.c.points_debt).label("debt"),
    )
    .where(_MEMBER.c.merged_into.is_(None))
    .group_by(_MEMBER.c.tier)
)


def money(transaction: Transaction, shop: ShopView, now: int) -> Report:
    """Sum money vouchers by campaign, batch and state: what was put on them, and what is `outstanding`.

    The total `expired` is the part of it that nobody can use any more, `breakage` what the shop has kept for good:
    single-use vouchers' rests, and what was left on bought ones that were voided.
    """
    rows = transaction.all(_VOUCHERS, now=now)
    rows.sort(key=lambda row: [part or "" for part in row[:4]])
    columns = reporting.columns(
        "campaign", "prefix", "batch", "status", count="vouchers", amount="issued outstanding held"
    )
    expired = sum(row.outstanding for row in rows if row.state == "expired")
    kept = transaction.scalar(_KEPT, currency=shop.currency.code)
    return reporting.report("voucher_liability", shop, columns, rows, expired=expired, breakage=kept)


def points(transaction: Transaction, shop: ShopView) -> Report:
    """Sum members' points and debts by tier."""
    rows = sorted(transaction.all(_POINTS), key=lambda row: row.tier or "")
    return reporting.report("points_liability", shop, reporting.columns("tier", count="members points debt"), rows)
