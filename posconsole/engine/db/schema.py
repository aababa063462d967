"""The schema, brought up to what this program works with: the old one or the new one, never between."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from posconsole.engine.db.raced import refusal
from posconsole.errors import StorageError
from posconsole.migrations import HEAD, TRIALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from posconsole.engine.db.database import Database


SCRIPTS = "posconsole:migrations"


def upgrade(database: Database, head: str = HEAD, scripts: str = SCRIPTS) -> None:
    """Create or upgrade the tables to `head` in one transaction, after a copy of what was there.

    Alembic is loaded only when there is something to do; a server's database isn't copied. Raises `StorageError`
    for a database that a newer program has written or that is another's, `Busy` when another program holds it.
    """
    try:
        with database.engine.connect() as connection:
            found = _version(connection)
            if found == head:
                return
            if found is not None:
                _refuse_unknown(database.server.name, found, scripts)
            with _copied(connection, database.path if found is not None else None) as keep:
                connection.rollback()
                database.server.take_your_time(connection.connection)
                for statement in database.server.alone:
                    connection.exec_driver_sql(statement)
                # Another program may have been faster.
                if (now := _version(connection)) != head:
                    if now is None:
                        _refuse_others(connection, database.server.name)
                    keep(now)
                    _migrate(connection, scripts)
                connection.exec_driver_sql("COMMIT")
    except DBAPIError as error:
        said = error.orig if isinstance(error.orig, Exception) else error
        raise refusal(database.server.explained(said, committing=False)) from error


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _config(scripts: str) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", scripts)
    return config


def _refuse_unknown(name: str, found: str, scripts: str) -> None:
    from alembic.script import ScriptDirectory

    if found in TRIALS:
        raise StorageError(
            f"{name}: a shop of a trial version (schema {found}), which can't be taken over. Begin a new one."
        )
    known = {revision.revision for revision in ScriptDirectory.from_config(_config(scripts)).walk_revisions()}
    if found not in known:
        raise StorageError(f"{name}: a newer posconsole has written it (schema {found}). Update this program.")


def _refuse_others(connection: Connection, name: str) -> None:
    if tables := inspect(connection).get_table_names():
        raise StorageError(f"{name}: another program's database, with a table {tables[0]!r}. Check the address.")


@contextmanager
def _copied(connection: Connection, path: Path | None) -> Iterator[Callable[[str | None], object]]:
    """Copy a file as it is, whole; the copy stays only if `keep` is called with the version that it is of.

    It is called once nobody else can be at work: what was copied may be another program's work already.
    """
    if path is None:
        yield lambda _version: None
        return
    draft = path.with_name(f"{path.name}.draft-{secrets.token_hex(4)}")
    try:
        _copy(connection, draft)
        yield lambda version: draft.replace(path.with_name(f"{path.name}.schema-{version}"))
    finally:
        draft.unlink(missing_ok=True)


def _copy(connection: Connection, copy: Path) -> None:
    copy.unlink(missing_ok=True)
    os.close(os.open(copy, os.O_CREAT | os.O_WRONLY, 0o600))
    connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))


def _migrate(connection: Connection, scripts: str) -> None:
    from alembic import command

    config = _config(scripts)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
