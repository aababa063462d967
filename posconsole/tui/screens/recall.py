"""The tray's first page: the sales that were parked, at this till or another; Enter takes one up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.errors import OutcomeUnknown, PosError
from posconsole.printing.receipt import counted
from posconsole.tui.approving import asked
from posconsole.tui.keys import BACK, DO, MORE, PARKED_DISCARD, TRAY, Key
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.widgets.figures import columns
from posconsole.tui.widgets.parked_list import ParkedList
from posconsole.tui.widgets.preview_row import CHECKING, GOOD, PLAIN, WARN
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole.engine.baskets import ParkedView
    from posconsole.engine.quotes import Quote
    from posconsole.engine.rung import Basket
    from posconsole.tui.session import Session

HOW = "Nothing is held for a parked sale: prices and offers are those of now."
MOVES = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}


class RecallScreen(DeskScreen):
    """Parked sales. `taken` gets the basket that was recalled, and its name.

    With `latest` it gives way to the page of unsettled payments, or of refunds owed, when one of these is what came
    last: that customer is still at the counter.
    """

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
        self._parked: tuple[ParkedView, ...] = ()
        self._at = 0
        self._asking = self._busy = False

    @property
    def chosen(self) -> ParkedView | None:
        """Return the sale that the keys act on."""
        return self._parked[self._at] if self._parked else None

    def middle(self) -> Iterable[Widget]:
        """Give the parked sales and, beside them, what is in the chosen one."""
        with Horizontal(classes="body"):
            yield ParkedList(self.session.shop)
            with Vertical(classes="aside"):
                yield Static(id="which", classes="caption", markup=False)
                yield Digits("", id="figure")
                yield Static(id="goods", classes="figures", markup=False)

    def on_mount(self) -> None:
        """Fetch what is parked."""
        super().on_mount()
        self.head("Parked sales")
        self.answers.show(answer=CHECKING)
        self._load()

    @work(exclusive=True, group="tray", exit_on_error=False)
    async def _load(self) -> None:
        await self._fetch()

    async def _fetch(self) -> None:
        call, store = self.session.call, self.session.store
        try:
            self._parked = await call(store.baskets.parked)
            unsettled = await call(store.payments.unsettled) if self._latest else ()
            owed = await call(store.payments.owed) if self._latest else ()
        except PosError as error:
            self.refuse(error.message)
            return
        last = self._parked[-1].parked_at if self._parked else -1
        waiting = max((one.created for one in unsettled), default=-1)
        back = max((one.created for one in owed), default=-1)
        if max(waiting, back) > last:
            self._turn_to(owed=back > waiting)
            return
        self._latest = False
        self._choose(len(self._parked) - 1)

    def _choose(self, at: int) -> None:
        self._at = max(0, min(len(self._parked) - 1, at))
        self.query_one(ParkedList).show(self._parked, self._at)
        self.query_one(".aside").display = bool(self._parked)
        if (chosen := self.chosen) is not None:
            self.query_one("#which", Static).update(Content(line(f"till {chosen.till} · {chosen.operator}")))
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
            self._show(quote)

    def _show(self, quote: Quote) -> None:
        shop = self.session.shop
        self.query_one(Digits).update(money(quote.due, shop))
        goods = [(one.gross, counted(one.line.quantity, one.line.name)) for one in quote.lines]
        self.query_one("#goods", Static).update(columns(goods, shop))

    def _tell(self) -> None:
        chosen = self.chosen
        if chosen is not None and self._asking:
            self.show_keys(self.QUESTION)
            self.say(f"Throw ‘{line(chosen.name)}’ away?", WARN, f"{DO} yes, {BACK} no")
        else:
            self.show_keys(self.KEYS if chosen else [key for key in self.KEYS if key.name in (TRAY.name, BACK.name)])
            self.say(HOW if chosen else "", PLAIN)

    def pressed(self, event: events.Key) -> bool:
        """Choose a sale."""
        if self._busy:
            return True
        by = MOVES.get(event.key)
        if by is None or self._asking:
            return False
        self._choose(self._at + by)
        return True

    def entered(self, text: str) -> None:
        """Take the chosen sale up."""
        if self._busy or self._asking:
            return
        if text.strip():
            self.refuse(f"‘{line(text.strip())[:30]}’ is nothing for this tray. {BACK} goes back to the sale.")
        elif self.refused:
            self.dealt_with()
        elif self.chosen is not None:
            self._busy = True
            self.session.commit(self._recall(self.chosen))

    async def _recall(self, parked: ParkedView) -> None:
        try:
            await self.session.parked()
            basket = await self.session.call(
                self.session.store.baskets.recall, parked.id, idempotency_key=self.intent.key("recall", parked.id)
            )
        except Exception as error:  # whatever it was, it has to be on the screen
            self.failed(error)
            if not isinstance(error, OutcomeUnknown):
                self._load()
        else:
            self._taken(basket, parked.name)
            self.dismiss()
        finally:
            self._busy = False

    def action_tray(self) -> None:
        """Turn to the tray's next page."""
        if self.is_current and not self._busy:
            self._turn_to()

    def _turn_to(self, *, owed: bool = False) -> None:
        from posconsole.tui.screens.owed import OwedScreen
        from posconsole.tui.screens.unsettled import UnsettledScreen

        if self.is_current:
            self.app.switch_screen((OwedScreen if owed else UnsettledScreen)(self.session))

    def action_discard(self) -> None:
        """Ask whether the chosen sale is to be thrown away."""
        if self.chosen is not None and not self._busy:
            self._asking = True
            self._tell()

    def action_do(self) -> None:
        """Throw it away."""
        if self._asking and self.chosen is not None and not self._busy:
            self._busy, self._asking = True, False
            self.session.commit(self._discard(self.chosen))

    async def _discard(self, parked: ParkedView) -> None:
        try:
            what = f"‘{line(parked.name)}’ thrown away"
            key = self.intent.key("discard", parked.id)
            await asked(
                self.app, self.session, what, lambda store: store.baskets.discard(parked.id, idempotency_key=key)
            )
        except Exception as error:  # whatever it was, it has to be on the screen
            self.failed(error)
        finally:
            self._busy = False
        await self._fetch()
        if not self.refused:
            self.say(f"‘{line(parked.name)}’ is thrown away", GOOD)

    def action_back(self) -> None:
        """Leave the question, clear what is typed or a refusal, leave the tray: the first that applies."""
        if self._busy:
            return
        if self._asking:
            self._asking = False
            self._tell()
        elif not self.clear():
            self.dismiss()
