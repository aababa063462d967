"""Many drawings on sheets of A4, with the marks along which they are cut, or each on a page of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from posconsole.errors import InvalidInput
from posconsole.printing.drawing import BLACK, Box, Drawing
from posconsole.printing.pdf import PdfFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

A4 = (210.0, 297.0)
GAP = 2.5
"""Millimetres between two columns of labels; rows touch each other, as on the sheets of labels that shops buy."""
# Of a mark along which one cuts: how far from the corner, how long at most, how thick; how far from the paper's edge.
_OFF, _LONG, _THICK, _EDGE = 0.5, 4.0, 0.1, 2.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A4 with columns and rows of places for labels of `room` millimetres; a smaller drawing stands in the middle."""

    columns: int
    rows: int
    room: tuple[float, float]

    def places(self, size: tuple[float, float]) -> list[tuple[float, float]]:
        """Return where the top left corners of drawings of a size come, row by row. Raises `InvalidInput`."""
        (across, down), (width, height) = self.room, size
        if width > across or height > down:
            raise InvalidInput(
                f"A label of {width:g} × {height:g} mm doesn't go on a sheet of {self.columns * self.rows}, "
                f"which has {across:g} × {down:g} mm for each: take fewer to a sheet, or another artwork.",
                field="sheet",
            )
        left = (A4[0] - self.columns * across - (self.columns - 1) * GAP + across - width) / 2
        top = (A4[1] - self.rows * down + down - height) / 2
        return [
            (left + column * (across + GAP), top + row * down)
            for row in range(self.rows)
            for column in range(self.columns)
        ]


SHEETS = {8: Sheet(2, 4, (99.1, 67.7)), 10: Sheet(2, 5, (99.1, 57.0)), 24: Sheet(3, 8, (63.5, 33.9))}
"""By how many labels are on it: the sheets of labels that are sold everywhere."""


def print_sheets(
    path: Path,
    drawings: Callable[[int], Iterable[Drawing]],
    each: int,
    *,
    job: str,
    progress: Callable[[int], None] | None = None,
    replace: bool = False,
) -> int:
    """Write drawings of one size to a PDF, `each` (8, 10 or 24) to a sheet of A4 or 1 to a page; return how many.

    `drawings(done)` gives those after the first `done`, always in the same order: after a kill the same `job` goes on
    behind the last whole page. `progress` is told how many are on whole pages. Raises as `PdfFile` does, and
    `InvalidInput`.
    """
    sheet = SHEETS.get(each)
    if sheet is None and each != 1:
        raise InvalidInput(f"There are sheets of {', '.join(map(str, SHEETS))}, or 1 to a page.", field="sheet")
    with PdfFile(path, f"{job}\n{each}", replace=replace) as pdf:
        for group in _groups(drawings(pdf.placed), each):
            size = (group[0].width, group[0].height)
            if sheet is None:
                pdf.page(size, [(0.0, 0.0, group[0])])
            else:
                places = sheet.places(size)
                placed = [(x, y, drawing) for (x, y), drawing in zip(places, group, strict=False)]
                pdf.page(A4, placed, [crop_marks(sheet, size)])
            if progress:
                progress(pdf.placed)
    return pdf.placed


@lru_cache(maxsize=16)
def crop_marks(sheet: Sheet, size: tuple[float, float]) -> Drawing:
    """Return an A4 page with the lines along which labels of a size are cut, outside all of them."""
    columns, rows = (sorted({place[axis] for place in sheet.places(size)}) for axis in (0, 1))
    marks: list[Box] = []
    for edge in _edges(rows, size[1]):
        marks += [Box(x, edge - _THICK / 2, long, _THICK, BLACK) for x, long in _free(columns, size[0], A4[0])]
    for edge in _edges(columns, size[0]):
        marks += [Box(edge - _THICK / 2, y, _THICK, long, BLACK) for y, long in _free(rows, size[1], A4[1])]
    return Drawing(*A4, tuple(marks))


def _edges(starts: list[float], length: float) -> list[float]:
    return sorted({round(edge, 3) for start in starts for edge in (start, start + length)})


def _free(starts: list[float], length: float, paper: float) -> Iterator[tuple[float, float]]:
    """Return starts and lengths of marks before, between and behind labels along one axis, where there is room."""
    ends = [start + length for start in starts]
    begins = [max(_EDGE, starts[0] - _OFF - _LONG), *(end + _OFF for end in ends)]
    stops = [*(start - _OFF for start in starts), min(paper - _EDGE, ends[-1] + _OFF + _LONG)]
    return ((begin, stop - begin) for begin, stop in zip(begins, stops, strict=True) if stop > begin)


def _groups(drawings: Iterable[Drawing], each: int) -> Iterator[list[Drawing]]:
    left = iter(drawings)
    while group := list(islice(left, each)):
        yield group
