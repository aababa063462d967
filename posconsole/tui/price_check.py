"""What would this cost? The next entry is told and not rung up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.engine.quoting.found import NothingFound, ProductFound
from posconsole.tui import describe, ringing
from posconsole.tui.entering import closing
from posconsole.tui.keys import BACK
from posconsole.tui.widgets.preview_row import BAD, PLAIN, Said
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.tui.sale import Sale
    from posconsole.tui.standing import Standing


class PriceCheck:
    """Answers once for each time it is asked. `asked` and `done` are called as the question comes and goes."""

    def __init__(self, sale: Sale, standing: Standing) -> None:
        self.sale, self.standing = sale, standing
        self.on = False
        self.asked: Callable[[], object] = lambda: None
        self.done: Callable[[], object] = lambda: None

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that act while it is asked, with a word each."""
        return ("Enter", "Tell the price"), (BACK.display, "Leave it")

    def said(self) -> Said:
        """Say what the keys do while it is asked."""
        return Said("Scan or type it: the price is told, and it is not rung up", PLAIN, f"{BACK} leaves")

    def press(self) -> None:
        """Ask, or leave it."""
        if self.on:
            self.leave()
        else:
            self.on = True
            self.asked()

    def leave(self) -> None:
        """Ask no longer."""
        if self.on:
            self.on = False
            self.done()

    def entered(self, text: str) -> None:
        """Tell what this would cost, behind what is still being done."""
        self.leave()
        self.sale.do(lambda: self._tell(text))

    async def _tell(self, text: str) -> None:
        session = self.sale.session
        found = describe.one_product(await session.call(session.store.look, text, self.sale.basket))
        if isinstance(found, ProductFound):
            self.standing.say(Said(await self._price(found), PLAIN, "not rung up"))
        elif isinstance(found, NothingFound):
            self.standing.refuse(Said(describe.nothing(text).text, BAD, closing()))
        else:
            said = describe.look(found, session.shop)
            self.standing.say(Said(said.text, said.tone, "nothing was done"))

    async def _price(self, found: ProductFound) -> str:
        """Name the price, and what it would add to this sale where an offer or a code makes that another amount."""
        session, shop = self.sale.session, self.sale.session.shop
        said = describe.product_line(found.product, found.quantity, shop)
        basket, _ = ringing.add(self.sale.basket, found.product.sku, found.quantity)
        before = await self.sale.requote()
        after = await session.call(session.store.quote, basket)
        adds = after.amount - (before.amount if before else 0)
        if adds == found.product.price * found.quantity:
            return said
        return f"{said}; to this sale it adds {money(adds, shop)}"
