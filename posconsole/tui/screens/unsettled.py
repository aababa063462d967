"""The tray of payments whose outcome isn't known: ask the bank again, or record what a person found out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.errors import PosError
from posconsole.tui.approving import asked
from posconsole.tui.keys import BACK, DO, MORE, TRAY, Key, told
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.widgets.payment_list import PaymentList
from posconsole.tui.widgets.preview_row import GOOD, PLAIN, WARN
from posconsole.tui.words import about, asked_again, money, settled, tried

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.engine.views import PaymentView, Recovered
    from posconsole.tui.session import Session

CODE_MOST = 12
"""The longest approval code: a barcode that lands here is longer."""
CONFIRM = {
    True: ("{do} records it as PAID. {back} records nothing.", WARN),
    False: ("{do} records it as NOT PAID. {back} records nothing.", WARN),
    None: ("", PLAIN),
}
EMPTY = "✓ Nothing is unsettled: every payment is either paid or not."
HOW = """Enter asks the bank again.

If it still can't say, find out: the slip of its device, or a call. Then record it:

A  it was approved
D  it was not"""
APPROVED = """Was {amount} approved?

{do} then records the sale as PAID.

Type the approval code of the bank's slip, if there is one."""
DENIED = """Was {amount} NOT taken?

{do} then records the sale as NOT PAID; its codes and vouchers are free again.

Type where you know it from, if you like."""


