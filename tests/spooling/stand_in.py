"""A receipt printer on this machine's network: it prints, is out of paper, says nothing, or breaks at the end."""

from __future__ import annotations

import socket
import time
from threading import Thread

READY, OUT = b"\x12", b"\x72"
QUESTION, END = b"\x10\x04", b"\x1dr\x01"


class StandIn:
    """Listens until it is closed. `papers` are the jobs that came, `says` is printing, out, nothing or breaks."""

    def __init__(self, says: str = "printing") -> None:
        self.says = says
        self.papers: list[bytes] = []
        self.calls = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        return f"network://127.0.0.1:{self._server.getsockname()[1]}"

    def close(self) -> None:
        self._server.close()
        for link in self._held:
            link.close()

    def came(self, papers: int, seconds: float = 30) -> bool:
        """Wait until so many papers are out."""
        end = time.monotonic() + seconds
        while len(self.papers) < papers and time.monotonic() < end:
            time.sleep(0.01)
        return len(self.papers) >= papers

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._server.accept()
            except OSError:
                return
            self.calls += 1
            self._held.append(link)
            Thread(target=self._talk, args=(link,), daemon=True).start()

    def _talk(self, link: socket.socket) -> None:
        paper = b""
        try:
            while self.says != "nothing" and (came := link.recv(65536)):
                paper += came
                while QUESTION in paper:
                    at = paper.index(QUESTION)
                    asked, paper = paper[at + 2], paper[:at] + paper[at + 3 :]
                    link.sendall(OUT if asked == 4 and self.says == "out" else READY)
                if paper.endswith(END):
                    self.papers.append(paper.removesuffix(END))
                    paper = b""
                    if self.says == "breaks":
                        link.close()
                        return
                    link.sendall(b"\0")
        except OSError:
            return
