"""The day at this till: a shift opened with a float, cash put in and taken out, the X report at any time, old Zs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from posconsole.engine.staff.access import MANAGER
from posconsole.errors import InvalidInput, PosError
from posconsole.printing.shift import shift_report
from posconsole.tui.day_words import moved, will_move
from posconsole.tui.keys import (
    BACK,
    DAY_AUDIT,
    DAY_HOURS,
    DAY_IN,
    DAY_JOURNAL,
    DAY_OUT,
    DO,
    MORE,
    OPERATOR,
    PRINT,
    TRAY,
    Key,
    told,
)
from posconsole.tui.paperwork import UNSET
from posconsole.tui.safe import line
from posconsole.tui.screens.day_doors import DayDoors
from posconsole.tui.screens.desk import bindings
from posconsole.tui.widgets.drawer_card import DrawerCard
from posconsole.tui.widgets.preview_row import GOOD, WARN
from posconsole.tui.widgets.steady import Steady
from posconsole.tui.words import money, when

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole.engine.day.shiftviews import ShiftView
    from posconsole.tui.session import Session

SCROLLS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}
EARLIER = 30
"""How many closed shifts ← goes back to."""
LONGEST = 9
"""The most figures of an amount: what is longer is a scan."""
LOOK = "The X report: look as often as you like. Enter looks again."
FLOAT, AMOUNT, REASON, NOTHING = "float ›", "amount ›", "why ›", "›"
NO_SHIFT = "\nNo shift is open at this till.\n\nCount the drawer, type what is in it, and {do} opens the shift."


class DayScreen(DayDoors):
    """The X report of the open shift, and beside it the drawer; without one, the way to open it."""

    OPEN = DO.but("Open the shift", "Open the shift with the float that is typed.")
    COUNT = DO.but("Count, close", "Count the drawer by coin and note, and close the shift: the Z report.")
    BOOK = DO.but("Book it", "Book the cash that is put in or taken out.")
    LEAVE = BACK.but("Back", "Leave the question, clear what is typed, go back to the sale.")
    OTHER: ClassVar[tuple[Key, ...]] = (
        DAY_HOURS,
        DAY_JOURNAL,
        DAY_AUDIT,
        LEAVE,
        Key("earlier", "left,right", "Earlier Zs", "Go back to the Z reports of closed shifts.", "earlier", "← →"),
        MORE,
    )
    KEYS: ClassVar[tuple[Key, ...]] = (
        COUNT,
        DAY_IN,
        DAY_OUT,
        *OTHER,
    )
    PAPER = PRINT.but("Print", "Print the report that is shown.")
    BOUND = (*(key for key in KEYS if key.name != "earlier"), PAPER)
    ELSE = (OPEN, BOOK)
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss", "day.tcss"]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._open: ShiftView | None = None
        self._unsettled = 0
        self._earlier: tuple[ShiftView, ...] = ()
        self._back = 0
        self._sign = 0
        self._amount: int | None = None
        self.busy = True

    @property
    def shown(self) -> ShiftView | None:
        """Return the shift on the screen: the open one, or as many closed ones back."""
        return self._earlier[self._back - 1] if self._back else self._open

    @property
    def _asked(self) -> str:
        """Return what the field asks for, as its prompt."""
        if self._sign:
            return AMOUNT if self._amount is None else REASON
        return FLOAT if self._open is None and not self.busy else NOTHING

    def middle(self) -> Iterable[Widget]:
        """Give the report and, beside it, the drawer."""
        with Horizontal(classes="body"):
            with VerticalScroll(id="strip", can_focus=False):
                yield Steady(id="paper")
            yield DrawerCard(self.session.shop)

    def on_mount(self) -> None:
        """Fetch the shift."""
        super().on_mount()
        self.head("The day")
        self._load()

    @work(exclusive=True, group="shift", exit_on_error=False)
    async def _load(self) -> None:
        await self._fetch()

    async def _fetch(self) -> None:
        shifts = self.session.store.shifts
        try:
            self._open = await self.session.call(shifts.current)
            waiting = await self.session.call(self.session.store.payments.unsettled)
            self._unsettled = sum(payment.till == self.session.store.till for payment in waiting)
            if self.session.store.role == MANAGER:
                page = await self.session.call(shifts.list, till=self.session.store.till, limit=EARLIER)
                self._earlier = tuple(shift for shift in page.data if shift.closed_at is not None)
        except PosError as error:
            self.refuse(error.message)
        finally:
            self.busy = False
        self.show()

    # Painting.

    def show(self) -> None:
        """Bring everything up to date."""
        shift, shop = self.shown, self.session.shop
        paper = "\n".join(shift_report(shift, shop).lines) if shift else told(NO_SHIFT)
        self.query_one("#paper", Static).update(Content(paper))
        self.query_one("#strip").set_class(shift is None, "nothing")
        self._show_aside(shift)
        self.head("The day", self._whose(shift))
        self.prompt(self._asked)
        first = self.BOOK if self._sign else self.COUNT if self._open else self.OPEN
        others = (self.LEAVE,) if self._sign else self.KEYS[1:] if self._open else self.OTHER
        printable = (self.PAPER,) if shift is not None and self.session.paper.there and not self._sign else ()
        self.show_keys((first, *others[:-1], *printable, *others[-1:]))
        self._preview()

    def _whose(self, shift: ShiftView | None) -> str:
        if shift is None:
            return "no shift is open"
        since = f"open since {when(shift.opened_at, self.session.shop)}"
        until = f"closed {when(shift.closed_at, self.session.shop)}" if shift.closed_at else since
        return f"shift {shift.till}-{shift.no} · {until} · {shift.closed_by or shift.opened_by}"

    def _show_aside(self, shift: ShiftView | None) -> None:
        card = self.query_one(DrawerCard)
        if shift is None or self._sign or (self._asked == FLOAT and self.field.value):
            caption = ("FLOAT", "CASH IN", "CASH OUT")[self._sign]
            card.show(caption, (self._amount if self._asked == REASON else self._keyed(self.field.value.strip())) or 0)
        else:
            card.show_shift(shift)

    def on_input_changed(self) -> None:
        """Say what the key would do with what is typed."""
        self._show_aside(self.shown)
        self._preview()

    def _preview(self) -> None:
        """Say what is asked for, or what the next key does with it."""
        if self.busy:
            return
        asked, text = self._asked, self.field.value.strip()
        shop = self.session.shop
        if asked == REASON:
            amount = self._sign * (self._amount or 0)
            self.say(
                will_move(amount, text, shop) if text else "Say why: change from the bank, stamps, to the safe.", WARN
            )
        elif asked == NOTHING:
            self.say(LOOK if self._open else "")
        elif (keyed := self._keyed(text)) is None:
            self.say(f"How much cash? {money(15_000, shop)} is keyed 15000.")
        else:
            opens = f"{DO} opens the shift with {money(keyed, shop)} in the drawer"
            self.say(*((opens, WARN) if asked == FLOAT else (f"{money(keyed, shop)}: Enter, then say why",)))

    def _keyed(self, text: str) -> int | None:
        try:
            return self.session.shop.currency.keyed(text) if len(text) <= LONGEST else None
        except InvalidInput:
            return None

    # Keys.

    def pressed(self, event: events.Key) -> bool:
        """Scroll the report; go back to earlier ones."""
        if by := SCROLLS.get(event.key):
            self.query_one("#strip").scroll_relative(y=by, animate=False)
        elif event.key in ("left", "right") and not self.field.value and not self._sign:
            self._turn(1 if event.key == "left" else -1)
        else:
            return False
        return True

    def _turn(self, by: int) -> None:
        if by > 0 and not self._earlier:
            manager = self.session.store.role == MANAGER
            self.refuse(
                "There is no Z report yet."
                if manager
                else f"Earlier Z reports are for managers: {OPERATOR} at the sale."
            )
            return
        self._back = max(0, min(len(self._earlier), self._back + by))
        self.query_one("#strip").scroll_home(animate=False)
        self.show()

    @property
    def wants_scans(self) -> bool:
        """Take a scan neither for an amount nor for a reason."""
        return False

    def entered(self, text: str) -> None:
        """Go on from the amount to the reason; Enter never moves money."""
        text = text.strip()
        if self.refused and not text:
            self.dealt_with()
        elif self._asked == AMOUNT:
            self._take_amount(text)
        elif self._asked in (FLOAT, REASON):
            self.field.value = text
            self.field.action_end()
        elif text:
            self.refuse(f"{text[:30]} is nothing for the day. {BACK} goes back to the sale, where it is taken.")
        else:
            self._back = 0
            self._load()

    def _take_amount(self, text: str) -> None:
        amount = self._keyed(text)
        if not amount:
            self.refuse(f"{line(text)[:30] or 'Nothing'} is no amount of cash. Type it without a point: 2000 is 20.00.")
            return
        self.dealt_with()
        self._amount = amount
        self.show()

    def action_cash_in(self) -> None:
        """Ask how much is put in."""
        self._ask(1)

    def action_cash_out(self) -> None:
        """Ask how much is taken out."""
        self._ask(-1)

    def _ask(self, sign: int) -> None:
        if self._sign:
            return
        if self._open is None:
            self.refuse("No shift is open. Open one with the cash that is in the drawer.")
            return
        self.dealt_with()
        self._back, self._sign, self._amount = 0, sign, None
        self.field.value = ""
        self.show()

    def action_do(self) -> None:
        """Do what F9 means now: open the shift, go on to the reason, book the cash, count."""
        text = self.field.value.strip()
        if self.small:
            return
        if self._asked == FLOAT:
            self._open_with(text)
        elif self._asked == AMOUNT:
            self.field.value = ""
            self._take_amount(text)
        elif self._asked == REASON:
            self._book(text)
        else:
            self._count()

    def _open_with(self, text: str) -> None:
        amount = self._keyed(text)
        if amount is None:
            self.refuse("Type what is in the drawer first: 15000 is 150.00, 0 is an empty drawer.")
            return
        shifts, said = self.session.store.shifts, f"The shift is open with {money(amount, self.session.shop)}."
        key = self.intent.key("open", amount)
        self._commit(lambda: shifts.open(amount, idempotency_key=key), said)

    def _book(self, reason: str) -> None:
        amount = self._amount or 0
        if not reason:
            self.refuse(f"Cash never moves without a reason: say why, then {DO}.")
            return
        shifts = self.session.store.shifts
        verb = shifts.cash_in if self._sign > 0 else shifts.cash_out
        said, key = moved(self._sign * amount, reason, self.session.shop), self.intent.key(self._sign, amount, reason)
        self._commit(lambda: verb(amount, reason, idempotency_key=key), said)

    def _commit(self, verb: Callable[[], Any], said: str) -> None:
        self.begin(self._done(verb, said))

    async def _done(self, verb: Callable[[], Any], said: str) -> None:
        try:
            await self.session.call(verb)
        except Exception as error:  # whatever it was, it has to be on the screen
            self.failed(error)
            await self._fetch()
            return
        self.intent.done()
        self._sign, self._amount, self.field.value = 0, None, ""
        await self._fetch()
        self.say(said, GOOD)

    def _count(self) -> None:
        if self._unsettled:
            self.refuse(
                f"A payment of this till isn't settled yet. Go back to the sale and settle it ({TRAY}), then count."
            )
            return
        from posconsole.tui.screens.day_count import CountScreen

        self._back = 0
        counting = CountScreen(self.session)
        self.app.push_screen(counting, lambda _: self._counted(counting.closed))

    def _counted(self, closed: ShiftView | None) -> None:
        """Show the Z report if there is one now."""
        if closed is not None:
            self._open, self._earlier, self._back = None, (closed, *self._earlier), 1
            self.show()
            self.say(f"Shift {closed.till}-{closed.no} is closed: this is its Z report.", GOOD)
            if self.session.paper.setup.by_itself:
                self.action_print()

    def action_print(self) -> None:
        """Print the report that is shown."""
        if self._sign or self.shown is None:
            return
        if not self.session.paper.there:
            self.refuse(UNSET)
            return
        self.session.paper.put("shift", self.shown.id)
        self.say(f"The {'X' if self.shown.closed_at is None else 'Z'} report is in the printer's queue.", GOOD)

    def action_back(self) -> None:
        """Put a refusal away, leave the question, clear what is typed, go back to the sale: the first that applies."""
        if self.refused:
            self.dealt_with()
        elif self._sign:
            self._sign, self._amount, self.field.value = 0, None, ""
            self.show()
        elif not self.clear():
            self.dismiss()
