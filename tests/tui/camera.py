"""A phone's camera before the screen: decodes what the cells show, not what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import zxingcpp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.screen import Screen

SCALE = 3
"""Pixels to a module."""


def decoded(screen: Screen[object]) -> list[str]:
    """Return the texts of the codes that a camera finds in a picture of the screen, cell for cell in its colours."""
    lines = [_pixels(strip) for strip in screen._compositor.render_strips()]
    rows = [bytes(half for half in row for _ in range(SCALE)) for line in lines for row in line for _ in range(SCALE)]
    flat = memoryview(b"".join(rows)).cast("B", shape=[len(rows), len(rows[0])])
    return [found.text for found in zxingcpp.read_barcodes(flat)]


def _pixels(strip: Iterable[tuple[str, object, object]]) -> tuple[list[int], list[int]]:
    upper, lower = [], []
    for text, style, _ in strip:
        ink, paper = _light(getattr(style, "color", None), 255), _light(getattr(style, "bgcolor", None), 0)
        for sign in text:
            upper.append(ink if sign in "▀█" else paper)
            lower.append(ink if sign in "▄█" else paper)
    return upper, lower


def _light(color: object, default: int) -> int:
    triplet = getattr(color, "triplet", None)
    return default if triplet is None else sum(triplet) // 3
