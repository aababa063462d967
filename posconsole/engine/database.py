"""The one place where a transaction starts.

Statements are SQLAlchemy Core, compiled once for the dialect and run on the pooled DBAPI cursor: that costs a
third of what a Core execution does. So values pass as the driver has them: integers, text, None.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections import namedtuple
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, create_engine, event, insert, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from posconsole.errors import Busy, InvalidInput, PosError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Executable, Table
    from sqlalchemy.engine import Engine

T = TypeVar("T")
Row = Any
"""A row as a named tuple of the statement's columns; booleans of SQLite come as 0 and 1."""

PATIENCE = 4.5
"""Seconds after which somebody else's lock is refused rather than waited for: an answer within 5 s in all."""
ATTEMPTS = 8


class Raced(Exception):
    """A guarded update found that another transaction was first: run the whole transaction again."""


class in_values(FunctionElement[str]):  # noqa: N801 - reads as a function in a statement
    """The members of a JSON array parameter: one statement, whatever the length of the list."""

    inherit_cache = True
    name = "in_values"


@compiles(in_values, "sqlite")
def _sqlite_values(element: Any, compiler: Any, **options: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **options)}))"  # noqa: S608


@compiles(in_values, "postgresql")
def _postgresql_values(element: Any, compiler: Any, **options: Any) -> str:
    return f"(SELECT jsonb_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS jsonb)))"


def among(column: Any, parameter: Any) -> ColumnElement[bool]:
    """Return `column IN (members of a JSON array parameter)`; pass the list through `values`."""
    found: ColumnElement[bool] = column.op("IN", is_comparison=True)(in_values(parameter))
    return found


def one_of(column: Any, *literals: str) -> ColumnElement[bool]:
    """Return `column = a OR column = b …`: an IN of literals can't be compiled once."""
    return or_(*(column == literal for literal in literals))


values = json.JSONEncoder(separators=(",", ":")).encode
"""Write a list as the parameter of `among`."""


class _Prepared:
    """A statement's text for this dialect, the parameters it brings itself, and its rows' type."""

    __slots__ = ("defaults", "row", "text")

    def __init__(self, statement: Executable, engine: Engine, *, complete: bool = False) -> None:
        options = {"render_postcompile": complete}
        compiled: Any = statement.compile(engine, compile_kwargs=options)  # type: ignore[attr-defined]
        self.text = compiled.string
        self.defaults = compiled.construct_params(_check=False) if complete else _own_values(compiled)
        columns = [column[0] for column in compiled._result_columns]
        # Compiled text names its columns; text that was written by hand gives plain tuples.
        self.row: Any = namedtuple("Row", columns)._make if columns else tuple  # type: ignore[attr-defined]


def _own_values(compiled: Any) -> dict[str, object]:
    """Return the values that stand in a statement itself; what its callers bring is not among them."""
    return {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}


class Transaction:
    """What may be done inside a transaction: read rows, change them and count, insert."""

    def __init__(self, cursor: Any, database: Database) -> None:
        self._cursor = cursor
        self._database = database

    def all(self, statement: Executable, **parameters: object) -> list[Row]:
        """Return the statement's rows."""
        prepared = self._run(statement, parameters)
        return list(map(prepared.row, self._cursor.fetchall()))

    def first(self, statement: Executable, **parameters: object) -> Row | None:
        """Return the statement's first row, or None."""
        prepared = self._run(statement, parameters)
        row = self._cursor.fetchone()
        return None if row is None else prepared.row(row)

    def scalar(self, statement: Executable, **parameters: object) -> Any:
        """Return the first column of the first row, or None."""
        self._run(statement, parameters)
        row = self._cursor.fetchone()
        return None if row is None else row[0]

    def query(self, statement: Executable) -> list[Row]:
        """Return the rows of a statement that was put together for this call alone."""
        prepared = _Prepared(statement, self._database.engine, complete=True)
        self._cursor.execute(prepared.text, prepared.defaults)
        return list(map(prepared.row, self._cursor.fetchall()))

    def scalars(self, statement: Executable, **parameters: object) -> list[Any]:
        """Return the first column of every row."""
        self._run(statement, parameters)
        return [row[0] for row in self._cursor.fetchall()]

    def change(self, statement: Executable, **parameters: object) -> int:
        """Run an UPDATE or DELETE and return how many rows it met."""
        self._run(statement, parameters)
        count: int = self._cursor.rowcount
        return count

    def guarded(self, statement: Executable, **parameters: object) -> None:
        """Run a conditional update that has to meet exactly one row; `Raced` when somebody else was first."""
        if self.change(statement, **parameters) != 1:
            raise Raced

    def insert(self, table: Table, rows: Sequence[Mapping[str, object]], *, ignore: bool = False) -> int:
        """Insert rows with the same keys; with `ignore` leave out those that exist. Return how many came in."""
        if not rows:
            return 0
        text = self._database.insertion(table, tuple(rows[0]), ignore=ignore)
        if len(rows) == 1:
            self._cursor.execute(text, rows[0])
        else:
            self._cursor.executemany(text, rows)
        count: int = self._cursor.rowcount
        return count

    def _run(self, statement: Executable, parameters: Mapping[str, object]) -> _Prepared:
        prepared = self._database.prepared(statement)
        if prepared.defaults:
            parameters = {**prepared.defaults, **parameters}
        self._cursor.execute(prepared.text, parameters)
        return prepared


