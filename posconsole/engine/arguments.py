"""Reading a caller's arguments: what can't be used is refused before anything is written, with its field's name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
LONGEST = 500
"""Characters of a text that is kept: a name, a reason, a key."""
LARGEST = 2**31 - 1
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


def text(value: object, field: str) -> str:
    """Check that `value` is a text which every database can keep: no lone surrogates, no NUL."""
    if not isinstance(value, str):
        raise InvalidInput(f"{field} has to be a text", field=field)
    if len(value) > LONGEST:
        raise InvalidInput(f"{field} is longer than {LONGEST} characters", field=field)
    if _UNWRITABLE.search(value):
        raise InvalidInput(f"{field} holds characters that can't be written", field=field)
    return value


def optional(value: object, field: str) -> str | None:
    """Check a text that may be missing; one without a visible character is missing too."""
    return None if value is None else text(value, field).strip() or None


def each(values: Iterable[object], field: str, read: Callable[[Any], T]) -> tuple[T, ...]:
    """Check a list, each of its values as `read` does."""
    try:
        listed = list(values)
    except TypeError:
        raise InvalidInput(f"{field} has to be a list", field=field) from None
    return tuple(map(read, listed))


def texts(values: Iterable[object], field: str) -> tuple[str, ...]:
    """Check a list of texts. A text alone is none: it would count as its letters."""
    if isinstance(values, (str, bytes)):
        raise InvalidInput(f"{field} has to be a list of texts", field=field)
    return each(values, field, lambda value: text(value, field))


def flag(value: object, field: str) -> bool:
    """Check that `value` is True or False and not something that counts as one of them."""
    if not isinstance(value, bool):
        raise InvalidInput(f"{field} has to be True or False", field=field)
    return value


def whole(value: object, field: str, least: int = 0, most: int = LARGEST) -> int:
    """Check that `value` is a whole number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidInput(f"{field} has to be a whole number from {least} to {most}", field=field)
    return value
