"""The tray's last page: what card devices still owe of refunds. The bank is asked again, or a person settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.engine.tendering import rounded
from posconsole.errors import PosError
from posconsole.tui.approving import asked
from posconsole.tui.keys import BACK, DO, MORE, TRAY, Key, told
from posconsole.tui.safe import fit, line, right
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.widgets.preview_row import GOOD, PLAIN, WARN
from posconsole.tui.widgets.row_list import Row, RowList
from posconsole.tui.words import money, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

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


class OwedScreen(DeskScreen):
    """Parts of refunds that no card has got yet, and the question about the one that is chosen."""

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
        self._owed: tuple[OwedPart, ...] = ()
        self._at = 0
        self._way = ""
        self._busy = False

    @property
    def chosen(self) -> OwedPart | None:
        """Return the part that the keys act on."""
        return self._owed[self._at] if self._owed else None

    def middle(self) -> Iterable[Widget]:
        """Give what is owed and, beside it, the question."""
        with Horizontal(classes="body"):
            yield RowList()
            with Vertical(classes="aside"):
                yield Static(id="about", classes="caption", markup=False)
                yield Digits("", id="figure")
                yield Static(id="question", markup=False)

    def on_mount(self) -> None:
        """Fetch what is owed."""
        super().on_mount()
        self.head("Refunds that a card still owes")
        self._load()

    @work(exclusive=True, group="tray", exit_on_error=False)
    async def _load(self) -> None:
        await self._fetch()

    async def _fetch(self) -> None:
        try:
            self._owed = await self.session.call(self.session.store.payments.owed)
        except PosError as error:
            self.refuse(error.message)
        self._at = max(0, min(self._at, len(self._owed) - 1))
        self._show()

    def _show(self) -> None:
        chosen, shop = self.chosen, self.session.shop
        title = "refunds, and what became of them" if self._owed else EMPTY
        self.query_one(RowList).show(title, self._rows, len(self._owed), self._at)
        self.query_one(".aside").display = chosen is not None
        if chosen is not None:
            amount = money(self._paid(chosen), shop)
            self.query_one("#about", Static).update(Content(f"of receipt {line(chosen.receipt_number)}"))
            self.query_one(Digits).update(amount)
            text = told(ASKED, amount=amount, way=WAYS[self._way][1]) if self._way else HOW
            self.query_one("#question", Static).update(Content(text))
        keys = self.QUESTION if self._way else self.KEYS
        self.show_keys(keys if chosen else [key for key in keys if key.name in (TRAY.name, BACK.name)])

    def _paid(self, part: OwedPart) -> int:
        """Return what is given back the way that is asked about, in minor units: cash as coins can pay it."""
        return rounded(part.amount, self.session.shop.smallest_coin) if self._way == "c" else part.amount

    def _rows(self, width: int) -> Sequence[Row]:
        return [self._row(part, max(4, width - 37)) for part in self._owed]

    def _row(self, part: OwedPart, room: int) -> Row:
        shop, (state, style) = self.session.shop, STATES[part.status]
        amount = right(money(part.amount, shop), 9)
        return f"{fit(when(part.created, shop), 13)}{fit(part.number, 9)}{amount}  {fit(state, room)}", style

    def pressed(self, event: events.Key) -> bool:
        """Choose a part, and how it is settled."""
        if self._busy:
            return True
        if self._way or self.field.value:
            return False
        if by := {"up": -1, "down": 1}.get(event.key):
            self._at = max(0, min(len(self._owed) - 1, self._at + by))
            self._show()
        elif event.key.lower() in WAYS and self.chosen is not None:
            self._ask(event.key.lower())
        else:
            return False
        return True

    def _ask(self, way: str) -> None:
        self._way, self.field.value = way, ""
        self.dealt_with()
        self.say(*((f"{DO} records it. {BACK} records nothing.", WARN) if way else ("", PLAIN)))
        self._show()

    @property
    def wants_scans(self) -> bool:
        """Take no scan for an answer."""
        return False

    def entered(self, text: str) -> None:
        """Ask the bank again. Enter never records anything: a scanner presses it too."""
        if self._busy or self._way:
            return
        if text.strip():
            self.refuse(f"‘{line(text.strip())[:30]}’ is nothing for this tray. {BACK} goes back to the sale.")
        elif self.refused:
            self.dealt_with()
        elif self.chosen is not None:
            self._busy = True
            self.say("asking the bank…", WARN)
            self.session.commit(self._order())

    async def _order(self) -> None:
        before = len(self._owed)
        try:
            await self.session.call(self.session.store.payments.order_from_devices)
        except Exception as error:  # whatever it was, it has to be on the screen
            self.failed(error)
        finally:
            self._busy = False
        await self._fetch()
        if not self.refused:
            done = before - len(self._owed)
            self.say(*((f"The bank has given {done} back.", GOOD) if done else ("The bank gives none back yet.", WARN)))

    def action_do(self) -> None:
        """Record the answer, once a manager has approved it; pressed twice, once."""
        part = self.chosen
        if self._busy or self.small or not self._way or part is None:
            return
        self._busy = True
        self.dealt_with()
        self.say("recording…", WARN)
        self.session.commit(self._settle(part, *WAYS[self._way]))

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
        finally:
            self._way, self._busy = "", False
        await self._fetch()

    def action_tray(self) -> None:
        """Turn to the tray's first page."""
        if self.is_current and not self._busy and not self._way:
            cast("PosApp", self.app).checkout.recall(self)

    def action_back(self) -> None:
        """Put a refusal away, leave the question, clear what is typed, leave the tray: the first that applies."""
        if self._busy:
            return
        if self.refused:
            self.dealt_with()
        elif self._way:
            self._ask("")
        elif not self.clear():
            self.dismiss()
