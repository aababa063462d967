"""What was taken and given back: the statements that sum sales and refunds, and the figures of a till's shift."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, select

from posconsole.engine.day.shiftviews import Takings, TenderTotal
from posconsole.engine.db.database import among, values
from posconsole.engine.quoting.quotes import TaxLine
from posconsole.models import Event, Order, OrderLine, Payment, Refund, RefundLine, RefundTender, Tender, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Select

    from posconsole.engine.db.database import Row, Transaction

_ORDER, _LINE, _PAYMENT, _TENDER = table(Order), table(OrderLine), table(Payment), table(Tender)
_REFUND, _RETURNED, _PART, _EVENT = table(Refund), table(RefundLine), table(RefundTender), table(Event)
_END = 2**62


class Scope(NamedTuple):
    """Which sales and which refunds are meant; sales have a receipt number and a time once they are captured."""

    sold: ColumnElement[bool]
    returned: ColumnElement[bool]


def _between(column: Any) -> ColumnElement[bool]:
    return and_(column > bindparam("after"), column <= bindparam("upto"))


RECEIPTS = Scope(
    and_(_PAYMENT.c.till_id == bindparam("till"), _between(_PAYMENT.c.receipt)),
    and_(_REFUND.c.till_id == bindparam("till"), _between(_REFUND.c.receipt)),
)
"""A till's receipts `after` one number `upto` another."""

_TAX_BACK = (
    select(_RETURNED.c.refund_id, func.sum(_RETURNED.c.tax).label("tax")).group_by(_RETURNED.c.refund_id).subquery()
)


def _sum(column: Any) -> Any:
    return func.coalesce(func.sum(column), 0).label(column.name)


def sales(scope: Scope, *by: Any) -> Select[Any]:
    """Return the statement that counts and sums sales, by these columns."""
    summed = (_ORDER.c.order_amount, _ORDER.c.discount_amount, _ORDER.c.tax_amount)
    paid = (_PAYMENT.c.amount, _PAYMENT.c.voucher_amount, _PAYMENT.c.rounding, _PAYMENT.c.points)
    return (
        select(*by, func.count().label("number"), *map(_sum, (*summed, *paid)))
        .select_from(_PAYMENT.join(_ORDER, _ORDER.c.id == _PAYMENT.c.order_id))
        .where(scope.sold)
        .group_by(*by)
    )


def refunds(scope: Scope, *by: Any) -> Select[Any]:
    """Return the statement that counts and sums refunds, by these columns."""
    summed = (_REFUND.c.amount, _REFUND.c.rounding, _REFUND.c.points, _TAX_BACK.c.tax)
    return (
        select(*by, func.count().label("number"), *map(_sum, summed))
        .select_from(_REFUND.outerjoin(_TAX_BACK, _TAX_BACK.c.refund_id == _REFUND.c.id))
        .where(scope.returned)
        .group_by(*by)
    )


def sold_lines(scope: Scope) -> Select[Any]:
    """Return the statement that sums sold lines by tax rate, those that sell vouchers apart: a voucher's own value."""
    by = (_LINE.c.tax_rate, _LINE.c.voucher_value.is_not(None).label("voucher"))
    return (
        select(*by, _sum(_LINE.c.total), _sum(_LINE.c.tax))
        .select_from(_PAYMENT.join(_LINE, _LINE.c.order_id == _PAYMENT.c.order_id))
        .where(scope.sold)
        .group_by(*by)
    )


def returned_lines(scope: Scope) -> Select[Any]:
    """Return the statement that sums what came back, as `sold_lines` does; a receipt isn't always there."""
    by = (
        func.coalesce(_LINE.c.tax_rate, _RETURNED.c.tax_rate).label("tax_rate"),
        _LINE.c.voucher_value.is_not(None).label("voucher"),
    )
    sale = and_(_LINE.c.order_id == _PAYMENT.c.order_id, _LINE.c.no == _RETURNED.c.line_no)
    return (
        select(*by, func.sum(_RETURNED.c.amount).label("total"), _sum(_RETURNED.c.tax))
        .select_from(
            _REFUND.join(_RETURNED, _RETURNED.c.refund_id == _REFUND.c.id)
            .outerjoin(_PAYMENT, _PAYMENT.c.id == _REFUND.c.payment_id)
            .outerjoin(_LINE, sale)
        )
        .where(scope.returned)
        .group_by(*by)
    )


