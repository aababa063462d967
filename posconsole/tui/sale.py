"""The open sale: a basket, its version and the quote for it, changed by one act after the other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from posconsole.codes import repeated
from posconsole.engine.quoting.rung import Basket
from posconsole.tui import ringing
from posconsole.tui.club import recognise

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from posconsole.engine.quoting.quotes import Quote
    from posconsole.engine.views import MemberView
    from posconsole.tui.club import Club
    from posconsole.tui.session import Session

REMEMBERED = 50


class Sale:
    """What is being sold. Acts are done strictly in the order they came, whatever each of them has to wait for.

    `changed` is called when there is something new to paint, `failed` with what an act raised.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.basket = Basket()
        self.version = 0
        self.quote: Quote | None = None
        self.club: Club | None = None
        self.chosen = 0
        self.changed: Callable[[], None] = lambda: None
        self.failed: Callable[[Exception], None] = lambda _: None
        self._quoted = -1
        self._known: str | None = None
        self._acts: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._history: list[Basket] = []
        self._underway = False

    def do(self, act: Callable[[], Awaitable[None]]) -> None:
        """Put an act behind those that wait."""
        self._acts.put_nowait(act)

    def refresh(self) -> None:
        """Have the sale priced and painted once what waits is done."""

        async def nothing() -> None:
            pass

        self.do(nothing)

    @property
    def waiting(self) -> int:
        """Return how many acts have not been done yet."""
        return self._acts.qsize() + self._underway

    async def run(self) -> None:
        """Do the acts, one after the other, and price the basket whenever none waits. Never returns."""
        while True:
            act = await self._acts.get()
            self._underway = True
            try:
                await act()
                if self._acts.empty():
                    await self.requote()
                    await self.recognise()
            except Exception as error:  # whatever one act met, the next customer has to be served
                self.failed(error)
            finally:
                self._underway = False
            if self._acts.empty():
                self.changed()

    async def requote(self) -> Quote | None:
        """Return the quote for the basket as it is, asking the engine only when it changed."""
        while self._quoted != self.version:
            version, basket = self.version, self.basket
            quote = await self.session.call(self.session.store.quote, basket) if basket.items else None
            self.quote, self._quoted = quote, version
        return self.quote

    async def recognise(self) -> None:
        """Look up who the member is, once they are another one than before."""
        if self._known == self.basket.member:
            return
        member = self.basket.member
        self.club = await self.session.call(recognise, self.session.store, member) if member else None
        self._known = member

    @property
    def member(self) -> MemberView | None:
        """Return the member on the sale, once they are known."""
        return self.club.member if self.club and self._known == self.basket.member else None

    @property
    def priced(self) -> bool:
        """Say whether the quote at hand is the one for the basket as it is."""
        return self._quoted == self.version

    def put(self, basket: Basket, *, chosen: int | None = None, park: bool = True) -> None:
        """Change the basket. What was before can be had back."""
        if chosen is not None:
            self.chosen = chosen
        if basket == self.basket:
            return
        self._history = [*self._history[-REMEMBERED:], self.basket]
        self._replace(basket, park=park)

    def undo(self) -> bool:
        """Go back to the basket before the last change. False when there was none."""
        if not self._history:
            return False
        self._replace(self._history.pop())
        return True

    def start_afresh(self) -> None:
        """Begin the next sale: nothing of this one can be had back."""
        self._replace(Basket())
        self._history, self.chosen = [], 0

    def stale(self) -> None:
        """Say that what is known no longer holds, though the basket is the same: time, stock, points or a cap moved."""
        self._quoted, self._known = -1, None

    def _replace(self, basket: Basket, *, park: bool = True) -> None:
        self.basket = basket
        self.version += 1
        self.chosen = max(0, min(self.chosen, self.rows - 1))
        if park:
            self.session.park(basket)

    @property
    def rows(self) -> int:
        """Return how many rows can be chosen: the lines, then the codes, then the reward."""
        return len(self.basket.items) + len(self.basket.codes) + (self.basket.reward is not None)

    def choose(self, by: int) -> None:
        """Move the choice up or down, stopping at the ends."""
        self.chosen = max(0, min(self.rows - 1, self.chosen + by))

    @property
    def chosen_item(self) -> int | None:
        """Return the index of the chosen line, or None when a code, the reward or nothing is chosen."""
        return self.chosen if self.chosen < len(self.basket.items) else None

    @property
    def chosen_code(self) -> str | None:
        """Return the chosen code, or None when a line or nothing is chosen."""
        index = self.chosen - len(self.basket.items)
        return self.basket.codes[index] if 0 <= index < len(self.basket.codes) else None

    @property
    def reward_chosen(self) -> bool:
        """Say whether the reward is chosen."""
        return self.basket.reward is not None and self.chosen == self.rows - 1

    @property
    def waits(self) -> tuple[str, ...]:
        """Name what is on a sale that has no goods: it would act on the next ones, whoever's they are."""
        codes = tuple(repeated(code).upper() for code in self.basket.codes)
        return codes if self.basket.reward is None else (*codes, "The reward")

    @property
    def empty(self) -> bool:
        """Say whether nothing has been rung up or put on."""
        return ringing.empty(self.basket)
