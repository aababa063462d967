"""Opening the till: the store, and the basket that was open when the till was last left or cut off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from posconsole.errors import PosError
from posconsole.tui import describe, ringing, words
from posconsole.tui.entering import closing, undoes
from posconsole.tui.keys import BACK, TRAY
from posconsole.tui.widgets.preview_row import GOOD, NOTHING, WARN, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.engine.quoting.rung import Basket
    from posconsole.tui.sale import Sale
    from posconsole.tui.standing import Standing


SLOW = 60
"""Seconds by which a clock may be behind before anybody is told."""


class Resuming:
    """Offers the open basket before anything is rung up: what is scanned meanwhile waits behind the answer."""

    def __init__(self, sale: Sale, standing: Standing) -> None:
        self.sale, self.standing = sale, standing
        self._answer: asyncio.Future[bool] | None = None
        self.opened: Callable[[], object] = lambda: None
        self.asked: Callable[[], None] = lambda: None

    @property
    def asking(self) -> bool:
        """Say whether the question is open."""
        return self._answer is not None

    def answer(self, *, take_up: bool) -> None:
        """Answer the question; the first answer counts."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(take_up)

    async def open(self) -> None:
        """Open the store and deal with the basket that was open. Raises what the store raises."""
        session = self.sale.session
        await session.open()
        self.opened()
        await self._settle()
        await self._check_clock()
        draft = await session.call(session.store.baskets.open)
        self.standing.say(NOTHING)
        if draft is None or ringing.empty(draft):
            return
        if await self._offer(draft):
            self.sale.put(draft, chosen=max(0, len(draft.items) - 1))
        else:
            # Through the sale, so that Ctrl+Z has it back.
            self.sale.put(draft, park=False)
            self.sale.put(ringing.NONE)
            self.standing.say(Said("That basket is put away", GOOD, undoes()))

    async def _settle(self) -> None:
        """Complete or release what was being paid when the till stopped, and let it stand until it is seen."""
        session = self.sale.session
        try:
            waiting = await session.call(session.store.payments.unsettled)
            found = await session.call(session.store.payments.recover)
        except PosError as error:
            self.standing.refuse(Said(error.message, WARN))
            return
        cut_off = {payment.id for payment in waiting if any(t.status == "pending" for t in payment.tenders)}
        for one in found:
            if one.what != "needs_settling" or one.payment.id in cut_off:
                hint = TRAY.display if one.what == "needs_settling" else closing()
                self.standing.refuse(Said(words.left_open(one, session.shop), WARN, hint))

    async def _check_clock(self) -> None:
        """Say that the machine's clock is behind, as long as nothing goes wrong by it yet."""
        behind = await self.sale.session.call(self.sale.session.store.clock_behind)
        if behind >= SLOW:
            said = f"The clock is {_duration(behind)} slow: set it right, dates go by it."
            self.standing.refuse(Said(said, WARN, closing()))

    async def _offer(self, draft: Basket) -> bool:
        session, amount = self.sale.session, None
        try:
            quote = await session.call(session.store.quote, draft)
            amount = session.shop.currency.format(quote.due, session.shop.locale)
        except PosError:
            amount = None  # what can't be priced any more is still offered; pricing it will say why
        self._answer = asyncio.get_running_loop().create_future()
        text = f"{describe.basket(draft, amount)}, was open. Enter takes it up, {BACK} or Esc clears it."
        self.standing.say(Said(text, WARN))
        self.asked()
        take_up = await self._answer
        self._answer = None
        self.standing.say(NOTHING)
        return take_up


def _duration(seconds: int) -> str:
    """Write a time as its largest unit: `3 hours`, `1 day`."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if count := seconds // size:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"
