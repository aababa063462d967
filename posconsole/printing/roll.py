"""A strip as a drawing, for a file that is to look like the paper roll."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from posconsole.printing.drawing import BLACK, Box, Drawing, Label, Modules
from posconsole.printing.raster import lettered
from posconsole.printing.symbols import QR, sized

if TYPE_CHECKING:
    from posconsole.printing.drawing import Mark
    from posconsole.printing.strip import Paper, Row

WIDTH, MARGIN, LINE = 72.0, 4.0, 3.8
"""Millimetres that are printed across, that stay free around, and from one line to the next."""
RULE = 0.2
BAR = 10.0
"""Millimetres that a bar code is high."""


def rolled(paper: Paper, correction: str = "M") -> Drawing:
    """Return a strip with its symbols as a drawing as long as it needs to be."""
    marks: list[Mark] = []
    y = MARGIN
    for row in paper.rows:
        if row.symbol:
            mark, high = _symbol(*row.symbol, correction, y)
            marks.append(mark)
        else:
            high = LINE * (2 if row.tall else 1)
            marks += _line(row, paper.width, high, y)
        y += high
    return Drawing(WIDTH + 2 * MARGIN, y + MARGIN, tuple(marks))


def _line(row: Row, columns: int, high: float, y: float) -> list[Mark]:
    """Return a line of text, or the rule that it draws across."""
    if len(row.text) == columns and len(set(row.text)) == 1:
        return [Box(MARGIN, y + high / 2, WIDTH, RULE, BLACK)]
    drawn = lettered(row, columns, WIDTH, high)
    return [replace(mark, x=mark.x + MARGIN, y=mark.y + y) for mark in drawn.marks if isinstance(mark, Label)]


def _symbol(kind: str, text: str, correction: str, y: float) -> tuple[Modules, float]:
    """Return a symbol in the middle of the strip, and how many millimetres it takes with what stays free."""
    made, module = sized(kind, text, WIDTH, correction)
    across, quiet = len(made.rows[0]) * module, made.quiet * module
    square = made.kind == QR
    height, free = (across, quiet) if square else (BAR, LINE / 2)
    x = MARGIN + (WIDTH - across) / 2
    return Modules(x, y + free, module, made, height=None if square else height), height + 2 * free
