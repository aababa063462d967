"""The tray of payments whose outcome isn't known: ask the bank again, or record what a person found out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.errors import PosError
from posconsole.tui.approving import asked
from posconsole.tui.keys import BACK, DO, MORE, TRAY, Key, told
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.tray import TrayScreen
from posconsole.tui.widgets.payment_list import PaymentList
from posconsole.tui.widgets.preview_row import GOOD, PLAIN, WARN
from posconsole.tui.words import about, asked_again, money, settled, tried

if TYPE_CHECKING:
    from pathlib import PurePath

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


class UnsettledScreen(TrayScreen["PaymentView"]):
    """Payments that wait for an answer, and the question about the one that is chosen."""

    NAME = "Unsettled payments"
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
        self._answer: bool | None = None
        self._begun = False

    @property
    def asking(self) -> bool:
        """Say whether a person is asked what became of the payment."""
        return self._answer is not None

    def listing(self) -> PaymentList:
        """Give the payments."""
        return PaymentList(self.session.shop, "payments whose outcome isn't known", EMPTY)

    async def fetch(self) -> None:
        """Read the payments; at first the latest is chosen, whose customer is still at the counter."""
        try:
            self.things = await self.session.call(self.session.store.payments.unsettled)
        except PosError as error:
            self.refuse(error.message)
        at, self._begun = self.at if self._begun else len(self.things) - 1, True
        self.choose(at)

    def show(self) -> None:
        """Bring everything up to date."""
        chosen, shop, answer = self.chosen, self.session.shop, self._answer
        self.query_one(PaymentList).show(self.things, self.at)
        aside = self.query_one(".aside")
        aside.display = chosen is not None
        aside.set_class(answer is not None, "asking")
        if chosen is not None:
            amount = money(tried(chosen), shop)
            self.query_one(Digits).update(amount)
            self.query_one("#about", Static).update(Content(line(about(chosen))))
            text = HOW if answer is None else APPROVED if answer else DENIED
            self.query_one("#question", Static).update(Content(told(text, amount=amount)))
        self.show_tray_keys()
        self.prompt("›" if answer is None else "approval code ›" if answer else "note ›")

    def lettered(self, key: str) -> bool:
        """Ask about the payment: A, it was approved, or D, it was not."""
        if key not in ("a", "d"):
            return False
        self._ask_person(key == "a")
        return True

    def leave_question(self) -> None:
        """Record nothing."""
        self._ask_person(None)

    def _ask_person(self, approved: bool | None) -> None:
        if self.chosen is not None:
            self._answer = approved
            self.field.value = ""
            self.dealt_with()
            self._confirm(approved)
            self.show()

    def _confirm(self, approved: bool | None) -> None:
        sentence, tone = CONFIRM[approved]
        self.say(told(sentence), tone)

    @property
    def wants_scans(self) -> bool:
        """Take no scan for an answer."""
        return False

    def entered(self, text: str) -> None:
        """Ask the bank again. Enter never records anything: a scanner presses it too."""
        if self._answer is not None:
            self.field.value = text
            self._confirm(self._answer)
        else:
            super().entered(text)

    def take_up(self, thing: PaymentView) -> None:
        """Ask the bank again."""
        self.begin(self._recover(thing), "asking the bank…")

    async def _recover(self, asked: PaymentView) -> None:
        try:
            found: tuple[Recovered, ...] = await self.session.call(self.session.store.payments.recover)
        except Exception as error:  # whatever it was, it has to be on the screen
            self.failed(error)
        else:
            self.say(*asked_again(found, asked, self.session.shop))
        await self.fetch()

    def turn(self) -> None:
        """Go on to the refunds that are owed."""
        from posconsole.tui.screens.owed import OwedScreen

        self.app.switch_screen(OwedScreen(self.session))

    def action_do(self) -> None:
        """Record the answer to the question."""
        payment, text = self.chosen, self.field.value.strip()
        if self.small or self._answer is None or payment is None:
            return
        if self._answer and len(text) > CODE_MOST:
            self.field.value = ""
            self.refuse("That looks like a scan, not like an approval code.")
            return
        self.begin(self._settle(payment, self._answer, text), "recording…")

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
        await self.fetch()
