"""The schema, brought up to what this program works with: the old one or the new one, never between."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError

from posconsole.errors import Busy, StorageError
from posconsole.migrations import HEAD

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from posconsole.engine.database import Database


SCRIPTS = "posconsole:migrations"


def upgrade(database: Database, head: str = HEAD, scripts: str = SCRIPTS) -> None:
    """Create or upgrade the tables to `head` in one transaction, after a copy of what was there.

    Alembic is loaded only when there is something to do. Raises `StorageError` for a database that a newer
    program has written or that is no database, `Busy` when another program holds it.
    """
    try:
        with database.engine.connect() as connection:
            found = _version(connection)
            if found == head:
                return
            draft = database.path.with_name(f"{database.path.name}.draft-{os.getpid()}")
            if found is not None:
                _refuse_unknown(database.path, found, scripts)
                _copy(connection, draft)
            connection.rollback()
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            if (now := _version(connection)) != head:
                if now is None:
                    _refuse_others(connection, database.path)
                elif draft.exists():
                    draft.replace(database.path.with_name(f"{database.path.name}.schema-{now}"))
                _migrate(connection, scripts)
            # Another program was faster: what was copied may be its work already.
            draft.unlink(missing_ok=True)
            connection.exec_driver_sql("COMMIT")
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise Busy(f"{database.path}: another program is using it and doesn't let go. Try again.") from error
        raise StorageError(f"{database.path}: {error.orig}. Check the path and who may write there.") from error
    except DBAPIError as error:
        raise StorageError(f"{database.path}: {error.orig}. This is not a posconsole database.") from error


def _version(connection: Connection) -> str | None:
    with contextlib.suppress(OperationalError):
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found
    return None


def _config(scripts: str) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", scripts)
    return config


def _refuse_unknown(path: Path, found: str, scripts: str) -> None:
    from alembic.script import ScriptDirectory

    known = {revision.revision for revision in ScriptDirectory.from_config(_config(scripts)).walk_revisions()}
    if found not in known:
        raise StorageError(f"{path}: a newer posconsole has written it (schema {found}). Update this program.")


def _refuse_others(connection: Connection, path: Path) -> None:
    if tables := inspect(connection).get_table_names():
        raise StorageError(f"{path}: another program's database, with a table {tables[0]!r}. Check the path.")


def _copy(connection: Connection, copy: Path) -> None:
    """Write the database as it is, whole, to a file of its own."""
    copy.unlink(missing_ok=True)
    os.close(os.open(copy, os.O_CREAT | os.O_WRONLY, 0o600))
    connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))


def _migrate(connection: Connection, scripts: str) -> None:
    from alembic import command

    config = _config(scripts)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
