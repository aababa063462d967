"""A program in a pty whose writes are timed as they arrive; a `Watched` one's are not interpreted."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.terminal import PATIENCE, Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence


class Timed(Terminal):
    """Tells what a key costs: the seconds to its last paint, the bytes, the processor's time."""

    def still(self, quiet: float) -> None:
        """Wait until nothing has been written for `quiet` seconds."""
        before = -1
        while before != self.written:
            before = self.written
            self._read(quiet)

    def key(self, text: str, quiet: float) -> tuple[float, int]:
        """Send a key and return the seconds to the last paint it causes, and the bytes of all of them."""
        before, begun = self.written, time.perf_counter()
        self.last = begun
        self.send(text)
        self.still(quiet)
        return self.last - begun, self.written - before

    @property
    def cpu(self) -> float:
        """Return the seconds that the program's threads have run so far."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    @property
    def memory(self) -> float:
        """Return how many MiB of memory the program holds."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


class Watched(Timed):
    """Keeps what is written as bytes. `begun` is when the program was started, `last` when it last wrote."""

    def __init__(self, command: Sequence[str], env: dict[str, str] | None = None) -> None:
        self.raw = b""
        self.begun = self.last = time.perf_counter()
        super().__init__(command, env=env)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self.last = time.perf_counter()
        self.raw += data
        self.written += len(data)
        return bool(data)

    def written_at(self, mark: str) -> float:
        """Wait until a text has been written and return the seconds from the start to its arrival."""
        end = time.perf_counter() + PATIENCE
        while mark.encode() not in self.raw:
            if time.perf_counter() > end:
                raise RuntimeError(f"never written: {mark}")
            if not self._read(0.05):
                raise RuntimeError(f"ended before it wrote: {mark}")
        return self.last - self.begun
