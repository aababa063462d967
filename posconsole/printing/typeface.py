"""The fonts that come along, and a text set in them: its direction, its shapes, its width, its outlines.

A style (`regular`, `bold`, `display`, `code`) is a row of fonts; a text is set in the first that has its letters.
Right-to-left text is put in its order and Arabic letters are joined here, once: every output gets finished glyphs.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache, partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from posconsole.printing.assets import assets
from posconsole.printing.drawing import Glyph, Outline, Run
from posconsole.printing.paper import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ASIAN = "DroidSansFallback"
STYLES = {
    "regular": ("NotoSans-Regular", "NotoSansHebrew-Regular", "NotoSansArabic-Regular", ASIAN),
    "bold": ("NotoSans-Bold", "NotoSansHebrew-Bold", "NotoSansArabic-Bold", ASIAN),
    "display": ("NotoSerifDisplay-Bold", "NotoSansHebrew-Bold", "NotoSansArabic-Bold", ASIAN),
    "code": ("NotoSansMono-Bold", "NotoSans-Bold", "NotoSansHebrew-Bold", "NotoSansArabic-Bold", ASIAN),
}
EM = 1000
# The classes of characters that are read from the right, or that stand otherwise among such.
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
# Which way a bracket goes that holds characters of a class: figures are among what is read from the right.
_STRONG = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
_OPEN, _CLOSE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_ISOLATE = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")


# The cut of the fonts has no minus sign, and an amount off is not to look like one that is missing.
_ALIKE = {"\N{MINUS SIGN}": "\N{EN DASH}"}


class Metrics(NamedTuple):
    """A font's heights in 1/1000 em, upwards from the baseline: below it they are negative."""

    ascent: float
    descent: float
    capital: float
    box: tuple[float, float, float, float]


@lru_cache(maxsize=4096)
def shape(text: str, style: str = "regular", *, leftwards: bool | None = None) -> tuple[Run, ...]:
    """Set one line of cleaned text: runs that stand side by side from left to right, each in one font.

    `leftwards` says how the whole is read where it isn't for the line's own first letter to say. A character that no
    font has is set as the replacement character, where one can see that something is missing.
    """
    leftwards = right_to_left(text) if leftwards is None else leftwards
    return tuple(_run(font, part, level) for font, part, level in _in_view(_pieces(text, style, leftwards)))


def sayable(text: str, style: str = "regular") -> bool:
    """Say whether the fonts of a style have every character of a text."""
    return text.isascii() or all(_able(c, STYLES[style]) for c in text)


def isolated(text: str) -> str:
    """Mark a text, to be put into another one, that isn't read from the left: it won't stir what stands around it."""
    return f"{_OPEN}{text}{_CLOSE}" if turns(text) else text


def bare(text: str) -> str:
    """Take the marks of `isolated` out of a text."""
    return _ISOLATE.sub(r"\1", text)


def turns(text: str) -> bool:
    """Say whether anything in a text is read from the right."""
    return not text.isascii() and any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in text)


