"""`posconsole report`: a report by its name, and as a table for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posconsole.errors import InvalidInput
from posconsole.tui.safe import fit, right

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from posconsole import Store
    from posconsole.engine.figures.reporting import Column, Report
    from posconsole.engine.views import ShopView

_PERIOD = ("since", "until")
REPORTS: dict[str, tuple[str, ...]] = {
    "sales-by-day": _PERIOD,
    "sales-by-hour": ("day",),
    "by-operator": _PERIOD,
    "by-till": _PERIOD,
    "tax": _PERIOD,
    "discount-cost": (*_PERIOD, "by"),
    "redemptions": (*_PERIOD, "code", "customer", "payment", "campaign"),
    "campaigns": (),
    "voucher-liability": (),
    "points-liability": (),
}
"""Each report with the options that it takes."""
WIDEST = 28
"""Columns on the screen that a text may take; CSV and JSON have it whole."""


def found(store: Store, name: str, options: Mapping[str, str | None]) -> Report:
    """Return the report of this name. Raises `InvalidInput` for a name that is none, or an option it doesn't take."""
    if name not in REPORTS:
        raise InvalidInput(f"{name!r} is not a report: one of {', '.join(REPORTS)}", field="name")
    given = {option: value for option, value in options.items() if value is not None}
    if unknown := sorted(given.keys() - set(REPORTS[name])):
        raise InvalidInput(f"{name} takes no --{unknown[0]}", field=unknown[0])
    verb: Any = getattr(store.reports, name.replace("-", "_"))
    report: Report = verb(**given)
    return report


def table(report: Report, shop: ShopView) -> Iterator[str]:
    """Write a report as lines: texts at the left, figures at the right, the sums below a rule."""
    columns = report.columns
    head = [column.name.replace("_", " ") for column in columns]
    body = [[_written(cell, column, shop) for cell, column in zip(row, columns, strict=True)] for row in report.rows]
    sums = [_written(report.totals.get(column.name), column, shop) for column in columns]
    widths = [min(WIDEST, max(map(len, cells))) for cells in zip(head, *body, sums, strict=True)]

    def lined(cells: list[str]) -> str:
        places = zip(cells, columns, widths, strict=True)
        shown = [(fit if column.kind == "text" else right)(cell, width) for cell, column, width in places]
        return "  ".join(shown).rstrip()

    yield lined(head)
    yield from map(lined, body)
    if body:
        yield "─" * (sum(widths) + 2 * len(widths[1:]))
        yield lined(sums)
    for name in [name for name in report.totals if name not in {column.name for column in columns}]:
        yield f"{name.replace('_', ' ')}: {shop.currency.format(report.totals[name], shop.locale)}"


def _written(cell: Any, column: Column, shop: ShopView) -> str:
    if cell is None:
        return ""
    if column.kind == "amount":
        return shop.currency.format(cell, shop.locale)
    return f"{cell / 100:g} %" if column.kind == "rate" else str(cell)
