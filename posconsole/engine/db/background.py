"""Work beside the till's: in threads of this process, in steps that are each done or not done."""

from __future__ import annotations

from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from posconsole.errors import PosError

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE = 0.002
"""Seconds between two steps, for whoever waits for the database."""
RETRY = 1.0
"""Seconds until a step is tried again that the database didn't take."""


class Background:
    """The works of this process that go on beside the rest, each under a name."""

    def __init__(self) -> None:
        self._threads: dict[str, Thread] = {}
        self._lock = Lock()
        self._ending = Event()

    def start(self, name: str, step: Callable[[], bool]) -> None:
        """Take step after step until one says that it was the last, unless that goes on under this name already.

        A process ends when its works have; `stop` ends them sooner.
        """
        with self._lock:
            running = self._threads.get(name)
            if not self._ending.is_set() and (running is None or not running.is_alive()):
                thread = self._threads[name] = Thread(target=self._run, args=(step,), name=name)
                thread.start()

    def wait(self, name: str) -> None:
        """Wait until the work under this name has ended."""
        with self._lock:
            thread = self._threads.get(name)
        if thread is not None:
            thread.join()

    def stop(self) -> None:
        """Let every work end after the step that it is at, and wait for that. None is begun any more."""
        self._ending.set()
        for name in list(self._threads):
            self.wait(name)

    def _run(self, step: Callable[[], bool]) -> None:
        more = True
        while more and not self._ending.is_set():
            try:
                more = step()
            except PosError:
                # A full disk, a server that is away: it may come back, and nothing of the step was done.
                self._ending.wait(RETRY)
            else:
                self._ending.wait(PAUSE)
