"""What was sold and given back, by day, hour, operator or till, and the tax in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam

from posconsole.engine.day import quarters, takings
from posconsole.engine.figures import reporting
from posconsole.engine.quoting.quotes import TaxLine
from posconsole.models import Order, Payment, Refund, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.figures.reporting import Report
    from posconsole.engine.views import ShopView

_PAYMENT, _REFUND = table(Payment), table(Refund)
PERIOD = takings.Scope(
    _PAYMENT.c.captured_at.between(bindparam("since"), bindparam("until")),
    _REFUND.c.created_at.between(bindparam("since"), bindparam("until")),
)
"""Sales that were captured, and refunds that were made, `since` one time `until` another."""

_SALES = takings.sales(PERIOD, quarters.quarter_of(_PAYMENT.c.captured_at), _PAYMENT.c.till_id, table(Order).c.operator)
_REFUNDS = takings.refunds(PERIOD, quarters.quarter_of(_REFUND.c.created_at), _REFUND.c.till_id, _REFUND.c.operator)
_SOLD_LINES, _RETURNED_LINES = takings.sold_lines(PERIOD), takings.returned_lines(PERIOD)
_FIGURES = "sales gross discount amount tax refunds refunded net".split()
_AMOUNTS = {name: "count" if name in ("sales", "refunds") else "amount" for name in _FIGURES}
_BY: dict[str, Callable[[Row, str], str]] = {
    "day": lambda row, zone: quarters.day(row.quarter, zone),
    "hour": lambda row, zone: quarters.begin(row.quarter, zone).strftime("%H:00"),
    "operator": lambda row, _zone: str(row.operator),
    "till": lambda row, _zone: str(row.till_id),
}


def sales(transaction: Transaction, shop: ShopView, name: str, by: str, period: dict[str, int]) -> Report:
    """Sum sales and refunds by `day`, `hour`, `operator` or `till`: each where it was done.

    `net` is what was charged (`amount`: at list prices, `gross`, less `discount`) less what was `refunded`, and `tax`
    is the tax in it.
    """
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    key = _BY[by]
    for row in transaction.all(_SALES, **period):
        sold = {"sales": row.number, "gross": row.order_amount, "discount": row.discount_amount}
        sold |= {"amount": row.amount, "tax": row.tax_amount, "net": row.amount}
        sums[key(row, shop.timezone)].update(sold)
    for row in transaction.all(_REFUNDS, **period):
        back = {"refunds": row.number, "refunded": row.amount, "net": -row.amount, "tax": -row.tax}
        sums[key(row, shop.timezone)].update(back)
    columns = [reporting.Column(by, "text"), *(reporting.Column(*one) for one in _AMOUNTS.items())]
    rows = [[found, *(figures[name] for name in _FIGURES)] for found, figures in sorted(sums.items())]
    return reporting.report(name, shop, columns, rows)


def tax(transaction: Transaction, shop: ShopView, period: dict[str, int]) -> Report:
    """Sum base and tax by rate: of what was sold, of what came back, and what is left of both.

    Vouchers sold bear no tax before they are spent: what they brought, less refunds, is the total `vouchers_sold`.
    """
    sold, back = transaction.all(_SOLD_LINES, **period), transaction.all(_RETURNED_LINES, **period)
    parts = [takings.by_rate(*lines) for lines in ((sold, ()), ((), back), (sold, back))]
    by_rate = [{line.rate: line for line in lines} for lines, _ in parts]
    columns = reporting.columns(rate="rate", amount="sold_base sold_tax refunded_base refunded_tax base tax")
    nothing = TaxLine(0, 0, 0)
    rows = [[rate, *_figures([lines.get(rate, nothing) for lines in by_rate])] for rate in sorted(by_rate[-1])]
    return reporting.report("tax", shop, columns, rows, vouchers_sold=parts[-1][1])


def _figures(lines: list[TaxLine]) -> list[int]:
    """Return base and tax of what was sold, of what came back, as amounts given, and of both."""
    sold, back, left = lines
    return [sold.base, sold.tax, -back.base, -back.tax, left.base, left.tax]
