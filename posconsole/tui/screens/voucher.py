"""One voucher: its code large and as a QR code, what is on it, and how that came about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.errors import InvalidInput, PosError
from posconsole.tui import asking
from posconsole.tui.exporting import free
from posconsole.tui.keys import DO, PRINT, VOUCHER_ADJUST, VOUCHER_COPY, VOUCHER_VOID, Key
from posconsole.tui.office_words import MOVED, held, spaced, state, until
from posconsole.tui.safe import fit, line, right
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.form import FormScreen
from posconsole.tui.screens.office_desk import SHARED, STEPS, OfficeDesk, facts
from posconsole.tui.widgets.preview_row import GOOD, PLAIN
from posconsole.tui.widgets.qr_code import QrCode
from posconsole.tui.words import when

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from textual import events
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.engine.views import LedgerRow, ShopView, VoucherView
    from posconsole.tui.asking import Ask
    from posconsole.tui.session import Session


class VoucherScreen(OfficeDesk):
    """A voucher by itself; a scan turns to another one."""

    OWN: ClassVar[tuple[Key, ...]] = (
        VOUCHER_ADJUST,
        VOUCHER_COPY,
        PRINT.but("Print", "Print it: a slip where this till has a printer, else a card into a PDF."),
        VOUCHER_VOID,
    )
    BOUND = (*OWN, *SHARED)
    KEYS = (*OWN, *SHARED[1:])
    BINDINGS: ClassVar = bindings(BOUND)

    def __init__(self, session: Session, store: Store, voucher: VoucherView, done: str = "") -> None:
        super().__init__(session, store)
        self.voucher = voucher
        self.history: tuple[LedgerRow, ...] = ()
        self._whose = voucher.holder or ""
        self._copy = False
        self._from = 0
        self._said = done

    def middle(self) -> Iterable[Widget]:
        """Give the code twice, what is on it, and how that came about or its slip."""
        with Horizontal(classes="body"):
            yield QrCode(self.voucher.code)
            with Vertical(id="beside"):
                yield Static(id="code", markup=False)
                yield Digits(id="worth")
                yield Static(id="history", classes="figures", markup=False)

    def on_mount(self) -> None:
        """Show what is known."""
        super().on_mount()
        self.head("Voucher")
        self.field.placeholder = "another voucher's code"
        self.say(self._said, GOOD if self._said else PLAIN)
        self.show()

    def on_resize(self) -> None:  # type: ignore[override]  # Textual calls the one it stands in for, too
        """Draw anew for the room there is."""
        self.call_after_refresh(self.show)

    async def look(self) -> None:
        """Fetch the voucher and its history."""
        await self._read(self.voucher.id)

    async def _read(self, which: str) -> None:
        vouchers = self.store.vouchers
        try:
            voucher = await self.session.call(vouchers.get, which)
            history = await self.session.call(vouchers.transactions, voucher.id)
            self._whose = voucher.holder or await self._member(voucher)
        except PosError as error:
            self.refuse(error.message)
            return
        if voucher.id != self.voucher.id:
            self.say("")
            self._from = 0
        self.voucher, self.history = voucher, history
        self.show()

    async def _member(self, voucher: VoucherView) -> str:
        whose = voucher.customer
        return (await self.session.call(self.store.members.get, whose)).name if whose else ""

    def show(self) -> None:
        """Bring everything up to date."""
        voucher, shop = self.voucher, self.session.shop
        said, style = state(voucher.status)
        self.query_one(QrCode).show(voucher.code, self.query_one("#beside").size.height)
        self.query_one("#code", Static).update(spaced(voucher.code))
        self.query_one(Digits).update(
            f"{voucher.balance:,}" if voucher.kind == "points" else held(voucher, voucher.balance, shop)
        )
        about = Content.assemble((said, f"bold {style}"), (f" · {self._terms(shop)}", "$dim"))
        above = [about, *([Content(line(self._whose))] if self._whose else []), Content("")]
        rows = self._slip(shop) if self._copy else [*above, *self._moves(shop, len(above))]
        self.query_one("#history", Static).update(Content("\n").join(rows))

    def _terms(self, shop: ShopView) -> str:
        voucher = self.voucher
        parts = [
            f"of {held(voucher, voucher.initial_value, shop)}",
            f"{held(voucher, voucher.held, shop)} in an open payment" if voucher.held else "",
            f"until {until(voucher.expires_at, shop)}" if voucher.expires_at else "",
            "one purchase" if voucher.single_use else "",
            "PIN" if voucher.has_pin else "",
        ]
        return " · ".join(filter(None, parts))

    def _moves(self, shop: ShopView, above: int) -> list[Content]:
        """Write what fits of the history below so many rows, newest first, from where somebody has scrolled to."""
        room = max(2, self.query_one("#history").size.height - above)
        self._from = max(0, min(self._from, len(self.history) - room))
        rows = [self._move(row, shop) for row in self.history[::-1][self._from : self._from + room]]
        if older := len(self.history) - self._from - len(rows):
            rows[-1] = Content.styled(f"↓ {older + 1} more", "$dim")
        return rows

    def _move(self, row: LedgerRow, shop: ShopView) -> Content:
        amount = held(self.voucher, row.amount, shop)
        sign = "+" if row.amount > 0 else ""
        return Content.assemble(
            (fit(when(row.at, shop), 13), "$dim"),
            (f"{right(sign + amount, 10)}  {MOVED.get(row.kind, row.kind)}", "$ink"),
        )

    def _slip(self, shop: ShopView) -> list[Content]:
        from posconsole.printing.artwork import artwork
        from posconsole.printing.strip import WIDTH
        from posconsole.printing.voucher import voucher_paper
        from posconsole.spooling.papers import SLIP

        paper = voucher_paper(self.voucher, shop, copy=True)
        try:
            rows = artwork(SLIP, self.session.paper.setup.artwork).lines(paper, WIDTH)
        except PosError as error:
            rows = [error.message]
        return [Content.styled(line(row), "$ink") for row in rows]

    def pressed(self, event: events.Key) -> bool:
        """Scroll the history."""
        by = STEPS.get(event.key)
        if by is None or self._copy:
            return False
        self._from += by
        self.show()
        return True

    def entered(self, text: str) -> None:
        """Turn to the voucher that was scanned or typed."""
        self.dealt_with()
        if text.strip():
            self._turn_to(text.strip())

    @work(exclusive=True, group="renew", exit_on_error=False)
    async def _turn_to(self, code: str) -> None:
        await self._read(code)

    def action_copy(self) -> None:
        """Show the slip in place of the history, or the history again."""
        self._copy = not self._copy
        self.set_class(self._copy, "-copy")
        self.say("A COPY: it is worth no more than the first, both draw on the same balance." if self._copy else "")
        self.show()

    def action_print(self) -> None:
        """Print it; what was on paper before is a copy."""
        voucher, paper = self.voucher, self.session.paper
        if paper.there:
            self.do(lambda: paper.queue(self.store, "voucher", voucher.id), lambda _: "It is in the printer's queue.")
            return
        demo = getattr(self.app, "demo", False)

        def card() -> Path:
            from posconsole.spooling.exports import card

            path = free(f"voucher-{voucher.id[-6:]}.pdf", demo=demo)
            card(self.store, voucher.id, path, paper.setup)
            return path

        self.do(card, lambda path: f"It is in {path}. It is money: keep it safe.")

    def action_adjust(self) -> None:
        """Fill in what changes, and why."""
        self.app.push_screen(AdjustForm(self, self._adjusted))

    def _adjusted(self, voucher: VoucherView) -> None:
        self.say(f"Adjusted: {held(voucher, voucher.balance, self.session.shop)} on it now.", GOOD)

    def action_void(self) -> None:
        """Fill in why."""
        self.app.push_screen(VoidForm(self, self._voided))

    def _voided(self, _voucher: VoucherView) -> None:
        self.say("Void: nobody can pay with it any more.", GOOD)


class _AboutOne(FormScreen):
    """A form about one voucher."""

    def __init__(self, of: VoucherScreen, then: Any) -> None:
        super().__init__(of.session, of.store, then)
        self.voucher = of.voucher

    def head(self, what: str, whose: str = "") -> None:
        """Name the voucher."""
        super().head(f"{what} {self.voucher.code}", whose)


class AdjustForm(_AboutOne):
    """An amount put on a voucher or taken off, and why."""

    WHAT = "Adjust"
    KEYS = (DO.but("Adjust it", "Change what is on the voucher."), *FormScreen.KEYS[1:])

    def asks(self) -> Sequence[Ask]:
        """Return the change and its reason."""
        if self.voucher.kind == "points":
            change = asking.whole("amount", "Change in points", "500 puts on, -500 takes off.", signed=True)
        else:
            change = asking.amount("amount", "Change", self.session.shop, signed=True)
        return (change, asking.written("reason", "Reason", "The journal keeps it."))

    def comes_to(self, values: dict[str, Any]) -> Content:
        """Say what will be on it."""
        voucher, shop = self.voucher, self.session.shop
        after = voucher.balance + values["amount"]
        if after < voucher.held:
            free = held(voucher, voucher.balance - voucher.held, shop)
            raise InvalidInput(f"Only {free} can be taken off.", field="amount")
        return facts(
            (f"{held(voucher, voucher.balance, shop)} on it now", "$ink"),
            (f"{held(voucher, after, shop)} afterwards", "bold $good"),
        )

    def act(self, values: dict[str, Any]) -> VoucherView:
        """Adjust it."""
        return self.store.vouchers.adjust(self.voucher.id, idempotency_key=self.key, **values)


class VoidForm(_AboutOne):
    """Why a voucher goes out of use."""

    WHAT = "Void"
    KEYS = (DO.but("Void it", "Take the voucher out of use for good."), *FormScreen.KEYS[1:])

    def asks(self) -> Sequence[Ask]:
        """Return the reason."""
        return (asking.written("reason", "Reason", "The journal keeps it."),)

    def comes_to(self, _values: dict[str, Any]) -> Content:
        """Say what is lost with it."""
        lost = held(self.voucher, self.voucher.balance, self.session.shop)
        return facts(
            (f"! {lost} is lost with it", "bold $warn"),
            ("and it can't be undone.", "$warn"),
            ("", ""),
            ("A voucher that was sold goes", "$dim"),
            ("back by refunding its sale.", "$dim"),
        )

    def act(self, values: dict[str, Any]) -> VoucherView:
        """Void it."""
        return self.store.vouchers.void(self.voucher.id, idempotency_key=self.key, **values)
