"""Between the savings panel and the sale: asks the engine for advice, and does what the customer takes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.errors import PosError
from posconsole.tui.choices import left_out_with, listed, own
from posconsole.tui.entering import closing, undoes
from posconsole.tui.intent import Intent
from posconsole.tui.keys import BACK, SAVE, told
from posconsole.tui.safe import line
from posconsole.tui.widgets.preview_row import BAD, CHECKING, GOOD, PLAIN, WARN, Said
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.engine.quoting.advising import Advice
    from posconsole.tui.choices import Choice
    from posconsole.tui.sale import Sale
    from posconsole.tui.standing import Standing
    from posconsole.tui.widgets.save_panel import SavePanel

WHO = "Advice is for members: look one up with {member} first."
NOTHING_RUNG = "Ring something up first: then {save} says what can be saved on it."
DECIDE = "{save} takes what is ticked, {back} leaves it all. Then {pay} takes the money."


class Saving:
    """The answer to "can I save anything today?". `shown` is called when the panel opens, `shut` when it goes."""

    def __init__(self, sale: Sale, standing: Standing, panel: SavePanel) -> None:
        self.sale, self.standing, self.panel = sale, standing, panel
        self.intent = Intent()
        self.on = False
        self.shown: Callable[[], object] = lambda: None
        self.shut: Callable[[], object] = lambda: None
        self._advice: Advice | None = None
        self._asked = -1
        self._left_out: dict[str, Choice] = {}

    def press(self) -> None:
        """Do what F6 means: look what can be saved; in the panel, take it."""
        self.sale.do(self._take if self.on else self._open)

    def leave(self) -> None:
        """Close the panel and do nothing."""
        self.on, self._advice = False, None
        self.shut()

    def toggle(self) -> None:
        """Take the chosen thing, or leave it out; the best is found among the rest."""
        choice = self.panel.chosen
        if choice is not None and not choice.fixed:
            self.sale.do(lambda: self._toggle(choice))

    def follow(self) -> None:
        """Ask again where the sale has changed behind the panel."""
        if self.on and self._asked != self.sale.version:
            self.sale.do(self._ask)

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that act in the panel, with a word each."""
        others = ("Space", "On or off"), ("↑ ↓", "Choose"), (BACK.display, "Leave it")
        return (SAVE.display, "Take what is ticked"), *others

    def said(self) -> Said:
        """Say what the chosen thing is, and which key acts on it."""
        choice = self.panel.chosen
        if choice is None:
            return CHECKING
        if choice.fixed:
            return Said(choice.said, GOOD, "comes by itself, and stays")
        return Said(
            choice.said, GOOD if choice.taken else PLAIN, f"Space {'leaves it out' if choice.taken else 'takes it'}"
        )

    async def _open(self) -> None:
        if self.sale.basket.member is None or not self.sale.basket.items:
            self.standing.say(Said(told(NOTHING_RUNG if self.sale.basket.member else WHO), WARN))
            return
        await self.sale.recognise()
        drawn = self.sale.quote.vouchers if self.sale.quote else ()
        has = {self.sale.basket.reward, *(draw.id for draw in drawn)}
        self._left_out = own(await self._advise(()), self.sale.club, has, self.sale.session.shop)
        await self._ask()
        if not self.panel.choices:
            self.leave()
            self.standing.say(Said("Nothing more to save on this basket today", PLAIN))

    async def _advise(self, without: tuple[str, ...]) -> Advice:
        session = self.sale.session
        return await session.call(session.store.advise, self.sale.basket, without=without)

    async def _ask(self) -> None:
        """Ask for the best, and show it. Without a member or goods there is nothing to ask."""
        session, basket, version = self.sale.session, self.sale.basket, self.sale.version
        if basket.member is None or not basket.items:
            self.leave()
            return
        advice = await self._advise(tuple(self._left_out))
        why = await session.call(session.store.explain, advice.quote)
        self._advice, self._asked = advice, version
        self.panel.show(listed(advice, self.sale.club, self._left_out, session.shop), advice, why, session.shop)
        if not self.on:
            self.on = True
            self.shown()

    async def _toggle(self, choice: Choice) -> None:
        self._left_out = left_out_with(choice, self.panel.choices, self._left_out)
        await self._ask()
        if not choice.taken and not any(one.taken for one in self.panel.choices if one.id == choice.id):
            self.standing.refuse(
                Said(f"{line(choice.name)} does nothing for this basket beside the rest.", WARN, closing())
            )

    async def _take(self) -> None:
        """Activate the offers and put codes and reward on the sale, as the panel shows it."""
        advice = self._advice
        if advice is None or not self.on:
            return
        if self._asked != self.sale.version:
            await self._ask()
            return
        for offer in advice.activate:
            await self._activate(offer, advice.basket.member or "")
        self.sale.put(advice.basket)
        self.sale.stale()
        self.leave()
        saves = f"Saved {money(advice.saves, self.sale.session.shop)}" if advice.saves else "It is on the sale"
        names = ", ".join(line(choice.name) for choice in self.panel.choices if choice.taken and not choice.fixed)
        self.standing.say(
            Said(f"{saves}: {names}" if names else "The sale is as it was", GOOD, undoes() if names else "")
        )

    async def _activate(self, offer: str, member: str) -> None:
        store = self.sale.session.store
        try:
            key = self.intent.key(offer, member)
            await self.sale.session.call(store.offers.activate, offer=offer, account=member, idempotency_key=key)
        except PosError as error:
            # Somebody may have had the last one meanwhile: the sale shows what is left of it.
            self.standing.refuse(Said(error.message, BAD, closing()))
