"""A QR code in half blocks: dark on light in every theme: a phone reads it off the screen, also over SSH."""

from __future__ import annotations

from functools import lru_cache

from textual.content import Content
from textual.widget import Widget

from posconsole.printing.blocks import half_blocks
from posconsole.printing.symbols import QR, symbol

TIGHT = 1
"""Light modules around the code that phones make do with where there is no room for more."""


class QrCode(Widget):
    """The code of one text; its size is the text's, two rows of modules to a line."""

    DEFAULT_CSS = "QrCode { width: auto; height: auto; color: #000000; background: #ffffff; }"

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._text = text
        self._room = 0

    def show(self, text: str, room: int = 0) -> None:
        """Show another text; in `room` lines, where they are too few for the whole quiet zone."""
        if (text, room) != (self._text, self._room):
            self._text, self._room = text, room
            self.refresh(layout=True)

    def render(self) -> Content:
        """Draw the code."""
        lines = blocks_of(self._text)
        if 0 < self._room < len(lines):
            lines = blocks_of(self._text, TIGHT)
        return Content("\n".join(lines))


@lru_cache(maxsize=16)
def blocks_of(text: str, quiet: int | None = None) -> tuple[str, ...]:
    """Return the lines of a text's code, with its quiet zone or so many light modules around; none of an empty text."""
    # A screen is neither torn nor dirty: the least correction makes the largest modules.
    return half_blocks(symbol(QR, text, "L"), quiet) if text else ()
