"""A shop on a PostgreSQL server: how it is reached, locked and waited for, and what its errors mean.

libpq's own time-outs don't end a wait for a server that keeps the link up and says nothing, so each connection
counts the seconds of silence that it still bears (`patience`) and gives up by itself.
"""

from __future__ import annotations

import logging
import re
import time
from contextlib import suppress
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import psycopg
from psycopg import pq
from psycopg.adapt import Loader
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import create_engine

from posconsole.engine.db.raced import Raced
from posconsole.errors import Busy, OutcomeUnknown, PosError, StorageError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from sqlalchemy.pool import PoolProxiedConnection

CONNECTING = 2
"""Seconds to connect in: the fewest that psycopg knows."""
OWN_WORK = 0.7
"""Seconds of a transaction's time that are not the server's."""
_LINK = {"connect_timeout": CONNECTING, "keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3}
_SESSION = {
    "lock_timeout": "3500ms",
    # A till that is frozen in mid-sale holds what it locked for so long.
    "idle_in_transaction_session_timeout": "60s",
    # A till that lost its power or its link holds what it locked for so long.
    "client_connection_check_interval": "1s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_BEGIN = {
    True: b"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    False: b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}
_UNDONE = ("40001", "40P01", "23505")
"""Serialization failure, deadlock, and a row that another transaction wrote first: the whole transaction again."""
_WAITED = ("55P03", "57014")
_GONE = ("08", "57P", "25P03", "53300")
_SPENT = ("53", "58", "XX")


# What it warns of is told by the refusals, and a till's screen is no place for it.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


class Silent(psycopg.OperationalError):
    """The server said nothing for as long as it may."""


class Late(psycopg.OperationalError):
    """No time is left to say anything to the server."""


class _Integer(Loader):
    """Sums of BIGINT come as NUMERIC, and are whole."""

    def load(self, data: Any) -> int:
        return int(bytes(data))


class Link(psycopg.Connection[Any]):
    """A connection that bears so many seconds of silence."""

    patience = 4.5

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **options: Any) -> Any:
        """Wait for a piece of psycopg's work. Raises `Silent` or `Late`."""
        return super().wait(self._watched(gen), *arguments, **options)

    def _watched(self, work: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Go through a piece of psycopg's work; it is told at short intervals that nothing has come."""
        if self.patience <= 0:
            work.close()
            raise Late("no time is left")
        try:
            state = next(work)
            while True:
                asked = time.monotonic()
                ready = yield state
                if not ready:
                    self.patience -= time.monotonic() - asked
                    if self.patience <= 0:
                        raise Silent("the server doesn't answer")
                state = work.send(ready)
        except StopIteration as end:
            return end.value


class Renewed(Protocol):
    """What a program holds on a server and has to take again when the server was lost."""

    def renew(self, deadline: float) -> None:
        """Make sure of it before `deadline` (of the monotonic clock)."""


class Postgresql:
    """A server's database, and the pool of connections to it."""

    alone = ("BEGIN", "SELECT pg_advisory_xact_lock(1886351215)")
    """What begins a transaction beside which nobody else migrates."""
    one_writer = False
    path = None
    errors: type[Exception] = psycopg.Error

    def __init__(self, url: str) -> None:
        # Without a limit, as on SQLite; what a transaction leaves behind is cleared up in `abandon`.
        self.engine = create_engine(url, creator=self.connect, max_overflow=-1, pool_reset_on_return=None)
        self._arguments = dict(self.engine.dialect.create_connect_args(self.engine.url)[1])
        self.leases: list[Renewed] = []
        """The tills that are this program's: their locks go with a server that goes."""
        self._shaken = False
        self._renewing = Lock()
        given = self._arguments.pop("options", "")
        settings = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
        self._arguments = _LINK | self._arguments | {"options": f"{settings} {given}".strip()}
        host, port = self._arguments.get("host", "localhost"), self._arguments.get("port", 5432)
        self.name = f"{host}:{port}/{self._arguments.get('dbname', '')}"

    def connect(self) -> Link:
        """Return a connection of its own, outside the pool."""
        connection = Link.connect(autocommit=True, prepare_threshold=2, **self._arguments)
        connection.prepared_max = 1000
        # One type for all whole numbers: a statement would be prepared once for each size of each of them.
        connection.adapters.register_dumper(int, Int8Dumper)
        connection.adapters.register_loader("numeric", _Integer)
        return connection

    def beside(self, suffix: str) -> Path:
        """Return the path of a file of this machine's that belongs to the database, in the user's data folder."""
        from platformdirs import user_data_path

        folder = user_data_path("posconsole", appauthor=False)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{folder}: {error.strerror}. What belongs to the shop is kept there.") from error
        readable = re.sub(r"[^A-Za-z0-9.]+", "-", self.name).strip("-")[-60:]
        return folder / f"{readable}-{sha256(self.name.encode()).hexdigest()[:8]}{suffix}"

    def take_your_time(self, connection: PoolProxiedConnection) -> None:
        """Let a migration take up to an hour."""
        bear(connection, 3600)

    def begin(self, connection: PoolProxiedConnection, *, writes: bool, deadline: float) -> Any:
        """Begin a transaction and return its cursor; nothing in it is waited for longer than until `deadline`."""
        if writes and self._shaken:
            self._renew(deadline)
        bear(connection, deadline - OWN_WORK - time.monotonic())
        cursor: Any = connection.cursor()
        cursor.execute(_BEGIN[writes], prepare=False)
        return cursor

    def _renew(self, deadline: float) -> None:
        """Make sure, before anything is written, that this program's tills are its own still."""
        if deadline - time.monotonic() < CONNECTING:
            raise Late("no time is left to take the till again")
        with self._renewing:
            for lease in list(self.leases):
                lease.renew(deadline)
            self._shaken = False

    def commit(self, cursor: Any) -> None:
        """Commit the cursor's transaction."""
        cursor.execute(b"COMMIT", prepare=False)
        if cursor.statusmessage != "COMMIT":
            raise psycopg.errors.InFailedSqlTransaction("the transaction had failed before")

    def lighten(self) -> None:
        """Leave the log to the server, which sees to it beside its clients."""

    def abandon(self, connection: PoolProxiedConnection) -> None:
        """Leave nothing of a transaction. A connection that is in the middle of something is closed."""
        link: Any = connection.dbapi_connection
        if link.pgconn.transaction_status in (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR):
            with suppress(psycopg.Error):
                link.rollback()
        if link.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            connection.invalidate()

    def explained(self, error: Any, *, committing: bool) -> PosError | Raced:
        """Say what a driver's error means: a refusal, or that the whole transaction may run again."""
        state = error.sqlstate or ""
        if state in _UNDONE:
            return Raced(pause=0.01)
        if state in _WAITED:
            return Busy("The database is in use by something that doesn't let go. Nothing was written; try again.")
        if isinstance(error, Late):
            return Busy(f"{self.name}: the database server is too slow. Nothing was written; try again.")
        lost = state.startswith(_GONE) or (not state and isinstance(error, psycopg.OperationalError))
        if lost:
            # Whatever else waits in the pool went the same way, and a till's lock may have.
            self._shaken = True
            self.engine.dispose()
        if lost and committing:
            return OutcomeUnknown(f"{self.name}: the link broke while it was being written. {UNKNOWN}")
        if isinstance(error, Silent):
            return Busy(f"{self.name}: the database server doesn't answer. Nothing was written; try again.")
        words = str(error).strip().partition("\n")[0].rstrip(".")
        if lost:
            advice = "See that the database server runs, and that this machine reaches it."
            refusal = StorageError(f"{self.name}: {words}. {advice} Nothing was written.")
            return Raced(refusal, pause=0.1, needs=CONNECTING)
        advice = " See to the server." if state.startswith(_SPENT) else ""
        return StorageError(f"{self.name}: {words}.{advice} Nothing was written.")


UNKNOWN = (
    "Nobody can tell yet whether it is. Take nothing and give nothing out again before the same was done once more,"
    " with the same key: that gives the answer."
)


def bear(connection: PoolProxiedConnection, seconds: float) -> None:
    """Let a pooled connection bear so many seconds of silence in all."""
    link: Any = connection.dbapi_connection
    link.patience = seconds
