"""Take goods back that no receipt is known for: what, why, in cash or as credit. A manager decides it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.engine.found import ProductFound, Suggestions
from posconsole.engine.rung import Basket
from posconsole.engine.tendering import rounded
from posconsole.errors import PosError
from posconsole.printing.receipt import counted, refund_receipt
from posconsole.tui import describe, ringing
from posconsole.tui.approving import asked
from posconsole.tui.keys import BACK, DO, GOODS_VOID, GOODS_WAY, MORE, REFUND_REASON, Key, told
from posconsole.tui.safe import fit, line, right
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.screens.take_back import ASK_WHY, REASON_MOST, REASONS
from posconsole.tui.widgets.preview_row import GOOD, PLAIN, WARN
from posconsole.tui.widgets.row_list import Row, RowList
from posconsole.tui.words import money, refunded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.engine.quotes import Quote
    from posconsole.engine.views import RefundView
    from posconsole.tui.app import PosApp
    from posconsole.tui.session import Session

ASK = "Scan or type what comes back. + and − change how many. Then {do}: a manager approves it."
MOVES = {"up": -1, "down": 1}
STEPS = {"plus": 1, "minus": -1, "right": 1, "left": -1}
WAYS = {"cash": "HAND BACK IN CASH", "credit": "GIVE A VOUCHER OF"}


class NoReceiptScreen(DeskScreen):
    """The goods, the reason, and how they are paid back; once done, the slip."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        DO.but("Refund", "Give back what is shown, once a manager has approved it."),
        REFUND_REASON.but("Reason", "Say why it comes back. It is needed."),
        GOODS_WAY,
        GOODS_VOID,
        BACK.but("Back", "Clear what is typed or a message, then go back to the sale."),
        MORE,
    )
    DONE: ClassVar[tuple[Key, ...]] = (
        Key("next", "enter", "Next sale", "Begin the next sale. Any scan does it too.", "back", "Enter"),
    )
    BOUND = KEYS
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss"]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._basket, self._quote = Basket(), cast("Quote | None", None)
        self._at = 0
        self._way, self._reason = "cash", ""
        self._asking_why = self._moving = False
        self._done: RefundView | None = None

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
        self._show()

    @property
    def _given(self) -> int:
        """Return what would be handed over, in minor units."""
        amount = self._quote.amount if self._quote else 0
        return rounded(amount, self.session.shop.smallest_coin) if self._way == "cash" else amount

    def _show(self) -> None:
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
        why = Content.assemble(("reason  ", "$dim"), line(self._reason)) if self._reason else Content("")
        self.query_one("#why", Static).update(why)
        self._tell()

    def _tell(self) -> None:
        amount = f" {money(self._given, self.session.shop)}" if self._quote else ""
        self.show_keys([replace(self.KEYS[0], label=f"Refund{amount}"), *self.KEYS[1:]])
        if self._asking_why:
            self.say(ASK_WHY)
        elif not self._moving:
            self.say(told(ASK))

    # What comes back.

    def pressed(self, event: events.Key) -> bool:
        """Choose a line, and how many of it, while nothing is typed."""
        if self._moving:
            return True
        if self._done or self._asking_why or self.field.value or not self._basket.items:
            return False
        if by := MOVES.get(event.key):
            self._at = max(0, min(len(self._basket.items) - 1, self._at + by))
            self._show()
        elif by := STEPS.get(event.key):
            self._put(ringing.with_quantity(self._basket, self._at, self._basket.items[self._at].quantity + by))
        else:
            return False
        return True

    def entered(self, text: str) -> None:
        """Take a reason, or look up what comes back; with the slip on show, go on with the next sale."""
        text = text.strip()
        if self._done:
            self.dismiss()
            if text:
                cast("PosApp", self.app).post_scan(text)
        elif self._moving:
            return
        elif self._asking_why and not (len(text) >= 8 and text.isdigit()):
            self._take_reason(text)
        elif text:
            self._look(text)
        else:
            self.dealt_with()

    @work(group="look", exit_on_error=False)
    async def _look(self, text: str) -> None:
        try:
            found = await self.session.call(self.session.store.look, text, Basket())
        except PosError as error:
            self.refuse(error.message)
            return
        if isinstance(found, Suggestions) and len(found.products) == 1 and not (found.members or found.more):
            found = describe.only(found)
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
            self._show()

    # Why, and how.

    def action_reason(self) -> None:
        """Ask why, or stop asking."""
        if not self._moving and not self._done:
            self._asking_why = not self._asking_why
            self.field.value = ""
            self.prompt("why ›" if self._asking_why else "›")
            self._tell()

    def _take_reason(self, text: str) -> None:
        index = int(text) - 1 if text.isdecimal() and len(text) == 1 else -1
        self._reason = REASONS[index] if 0 <= index < len(REASONS) else text[:REASON_MOST]
        self.dealt_with()
        self.action_reason()
        self._show()

    def action_way(self) -> None:
        """Pay it back the other way."""
        if not self._moving and not self._done:
            self._way = "credit" if self._way == "cash" else "cash"
            self._show()

    def action_void(self) -> None:
        """Take the chosen line off."""
        if self._basket.items and not self._moving and not self._done:
            self._put(ringing.with_quantity(self._basket, self._at, 0))

    # Doing it.

    def action_do(self) -> None:
        """Give it back, once a manager has approved it; pressed twice, once."""
        if self._moving or self._done or self.small:
            return
        if self._quote is None:
            self.say("Scan first what comes back.", WARN)
        elif not self._reason:
            if not self._asking_why:
                self.action_reason()
            self.say(f"Say first why it comes back: {ASK_WHY}", WARN)
        else:
            self._moving = True
            self.dealt_with()
            self.say(f"Giving back {money(self._given, self.session.shop)}…", WARN)
            self.session.commit(self._refund(self._given))

    async def _refund(self, given: int) -> None:
        items = [{"id": item.id, "quantity": item.quantity} for item in self._basket.items]
        reason, way = self._reason, self._way
        key = self.intent.key(items, reason, way)

        def refund(store: Store) -> RefundView:
            return store.payments.refund_without_receipt(items, reason=reason, tender=way, idempotency_key=key)

        what = f"{money(given, self.session.shop)} back without a receipt"
        try:
            done = await asked(self.app, self.session, what, refund)
        except Exception as error:  # whatever it was, it has to be on the screen, and F9 may try again
            self._moving = False
            self.failed(error)
            self._tell()
        else:
            self._moving = False
            self._finish(done)

    def _finish(self, refund: RefundView) -> None:
        """Show the slip, and what the hand has to do."""
        self._done, shop = refund, self.session.shop
        slip = refund_receipt(refund, None, shop).lines
        self.query_one(RowList).show("", lambda _: [(row, "$ink") for row in slip], len(slip), -1)
        given = "\n".join(f"Hand over the voucher {voucher.code}." for voucher in refund.vouchers_given)
        self.query_one("#why", Static).update(Content.styled(given, "$warn"))
        self.query_one(Digits).update(money(sum(tender.amount for tender in refund.tenders), shop))
        self.field.placeholder = "scan the next article"
        self.show_keys(self.DONE)
        self.say(refunded(refund, shop), GOOD if refund.tenders else PLAIN)

    def action_back(self) -> None:
        """Stop asking why, clear what is typed or a refusal; with neither, go back to the sale."""
        if self._moving:
            return
        if self._asking_why:
            self.action_reason()
        elif not self.clear():
            self.dismiss()
