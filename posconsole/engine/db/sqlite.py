"""A shop in a SQLite file: how it is opened, locked and waited for, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event

from posconsole.errors import Busy, InvalidInput, PosError, StorageError

if TYPE_CHECKING:
    from sqlalchemy.pool import PoolProxiedConnection

ASKING = 0.001
"""Seconds after which the write lock is asked for again.

SQLite's own waiting sleeps up to a tenth: whoever wrote in short parts took it again and again meanwhile.
"""
LONGEST_LOG = 4_000
"""Pages of the log at which a commit brings it into the file: more than who writes much leaves in it (`lighten`)."""
_ADVICE = {
    "disk is full": "the disk is full. Free some room, then go on.",
    "readonly": "the database can't be written. Check who owns the file and that its folder is writable.",
    "disk i/o": "the disk reports an error. Check it before you go on selling.",
    "malformed": "the file is damaged. Restore the last backup, and keep this file for whoever looks into it.",
    "not a database": "this is not a posconsole database. Check the path.",
    "unable to open": "the file can't be opened. Check the path and who may read it.",
}


class Sqlite:
    """A database file, and the pool of connections to it."""

    alone = ("BEGIN IMMEDIATE",)
    """What begins a transaction beside which nobody else migrates."""
    one_writer = True
    """Whether transactions that write come one after the other, so that numbers appear in their order."""

    def __init__(self, url: str, patience: float) -> None:
        self.path = _path(url)
        self.name = str(self.path)
        driver = newest_driver()
        self.errors: type[Exception] = driver.Error
        self._patience = patience
        # Without a limit: a thread that waited for a connection would then wait for the lock as well.
        self.engine = create_engine(
            url, module=driver, paramstyle="named", connect_args={"timeout": patience}, max_overflow=-1
        )
        event.listen(self.engine, "connect", _prepare)

    def beside(self, suffix: str) -> Path:
        """Return the path of a file that belongs to the database and lies beside it."""
        return self.path.with_name(self.path.name + suffix)

    def take_your_time(self, connection: PoolProxiedConnection) -> None:
        """Let a migration take as long as it takes: a file answers."""

    def begin(self, connection: PoolProxiedConnection, *, writes: bool, deadline: float) -> Any:
        """Begin a transaction and return its cursor; a writer waits for the lock until `deadline`."""
        cursor = connection.cursor()
        patience = 0 if writes else self._patience
        if patience != connection.info.get("patience", self._patience):
            cursor.execute(f"PRAGMA busy_timeout={int(patience * 1000)}")
            connection.info["patience"] = patience
        if writes:
            self._take(cursor, deadline)
        else:
            cursor.execute("BEGIN")
        return cursor

    def _take(self, cursor: Any, deadline: float) -> None:
        """Begin with the write lock, which is asked for until `deadline`."""
        while True:
            try:
                cursor.execute("BEGIN IMMEDIATE")
            except self.errors as error:
                if not _is_lock(error) or time.monotonic() + ASKING > deadline:
                    raise
            else:
                return
            time.sleep(ASKING)

    def commit(self, cursor: Any) -> None:
        """Commit the cursor's transaction."""
        cursor.execute("COMMIT")

    def lighten(self) -> None:
        """Bring the log into the file while others write: else the till does whose sale makes it too long."""
        with suppress(self.errors), closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
            cursor.close()

    def abandon(self, connection: PoolProxiedConnection) -> None:
        """Leave nothing of a transaction."""
        with suppress(self.errors):
            connection.rollback()

    def explained(self, error: Exception, *, committing: bool) -> PosError:  # noqa: ARG002 - a file knows what it has
        """Put a driver's error in words that name the file and what to do."""
        if _is_lock(error):
            return Busy("The database is in use by something that doesn't let go. Nothing was written; try again.")
        text = str(error).lower()
        for sign, advice in _ADVICE.items():
            if sign in text:
                return StorageError(f"{self.path}: {advice} Nothing was written.")
        return StorageError(f"{self.path}: {error}. Nothing was written.")


def _is_lock(error: Exception) -> bool:
    text = str(error).lower()
    return "locked" in text or "busy" in text


def newest_driver() -> Any:
    """Return the newest SQLite at hand: those before 3.51.3 can damage a WAL that two tills write to."""
    try:
        import pysqlite3.dbapi2 as newer
    except ImportError:
        return sqlite3
    return newer if newer.sqlite_version_info > sqlite3.sqlite_version_info else sqlite3


def _path(url: str) -> Path:
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


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"wal_autocheckpoint={LONGEST_LOG}"):
        connection.execute(f"PRAGMA {pragma}")
