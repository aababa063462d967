"""Between the pay panel and the payment: what F9 does, and what becomes of the sale with each outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.codes import mask
from posconsole.engine.quoting.rung import Basket
from posconsole.tui import describe, ringing, words
from posconsole.tui.entering import closing, not_entered, yes
from posconsole.tui.keys import BACK, PAY, TRAY
from posconsole.tui.safe import line
from posconsole.tui.standing import TYPED, Question
from posconsole.tui.taking import Captured, Declined, OnDevice, PinAsked, Refused, Taking, Unknown
from posconsole.tui.widgets.preview_row import BAD, GOOD, WARN, Said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events

    from posconsole.engine.quoting.quotes import Quote
    from posconsole.engine.sale.tendering import TenderRequest
    from posconsole.engine.views import PaymentView
    from posconsole.tui.sale import Sale
    from posconsole.tui.standing import Standing
    from posconsole.tui.taking import Outcome
    from posconsole.tui.widgets.pay_panel import PayPanel


class Cashing:
    """Takes the money for the open sale, once.

    `opened` is called when the panel comes and `shut` when it goes, `done` with what was captured, `after` with every
    outcome; `replay` takes the keys that came while the panel was on its way.
    """

    def __init__(self, sale: Sale, standing: Standing, panel: PayPanel) -> None:
        self.sale, self.standing, self.panel = sale, standing, panel
        self.taking = Taking(sale.session)
        self.aside: dict[str, Basket] = {}
        self._pins: dict[str, str] = {}
        self._pin_of = ""
        self.held: list[events.Key] | None = None
        self.opened: Callable[[], None] = lambda: None
        self.replay: Callable[[events.Key], object] = lambda _: None
        self.done: Callable[[PaymentView], None] = lambda _: None
        self.shut: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.on = False
        panel.strayed = self.strayed

    def press(self, typed: str) -> None:
        """Do what F9 means: open the panel once what waits is done; in it, confirm. What is `typed` is not entered."""
        if self.on:
            self.confirm()
        elif typed.strip():
            self.standing.refuse(not_entered(typed, PAY), TYPED)
        elif self.held is None:
            self.held = []
            self.sale.do(self._open_priced)

    async def _open_priced(self) -> None:
        quote = await self.sale.requote()
        if quote is None:
            self.standing.say(Said("Nothing to pay for yet: ring something up first", WARN))
        elif quote.refused:
            said = Said(describe.not_counting(quote.refused), WARN, yes())
            self.standing.ask(Question(said, self._without_refused))
        else:
            self._open(quote)
        held, self.held = self.held or [], None
        for event in held:
            self.replay(event)

    async def _without_refused(self) -> None:
        quote = await self.sale.requote()
        if quote is not None:
            self.sale.put(ringing.without_refused(self.sale.basket, quote))
        await self._open_priced()

    def strayed(self, text: str) -> None:
        """Say that a scan was not taken."""
        self.panel.say(
            f"✗ Scanned {line(text)[:20]}: not taken. Finish paying or leave it ({BACK}), then scan.", "$bad"
        )

    def _open(self, quote: Quote) -> None:
        self.on = True
        self._pins = {}
        self.taking.begin()
        self.panel.open(quote.due, self.sale.session.shop)
        self.opened()

    def leave(self) -> bool:
        """Leave paying, or take an answer back first. False while that isn't possible."""
        if self.panel.waiting:
            return False
        if self.panel.device is not None:
            if not self.panel.leave_answer():
                self.panel.say("! Say first what the device did: A approved, D declined.", "$warn")
            return False
        if self.panel.pin_of:
            self.panel.ask_pin("")
            return False
        self._shut()
        return True

    def _shut(self) -> None:
        self.on = False
        self.shut()

    def confirm(self) -> None:
        """Do what F9 means now: note a part, take the money, or record what the bank's device said."""
        panel, state = self.panel, self.panel.state
        if state is None or panel.waiting or self.sale.session.committing:
            return
        if not panel.verb():
            panel.say_missing()
            return
        if panel.pin_of:
            self._pins[self._pin_of] = panel.pin
            panel.ask_pin("")
        if panel.device is not None:
            panel.wait("recording what the terminal said…")
            self.sale.session.commit(self._answer(approved=panel.answer == "approved"))
        elif state.left and state.with_offer().left:
            panel.take_down()
            panel.say("Noted. Nothing is taken before all is covered.")
        else:
            state = state.take_down()
            card = any(tender.kind == "card" for tender in state.tenders)
            panel.wait("asking the bank…" if card else "taking the money…")
            self.sale.session.commit(self._take(state.tenders))

    async def _take(self, tenders: Sequence[TenderRequest]) -> None:
        quote = self.sale.quote
        if quote is not None:
            self._end(await self.taking.take(self.sale.basket, tenders, quote.due, self._pins))

    async def _answer(self, *, approved: bool) -> None:
        self._end(await self.taking.answer(approved=approved, approval=self.panel.approval))

    def _end(self, outcome: Outcome) -> None:
        panel = self.panel
        panel.wait("")
        match outcome:
            case Captured(payment):
                self._shut()
                self.done(payment)
            case Declined():
                self.sale.session.park(self.sale.basket)
                panel.open_again()
                panel.say("✗ Declined. Nothing was taken, the basket is as it was. Another card, or cash?", "$bad")
            case PinAsked(voucher, message, wrong):
                self._pin_of = voucher
                panel.ask_pin(mask(voucher))
                panel.say(f"{'✗' if wrong else '!'} {line(message)}", "$bad" if wrong else "$warn")
            case OnDevice(_, amount):
                # From here the sale is the payment's: offered again as a draft, it could be paid twice.
                self.sale.session.park(Basket())
                panel.ask_device(amount)
            case Unknown(payment):
                self._unknown(payment)
            case Refused(message, changed):
                if changed:
                    self.sale.stale()
                    self._shut()
                    self.standing.refuse(Said(f"Nothing was taken: {line(message)}", BAD, closing()))
                else:
                    panel.say(f"✗ {line(message)} {PAY} asks again; what is taken already is not taken twice.", "$bad")
        self.after()

    def _unknown(self, payment: PaymentView) -> None:
        """Set the sale aside: it is neither to be paid again nor in the next customer's way."""
        shop = self.sale.session.shop
        amount = shop.currency.format(payment.due, shop.locale)
        self.aside[payment.id] = self.sale.basket
        self.sale.start_afresh()
        self._shut()
        said = f"The bank did not answer: {amount} may be taken. Do NOT take the money again. {TRAY} asks the bank."
        self.standing.refuse(Said(said, WARN, TRAY.display))

    async def look_again(self) -> None:
        """See what became of the sales set aside, once somebody has been to the tray."""
        session = self.sale.session
        for number, basket in tuple(self.aside.items()):
            payment = await session.call(session.store.payments.get, number)
            if payment.status == "pending":
                continue
            del self.aside[number]
            self.standing.refusals.clear()
            amount = session.shop.currency.format(payment.due, session.shop.locale)
            if payment.status == "captured":
                self.standing.say(Said(words.captured_late(payment, session.shop), GOOD))
            elif self.sale.empty:
                self.sale.put(basket)
                self.standing.say(Said("Nothing was taken: the sale is back and can be paid again.", GOOD, f"{PAY}"))
            else:
                said = f"Nothing was taken of {amount}: that sale is not paid. Ring it up again after this one."
                self.standing.refuse(Said(said, WARN, closing()))
