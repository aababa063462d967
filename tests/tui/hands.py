"""A person's hands and a scanner, at a till that runs in the test's own process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events
from textual._time import get_time
from textual.keys import _character_to_key

if TYPE_CHECKING:
    from posconsole.tui.app import PosApp


class Hands:
    """A person's hands and a scanner at the till's keyboard. Keys carry their own times, so nobody has to wait."""

    def __init__(self, till: PosApp) -> None:
        self.till = till
        self._at = get_time()

    def _key(self, key: str, character: str | None, gap: float) -> None:
        event = events.Key(key, character)
        self._at += gap
        event.time = self._at
        self.till.post_message(event)

    def type(self, text: str, gap: float = 0.12) -> None:
        for sign in text:
            self._key(_character_to_key(sign), sign, gap)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._key(key, key if len(key) == 1 else "\r" if key == "enter" else None, 0.3)

    def scan(self, *codes: str, gap: float = 0.001) -> None:
        """Send codes as a scanner does: none waits for what the one before it did."""
        self._at += 1
        for code in codes:
            self.type(code, gap)
            self._key("enter", "\r", gap)

    async def done(self) -> None:
        """Wait until what was entered is done and priced."""
        sale = self.till.checkout.sale
        for _ in range(6000):
            await asyncio.sleep(0.005)
            if self.till.message_queue_size == 0 and not sale.waiting and sale.priced:
                return
        raise AssertionError("the sale never came to rest")

    async def enter(self, *texts: str) -> None:
        for text in texts:
            self.type(text)
            self.press("enter")
        await self.done()
