"""Take goods back that no receipt is known for: what, why, in cash or as credit. A manager decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.engine.quoting.found import ProductFound, Suggestions
from posconsole.engine.quoting.rung import Basket
from posconsole.engine.sale.tendering import rounded
from posconsole.errors import PosError
from posconsole.printing.receipt import counted
from posconsole.tui import describe, ringing
from posconsole.tui.approving import asked
from posconsole.tui.keys import BACK, DO, GOODS_VOID, GOODS_WAY, MORE, REFUND_REASON, Key, told
from posconsole.tui.safe import fit, line, right
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.giving_back import ASK_WHY, STEPS, GivingBackScreen
from posconsole.tui.widgets.preview_row import WARN
from posconsole.tui.widgets.row_list import Row, RowList
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.engine.quoting.quotes import Quote
    from posconsole.engine.views import Look, RefundView
    from posconsole.tui.session import Session

ASK = "Scan or type what comes back. + and − change how many. Then {do}: a manager approves it."
MOVES = {"up": -1, "down": 1}
WAYS = {"cash": "HAND BACK IN CASH", "credit": "GIVE A VOUCHER OF"}


class NoReceiptScreen(GivingBackScreen):
    """The goods, the reason, and how they are paid back."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        DO.but("Refund", "Give back what is shown, once a manager has approved it."),
        REFUND_REASON.but("Reason", "Say why it comes back. It is needed."),
        GOODS_WAY,
        GOODS_VOID,
        BACK.but("Back", "Clear what is typed or a message, then go back to the sale."),
        MORE,
    )
    BOUND = KEYS
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss"]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._basket, self._quote = Basket(), cast("Quote | None", None)
        self._at = 0
        self._way = "cash"

    def middle(self) -> Iterable[Widget]:
        """Give the goods and, beside them, what goes back."""
        with Horizontal(classes="body"):
            yield RowList()
            with Vertical(classes="aside"):
                yield Static(id="way", classes="caption", markup=False)
                yield Digits("", id="figure")
                yield Static(id="why", markup=False)

    def on_mount(self) -> None:
        """Ask what comes back."""
        super().on_mount()
        self.head("Refund without a receipt", "goods · reason · a manager")
        self.show()

    @property
    def _given(self) -> int:
        """Return what would be handed over, in minor units."""
        amount = self._quote.amount if self._quote else 0
        return rounded(amount, self.session.shop.smallest_coin) if self._way == "cash" else amount

    def show(self) -> None:
        """Show the goods and what goes back for them."""
        goods, shop = self._quote.lines if self._quote else (), self.session.shop

        def rows(width: int) -> Sequence[Row]:
            figures = [money(one.total, shop) for one in goods]
            names = [counted(one.line.quantity, one.line.name) for one in goods]
            return [
                (f"{fit(name, max(4, width - 15))}{right(figure, 11)} ", "$ink")
                for name, figure in zip(names, figures, strict=True)
            ]

        self.query_one(RowList).show("goods that come back" if goods else "nothing yet", rows, len(goods), self._at)
        self.query_one("#way", Static).update(WAYS[self._way])
        self.query_one(Digits).update(money(self._given, shop))
        why = Content.assemble(("reason  ", "$dim"), line(self.reason)) if self.reason else Content("")
        self.query_one("#why", Static).update(why)
        self._tell()

    def _tell(self) -> None:
        self.show_amount(self._given if self._quote else None)
        if self.asking_why:
            self.say(ASK_WHY)
        elif not self.busy:
            self.say(told(ASK))

    # What comes back.

    def pressed(self, event: events.Key) -> bool:
        """Choose a line, and how many of it, while nothing is typed."""
        if self.asking_why or self.field.value or not self._basket.items:
            return False
        if by := MOVES.get(event.key):
            self._at = max(0, min(len(self._basket.items) - 1, self._at + by))
            self.show()
        elif by := STEPS.get(event.key):
            self._put(ringing.with_quantity(self._basket, self._at, self._basket.items[self._at].quantity + by))
        else:
            return False
        return True

    def entered(self, text: str) -> None:
        """Take a reason, or look up what comes back."""
        text = text.strip()
        if self.is_reason(text):
            self.take_reason(text)
        elif text:
            self.look_up(text)
        else:
            self.dealt_with()

    def found(self, text: str, found: Look) -> None:
        """Take one more of an article, by its name too where only one is called that."""
        found = describe.one_product(found)
        if isinstance(found, ProductFound):
            self.dealt_with()
            basket, self._at = ringing.add(self._basket, found.product.sku, found.quantity)
            self._put(basket)
        elif isinstance(found, Suggestions):
            self.refuse(f"{describe.look(found, self.session.shop).text}. Type more of the name, or its number.")
        else:
            self.refuse(f"‘{line(text)[:40]}’ is no article.")

    def _put(self, basket: Basket) -> None:
        self._basket = basket
        self._at = max(0, min(self._at, len(basket.items) - 1))
        self._price(basket)

    @work(exclusive=True, group="price", exit_on_error=False)
    async def _price(self, basket: Basket) -> None:
        """Price it as it would be sold now; an answer about another basket than the present one is dropped."""
        try:
            quote = await self.session.call(self.session.store.quote, basket) if basket.items else None
        except PosError as error:
            self.refuse(error.message)
            return
        if basket == self._basket:
            self._quote = quote
            self.show()

    # How.

    def action_way(self) -> None:
        """Pay it back the other way."""
        self._way = "credit" if self._way == "cash" else "cash"
        self.show()

    def action_void(self) -> None:
        """Take the chosen line off."""
        if self._basket.items:
            self._put(ringing.with_quantity(self._basket, self._at, 0))

    # Doing it.

    def action_do(self) -> None:
        """Give it back, once a manager has approved it."""
        if self.small:
            return
        if self._quote is None:
            self.say("Scan first what comes back.", WARN)
        elif not self.reason:
            if not self.asking_why:
                self.action_reason()
            self.say(f"Say first why it comes back: {ASK_WHY}", WARN)
        else:
            self.give(self._given, self._refund(self._given))

    async def _refund(self, given: int) -> None:
        items = [{"id": item.id, "quantity": item.quantity} for item in self._basket.items]
        reason, way = self.reason, self._way
        key = self.intent.key(items, reason, way)

        def refund(store: Store) -> RefundView:
            return store.payments.refund_without_receipt(items, reason=reason, tender=way, idempotency_key=key)

        what = f"{money(given, self.session.shop)} back without a receipt"
        try:
            done = await asked(self.app, self.session, what, refund)
        except Exception as error:  # whatever it was, it has to be on the screen, and F9 may try again
            self.failed(error)
            self._tell()
        else:
            self.show_slip(None, done)
