"""A text set into its place: as large as it may be, smaller where it has to be, in lines, and cut at the very last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from posconsole.printing.drawing import Label, Run
from posconsole.printing.paper import ELLIPSIS
from posconsole.printing.typeface import ink, right_to_left, shape

EM = 1000
SMALLER = 0.95
# What a line takes up and down at least, so that lines with and without accents stand alike.
ABOVE, BELOW = 780, 200


class Area(NamedTuple):
    """A place on the page, in millimetres."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Manner:
    """How a text is set: in what style, from `size` down to `least` (mm to the em), in so many lines at most.

    `align` is start, centre, end, left or right; `rise` top, middle or bottom; `spacing` opens letters up and `leading`
    lines, in em.
    """

    style: str
    size: float
    least: float
    lines: int = 1
    align: str = "start"
    rise: str = "middle"
    spacing: float = 0.0
    leading: float = 1.3
    colour: str = "#000000"


class Line(NamedTuple):
    """A shaped line, in 1/1000 em: its runs, how far they stand from the left edge, how wide, how high, how deep."""

    runs: tuple[Run, ...]
    indent: float
    width: float
    above: float
    below: float


@lru_cache(maxsize=1024)
def set_text(text: str, area: Area, manner: Manner) -> tuple[Label, ...]:
    """Return the labels of a text in its place; none of them blackens anything outside of it."""
    lines, size = _fitted(text, area, manner)
    lows = _baselines(lines, manner.leading)
    spare = area.height - (lows[-1] + lines[-1].below) * size / EM
    top = area.y + spare * {"top": 0.0, "middle": 0.5, "bottom": 1.0}[manner.rise]
    labels: list[Label] = []
    for line, low in zip(lines, lows, strict=True):
        x = area.x + _shift(text, manner.align) * (area.width - line.width * size / EM) + line.indent * size / EM
        for run in line.runs:
            labels.append(Label(x, top + low * size / EM, run, size, manner.colour))
            x += labels[-1].width
    return tuple(labels)


def _shift(text: str, align: str) -> float:
    """Return how much of the free width stands on the left of a line."""
    start = float(right_to_left(text))
    return {"start": start, "end": 1 - start, "left": 0.0, "centre": 0.5, "right": 1.0}[align]


def _fitted(text: str, area: Area, manner: Manner) -> tuple[list[Line], float]:
    size = manner.size
    while True:
        room = area.width * EM / size
        lines = _lines(_words(text, room, manner), text, manner)
        if len(lines) <= manner.lines and _fits(lines, area, size, manner.leading):
            return lines, size
        if size <= manner.least:
            return _cut(text, area, manner)
        size = max(manner.least, size * SMALLER)


def _cut(text: str, area: Area, manner: Manner) -> tuple[list[Line], float]:
    """Set a text that is too long even at its least size: what doesn't fit gives way to an ellipsis."""
    size = manner.least
    room = area.width * EM / size
    for most in range(manner.lines, 0, -1):
        lines = _lines(_words(text, room, manner, most), text, manner)
        if _fits(lines, area, size, manner.leading):
            return lines, size
    # One line of an unusually tall script, or a place made too small: it stays within it all the same.
    line = lines[0]
    size *= min(1.0, area.height * EM / size / (line.above + line.below), room / max(line.width, 1.0))
    return lines[:1], size


def _words(text: str, room: float, manner: Manner, most: int = 0) -> list[str]:
    """Break a text at its spaces into lines of `room`; with `most`, in so many lines, words and all else broken."""
    lines: list[str] = []
    rest = text
    while rest:
        if most and len(lines) == most - 1:
            return [*lines, _beginning(rest, text, room, manner, ELLIPSIS)]
        head, tail = _broken(rest, text, room, manner)
        if not head and most:
            head = _beginning(rest, text, room, manner) or rest[:1]
            tail = rest[len(head) :]
        elif not head:
            head, _, tail = rest.partition(" ")
        lines.append(head)
        rest = tail.lstrip(" ")
    return lines or [""]


def _broken(rest: str, text: str, room: float, manner: Manner) -> tuple[str, str]:
    """Take as many whole words off the beginning of a text as a line holds; they may be none."""
    if _line(rest, text, manner).width <= room:
        return rest, ""
    head = ""
    for word in rest.split(" ")[:-1]:
        longer = f"{head} {word}" if head else word
        if _line(longer, text, manner).width > room:
            break
        head = longer
    return head, rest[len(head) :]


def _beginning(rest: str, text: str, room: float, manner: Manner, end: str = "") -> str:
    """Return a text if it fits, else as many of its characters as fit before `end`."""
    if _line(rest, text, manner).width <= room:
        return rest
    fits, over = 0, len(rest)
    while fits + 1 < over:
        middle = (fits + over) // 2
        if _line(rest[:middle].rstrip() + end, text, manner).width <= room:
            fits = middle
        else:
            over = middle
    return rest[:fits].rstrip() + end


def _lines(texts: list[str], whole: str, manner: Manner) -> list[Line]:
    return [_line(text, whole, manner) for text in texts]


@lru_cache(maxsize=1024)
def _line(text: str, whole: str, manner: Manner) -> Line:
    """Shape a line of `whole`, which says from where it is read, and measure it."""
    leftwards = right_to_left(whole)
    runs = shape(text, manner.style, leftwards=leftwards)
    if manner.spacing and not leftwards:
        runs = tuple(_spaced(run, manner.spacing * EM) for run in runs)
    left, bottom, right, top = ink(runs)
    indent = max(0.0, -left)
    width = indent + max(sum(run.advance for run in runs), right)
    return Line(runs, indent, width, max(ABOVE, top), max(BELOW, -bottom))


def _spaced(run: Run, spacing: float) -> Run:
    return replace(run, glyphs=tuple(glyph._replace(advance=glyph.advance + spacing) for glyph in run.glyphs))


def _baselines(lines: list[Line], leading: float) -> list[float]:
    """Return how far below the top of the first line each baseline is, in 1/1000 em; no two lines touch."""
    lows = [lines[0].above]
    for upper, lower in pairwise(lines):
        lows.append(lows[-1] + max(leading * EM, upper.below + lower.above))
    return lows


def _fits(lines: list[Line], area: Area, size: float, leading: float) -> bool:
    scale = size / EM
    deep = (_baselines(lines, leading)[-1] + lines[-1].below) * scale
    return deep <= area.height and max(line.width for line in lines) * scale <= area.width
