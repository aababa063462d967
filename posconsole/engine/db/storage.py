"""What the database itself has to be like: its file or server, its schema, and rows that keep to it."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, CheckConstraint, Integer, Select, and_, select, text

from posconsole.engine.views import Finding
from posconsole.migrations import HEAD
from posconsole.models import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Column, ForeignKeyConstraint, Table

    from posconsole.engine.db.database import Database, Transaction


def storage_findings(database: Database, transaction: Transaction) -> Iterator[Finding]:
    """Check the database as such; a server answers for its own files."""
    if database.path is None:
        yield from _settings(transaction, database.server.name, {"synchronous_commit": _DURABLE})
    else:
        yield from _file(database.path, transaction)
    for (source, column), statement in _DANGLING.items():
        for row in transaction.all(statement):
            yield Finding("foreign_keys", str(row[0]), f"the {column} of this {source} is not there")
    for source, statement in _UNRULED.items():
        for row in transaction.all(statement):
            yield Finding("rule", str(row[0]), f"this row of {source} is not as the rules of its table want it")
    version = transaction.scalar(_VERSION)
    if version != HEAD:
        yield Finding("schema", database.server.name, f"it has schema {version} instead of {HEAD}")


def _file(path: Path, transaction: Transaction) -> Iterator[Finding]:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        yield Finding("file_mode", path.name, f"others may read it: mode {mode:o} instead of 600")
    yield from _settings(transaction, path.name, {"journal_mode": ("wal",), "synchronous": (2,), "foreign_keys": (1,)})
    for source, others in _OTHER_KINDS.items():
        for row in transaction.all(others):
            yield Finding("rule", str(row[0]), f"this row of {source} holds a value of another kind than its column's")
    for name, statement in _NUMBERS.items():
        rows, first, last = transaction.all(statement)[0]
        if rows and (first, last) != (1, rows):
            yield Finding("numbering", name, f"it has {rows} rows, numbered {first} to {last}: none is ever deleted")


def _settings(transaction: Transaction, name: str, wanted: Mapping[str, tuple[object, ...]]) -> Iterator[Finding]:
    for setting, values in wanted.items():
        found = transaction.scalar(_SETTINGS[setting])
        if found not in values:
            yield Finding(setting, name, f"it is {found} instead of {values[0]}")


def _pointing_nowhere(key: ForeignKeyConstraint) -> Select[Any]:
    """Return the statement that finds the rows whose foreign key has no row at its other end."""
    source, target = key.table, key.referred_table.alias("target")
    ends = [(one.parent, target.c[one.column.name]) for one in key.elements]
    found = source.outerjoin(target, and_(*(here == there for here, there in ends)))
    nowhere = [here.is_not(None) for here, _ in ends] + [there.is_(None) for _, there in ends]
    return select(*source.primary_key.columns).select_from(found).where(*nowhere)


def _against(source: Table) -> Select[Any] | None:
    """Return the statement that finds the rows which no check of their table would have let in, if it has checks."""
    rules = [f"({rule.sqltext})" for rule in source.constraints if isinstance(rule, CheckConstraint)]
    broken = text(f"NOT ({' AND '.join(sorted(rules))})")
    return select(*source.primary_key.columns).where(broken) if rules else None


def _of_another_kind(source: Table) -> Select[Any]:
    """Return the statement that finds the rows with a value of another kind than its column's: a file lets it in."""
    return select(*source.primary_key.columns).where(text(f"NOT ({' AND '.join(map(_kind, source.columns))})"))


def _kind(column: Column[Any]) -> str:
    name = f'"{column.table.name}"."{column.name}"'
    number = isinstance(column.type, (Boolean, Integer))
    kinds = (f"'{'integer' if number else 'text'}'", *(("'null'",) if column.nullable else ()))
    rule = f"typeof({name}) IN ({', '.join(kinds)})"
    return f"{rule} AND {name} IN (0, 1)" if isinstance(column.type, Boolean) else rule


_DURABLE = ("on", "remote_apply", "remote_write")
_SETTINGS = {
    "journal_mode": text("PRAGMA journal_mode"),
    "synchronous": text("PRAGMA synchronous"),
    "foreign_keys": text("PRAGMA foreign_keys"),
    "synchronous_commit": text("SHOW synchronous_commit"),
}
_DANGLING = {
    (key.table.name, ", ".join(key.column_keys)): _pointing_nowhere(key)
    for table in metadata.sorted_tables
    for key in sorted(table.foreign_key_constraints, key=lambda key: tuple(key.column_keys))
}
_UNRULED = {table.name: statement for table in metadata.sorted_tables if (statement := _against(table)) is not None}
_OTHER_KINDS = {table.name: _of_another_kind(table) for table in metadata.sorted_tables}
"""A server keeps to its columns' kinds by itself."""
_NUMBERS = {
    "event": text("SELECT COUNT(*), MIN(seq), MAX(seq) FROM event"),
    "ledger_entry": text("SELECT COUNT(*), MIN(seq), MAX(seq) FROM ledger_entry"),
}
"""Only a file numbers without gaps: a server's transaction that is undone keeps the numbers that it took."""
_VERSION = text("SELECT version_num FROM alembic_version")
