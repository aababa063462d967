"""A drawing as an SVG file: all of it curves, so that it looks the same where its fonts aren't."""

from __future__ import annotations

from base64 import b64encode
from itertools import groupby
from typing import TYPE_CHECKING

from posconsole.printing.drawing import Box, Image, Label, Modules, Shape
from posconsole.printing.typeface import outline

if TYPE_CHECKING:
    from posconsole.printing.drawing import Drawing, Mark, Outline
    from posconsole.printing.symbols import Symbol


def svg(drawing: Drawing) -> str:
    """Return a drawing as an SVG file of its size in millimetres."""
    width, height = _number(drawing.width), _number(drawing.height)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">'
    )
    ground = f'<path fill="#ffffff" d="M0 0H{width}V{height}H0Z"/>'
    return "\n".join([head, ground, *map(_element, drawing.marks), "</svg>", ""])


def _element(mark: Mark) -> str:
    match mark:
        case Box() | Shape():
            return f'<path fill="{mark.fill}" d="{_curves(mark.outline)}"/>'
        case Label():
            return f'<path fill="{mark.colour}" d="{_letters(mark)}"/>'
        case Modules():
            return _modules(mark)
        case Image():
            where = f'x="{_number(mark.x)}" y="{_number(mark.y)}"'
            size = f'width="{_number(mark.width)}" height="{_number(mark.height)}"'
            return f'<image {where} {size} href="data:image/png;base64,{b64encode(mark.png).decode()}"/>'


def _letters(label: Label) -> str:
    em, at, drawn = label.size / 1000, label.x, list[str]()
    for glyph in label.run.glyphs:
        origin = at + glyph.dx * em, label.y - glyph.dy * em
        drawn.append(_curves(outline(label.run.font, glyph.gid), origin, (em, -em)))
        at += glyph.advance * em
    return "".join(drawn)


def _curves(outline: Outline, origin: tuple[float, float] = (0.0, 0.0), scale: tuple[float, float] = (1.0, 1.0)) -> str:
    return "".join(
        command + " ".join(_number(origin[axis % 2] + number * scale[axis % 2]) for axis, number in enumerate(numbers))
        for command, numbers in outline
    )


def _modules(mark: Modules) -> str:
    """Draw the dark stretches of each row in units of a module: whole numbers leave no hairs between them."""
    high = 1.0 if mark.height is None else mark.height / mark.module
    place = f"translate({_number(mark.x)} {_number(mark.y)}) scale({mark.module:.6g})"
    path = "".join(f"M{x} {y}h{width}v{high:.6g}h-{width}z" for x, y, width in _stretches(mark.symbol))
    return f'<path fill="{mark.colour}" transform="{place}" shape-rendering="crispEdges" d="{path}"/>'


def _stretches(symbol: Symbol) -> list[tuple[int, int, int]]:
    found = []
    for y, row in enumerate(symbol.rows):
        x = 0
        for dark, group in groupby(row):
            width = len(list(group))
            if dark:
                found.append((x, y, width))
            x += width
    return found


def _number(number: float) -> str:
    return f"{number:.4f}".rstrip("0").rstrip(".")