class Database:
    """A shop's database: an engine, its compiled statements, and the two ways to work with it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = _sqlite_path(url)
        self._prepared: dict[int, _Prepared] = {}
        self._kept: list[Executable] = []
        self._insertions: dict[tuple[str, tuple[str, ...], bool], str] = {}
        driver = _sqlite_driver()
        # Without a limit: a thread that waited for a connection would then wait for the lock as well.
        self.engine = create_engine(
            url, module=driver, paramstyle="named", connect_args={"timeout": PATIENCE}, max_overflow=-1
        )
        self._errors: type[Exception] = driver.Error
        event.listen(self.engine, "connect", _prepare_sqlite)

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Let `work` read one consistent state of the database. It can't write."""
        with self._transaction("BEGIN") as transaction:
            return work(transaction)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` with the write lock taken first and commit it, or leave nothing of it.

        When a guard inside finds that another was first, the whole work runs again on what is there now, a
        bounded number of times. Raises `Busy` within 5 s when the lock isn't to be had.
        """
        deadline = time.monotonic() + PATIENCE
        for _ in range(ATTEMPTS):
            try:
                with self._transaction("BEGIN IMMEDIATE") as transaction:
                    return work(transaction)
            except Raced:
                if time.monotonic() > deadline:
                    break
        raise Busy("Somebody else is changing the same thing over and over. Nothing was written; try again.")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Transaction]:
        try:
            connection = self.engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(begin)
                try:
                    yield Transaction(cursor, self)
                    cursor.execute("COMMIT")
                except BaseException:
                    with suppress(self._errors):
                        connection.rollback()
                    raise
            finally:
                connection.close()
        except self._errors as error:
            raise self._explained(error) from error

    def _explained(self, error: Exception) -> PosError:
        """Put a driver's error in words that name the file and what to do."""
        text = str(error).lower()
        if "locked" in text or "busy" in text:
            return Busy("The database is in use by something that doesn't let go. Nothing was written; try again.")
        for sign, advice in _ADVICE.items():
            if sign in text:
                return StorageError(f"{self.path}: {advice} Nothing was written.")
        return StorageError(f"{self.path}: {error}. Nothing was written.")

    def prepared(self, statement: Executable) -> _Prepared:
        """Return a statement compiled for this database. Statements live as long as their module does."""
        found = self._prepared.get(id(statement))
        if found is None:
            self._kept.append(statement)
            found = self._prepared[id(statement)] = _Prepared(statement, self.engine)
        return found

    def insertion(self, table: Table, columns: tuple[str, ...], *, ignore: bool) -> str:
        """Return the INSERT of these columns, compiled for this database."""
        key = (table.name, columns, ignore)
        text = self._insertions.get(key)
        if text is None:
            compiled: Any = insert(table).compile(dialect=self.engine.dialect, column_keys=list(columns))
            text = compiled.string + (" ON CONFLICT DO NOTHING" if ignore else "")
            self._insertions[key] = text
        return text


_ADVICE = {
    "disk is full": "the disk is full. Free some room, then go on.",
    "readonly": "the database can't be written. Check who owns the file and that its folder is writable.",
    "disk i/o": "the disk reports an error. Check it before you go on selling.",
    "malformed": "the file is damaged. Restore the last backup, and keep this file for whoever looks into it.",
    "not a database": "this is not a posconsole database. Check the path.",
    "unable to open": "the file can't be opened. Check the path and who may read it.",
}


def _sqlite_path(url: str) -> Path:
    """Return the file of a `sqlite:///` URL, made with mode 0600 if it isn't there."""
    prefix, _, name = url.partition(":///")
    # In memory each connection would be a shop of its own, and options would be taken for a part of the file's name.
    if prefix != "sqlite" or not name or name == ":memory:" or "?" in name:
        raise InvalidInput(f"{url[:60]!r} is not sqlite:///FILE", field="url")
    path = Path(name)
    try:
        # A file that is there is left to SQLite: closing it here would drop the locks of this process's connections.
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}. Check the folder, and who may write there.") from error
    return path


def _sqlite_driver() -> Any:
    """Return the newest SQLite at hand: those before 3.51.3 can damage a WAL that two tills write to."""
    try:
        import pysqlite3.dbapi2 as newer
    except ImportError:
        return sqlite3
    return newer if newer.sqlite_version_info > sqlite3.sqlite_version_info else sqlite3


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
