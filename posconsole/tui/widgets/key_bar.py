"""One line with the keys that act now: as many as fit, and a sign that there are more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from posconsole.tui.keys import MORE

if TYPE_CHECKING:
    from collections.abc import Sequence


class KeyBar(Widget):
    """Keys with a word each, the likeliest first. F12 turns to those that did not fit."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._keys: tuple[tuple[str, str], ...] = ()
        self._page = 0

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show these (key, word) pairs; paints only when they differ."""
        if tuple(keys) != self._keys:
            self._keys, self._page = tuple(keys), 0
            self.refresh()

    def turn(self) -> None:
        """Go on to the keys that did not fit; from the last ones back to the first."""
        self._page += 1
        self.refresh()

    def pages(self, width: int) -> list[list[tuple[str, str]]]:
        """Return the keys as they fit into `width` cells, page by page."""
        room = width - 2
        if sum(self._width(key) for key in self._keys) <= room + 2:
            return [list(self._keys)]
        pages: list[list[tuple[str, str]]] = [[]]
        used = 0
        for key in self._keys:
            if pages[-1] and used + self._width(key) > room - len(_more()):
                pages.append([])
                used = 0
            pages[-1].append(key)
            used += self._width(key)
        return pages

    @staticmethod
    def _width(key: tuple[str, str]) -> int:
        return cell_len(key[0]) + 1 + cell_len(key[1]) + 2

    def render(self) -> Content:
        """Draw the line."""
        pages = self.pages(self.size.width)
        shown = pages[self._page % len(pages)]
        parts: list[str | tuple[str, str]] = [" "]
        for key, word in shown:
            parts += [(key, "bold $here"), (f" {word}  ", "$ink")]
        bar = Content.assemble(*parts)
        if len(pages) > 1:
            gap = self.size.width - bar.cell_length - len(_more()) - 1
            bar = Content.assemble(bar, " " * gap, (_more(), "bold $here"), " ")
        return bar


def _more() -> str:
    return f"{MORE} ›"
