"""A till's shift and its figures: worked out while it is open, read as they were frozen once it is closed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, func, select

from posconsole.codes import repeated
from posconsole.engine.day import takings
from posconsole.engine.day.shiftviews import Figures, ShiftView, Takings
from posconsole.errors import NotAllowed, NotFound
from posconsole.models import CashMovement, Payment, Shift, Till, table

if TYPE_CHECKING:
    from posconsole.engine.db.database import Row, Transaction

_SHIFT, _MOVED, _PAYMENT, _TILL = table(Shift), table(CashMovement), table(Payment), table(Till)
_GET = select(_SHIFT).where(_SHIFT.c.id == bindparam("shift"))
OPEN = select(_SHIFT).where(_SHIFT.c.till_id == bindparam("till"), _SHIFT.c.closed_at.is_(None))
_RECEIPTS = select(_TILL.c.receipts).where(_TILL.c.id == bindparam("till"))
_BEFORE = select(_SHIFT.c.perpetual, _SHIFT.c.last_receipt).where(
    _SHIFT.c.till_id == bindparam("till"), _SHIFT.c.no == bindparam("before")
)
_TAKEN = select(func.coalesce(func.sum(_PAYMENT.c.amount), 0)).where(
    _PAYMENT.c.till_id == bindparam("till"),
    _PAYMENT.c.receipt > bindparam("after"),
    _PAYMENT.c.receipt <= bindparam("upto"),
)
_MOVEMENTS = select(
    func.coalesce(func.sum(case((_MOVED.c.amount > 0, _MOVED.c.amount), else_=0)), 0).label("cash_in"),
    func.coalesce(func.sum(case((_MOVED.c.amount < 0, -_MOVED.c.amount), else_=0)), 0).label("cash_out"),
).where(_MOVED.c.shift_id == bindparam("shift"))


def worked_out(transaction: Transaction, row: Row, last: int) -> Figures:
    """Return a shift's figures as its rows give them, up to a receipt."""
    (moved,) = transaction.all(_MOVEMENTS, shift=row.id)
    taken = takings.of_shift(transaction, row.id, row.till_id, row.first_receipt, last)
    return Figures(taken, moved.cash_in, moved.cash_out)


def frozen(row: Row) -> Figures:
    """Return the figures of a closed shift as its Z report gave them."""
    written = json.loads(row.totals)
    return Figures(Takings.read(written["takings"]), written["cash_in"], written["cash_out"])


def current(transaction: Transaction, till: str) -> Row:
    """Return the row of a till's open shift; `NotAllowed` with the code `no_shift` without one."""
    row = transaction.first(OPEN, till=till)
    if row is None:
        raise NotAllowed(
            "No shift is open at this till. Open one with the cash that is in the drawer.", code="no_shift"
        )
    return row


def read(transaction: Transaction, shift: str) -> ShiftView:
    """Return a shift by its id; `NotFound` without one."""
    row = transaction.first(_GET, shift=shift)
    if row is None:
        raise NotFound(f"There is no shift {repeated(shift)}", field="shift")
    return view(transaction, row)


def view(transaction: Transaction, row: Row) -> ShiftView:
    """Return the view of a shift's row."""
    closed = row.closed_at is not None
    last: int = row.last_receipt if closed else transaction.scalar(_RECEIPTS, till=row.till_id)
    figures = frozen(row) if closed else worked_out(transaction, row, last)
    counts = json.loads(row.totals)["counts"] if closed else {}
    return ShiftView(
        id=row.id,
        till=row.till_id,
        no=row.no,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        opening_float=row.opening_float,
        first_receipt=row.first_receipt,
        last_receipt=last,
        takings=figures.takings,
        cash_in=figures.cash_in,
        cash_out=figures.cash_out,
        expected=row.expected if closed else figures.expected(row.opening_float),
        perpetual=row.perpetual if closed else _perpetual(transaction, row, last),
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        counted=row.counted,
        counts={int(coin): number for coin, number in counts.items()},
        note=row.note,
        journal_head=row.journal_head,
    )


def _perpetual(transaction: Transaction, row: Row, last: int) -> int:
    """Return what a till ever took: what it was at the last Z report, and what came since, also between shifts."""
    before, after = transaction.first(_BEFORE, till=row.till_id, before=row.no - 1) or (0, 0)
    taken: int = transaction.scalar(_TAKEN, till=row.till_id, after=after, upto=last)
    return int(before) + taken