class UnsettledScreen(DeskScreen):
    """Payments that wait for an answer, and the question about the one that is chosen."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("ask", "enter", "Ask the bank again", "Ask what became of every payment in the tray.", "ask", "Enter"),
        Key("approved", "a", "It was approved", "Record that the bank took the money.", "approved"),
        Key("denied", "d", "It was not", "Record that the bank did not take the money.", "denied"),
        TRAY.but("Refunds owed", "Turn to refunds that a card still owes."),
        BACK.but("Back to the sale", "Leave the question, or go back to the sale."),
        MORE,
    )
    QUESTION: ClassVar[tuple[Key, ...]] = (
        DO.but("Record it", "Record the answer that is on the screen."),
        BACK.but("Back", "Record nothing."),
    )
    BOUND = (QUESTION[0], *KEYS[3:])
    ELSE = QUESTION
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss", "unsettled.tcss"]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._waiting: tuple[PaymentView, ...] = ()
        self._at = 0
        self._answer: bool | None = None
        self._busy = False

    @property
    def chosen(self) -> PaymentView | None:
        """Return the payment that the keys act on."""
        return self._waiting[self._at] if self._waiting else None

    def middle(self) -> Iterable[Widget]:
        """Give the tray and, beside it, the question."""
        with Horizontal(classes="body"):
            yield PaymentList(self.session.shop, "payments whose outcome isn't known", EMPTY)
            with Vertical(classes="aside"):
                yield Static(id="about", classes="caption", markup=False)
                yield Digits("", id="figure")
                yield Static(id="question", markup=False)

    def on_mount(self) -> None:
        """Fetch what waits."""
        super().on_mount()
        self.head("Unsettled payments")
        self._load()

    @work(exclusive=True, group="tray", exit_on_error=False)
    async def _load(self) -> None:
        await self._fetch(latest=True)

    async def _fetch(self, *, latest: bool = False) -> None:
        try:
            self._waiting = await self.session.call(self.session.store.payments.unsettled)
        except PosError as error:
            self.refuse(error.message)
        last = len(self._waiting) - 1
        # The latest is the one whose customer is still at the counter.
        self._at = max(0, last if latest else min(self._at, last))
        self._show()

    def _show(self) -> None:
        chosen, shop, answer = self.chosen, self.session.shop, self._answer
        self.query_one(PaymentList).show(self._waiting, self._at)
        aside = self.query_one(".aside")
        aside.display = chosen is not None
        aside.set_class(answer is not None, "asking")
        if chosen is not None:
            amount = money(tried(chosen), shop)
            self.query_one(Digits).update(amount)
            self.query_one("#about", Static).update(Content(line(about(chosen))))
            text = HOW if answer is None else APPROVED if answer else DENIED
            self.query_one("#question", Static).update(Content(told(text, amount=amount)))
        keys = self.KEYS if answer is None else self.QUESTION
        self.show_keys(keys if chosen else [key for key in keys if key.name in (TRAY.name, BACK.name)])
        self.prompt("›" if answer is None else "approval code ›" if answer else "note ›")

    def pressed(self, event: events.Key) -> bool:
        """Choose a payment, and open the question about it; while there is one, the field is for its answer."""
        if self._busy:
            return True
        if self._answer is not None or self.field.value:
            return False
        if by := {"up": -1, "down": 1}.get(event.key):
            self._at = max(0, min(len(self._waiting) - 1, self._at + by))
            self._show()
        elif event.key in ("a", "A", "d", "D"):
            self._ask_person(event.key in ("a", "A"))
        else:
            return False
        return True

    def _ask_person(self, approved: bool | None) -> None:
        if self.chosen is not None:
            self._answer = approved
            self.field.value = ""
            self.dealt_with()
            self._confirm(approved)
            self._show()

    def _confirm(self, approved: bool | None) -> None:
        sentence, tone = CONFIRM[approved]
        self.say(told(sentence), tone)

    @property
    def wants_scans(self) -> bool:
        """Take no scan for an answer."""
        return False

    def entered(self, text: str) -> None:
        """Ask the bank again. Enter never records anything: a scanner presses it too."""
        if self._busy:
            return
        if self._answer is not None:
            self.field.value = text
            self._confirm(self._answer)
        elif text.strip():
            self.refuse(f"{text.strip()} is nothing for this tray. {BACK} goes back to the sale.")
        elif self.refused:
            self.dealt_with()
        elif self.chosen is not None:
            self._busy = True
            self.say("asking the bank…", WARN)
            self.session.commit(self._recover(self.chosen))

    async def _recover(self, asked: PaymentView) -> None:
        try:
            found: tuple[Recovered, ...] = await self.session.call(self.session.store.payments.recover)
        except Exception as error:  # whatever it was, it has to be on the screen
            self.failed(error)
        else:
            self.say(*asked_again(found, asked, self.session.shop))
        finally:
            self._busy = False
        await self._fetch()

    def action_tray(self) -> None:
        """Turn to the tray's next page."""
        from posconsole.tui.screens.owed import OwedScreen

        if self.is_current and not self._busy and self._answer is None:
            self.app.switch_screen(OwedScreen(self.session))

    def action_do(self) -> None:
        """Record the answer to the question; pressed twice, once."""
        payment, text = self.chosen, self.field.value.strip()
        if self._busy or self.small or self._answer is None or payment is None:
            return
        if self._answer and len(text) > CODE_MOST:
            self.field.value = ""
            self.refuse("That looks like a scan, not like an approval code.")
            return
        self._busy = True
        self.dealt_with()
        self.say("recording…", WARN)
        self.session.commit(self._settle(payment, self._answer, text))

    async def _settle(self, payment: PaymentView, approved: bool, text: str) -> None:
        note = "approved by the bank, settled by hand" if approved else text or "not taken by the bank, settled by hand"
        code = (text or None) if approved else None

        key = self.intent.key(payment.id, approved, text)

        def settle(store: Store) -> PaymentView:
            return store.payments.settle(
                payment.id, captured=approved, note=note, approval_code=code, idempotency_key=key
            )

        try:
            amount = money(tried(payment), self.session.shop)
            what = f"{amount} recorded as {'PAID' if approved else 'NOT PAID'}"
            done = await asked(self.app, self.session, what, settle)
        except Exception as error:  # whatever it was, it has to be on the screen
            self._confirm(approved)
            self.failed(error)
        else:
            self._answer, self.field.value = None, ""
            self.say(settled(done, payment, self.session.shop), GOOD)
        finally:
            self._busy = False
        await self._fetch()

    def action_back(self) -> None:
        """Put a refusal away, leave the question, clear what is typed, leave the tray: the first that applies."""
        if self._busy:
            return
        if self.refused:
            self.dealt_with()
        elif self._answer is not None:
            self._ask_person(None)
        elif not self.clear():
            self.dismiss()
