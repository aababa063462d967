"""Looking ahead: what Enter would do with the text as it stands, found out while the cashier pauses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from posconsole.errors import PosError
from posconsole.tui.safe import line
from posconsole.tui.scans import QUICK
from posconsole.tui.widgets.preview_row import BAD, CHECKING, NOTHING, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.tui.entering import Entering
    from posconsole.tui.finding import Finding

PAUSE = QUICK
"""Seconds without a key after which the engine is asked: the keys of a scan come faster."""


class LookAhead:
    """Asks the engine at most once for each pause in typing, and never twice at a time.

    An answer to another text or basket than the present one is dropped. `text` returns what is typed at this
    moment, `answered` is called when `said` has changed.
    """

    def __init__(self, entering: Entering, finding: Finding, text: Callable[[], str]) -> None:
        self._entering, self._finding, self._text = entering, finding, text
        self._pause: asyncio.TimerHandle | None = None
        self._asking: asyncio.Task[None] | None = None
        self.said = NOTHING
        self.answered: Callable[[], None] = lambda: None

    def ask(self) -> None:
        """Begin anew: the text, the basket or what is looked for has changed."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        wanted = bool(self._text().strip())
        self.said = CHECKING if wanted else NOTHING
        if (wanted or self._finding.on) and self._entering.sale.session.opened.is_set():
            self._pause = asyncio.get_running_loop().call_later(PAUSE, self._begin)

    def _begin(self) -> None:
        self._pause = None
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        text, version = self._text().strip(), self._entering.sale.version
        try:
            if self._finding.on:
                await self._finding.look(text)
                said = self._finding.said()
            else:
                said = await self._entering.preview(text) if text else NOTHING
        except PosError as error:
            said = Said(line(error.message), BAD)
        finally:
            self._asking = None
        if text == self._text().strip() and version == self._entering.sale.version:
            self.said = said
            self.answered()
        elif self._pause is None:
            self.ask()
