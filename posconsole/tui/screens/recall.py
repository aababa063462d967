"""The tray's first page: the sales that were parked, at this till or another; Enter takes one up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.errors import OutcomeUnknown, PosError
from posconsole.printing.receipt import counted
from posconsole.tui.approving import asked
from posconsole.tui.keys import BACK, DO, MORE, PARKED_DISCARD, TRAY, Key
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.tray import TrayScreen
from posconsole.tui.widgets.figures import columns
from posconsole.tui.widgets.parked_list import ParkedList
from posconsole.tui.widgets.preview_row import CHECKING, GOOD, PLAIN, WARN
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import PurePath

    from posconsole.engine.quoting.quotes import Quote
    from posconsole.engine.quoting.rung import Basket
    from posconsole.engine.sale.baskets import ParkedView
    from posconsole.tui.session import Session

HOW = "Nothing is held for a parked sale: prices and offers are those of now."


class RecallScreen(TrayScreen["ParkedView"]):
    """Parked sales. `taken` gets the basket that was recalled, and its name.

    With `latest` it gives way to the page of unsettled payments, or of refunds owed, when one of these is what came
    last: that customer is still at the counter.
    """

    NAME = "Parked sales"
    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("recall", "enter", "Take it up", "Make the chosen sale this till's open one.", "recall", "Enter"),
        TRAY.but("Unsettled", "Turn to payments whose outcome isn't known."),
        PARKED_DISCARD,
        BACK.but("Back to the sale", "Leave the question, or go back to the sale."),
        MORE,
    )
    QUESTION: ClassVar[tuple[Key, ...]] = (
        DO.but("Throw it away", "Throw the chosen sale away."),
        BACK.but("Keep it", "Keep it."),
    )
    BOUND = (*KEYS[1:], QUESTION[0])
    ELSE = QUESTION
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss"]

    def __init__(self, session: Session, taken: Callable[[Basket, str], None], *, latest: bool = False) -> None:
        super().__init__(session)
        self._taken, self._latest = taken, latest
        self._asking = False

    @property
    def asking(self) -> bool:
        """Say whether it is asked if the sale is to be thrown away."""
        return self._asking

    def listing(self) -> ParkedList:
        """Give the parked sales."""
        return ParkedList(self.session.shop)

    def on_mount(self) -> None:
        """Fetch what is parked."""
        super().on_mount()
        self.query_one("#question").add_class("figures")
        self.answers.show(answer=CHECKING)

    async def fetch(self) -> None:
        """Read what is parked, or give way."""
        call, store = self.session.call, self.session.store
        try:
            self.things = await call(store.baskets.parked)
            unsettled = await call(store.payments.unsettled) if self._latest else ()
            owed = await call(store.payments.owed) if self._latest else ()
        except PosError as error:
            self.refuse(error.message)
            return
        last = self.things[-1].parked_at if self.things else -1
        waiting = max((one.created for one in unsettled), default=-1)
        back = max((one.created for one in owed), default=-1)
        if max(waiting, back) > last:
            self._turn_to(owed=back > waiting)
            return
        self._latest = False
        self.choose(len(self.things) - 1)

    def show(self) -> None:
        """Bring everything up to date; what the chosen sale costs now is still to come."""
        self.query_one(ParkedList).show(self.things, self.at)
        self.query_one(".aside").display = bool(self.things)
        if (chosen := self.chosen) is not None:
            self.query_one("#about", Static).update(Content(line(f"till {chosen.till} · {chosen.operator}")))
            self._price(chosen)
        self._tell()

    @work(exclusive=True, group="price", exit_on_error=False)
    async def _price(self, parked: ParkedView) -> None:
        """Show what a parked sale would cost now; an answer about another than the chosen one is dropped."""
        try:
            quote = await self.session.call(self.session.store.quote, parked.basket)
        except PosError as error:
            self.refuse(error.message)
            return
        if parked == self.chosen:
            self._show_quote(quote)

    def _show_quote(self, quote: Quote) -> None:
        shop = self.session.shop
        self.query_one(Digits).update(money(quote.due, shop))
        goods = [(one.gross, counted(one.line.quantity, one.line.name)) for one in quote.lines]
        self.query_one("#question", Static).update(columns(goods, shop))

    def _tell(self) -> None:
        chosen = self.chosen
        self.show_tray_keys()
        if chosen is not None and self._asking:
            self.say(f"Throw ‘{line(chosen.name)}’ away?", WARN, f"{DO} yes, {BACK} no")
        else:
            self.say(HOW if chosen else "", PLAIN)

    def take_up(self, thing: ParkedView) -> None:
        """Make it this till's open sale."""
        self.begin(self._recall(thing))

    async def _recall(self, parked: ParkedView) -> None:
        try:
            await self.session.parked()
            basket = await self.session.call(
                self.session.store.baskets.recall, parked.id, idempotency_key=self.intent.key("recall", parked.id)
            )
        except Exception as error:  # whatever it was, it has to be on the screen
            self._tell()
            self.failed(error)
            if not isinstance(error, OutcomeUnknown):
                await self.fetch()
        else:
            self._taken(basket, parked.name)
            self.dismiss()

    def turn(self) -> None:
        """Go on to the payments whose outcome isn't known."""
        self._turn_to()

    def _turn_to(self, *, owed: bool = False) -> None:
        from posconsole.tui.screens.owed import OwedScreen
        from posconsole.tui.screens.unsettled import UnsettledScreen

        if self.is_current:
            self.app.switch_screen((OwedScreen if owed else UnsettledScreen)(self.session))

    def action_discard(self) -> None:
        """Ask whether the chosen sale is to be thrown away."""
        if self.chosen is not None:
            self._asking = True
            self._tell()

    def action_do(self) -> None:
        """Throw it away."""
        if self._asking and self.chosen is not None:
            self._asking = False
            self.begin(self._discard(self.chosen))

    async def _discard(self, parked: ParkedView) -> None:
        try:
            what = f"‘{line(parked.name)}’ thrown away"
            key = self.intent.key("discard", parked.id)
            await asked(
                self.app, self.session, what, lambda store: store.baskets.discard(parked.id, idempotency_key=key)
            )
        except Exception as error:  # whatever it was, it has to be on the screen
            self.failed(error)
        await self.fetch()
        if not self.refused:
            self.say(f"‘{line(parked.name)}’ is thrown away", GOOD)

    def leave_question(self) -> None:
        """Keep it."""
        self._asking = False
        self._tell()
