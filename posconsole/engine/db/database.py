"""The one place where a transaction starts.

Statements are SQLAlchemy Core, compiled once for the dialect and run on the pooled DBAPI cursor: that costs a
third of what a Core execution does. So values pass as the driver has them: integers, text, None.
"""

from __future__ import annotations

import json
import random
import time
from collections import defaultdict, namedtuple
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, insert, or_
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from posconsole.engine.db.raced import Raced
from posconsole.engine.db.sqlite import Sqlite
from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Executable, Table
    from sqlalchemy.engine import Engine

    from posconsole.engine.db.postgresql import Postgresql

T = TypeVar("T")
Row = Any
"""A row as a named tuple of the statement's columns; booleans of SQLite come as 0 and 1, sums as whole numbers."""

PATIENCE = 4.5
"""Seconds after which somebody else's lock is refused rather than waited for: an answer within 5 s in all."""
ATTEMPTS = 8
POSTGRESQL = "postgresql+psycopg"
__all__ = ["PATIENCE", "Database", "Raced", "Row", "Transaction", "among", "each_of", "one_of", "values"]


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


class json_texts(FunctionElement[str]):  # noqa: N801 - reads as a function in a statement
    """The members of a JSON array parameter as rows with one column, `value`."""

    inherit_cache = True
    name = "json_texts"


@compiles(json_texts, "sqlite")
def _sqlite_texts(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(json_texts, "postgresql")
def _postgresql_texts(element: Any, compiler: Any, **options: Any) -> str:
    return f"jsonb_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS jsonb))"


def each_of(parameter: Any) -> ColumnElement[str]:
    """Return the column of a parameter that is a JSON array of texts: many rows in one statement.

    Pass the list through `values`. What differs in several columns is one text in pieces of a fixed width.
    """
    column: ColumnElement[str] = json_texts(parameter).table_valued("value", name="item").c.value
    return column


values = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
"""Write a list as the parameter of `among` or `each_of`."""


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


class _Compiled:
    """What is compiled for one dialect, once in a process: statements live as long as their module does."""

    def __init__(self) -> None:
        self.prepared: dict[int, _Prepared] = {}
        self.kept: list[Executable] = []
        self.insertions: dict[tuple[str, tuple[str, ...], bool], str] = {}


_COMPILED: defaultdict[str, _Compiled] = defaultdict(_Compiled)
"""By the dialect's name."""


def _own_values(compiled: Any) -> dict[str, object]:
    """Return the values that stand in a statement itself; what its callers bring is not among them."""
    return {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}


class Transaction:
    """What may be done inside a transaction: read rows, change them and count, insert."""

    def __init__(self, cursor: Any, database: Database) -> None:
        self._cursor = cursor
        self._database = database
        self._seen: dict[int, list[Row]] = {}

    def all(self, statement: Executable, **parameters: object) -> list[Row]:
        """Return the statement's rows."""
        prepared = self._run(statement, parameters)
        return list(map(prepared.row, self._cursor.fetchall()))

    def seen(self, statement: Executable) -> list[Row]:
        """Return the rows that a statement without parameters gave when it was first asked in this transaction."""
        found = self._seen.get(id(statement))
        if found is None:
            found = self._seen[id(statement)] = self.all(statement)
        return found

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
    """A shop's database: its server or file, the compiled statements, and the two ways to work with it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.server = _server(url)
        self._compiled = _COMPILED[self.engine.dialect.name]

    @property
    def engine(self) -> Engine:
        """Return SQLAlchemy's engine: its dialect compiles, its pool keeps the connections."""
        return self.server.engine

    @property
    def path(self) -> Path | None:
        """Return the database's file, or None for one on a server."""
        return self.server.path

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    def read(self, work: Callable[[Transaction], T], patience: float = PATIENCE) -> T:
        """Let `work` read one consistent state of the database. It can't write.

        `patience` is how many seconds of silence a server is allowed: reports and audits take their time.
        """
        return self._repeated(work, writes=False, patience=patience)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction and commit it, or leave nothing of it.

        On SQLite it has the file's write lock from the start. On PostgreSQL it runs at READ COMMITTED: rows are its
        own only once they are locked or changed. When another was first (`Raced`), or the server undid it or was
        lost before the commit, the whole work runs again on what is there now, a bounded number of times.

        Raises `Busy` or `StorageError` within 5 s, and `OutcomeUnknown` when the link broke at the commit: that may
        have been written, and isn't tried again here.
        """
        return self._repeated(work, writes=True, patience=PATIENCE)

    def _repeated(self, work: Callable[[Transaction], T], *, writes: bool, patience: float) -> T:
        deadline = time.monotonic() + patience
        for attempt in range(ATTEMPTS):
            try:
                return self._once(work, writes=writes, deadline=deadline)
            except Raced as raced:
                # Uneven, so that two that ran into each other don't do so again.
                refusal, pause = raced.refusal, raced.pause * 2**attempt * random.uniform(0.5, 1)  # noqa: S311
                if time.monotonic() + pause + raced.needs > deadline:
                    break
            time.sleep(pause)
        raise refusal

    def _once(self, work: Callable[[Transaction], T], *, writes: bool, deadline: float) -> T:
        committing = False
        try:
            connection = self.engine.raw_connection()
            try:
                # Closed, however it ends: were it kept with a refusal's traceback, SQLite's driver would let go of
                # its statement whenever that is forgotten, under the hands of whoever runs the same one then.
                with closing(self.server.begin(connection, writes=writes, deadline=deadline)) as cursor:
                    result = work(Transaction(cursor, self))
                    committing = writes
                    self.server.commit(cursor)
            except BaseException:
                self.server.abandon(connection)
                raise
            finally:
                connection.close()
        except self.server.errors as error:
            raise self.server.explained(error, committing=committing) from error
        return result

    def prepared(self, statement: Executable) -> _Prepared:
        """Return a statement, a constant of its module, compiled for this database."""
        found = self._compiled.prepared.get(id(statement))
        if found is None:
            self._compiled.kept.append(statement)
            found = self._compiled.prepared[id(statement)] = _Prepared(statement, self.engine)
        return found

    def insertion(self, table: Table, columns: tuple[str, ...], *, ignore: bool) -> str:
        """Return the INSERT of these columns, compiled for this database."""
        key = (table.name, columns, ignore)
        text = self._compiled.insertions.get(key)
        if text is None:
            # Inline: nobody asks for the numbers that the database gives.
            compiled: Any = insert(table).inline().compile(dialect=self.engine.dialect, column_keys=list(columns))
            text = compiled.string + (" ON CONFLICT DO NOTHING" if ignore else "")
            self._compiled.insertions[key] = text
        return text


def _server(url: str) -> Sqlite | Postgresql:
    """Return what a database's URL names."""
    scheme, _, _ = url.partition(":")
    if scheme == "sqlite":
        return Sqlite(url, PATIENCE)
    # A URL may hold a password: it isn't repeated.
    if scheme != POSTGRESQL:
        raise InvalidInput(f"A shop is at sqlite:///FILE or at {POSTGRESQL}://…, not at {scheme[:20]!r}", field="url")
    try:
        from posconsole.engine.db.postgresql import Postgresql
    except ImportError as error:
        raise InvalidInput(f"PostgreSQL needs: pip install 'posconsole[postgresql]' ({error})", field="url") from error
    try:
        return Postgresql(url)
    except ArgumentError:
        raise InvalidInput(f"This can't be read: write {POSTGRESQL}://USER@HOST/DATABASE", field="url") from None
