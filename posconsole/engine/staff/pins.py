"""PINs: how they are kept so that a stolen database doesn't tell them.

Argon2id over a PIN that was first mixed with a pepper. The pepper comes from the shop's key, which lies outside
the database: without it not even the 10,000 PINs of four digits can be tried. Whom a PIN belongs to is mixed in
as well, so that a hash copied to another's row opens nothing.

A hash takes about a tenth of a second: never inside a transaction.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import cache
from typing import TYPE_CHECKING

from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MOST = 12


@cache
def hasher() -> PasswordHasher:
    """Return argon2id with its own defaults; loaded with the first PIN, as most sales need none."""
    from argon2 import PasswordHasher

    return PasswordHasher()


def checked(pin: object, least: int = 4, field: str = "pin") -> str:
    """Check that a PIN is `least` to 12 digits. The refusal never repeats it."""
    if not (isinstance(pin, str) and pin.isascii() and pin.isdigit() and least <= len(pin) <= MOST):
        raise InvalidInput(f"A PIN here is {least} to {MOST} digits", field=field)
    return pin


def hashed(pin: str, key: bytes, owner: str) -> str:
    """Return what is kept of the PIN of `owner`, the id of an operator or a voucher."""
    return hasher().hash(_peppered(pin, key, owner))


def fits(pin: str, kept: str, key: bytes, owner: str) -> bool:
    """Say whether a PIN is the one of which this was kept. Takes as long when it isn't."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return hasher().verify(kept, _peppered(pin, key, owner))
    except (VerificationError, InvalidHashError):
        return False


def _peppered(pin: str, key: bytes, owner: str) -> bytes:
    pepper = hmac.digest(key, b"posconsole pin pepper", hashlib.sha256)
    return hmac.digest(pepper, f"{owner}:{pin}".encode(), hashlib.sha256)
