"""The verbs of printing: what waits for a till's printer. No sale waits for paper, and none is undone by it.

A job is begun in a transaction of its own before a byte of it goes to the printer: what was begun and isn't known to
have ended may lie in the tray, so it is a COPY when it comes out again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from posconsole.codes import identifier
from posconsole.engine import listing
from posconsole.engine.arguments import text, whole
from posconsole.engine.context import Request
from posconsole.engine.paper import printables, printjobs
from posconsole.engine.paper.printviews import Numbered, Printable, Queue
from posconsole.engine.sale import records
from posconsole.engine.staff.access import needs, require
from posconsole.errors import InvalidInput, NotAllowed, NotFound
from posconsole.models import Batch, PrintJob, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.paper.printviews import JobView
    from posconsole.engine.views import Page, VoucherView

STATUSES = ("queued", "printing", "printed", "failed", "canceled")
PART = 1_000
"""The most vouchers of a batch that are recorded at once."""
FRESH = 15
"""Seconds after which nobody stands at the drawer any more: it stays shut."""

_JOB, _BATCH = table(PrintJob), table(Batch)
_MINTED = select(_BATCH.c.kind, _BATCH.c.minted).where(_BATCH.c.id == bindparam("batch"))


class Printing:
    """What can be done with a till's printer, short of printing."""

    def __init__(self, context: Context) -> None:
        self._context = context

    # -- for those who want paper -----------------------------------------------------------------------

    @needs("printing.queue")
    def queue(self, kind: str, subject: str = "", *, idempotency_key: str | None = None) -> JobView:
        """Put something in the queue of this till's printer; with the same key it is one job.

        `kind` is receipt (`subject` a sale's id), refund, shift (its X report while it is open, then its Z), voucher
        (a manager's, its id or code) or drawer. The first that comes out of each is the original, the others are
        copies. Raises `NotFound`, and `NotAllowed` for a sale that wasn't paid.
        """
        if kind not in printables.KINDS:
            raise InvalidInput(f"What is printed is one of {', '.join(printables.KINDS)}", field="kind")
        if kind == "voucher":
            require("printing.vouchers", self._context)
        wanted, job = text(subject, "subject"), identifier("prt")
        request = Request.of("print", idempotency_key, till=self._context.till, of=kind, subject=wanted)

        def work(unit: Unit) -> JobView:
            earlier = unit.once(request, job)
            if earlier is None:
                found, title = printables.named(unit.transaction, kind, wanted)
                _insert(unit, job, kind, found, title)
            return printjobs.read(unit.transaction, earlier or job)

        return self._context.write(work)

    @needs("printing.list")
    def find(self, number: str) -> Numbered:
        """Return what has a number as typed: the sale or refund `1-000142`, or `142` of this till; else `NotFound`.

        `Z1-3` is a Z report, and `X1` the X report of till 1 while its shift is open.
        """
        wanted = text(number, "number").strip()

        def work(transaction: Transaction) -> Numbered:
            kind, found = printables.numbered(transaction, self._context.till, wanted)
            _, title = printables.named(transaction, kind, found)
            subject, sale = printables.content(transaction, self._context.clock.now(), kind, found)
            return Numbered(kind, found, title, printables.counts(subject), subject, sale)

        return self._context.read(work)

    @needs("printing.list")
    def get(self, job: str) -> JobView:
        """Return a job."""
        return printjobs.view(self._found(job))

    @needs("printing.list")
    def list(
        self,
        *,
        till: str | None = None,
        status: str | None = None,
        limit: int = 10,
        offset: int = 0,
        starting_after: str | None = None,
    ) -> Page[JobView]:
        """Return jobs, newest first: of this till, or of the one that is named."""
        if status is not None and status not in STATUSES:
            raise InvalidInput(f"A job is {', '.join(STATUSES)}", field="status")
        conditions = [_JOB.c.till_id == (self._context.till if till is None else text(till, "till"))]
        conditions += [] if status is None else [_JOB.c.status == status]
        page = {"limit": limit, "offset": offset}
        return listing.newest(
            self._context, _JOB, _JOB, conditions, printjobs.view, starting_after=starting_after, **page
        )

    @needs("printing.list")
    def standing(self) -> Queue:
        """Say how this till's printer stands."""

        def work(transaction: Transaction) -> Queue:
            (row,) = transaction.all(printjobs.STANDING, till=self._context.till)
            first = printjobs.first(transaction, self._context.till)
            return Queue(row.waiting, row.failed, first.error if first else "")

        return self._context.read(work)

    @needs("printing.list")
    def prints(self, subject: str) -> int:
        """Say how often a sale, refund, shift or voucher, by its id, was put on paper."""
        wanted = text(subject, "subject")
        return self._context.read(lambda tx: tx.scalar(printjobs.PRINTS, subject=wanted)) or 0

    @needs("printing.queue")
    def cancel(self, job: str) -> JobView:
        """Take a job out of the queue. Raises `NotAllowed` for one that is being printed, or was."""

        def change(unit: Unit, row: Row) -> None:
            if unit.transaction.change(printjobs.CANCEL, job=row.id, now=unit.now, ended=unit.now) != 1:
                raise NotAllowed(_TOO_LATE[row.status], field="job")

        return self._changed(job, change)

    @needs("printing.queue")
    def again(self, job: str) -> JobView:
        """Print at once what waits or was given up; what was printed comes once more, as a COPY.

        Raises `NotAllowed` for a job that is being printed.
        """
        if self._found(job).kind == "voucher":
            require("printing.vouchers", self._context)

        def work(unit: Unit) -> JobView:
            row = _taken(unit, text(job, "job"))
            if row.status == "printed":
                new = identifier("prt")
                _insert(unit, new, row.kind, row.subject, row.title)
                return printjobs.read(unit.transaction, new)
            if unit.transaction.change(printjobs.HURRY, job=row.id, now=unit.now, at=unit.now) != 1:
                raise NotAllowed(_TOO_LATE[row.status], field="job")
            return printjobs.read(unit.transaction, row.id)

        return self._context.write(work)

    @needs("printing.vouchers")
    def batch(self, batch: str, first: int, last: int, *, idempotency_key: str) -> tuple[tuple[VoucherView, bool], ...]:
        """Record that a batch's vouchers from one number to another are put on paper, and return them, codes whole.

        With each comes whether it is a COPY: it was on paper before. With the same key they count once, so that a
        file that was cut short can be made again. At most `PART` at a time.
        """
        wanted, numbers = text(batch, "batch"), (whole(first, "first", 1), whole(last, "last", 1))
        if not 0 <= numbers[1] - numbers[0] < PART:
            raise InvalidInput(f"At most {PART} vouchers are printed at a time", field="last")
        span: dict[str, Any] = {"batch": wanted, "first": numbers[0], "last": numbers[1]}
        request = Request.of("print.batch", idempotency_key, **span)

        def work(unit: Unit) -> tuple[tuple[VoucherView, bool], ...]:
            found = unit.transaction.first(_MINTED, batch=wanted)
            if found is None or found.kind != "voucher":
                raise NotFound("There is no such batch of vouchers", field="batch")
            if found.minted < numbers[1]:
                raise NotAllowed("Not all of these vouchers are minted yet. Wait for the batch.", field="last")
            if unit.once(request, wanted) is None:
                printjobs.count_batch(unit, **span)
            rows = unit.transaction.all(printjobs.BATCH, **span)
            return tuple((records.voucher(row._asdict(), unit.now), row.prints > 1) for row in rows)

        return self._context.write(work)

    # -- for whoever has the printer ---------------------------------------------------------------------

    @needs("printing.run")
    def due(self) -> float | None:
        """Return in how many seconds the next job of this till is to be printed, None without one; reads only."""

        def work(transaction: Transaction) -> float | None:
            row = printjobs.first(transaction, self._context.till)
            if row is None:
                return None
            at = row.lease_until if row.status == "printing" else row.next_at
            return float(max(0, at - self._context.clock.now()))

        return self._context.read(work)

    @needs("printing.run")
    def claim(self, worker: str, job: str | None = None) -> JobView | None:
        """Take the oldest job of this till, if it is due, for `LEASE` seconds, or the `job`; None when there is none.

        They come out in the order in which they were asked for: while the first waits, so do the others.
        """
        by, wanted = text(worker, "worker"), None if job is None else text(job, "job")

        def work(unit: Unit) -> JobView | None:
            till = unit.journal.till
            row = printjobs.first(unit.transaction, till) if wanted is None else _taken(unit, wanted)
            if row is None:
                return None
            if row.kind == "drawer" and (row.attempts or unit.now - row.created_at > FRESH):
                unit.transaction.change(printjobs.CANCEL, job=row.id, now=unit.now, ended=unit.now)
                return None
            until = unit.now + printjobs.LEASE
            held = unit.transaction.change(printjobs.CLAIM, job=row.id, now=unit.now, by=by, until=until)
            return printjobs.read(unit.transaction, row.id) if held else None

        return self._context.write(work)

    @needs("printing.run")
    def ready(self, job: str) -> Printable:
        """Return what a job would put on paper now, to be laid out before it is begun; nothing is recorded."""
        wanted = text(job, "job")

        def work(transaction: Transaction) -> Printable:
            row = _here(transaction.first(printjobs.GET, job=wanted))
            subject, sale = printables.content(transaction, self._context.clock.now(), row.kind, row.subject)
            copy = printables.counts(subject) and bool(transaction.scalar(printjobs.PRINTS, subject=row.subject))
            return Printable(printjobs.view(row), copy, subject, sale)

        return self._context.read(work)

    @needs("printing.run")
    def begin(self, job: str, worker: str) -> Printable | None:
        """Record that a job goes to the printer now; return what it puts there, and whether that is a COPY.

        None when it isn't this worker's any more. Not before the printer is known to be there: what was begun counts
        as printed.
        """
        wanted, by = text(job, "job"), text(worker, "worker")

        def work(unit: Unit) -> Printable | None:
            row = _taken(unit, wanted)
            if (row.status, row.worker) != ("printing", by) or row.lease_until <= unit.now:
                return None
            subject, sale = printables.content(unit.transaction, unit.now, row.kind, row.subject)
            copy = printables.counts(subject) and printjobs.count(unit, row)
            unit.transaction.guarded(printjobs.BEGIN, job=row.id, by=by, now=unit.now, copy=copy)
            return Printable(printjobs.read(unit.transaction, row.id), copy, subject, sale)

        return self._context.write(work)

    @needs("printing.run")
    def printed(self, job: str, worker: str) -> bool:
        """Record that a job came out; say whether it was this worker's to the end."""
        asked = {"job": text(job, "job"), "by": text(worker, "worker")}
        return self._context.write(
            lambda unit: unit.transaction.change(printjobs.END, **asked, new="printed", why="", ended=unit.now) == 1
        )

    @needs("printing.run")
    def failed(self, job: str, worker: str, error: str, *, again: bool = True) -> bool:
        """Record why a job didn't come out; say whether it was this worker's to the end.

        It is tried again later, a bounded number of times, or without `again` waits for a person; a drawer stays shut.
        """
        asked = {"job": text(job, "job"), "by": text(worker, "worker"), "why": text(error[:500], "error")}

        def work(unit: Unit) -> bool:
            row = _taken(unit, asked["job"])
            if not again or row.attempts >= printjobs.MOST or row.kind == "drawer":
                new = "canceled" if row.kind == "drawer" else "failed"
                return unit.transaction.change(printjobs.END, **asked, new=new, ended=unit.now) == 1
            following = unit.now + printjobs.delay(row.attempts)
            return unit.transaction.change(printjobs.RETRY, **asked, next=following) == 1

        return self._context.write(work)

    # -----------------------------------------------------------------------------------------------------

    def _found(self, job: str) -> Row:
        wanted = text(job, "job")
        return self._context.read(lambda transaction: _here(transaction.first(printjobs.GET, job=wanted)))

    def _changed(self, job: str, change: Callable[[Unit, Row], None]) -> JobView:
        wanted = text(job, "job")

        def work(unit: Unit) -> JobView:
            row = _taken(unit, wanted)
            change(unit, row)
            return printjobs.read(unit.transaction, row.id)

        return self._context.write(work)


_TOO_LATE = dict.fromkeys(STATUSES, "It is being printed at this moment. Wait until it is out.") | {
    "printed": "It is printed already.",
    "canceled": "It is canceled already.",
}


def _here(row: Row | None) -> Row:
    if row is None:
        raise NotFound("There is no such print job", field="job")
    return row


def _taken(unit: Unit, job: str) -> Row:
    return _here(unit.transaction.first(printjobs.GET, job=job))


def _insert(unit: Unit, job: str, kind: str, subject: str, title: str) -> None:
    row: dict[str, Any] = {
        "id": job,
        "till_id": unit.journal.till,
        "kind": kind,
        "subject": subject,
        "title": title,
        "status": "queued",
        "copied": False,
        "attempts": 0,
        "next_at": unit.now,
        "worker": None,
        "lease_until": 0,
        "error": "",
        "operator": unit.journal.operator,
        "created_at": unit.now,
        "ended_at": None,
    }
    unit.transaction.insert(_JOB, [row])
