"""Putting a sale aside under a name, so that the next customer can be served, and taking it up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.tui.entering import not_entered
from posconsole.tui.intent import Intent
from posconsole.tui.keys import BACK, PARK, TRAY
from posconsole.tui.safe import line
from posconsole.tui.standing import TYPED
from posconsole.tui.widgets.preview_row import GOOD, PLAIN, WARN, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.engine.quoting.rung import Basket
    from posconsole.tui.entering import Entering

LONGEST = 40
BARCODE = 8
"""So many figures in a row are an article's, not a name."""


class Parking:
    """Asks for a name, and parks the sale under it. `asked` and `done` are called as the question comes and goes."""

    def __init__(self, entering: Entering) -> None:
        self.entering, self.sale, self.standing = entering, entering.sale, entering.standing
        self.intent = Intent()
        self.on = False
        self.asked: Callable[[], object] = lambda: None
        self.done: Callable[[], object] = lambda: None

    def press(self, typed: str) -> None:
        """Do what F4 means: ask for a name; with the question open, park under what is `typed`."""
        if self.on:
            self.named(typed)
        elif self.sale.empty:
            self.standing.say(Said("There is nothing to park: ring something up first", WARN))
        elif typed.strip():
            self.standing.refuse(not_entered(typed, PARK), TYPED)
        else:
            self.on = True
            self.asked()

    def takes(self, text: str) -> bool:
        """Say whether a text can be a name: an article may be scanned while one is asked for."""
        return not (len(text) >= BARCODE and text.isdigit())

    def named(self, text: str) -> None:
        """Park under this name, or under the usual one."""
        self.leave()
        name = line(text).strip()[:LONGEST] or self.usual()
        self.sale.do(lambda: self._park(name))

    def leave(self) -> None:
        """Ask no longer."""
        if self.on:
            self.on = False
            self.done()

    def usual(self) -> str:
        """Return what a sale is called that nobody named: its member, else its first article."""
        if self.sale.member:
            return line(self.sale.member.name)[:LONGEST]
        if not self.sale.basket.items:
            return "a sale"
        more = len(self.sale.basket.items) - 1
        return f"{line(self.entering.name_of(0))[:LONGEST]}{f' +{more}' if more else ''}"

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that act while a name is asked for, with a word each."""
        return ("Enter", "Park it"), (BACK.display, "Keep it open")

    def said(self) -> Said:
        """Say what the keys do while a name is asked for."""
        return Said(
            f"Whose is it? Enter or {PARK} without a name parks it as ‘{self.usual()}’", PLAIN, f"{BACK} keeps it open"
        )

    async def _park(self, name: str) -> None:
        session = self.sale.session
        # What is parked is what the database has: the last change has to be there first.
        await session.parked()
        await session.call(session.store.baskets.park, name, idempotency_key=self.intent.key(self.sale.basket, name))
        self.intent.done()
        self.sale.start_afresh()
        self.standing.say(Said(f"Parked as ‘{name}’", GOOD, f"{TRAY} recalls it"))

    def recalled(self, basket: Basket, name: str) -> None:
        """Go on with a basket that was parked."""

        async def take_up() -> None:
            self.sale.put(basket, chosen=max(0, len(basket.items) - 1))
            self.standing.say(Said(f"‘{line(name)}’ is back", GOOD))

        self.sale.do(take_up)
