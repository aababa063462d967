"""Plain text on a strip of fixed width: what fits, what is cut, what stands left and right."""

from __future__ import annotations

import unicodedata

LEAST = 24
"""The fewest columns that everything can be laid out in."""
ELLIPSIS = "…"
HIDDEN = "\N{REPLACEMENT CHARACTER}"
# Marks of direction and of joining: they show nothing, and dates and amounts of an Arabic or Hebrew locale come with
# them, as Persian and Indian names do.
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u061c\ufeff"))


def clean(text: str) -> str:
    """Make a person's or a file's text harmless on paper: one line, and nothing that steers a device."""
    flat = " ".join(text.translate(_UNSEEN).split())
    return "".join(c if c.isprintable() else HIDDEN for c in flat)


def cells(text: str) -> int:
    """Count the columns that cleaned text takes: two for a wide character, none for a combining one."""
    return sum(_cell(c) for c in text)


def cut(text: str, width: int) -> str:
    """Return `text` if it takes `width` columns or fewer, else its beginning and an ellipsis."""
    if cells(text) <= width:
        return text
    kept, used = "", 1
    for c in text:
        used += _cell(c)
        if used > width:
            break
        kept += c
    return kept.rstrip() + ELLIPSIS


def pair(left: str, right: str, width: int) -> str:
    """Set `left` and `right` at the two edges; `left` gives way, the figure on the right never does."""
    left = cut(left, max(1, width - cells(right) - 1))
    return left + " " * max(1, width - cells(left) - cells(right)) + right


def centred(text: str, width: int) -> str:
    """Set `text` in the middle, without trailing space."""
    text = cut(text, width)
    return " " * ((width - cells(text)) // 2) + text


def wrapped(text: str, width: int, most: int = 2) -> list[str]:
    """Break `text` at spaces into at most `most` lines; what is left over is cut.

    Every line but the first is indented: no name can pass for a line of its own, such as a total.
    """
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cells(longer) > width and lines[-1] and len(lines) < most:
            lines.append(f"  {word}")
        else:
            lines[-1] = longer
    return [cut(line, width) for line in lines]


def _cell(c: str) -> int:
    if unicodedata.combining(c):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1
