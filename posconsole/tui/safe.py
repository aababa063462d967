"""The one gate for text from people, files and the database on its way to the screen."""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# C0 but newline, DEL and C1 drive the terminal; bidi controls reorder what is read; a lone surrogate can't be
# written at all; the two separators break a line where a row has to stay one.
_UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def safe(text: object) -> str:
    """Return the text with everything that could drive or deceive a terminal made visible as `\ufffd`."""
    return _UNSAFE.sub(REPLACEMENT, str(text))


def line(text: object) -> str:
    """Return safe text on one line."""
    return safe(text).replace("\n", " ")


def fit(text: object, width: int) -> str:
    """Return safe text on one line of exactly `width` cells: cut with an ellipsis, or padded on the right."""
    shown = line(text)
    if cell_len(shown) > width:
        return set_cell_size(shown, width - 1) + "…" if width > 0 else ""
    return set_cell_size(shown, width)


def right(text: object, width: int) -> str:
    """Return safe text on one line of exactly `width` cells, at the right end."""
    shown = line(text)
    missing = width - cell_len(shown)
    return " " * missing + shown if missing >= 0 else fit(shown, width)
