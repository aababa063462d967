"""A drawing as pixels: a PNG file, and the picture that a receipt printer is sent."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from PIL import Image as Pictures
from PIL import ImageChops, ImageDraw

from posconsole.printing.drawing import Box, Image, Label, Modules, Shape
from posconsole.printing.symbols import INCH
from posconsole.printing.typeface import outline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from posconsole.printing.drawing import Drawing, Outline

Points = list[tuple[float, float]]
# Edges are drawn so many times finer and then softened; a curve becomes so many straight pieces, a letter's fewer.
FINER = 4
PIECES, LETTER_PIECES = 40, 8
# How often a polygon goes round a pixel is counted from here, up and down.
OUTSIDE = 128
_INSIDE = [0 if count == OUTSIDE else 255 for count in range(256)]
_DARK = bytes(255 if byte else 0 for byte in range(256))


def png(drawing: Drawing, dpi: int = 300) -> bytes:
    """Return a drawing as a PNG file of `dpi` pixels to the inch, which it also tells."""
    kept = BytesIO()
    picture(drawing, dpi).save(kept, "PNG", dpi=(dpi, dpi))
    return kept.getvalue()


def picture(drawing: Drawing, dpi: int) -> Pictures.Image:
    """Return a drawing as a picture on white.

    Each module of a symbol is a square of whole pixels: the largest that its own size holds, so that it never grows
    into its quiet zone, in the middle of its place.
    """
    scale = dpi / INCH
    ground = Pictures.new("RGB", (round(drawing.width * scale), round(drawing.height * scale)), "#ffffff")
    for mark in drawing.marks:
        match mark:
            case Box(radius=0):
                left, top = round(mark.x * scale), round(mark.y * scale)
                right, bottom = round((mark.x + mark.width) * scale), round((mark.y + mark.height) * scale)
                ground.paste(mark.fill, (left, top, max(right, left + 1), max(bottom, top + 1)))
            case Box() | Shape():
                _fill(ground, _polygons(mark.outline, PIECES), mark.fill, scale)
            case Label():
                for letter in _letters(mark):
                    _fill(ground, letter, mark.colour, scale)
            case Modules():
                _modules(ground, mark, scale)
            case Image():
                _picture(ground, mark, scale)
    return ground


def _letters(label: Label) -> Iterator[list[Points]]:
    """Return the polygons of each letter, on the page."""
    em, at = label.size / 1000, label.x
    for glyph in label.run.glyphs:
        x, y = at + glyph.dx * em, label.y - glyph.dy * em
        yield [[(x + right * em, y - up * em) for right, up in points] for points in _glyph(label.run.font, glyph.gid)]
        at += glyph.advance * em


@lru_cache(maxsize=4096)
def _glyph(font: str, gid: int) -> list[Points]:
    return _polygons(outline(font, gid), LETTER_PIECES)


def _polygons(curves: Outline, pieces: int) -> list[Points]:
    """Turn an outline into polygons, each curve of it into so many pieces."""
    drawn: list[Points] = []
    for command, numbers in curves:
        if command == "M":
            drawn.append([(numbers[0], numbers[1])])
        elif command == "L":
            drawn[-1].append((numbers[0], numbers[1]))
        elif command == "C":
            drawn[-1] += _bent(drawn[-1][-1], numbers, pieces)
    return drawn


def _bent(start: tuple[float, float], numbers: tuple[float, ...], pieces: int) -> Iterable[tuple[float, float]]:
    x0, y0 = start
    x1, y1, x2, y2, x3, y3 = numbers
    for piece in range(1, pieces + 1):
        t = piece / pieces
        u = 1 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        yield a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3


def _fill(ground: Pictures.Image, polygons: list[Points], colour: str, scale: float) -> None:
    """Fill what polygons go round more often one way than the other."""
    if not polygons:
        return
    xs, ys = zip(*chain.from_iterable(polygons), strict=True)
    left, top = int(min(xs) * scale) - 1, int(min(ys) * scale) - 1
    size = ((int(max(xs) * scale) + 2 - left) * FINER, (int(max(ys) * scale) + 2 - top) * FINER)
    wound = Pictures.new("L", size, OUTSIDE)
    for points in polygons:
        # The half that is taken off is what Pillow adds: it draws a polygon's edge, too.
        where = [((x * scale - left) * FINER - 0.5, (y * scale - top) * FINER - 0.5) for x, y in points]
        once = Pictures.new("L", size, 0)
        ImageDraw.Draw(once).polygon(where, fill=1)
        wound = (ImageChops.add if _turn(points) > 0 else ImageChops.subtract)(wound, once)
    ground.paste(colour, (left, top), wound.point(_INSIDE).reduce(FINER))


def _turn(points: Points) -> float:
    """Return a polygon's area, its sign saying which way round it goes."""
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*points, points[0]]))


def _modules(ground: Pictures.Image, mark: Modules, scale: float) -> None:
    rows = mark.symbol.rows
    across, down = len(rows[0]), len(rows)
    pixels = max(1, int(mark.module * scale + 1e-6))
    spare = (mark.module * scale - pixels) / 2
    dark = b"".join(row.translate(_DARK) for row in rows)
    mask = Pictures.frombytes("L", (across, down), dark)
    height = pixels * down if mark.height is None else round(mark.height * scale)
    mask = mask.resize((pixels * across, height), Pictures.Resampling.NEAREST)
    x, y = mark.x * scale + spare * across, mark.y * scale + (0 if mark.height is not None else spare * down)
    ground.paste(mark.colour, (round(x), round(y)), mask)


def _picture(ground: Pictures.Image, mark: Image, scale: float) -> None:
    with Pictures.open(BytesIO(mark.png)) as opened:
        size = (max(1, round(mark.width * scale)), max(1, round(mark.height * scale)))
        logo = opened.convert("RGBA").resize(size, Pictures.Resampling.LANCZOS)
    ground.paste(logo, (round(mark.x * scale), round(mark.y * scale)), logo)
