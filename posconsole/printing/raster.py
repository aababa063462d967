"""A drawing as rows of dots, as a thermal printer burns them; and a line of text as a drawing for such a printer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from posconsole.errors import InvalidInput
from posconsole.printing.drawing import Drawing, Label
from posconsole.printing.paper import cells
from posconsole.printing.symbols import INCH
from posconsole.printing.typeface import ink, metrics, shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from posconsole.printing.drawing import Run
    from posconsole.printing.strip import Row

DARK = bytes((255,)) * 128 + bytes(128)
"""What is burnt of 256 shades of grey: the darker half."""
USUAL = "NotoSans-Regular"
"""The font whose height a line is made for."""


class Raster(NamedTuple):
    """Dots in rows of `across` bytes, the leftmost dot in a byte's highest bit, 1 for a dark one."""

    across: int
    dots: bytes

    def bands(self, most: int) -> Iterator[tuple[int, bytes]]:
        """Cut it into bands of `most` rows or fewer: how many, and their dots."""
        step = most * self.across
        for start in range(0, len(self.dots), step):
            band = self.dots[start : start + step]
            yield len(band) // self.across, band


def burnt(drawing: Drawing, dpi: int, dots: int) -> Raster:
    """Return a drawing at a printer's resolution, in the middle of paper so many dots wide."""
    from PIL import Image

    from posconsole.printing.png import picture

    made = picture(drawing, dpi).convert("L")
    if made.width > dots:
        room, needed = dots / dpi * INCH, drawing.width
        raise InvalidInput(f"This is {needed:.0f} mm wide, and the paper takes {room:.0f} mm", field="paper")
    ground = Image.new("L", (dots, made.height), 255)
    ground.paste(made, ((dots - made.width) // 2, 0))
    return Raster((dots + 7) // 8, ground.point(list(DARK), "1").tobytes())


def lettered(row: Row, columns: int, width: float, height: float) -> Drawing:
    """Set a strip's row in the fonts that come along, for paper of so many columns and `width` mm.

    Its columns stay: what ends at the right edge ends there, what stands in the middle stays there.
    """
    marks: list[Label] = []
    parts = list(_parts(row))
    for at, (left, right, part) in enumerate(parts):
        runs = shape(part, "bold" if row.bold else "regular")
        share = _share(left, right, columns)
        before = (left - parts[at - 1][1]) / 2 if at else left
        behind = (parts[at + 1][0] - right) / 2 if at + 1 < len(parts) else columns - right
        begin, end = _grown(left, right, share, before, behind)
        marks += _set(runs, begin * width / columns, (end - begin) * width / columns, share, height)
    return Drawing(width, height, tuple(marks))


def _grown(left: float, right: float, share: float, before: float, behind: float) -> tuple[float, float]:
    """Return where a part's room begins and ends when it takes what is free beside it, and stands where it stood."""
    if share in (0.0, 1.0):
        return left - share * before, right + (1 - share) * behind
    both = min(before, behind)
    return left - both, right + both


def _set(runs: Sequence[Run], x: float, room: float, share: float, height: float) -> Iterator[Label]:
    """Set shaped text in its room, as large as the line is high; `share` of what it leaves free stands on its left."""
    usual, (_, bottom, _, top) = metrics(USUAL), ink(runs)
    advance = sum(run.advance for run in runs)
    em = min(height / max(usual.ascent - usual.descent, top - bottom), room / (advance or 1))
    x += (room - advance * em) * share
    baseline = min(max(usual.ascent, top) * em, height + bottom * em)
    for run in runs:
        yield Label(x, baseline, run, em * 1000)
        x += run.advance * em


def _parts(row: Row) -> Iterator[tuple[int, int, str]]:
    """Cut a row before its figure and where it leaves two columns free or more: (first column, column behind, part)."""
    figure = len(row.text) - row.figure
    for begin, end in ((0, figure), (figure, len(row.text))):
        for found in re.finditer(r"\S+(?: \S+)*", row.text[begin:end]):
            left = cells(row.text[: begin + found.start()])
            yield left, left + cells(found[0]), found[0]


def _share(left: int, right: int, columns: int) -> float:
    """Return how much of its spare room a part gets on its left: none, half in the middle, all at the right edge."""
    if right == columns and left:
        return 1.0
    return 0.5 if left and abs(columns - right - left) <= 1 else 0.0
