"""Paper at the till: what is put in the printer's queue, and how the printer stands. No sale waits for any of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING

from posconsole.errors import PosError
from posconsole.spooling.setup import Setup
from posconsole.tui.safe import line

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole import Store
    from posconsole.engine.views import PaymentView, RefundView
    from posconsole.spooling.spooler import Sign, Spooler
    from posconsole.tui.session import Session

UNSET = "No printer is set up: the key `printer` in config.toml names it."


class Paperwork:
    """A till's printer as its screens see it. `watchers` are called whenever it stands otherwise than before."""

    def __init__(self, session: Session, setup: Setup | None = None) -> None:
        self._session = session
        self.setup = setup or Setup()
        self.sign: Sign | None = None
        self.watchers: list[Callable[[], object]] = []
        self.wrong = ""
        self._spooler: Spooler | None = None
        self._putting: set[asyncio.Task[None]] = set()
        self._order = asyncio.Lock()

    @property
    def there(self) -> bool:
        """Say whether this till has a printer."""
        return bool(self.setup.printer)

    @property
    def for_receipts(self) -> bool:
        """Say whether receipts are printed here."""
        return self.there and self.setup.receipts != "never"

    @property
    def trouble(self) -> str:
        """Return what is wrong with the printer in a few words; empty when nothing is."""
        if self.wrong:
            return f"printer: {self.wrong}"
        sign = self.sign
        if sign is None or not (sign.trouble or sign.failed):
            return ""
        counts = [f"{sign.waiting} waiting"] if sign.waiting else []
        counts += [f"{sign.failed} not printed"] if sign.failed else []
        return f"printer: {', '.join([*filter(None, [line(sign.trouble)]), *counts])}"

    async def begin(self) -> None:
        """Begin to print what waits; where the settings can't be, say so."""
        if not self.there or self._spooler is not None:
            return
        loop, here = asyncio.get_running_loop(), copy_context()

        def told(sign: Sign) -> None:
            with suppress(RuntimeError):  # the loop has ended: nobody is there to see it
                loop.call_soon_threadsafe(self._show, sign, context=here)

        try:
            self._spooler = await self._session.call(self._start, told)
        except PosError as error:
            self.wrong = "see the settings"
            self._session.trouble(f"Nothing is printed: {error.message}")
        self._tell()

    def _start(self, told: Callable[[Sign], None]) -> Spooler:
        from posconsole.spooling.spooler import spooler

        made = spooler(lambda: self._session.store, self.setup, told)
        made.start()
        return made

    def _show(self, sign: Sign) -> None:
        self.sign = sign
        self._tell()

    def _tell(self) -> None:
        for watcher in list(self.watchers):
            watcher()

    def put(self, kind: str, subject: str = "") -> None:
        """Put something in the queue, beside whatever the till does; what goes wrong is said at the sale."""
        task = asyncio.create_task(self._put(kind, subject))
        self._putting.add(task)
        task.add_done_callback(self._putting.discard)

    async def _put(self, kind: str, subject: str) -> None:
        try:
            # One after the other: the drawer opens before its receipt is printed.
            async with self._order:
                await self._session.call(self.queue, self._session.store, kind, subject)
        except PosError as error:
            self._session.trouble(f"Not printed: {error.message}")

    def queue(self, store: Store, kind: str, subject: str) -> str:
        """Put something in the queue and return what people call it. Blocks; raises what the store raises."""
        job = store.printing.queue(kind, subject)
        self.look()
        return job.title

    def look(self) -> None:
        """Let the printer look at its queue now."""
        if self._spooler is not None:
            self._spooler.wake()

    def ended(self, payment: PaymentView | None, refund: RefundView | None) -> None:
        """Open the drawer for cash, and print the receipt if it comes out by itself."""
        if not self.there:
            return
        tenders = refund.tenders if refund else payment.tenders if payment else ()
        if any(tender.kind == "cash" and tender.status == "captured" for tender in tenders):
            self.put("drawer")
        if self.setup.by_itself:
            self.print_receipt(payment, refund)

    def print_receipt(self, payment: PaymentView | None, refund: RefundView | None) -> None:
        """Print the receipt of a refund, or else of a sale."""
        if refund is not None:
            self.put("refund", refund.id)
        elif payment is not None:
            self.put("receipt", payment.id)

    async def end(self) -> None:
        """Put in the queue what is on its way there, and let go of the printer."""
        if self._putting:
            await asyncio.wait(self._putting)
        if self._spooler is not None:
            await asyncio.to_thread(self._spooler.stop)
