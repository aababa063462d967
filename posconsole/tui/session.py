"""Where the screen meets the store: opened late and in a thread, called off the loop, the basket parked in order."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from posconsole.errors import PosError
from posconsole.tui import ringing
from posconsole.tui.making import Making
from posconsole.tui.paperwork import Paperwork

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from posconsole import Store
    from posconsole.engine.quoting.rung import Basket
    from posconsole.engine.views import ShopView
    from posconsole.spooling.setup import Setup

P = ParamSpec("P")
R = TypeVar("R")


class Session:
    """A store that may not be there yet, and the draft of the open basket that goes into it.

    `loaded` is set once there is a store, `opened` once an operator is at its till as well; where none is yet,
    `unknown` is called to ask. `asks` says whether this shop asks for PINs.
    """

    def __init__(self, open_store: Callable[[], Store], till: str, setup: Setup | None = None) -> None:
        self._open_store = open_store
        self.paper, self.making = Paperwork(self, setup), Making()
        self.till = till
        self._store: Store | None = None
        self._shop: ShopView | None = None
        self._draft: Basket | None = None
        self._parking: asyncio.Task[None] | None = None
        self._commits: set[asyncio.Task[None]] = set()
        self._signed_in = asyncio.Event()
        self.loaded, self.opened = asyncio.Event(), asyncio.Event()
        self.asks = False
        self.unknown: Callable[[], None] = lambda: None
        self.trouble: Callable[[str], None] = lambda _: None

    @property
    def store(self) -> Store:
        """Return the store; only after `opened` is set."""
        if self._store is None:
            raise RuntimeError("the till is still opening")
        return self._store

    @property
    def shop(self) -> ShopView:
        """Return what holds for the whole shop; only after `opened` is set."""
        if self._shop is None:
            raise RuntimeError("the till is still opening")
        return self._shop

    async def open(self) -> None:
        """Import the engine and open the store in a thread; wait for an operator. Raises what the store raises."""
        if self._store is None:
            self._store, self._shop, self.asks = await in_passing(self._load)
        self.loaded.set()
        if self.store.till != self.till:
            self.unknown()
            await self._signed_in.wait()
        self.opened.set()

    async def sign_in(self, operator: str, pin: str | None) -> None:
        """Put an operator at the till, in place of whoever is there. Raises what the store raises."""
        self._store, self.asks = await asyncio.to_thread(self._put, self.store, operator, pin)
        self._signed_in.set()

    async def asks_by_now(self) -> bool:
        """Say whether the shop has come to ask for PINs since somebody who gave none was let in."""
        return not self.asks and await asyncio.to_thread(lambda: self.store.asks_for_pin)

    def _put(self, store: Store, operator: str, pin: str | None) -> tuple[Store, bool]:
        if store.till == self.till:
            return store.switch(operator, pin), store.asks_for_pin
        return store.sign_in(till=self.till, operator=operator, pin=pin), store.asks_for_pin

    def _load(self) -> tuple[Store, ShopView, bool]:
        store = self._open_store()
        shop = store.shop
        # The first formatted amount loads the locale's data: here, not on the way to the first paint of a sum.
        shop.currency.format(0, shop.locale)
        return store, shop, store.asks_for_pin

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the engine in a thread."""
        return await asyncio.to_thread(function, *args, **kwargs)

    def park(self, basket: Basket) -> None:
        """Save the open basket; the last one wins, in order, never on the screen's time."""
        self._draft = basket
        if self._parking is None or self._parking.done():
            self._parking = asyncio.create_task(self._save())

    async def _save(self) -> None:
        while self._draft is not None:
            basket, self._draft = self._draft, None
            baskets = self.store.baskets
            try:
                if ringing.empty(basket):
                    await asyncio.to_thread(baskets.clear)
                else:
                    await asyncio.to_thread(baskets.save, basket)
            except PosError as error:
                self.trouble(error.message)

    async def parked(self) -> None:
        """Wait until what was given to `park` is saved."""
        if self._parking is not None:
            await asyncio.wait([self._parking])

    def commit(self, work: Coroutine[None, None, None]) -> None:
        """Run what moves money: nothing cancels it, and leaving waits for it."""
        task = asyncio.create_task(work)
        self._commits.add(task)
        task.add_done_callback(self._commits.discard)

    @property
    def committing(self) -> bool:
        """Say whether money is being moved at this moment."""
        # One that has just ended is told of a turn of the loop later: no key in between is to be lost.
        return any(not task.done() for task in self._commits)

    async def settle(self) -> None:
        """Wait until the commits under way have ended and the basket is parked."""
        while self._commits:
            await asyncio.wait(self._commits)
        await self.parked()

    async def close(self) -> None:
        """Finish what is under way and close the store."""
        await self.settle()
        await self.making.end()
        await self.paper.end()
        if self._store is not None:
            await asyncio.to_thread(self._store.close)


def in_passing(function: Callable[[], R]) -> asyncio.Future[R]:
    """Call a function in a thread that nobody waits for who leaves: a link that is cut ends the program at once."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[R] = loop.create_future()

    def settle(how: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has ended: nobody is there to hear it
            loop.call_soon_threadsafe(lambda: None if answer.done() else how())

    def work() -> None:
        try:
            result = function()
        except Exception as error:  # whatever it was, it belongs to whoever waits
            settle(partial(answer.set_exception, error))
        else:
            settle(partial(answer.set_result, result))

    Thread(target=work, daemon=True).start()
    return answer
