"""A report: rows under columns of a known kind, as they are, as CSV for a spreadsheet, and as JSON for a program."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from posconsole.clock import moment
from posconsole.engine.figures import spreadsheets
from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from posconsole.engine.views import ShopView
    from posconsole.money import Currency

PATIENCE = 600.0
"""Seconds that a report of a large shop may take on a server."""
_ALWAYS = 2**62


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and what stands in it: `text`, `count`, `amount` in minor units, `rate` in basis points.

    Not every figure may be `summed`: one sale can count for two campaigns.
    """

    name: str
    kind: str = "count"
    summed: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """What was asked for, row by row; `totals` are those figures that can be summed, and what has no row."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    totals: Mapping[str, int]
    currency: Currency

    def csv(self) -> str:
        """Return the rows as CSV: amounts as decimals of the currency without grouping, rates in per cent."""
        places = {"amount": -self.currency.decimals, "rate": -2}
        file = io.StringIO(newline="")
        cells = (
            [
                Decimal(cell).scaleb(places[column.kind]) if column.kind in places and cell is not None else cell
                for column, cell in zip(self.columns, row, strict=True)
            ]
            for row in self.rows
        )
        spreadsheets.write(file, [column.name for column in self.columns], cells)
        return file.getvalue()

    def json(self) -> str:
        """Return the report as a JSON object: amounts in minor units, rates in basis points."""
        names = [column.name for column in self.columns]
        rows = [dict(zip(names, row, strict=True)) for row in self.rows]
        found = {"report": self.name, "currency": self.currency.code, "rows": rows, "totals": dict(self.totals)}
        return json.dumps(found, indent=2, ensure_ascii=False)


def columns(*texts: str, **kinds: str) -> tuple[Column, ...]:
    """Return columns of text, then those of each kind by their names: `counts`, `amounts` and `rates`, as words."""
    figures = [Column(name, kind) for kind, names in kinds.items() for name in names.split()]
    return (*(Column(name, "text") for name in texts), *figures)


def report(
    name: str, shop: ShopView, columns: Sequence[Column], rows: Iterable[Sequence[Any]], **totals: int
) -> Report:
    """Return a report with the sums of its counts and amounts; `totals` are more of them."""
    listed = tuple(map(tuple, rows))
    sums = {
        column.name: sum(row[place] for row in listed if row[place] is not None)
        for place, column in enumerate(columns)
        if column.kind in ("count", "amount") and column.summed
    }
    return Report(name, tuple(columns), listed, sums | totals, shop.currency)


def period(shop: ShopView, since: object, until: object) -> dict[str, int]:
    """Read a period, both ends included: a date means the whole day in the shop's zone, None no bound."""
    first, last = moment(since, shop.timezone, "since"), moment(until, shop.timezone, "until", end=True)
    if first is not None and last is not None and first > last:
        raise InvalidInput("It ends before it begins", field="until")
    return {"since": -_ALWAYS if first is None else first, "until": _ALWAYS if last is None else last}
