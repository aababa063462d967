"""Counting the drawer by coin and note, explaining what differs, and closing the shift: the Z report, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal

from posconsole.tui.approving import asked
from posconsole.tui.coins import denominations
from posconsole.tui.day_words import drawer
from posconsole.tui.keys import BACK, DO, MORE, Key, told
from posconsole.tui.safe import fit, line, right
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.widgets.drawer_card import DrawerCard
from posconsole.tui.widgets.preview_row import WARN
from posconsole.tui.widgets.row_list import RowList
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole.engine.day.shiftviews import ShiftView
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.row_list import Row

MOST = 5
"""The most figures of how many coins there are: what is longer is a scan."""
HOW = "How many of each? The number and Enter; ↑ ↓ choose. Then {do}."
EXPLAIN = "Say what may have happened, then {do} closes the shift. {back} counts again."
ALL_THERE = "{do} closes the shift: its Z report can be made only once. {back} counts again."
STEPS = {"up": -1, "down": 1, "pageup": -100, "pagedown": 100}


class CountScreen(DeskScreen):
    """First the count, which doesn't see what should be there; then how it differs, and the close."""

    DONE = DO.but("That is all", "The drawer is counted: see how it differs from what should be there.")
    CLOSE = DO.but("Close the shift", "Close the shift: its Z report is made, once.")
    LEAVE = BACK.but("Back", "Clear what is typed, count again, go back to the day.")
    SET = Key("set", "enter", "Set", "So many there are of the chosen coin or note.", "set", "Enter")
    KEYS: ClassVar[tuple[Key, ...]] = (DONE, SET, LEAVE, MORE)
    BOUND = (DONE, LEAVE, MORE)
    ELSE = (CLOSE,)
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss", "day.tcss"]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._coins = denominations(session.shop)
        self._counts: dict[int, int] = {}
        self._at = 0
        self._shift: ShiftView | None = None
        self.closed: ShiftView | None = None
        """The Z report, once there is one."""

    @property
    def _counted(self) -> int:
        return sum(coin * number for coin, number in self._counts.items())

    def middle(self) -> Iterable[Widget]:
        """Give the coins and notes and, beside them, what they come to."""
        with Horizontal(classes="body"):
            yield RowList()
            yield DrawerCard(self.session.shop)

    def on_mount(self) -> None:
        """Begin with the largest note."""
        super().on_mount()
        self.head("Count the drawer", "1 count · 2 explain · 3 Z report")
        self._show()

    def _show(self) -> None:
        shift = self._shift
        self.query_one(RowList).show("how many of each", self._rows, len(self._coins), self._at)
        off = 0 if shift is None else self._counted - shift.expected
        card = self.query_one(DrawerCard)
        card.set_class(bool(off), "off")
        if shift is None:
            card.show("COUNTED", self._counted)
        else:
            card.show_difference(self._counted, shift.expected, drawer(shift))
        self.prompt("how many ›" if shift is None else "note ›")
        self.show_keys(None if shift is None else (self.CLOSE, self.LEAVE))
        self.say(*((told(HOW),) if shift is None else (told(EXPLAIN if off else ALL_THERE), WARN)))

    def _rows(self, width: int) -> list[Row]:
        return [(fit(text, width - 3), style) for text, style in map(self._row, self._coins)]

    def _row(self, coin: int) -> Row:
        shop, number = self.session.shop, self._counts.get(coin)
        if number is None:
            return right(money(coin, shop), 10), "$dim"
        return f"{right(money(coin, shop), 10)}  ×{right(number, 6)}{right(money(coin * number, shop), 14)}", "$ink"

    def pressed(self, event: events.Key) -> bool:
        """Choose a coin or note while counting."""
        by = STEPS.get(event.key)
        if by is None or self._shift is not None:
            return False
        self._choose(by)
        return True

    def _choose(self, by: int) -> None:
        self._at = max(0, min(len(self._coins) - 1, self._at + by))
        self._show()

    @property
    def wants_scans(self) -> bool:
        """Take a scan neither for a number nor for a note."""
        return False

    def entered(self, text: str) -> None:
        """Set how many there are and go on to the next; Enter never closes anything."""
        text = text.strip()
        if self._shift is not None:
            self.field.value = text
            self.field.action_end()
        elif text:
            self._set(text)
        elif self.refused:
            self.dealt_with()
        else:
            self._choose(1)

    def _set(self, text: str) -> None:
        if not (text.isascii() and text.isdigit() and len(text) <= MOST):
            coin = money(self._coins[self._at], self.session.shop)
            self.refuse(f"{line(text)[:30]} is no number of coins. How many of {coin} are there?")
            return
        self.dealt_with()
        self._counts[self._coins[self._at]] = int(text)
        self._choose(1)

    def action_do(self) -> None:
        """See how the count differs; then close the shift."""
        text = self.field.value.strip()
        if self.small:
            return
        if self._shift is None:
            if text:
                self.field.value = ""
                self._set(text)
            if not self.refused:
                self.begin(self._compare())
        elif self._counted != self._shift.expected and not text:
            self.refuse(f"The count differs: say what may have happened, or that nobody knows. Then {DO}.")
        else:
            self.begin(self._close(text))

    async def _compare(self) -> None:
        try:
            self._shift = await self.session.call(self.session.store.shifts.x_report)
        except Exception as error:  # whatever it was, it has to be on the screen
            self.failed(error)
        self._show()

    async def _close(self, note: str) -> None:
        counts = dict(self._counts)
        key = self.intent.key(counts, note)
        what = f"close the shift, {money(self._counted, self.session.shop)} counted"
        try:
            self.closed = await asked(
                self.app,
                self.session,
                what,
                lambda store: store.shifts.close(counts=counts, note=note, idempotency_key=key),
            )
        except Exception as error:  # whatever it was, it has to be on the screen
            self.failed(error)
            self._show()
        else:
            self.dismiss()

    def action_back(self) -> None:
        """Put a refusal away, clear what is typed, count again, go back to the day: the first that applies."""
        if self.clear():
            return
        if self._shift is not None:
            self._shift = None
            self._show()
        else:
            self.dismiss()
