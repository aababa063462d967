"""The audit at a key: every invariant of the books, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Horizontal
from textual.widgets import Static

from posconsole.errors import PosError
from posconsole.tui.keys import BACK, MORE, Key
from posconsole.tui.safe import fit, line
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.widgets.preview_row import BAD, GOOD, PLAIN
from posconsole.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.engine.views import Finding
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.row_list import Row

CHECKS = (
    "Checked: every amount, balance and count against the ledger, every sale and refund against its receipt, every"
    " code against its uses, every shift against its orders, and each till's journal, entry by entry, against its seal."
)


class AuditScreen(DeskScreen):
    """Checks the books when it is opened, and again by Enter; the till can go on meanwhile."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("again", "enter", "Check again", "Check every invariant once more.", "again", "Enter"),
        BACK.but("Back to the day", "Go back to the day."),
        MORE,
    )
    BOUND = KEYS[1:]
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss", "day.tcss"]

    def __init__(self, session: Session, store: Store) -> None:
        super().__init__(session)
        self.store = store
        self._findings: list[Finding] = []
        self._at = 0
        self._checking = False

    def middle(self) -> Iterable[Widget]:
        """Give what was found, or what is checked."""
        with Horizontal(classes="body"):
            yield RowList()
            yield Static(CHECKS, id="checks", markup=False)

    def on_mount(self) -> None:
        """Begin."""
        super().on_mount()
        self.query_one(RowList).display = False
        self.head("Audit", "every invariant of the books")
        self._check()

    @work(exclusive=True, group="audit", exit_on_error=False)
    async def _check(self) -> None:
        self._checking = True
        self.dealt_with()
        self.say(f"checking the books… the till can go on: {BACK}", PLAIN)
        try:
            self._findings = await self.session.call(self.store.audit)
        except PosError as error:
            self.say("")
            self.refuse(error.message)
        else:
            self._show()
        finally:
            self._checking = False

    def _show(self) -> None:
        count = len(self._findings)
        self._at = max(0, min(self._at, count - 1))
        self.query_one("#checks").display = not count
        rows = self.query_one(RowList)
        rows.display = bool(count)
        rows.show(f"the books are not sound: {count} finding{'' if count == 1 else 's'}", self._rows, count, self._at)
        if count:
            self.say(f"{self._findings[self._at].message} Call whoever keeps the books.", BAD)
        else:
            self.say("The books are sound.", GOOD)

    def _rows(self, width: int) -> list[Row]:
        return [
            (fit(f"✗ {found.check}  {line(found.subject)}: {line(found.message)}", max(1, width - 3)), "$bad")
            for found in self._findings
        ]

    def pressed(self, event: events.Key) -> bool:
        """Choose a finding."""
        by = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}.get(event.key)
        if by is None or self._checking or not self._findings:
            return False
        self._at += by
        self._show()
        return True

    def entered(self, text: str) -> None:
        """Check again."""
        if text.strip():
            self.refuse(f"{text.strip()[:30]} is nothing for the audit. {BACK} goes back.")
        elif not self._checking:
            self._check()

    def action_back(self) -> None:
        """Put a refusal away, clear what is typed, go back."""
        if not self.clear():
            self.dismiss()
