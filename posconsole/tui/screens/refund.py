"""Find the sale that something comes back from: by its receipt's number, scanned or typed, or among the latest."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from posconsole.errors import PosError
from posconsole.printing.receipt import counted
from posconsole.tui.keys import BACK, MORE, REFUND_WITHOUT, Key
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.screens.take_back import TakeBackScreen
from posconsole.tui.widgets.figures import columns
from posconsole.tui.widgets.payment_list import PaymentList

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole.engine.views import PaymentView
    from posconsole.tui.session import Session

LATEST = 50
SOLD = ("captured", "partially_refunded", "refunded")
HOW = "Scan the receipt or type its number: 142; 2-142 of till 2. Or ↑ ↓ choose."


class RefundScreen(DeskScreen):
    """The first step of a refund: which sale."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("open", "enter", "Open", "Open the receipt that is typed, or the sale that is chosen.", "open", "Enter"),
        REFUND_WITHOUT,
        BACK.but("Back to the sale", "Clear what is typed, then go back to the sale."),
        MORE,
    )
    BOUND = KEYS[1:]
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss"]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._sales: tuple[PaymentView, ...] = ()
        self._at = 0

    def middle(self) -> Iterable[Widget]:
        """Give the latest sales and, beside them, what was sold in the chosen one."""
        with Horizontal(classes="body"):
            yield PaymentList(self.session.shop, "latest sales", "no sale to refund yet")
            with Vertical(classes="aside"):
                yield Static(id="which", classes="caption", markup=False)
                yield Static(id="sold", classes="figures", markup=False)

    def on_mount(self) -> None:
        """Ask for a number and fetch the latest sales."""
        super().on_mount()
        self.head("Refund", "1 which receipt · 2 which lines · 3 confirm")
        self.field.placeholder = "receipt number"
        self.say(HOW)
        self._load()

    @work(exclusive=True, group="latest", exit_on_error=False)
    async def _load(self) -> None:
        try:
            page = await self.session.call(self.session.store.payments.list, limit=LATEST)
        except PosError as error:
            self.refuse(error.message)
            return
        self._sales = tuple(payment for payment in page.data if payment.status in SOLD)
        self._show()

    def _show(self) -> None:
        self.query_one(PaymentList).show(self._sales, self._at)
        if self._sales:
            sale, shop = self._sales[self._at], self.session.shop
            self.query_one("#which", Static).update(line(f"{sale.receipt_number} · {sale.operator}"))
            parts = [(sold.total, counted(sold.quantity, sold.name)) for sold in sale.lines]
            self.query_one("#sold", Static).update(columns(parts, shop))

    def pressed(self, event: events.Key) -> bool:
        """Choose among the latest sales."""
        by = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}.get(event.key)
        if by is None:
            return False
        self._at = max(0, min(len(self._sales) - 1, self._at + by))
        self._show()
        return True

    def entered(self, text: str) -> None:
        """Open the receipt of this number; without one, the chosen sale."""
        if text.strip():
            self.dealt_with()
            self.busy = True
            self._find(text)
        elif self.refused:
            self.dealt_with()
        elif self._sales:
            self._open(self._sales[self._at])

    @work(exclusive=True, group="find", exit_on_error=False)
    async def _find(self, text: str) -> None:
        try:
            self._open(await self.session.call(self.session.store.payments.find, text.strip()))
        except PosError as error:
            self.refuse(error.message)
        finally:
            self.busy = False

    def _open(self, payment: PaymentView) -> None:
        # Who left meanwhile isn't fetched back, and the sale is never switched away.
        if self.is_current:
            self.app.switch_screen(TakeBackScreen(self.session, payment))

    def action_without(self) -> None:
        """Go on without a receipt."""
        from posconsole.tui.screens.no_receipt import NoReceiptScreen

        if self.is_current:
            self.app.switch_screen(NoReceiptScreen(self.session))

    def action_back(self) -> None:
        """Clear what is typed or a refusal; with neither, go back to the sale."""
        if not self.clear():
            self.dismiss()
