"""A program in a real terminal: type into it, wait for what it shows, see what it wrote, send it signals."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

KEYS = {
    "enter": "\r", "esc": "\x1b", "tab": "\t", "backspace": "\x7f", "pagedown": "\x1b[6~",
    **{f"ctrl+{letter}": chr(ord(letter) & 31) for letter in "bdeglnopqrtz"},
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~",
    "f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~", "f10": "\x1b[21~", "f12": "\x1b[24~",
}  # fmt: skip
# pyte knows neither the replies of the private modes nor synchronised output; both can be left out.
_UNKNOWN = re.compile(rb"\x1b\[[>=<][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1bP.*?\x1b\\", re.DOTALL)
PATIENCE = 15.0


class Terminal:
    """One program in a pty of `columns` x `rows`. Use it as a context: what still runs at its end is killed."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 80, rows: int = 24, env: dict[str, str] | None = None
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.written = 0
        self.last = 0.0
        """When the program last wrote, by `time.perf_counter`."""
        self.status: int | None = None
        self.pid, self._fd = pty.fork()
        if not self.pid:
            os.environ.update({"TERM": "xterm-256color", "COLORTERM": "", **(env or {})})
            for name in ("NO_COLOR", "COLUMNS", "LINES"):
                os.environ.pop(name, None)
            os.execvp(command[0], [*command])  # noqa: S606 - this is the child that becomes the program
        self.resize(columns, rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            self.signal(signal.SIGKILL)
            self.wait_for_end()
        os.close(self._fd)

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size."""
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def send(self, text: str) -> None:
        """Write text in one write, as a scanner or a paste does."""
        os.write(self._fd, text.encode())

    def press(self, *keys: str) -> None:
        """Press keys by name (`enter`, `f9`, `a`), each in its own write."""
        for key in keys:
            self.send(KEYS.get(key, key))
            self.pump(0.05)

    def pump(self, seconds: float) -> None:
        """Read what comes for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._read(left):
            pass

    def _read(self, seconds: float) -> bool:
        if not select.select([self._fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self.last = time.perf_counter()
        self.written += len(data)
        self._stream.feed(_UNKNOWN.sub(b"", data))
        return bool(data)

    @property
    def text(self) -> str:
        """Return what the screen shows."""
        return "\n".join(row.rstrip() for row in self.screen.display)

    def until(self, shown: str | Callable[[str], bool], seconds: float = PATIENCE) -> str:
        """Wait until the screen shows a text, or fulfils a condition, and return it."""
        fulfilled = shown if callable(shown) else lambda text: shown in text
        end = time.monotonic() + seconds
        while not fulfilled(self.text):
            if time.monotonic() > end:
                raise AssertionError(f"never shown: {shown}\n{self.text}")
            if not self._read(0.05) and not fulfilled(self.text):
                raise AssertionError(f"ended before it showed: {shown}\n{self.text}")
        return self.text

    def settled(self, quiet: float = 0.15) -> str:
        """Wait until nothing has been written or worked on for a moment and return what the screen shows."""
        before, end = (-1, -1), time.monotonic() + PATIENCE
        while before != (self.written, self._worked()) or self._wants_to_work():
            assert time.monotonic() < end, f"it never came to rest\n{self.text}"
            before = self.written, self._worked()
            self.pump(quiet)
        return self.text

    def _worked(self) -> int:
        """Return how much of the processor's time the program's threads have had, in ticks."""
        return sum(int(stat[11]) + int(stat[12]) for stat in self._threads())

    def _wants_to_work(self) -> bool:
        """Say whether a thread gets no turn, or no answer from a disk: on a busy machine that looks like rest."""
        return any(stat[0] != "S" for stat in self._threads())

    def _threads(self) -> list[list[str]]:
        found = []
        for task in Path(f"/proc/{self.pid}/task").glob("*/stat"):
            with suppress(OSError):  # ended meanwhile
                found.append(task.read_text().rpartition(")")[2].split())
        return found

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Cut the line, as a lost SSH connection does."""
        self.signal(signal.SIGHUP)

    def wait_for_end(self, seconds: float = PATIENCE) -> int:
        """Wait for the program's end and return its exit status, negative for a signal."""
        end = time.monotonic() + seconds
        while self.status is None:
            self._read(0.02)
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                raise AssertionError(f"still running after {seconds} s\n{self.text}")
        return self.status
