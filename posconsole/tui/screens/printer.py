"""The printer's tray: what waits, what came out, what didn't and why; printed again, at once, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from posconsole.tui.keys import LIST_STATE, PRINT, PRINT_CANCEL, Key
from posconsole.tui.office_words import state
from posconsole.tui.paperwork import UNSET
from posconsole.tui.safe import fit, line
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.list_desk import PAGE, ListDesk
from posconsole.tui.screens.office_desk import SHARED, facts
from posconsole.tui.words import when

if TYPE_CHECKING:
    from textual.content import Content

    from posconsole.engine.paper.printviews import JobView
    from posconsole.engine.views import Page
    from posconsole.tui.screens.list_desk import Wanted
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.row_list import Row

NAMES = {"receipt": "Receipt", "refund": "Refund", "shift": "Report", "voucher": "Voucher", "drawer": "Drawer opens"}
NEEDED = 26
"""Columns of a row beside its name."""


class PrinterScreen(ListDesk["JobView"]):
    """The latest jobs of this till's printer, waiting or not."""

    NAME = "Printer"
    EMPTY = "nothing was printed here yet"
    STATES = ("queued", "printing", "printed", "failed", "canceled")
    OWN: ClassVar[tuple[Key, ...]] = (
        PRINT.but("Print", "Print what waits at once; what came out, once more as a COPY."),
        PRINT_CANCEL,
        LIST_STATE,
    )
    BOUND = (*OWN, *SHARED)
    KEYS = (*OWN, *SHARED[1:])
    BINDINGS: ClassVar = bindings(BOUND)

    def __init__(self, session: Session) -> None:
        super().__init__(session, session.store)

    def on_mount(self) -> None:
        """Follow the printer."""
        super().on_mount()
        self.session.paper.watchers.append(self.renew)
        if not self.session.paper.there:
            self.say(UNSET)

    def on_unmount(self) -> None:
        """Follow it no longer."""
        self.session.paper.watchers.remove(self.renew)

    def fetched(self) -> None:
        """Say in the heading how the printer stands."""
        paper = self.session.paper
        self.head(paper.trouble.capitalize() or ("Printer: nothing is wrong" if paper.there else "Printer: none"))

    def fetch(self, wanted: Wanted, after: str | None) -> Page[JobView]:
        """Read a page of the latest jobs."""
        return self.store.printing.list(limit=PAGE, starting_after=after, status=wanted.status)

    def row(self, thing: JobView, width: int) -> Row:
        """Write when, what, and what became of it."""
        said, style = state(thing.status)
        name = fit(_name(thing), max(8, width - NEEDED - 2))
        return f"{fit(when(thing.created, self.session.shop), 13)}{name}  {fit(said, 13)}", style

    def about(self, thing: JobView) -> Content:
        """Write what there is to know about the chosen job."""
        said, style = state(thing.status)
        shop = self.session.shop
        tries = f"tried {thing.attempts} times" if thing.attempts > 1 else ""
        return facts(
            (_name(thing), "bold $here"),
            (said, style),
            ("a COPY", "$warn") if thing.copied else None,
            (line(thing.error), "$bad") if thing.error else None,
            (f"asked for by {line(thing.operator)}", "$dim"),
            (when(thing.created, shop), "$dim"),
            (tries, "$dim") if tries else None,
            (f"ended {when(thing.ended, shop)}", "$dim") if thing.ended else None,
        )

    def action_print(self) -> None:
        """Print the chosen job at once, or again."""
        job, paper = self.chosen, self.session.paper
        if job is None:
            return
        if not paper.there:
            self.refuse(UNSET)
            return

        def again() -> JobView:
            found = self.store.printing.again(job.id)
            paper.look()
            return found

        self.do(again, lambda found: f"{_name(found)} is in the printer's queue.")

    def action_cancel(self) -> None:
        """Take the chosen job out of the queue."""
        job, paper = self.chosen, self.session.paper
        if job is None:
            return

        def cancel() -> JobView:
            found = self.store.printing.cancel(job.id)
            paper.look()
            return found

        self.do(cancel, lambda found: f"{_name(found)} isn't printed. The sale stays as it is.")


def _name(job: JobView) -> str:
    return NAMES[job.kind] if job.kind == "drawer" else f"{NAMES[job.kind]} {line(job.title)}"
