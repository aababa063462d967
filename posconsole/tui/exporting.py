"""Files that the back office writes: into one folder, readable by whoever runs the till and nobody else."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

from posconsole.errors import NotAllowed, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def folder() -> Path:
    """Return where exports go: `posconsole` among the user's documents."""
    from platformdirs import user_documents_path

    return user_documents_path() / "posconsole"


def place(name: str, *, demo: bool) -> Path:
    """Return where a file of this name goes. A demo, which strangers may be at over SSH, writes none: `NotAllowed`."""
    if demo:
        raise NotAllowed("A demo writes no files. In a shop of your own this goes to your documents.")
    return folder() / name


def free(name: str, *, demo: bool) -> Path:
    """Return where a new file of about this name goes, which replaces none. Raises `NotAllowed` as `place` does."""
    path = first = place(name, demo=demo)
    number = 1
    while path.exists():
        number += 1
        path = first.with_stem(f"{first.stem}-{number}")
    return path


def export(name: str, write: Callable[[IO[str]], int], *, demo: bool) -> tuple[Path, int]:
    """Write a file there and return its path and how many rows it has; one of the same name is replaced.

    Raises `NotAllowed` at a demo, `StorageError`.
    """
    path = place(name, demo=demo)
    part = path.with_name(f"{name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Codes are money: the file is its owner's from the first byte on.
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            rows = write(file)
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path} can't be written: {error.strerror or error}") from None
    return path, rows
