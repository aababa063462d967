"""Looking ahead: what Enter would do with the text as it stands, found out while the cashier pauses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from posconsole.errors import PosError
from posconsole.tui.safe import line
from posconsole.tui.widgets.preview_row import BAD, CHECKING, NOTHING, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.tui.entering import Entering
    from posconsole.tui.finding import Finding

PAUSE = 0.04
"""Seconds without a key after which the engine is asked."""


class LookAhead:
    """Asks the engine at most once for each pause in typing. An answer to another text or basket is dropped.

    `text` returns what is typed at this moment, `answered` is called when `said` has changed.
    """

    def __init__(self, entering: Entering, finding: Finding, text: Callable[[], str]) -> None:
        self._entering, self._finding, self._text = entering, finding, text
        self._asking: asyncio.Task[None] | None = None
        self.said = NOTHING
        self.answered: Callable[[], None] = lambda: None

    def ask(self) -> None:
        """Begin anew: the text, the basket or what is looked for has changed."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        text = self._text().strip()
        self.said = CHECKING if text else NOTHING
        if (text or self._finding.on) and self._entering.sale.session.opened.is_set():
            self._asking = asyncio.create_task(self._ask(text, self._entering.sale.version))

    async def _ask(self, text: str, version: int) -> None:
        await asyncio.sleep(PAUSE)
        try:
            if self._finding.on:
                await self._finding.look(text)
                said = self._finding.said()
            else:
                said = await self._entering.preview(text)
        except PosError as error:
            said = Said(line(error.message), BAD)
        if text == self._text().strip() and version == self._entering.sale.version:
            self.said = said
            self.answered()
