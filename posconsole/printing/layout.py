"""Puts the facts of a voucher into the places of an artwork: the one layout that every output draws."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from posconsole.printing.drawing import Box, Drawing, Image, Mark, Modules, Shape
from posconsole.printing.layout_parts import outline
from posconsole.printing.layout_text import set_text
from posconsole.printing.paper import centred, wrapped
from posconsole.printing.symbols import fitted, symbol
from posconsole.printing.typeface import bare, isolated

if TYPE_CHECKING:
    from posconsole.printing.layout_parts import Page, Place
    from posconsole.printing.layout_text import Area
    from posconsole.printing.symbols import Symbol
    from posconsole.printing.voucher import VoucherPaper

MOST = 6
"""Lines that a text takes on a terminal at most."""
# Where a PNG file says its width and height.
_PNG_SIZE = 16


@dataclass(frozen=True, slots=True)
class Template:
    """An artwork that is ready to be filled in; `logo` is the shop's as PNG, empty where it has none."""

    name: str
    page: Page
    logo: bytes = field(default=b"", repr=False)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in millimetres, as its file gives them."""
        return self.page.width, self.page.height

    def draw(
        self, paper: VoucherPaper, size: tuple[float, float] | None = None, *, correction: str = "M", dpi: int = 203
    ) -> Drawing:
        """Lay a voucher out on a page of its own size, or on one of another size.

        All of it grows or shrinks as far as both sides let it; where one has more to spare, what is tied to an edge
        stays with it. `correction` is a QR code's, L, M, Q or H; modules are whole dots at `dpi`. `InvalidInput` with
        the code `symbol_too_wide` where the symbol doesn't fit its place: it is never squeezed.
        """
        page, fields = self.page, self._fields(paper)
        width, height = size or self.size
        scale = min(width / page.width, height / page.height)
        ground = (width / scale, height / scale, scale)
        marks: list[Mark] = [
            _area(area.on(*ground), area.path, area.radius, page.colour(area.colour), scale)
            for area in page.area
            if _shown(area, fields)
        ]
        if page.logo and _shown(page.logo, fields) and self.logo:
            marks.append(_logo(self.logo, page.logo.on(*ground), page.logo.align))
        if _shown(page.symbol, fields):
            made = symbol(page.symbol.kind, paper.code, correction)
            colours = page.colour(page.symbol.ground), page.colour(page.symbol.colour)
            marks += _modules(made, page.symbol.on(*ground), colours, dpi)
        for text in page.text:
            if _shown(text, fields) and (said := text.filled(fields)):
                marks += set_text(said, text.on(*ground), text.manner(page.colour(text.colour), scale))
        return Drawing(width, height, tuple(marks))

    def lines(self, paper: VoucherPaper, width: int) -> list[str]:
        """Return what it says of a voucher as plain text, from the top down, in the middle of `width` columns."""
        fields = {name: bare(said) for name, said in self._fields(paper).items()}
        shown = [text for text in self.page.text if _shown(text, fields)]
        shown.sort(key=lambda text: text.on(*self.size)[1::-1])
        rows = [row for text in shown for row in wrapped(text.filled(fields), width, most=MOST)]
        return [centred(row.strip(), width) for row in rows if row]

    def _fields(self, paper: VoucherPaper) -> dict[str, str]:
        """Return what each name in braces stands for on this voucher."""
        words = self.page.words
        initial, expires = isolated(paper.initial), isolated(paper.expires)
        return {
            "shop": isolated(paper.shop),
            "logo": "logo" if self.logo else "",
            "title": words.points if paper.kind == "points" else words.money,
            "value": isolated(paper.value),
            "initial": initial and f"{words.initial} {initial}",
            "code": paper.groups,
            "expires": expires and f"{words.expires} {expires}",
            "holder": isolated(paper.holder),
            "use": words.use if paper.single_use else "",
            "terms": words.terms,
            "status": getattr(words, paper.status) if paper.status else "",
            "copy": words.copy_ if paper.copy else "",
        }


def _shown(part: Place, fields: dict[str, str]) -> bool:
    return (not part.when or bool(fields[part.when])) and not (part.unless and fields[part.unless])


@lru_cache(maxsize=256)
def _area(area: Area, path: str, radius: float, colour: str, scale: float) -> Mark:
    if path:
        return Shape(outline(path, area.x, area.y, scale), colour)
    return Box(*area, colour, radius * scale)


def _logo(png: bytes, area: Area, align: str) -> Image:
    """Put a picture into its place as large as it may be without being stretched."""
    across, down = struct.unpack_from(">II", png, _PNG_SIZE)
    scale = min(area.width / across, area.height / down)
    width, height = across * scale, down * scale
    shift = {"left": 0.0, "centre": 0.5, "right": 1.0}[align]
    return Image(area.x + shift * (area.width - width), area.y + (area.height - height) / 2, width, height, png)


def _modules(made: Symbol, area: Area, colours: tuple[str, str], dpi: int) -> tuple[Box, Modules]:
    """Put a symbol into the middle of its place, its modules as large as fit with the quiet zones around them."""
    flat = len(made.rows) == 1
    module = fitted(made, area.width if flat else min(area.width, area.height), dpi)
    quiet, across = made.quiet * module, made.across * module
    down = area.height if flat else across
    x, y = area.x + (area.width - across) / 2, area.y + (area.height - down) / 2
    light, dark = Box(x, y, across, down, colours[0]), colours[1]
    if flat:
        return light, Modules(x + quiet, y, module, made, dark, down)
    return light, Modules(x + quiet, y + quiet, module, made, dark)
