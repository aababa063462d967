"""One program to a till: the second that opens the same one is refused."""

from __future__ import annotations

import contextlib
import os
import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from posconsole.engine.db.raced import refusal
from posconsole.errors import NotAllowed, StorageError
from posconsole.files import alone

if TYPE_CHECKING:
    from pathlib import Path

    from posconsole.engine.db.database import Database
    from posconsole.engine.db.postgresql import Link, Postgresql

_LOCK = "SELECT pg_try_advisory_lock(%s::int, %s::int)"
_UNLOCK = "SELECT pg_advisory_unlock_all()"
_TILLS = 1886351220
"""The first half of the advisory locks that are tills; the second is made of the till's name."""


class Lease(Protocol):
    """A till that is this program's alone until it is released, or until the program ends, however it ends."""

    def release(self) -> None:
        """Let the next program have the till."""


def take(database: Database, till: str) -> Lease:
    """Take a till. Raises `NotAllowed` with the code `till_in_use` while another program has it."""
    if database.path is not None:
        return _FileLease(database.server.beside(f".till-{till}"), till)
    return _ServerLease(database.server, till)  # type: ignore[arg-type]  # what has no file is a server


class _FileLease:
    """A till's lock file beside the database. The system drops the lock with the process."""

    def __init__(self, path: Path, till: str) -> None:
        try:
            handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}. A till keeps its lock there.") from error
        self._handle: int | None = handle
        if not alone(handle):
            self.release()
            raise _in_use(till)

    def release(self) -> None:
        """Let the next program have the till."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)


class _ServerLease:
    """A till's advisory lock, on a connection of its own. The server drops the lock with the connection."""

    def __init__(self, server: Postgresql, till: str) -> None:
        self._server = server
        self._till = till
        try:
            self._link = self._locked()
        except server.errors as error:
            raise refusal(server.explained(error, committing=False)) from error
        server.leases.append(self)

    def renew(self, deadline: float) -> None:
        """Take the till again if its lock went down with a server. Raises `NotAllowed` if somebody was faster."""
        self._link.patience = deadline - time.monotonic()
        try:
            self._link.execute("SELECT 1")
        except self._server.errors:
            self._link.close()
            self._link = self._locked()

    def release(self) -> None:
        """Let the next program have the till."""
        if self in self._server.leases:
            self._server.leases.remove(self)
        # By itself a closed connection gives up its lock only once the server has noticed.
        self._link.patience = 1.0
        with contextlib.suppress(self._server.errors):
            self._link.execute(_UNLOCK)
        self._link.close()

    def _locked(self) -> Link:
        link = self._server.connect()
        name = int.from_bytes(sha256(self._till.encode()).digest()[:4], "big", signed=True)
        answer: Any = link.execute(_LOCK, (_TILLS, name)).fetchone()
        if not answer[0]:
            link.close()
            raise _in_use(self._till)
        return link


def _in_use(till: str) -> NotAllowed:
    return NotAllowed(
        f"Till {till} is open in another window. Close that one, or open another till.",
        code="till_in_use",
        field="till",
    )
