"""Marks as the operators of a PDF page, in millimetres from the top left corner of what they belong to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from posconsole.printing.drawing import Box, Image, Label, Modules, Shape
from posconsole.printing.typeface import width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from posconsole.printing.drawing import Drawing, Glyph, Mark, Outline, Run

POINTS = 72 / 25.4
_CURVES = {"M": "m", "L": "l", "C": "c", "Z": "h"}
_DARK = re.compile(rb"\x01+")
_FEW = 7


def content(
    size: tuple[float, float], placed: Iterable[tuple[float, float, Drawing]], picture: Callable[[bytes], str]
) -> bytes:
    """Return a page's operators: each drawing with its top left corner at `x`, `y`; `picture` names a PNG's object."""
    parts = [f"{_numbers(POINTS, 0, 0, -POINTS, 0, size[1] * POINTS)} cm"]
    for x, y, drawing in placed:
        # What an artwork draws beyond its edge isn't its neighbour's.
        parts.append(f"q {_numbers(1, 0, 0, 1, x, y)} cm {_numbers(0, 0, drawing.width, drawing.height)} re W n")
        parts += [_image(mark, picture) if isinstance(mark, Image) else _drawn(mark) for mark in drawing.marks]
        parts.append("Q")
    return "\n".join(parts).encode()


def _drawn(mark: Mark) -> str:
    if isinstance(mark, Label):
        return f"{_fill(mark.colour)} BT 1 0 0 -1 {_numbers(mark.x, mark.y)} Tm {_set(mark.run, mark.size)} ET"
    if isinstance(mark, Modules):
        return _modules(mark)
    return _area(mark)


@lru_cache(maxsize=1024)
def _area(mark: Box | Shape) -> str:
    return f"{_fill(mark.fill)} {_path(mark.outline)} f"


def _path(outline: Outline) -> str:
    return " ".join(f"{_numbers(*points)} {_CURVES[command]}" for command, points in outline)


@lru_cache(maxsize=4096)
def _set(run: Run, size: float) -> str:
    """Show a run's glyphs, each as far on as it was shaped and as high."""
    parts = [f"/{run.font} {_numbers(size)} Tf ["]
    rise = 0.0
    for glyph in run.glyphs:
        if glyph.dy != rise:
            rise = glyph.dy
            parts.append(f"] TJ {_numbers(rise * size / 1000)} Ts [")
        parts.append(_shown(run.font, glyph))
    return f"{''.join(parts)}] TJ{' 0 Ts' if rise else ''}".replace("><", "")


def _shown(font: str, glyph: Glyph) -> str:
    """Show one glyph in an array in which numbers move back by 1/1000 em."""
    before, after = -glyph.dx, width(font, glyph.gid) + glyph.dx - glyph.advance
    return f"{_numbers(before) if before else ''}<{glyph.gid:04x}>{_numbers(after) if after else ''}"


def _modules(mark: Modules) -> str:
    """Fill all dark modules as one path, whose parts meet without a seam; a module is the unit of length."""
    tall = "1" if mark.height is None else _numbers(mark.height / mark.module)
    parts = [f"q {_numbers(mark.module, 0, 0, mark.module, mark.x, mark.y)} cm {_fill(mark.colour)}"]
    for y, row in enumerate(mark.symbol.rows):
        parts += [_dark(row[x : x + _FEW], x, y, tall) for x in range(0, len(row), _FEW)]
    return "".join([*parts, " f Q"])


@lru_cache(maxsize=16384)
def _dark(few: bytes, x: int, y: int, tall: str) -> str:
    """Return the dark ones of a few modules: so few that a thousand symbols hold hardly any that aren't known."""
    runs = (run.span() for run in _DARK.finditer(few))
    return "".join(f" {x + begin} {y} {end - begin} {tall} re" for begin, end in runs)


def _image(mark: Image, picture: Callable[[bytes], str]) -> str:
    place = _numbers(mark.width, 0, 0, -mark.height, mark.x, mark.y + mark.height)
    return f"q {place} cm /{picture(mark.png)} Do Q"


@lru_cache(maxsize=256)
def _fill(colour: str) -> str:
    return f"{_numbers(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))} rg"


def _numbers(*values: float) -> str:
    """Write lengths to a tenth of a micrometre, never with an exponent."""
    return " ".join(f"{value:.4f}".rstrip("0").rstrip(".") for value in values)