def ink(runs: Iterable[Run]) -> tuple[float, float, float, float]:
    """Return the left, bottom, right and top edge of what runs side by side blacken, in 1/1000 em from their start."""
    at, edges = 0.0, []
    for run in runs:
        for glyph in run.glyphs:
            left, bottom, right, top = _extent(run.font, glyph.gid)
            x, y = at + glyph.dx, glyph.dy
            edges.append((x + left, y + bottom, x + right, y + top))
            at += glyph.advance
    if not edges:
        return (0.0, 0.0, 0.0, 0.0)
    lefts, bottoms, rights, tops = zip(*edges, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def right_to_left(text: str) -> bool:
    """Say whether a text as a whole is read from the right: its first letter with a direction is.

    The letters of what was put into it count only where it has none of its own.
    """
    kinds = (unicodedata.bidirectional(c) for own in (_ISOLATE.sub("", text), text) for c in own)
    return next((kind != "L" for kind in kinds if kind in ("L", "R", "AL")), False)


@cache
def metrics(font: str) -> Metrics:
    """Return the heights of a font by its name."""
    import uharfbuzz

    loaded = _font(font)
    extents = loaded.get_font_extents("ltr")
    capital = loaded.get_metric_position_with_fallback(uharfbuzz.OTMetricsTag.CAP_HEIGHT)
    lefts, bottoms, rights, tops = zip(*(_extent(font, gid) for gid in range(loaded.face.glyph_count)), strict=True)
    return Metrics(extents.ascender, extents.descender, capital, (min(lefts), min(bottoms), max(rights), max(tops)))


@cache
def outline(font: str, gid: int) -> Outline:
    """Return a glyph's curves in 1/1000 em from its origin, y upwards; none of a space."""
    commands: list[tuple[str, tuple[float, ...]]] = []
    _font(font).draw_glyph(gid, _pen(), commands)
    return tuple(commands)


@cache
def width(font: str, gid: int) -> float:
    """Return how far a glyph moves on where nothing pulls it nearer, in 1/1000 em."""
    return float(_font(font).get_glyph_h_advance(gid))


def subset(font: str, gids: Iterable[int]) -> bytes:
    """Return a TrueType font of only these glyphs, each under the number it has in the whole font."""
    import uharfbuzz

    wanted = uharfbuzz.SubsetInput()
    wanted.glyph_set.update(set(gids))
    flags = uharfbuzz.SubsetFlags
    wanted.flags = flags.RETAIN_GIDS | flags.NO_HINTING | flags.NOTDEF_OUTLINE | flags.NO_LAYOUT_CLOSURE
    wanted.drop_table_tag_set.update(int.from_bytes(tag) for tag in (b"GSUB", b"GPOS", b"GDEF", b"name", b"post"))
    return bytes(uharfbuzz.subset(_font(font).face, wanted).blob.data)


def _pieces(text: str, style: str, leftwards: bool) -> Iterator[tuple[str, str, int]]:
    """Cut a text where its font or its direction changes: font, part, level (odd: read from the right)."""
    text, levels = _levels(text, int(leftwards))
    fonts = _fonts(text, STYLES[style])
    for (font, level), group in groupby(range(len(text)), lambda at: (fonts[at], levels[at])):
        yield font, "".join(text[at] for at in group), level


def _fonts(text: str, candidates: tuple[str, ...]) -> list[str]:
    """Choose each character's font: the first that has it; marks and spaces stay with what they follow."""
    chosen: list[str] = []
    for c in text:
        able = _able(c, candidates)
        stays = chosen and chosen[-1] in able and (unicodedata.combining(c) or not c.isalnum())
        chosen.append(chosen[-1] if stays else (able or candidates)[0])
    return chosen


@lru_cache(maxsize=4096)
def _able(c: str, candidates: tuple[str, ...]) -> list[str]:
    return [font for font in candidates if _font(font).get_nominal_glyph(ord(c))]


def _levels(text: str, base: int) -> tuple[str, list[int]]:
    """Return a text without its marks of isolation, and the embedding level of each character.

    What is isolated counts as one neutral character for the rest, and has levels of its own on top of that one's.
    """
    # A line may begin, or end, within what is isolated.
    text = _OPEN * (text.count(_CLOSE) - text.count(_OPEN)) + text + _CLOSE * (text.count(_OPEN) - text.count(_CLOSE))
    if not base and not turns(text):
        kept = bare(text)
        return kept, [0] * len(kept)
    around = iter(_resolved(_ISOLATE.sub("\N{OBJECT REPLACEMENT CHARACTER}", text), base))
    kept, levels = "", list[int]()
    for number, part in enumerate(_ISOLATE.split(text)):
        if number % 2:
            level, inner = next(around), int(right_to_left(part))
            lift = level - inner + (level + inner) % 2
            levels += [lift + deep for deep in _resolved(part, inner)]
        else:
            levels += [next(around) for _ in part]
        kept += part
    return kept, levels


def _resolved(text: str, base: int) -> list[int]:
    """Return the embedding level of each character by Unicode's bidirectional algorithm."""
    from bidi import algorithm

    storage = algorithm.get_empty_storage()
    storage |= {"base_level": base, "base_dir": "LR"[base]}
    algorithm.get_embedding_levels(text, storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    _turn_brackets(text, storage["chars"], "LR"[base])
    algorithm.resolve_neutral_types(storage, debug=False)
    algorithm.resolve_implicit_levels(storage, debug=False)
    return [c["level"] for c in storage["chars"]]


def _turn_brackets(text: str, chars: list[dict[str, Any]], base: str) -> None:
    """Let a pair of brackets go with what it holds, or with what stands before it: the rule N0, not in python-bidi."""
    for start, end in _brackets(text):
        strong = [_STRONG.get(c["type"]) for c in chars]
        held = {*strong[start + 1 : end]} - {None}
        if held:
            before = next(filter(None, reversed(strong[:start])), base)
            chars[start]["type"] = chars[end]["type"] = base if base in held else before


def _brackets(text: str) -> list[tuple[int, int]]:
    """Return where brackets that belong together stand, the pair that opens first before the others."""
    from bidi.mirror import MIRRORED

    pairs, waiting = list[tuple[int, int]](), list[tuple[str, int]]()
    for at, c in enumerate(text):
        kind = unicodedata.category(c) if c in MIRRORED else ""
        if kind == "Ps":
            waiting.append((MIRRORED[c], at))
        elif kind == "Pe" and (depth := next((no for no, (end, _) in enumerate(waiting[::-1]) if end == c), -1)) >= 0:
            pairs.append((waiting[~depth][1], at))
            del waiting[~depth:]
    return sorted(pairs)


def _in_view(pieces: Iterable[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """Put pieces from left to right: from the highest level down, every stretch of that level or more is turned."""
    order = list(pieces)
    for level in range(max((piece[2] for piece in order), default=0), 0, -1):
        groups = [list(group) for _, group in groupby(order, partial(_deep, level))]
        order = [piece for group in groups for piece in (reversed(group) if _deep(level, group[0]) else group)]
    return order


def _deep(level: int, piece: tuple[str, str, int]) -> bool:
    return piece[2] >= level


def _run(font: str, text: str, level: int) -> Run:
    import uharfbuzz

    buffer = uharfbuzz.Buffer()
    loaded = _font(font)
    buffer.add_str("".join(c if loaded.get_nominal_glyph(ord(c)) else _ALIKE.get(c, HIDDEN) for c in text))
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if level % 2 else "ltr"
    uharfbuzz.shape(loaded, buffer)
    starts = sorted({info.cluster for info in buffer.glyph_infos})
    stands = {at: text[at:end] for at, end in zip(starts, [*starts[1:], len(text)], strict=True)}
    return Run(
        font,
        text,
        tuple(
            Glyph(info.codepoint, place.x_advance, place.x_offset, place.y_offset, stands.pop(info.cluster, ""))
            for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        ),
    )


@cache
def _extent(font: str, gid: int) -> tuple[float, float, float, float]:
    box = _font(font).get_glyph_extents(gid)
    return box.x_bearing, box.y_bearing + box.height, box.x_bearing + box.width, box.y_bearing


@cache
def _font(name: str) -> Any:
    import uharfbuzz

    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(assets() / "fonts" / f"{name}.ttf")))
    font = uharfbuzz.Font(face)
    font.scale = (EM, EM)
    return font


@cache
def _pen() -> Any:
    """Return functions that take a glyph's curves down as commands, quadratic ones turned into cubic ones."""
    import uharfbuzz

    pen = uharfbuzz.DrawFuncs()
    pen.set_move_to_func(lambda x, y, to: to.append(("M", (x, y))))
    pen.set_line_to_func(lambda x, y, to: to.append(("L", (x, y))))
    pen.set_cubic_to_func(lambda x1, y1, x2, y2, x, y, to: to.append(("C", (x1, y1, x2, y2, x, y))))
    pen.set_quadratic_to_func(lambda x1, y1, x, y, to: to.append(("C", _cubic(to[-1][1][-2:], (x1, y1), (x, y)))))
    pen.set_close_path_func(lambda to: to.append(("Z", ())))
    return pen


def _cubic(start: tuple[float, float], bend: tuple[float, float], end: tuple[float, float]) -> tuple[float, ...]:
    first = tuple(start[axis] + (bend[axis] - start[axis]) * 2 / 3 for axis in (0, 1))
    second = tuple(end[axis] + (bend[axis] - end[axis]) * 2 / 3 for axis in (0, 1))
    return (*first, *second, *end)
