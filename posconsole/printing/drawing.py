"""What every output is made from: a page's marks, in millimetres from its top left corner, colours as `#rrggbb`.

A drawing is finished work: texts are shaped and measured, symbols have their modules, nothing is left to be laid out.
PDF, SVG, PNG and a printer's raster put the same marks onto their own ground, in the order in which they stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from posconsole.printing.symbols import Symbol

Outline = tuple[tuple[str, tuple[float, ...]], ...]
"""Closed curves as commands and their coordinates: M x y, L x y, C x1 y1 x2 y2 x y, Z. Filled by the nonzero rule."""
BLACK = "#000000"
# How far the handles of four cubic curves lie out when together they make a circle.
ROUND = 0.5523


class Glyph(NamedTuple):
    """One glyph of a shaped text: its number in the font, and in 1/1000 em how far it moves on and is moved itself.

    `text` are the characters that it stands for, none for the further glyphs of one character.
    """

    gid: int
    advance: float
    dx: float
    dy: float
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """A shaped text in one font, its glyphs from left to right whatever way it is read; `text` is in reading order."""

    font: str
    text: str
    glyphs: tuple[Glyph, ...]

    @property
    def advance(self) -> float:
        """How wide it is, in 1/1000 em."""
        return sum(glyph.advance for glyph in self.glyphs)


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle, its corners rounded by `radius`."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    radius: float = 0.0

    @property
    def outline(self) -> Outline:
        """Its edge, on the page."""
        left, top, right, bottom = self.x, self.y, self.x + self.width, self.y + self.height
        radius = min(self.radius, self.width / 2, self.height / 2)
        if not radius:
            return (("M", (left, top)), ("L", (right, top)), ("L", (right, bottom)), ("L", (left, bottom)), ("Z", ()))
        bend = radius * (1 - ROUND)
        return (
            ("M", (left + radius, top)),
            ("L", (right - radius, top)),
            ("C", (right - bend, top, right, top + bend, right, top + radius)),
            ("L", (right, bottom - radius)),
            ("C", (right, bottom - bend, right - bend, bottom, right - radius, bottom)),
            ("L", (left + radius, bottom)),
            ("C", (left + bend, bottom, left, bottom - bend, left, bottom - radius)),
            ("L", (left, top + radius)),
            ("C", (left, top + bend, left + bend, top, left + radius, top)),
            ("Z", ()),
        )


@dataclass(frozen=True, slots=True)
class Shape:
    """Any other filled area, an ornament; its outline is on the page as a box's is."""

    outline: Outline
    fill: str


@dataclass(frozen=True, slots=True)
class Label:
    """A shaped text whose first glyph starts at `x` on the baseline `y`; `size` is the em in millimetres."""

    x: float
    y: float
    run: Run
    size: float
    colour: str = BLACK

    @property
    def width(self) -> float:
        """How far it reaches to the right, in millimetres."""
        return self.run.advance * self.size / 1000


@dataclass(frozen=True, slots=True)
class Modules:
    """The dark modules of a symbol, `module` mm wide; `height` is a bar code's, in millimetres.

    The first module's corner is at `x`, `y`: the quiet zone lies outside and is kept free by the layout.
    """

    x: float
    y: float
    module: float
    symbol: Symbol
    colour: str = BLACK
    height: float | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that is a PNG file, stretched to its place: a logo."""

    x: float
    y: float
    width: float
    height: float
    png: bytes


Mark = Box | Shape | Label | Modules | Image


@dataclass(frozen=True, slots=True)
class Drawing:
    """A page of so many millimetres and what is on it, the undermost first."""

    width: float
    height: float
    marks: tuple[Mark, ...]
