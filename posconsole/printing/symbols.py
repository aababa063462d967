"""The symbols that scanners read: QR codes, Code 128 and EAN-13, as dark and light modules."""

from __future__ import annotations

import math
from dataclasses import dataclass

from posconsole.errors import InvalidInput
from posconsole.printing.masks import masked

QR, CODE128, EAN13 = "qr", "code128", "ean13"
NAMES = {QR: "QR code", CODE128: "Code 128", EAN13: "EAN-13"}
QUIET = {QR: 4, CODE128: 10, EAN13: 11}
"""Modules that stay light on each side; an EAN-13 needs 7 of its 11 on the right only."""
LEAST = {QR: 0.35, CODE128: 0.3, EAN13: 0.264}
"""The narrowest modules, in millimetres, that a scanner at a till reads off paper."""
ROLL = 30.0
"""The most millimetres that a QR code takes on a strip."""
CORRECTIONS = ("M", "L", "H", "Q")
"""The error corrections of a QR code, in the order of the two bits that name them in the symbol."""
INCH = 25.4
_ABLER = {EAN13: CODE128, CODE128: QR}
_OWN = "2"
"""How the EAN-13 that a shop may give out itself begin: 20 to 29."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """The modules of one text: a byte to each, 1 for a dark one. A bar code has one row."""

    kind: str
    text: str
    """Exactly what a scanner reads."""
    rows: tuple[bytes, ...]
    quiet: int
    """How many light modules have to stand on each side."""

    @property
    def across(self) -> int:
        """Return the width in modules, quiet zones and all."""
        return len(self.rows[0]) + 2 * self.quiet


def symbol(kind: str, text: str, correction: str = "M") -> Symbol:
    """Return the symbol of a text: a `qr` with error correction L, M, Q or H, a `code128` or an `ean13`.

    Code 128 takes printable ASCII; EAN-13 takes 13 digits with a right check digit, of the range that shops number
    their own goods in: all others are some manufacturer's. Raises `InvalidInput`.
    """
    if not text:
        raise InvalidInput("A symbol needs a text.", field="symbol")
    if kind == QR:
        read, rows = _qr(text, correction)
    elif kind == CODE128:
        read, rows = _code128(text)
    elif kind == EAN13:
        read, rows = _ean13(text)
    else:
        raise InvalidInput(f"{kind[:20]!r} is no symbol: qr, code128 or ean13", field="symbol")
    return Symbol(kind, read, rows, QUIET[kind])


def fitted(symbol: Symbol, room: float, dpi: int = 203, least: float | None = None) -> float:
    """Return the module's width in millimetres: the most whole dots of a printer with which a symbol fits `room` mm.

    Its quiet zones are counted in. Modules narrower than `least` (that of `LEAST`) stop scanning: instead of squeezing
    it raises `InvalidInput` with the code `symbol_too_wide`, and names the width that would do.
    """
    least = LEAST[symbol.kind] if least is None else least
    dot = INCH / dpi
    # The millionth forgives what dividing by 25.4 loses, no more.
    dots = math.floor(room / symbol.across / dot + 1e-6)
    fewest = max(1, math.ceil(least / dot - 1e-6))
    if dots < fewest:
        needed = math.ceil(symbol.across * fewest * dot * 10) / 10
        raise InvalidInput(
            f"This {NAMES[symbol.kind]} needs {needed:.1f} mm at {dpi} dpi, and there are {room:.1f} mm: "
            "take a wider paper, a shorter code or a QR code.",
            code="symbol_too_wide",
            field="symbol",
        )
    return dots * dot


def sized(kind: str, text: str, room: float, correction: str = "M", dpi: int = 203) -> tuple[Symbol, float]:
    """Return a symbol on a strip that is `room` mm wide, and its module's width in mm.

    Where an EAN-13 can't say the text a Code 128 does, and where a bar code can't, or finds no room, a QR code.
    """
    try:
        made = symbol(kind, text, correction)
        return made, fitted(made, min(room, ROLL) if kind == QR else room, dpi)
    except InvalidInput:
        if kind == QR:
            raise
        return sized(_ABLER[kind], text, room, correction, dpi)


def _qr(text: str, correction: str) -> tuple[str, tuple[bytes, ...]]:
    if correction not in CORRECTIONS:
        raise InvalidInput(f"{correction[:20]!r} is no error correction: L, M, Q or H", field="correction")
    return text, masked(text, CORRECTIONS.index(correction))


def _code128(text: str) -> tuple[str, tuple[bytes, ...]]:
    from barcode.codex import Code128

    if not (text.isascii() and text.isprintable()):
        raise InvalidInput("Code 128 holds letters, digits and signs of ASCII only: take a QR code", field="symbol")
    return text, _bars(Code128(text).build())


def _ean13(text: str) -> tuple[str, tuple[bytes, ...]]:
    from barcode.ean import EuropeanArticleNumber13

    if not (text.isascii() and text.isdigit() and len(text) == EuropeanArticleNumber13.digits + 1):
        raise InvalidInput("An EAN-13 is 13 digits.", field="symbol")
    if not text.startswith(_OWN):
        raise InvalidInput("A shop's own EAN-13 begins with 20 to 29: others are manufacturers'.", field="symbol")
    made = EuropeanArticleNumber13(text)
    if made.ean != text:
        raise InvalidInput(f"The check digit of this EAN-13 should be {made.ean[-1]}.", field="symbol")
    return text, _bars(made.build())


def _bars(built: list[str]) -> tuple[bytes, ...]:
    return tuple(bytes(map(int, line)) for line in built)
