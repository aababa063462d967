"""Time: epoch seconds in UTC, read once per commit from a clock that is handed in."""

from __future__ import annotations

import os
import time
from calendar import monthrange
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

# What has a date in every time zone: the first days of the year 1 to the last of the year 9999.
_FIRST, _LAST = -62_135_424_000, 253_402_214_400


class Clock(Protocol):
    """Anything that tells the time in epoch seconds."""

    def now(self) -> int:
        """Return the present moment in epoch seconds, UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return the present moment in epoch seconds, UTC."""
        return int(time.time())


class FixedClock:
    """A clock that stands still until it is set: for tests, pictures and the furnished shop."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> int:
        """Return the moment it was set to."""
        return self.at


def zone(name: str) -> ZoneInfo:
    """Return the time zone with this IANA name, or raise `InvalidInput`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidInput(f"{name!r} is not a time zone: a name like Europe/Berlin", field="timezone") from None


def moment(value: object, timezone_name: str, field: str, *, end: bool = False) -> int | None:
    """Read a point in time as epoch seconds: ISO text, `datetime`, `date` or an integer; None stays None.

    A date without a time means the whole day in the shop's zone: its first second, or with `end` its last.
    A time without a zone is in the shop's zone. Raises `InvalidInput` with `field`.
    """
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        if not _FIRST <= value <= _LAST:
            raise InvalidInput("A point in time is in seconds since 1970, not in milliseconds", field=field)
        return value
    if isinstance(value, str):
        value = _read(value, field)
    if not isinstance(value, date):
        raise InvalidInput(f"{value!r} is not a point in time", field=field)
    try:
        return max(_FIRST, min(_seconds(value, zone(timezone_name), end=end), _LAST))
    except OverflowError:
        raise InvalidInput(f"{value} is too far off", field=field) from None


def _seconds(value: date, here: ZoneInfo, *, end: bool) -> int:
    if isinstance(value, datetime):
        return int((value if value.tzinfo else value.replace(tzinfo=here)).timestamp())
    # As wall time: the day on which the clocks change has 23 or 25 hours, and may have its last second twice.
    last = datetime(value.year, value.month, value.day, 23, 59, 59, tzinfo=here, fold=1)
    return int(last.timestamp()) if end else int(last.replace(hour=0, minute=0, second=0, fold=0).timestamp())


def _read(text: str, field: str) -> date | datetime:
    try:
        with suppress(ValueError):
            return date.fromisoformat(text.strip())
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(
            f"{text[:40]!r} is not a date like 2026-06-30 or 2026-06-30T23:59:59Z", field=field
        ) from None


def months_later(at: int, months: int) -> int:
    """Return the moment so many calendar months later, UTC; the end of a shorter month stands for what it lacks."""
    start = datetime.fromtimestamp(at, tz=UTC)
    years, month = divmod(start.month - 1 + months, 12)
    last = monthrange(start.year + years, month + 1)[1]
    return int(start.replace(year=start.year + years, month=month + 1, day=min(start.day, last)).timestamp())


def local(at: int, timezone_name: str) -> datetime:
    """Return a point in time on the shop's wall clock."""
    return datetime.fromtimestamp(at, tz=UTC).astimezone(zone(timezone_name))


def machine_timezone(environ: Mapping[str, str] | None = None) -> str:
    """Return the IANA name of the zone that this machine's clock shows, or UTC when it can't be told."""
    named = (os.environ if environ is None else environ).get("TZ", "").lstrip(":")
    _, _, linked = os.path.realpath("/etc/localtime").partition("zoneinfo/")
    for name in filter(None, (named, linked)):
        with suppress(KeyError, ValueError, OSError):
            return ZoneInfo(name).key
    return "UTC"
