"""Choose what comes back of a sale, see what goes back to which tender, and confirm it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Horizontal

from posconsole.engine.views import ProductFound
from posconsole.errors import NotAllowed, PosError
from posconsole.printing.strip import moment
from posconsole.tui.keys import BACK, DO, MORE, REFUND_NONE, REFUND_OTHER, REFUND_REASON, Key
from posconsole.tui.looking import PAUSE
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.giving_back import ASK_WHY, STEPS, GivingBackScreen
from posconsole.tui.selection import QUANTITY, Selection
from posconsole.tui.widgets.goes_back import GoesBack
from posconsole.tui.widgets.preview_row import CHECKING, GOOD, NOTHING, PLAIN, WARN
from posconsole.tui.widgets.refund_lines import RefundLines
from posconsole.tui.words import money, paid_out, planned

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget
    from textual.widgets import Input

    from posconsole.engine.views import Look, PaymentView, RefundPlan
    from posconsole.tui.session import Session

ASK = "↑ ↓ choose a line, + and − or a number say how many come back, A takes all. Or scan the article."
MOVES = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}


class TakeBackScreen(GivingBackScreen):
    """The second step of a refund: which lines, how many, and the confirmation."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        DO.but("Refund", "Give back what is shown, to the tenders that are shown."),
        REFUND_REASON,
        REFUND_NONE,
        REFUND_OTHER,
        BACK.but("Back", "Clear what is typed or a message, then go back to the sale."),
        MORE,
    )
    BOUND = KEYS
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss", "take_back.tcss"]

    def __init__(self, session: Session, payment: PaymentView) -> None:
        super().__init__(session)
        self.payment = payment
        self._settled = Selection.of(payment.lines)
        self._plan: RefundPlan | None = None
        self._planned: list[dict[str, int]] = []
        self._failed = False

    @property
    def selection(self) -> Selection:
        """Return what is selected, with what stands in the field taken as a quantity where it is one."""
        typed = None if self.asking_why else self._settled.typed(self.field.value)
        return typed or self._settled

    def middle(self) -> Iterable[Widget]:
        """Give the lines and, beside them, what goes back."""
        with Horizontal(classes="body"):
            yield RefundLines(self.session.shop)
            yield GoesBack(self.payment, self.session.shop)

    def on_mount(self) -> None:
        """Show the sale and what can come back of it."""
        super().on_mount()
        shop, payment = self.session.shop, self.payment
        sold = moment(payment.captured_at or payment.created, shop)
        self.head(
            f"Refund of receipt {payment.receipt_number or '?'}",
            f"{sold} · {payment.operator} · paid {money(payment.amount, shop)}",
        )
        if self._settled.exhausted:
            self.refuse(f"Everything of this receipt has come back already. {REFUND_OTHER} takes another receipt.")
        self.show()

    # What is chosen

    def pressed(self, event: events.Key) -> bool:
        """Choose lines and quantities while the field is empty or holds a quantity."""
        if self.asking_why:
            return False
        if by := MOVES.get(event.key):
            self._choose(self.selection.move(by))
        elif not self.field.value and (by := STEPS.get(event.key)):
            self._choose(self._settled.step(by))
        else:
            return False
        return True

    def _choose(self, selection: Selection) -> None:
        self._settled = selection
        self.field.value = ""
        self.show()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take a quantity as it is typed."""
        event.stop()
        self.show()

    def entered(self, text: str) -> None:
        """Keep a typed quantity, take a reason, or look a scan up on this receipt."""
        text = text.strip()
        if self.is_reason(text):
            self.take_reason(text)
        elif chosen := self._settled.typed(text):
            self._choose(chosen)
        elif text:
            self.stop_asking()
            self.look_up(text)
        else:
            self.dealt_with()

    def found(self, text: str, found: Look) -> None:
        """Take one more of the article that was scanned."""
        sku, name = (found.product.sku, found.product.name) if isinstance(found, ProductFound) else (text, text)
        chosen = self._settled.scanned(sku)
        if chosen is not None:
            self.dealt_with()
            self._settled = chosen
            self.show()
        elif self._settled.has(sku):
            self.refuse(f"All of {name} that can come back is chosen already.")
        elif QUANTITY.fullmatch(text) and not isinstance(found, ProductFound):
            self.refuse(f"{self._bound()}, not {text}.")
        else:
            self.refuse(f"{name} is not on receipt {self.payment.receipt_number}.")

    # What it comes to

    def show(self) -> None:
        """Show the selection, and ask the engine what it comes to if that isn't known."""
        selection = self.selection
        self.query_one(RefundLines).show(selection)
        items = selection.items
        if not items:
            self._plan, self._planned = None, []
        elif items != self._planned:
            self._plan, self._planned = None, items
            self._work_out(items)
        self._tell()

    @work(exclusive=True, group="plan", exit_on_error=False)
    async def _work_out(self, items: list[dict[str, int]]) -> None:
        self._failed = False
        await asyncio.sleep(PAUSE)
        try:
            plan = await self.session.call(self.session.store.payments.plan_refund, self.payment.id, items=items)
        except PosError as error:
            if items == self._planned:
                self._failed = True
                self.refuse(error.message)
                self._tell()
            return
        if items == self._planned:
            self._plan = plan
            self._tell()

    def _tell(self) -> None:
        """Say what F9 would do now."""
        self.query_one(GoesBack).show(self._plan, self.reason, stale=bool(self._planned) and self._plan is None)
        if self.busy:
            return
        self.show_amount(paid_out(self._plan) if self._plan else None)
        if self.asking_why:
            self.say(ASK_WHY)
        elif self._unread:
            many = f"{self._bound()}. " if QUANTITY.fullmatch(self._unread) else ""
            self.say(f"{many}Enter looks for ‘{line(self._unread)[:20]}’ on this receipt", WARN if many else PLAIN)
        elif self._plan is not None:
            self.say(planned(self._plan, self.session.shop), GOOD, f"{DO} refunds it")
        elif self._planned:
            self.answers.show(answer=NOTHING if self._failed else CHECKING)
        else:
            self.say("" if self._settled.exhausted else ASK, PLAIN)

    @property
    def _unread(self) -> str:
        """Return what is typed that is no quantity of the chosen line: it may be meant for another one."""
        text = "" if self.asking_why else self.field.value.strip()
        return "" if self._settled.typed(text) else text

    def _bound(self) -> str:
        left = self._settled.left(self._settled.at)
        return f"Only {left} of this line can come back" if left else "Nothing of this line can come back any more"

    # Doing it

    def action_do(self) -> None:
        """Give back what is shown."""
        if self.small:
            return
        selection = self.selection
        if self._unread:
            self.say(f"‘{line(self._unread)[:20]}’ is typed, not entered: Enter or {BACK} first, then {DO}.", WARN)
        elif not selection.items:
            self.say("Choose first what comes back: ↑ ↓ a line, + one more, A all.", WARN)
        elif self._plan is None or self._planned != selection.items:
            # What would move isn't on the screen yet.
            if self._failed:
                self._work_out(selection.items)
        else:
            plan = self._plan
            if self.asking_why and self.field.value:
                self.take_reason(self.field.value.strip())
            self.stop_asking()
            self._choose(selection)
            key = self.intent.key(selection.items, self.reason)
            self.give(paid_out(plan), self._refund(plan, selection.items, self.reason, key))

    async def _refund(self, shown: RefundPlan, items: list[dict[str, int]], reason: str, key: str) -> None:
        refund_it, payment = self.session.store.payments.refund, self.payment.id
        try:
            refund = await self.session.call(
                refund_it, payment, items=items, reason=reason, idempotency_key=key, expected=shown
            )
        except Exception as error:  # whatever it was, it has to be on the screen, and F9 may try again
            await self._refused(error)
        else:
            self.show_slip(self.payment, refund)

    async def _refused(self, error: Exception) -> None:
        """Say why nothing moved, and show what can come back now: another till may have been first."""
        self.failed(error)
        if isinstance(error, NotAllowed):
            with suppress(PosError):
                self.payment = await self.session.call(self.session.store.payments.get, self.payment.id)
                self._settled = Selection.of(self.payment.lines)
                self.query_one(GoesBack).of(self.payment)
        self.show()

    # Leaving

    def action_none(self) -> None:
        """Choose nothing."""
        self._choose(self._settled.none())

    def action_other(self) -> None:
        """Go back to the first step."""
        from posconsole.tui.screens.refund import RefundScreen

        if self.is_current:
            self.app.switch_screen(RefundScreen(self.session))
