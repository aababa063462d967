"""A receipt printer on the network that can be ill: it keeps what it was sent, and answers as it is told to."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress
from typing import Self

FINE, OFFLINE, COVER, ENDED, FAULT = 0x12, 0x1A, 0x16, 0x72, 0x52
WELL = {b"\x10\x04\x01": FINE, b"\x10\x04\x02": FINE, b"\x10\x04\x04": FINE, b"\x1dr\x01": 0x00}
"""What a printer that is well answers: online, for what reason not, paper, and paper when all is printed."""
NO_PAPER = {**WELL, b"\x10\x04\x01": OFFLINE, b"\x10\x04\x02": 0x32, b"\x10\x04\x04": ENDED, b"\x1dr\x01": 0x0C}


class Standin:
    """A printer at `address`. It answers what `answers` holds, and hangs up hard after so many bytes."""

    def __init__(self, answers: dict[bytes, int], *, dies_after: int | None = None, reads: bool = True) -> None:
        self.answers, self._dies_after, self._reads = answers, dies_after, reads
        self.got = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"network://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        # Whoever waits for a caller is woken by one.
        with suppress(OSError):
            socket.create_connection(self._listening.getsockname(), 1).close()
        self._thread.join(10)
        self._listening.close()

    def has(self, data: bytes, times: int = 1) -> bool:
        """Wait until it got something so often, and say whether it got it no oftener."""
        until = time.monotonic() + 30
        while self.got.count(data) < times and time.monotonic() < until:
            time.sleep(0.01)
        return self.got.count(data) == times

    def _serve(self) -> None:
        while not self._ended.is_set():
            line, _ = self._listening.accept()
            with line, suppress(OSError):
                self._listen(line)

    def _listen(self, line: socket.socket) -> None:
        if not self._reads:
            self._ended.wait(30)
        while heard := line.recv(4096):
            question = next((one for one in self.answers if heard.endswith(one)), b"")
            self.got += heard.removesuffix(question)
            if self._dies_after is not None and len(self.got) >= self._dies_after:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if question:
                line.sendall(bytes((self.answers[question],)))
