"""The shop's file past the program: for tests that look at its rows, or change them behind its back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from posconsole.engine.sqlite import newest_driver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The engine's own: two SQLite libraries in one process don't see each other's locks.
DRIVER = newest_driver()
GUARDS_OFF = ("foreign_keys=OFF", "ignore_check_constraints=ON", "synchronous=OFF", "busy_timeout=4000")


@contextmanager
def unguarded(path: Path | str) -> Iterator[Any]:
    """Open a database file without foreign keys and checks; each statement commits by itself."""
    file = DRIVER.connect(str(path), isolation_level=None)
    try:
        for pragma in GUARDS_OFF:
            file.execute(f"PRAGMA {pragma}")
        yield file
    finally:
        file.close()
