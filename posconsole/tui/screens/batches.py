"""The batches: how far each is, its codes as a file, and how to stop one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from posconsole.engine.codes.batches import STATUSES
from posconsole.errors import PosError
from posconsole.tui import sheets
from posconsole.tui.exporting import export
from posconsole.tui.keys import BACK, DO, LISTS, OFFICE_EXPORT, OFFICE_STOP, PRINT, Key
from posconsole.tui.office_words import bar, state
from posconsole.tui.safe import fit, line, right
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.list_desk import PAGE, ListDesk
from posconsole.tui.screens.office_desk import SHARED, facts
from posconsole.tui.widgets.preview_row import GOOD, WARN
from posconsole.tui.words import when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual.content import Content

    from posconsole import Store
    from posconsole.engine.figures.spreadsheets import Cell
    from posconsole.engine.views import BatchView, Page
    from posconsole.tui.screens.list_desk import Wanted
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.row_list import Row

LOOK = 0.5
"""Seconds between two looks at a batch that is being minted."""


ROOM = 60
"""Columns from which on the figures stand behind the bar, too."""


class BatchesScreen(ListDesk["BatchView"]):
    """The latest batches. They are minted whether anybody looks or not."""

    NAME = "Batches"
    EMPTY = "no batch yet"
    OWN: ClassVar[tuple[Key, ...]] = (
        OFFICE_EXPORT.but("Export CSV", "Write the codes that are minted to a file."),
        PRINT.but("PDF", "Print its vouchers into a PDF, eight to a sheet of A4, beside the sale."),
        OFFICE_STOP,
    )
    STATES = STATUSES
    TYPES = ("voucher", "coupon")
    COLUMNS = ("prefix", "type", "status", "count", "minted", "begun", "ended")
    BOUND = (*OWN, *LISTS, *SHARED)
    KEYS = (*OWN, *LISTS, *SHARED[1:])
    BINDINGS: ClassVar = bindings(BOUND)

    def __init__(self, session: Session, store: Store, watched: str = "") -> None:
        super().__init__(session, store)
        self._watched = watched

    def on_mount(self) -> None:
        """Look again while something is being minted."""
        super().on_mount()
        self.field.placeholder = "what its codes begin with"
        self.set_interval(LOOK, self._watch)

    def _watch(self) -> None:
        if not self.is_current:
            return
        making = self.session.making
        if making.batch:
            self.say(f"Printing: {making.done:,} of {making.total:,} vouchers. {BACK} goes on selling.", WARN)
        if any(batch.status == "running" for batch in self.things):
            self.renew()

    def fetch(self, wanted: Wanted, after: str | None) -> Page[BatchView]:
        """Read a page of batches."""
        return self.store.batches.list(
            limit=PAGE, starting_after=after, status=wanted.status, kind=wanted.type, matching=wanted.text
        )

    def cells(self, thing: BatchView) -> Sequence[Cell]:
        """Write a batch's row of the file."""
        shop = self.session.shop
        return (
            *(thing.prefix, thing.kind, thing.status, thing.count, thing.minted),
            *(sheets.moment(thing.created, shop), sheets.moment(thing.finished, shop)),
        )

    def fetched(self) -> None:
        """Say how far the batch is that was just begun, and when it is done."""
        for batch in self.things:
            if batch.id == self._watched:
                if batch.status == "running":
                    self.say(
                        f"Minting {batch.prefix}: {batch.minted:,} of {batch.count:,}. {BACK} goes on selling.", WARN
                    )
                elif batch.status == "completed":
                    self.say(f"{batch.minted:,} codes are minted. {OFFICE_EXPORT} writes them to a file.", GOOD)
                    self._watched = ""

    def row(self, thing: BatchView, width: int) -> Row:
        """Write whose codes, how far as a bar and in figures, and the state."""
        said, style = state(thing.status)
        figures = right(f"{thing.minted:,}", 10) if width >= ROOM else ""
        done = bar(thing.minted, thing.count, min(40, width - 30 - len(figures)))
        return fit(f"{fit(thing.prefix, 9)}{fit(thing.kind, 8)}{done}{figures}  {fit(said, 10)}", width), style

    def about(self, thing: BatchView) -> Content:
        """Write what there is to know about the chosen batch."""
        said, style = state(thing.status)
        return facts(
            (f"{thing.count:,} {thing.kind}s {thing.prefix}-…", "bold $here"),
            (said, style),
            (bar(thing.minted, thing.count, 20), style),
            (f"{thing.minted:,} of {thing.count:,} minted", "$ink"),
            (f"begun {when(thing.created, self.session.shop)}", "$dim"),
            (f"ended {when(thing.finished, self.session.shop)}", "$dim") if thing.finished else None,
        )

    def action_export(self) -> None:
        """Write the chosen batch's codes to a file."""
        batch, self._watched = self.chosen, ""
        if batch is not None:
            demo = getattr(self.app, "demo", False)
            write = partial(self.store.batches.csv, batch.id)
            self.do(lambda: export(f"{batch.prefix}-{batch.id}.csv", write, demo=demo), _written)

    def action_print(self) -> None:
        """Print the chosen batch into a PDF."""
        batch, self._watched = self.chosen, ""
        if batch is None:
            return
        self.dealt_with()
        try:
            demo = getattr(self.app, "demo", False)
            self.session.making.begin(self.store, batch, self.session.paper.setup, demo=demo, said=self._printed)
        except PosError as error:
            self.refuse(error.message)
        else:
            self._watch()

    def _printed(self, said: str | Exception) -> None:
        """Say how it ended, wherever the till is by then."""
        if isinstance(said, Exception):
            said = said.message if isinstance(said, PosError) else f"The PDF failed: {said!r}"
            if self.is_current:
                self.say("")
                self.refuse(said)
                return
        if self.is_current:
            self.say(said, GOOD)
        else:
            self.app.notify(line(said), markup=False)

    def action_stop(self) -> None:
        """Ask, then mint no more."""
        batch, self._watched = self.chosen, ""
        if batch is not None:
            key = self.intent.key("stop", batch.id)
            self.ask(
                f"Stop minting {batch.prefix}? {DO} stops it, {BACK} doesn't. Codes that are minted stay good.",
                lambda: self.do(
                    lambda: self.store.batches.cancel(batch.id, idempotency_key=key),
                    lambda done: f"Stopped: {done.minted:,} of {done.count:,} are minted.",
                ),
            )


def _written(done: tuple[Path, int]) -> str:
    path, rows = done
    return f"{rows:,} codes are in {path}. They are money: keep the file safe."
