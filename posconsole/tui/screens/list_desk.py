"""The back office's lists: narrowed down by state, by type and by what is typed, fetched a page at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from textual import work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from posconsole.engine.figures import spreadsheets
from posconsole.engine.views import Page
from posconsole.errors import NotFound, PosError
from posconsole.tui.exporting import export
from posconsole.tui.keys import told
from posconsole.tui.looking import PAUSE
from posconsole.tui.office_words import state
from posconsole.tui.safe import line
from posconsole.tui.screens.office_desk import STEPS, OfficeDesk
from posconsole.tui.widgets.choice_list import ChoiceList
from posconsole.tui.widgets.steady import Steady

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from textual import events
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.engine.figures.spreadsheets import Cell
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.row_list import Row

PAGE = 50
AHEAD = 20
"""Rows before the last one fetched from which on the next page is."""
TURNS = {"left": -1, "right": 1}


class Thing(Protocol):
    """What stands in a list."""

    @property
    def id(self) -> str:
        """Return what it is known by."""


T = TypeVar("T", bound=Thing)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which things are listed; None is any. `text` is a part of a name or a code."""

    status: str | None = None
    type: str | None = None
    text: str | None = None


class ListDesk(OfficeDesk, Generic[T]):
    """Things in a list, newest first, and beside it what there is to know about the chosen one.

    `STATES` and `TYPES` are what it can be narrowed down to, `COLUMNS` the heading of its file.
    """

    NAME: ClassVar[str] = ""
    EMPTY: ClassVar[str] = ""
    STATES: ClassVar[tuple[str, ...]] = ()
    TYPES: ClassVar[tuple[str, ...]] = ()
    COLUMNS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, session: Session, store: Store) -> None:
        super().__init__(session, store)
        self.things: tuple[T, ...] = ()
        self.total = 0
        self.at = 0
        self.rows = _Rows(self)
        self.shown: Wanted | None = None
        """What the things on the screen were fetched for."""
        self._status: str | None = None
        self._type: str | None = None
        self._cursor: str | None = None
        self._growing: str | None = None
        self._looking_up = 0

    def fetch(self, wanted: Wanted, after: str | None) -> Page[T]:
        """Read a page of the things from the store, after a cursor; called off the loop."""
        raise NotImplementedError

    def row(self, thing: T, width: int) -> Row:
        """Write a thing's row for so many cells."""
        raise NotImplementedError

    def about(self, thing: T) -> Content:
        """Write what stands beside the list about the chosen thing."""
        raise NotImplementedError

    def cells(self, thing: T) -> Sequence[Cell]:
        """Write a thing's row of the file."""
        raise NotImplementedError

    def find(self, text: str) -> T:
        """Return the thing whose code this is; called off the loop."""
        raise NotFound(f"None of these is called ‘{text[:30]}’. ↑ ↓ choose one.")

    @property
    def chosen(self) -> T | None:
        """Return the thing that the keys act on."""
        return self.things[self.at] if self.things else None

    @property
    def wanted(self) -> Wanted:
        """Return what is to be listed now."""
        return Wanted(self._status, self._type, self.field.value.strip() or None)

    def middle(self) -> Iterable[Widget]:
        """Give the list and what stands beside it."""
        with Horizontal(classes="body"):
            yield self.rows
            with Vertical(classes="aside"):
                yield Steady(id="about")

    def on_mount(self) -> None:
        """Say what this is."""
        super().on_mount()
        self.head(self.NAME)

    # What is listed.

    async def look(self) -> None:
        """Fetch the list as far down as somebody has gone."""
        wanted = self.wanted
        try:
            page = await self.session.call(self._read, wanted, self.at if wanted == self.shown else 0)
        except PosError as error:
            self.refuse(error.message)
            self.till.forget_keys()
            if wanted == self.shown:
                return
            page = Page((), has_more=False, total=0)
        kept, at = (self.chosen, self.at) if wanted == self.shown else (None, 0)
        self.things, self.total, self._cursor = page.data, page.total, page.next
        found = [index for index, one in enumerate(self.things) if kept is not None and one.id == kept.id]
        self.at = found[0] if found else max(0, min(at, len(self.things) - 1))
        self.shown = wanted
        self.fetched()
        self.show()
        if self.wanted == wanted:
            self.till.call_later(self.till.work_off)
        else:
            # What is typed may have been another text and this one again while this was fetched.
            self._search()

    def _read(self, wanted: Wanted, down_to: int) -> Page[T]:
        page = self.fetch(wanted, None)
        things = page.data
        while page.next is not None and len(things) <= down_to:
            page = self.fetch(wanted, page.next)
            things += page.data
        return Page(things, page.has_more, page.total, page.next)

    @work(group="more", exit_on_error=False)
    async def _grow(self, wanted: Wanted, cursor: str) -> None:
        """Fetch the page after those that are there."""
        try:
            page = await self.session.call(self.fetch, wanted, cursor)
        except PosError as error:
            self.refuse(error.message)
            return
        finally:
            self._growing = None
        if (wanted, cursor) == (self.shown, self._cursor):
            self.things, self.total, self._cursor = (*self.things, *page.data), page.total, page.next
            self.show()

    def fetched(self) -> None:
        """Say what there is to say of a list that has just been fetched."""

    def show(self) -> None:
        """Bring the list and what stands beside it up to date."""
        self.rows.show(self._title(), len(self.things), self.at)
        self.query_one("#about", Static).update(self.about(self.chosen) if self.chosen is not None else Content(""))

    def _title(self) -> str:
        wanted, count = self.shown or Wanted(), len(self.things)
        if not count and wanted == Wanted():
            return told(self.EMPTY)
        said = [f"‹ {state(wanted.status)[0] if wanted.status else 'all'} ›"]
        said += [wanted.type.replace("_", " ")] if wanted.type else []
        said += [f"‘{line(wanted.text)}’"] if wanted.text else []
        said.append(f"{count:,} of {self.total:,}" if self.total > count else f"{count:,}" if count else "none")
        return " ".join(said)

    def made(self, sentence: str) -> None:
        """Say what was made on a form, and go to it: it is the newest of all."""
        self._status = self._type = self.shown = None
        self.field.value = ""
        self.tell(sentence)
        self.renew()

    # Keys.

    def holds(self, event: events.Key) -> bool:
        """Keep also what acts on the chosen thing for as long as another is looked for, or another list wanted."""
        acts = event.key in STEPS or self._actions.get(event.key, "back") not in ("back", "help", "more")
        return super().holds(event) or (acts and (self._looking_up > 0 or self.wanted != self.shown))

    def on_input_changed(self) -> None:
        """List what has what is typed in its name or code, when there is a pause in typing."""
        self._search()

    @work(exclusive=True, group="search", exit_on_error=False)
    async def _search(self) -> None:
        await asyncio.sleep(PAUSE)
        if self.wanted != self.shown:
            self.renew()

    def action_state(self) -> None:
        """Turn to the things of the next state."""
        self._turn(1)

    def _turn(self, by: int) -> None:
        self._status = _turned(self._status, self.STATES, by)
        self.renew()

    def action_type(self) -> None:
        """Turn to the things of the next type."""
        self._type = _turned(self._type, self.TYPES, 1)
        self.renew()

    def clear(self) -> bool:
        """Clear what is typed or a refusal, then what the list is narrowed down to."""
        if super().clear():
            return True
        if self._status is None and self._type is None:
            return False
        self._status = self._type = None
        self.renew()
        return True

    def pressed(self, event: events.Key) -> bool:
        """Choose in the list; what comes after its end is fetched on the way there."""
        if not self.field.value and (turn := TURNS.get(event.key)):
            self._turn(turn)
            return True
        by = STEPS.get(event.key)
        if by is None:
            return False
        self.at = max(0, min(len(self.things) - 1, self.at + by))
        if self.things:
            self.show()
        cursor = self._cursor
        if self.shown and cursor and self._growing != cursor and self.at >= len(self.things) - AHEAD:
            self._growing = cursor
            self._grow(self.shown, cursor)
        return True

    def entered(self, text: str) -> None:
        """Open what was typed or scanned; with nothing typed, what is chosen."""
        text = text.strip()
        if text:
            self.dealt_with()
            self._looking_up += 1
            self._look_up(text, self.chosen if self.shown == Wanted(self._status, self._type, text) else None)
        elif self.refused:
            self.dealt_with()
        elif self.chosen is not None:
            self.open(self.chosen)

    @work(exclusive=True, group="look-up", exit_on_error=False)
    async def _look_up(self, text: str, hit: T | None) -> None:
        """Open the thing that has this code, or else what the list has found by it."""
        try:
            self.open(await self.session.call(self.find, text))
        except PosError as error:
            page = await self.session.call(self.fetch, Wanted(self._status, self._type, text), None)
            found = hit or next(iter(page.data), None)
            if found is None:
                self.refuse(error.message)
                return
            self.open(found)
            if self.is_current:
                self.field.value = text
                self.field.action_end()
        finally:
            self._looking_up -= 1
            self.till.call_later(self.till.work_off)

    def open(self, thing: T) -> None:
        """Open the chosen thing."""

    def action_save(self) -> None:
        """Write what is listed to a file, all of it."""
        demo, wanted = getattr(self.app, "demo", False), self.shown or Wanted()
        self.do(lambda: export(f"{self.NAME.lower()}.csv", partial(self._write, wanted), demo=demo), self.written)

    def _write(self, wanted: Wanted, file: IO[str]) -> int:
        return spreadsheets.write(file, self.COLUMNS, map(self.cells, self._all(wanted)))

    def _all(self, wanted: Wanted) -> Iterator[T]:
        page = self.fetch(wanted, None)
        yield from page.data
        while page.next is not None:
            page = self.fetch(wanted, page.next)
            yield from page.data

    def written(self, done: tuple[Path, int]) -> str:
        """Say where the file is."""
        path, rows = done
        return f"{rows:,} row{'' if rows == 1 else 's'} in {path}."


class _Rows(ChoiceList):
    """The rows of a list that may be long: each is written when it is painted, none before."""

    def __init__(self, desk: ListDesk[T]) -> None:
        super().__init__(id="rows")
        self._desk = desk
        self.title = ""

    def show(self, title: str, count: int, at: int) -> None:
        """Show so many rows."""
        self.title, self.count, self.at = title, count, at
        self.repaint()

    def heading(self) -> str:
        """Return the list's title."""
        return f"   {self.title}"

    def row(self, index: int) -> Row:
        """Write a row."""
        text, style = self._desk.row(self._desk.things[index], self.size.width - 3)
        return f"   {text}", style


def _turned(now: str | None, options: tuple[str, ...], by: int) -> str | None:
    circle = (None, *options)
    return circle[(circle.index(now) + by) % len(circle)]
