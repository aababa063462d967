"""The checkout: one field, the basket, the totals, and under the field what Enter would do."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from posconsole.errors import PosError
from posconsole.tui import keys, words
from posconsole.tui.cashing import Cashing
from posconsole.tui.choosing import Choosing
from posconsole.tui.entering import Entering, closing
from posconsole.tui.finding import Finding
from posconsole.tui.intent import Intent
from posconsole.tui.looking import LookAhead
from posconsole.tui.parking import Parking
from posconsole.tui.price_check import PriceCheck
from posconsole.tui.resuming import Resuming
from posconsole.tui.safe import line
from posconsole.tui.sale import Sale
from posconsole.tui.saving import Saving
from posconsole.tui.screens.sale_view import HOME, SaleView
from posconsole.tui.standing import TYPED, Standing
from posconsole.tui.widgets.basket_list import BasketList
from posconsole.tui.widgets.chooser import Chooser
from posconsole.tui.widgets.key_bar import KeyBar
from posconsole.tui.widgets.pay_panel import PayPanel
from posconsole.tui.widgets.preview_row import BAD, GOOD, PLAIN, PreviewRow, Said
from posconsole.tui.widgets.save_panel import SavePanel
from posconsole.tui.widgets.scan_field import ScanField
from posconsole.tui.widgets.title_bar import TitleBar
from posconsole.tui.widgets.totals import Totals
from posconsole.tui.widgets.welcome import Welcome

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from posconsole.engine.views import PaymentView
    from posconsole.tui.app import PosApp


SMALLEST = (72, 20)
WIDE = 110
PAYING = "the sale is being paid"
SWEEP = 300.0
"""Seconds between two looks for what other tills left held past its time."""
OPENING = Said("opening the till… what you type or scan is kept", PLAIN)


class CheckoutScreen(SaleView):
    """Where a sale is rung up and paid. The field is always home."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key.binding(priority=True) for key in keys.CHECKOUT if key not in (keys.QUIT, keys.PALETTE)
    ]

    def __init__(self, till: PosApp) -> None:
        # From the start: a class that comes with the mounting styles every widget a second time.
        super().__init__(classes="-empty")
        self.till = till
        self.session = till.session
        self.intent = Intent()
        self.sale = Sale(till.session)
        self.standing = Standing()
        self.entering = Entering(self.sale, self.standing)
        self.title_bar = TitleBar(till.till, till.operator, demo=till.demo)
        self.basket = BasketList()
        self.totals = Totals()
        self.field = ScanField(id="scan", placeholder=HOME)
        self.preview = PreviewRow()
        self.chooser = Chooser()
        self.panel = PayPanel(sandbox=till.sandbox)
        self.savings = SavePanel()
        self.key_bar = KeyBar()
        self.finding = Finding(till.session, self.chooser)
        self.choosing = Choosing(self.entering, self.finding, lambda: self.field.value)
        self.ahead = LookAhead(self.entering, self.finding, lambda: self.field.value)
        self.resuming = Resuming(self.sale, self.standing)
        self.cashing = Cashing(self.sale, self.standing, self.panel)
        self.parking = Parking(self.entering)
        self.price_check = PriceCheck(self.sale, self.standing)
        self.saving = Saving(self.sale, self.standing, self.savings)
        self._failed_to_open = False

    def compose(self) -> ComposeResult:
        """Lay the screen out: title, basket and totals, the field, what it would do, the keys."""
        yield self.title_bar
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield self.basket
                yield Welcome(self.till.tips)
                yield self.chooser
            with Vertical(id="right"):
                yield self.totals
                yield self.panel
                yield self.savings
        with Horizontal(id="line"):
            yield Static(" › ", id="prompt", markup=False)
            yield self.field
        yield self.preview
        yield self.key_bar
        yield Static(
            "This window is too small to show what is to pay.\nMake it 72 × 20 or larger.", id="small", markup=False
        )

    def on_mount(self) -> None:
        """Wire the parts together and open the store once the first frame is out."""
        self.field.entered = self.entered
        self.sale.changed = self.repaint
        self.sale.failed = self._failed
        self.session.trouble = self.refuse
        self.session.paper.watchers.append(lambda: self.title_bar.show(printer=self.session.paper.trouble))
        self.entering.several = self.choosing.several
        self.choosing.begun = self._show_hits
        self.choosing.ended = partial(self.remove_class, "-choosing")
        self.ahead.answered = self.show_said
        self.resuming.opened = partial(self.till.call_later, self.till.work_off)
        self.resuming.asked = self.repaint
        self.panel.altered = self.show_keys
        self.cashing.opened = self._enter_panel
        self.cashing.replay = self.take_key
        self.cashing.done = self._captured
        self.cashing.shut = self._leave_panel
        self.cashing.after = self._settled
        self.parking.asked = lambda: self.show_prompt("as ", self.parking.usual())
        self.parking.done = self.price_check.done = partial(self.show_prompt, " › ", HOME)
        self.price_check.asked = partial(self.show_prompt, " = ", "the price of…")
        self.saving.shown = partial(self.add_class, "-saving")
        self.saving.shut = partial(self.remove_class, "-saving")
        self.standing.say(OPENING)
        self.field.focus()
        self.show_keys()
        self.show_said()
        self.set_interval(1.0, self._tick)
        self.set_interval(SWEEP, self._sweep)
        self.call_after_refresh(self._begin)

    def on_resize(self, event: events.Resize) -> None:
        """Give the window's size its layout."""
        self.set_class(self._too_small, "-small")
        self.set_class(event.size.width >= WIDE, "-wide")

    @property
    def _too_small(self) -> bool:
        return self.app.size.width < SMALLEST[0] or self.app.size.height < SMALLEST[1]

    # The store, and the basket that was open.

    @work(group="opening", exit_on_error=False)
    async def _begin(self) -> None:
        if self.till.asks:
            self.till.ask_who(locked=True)
        try:
            await self.resuming.open()
        except Exception as error:  # whatever keeps the till from opening has to be said on it
            message = error.message if isinstance(error, PosError) else f"{type(error).__name__}: {error}"
            self._failed_to_open = True
            self.till.forget_keys()
            self.till.home()
            self.standing.say(Said(f"The till can't open: {line(message)}", BAD, "Enter tries again"))
            self.show_said()
            return
        self._look_round()
        self._mint_on()
        self._begin_to_print()
        self.sale.refresh()
        await self.sale.run()

    def _tick(self) -> None:
        if self.session.opened.is_set():
            self.title_bar.show(time=self.till.clock(self.session.shop.timezone))

    @work(group="sweep", exclusive=True, exit_on_error=False)
    async def _sweep(self) -> None:
        """Free what a till that died long ago still holds."""
        if self.session.opened.is_set():
            with suppress(PosError):
                await self.session.call(self.session.store.payments.sweep)

    @work(group="minting", exit_on_error=False)
    async def _mint_on(self) -> None:
        """Carry on with the batches of codes that the end of a program left half done."""
        with suppress(PosError):
            await self.session.call(self.session.store.batches.resume)

    @work(group="printing", exit_on_error=False)
    async def _begin_to_print(self) -> None:
        await self.session.paper.begin()

    @work(group="look-round", exclusive=True, exit_on_error=False)
    async def _look_round(self) -> None:
        unsettled = await self.session.call(self.session.store.payments.unsettled)
        owed = await self.session.call(self.session.store.payments.owed)
        between = await self.session.call(self.session.store.shifts.between)
        self.title_bar.show(unsettled=len(unsettled) + len(owed), between_shifts=between)
        if not unsettled:
            self.standing.all_settled()
            self.show_said()

    # Keys and scans.

    def holds(self, event: events.Key) -> bool:
        """Say whether a key, with all behind it, has to wait until the till is open."""
        if self.session.opened.is_set() or self._failed_to_open:
            return False
        return any(event.key in key.keys.split(",") for key in keys.CHECKOUT if key not in keys.AT_ONCE)

    def take_key(self, event: events.Key) -> bool:
        """Take a key at the moment it comes, before anything that came after it."""
        if self.cashing.held is not None:
            self.cashing.held.append(event)
            return True
        if self.cashing.on:
            return self.panel.take_key(event)
        if self.parking.on or self.price_check.on:
            return self.field.take_key(event)
        if self._saves(event):
            return True
        if event.key in ("up", "down"):
            self._arrow(1 if event.key == "down" else -1)
        elif event.key in ("left", "right") and not self.field.value and not self.finding.on:
            self.sale.do(partial(self.entering.step, 1 if event.key == "right" else -1))
        else:
            return self.field.take_key(event)
        return True

    def _saves(self, event: events.Key) -> bool:
        """Let the savings panel have the keys that mean something there, while nothing is typed or looked for."""
        if not self.saving.on or self.field.value or self.finding.on:
            return False
        if event.key in ("up", "down"):
            self.savings.move(1 if event.key == "down" else -1)
            self.show_said()
        elif event.key in ("space", "left", "right"):
            self.saving.toggle()
        else:
            return False
        return True

    def take_scan(self, text: str) -> None:
        """Enter what the scanner marked as a scan, or was scanned on another screen."""
        if self.cashing.on:
            self.cashing.strayed(text)
        else:
            self.entered(text, scanned=True)

    def entered(self, text: str, *, scanned: bool = False) -> None:
        """Put what was entered behind what is still being done."""
        text = self._scan_alone(text)
        self.standing.overcome(TYPED)
        if self.parking.on and not scanned and not self.till.router.scanning and self.parking.takes(text):
            self.parking.named(text)
        elif text.strip() and self.price_check.on:
            self.price_check.entered(text)
        elif text.strip():
            self.change = None
            self.parking.leave()
            if self.finding.on and not scanned and not self.till.router.scanning:
                self.sale.do(partial(self.choosing.choose, text))
            else:
                self.choosing.end()
                self.sale.do(partial(self.entering.enter, text))
        elif self.till.router.quick:
            return  # the second Enter of a scanner that sends two: no person's answer to anything
        elif self._failed_to_open:
            self._failed_to_open = False
            self.standing.say(OPENING)
            self.show_said()
            self._begin()
        elif self.resuming.asking:
            self.resuming.answer(take_up=True)
        elif self.choosing.ready:
            self.sale.do(partial(self.choosing.choose, text))
        else:
            self.sale.do(self.entering.confirm)

    def _scan_alone(self, text: str) -> str:
        """Leave out the words before a scan that were never entered; figures may be its own, or its quantity."""
        scan = self.till.router.barcode
        typed = text.removesuffix(scan).rstrip()
        return scan if scan and typed and typed[-1].isalpha() else text

    def _arrow(self, by: int) -> None:
        if self.finding.on:
            self.chooser.move(by)
            self.ahead.said = self.finding.said()
            self.show_said()
        elif self.field.value and by > 0:
            self.sale.do(partial(self.choosing.open_hits, self.field.value))
        else:
            self.sale.choose(by)
            self.repaint()

    # Choosing among hits.

    def _show_hits(self) -> None:
        self.add_class("-choosing")
        self.look_ahead()

    def on_input_changed(self) -> None:
        """Look ahead when there is a pause in typing."""
        self.choosing.typed_on()
        self.look_ahead()

    # Refusals, and what failed.

    def refuse(self, message: str) -> None:
        """Say no, for as long as it takes to be dealt with."""
        self.standing.refuse(Said(line(message), BAD, closing()))
        self.show_said()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, PosError):
            self.refuse(error.message)
        else:
            self.log.error(repr(error))
            self.refuse(f"That did not work ({type(error).__name__}); the basket is as it was. Try again.")

    # Paying.

    def _enter_panel(self) -> None:
        self.add_class("-paying")
        self.field.placeholder = PAYING
        self.show_said()

    def _leave_panel(self) -> None:
        self.remove_class("-paying")
        self.field.placeholder = HOME
        self.field.focus()

    def _settled(self) -> None:
        self._look_round()
        self.sale.refresh()

    def _captured(self, payment: PaymentView) -> None:
        from posconsole.tui.screens.receipt import ReceiptScreen

        said = words.captured(payment, self.session.shop)
        self.sale.start_afresh()
        self.standing.refusals.clear()
        self.standing.say(Said(said, GOOD))
        self.change = payment.change or None
        self.app.push_screen(ReceiptScreen(self.session, payment))

    # Coming back.

    def on_screen_resume(self) -> None:
        """Look again at what was settled elsewhere, whichever way led back here."""
        if self.session.opened.is_set():
            self._look_round()
            if self.sale.basket.member:
                # Points may have been spent or given on another screen.
                self.sale.stale()
                self.sale.refresh()
            if self.cashing.aside:
                self.sale.do(self.cashing.look_again)
