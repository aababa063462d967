"""A PDF of vouchers that is made beside the sale: one at a time, and what the end of the program cuts short goes on."""

from __future__ import annotations

import asyncio
from threading import Event
from typing import TYPE_CHECKING

from posconsole.errors import NotAllowed
from posconsole.tui.exporting import free

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posconsole import Store
    from posconsole.engine.views import BatchView
    from posconsole.spooling.setup import Setup

EACH = 8
"""Vouchers to a sheet."""
ENDING = 2.0
"""Seconds that the end of the program waits for the page under way; the next PDF of the batch goes on behind it."""


class Stopped(Exception):
    """The program ends."""


class Making:
    """The PDF that is being made, of the batch with the id `batch`: `done` of `total` vouchers are on whole pages."""

    def __init__(self) -> None:
        self.batch = ""
        self.done = self.total = 0
        self._ending = Event()
        self._task: asyncio.Task[None] | None = None

    def begin(
        self, store: Store, batch: BatchView, setup: Setup, *, demo: bool, said: Callable[[str | Exception], None]
    ) -> None:
        """Make the PDF of a batch; `said` gets the sentence about it, or what went wrong. Raises `NotAllowed`."""
        if self.batch:
            raise NotAllowed("Another PDF is being made. One at a time: wait for it.")
        path = free(f"{batch.prefix}-{batch.id}.pdf", demo=demo)
        self.batch, self.done, self.total = batch.id, 0, batch.minted
        self._task = asyncio.create_task(self._make(store, path, setup, said))

    async def _make(self, store: Store, path: Path, setup: Setup, said: Callable[[str | Exception], None]) -> None:
        from posconsole.tui.session import in_passing

        batch = self.batch
        try:
            count = await in_passing(lambda: self._pages(store, batch, path, setup))
        except Stopped:
            return
        except Exception as error:  # whatever it was, it has to be on the screen
            self.batch = ""
            said(error)
        else:
            self.batch = ""
            said(f"{count:,} vouchers are in {path}. They are money: keep it safe.")

    def _pages(self, store: Store, batch: str, path: Path, setup: Setup) -> int:
        from posconsole.printing.artwork import artwork
        from posconsole.spooling.exports import Export, finished

        export = Export(store, finished(store, batch), artwork("card", setup.artwork), setup.correction)
        return export.pdf(path, EACH, self._so_far)

    def _so_far(self, done: int, _total: int) -> None:
        self.done = done
        if self._ending.is_set():
            raise Stopped

    async def end(self) -> None:
        """Leave the PDF as far as it is."""
        self._ending.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=ENDING)
