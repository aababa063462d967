"""What a call says to the database: recorded through the driver, then said again by the bare driver."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import event

from posconsole.engine.db.sqlite import newest_driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posconsole import Store

driver: Any = newest_driver()
"""The SQLite module that the engine uses: the floor has to use the same one."""

_NAMED = re.compile(r"^(INSERT) INTO (\w+)|^(UPDATE) (\w+)|^(DELETE) FROM (\w+)|^(SELECT) .*?\sFROM (\w+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement's text with its parameters, or with many rows of them."""

    text: str
    parameters: Any
    many: bool = False

    @property
    def does(self) -> str:
        """Say what it does to which table: `INSERT order_line`."""
        found = _NAMED.match(self.text)
        return " ".join(filter(None, found.groups())) if found else self.text


@dataclass(slots=True)
class Recorder:
    """Keeps what a store's connections execute while it is on."""

    kept: list[Statement] = field(default_factory=list)

    def listen_to(self, store: Store) -> None:
        """Record from now on all that this store executes."""
        recorder = self

        class Cursor(driver.Cursor):  # type: ignore[misc]
            def execute(self, text: str, parameters: Any = ()) -> Any:
                recorder.kept.append(Statement(text, parameters))
                return super().execute(text, parameters)

            def executemany(self, text: str, rows: Any) -> Any:
                recorder.kept.append(Statement(text, rows, many=True))
                return super().executemany(text, rows)

        class Connection(driver.Connection):  # type: ignore[misc]
            def cursor(self, factory: Any = Cursor) -> Any:
                return super().cursor(factory)

        def connect(_dialect: object, _record: object, _arguments: object, options: dict[str, object]) -> None:
            options["factory"] = Connection

        engine = store._context.database.engine
        event.listen(engine, "do_connect", connect)
        engine.dispose()

    def listen_to_a_server(self, store: Store) -> None:
        """Record from now on all that this store says to its server."""
        recorder = self

        class Cursor(psycopg.Cursor[Any]):
            def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
                text = query.decode() if isinstance(query, bytes) else query
                recorder.kept.append(Statement(text, params))
                return super().execute(query, params, **options)

            def executemany(self, query: Any, params_seq: Any, **options: Any) -> Any:
                recorder.kept.append(Statement(query, params_seq, many=True))
                return super().executemany(query, params_seq, **options)

        def connect(connection: Any, _record: object) -> None:
            connection.cursor_factory = Cursor

        engine = store._context.database.engine
        event.listen(engine, "connect", connect)
        engine.dispose()

    def during(self, call: Callable[[], object]) -> list[Statement]:
        """Return what one call executes."""
        self.kept.clear()
        call()
        return list(self.kept)


def bare(path: str) -> Any:
    """Return a cursor of the bare driver, set up as the engine sets up its own."""
    connection = driver.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection.cursor()


def say_again(cursor: Any, statements: list[Statement]) -> None:
    """Execute recorded statements and fetch what they give."""
    for statement in statements:
        (cursor.executemany if statement.many else cursor.execute)(statement.text, statement.parameters)
        if cursor.description:
            cursor.fetchall()


def by_table(statements: list[Statement]) -> Counter[str]:
    """Count the statements, less BEGIN and COMMIT, by what they do to which table."""
    return Counter(_doing(statements))


def _doing(statements: list[Statement]) -> Iterator[str]:
    return (statement.does for statement in statements if not statement.text.startswith(("BEGIN", "COMMIT")))