_SALES, _REFUNDS = sales(RECEIPTS), refunds(RECEIPTS)
_SOLD_LINES, _RETURNED_LINES = sold_lines(RECEIPTS), returned_lines(RECEIPTS)
_TAKEN = (
    select(_TENDER.c.kind, _sum(_TENDER.c.amount))
    .select_from(_TENDER.join(_PAYMENT, _PAYMENT.c.id == _TENDER.c.payment_id))
    .where(RECEIPTS.sold)
    .group_by(_TENDER.c.kind)
)
_GIVEN = (
    select(_PART.c.kind, _sum(_PART.c.amount))
    .select_from(_PART.join(_REFUND, _REFUND.c.id == _PART.c.refund_id))
    .where(RECEIPTS.returned)
    .group_by(_PART.c.kind)
)


def _told(kind: str) -> Any:
    place = select(_EVENT.c.till_seq).where(_EVENT.c.type == kind, _EVENT.c.subject == bindparam("shift"))
    return place.scalar_subquery()


# What a device declined is settled without a receipt: its place in the till's journal says in which shift.
_SETTLED = select(_EVENT.c.data).where(
    _EVENT.c.type == "refund.settled",
    _EVENT.c.till_id == bindparam("till"),
    _EVENT.c.till_seq > _told("shift.opened"),
    _EVENT.c.till_seq < func.coalesce(_told("shift.closed"), _END),
)
_PARTS = select(_PART.c.id, _PART.c.kind, _PART.c.amount).where(among(_PART.c.id, bindparam("ids")))


def of_shift(transaction: Transaction, shift: str, till: str, after: int, upto: int) -> Takings:
    """Sum the receipts of a till's shift, and what was settled there meanwhile."""
    receipts = {"till": till, "after": after, "upto": upto}
    (sold,), (back,) = transaction.all(_SALES, **receipts), transaction.all(_REFUNDS, **receipts)
    settled = _settled(transaction, till, shift)
    taken = Counter({row.kind: row.amount for row in transaction.all(_TAKEN, **receipts)})
    taken["voucher"] += sold.voucher_amount
    given = Counter({row.kind: row.amount for row in transaction.all(_GIVEN, **receipts)})
    for kind, amount in settled:
        given[kind] += amount
    taxes, vouchers = by_rate(transaction.all(_SOLD_LINES, **receipts), transaction.all(_RETURNED_LINES, **receipts))
    return Takings(
        sales=sold.number,
        refunds=back.number,
        gross=sold.order_amount,
        discounts=sold.discount_amount,
        amount=sold.amount,
        refunded=back.amount,
        net=sold.amount - back.amount,
        taxes=taxes,
        vouchers_sold=vouchers,
        tenders=tuple(
            TenderTotal(kind, taken[kind], given[kind]) for kind in sorted({*+taken, *filter(given.get, given)})
        ),
        rounding=sold.rounding - back.rounding - sum(amount for _, amount in settled),
        points_earned=sold.points,
        points_taken_back=back.points,
    )


def by_rate(sold: Iterable[Row], returned: Iterable[Row]) -> tuple[tuple[TaxLine, ...], int]:
    """Return base and tax of each rate after refunds, and what vouchers were sold for, which is taxed when spent."""
    totals: Counter[int] = Counter()
    taxes: Counter[int] = Counter()
    vouchers = 0
    for sign, rows in ((1, sold), (-1, returned)):
        for row in rows:
            if row.voucher:
                vouchers += sign * row.total
            else:
                totals[row.tax_rate] += sign * row.total
                taxes[row.tax_rate] += sign * row.tax
    return tuple(TaxLine(rate, totals[rate] - taxes[rate], taxes[rate]) for rate in sorted(totals)), vouchers


def _settled(transaction: Transaction, till: str, shift: str) -> list[tuple[str, int]]:
    """Return what was given back in another way than its refund says: less by the one, more by the other."""
    told = [json.loads(data) for data in transaction.scalars(_SETTLED, till=till, shift=shift)]
    told = [one for one in told if one.get("settled_as") in ("cash", "credit")]
    ids = values([one["part"] for one in told])
    parts = {row.id: row for row in transaction.all(_PARTS, ids=ids)} if told else {}
    moved: list[tuple[str, int]] = []
    for one in told:
        moved += [(parts[one["part"]].kind, -parts[one["part"]].amount), (one["settled_as"], one["paid"])]
    return moved
