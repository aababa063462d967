"""The keys that lead from the day to its other screens; each of these is loaded when it is opened."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from textual import work

from posconsole.engine.staff.access import MANAGER
from posconsole.tui.approving import stood_by
from posconsole.tui.screens.desk import DeskScreen

if TYPE_CHECKING:
    from posconsole import Store


class DayDoors(DeskScreen):
    """A day that a manager looks further into; a cashier asks one to stand by."""

    def action_hours(self) -> None:
        """See the sales by hour."""
        self._see("see the sales by hour", "day_hours", "HoursScreen")

    def action_journal(self) -> None:
        """Look into the journal."""
        self._see("look into the journal", "day_journal", "JournalScreen")

    def action_audit(self) -> None:
        """Check the books."""
        self._see("check the books", "day_audit", "AuditScreen")

    @work(group="see", exit_on_error=False)
    async def _see(self, what: str, module: str, name: str) -> None:
        if not self.is_current:
            return
        store: Store | None = self.session.store
        if self.session.store.role != MANAGER:
            store = await stood_by(self.app, self.session, what)
        if store is not None:
            screen = getattr(import_module(f"posconsole.tui.screens.{module}"), name)
            self.app.push_screen(screen(self.session, store))
