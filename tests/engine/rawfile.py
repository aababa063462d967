"""The shop's database past the program: for tests that look at its rows, or change them behind its back."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import psycopg

from posconsole.engine.db.sqlite import newest_driver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# The engine's own: two SQLite libraries in one process don't see each other's locks.
DRIVER = newest_driver()
GUARDS_OFF = ("foreign_keys=OFF", "ignore_check_constraints=ON", "synchronous=OFF", "busy_timeout=4000")
_CHECKS = """
SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
WHERE contype = 'c' AND connamespace = 'public'::regnamespace
"""


class _Connection(psycopg.Connection[Any]):
    """A connection to a server that reads statements as SQLite writes them: a parameter is a question mark."""

    def execute(self, query: Any, params: Sequence[Any] | None = None, **options: Any) -> psycopg.Cursor[Any]:  # type: ignore[override]
        return super().execute(query.replace("?", "%s") if params else query, params, **options)


@contextmanager
def unguarded(place: Path | str) -> Iterator[Any]:
    """Open a database (a file, or an address) without foreign keys and checks; each statement commits by itself.

    The connection's `execute(statement, parameters)` takes question marks on both databases.
    """
    with closing(_on_a_server(place) if str(place).startswith("postgresql") else _in_a_file(place)) as connection:
        yield connection


def _in_a_file(place: Path | str) -> Any:
    file = DRIVER.connect(str(place).removeprefix("sqlite:///"), isolation_level=None)
    for pragma in GUARDS_OFF:
        file.execute(f"PRAGMA {pragma}")
    return file


def _on_a_server(address: Path | str) -> Any:
    """Drop the checks for good: a database whose schema was changed isn't lent to another test."""
    connection = _Connection.connect(str(address).replace("+psycopg", "", 1), autocommit=True)
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET lock_timeout = '4s'")
    for (statement,) in connection.execute(_CHECKS).fetchall():
        connection.execute(statement)
    return connection
