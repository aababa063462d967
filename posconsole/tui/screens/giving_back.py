"""What the two ways to give goods back share: the reason, the amount on the key, and that it moves once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work

from posconsole.engine.quoting.rung import Basket
from posconsole.errors import PosError
from posconsole.tui.screens.desk import DeskScreen
from posconsole.tui.screens.receipt import ReceiptScreen
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from posconsole.engine.views import Look, PaymentView, RefundView
    from posconsole.tui.session import Session

STEPS = {"plus": 1, "minus": -1, "right": 1, "left": -1}
"""Keys for one more and one fewer of the chosen line."""
REASONS = ("damaged", "wrong article", "changed mind", "wrong price")
REASON_MOST = 80
# No row ends between a number and its reason.
_NUMBERED = (f"{i} {reason}".replace(" ", "\u00a0") for i, reason in enumerate(REASONS, 1))
ASK_WHY = "  ".join((*_NUMBERED, "or type it, Enter"))


class GivingBackScreen(DeskScreen):
    """Goods come back. The first of `KEYS` gives the money for them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.reason = ""
        self.asking_why = False

    def show(self) -> None:
        """Bring everything up to date."""
        raise NotImplementedError

    def found(self, text: str, found: Look) -> None:
        """Take what a text that was typed or scanned means."""
        raise NotImplementedError

    @work(group="look", exit_on_error=False)
    async def look_up(self, text: str) -> None:
        """Find out what a text means; each scan counts, in its order."""
        try:
            found = await self.session.call(self.session.store.look, text, Basket())
        except PosError as error:
            self.refuse(error.message)
        else:
            self.found(text, found)

    def show_amount(self, amount: int | None) -> None:
        """Show the keys, with what the first one gives back."""
        label = "Refund" if amount is None else f"Refund {money(amount, self.session.shop)}"
        self.show_keys([replace(self.KEYS[0], label=label), *self.KEYS[1:]])

    def action_reason(self) -> None:
        """Ask why, or stop asking."""
        self.asking_why = not self.asking_why
        self.field.value = ""
        self.prompt("why ›" if self.asking_why else "›")
        self.show()

    def stop_asking(self) -> None:
        """Ask why no longer."""
        if self.asking_why:
            self.action_reason()

    def take_reason(self, text: str) -> None:
        """Take one of the usual reasons by its number, or what is typed."""
        usual = text.isdecimal() and 0 < int(text) <= len(REASONS)
        self.reason = REASONS[int(text) - 1] if usual else text[:REASON_MOST]
        self.dealt_with()
        self.stop_asking()

    def is_reason(self, text: str) -> bool:
        """Say whether what was entered is the reason: a barcode that comes while one is asked for is none."""
        return self.asking_why and not (len(text) >= 8 and text.isdigit())

    def give(self, amount: int, work: Coroutine[None, None, None]) -> None:
        """Give it back."""
        self.begin(work, f"Giving back {money(amount, self.session.shop)}…")

    def show_slip(self, payment: PaymentView | None, refund: RefundView) -> None:
        """Show what was done in this screen's place, whatever has been opened over it meanwhile."""
        while self in self.app.screen_stack and not self.is_current:
            self.app.pop_screen()
        if self.is_current:
            self.app.switch_screen(ReceiptScreen(self.session, payment, refund))

    def action_back(self) -> None:
        """Stop asking why, clear what is typed or a refusal; with neither, go back to the sale."""
        if self.asking_why:
            self.stop_asking()
        elif not self.clear():
            self.dismiss()
