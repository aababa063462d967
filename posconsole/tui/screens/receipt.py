"""What happened, on screen: the change or the cash to hand over large, the receipt beside it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.printing.receipt import refund_receipt, sale_receipt
from posconsole.tui import keys
from posconsole.tui.keys import BACK, MORE, PRINT, Key
from posconsole.tui.paperwork import UNSET
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.widgets.figures import columns
from posconsole.tui.widgets.preview_row import GOOD
from posconsole.tui.words import captured, cash_in, money, paid_out, received, refunded, returned, to_do, to_key_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole.engine.views import PaymentView, RefundView
    from posconsole.tui.app import PosApp
    from posconsole.tui.session import Session

SETTLING = 0.4
"""Seconds in which a bare Enter is the second half of a double press, and must not hide the change due."""
SCROLLS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}
NEXT = "Begin the next sale. Space, any scan, and the keys that begin something at the sale do it too."
ONWARD = (
    keys.MEMBER, keys.FIND, keys.PRICE, keys.TRAY, keys.REFUND, keys.RECEIPT, keys.DRAWER,
    keys.OPERATOR, keys.MEMBERS, keys.DAY, keys.OFFICE,
)  # fmt: skip
"""The keys of the checkout that who has done with the receipt goes on with."""


class ReceiptScreen(DeskScreen):
    """The end of a sale, or with `refund` of a refund (maybe of no known sale), or a `copy` of an earlier receipt.

    Any scan begins the next sale, and nothing of it is lost.
    """

    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("next", "enter", "Next sale", NEXT, "next", "Enter"),
        Key("scroll", "up", "Scroll", "See the rest of the receipt.", "scroll", "↑ ↓"),
    )
    PAPER = PRINT.but("Print", "Print the receipt; what came out before comes as a COPY.")
    BOUND = (BACK.but("Next sale", KEYS[0].help, "next"), PAPER, MORE)
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss", "receipt.tcss"]

    def __init__(
        self,
        session: Session,
        payment: PaymentView | None,
        refund: RefundView | None = None,
        *,
        copy: bool = False,
        settling: float = SETTLING,
    ) -> None:
        super().__init__(session)
        self.payment, self.refund = payment, refund
        self._copy = copy
        self._settling = 0.0 if copy else settling
        self._since = time.monotonic()
        self._queued = False

    @property
    def sale(self) -> PaymentView:
        """Return the sale that the receipt is of; goods that came back without a receipt are of none."""
        if self.payment is None:
            raise RuntimeError("no sale is known")
        return self.payment

    def middle(self) -> Iterable[Widget]:
        """Give the receipt and, beside it, what to hand over and what was done."""
        shop, refund = self.session.shop, self.refund
        paper = refund_receipt(refund, self.payment, shop) if refund else sale_receipt(self.sale, shop, copy=self._copy)
        caption, amount = self._hand_over()
        with Horizontal(classes="body"):
            with VerticalScroll(id="strip", can_focus=False):
                yield Static(Content("\n".join(paper.lines)), id="paper", markup=False)
            with Vertical(classes="aside"):
                yield Static(caption, classes="caption", markup=False)
                yield Digits(money(amount, shop), id="figure")
                yield Static(self._parts(), id="parts", classes="figures", markup=False)
                yield Static(self._to_do(), id="to-do", markup=False)

    def on_mount(self) -> None:
        """Say what a scan does here."""
        super().on_mount()
        shop, refund = self.session.shop, self.refund
        done = f"Copy of receipt {self.sale.receipt_number}" if self._copy else "Sale done"
        whose = self.payment.member_name if self.payment else None
        self.head("Refund done" if refund else done, whose or "")
        if self._copy:
            self.say("This is a copy: nothing was taken now. The open sale is as it was.")
        else:
            self.say(refunded(refund, shop) if refund else captured(self.sale, shop), GOOD)
            self.session.paper.ended(self.payment, refund)
            self._queued = self.session.paper.setup.by_itself
        self.show_keys()
        self.field.placeholder = "scan the next article"
        self.session.paper.watchers.append(self._printer_stands)

    def on_unmount(self) -> None:
        """Follow the printer no longer."""
        self.session.paper.watchers.remove(self._printer_stands)

    def _printer_stands(self) -> None:
        self.query_one("#to-do", Static).update(self._to_do())

    def show_keys(self, keys: Sequence[Key] | None = None) -> None:
        """Show the keys that act now."""
        first, *rest = self.KEYS
        first = replace(first, label="Back to the sale") if self._copy else first
        super().show_keys(keys or [first, *([self.PAPER] if self.session.paper.for_receipts else []), *rest])

    def action_print(self) -> None:
        """Print the receipt, once however often the key is pressed."""
        paper = self.session.paper
        if not paper.for_receipts:
            self.refuse("Receipts aren't printed here: see `receipts` in config.toml." if paper.there else UNSET)
        elif self._queued:
            self.say(f"It is with the printer already: {PRINT} at the sale shows it, and prints it again.")
        else:
            self._queued = True
            paper.print_receipt(self.payment, self.refund)
            self.say("The receipt is in the printer's queue.", GOOD)

    def _hand_over(self) -> tuple[str, int]:
        """Return what matters most now, and its amount: what the cashier's hand has to do."""
        if self.refund:
            if cash := cash_in(self.refund.tenders):
                return "HAND BACK IN CASH", cash
            keyed = to_key_in(self.refund.tenders)
            return ("STILL TO KEY IN", keyed) if keyed else ("REFUNDED", paid_out(self.refund))
        if self.sale.change and not self._copy:
            return "CHANGE DUE", self.sale.change
        return "PAID", self.sale.amount

    def _parts(self) -> Content:
        if self.refund:
            return columns([(tender.amount, returned(tender)) for tender in self.refund.tenders], self.session.shop)
        parts = received(self.sale)
        parts += [(t.tendered, "handed over") for t in self.sale.tenders if t.change]
        return columns(parts, self.session.shop)

    def _to_do(self) -> Content:
        said = to_do(self.refund, self.session.shop)
        said += [f"{self.session.paper.trouble.capitalize()}."] if self.session.paper.trouble else []
        given = self.refund.vouchers_given if self.refund else () if self._copy else self.sale.vouchers_sold
        said += [f"Hand over the voucher {voucher.code}." for voucher in given]
        return Content("\n").join(Content.styled(f"! {line(text)}", "$warn") for text in said)

    def pressed(self, event: events.Key) -> bool:
        """Scroll the receipt; take a space in an empty field for Enter, and go on with a key of the checkout."""
        if by := SCROLLS.get(event.key):
            self.query_one("#strip").scroll_relative(y=by, animate=False)
        elif event.key == "space" and not self.field.value:
            self.action_next()
        elif key := next((key for key in ONWARD if event.key in key.keys.split(",")), None):
            self._go_on(key)
        else:
            return False
        return True

    def _go_on(self, key: Key) -> None:
        """Do at the checkout what the key does there, with what is typed."""
        app, typed = cast("PosApp", self.app), self.field.value
        app.home()
        app.checkout.field.value = typed or app.checkout.field.value
        getattr(app.checkout, f"action_{key.action}")()

    def entered(self, text: str) -> None:
        """Begin the next sale, with what was scanned as its first article."""
        if text.strip():
            self.dismiss()
            cast("PosApp", self.app).post_scan(text)
        else:
            self.action_next()

    def action_next(self) -> None:
        """Begin the next sale."""
        if time.monotonic() - self._since >= self._settling and not self.field.value:
            self.dismiss()
