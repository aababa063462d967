"""The rows of print jobs: who holds which, what was begun, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, or_, select, text, update

from posconsole.engine.db.database import one_of
from posconsole.engine.paper.printviews import JobView
from posconsole.models import Printed, PrintJob, Voucher, table

if TYPE_CHECKING:
    from posconsole.engine.context import Unit
    from posconsole.engine.db.database import Row, Transaction

LEASE = 60
"""Seconds for which a job is whoever's prints it. Longer, and they are taken for dead: it is printed again, a COPY."""
DELAYS = (2, 4, 8, 16, 30)
"""Seconds until a job is tried again, by how often it was; the last one from then on."""
MOST = 40
"""Attempts after which a job waits for a person: some twenty minutes."""

JOB, _PRINTED, _VOUCHER = table(PrintJob), table(Printed), table(Voucher)
_IS = JOB.c.id == bindparam("job")
_WAITING = one_of(JOB.c.status, "queued", "printing")
_FREE = or_(JOB.c.status == "queued", and_(JOB.c.status == "printing", JOB.c.lease_until <= bindparam("now")))
_MINE = and_(_IS, JOB.c.status == "printing", JOB.c.worker == bindparam("by"))
GET = select(JOB).where(_IS)
_FIRST = select(JOB).where(JOB.c.till_id == bindparam("till"), _WAITING).order_by(JOB.c.created_at, JOB.c.id).limit(1)
CLAIM = (
    update(JOB)
    .where(_IS, _FREE, JOB.c.next_at <= bindparam("now"))
    .values(status="printing", worker=bindparam("by"), lease_until=bindparam("until"), attempts=JOB.c.attempts + 1)
)
BEGIN = update(JOB).where(_MINE, JOB.c.lease_until > bindparam("now")).values(copied=bindparam("copy"))
END = (
    update(JOB)
    .where(_MINE)
    .values(status=bindparam("new"), worker=None, error=bindparam("why"), ended_at=bindparam("ended"))
)
RETRY = update(JOB).where(_MINE).values(status="queued", worker=None, error=bindparam("why"), next_at=bindparam("next"))
CANCEL = (
    update(JOB)
    .where(_IS, or_(_FREE, JOB.c.status == "failed"))
    .values(status="canceled", worker=None, ended_at=bindparam("ended"))
)
HURRY = (
    update(JOB)
    .where(_IS, or_(_FREE, one_of(JOB.c.status, "failed", "canceled")))
    .values(status="queued", worker=None, attempts=0, next_at=bindparam("at"), ended_at=None)
)
STANDING = select(
    func.count().filter(_WAITING).label("waiting"), func.count().filter(JOB.c.status == "failed").label("failed")
).where(JOB.c.till_id == bindparam("till"), or_(_WAITING, JOB.c.status == "failed"))

# Portable SQL that Core has no portable construct for.
_COUNT = text(
    "INSERT INTO printed (id, prints) VALUES (:subject, 1) ON CONFLICT (id) DO UPDATE SET prints = printed.prints + 1"
)
_COUNT_BATCH = text(
    "INSERT INTO printed (id, prints) SELECT id, 1 FROM voucher"
    " WHERE batch_id = :batch AND batch_no BETWEEN :first AND :last"
    " ON CONFLICT (id) DO UPDATE SET prints = printed.prints + 1"
)
PRINTS = select(_PRINTED.c.prints).where(_PRINTED.c.id == bindparam("subject"))
BATCH = (
    select(_VOUCHER, _PRINTED.c.prints)
    .join(_PRINTED, _PRINTED.c.id == _VOUCHER.c.id)
    .where(
        _VOUCHER.c.batch_id == bindparam("batch"),
        _VOUCHER.c.batch_no >= bindparam("first"),
        _VOUCHER.c.batch_no <= bindparam("last"),
    )
    .order_by(_VOUCHER.c.batch_no)
)
EVENTS = {
    "receipt": "receipt.printed",
    "refund": "refund.printed",
    "shift": "shift.printed",
    "voucher": "voucher.printed",
}
"""What the journal tells of a print; a drawer's opening is told where it is asked for."""
BATCH_EVENT = "batch.printed"


def view(row: Row) -> JobView:
    """Return a job as it is handed out."""
    return JobView(
        id=row.id,
        till=row.till_id,
        kind=row.kind,
        subject=row.subject,
        title=row.title,
        status=row.status,
        copied=bool(row.copied),
        attempts=row.attempts,
        next_at=row.next_at,
        error=row.error,
        operator=row.operator,
        created=row.created_at,
        ended=row.ended_at,
    )


def read(transaction: Transaction, job: str) -> JobView:
    """Return a job that is there."""
    return view(transaction.all(GET, job=job)[0])


def first(transaction: Transaction, till: str) -> Row | None:
    """Return the oldest job that a till's printer still has to do."""
    return transaction.first(_FIRST, till=till)


def delay(attempts: int) -> int:
    """Return how many seconds a job waits that was tried so often."""
    return DELAYS[min(max(attempts, 1), len(DELAYS)) - 1]


def count(unit: Unit, job: Row) -> bool:
    """Count that the job's subject is put on paper, and tell it; say whether that is a COPY."""
    unit.transaction.change(_COUNT, subject=job.subject)
    copy = bool(unit.transaction.scalar(PRINTS, subject=job.subject) > 1)
    unit.journal.record(EVENTS[job.kind], job.subject, copy=copy, job=job.id, asked_by=job.operator)
    return copy


def count_batch(unit: Unit, batch: str, first: int, last: int) -> None:
    """Count that a batch's vouchers are put on paper, from one number to another, and tell it."""
    unit.transaction.change(_COUNT_BATCH, batch=batch, first=first, last=last)
    unit.journal.record(BATCH_EVENT, batch, first=first, last=last)
