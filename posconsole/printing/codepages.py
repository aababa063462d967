"""Which code pages of a printer say a text: it knows 128 characters at a time, beside those of ASCII."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PREFERRED = (
    *("CP858", "CP1252", "CP850", "CP437", "CP852", "CP1250", "CP866", "CP1251", "CP737", "CP1253"),
    *("CP857", "CP1254", "CP775", "CP1257", "CP865", "CP863", "CP860"),
)
"""Pages that printers agree on, likeliest first: the first two have the euro sign and the accents of the west."""
PLAIN = str.maketrans("\N{MINUS SIGN}\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}", "-   ")
"""Characters that no page has, and those that say the same."""
# Letters that are read from the right or joined: a printer would set them apart, and from the left.
_DRAWN = {"R", "AL", "AN"}


class Encoder(Protocol):
    """What python-escpos knows of code pages."""

    def can_encode(self, encoding: str, char: str) -> bool:
        """Say whether a page has a character."""


def plain(text: str) -> str:
    """Return a text in the characters that printers are likeliest to have; it takes as many columns as before."""
    return unicodedata.normalize("NFC", text).translate(PLAIN)


def spoken(text: str, pages: Sequence[str], encoder: Encoder) -> list[tuple[str, str]] | None:
    """Cut a plain text into parts with the page that has each; None when no page has it, and it is to be drawn.

    One page for all of it is best. The page of a text in ASCII is empty: every page has that.
    """
    if any(unicodedata.bidirectional(c) in _DRAWN or unicodedata.combining(c) for c in text):
        return None
    if text.isascii():
        return [("", text)]
    for page in pages:
        if all(encoder.can_encode(page, c) for c in text):
            return [(page, text)]
    parts = list(_parts(text, pages, encoder))
    return None if any(not part for _, part in parts) else parts


def _parts(text: str, pages: Sequence[str], encoder: Encoder) -> Iterator[tuple[str, str]]:
    """Cut the longest beginning off that some page has, again and again; an empty one means that none has the next."""
    while text:
        lengths = {page: _reach(text, page, encoder) for page in pages}
        page = max(lengths, key=lambda one: lengths[one])
        yield page, text[: lengths[page]]
        if not lengths[page]:
            return
        text = text[lengths[page] :]


def _reach(text: str, page: str, encoder: Encoder) -> int:
    return next((at for at, c in enumerate(text) if not encoder.can_encode(page, c)), len(text))
