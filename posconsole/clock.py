"""Time: epoch seconds in UTC, read once per commit from a clock that is handed in."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from posconsole.errors import InvalidInput


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
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, str):
        value = _read(value, field)
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=zone(timezone_name))
        return int(aware.timestamp())
    if isinstance(value, date):
        start = datetime(value.year, value.month, value.day, tzinfo=zone(timezone_name))
        # Added as wall time: the day on which the clocks change has 23 or 25 hours.
        return int((start + timedelta(days=1)).timestamp()) - 1 if end else int(start.timestamp())
    raise InvalidInput(f"{value!r} is not a point in time", field=field)


def _read(text: str, field: str) -> date | datetime:
    try:
        if len(text.strip()) == 10:
            return date.fromisoformat(text.strip())
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(
            f"{text[:40]!r} is not a date like 2026-06-30 or 2026-06-30T23:59:59Z", field=field
        ) from None


def local(at: int, timezone_name: str) -> datetime:
    """Return a point in time on the shop's wall clock."""
    return datetime.fromtimestamp(at, tz=UTC).astimezone(zone(timezone_name))
