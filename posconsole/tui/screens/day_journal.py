"""The journal: what happened, newest first, narrowed down by words and days."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from posconsole.errors import PosError
from posconsole.tui.keys import BACK, JOURNAL_SAME, MORE, Key
from posconsole.tui.safe import fit, line
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.widgets.preview_row import PLAIN
from posconsole.tui.widgets.row_list import RowList
from posconsole.tui.words import money, when

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.engine.views import EventView, ShopView
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.row_list import Row

PAGE = 50
HOW = "Type what to see: a name, refund, cash, 2026-07-22, an id. Enter looks."
STEPS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
AMOUNTS = {"amount", "value", "left", "expected", "counted", "perpetual", "opening_float", "price", "paid", "budget"}
SEALS = {"rows", "ledger", "entries", "request", "tenders"}
"""What only the audit reads."""


class JournalScreen(DeskScreen):
    """Events in a list that goes on as one goes down, and beside it what the chosen one says."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("look", "enter", "Look", "Show what the typed words are about; without any, everything.", "look", "Enter"),
        Key("choose", "up", "Choose", "Choose an entry.", "choose", "↑ ↓"),
        JOURNAL_SAME,
        BACK.but("Back", "Clear what is typed, see everything again, go back to the day."),
        MORE,
    )
    BOUND = KEYS[2:]
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss", "day.tcss"]

    def __init__(self, session: Session, store: Store) -> None:
        super().__init__(session)
        self.store = store
        self._events: tuple[EventView, ...] = ()
        self._words = ""
        self._next: str | None = None
        self._total = 0
        self._at = 0
        self._loading = False

    def middle(self) -> Iterable[Widget]:
        """Give the entries and, beside them, the chosen one."""
        with Horizontal(classes="body"):
            yield RowList()
            with Vertical(classes="aside"):
                yield Static(id="about", markup=False)

    def on_mount(self) -> None:
        """Begin with everything."""
        super().on_mount()
        self.head("Journal")
        self.say(HOW)
        self._look("")

    def _look(self, words: str) -> None:
        self._words = words
        self._load(None)

    @work(exclusive=True, group="journal", exit_on_error=False)
    async def _load(self, before: int | None) -> None:
        """Fetch the newest entries, or those before a sequence number."""
        days = DAY.findall(self._words)
        words = " ".join(DAY.sub(" ", self._words).split())
        period = {"since": min(days), "until": max(days)} if days else {}
        self._loading = True
        try:
            found = await self.session.call(self.store.events.latest, words, before=before, limit=PAGE, **period)
        except PosError as error:
            self.refuse(error.message)
            return
        finally:
            self._loading = False
        self.dealt_with()
        if before is None:
            self._events, self._total, self._at = (), found.total, 0
        self._events, self._next = (*self._events, *found.data), found.next
        self._show()

    def _show(self) -> None:
        shown = f"{len(self._events)} of {self._total:,}" if self._next else f"{len(self._events):,}"
        about = f" about {self._words}" if self._words else ""
        entries = "entry" if self._total == 1 else "entries"
        title = f"{shown} {entries}{about}, newest first" if self._events else f"no entry{about}"
        self.query_one(RowList).show(title, self._rows, len(self._events), self._at)
        chosen = self._events[self._at] if self._events else None
        self.query_one("#about", Static).update(told(chosen, self.session.shop) if chosen else Content(""))
        self.head("Journal", self._words)
        self.say(HOW, PLAIN)

    def _rows(self, width: int) -> list[Row]:
        return [self._row(event, width - 3) for event in self._events]

    def _row(self, event: EventView, width: int) -> Row:
        at = when(event.at, self.session.shop)
        text = f"{fit(at, 12)} {fit(event.till, 2)} {fit(event.operator, 8)} {happened(event)}"
        bad = event.type.endswith(("declined", "refused", "set_back"))
        return fit(text, max(1, width)), "$warn" if bad else "$ink"

    def pressed(self, event: events.Key) -> bool:
        """Choose an entry; older ones come as one goes down."""
        by = STEPS.get(event.key)
        if by is None:
            return False
        if self._events:
            self._at = max(0, min(len(self._events) - 1, self._at + by))
            self._show()
            if self._next and not self._loading and self._at > len(self._events) - 20:
                self._load(int(self._next))
        return True

    def entered(self, text: str) -> None:
        """Show what the words are about."""
        if self.refused and not text.strip():
            self.dealt_with()
        else:
            self._look(text.strip())

    def action_same(self) -> None:
        """Show everything that happened to what the chosen entry is about."""
        if self._events:
            self._look(self._events[self._at].subject)

    def action_back(self) -> None:
        """Put a refusal away, clear what is typed, see everything again, go back: the first that applies."""
        if self.clear():
            return
        if self._words:
            self._look("")
        else:
            self.dismiss()


def happened(event: EventView) -> str:
    """Write an entry's type in words."""
    return line(event.type.replace(".", " ").replace("_", " "))


def told(event: EventView, shop: ShopView) -> Content:
    """Write an entry out: what, when, by whom, about what, and what it says; the audit's digests are left out."""
    rows = [
        (happened(event), "bold $ink"),
        (f"{when(event.at, shop)} · till {line(event.till)} · {line(event.operator)}", "$ink"),
        (line(event.subject), "$dim"),
        ("", ""),
    ]
    said = [
        (name, value) for name, value in event.data.items() if name not in SEALS and value not in (None, "", [], {})
    ]
    rows += [(f"{line(name.replace('_', ' '))}  {_written(name, value, shop)}", "$ink") for name, value in said]
    return Content("\n").join([Content.styled(text, style) for text, style in rows])


def _written(name: str, value: object, shop: ShopView) -> str:
    if name in AMOUNTS and isinstance(value, int) and not isinstance(value, bool):
        return money(value, shop)
    return line(value)
