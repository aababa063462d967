"""The tray's last page: what card devices still owe of refunds. The bank is asked again, or a person settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.engine.sale.tendering import rounded
from posconsole.errors import PosError
from posconsole.tui.approving import asked
from posconsole.tui.keys import BACK, DO, MORE, TRAY, Key, told
from posconsole.tui.safe import fit, line, right
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.tray import TrayScreen
from posconsole.tui.widgets.preview_row import GOOD, PLAIN, WARN
from posconsole.tui.widgets.row_list import Row, RowList
from posconsole.tui.words import money, when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePath

    from posconsole import Store
    from posconsole.engine.views import OwedPart, RefundView
    from posconsole.tui.app import PosApp
    from posconsole.tui.session import Session

EMPTY = "✓ Nothing is owed: every refund has reached its card."
STATES = {"pending": ("… no answer", "$warn"), "declined": ("✗ declined", "$bad")}
HOW = """Enter asks the bank again.

If the card can't take it back, settle it another way; a manager approves it:

C  cash, out of the drawer
V  a new voucher
B  the bank did it after all"""
WAYS = {"c": ("cash", "in cash"), "v": ("credit", "as a new voucher"), "b": ("card", "by the bank after all")}
ASKED = """Is {amount} given back {way}?

{do} then records it, once a manager has approved it."""


class OwedScreen(TrayScreen["OwedPart"]):
    """Parts of refunds that no card has got yet, and the question about the one that is chosen."""

    NAME = "Refunds that a card still owes"
    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("ask", "enter", "Ask the bank again", "Order what is owed from the bank once more.", "ask", "Enter"),
        Key("cash", "c", "Cash", "Record that it is paid out in cash.", "cash"),
        Key("voucher", "v", "Voucher", "Give a new voucher for it.", "voucher"),
        Key("bank", "b", "Bank did it", "Record that the bank gave it back after all.", "bank"),
        TRAY.but("Parked", "Turn to the sales that are parked."),
        BACK.but("Back to the sale", "Leave the question, or go back to the sale."),
        MORE,
    )
    QUESTION: ClassVar[tuple[Key, ...]] = (
        DO.but("Record it", "Record what is on the screen."),
        BACK.but("Back", "Record nothing."),
    )
    BOUND = (QUESTION[0], *KEYS[4:])
    ELSE = QUESTION
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss"]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._way = ""

    @property
    def asking(self) -> bool:
        """Say whether it is asked if it is given back another way."""
        return bool(self._way)

    def listing(self) -> RowList:
        """Give what is owed."""
        return RowList()

    async def fetch(self) -> None:
        """Read what is owed."""
        try:
            self.things = await self.session.call(self.session.store.payments.owed)
        except PosError as error:
            self.refuse(error.message)
        self.choose(self.at)

    def show(self) -> None:
        """Bring everything up to date."""
        chosen, shop = self.chosen, self.session.shop
        title = "refunds, and what became of them" if self.things else EMPTY
        self.query_one(RowList).show(title, self._rows, len(self.things), self.at)
        self.query_one(".aside").display = chosen is not None
        if chosen is not None:
            amount = money(self._paid(chosen), shop)
            self.query_one("#about", Static).update(Content(f"of receipt {line(chosen.receipt_number)}"))
            self.query_one(Digits).update(amount)
            text = told(ASKED, amount=amount, way=WAYS[self._way][1]) if self._way else HOW
            self.query_one("#question", Static).update(Content(text))
        self.show_tray_keys()

    def _paid(self, part: OwedPart) -> int:
        """Return what is given back the way that is asked about, in minor units: cash as coins can pay it."""
        return rounded(part.amount, self.session.shop.smallest_coin) if self._way == "c" else part.amount

    def _rows(self, width: int) -> Sequence[Row]:
        return [self._row(part, max(4, width - 37)) for part in self.things]

    def _row(self, part: OwedPart, room: int) -> Row:
        shop, (state, style) = self.session.shop, STATES[part.status]
        amount = right(money(part.amount, shop), 9)
        return f"{fit(when(part.created, shop), 13)}{fit(part.number, 9)}{amount}  {fit(state, room)}", style

    def lettered(self, key: str) -> bool:
        """Ask whether it is given back the way that a letter stands for."""
        if key not in WAYS or self.chosen is None:
            return False
        self._ask(key)
        return True

    def leave_question(self) -> None:
        """Record nothing."""
        self._ask("")

    def _ask(self, way: str) -> None:
        self._way, self.field.value = way, ""
        self.dealt_with()
        self.say(*((f"{DO} records it. {BACK} records nothing.", WARN) if way else ("", PLAIN)))
        self.show()

    @property
    def wants_scans(self) -> bool:
        """Take no scan for an answer."""
        return False

    def take_up(self, thing: OwedPart) -> None:  # noqa: ARG002 - all that is owed is asked for at once
        """Ask the bank again."""
        self.begin(self._order(), "asking the bank…")

    async def _order(self) -> None:
        before = len(self.things)
        try:
            await self.session.call(self.session.store.payments.order_from_devices)
        except Exception as error:  # whatever it was, it has to be on the screen
            self.failed(error)
        await self.fetch()
        if not self.refused:
            done = before - len(self.things)
            self.say(*((f"The bank has given {done} back.", GOOD) if done else ("The bank gives none back yet.", WARN)))

    def action_do(self) -> None:
        """Record the answer, once a manager has approved it."""
        part = self.chosen
        if self.small or not self._way or part is None:
            return
        self.begin(self._settle(part, *WAYS[self._way]), "recording…")

    async def _settle(self, part: OwedPart, way: str, words: str) -> None:
        key = self.intent.key(part.id, way)

        def settle(store: Store) -> RefundView:
            return store.payments.settle_refund(part.id, way, "settled at the till", idempotency_key=key)

        amount = money(self._paid(part), self.session.shop)
        try:
            done = await asked(self.app, self.session, f"{amount} given back {words}", settle)
        except Exception as error:  # whatever it was, it has to be on the screen
            self.failed(error)
        else:
            codes = ", ".join(voucher.code for voucher in done.vouchers_given) if way == "credit" else ""
            said = f"{amount} given back {words} · refund {done.number}"
            self.say(said + (f". Hand over the voucher {codes}" if codes else ""), GOOD)
        self._way = ""
        await self.fetch()

    def turn(self) -> None:
        """Go back to the sales that are parked."""
        cast("PosApp", self.app).checkout.recall(self)
