"""CSV files that people open in a spreadsheet: no cell in them is taken for a formula."""

from __future__ import annotations

import csv
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    Cell = str | int | Decimal | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(file: IO[str], head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write a heading and rows of texts or numbers to a file opened with `newline=""`; return how many rows."""
    writer, written = csv.writer(file), 0
    writer.writerow(head)
    for row in rows:
        writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in row])
        written += 1
    return written


def safe(cell: str) -> str:
    """Return a cell's text with an apostrophe before what a spreadsheet would calculate."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
