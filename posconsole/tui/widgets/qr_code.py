"""A QR code in half blocks: dark on light in every theme: a phone reads it off the screen, also over SSH."""

from __future__ import annotations

from functools import lru_cache

from textual.content import Content
from textual.widget import Widget

QUIET, TIGHT = 4, 1
"""Light modules around the code: what its standard asks for, and what phones make do with where there is no room."""
BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


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
        lines = half_blocks(self._text)
        if 0 < self._room < len(lines):
            lines = half_blocks(self._text, TIGHT)
        return Content("\n".join(lines))


@lru_cache(maxsize=16)
def half_blocks(text: str, quiet: int = QUIET) -> tuple[str, ...]:
    """Return the lines of a text's code, with so many light modules around; none of an empty text."""
    if not text:
        return ()
    from qrcode.constants import ERROR_CORRECT_L
    from qrcode.main import QRCode

    # A screen is neither torn nor dirty: the least correction makes the largest modules.
    code = QRCode(error_correction=ERROR_CORRECT_L, border=quiet)
    code.add_data(text)
    rows = [[bool(module) for module in row] for row in code.get_matrix()]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    return tuple(
        "".join(BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )
