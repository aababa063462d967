"""Figures by day as columns of block characters, in eighths of a cell."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EIGHTHS = " ▁▂▃▄▅▆▇█"
WIDEST = 6
"""Cells of a day's column, at most: a campaign of two days is no wall."""


def days_of(figures: Mapping[str, int], most: int) -> list[str]:
    """Return every day from the first figure's to the last one's, as `2026-07-22`; of many the latest `most`."""
    if not figures:
        return []
    first, last = date.fromisoformat(min(figures)), date.fromisoformat(max(figures))
    first = max(first, last - timedelta(days=most - 1))
    return [(first + timedelta(days=after)).isoformat() for after in range((last - first).days + 1)]


def columns(values: Sequence[int], width: int, height: int) -> list[str]:
    """Draw a column for each value, the largest as high as the chart; what isn't nothing is seen."""
    if not values:
        return []
    each = max(1, min(WIDEST, width // len(values)))
    drawn = max(1, each - 1)
    top = max(max(values), 1)
    levels = [0 if value <= 0 else max(1, value * height * 8 // top) for value in values]
    return [
        "".join((EIGHTHS[max(0, min(8, level - 8 * row))] * drawn).ljust(each) for level in levels).rstrip()
        for row in reversed(range(height))
    ]
