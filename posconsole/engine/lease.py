"""One program to a till: the second that opens the same one is refused."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from posconsole.errors import NotAllowed, StorageError

if TYPE_CHECKING:
    from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has none, and no shop shares a folder of it
    fcntl = None  # type: ignore[assignment]


class Lease:
    """A till's lock file beside the database. The system drops the lock with the process, however it ends."""

    def __init__(self, database: Path, till: str) -> None:
        path = database.with_name(f"{database.name}.till-{till}")
        try:
            self._handle: int | None = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}. A till keeps its lock there.") from error
        if fcntl is None:
            return
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.release()
            raise NotAllowed(
                f"Till {till} is open in another window. Close that one, or open another till.", code="till_in_use"
            ) from None

    def release(self) -> None:
        """Let the next program have the till."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)
