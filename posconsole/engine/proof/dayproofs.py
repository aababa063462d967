"""What is proven of the day at a till: shifts, movements of cash and parked baskets are what the journal tells.

And a Z report's figures are those of the receipts that it covers.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from posconsole.engine.day import shiftrows, shifts
from posconsole.engine.sale import baskets
from posconsole.engine.views import Finding
from posconsole.models import Shift, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.journal.chains import Told
    from posconsole.engine.sale.salerows import Fields

_SHIFT = table(Shift)
_CLOSED = select(_SHIFT).where(_SHIFT.c.closed_at.is_not(None)).order_by(_SHIFT.c.till_id, _SHIFT.c.no)
_WRITTEN = {
    "shift.opened": ("opened_at", shifts.TERMS),
    "shift.closed": ("closed_at", shifts.TERMS),
    "cash.moved": ("at", shifts.MOVED),
    "basket.parked": ("parked_at", baskets.TERMS),
}
"""For each event that vouches for a row: when it was written, and the columns."""
_TAKEN = ("basket.recalled", "basket.discarded")


def findings(
    opened: list[Fields],
    moved: list[Fields],
    parked: list[Fields],
    told: Iterable[Told],
    digested: Callable[[list[list[object]]], str],
) -> Iterator[Finding]:
    """Check shifts, movements and parked baskets against what is told."""
    entries: dict[tuple[str, str], list[tuple[int, object]]] = defaultdict(list)
    for one in told:
        if one.kind in _WRITTEN:
            entries[one.kind, one.subject].append((one.at, one.data.get("rows")))
        elif one.kind in _TAKEN:
            entries.pop(("basket.parked", one.subject), None)
    closed = [row for row in opened if row["closed_at"] is not None]
    fresh = [row if row["closed_at"] is None else row | shifts.BLANK for row in opened]
    rows = {"shift.opened": fresh, "shift.closed": closed, "cash.moved": moved, "basket.parked": parked}
    for kind, (at, columns) in _WRITTEN.items():
        for row in rows[kind]:
            now = (row[at], digested([[row[name] for name in columns]]))
            if entries.pop((kind, row["id"]), []) != [now]:
                yield Finding("altered", row["id"], f"it is not what was written with {kind}")
    for kind, subject in entries:
        yield Finding("missing", subject, f"the journal tells of it with {kind}, and it is gone or was changed")


def totals(transaction: Transaction) -> Iterator[Finding]:
    """Check each Z report against its receipts, its movements and its count."""
    for row in transaction.all(_CLOSED):
        try:
            sound = _adds_up(transaction, row)
        except (ValueError, KeyError, TypeError, AttributeError):
            sound = False
        if not sound:
            words = f"Z report {row.no} of till {row.till_id} is not what its receipts say"
            yield Finding("shift_totals", row.id, words)


def _adds_up(transaction: Transaction, row: Row) -> bool:
    figures = shiftrows.frozen(row)
    counts = json.loads(row.totals)["counts"]
    counted = sum(int(coin) * number for coin, number in counts.items()) if counts else row.counted
    return (figures, figures.expected(row.opening_float), counted) == (
        shiftrows.worked_out(transaction, row, row.last_receipt),
        row.expected,
        row.counted,
    )
