"""Codes that stand for value: how they are minted, forgiven, checked and hidden.

A minted code is a prefix and twelve symbols in groups of four, `GIFT-7K2P-9QXM-4TRB`: eleven random symbols
(55 bits) and a check symbol. The check is a weighted sum over GF(32): every symbol is multiplied by its own
power of a primitive element, and the whole has to come to zero. All weights differ from zero and neighbouring
ones from each other, so a single wrong symbol and a swap of neighbours always show. The prefix takes part.
"""

from __future__ import annotations

import re
import secrets
import time
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

# Crockford's base 32: no I, L, O, U. 256 is a multiple of 32, so a byte's low five bits are unbiased.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BODY = 12
_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_SYMBOLS = bytes.maketrans(bytes(range(256)), (ALPHABET * 8).encode())
_PAIRS = [high + low for high in ALPHABET.lower() for low in ALPHABET.lower()]
_PLACES = range(90, -1, -10)
_RANDOM = 55
_counting, _last = Lock(), 0
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\u2010": None, "\u2013": None})
_PREFIX = re.compile("[A-Z][A-Z0-9]{1,11}", re.ASCII)


def _double(x: int) -> int:
    """Multiply by the primitive element of GF(32), modulo x⁵ + x² + 1."""
    x <<= 1
    return x ^ 0b100101 if x & 0b100000 else x


def fold(text: str) -> str:
    """Return what two writings of one code have in common: case, spaces, dashes, O/0 and I/L/1 don't count."""
    return text.upper().translate(_FORGIVEN)


def _weigh(key: str) -> int:
    """Sum the symbols of a folded code by Horner's rule; U, which no body holds, counts as V in a prefix."""
    total = 0
    for symbol in key:
        total = _double(total) ^ _VALUE.get(symbol, _VALUE["V"])
    return total


# What a symbol in the last place has to be for the sum to vanish is the doubled sum of those before it.
def _check_symbol(key: str) -> str:
    return ALPHABET[_double(_weigh(key))]


def checks(text: str) -> bool:
    """Say whether a minted code's check symbol is right. Needs no database."""
    key = fold(text)
    return len(key) > BODY and set(key[-BODY:]) <= _VALUE.keys() and not _weigh(key)


def prefix_of(prefix: str) -> str:
    """Return a prefix as it is printed, or raise `InvalidInput`: a letter, then letters and digits, 2 to 12."""
    prefix = prefix.strip().upper()
    if not _PREFIX.fullmatch(prefix):
        raise InvalidInput(f"{prefix[:12]!r} can't start a code: 2 to 12 letters and digits", field="prefix")
    return prefix


def mint(prefix: str = "GIFT") -> str:
    """Return a new code with 55 random bits after `prefix` and a check symbol at its end."""
    return seal(prefix, secrets.token_bytes(BODY - 1).translate(_SYMBOLS).decode())


def seal(prefix: str, body: str) -> str:
    """Put the check symbol behind eleven given symbols and write the whole in groups of four."""
    prefix = prefix_of(prefix)
    body += _check_symbol(fold(prefix) + body)
    return f"{prefix}-{body[:4]}-{body[4:8]}-{body[8:]}"


def mint_many(prefix: str, count: int) -> dict[str, str]:
    """Return so many new codes, all different, each under its folded form: what `mint` makes, in a tenth of the time.

    They are made by columns, all first symbols, all second symbols …, in operations over the whole.
    """
    prefix, codes = prefix_of(prefix), dict[str, str]()
    key = fold(prefix)
    while missing := count - len(codes):
        random = secrets.token_bytes((BODY - 1) * missing)
        body = [random[place :: BODY - 1] for place in range(BODY - 1)]
        symbols = [column.translate(_SYMBOLS) for column in [*body, _check_column(key, body)]]
        dash = b"-" * missing
        written = [bytes([letter]) * missing for letter in prefix.encode()]
        folded = [bytes([letter]) * missing for letter in key.encode()]
        codes |= zip(
            _woven([*folded, *symbols]),
            _woven([*written, dash, *symbols[:4], dash, *symbols[4:8], dash, *symbols[8:]]),
            strict=True,
        )
    return codes


def _check_column(key: str, body: list[bytes]) -> bytes:
    """Return the value of the check symbol for each row of a body's columns under one folded prefix."""
    rows = len(body[0])
    before, *tables = _weighed()
    total = int.from_bytes(bytes([before[_weigh(key)]]) * rows)
    for column, table in zip(body, tables, strict=True):
        total ^= int.from_bytes(column.translate(table))
    return total.to_bytes(rows)


@cache
def _weighed() -> list[bytes]:
    """Return what each byte's value adds to the check symbol: in the prefix's sum, then in each place of the body."""
    tables = [bytes(_double(byte % 32) for byte in range(256))]
    for _ in range(BODY - 1):
        tables.append(bytes(_double(value) for value in tables[-1]))
    return tables[::-1]


def _woven(columns: list[bytes]) -> list[str]:
    """Return the rows of a table that is given by its columns, a byte to each."""
    width, rows = len(columns), len(columns[0])
    table = bytearray(width * rows)
    for place, column in enumerate(columns):
        table[place::width] = column
    text = table.decode()
    return [text[at : at + width] for at in range(0, len(text), width)]


def series_of(text: str, series: Iterable[str]) -> str | None:
    """Return the one of the folded prefixes in `series` whose minted codes are as long as `text` and begin so."""
    key = fold(text)
    return next((prefix for prefix in series if len(key) == len(prefix) + BODY and key.startswith(prefix)), None)


def mask(code: str) -> str:
    """Show the last four symbols of a code and hide the rest: `…-4TRB`."""
    return f"…-{fold(code)[-4:]}"


def repeated(text: str) -> str:
    """Return what a refusal repeats of a text: 40 characters at most, and of a minted code no more than its end."""
    return mask(text) if checks(text) else text[:40]


def identifier(prefix: str) -> str:
    """Return a new identifier: `pay_` and twenty lower-case symbols, the later made the greater.

    The first nine tell the millisecond, the others are random: two programs' differ, and one program's are counted up
    within a millisecond, so that lists have an order and indexes grow at their end.
    """
    global _last
    with _counting:
        _last = max(time.time_ns() // 1_000_000 << _RANDOM | secrets.randbits(_RANDOM - 1), _last + 1)
        number = _last
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _PLACES])}"
