"""Amounts with what they are beside them, the figures in one column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from posconsole.tui.safe import line, right
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posconsole.engine.views import ShopView

Part = tuple[int, str]
"""An amount in minor units and what it is."""


def columns(parts: Sequence[Part], shop: ShopView, style: str = "$ink") -> Content:
    """Set amounts under each other, right-aligned, each followed by what it is."""
    figures = [money(amount, shop) for amount, _ in parts]
    width = max(map(cell_len, figures), default=0)
    rows = [
        Content.assemble((right(figure, width), f"bold {style}"), (f"  {line(what)}", style))
        for figure, (_, what) in zip(figures, parts, strict=True)
    ]
    return Content("\n").join(rows)
