"""Files that hold codes, which are money: their owner's alone, whole or not there, and replacing none unasked."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

from posconsole.errors import NotAllowed, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has none, and no shop shares a folder of it
    fcntl = None  # type: ignore[assignment]


def alone(handle: int) -> bool:
    """Lock an open file until it is closed, or say that another program has it. The lock goes down with the process."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Draft:
    """A file that grows as `NAME.part`, which the next program continues, and gets its name once it is whole.

    Raises `NotAllowed` where the name is taken, unless it shall be replaced, or while another program writes it;
    `StorageError` where the disk refuses, which leaves the part as it is.
    """

    def __init__(self, path: Path, *, replace: bool = False) -> None:
        self.path, self._replace = path, replace
        self._part = path.with_name(f"{path.name}.part")
        if not replace and path.exists():
            raise taken(path)
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and self._part.exists() and path.samefile(self._part):
                # Whole, and killed before it lost its first name: to go on with it would be to write in the file.
                self._part.unlink()
            handle = os.open(self._part, os.O_RDWR | os.O_CREAT, 0o600)
            self.file = os.fdopen(handle, "r+b")
        # Whoever finished the part since it was opened has turned it into the file itself.
        if not (alone(handle) and self._part.exists() and os.path.samestat(self._part.stat(), os.fstat(handle))):
            self.file.close()
            raise busy(path)

    def finish(self) -> None:
        """Give the whole file its name."""
        with explained(self.path):
            self.file.flush()
            os.fsync(self.file.fileno())
            if self._replace:
                self._part.replace(self.path)
            else:
                self._name()
        self.close()

    def close(self) -> None:
        """Leave the part for later, unless there is nothing in it."""
        if self.file.closed:
            return
        with explained(self.path), self.file:
            if not self.file.seek(0, os.SEEK_END):
                self._part.unlink(missing_ok=True)

    def _name(self) -> None:
        """Give the whole file its name, which replaces none: two programs can't both, and no kill leaves half."""
        try:
            os.link(self._part, self.path)
        except FileExistsError:
            raise taken(self.path) from None
        except OSError:
            # A memory stick knows no second name for a file.
            self._claim()
            self._part.replace(self.path)
        else:
            self._part.unlink()

    def _claim(self) -> None:
        """Take the name, empty: whoever put a file there meanwhile keeps it."""
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise taken(self.path) from None


def write(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write a file at once. Raises as `Draft` does."""
    draft = Draft(path, replace=replace)
    with contextlib.closing(draft), explained(path):
        draft.file.truncate(0)
        draft.file.write(data)
        draft.finish()


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the system says of a file into a `StorageError` that says what to do."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        way = "Make room on the disk: what is there is gone on with." if full else "Take another place for it."
        raise StorageError(f"{path} can't be written: {error.strerror or error}. {way}") from None


def busy(path: Path) -> NotAllowed:
    """Return the refusal to write what another program is writing."""
    return NotAllowed(f"{path} is being written by another program: wait for it, or take another name.", field="path")


def taken(path: Path) -> NotAllowed:
    """Return the refusal to replace a file."""
    return NotAllowed(f"{path} exists: take another name, or --force to replace it.", field="path")
