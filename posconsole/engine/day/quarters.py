"""Days and hours in the shop's time zone, from sums by the quarter of an hour: with one begin the days of every zone.

A database knows neither the shop's zone nor when its clocks change; and a day has few quarters, however many sales.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, literal_column

from posconsole.clock import local

if TYPE_CHECKING:
    from datetime import datetime

SECONDS = 900


def quarter_of(column: Any) -> Any:
    """Return the number of the quarter of an hour in which a time lies."""
    return (column // literal_column(str(SECONDS), BigInteger)).label("quarter")


def begin(quarter: int, zone: str) -> datetime:
    """Return when a quarter of an hour begins on the shop's wall clock."""
    return local(quarter * SECONDS, zone)


def day(quarter: int, zone: str) -> str:
    """Return the shop's day in which a quarter of an hour lies, as `2026-07-22`."""
    return begin(quarter, zone).date().isoformat()
