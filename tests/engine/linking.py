"""A link to the server that can be cut or fall silent at a chosen moment, as networks do."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Trap:
    """What happens once the till says `words`, or has sent `size` bytes in all.

    With `delivered` the server still gets that piece, and its answer is lost; with `silent` the link stays up.
    """

    words: bytes = b""
    size: int = 0
    delivered: bool = False
    silent: bool = False


class Link:
    """Forwards a port of this machine to the server's socket, until a trap goes off."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._trap: Trap | None = None
        self._dead = threading.Event()
        self._sockets: list[socket.socket] = []
        self.sent = 0
        self.sprung = False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def set(self, trap: Trap) -> None:
        """Arm a trap; the bytes are counted from here."""
        self.sent, self.sprung, self._trap = 0, False, trap

    def silence(self) -> None:
        """Say nothing from now on, on any connection, also on new ones."""
        self._dead.set()

    def mend(self) -> None:
        """Take the trap away. What hung is cut, new connections go through."""
        self._trap = None
        self._cut()
        self._dead.clear()

    def close(self) -> None:
        """Take the link away."""
        self._listener.close()
        self._cut()

    def _cut(self) -> None:
        while self._sockets:
            end = self._sockets.pop()
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                till, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                self._sockets += [till, server]
                try:
                    server.connect(str(self._server))
                except OSError:
                    till.close()
                    continue
                threading.Thread(target=self._up, args=(till, server), daemon=True).start()
                threading.Thread(target=self._down, args=(server, till), daemon=True).start()

    def _up(self, till: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := till.recv(65536):
                if self._dead.is_set():
                    continue
                data = self._sprung_by(data, till, server)
                self.sent += len(data)
                server.sendall(data)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _sprung_by(self, data: bytes, till: socket.socket, server: socket.socket) -> bytes:
        """Spring the trap if this piece is its own; return what of the piece goes on."""
        trap = self._trap
        if trap is None or not (trap.words in data if trap.words else self.sent + len(data) >= trap.size):
            return data
        self._trap, self.sprung = None, True
        if trap.silent:
            self._dead.set()
        else:
            till.shutdown(socket.SHUT_RDWR)
        return data if trap.delivered else b"" if trap.words else data[: max(0, trap.size - self.sent)]

    def _down(self, server: socket.socket, till: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if not self._dead.is_set():
                    till.sendall(data)
        with suppress(OSError):
            if not self._dead.is_set():
                till.shutdown(socket.SHUT_RDWR)
