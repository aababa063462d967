"""Opening the cash drawer without a sale: it takes nothing and moves nothing, and the journal tells who did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.engine.arguments import optional
from posconsole.engine.context import Request
from posconsole.engine.staff.access import needs
from posconsole.tenders.drawer import NoDrawer

if TYPE_CHECKING:
    from posconsole.engine.context import Context, Unit
    from posconsole.tenders.drawer import CashDrawer


class Drawer:
    """This till's drawer."""

    def __init__(self, context: Context, device: CashDrawer | None = None) -> None:
        self._context, self._device = context, device or NoDrawer()

    @needs("drawer.open")
    def open(self, reason: str = "", *, idempotency_key: str | None = None) -> None:
        """Open the drawer. It is told first: a drawer that is open is never one that nobody opened."""
        why = optional(reason, "reason") or ""
        till = self._context.till
        request = Request.of("drawer", idempotency_key, till=till, reason=why)

        def work(unit: Unit) -> bool:
            new = unit.once(request, till) is None
            if new:
                unit.journal.record("drawer.opened", till, reason=why)
            return new

        if self._context.write(work):
            self._device.open()
