"""A drawing as pixels: a PNG file, and the picture that a receipt printer is sent."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

from PIL import Image as Pictures
from PIL import ImageDraw

from posconsole.printing.drawing import Box, Image, Label, Modules, Shape
from posconsole.printing.symbols import INCH
from posconsole.printing.typeface import outline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from posconsole.printing.drawing import Drawing, Outline

Points = tuple[tuple[float, float], ...]
Contour = tuple[Points, bool]
# Edges are drawn so many times finer and then softened; a curve becomes so many straight pieces.
FINER = 4
PIECES = 8


def png(drawing: Drawing, dpi: int = 300) -> bytes:
    """Return a drawing as a PNG file of `dpi` pixels to the inch, which it also tells."""
    kept = BytesIO()
    picture(drawing, dpi).save(kept, "PNG", dpi=(dpi, dpi), optimize=True)
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
            case Box() | Shape():
                _fill(ground, _contours(mark.outline), mark.fill, scale)
            case Label():
                _fill(ground, _letters(mark), mark.colour, scale)
            case Modules():
                _modules(ground, mark, scale)
            case Image():
                _picture(ground, mark, scale)
    return ground


def _letters(label: Label) -> list[Contour]:
    em, at, contours = label.size / 1000, label.x, list[Contour]()
    for glyph in label.run.glyphs:
        x, y = at + glyph.dx * em, label.y - glyph.dy * em
        for points, solid in _glyph(label.run.font, glyph.gid):
            contours.append((tuple((x + right * em, y - up * em) for right, up in points), solid))
        at += glyph.advance * em
    return contours


@lru_cache(maxsize=4096)
def _glyph(font: str, gid: int) -> list[Contour]:
    return _contours(outline(font, gid))


def _contours(curves: Outline) -> list[Contour]:
    """Turn an outline into polygons, the larger ones first, and say of each whether it is filled or a hole."""
    drawn: list[list[tuple[float, float]]] = []
    for command, numbers in curves:
        if command == "M":
            drawn.append([(numbers[0], numbers[1])])
        elif command == "L":
            drawn[-1].append((numbers[0], numbers[1]))
        elif command == "C":
            drawn[-1] += _bent(drawn[-1][-1], numbers)
    larger: list[Points] = []
    contours: list[Contour] = []
    for points in sorted(map(tuple, drawn), key=lambda points: -abs(_turn(points))):
        wound = sum(_wound(around, points[0]) for around in larger) + (1 if _turn(points) > 0 else -1)
        contours.append((points, wound != 0))
        larger.append(points)
    return contours


def _bent(start: tuple[float, float], numbers: tuple[float, ...]) -> Iterable[tuple[float, float]]:
    x0, y0 = start
    x1, y1, x2, y2, x3, y3 = numbers
    for piece in range(1, PIECES + 1):
        t = piece / PIECES
        u = 1 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        yield a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3


def _turn(points: Points) -> float:
    """Return a polygon's area, its sign saying which way round it goes."""
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in _edges(points)) / 2


def _wound(points: Points, point: tuple[float, float]) -> int:
    """Return how often, and which way, a polygon goes round a point."""
    x, y = point
    wound = 0
    for (x0, y0), (x1, y1) in _edges(points):
        if (y0 <= y) != (y1 <= y) and (x1 - x0) * (y - y0) / (y1 - y0) + x0 > x:
            wound += 1 if y1 > y0 else -1
    return wound


def _edges(points: Points) -> Iterable[tuple[tuple[float, float], tuple[float, float]]]:
    return pairwise((*points, points[0]))


def _fill(ground: Pictures.Image, contours: list[Contour], colour: str, scale: float) -> None:
    if not contours:
        return
    xs, ys = zip(*(point for points, _ in contours for point in points), strict=True)
    left, top = int(min(xs) * scale) - 1, int(min(ys) * scale) - 1
    size = (int(max(xs) * scale) + 2 - left, int(max(ys) * scale) + 2 - top)
    mask = Pictures.new("L", (size[0] * FINER, size[1] * FINER), 0)
    draw = ImageDraw.Draw(mask)
    for points, solid in contours:
        # The half that is taken off is what Pillow adds: it draws a polygon's edge, too.
        where = [((x * scale - left) * FINER - 0.5, (y * scale - top) * FINER - 0.5) for x, y in points]
        draw.polygon(where, fill=255 if solid else 0)
    ground.paste(colour, (left, top), mask.reduce(FINER))


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


_DARK = bytes(255 if byte else 0 for byte in range(256))


def _picture(ground: Pictures.Image, mark: Image, scale: float) -> None:
    with Pictures.open(BytesIO(mark.png)) as opened:
        size = (max(1, round(mark.width * scale)), max(1, round(mark.height * scale)))
        logo = opened.convert("RGBA").resize(size, Pictures.Resampling.LANCZOS)
    ground.paste(logo, (round(mark.x * scale), round(mark.y * scale)), logo)
