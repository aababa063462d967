"""A receipt printer on the network that can be ill: it keeps what it was sent, and answers as it is told to."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FINE, OFFLINE, COVER, ENDED, FAULT = 0x12, 0x1A, 0x16, 0x72, 0x52
DONE = b"\x1dr\x01"
WELL = {b"\x10\x04\x01": FINE, b"\x10\x04\x02": FINE, b"\x10\x04\x04": FINE, DONE: 0x00}
"""What a printer that is well answers: online, for what reason not, paper, and paper when all is printed."""
NO_PAPER = {**WELL, b"\x10\x04\x01": OFFLINE, b"\x10\x04\x02": 0x32, b"\x10\x04\x04": ENDED, DONE: 0x0C}
BREAKS = {**WELL, DONE: None}
"""It prints, and is gone before it could say so."""


class Standin:
    """A printer at `address`. It answers what `answers` holds, or hangs up hard for None or after so many bytes.

    `papers` are the jobs that came, whole or not, and `calls` how often it was called.
    """

    def __init__(
        self, answers: Mapping[bytes, int | None] = WELL, *, dies_after: int | None = None, reads: bool = True
    ) -> None:
        self.answers, self._dies_after, self._reads = answers, dies_after, reads
        self.papers: list[bytes] = []
        self.calls = 0
        self._paper = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"network://127.0.0.1:{self._listening.getsockname()[1]}"
        self._line: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        # Whoever waits for a caller is woken by one, and whoever listens to one by a line that is dead.
        with suppress(OSError):
            socket.create_connection(self._listening.getsockname(), 1).close()
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listening.close()

    @property
    def got(self) -> bytes:
        """All that it was sent but questions."""
        return b"".join([*self.papers, self._paper])

    def has(self, data: bytes, times: int = 1) -> bool:
        """Wait until it got something so often, and say whether it got it no oftener."""
        self._until(lambda: self.got.count(data) >= times)
        return self.got.count(data) == times

    def came(self, papers: int) -> bool:
        """Wait until so many papers are out."""
        return self._until(lambda: len(self.papers) >= papers)

    def _until(self, holds: Callable[[], bool]) -> bool:
        until = time.monotonic() + 30
        while not holds() and time.monotonic() < until:
            time.sleep(0.01)
        return holds()

    def _serve(self) -> None:
        while not self._ended.is_set():
            self._line, _ = self._listening.accept()
            self.calls += 1
            with self._line, suppress(OSError):
                self._listen(self._line)
            self._tear_off()

    def _listen(self, line: socket.socket) -> None:
        if not self._reads:
            self._ended.wait(30)
        while not self._ended.is_set() and (heard := line.recv(4096)):
            self._paper += heard
            question = next((one for one in WELL if self._paper.endswith(one)), b"")
            self._paper = self._paper.removesuffix(question)
            answer = self.answers.get(question)
            dead = self._dies_after is not None and len(self._paper) >= self._dies_after
            if dead or (question in self.answers and answer is None):
                self._tear_off()  # before the other end can hear of it
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if question == DONE:
                self._tear_off()
            if answer is not None:
                line.sendall(bytes((answer,)))

    def _tear_off(self) -> None:
        if self._paper:
            self.papers.append(self._paper)
            self._paper = b""
