"""The day at a till: opened with a float, cash moved, looked at any time (X), counted and closed once (Z)."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from posconsole.codes import identifier
from posconsole.engine import listing
from posconsole.engine.arguments import optional, text, whole
from posconsole.engine.context import Request
from posconsole.engine.day import shiftrows
from posconsole.engine.journal.events import canonical
from posconsole.engine.journal.ledger import Entry
from posconsole.engine.staff.access import needs
from posconsole.engine.views import Page
from posconsole.errors import InvalidInput, NotAllowed
from posconsole.models import CashMovement, Payment, Shift, table
from posconsole.money import minor_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.day.shiftviews import ShiftView
    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.sale.salerows import Fields

_SHIFT, _MOVED, _PAYMENT = table(Shift), table(CashMovement), table(Payment)
TERMS = [column.name for column in _SHIFT.columns]
MOVED = [column.name for column in _MOVED.columns]
"""What the events of a shift's opening and close, and of a movement of cash, vouch for: all of it."""
BLANK: dict[str, object] = dict.fromkeys(
    "closed_by closed_at last_receipt expected counted totals perpetual journal_head".split()
) | {"note": ""}
"""What stands in a shift's row until its close."""

_LAST = select(func.coalesce(func.max(_SHIFT.c.no), 0)).where(_SHIFT.c.till_id == bindparam("till"))
_LATEST = select(_SHIFT.c.closed_at).where(_SHIFT.c.till_id == bindparam("till")).order_by(_SHIFT.c.no.desc()).limit(1)
_CLOSE = (
    update(_SHIFT)
    .where(_SHIFT.c.id == bindparam("shift"), _SHIFT.c.closed_at.is_(None))
    .values({name: bindparam(f"new_{name}") for name in BLANK})
)
_SHIFT_OF = select(_MOVED.c.shift_id).where(_MOVED.c.id == bindparam("movement"))
_PENDING = select(func.count()).where(_PAYMENT.c.till_id == bindparam("till"), _PAYMENT.c.status == "pending")


class Shifts:
    """The shifts of this till, and what is known of those of all tills."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("shifts.open")
    def open(self, opening_float: int = 0, *, idempotency_key: str | None = None) -> ShiftView:
        """Open this till's shift with so much cash in the drawer. `NotAllowed`, `shift_open`, while another is open."""
        amount = minor_units(opening_float, "opening_float")
        request = Request.of("shift", idempotency_key, till=self._context.till, opening_float=amount)

        def work(unit: Unit) -> ShiftView:
            row = _opened(unit, amount)
            earlier = unit.once(request, row["id"])
            if earlier is None:
                if unit.transaction.insert(_SHIFT, [row], ignore=True) != 1:
                    raise NotAllowed("This till's shift is open already. Close it first.", code="shift_open")
                rows = unit.digest([[row[name] for name in TERMS]])
                told = {"till": row["till_id"], "no": row["no"], "opening_float": amount}
                unit.journal.record("shift.opened", row["id"], rows=rows, **told)
            return shiftrows.read(unit.transaction, earlier or row["id"])

        return self._context.write(work)

    @needs("shifts.move")
    def cash_in(self, amount: int, reason: str, *, idempotency_key: str | None = None) -> ShiftView:
        """Put cash in the drawer, in minor units and with a reason. `NotAllowed`, `no_shift`, while none is open."""
        return self._move(minor_units(amount, "amount", least=1), reason, idempotency_key)

    @needs("shifts.move")
    def cash_out(self, amount: int, reason: str, *, idempotency_key: str | None = None) -> ShiftView:
        """Take cash out of the drawer, in minor units and with a reason. `NotAllowed`, `no_shift`, as above."""
        return self._move(-minor_units(amount, "amount", least=1), reason, idempotency_key)

    @needs("shifts.report")
    def x_report(self) -> ShiftView:
        """Return what this till's open shift comes to so far; nothing changes. Without one `NotAllowed`, `no_shift`."""
        return self._context.read(lambda tx: shiftrows.view(tx, shiftrows.current(tx, self._context.till)))

    @needs("shifts.report")
    def current(self) -> ShiftView | None:
        """Return this till's open shift, or None."""

        def work(transaction: Transaction) -> ShiftView | None:
            row = transaction.first(shiftrows.OPEN, till=self._context.till)
            return None if row is None else shiftrows.view(transaction, row)

        return self._context.read(work)

    @needs("shifts.report")
    def between(self) -> bool:
        """Say whether this till's last shift is closed and none is open: cash that moves now is in no Z report."""
        latest = self._context.read(lambda transaction: transaction.first(_LATEST, till=self._context.till))
        return latest is not None and latest.closed_at is not None

    @needs("shifts.close")
    def close(
        self,
        counted: int | None = None,
        counts: Mapping[int, int] | None = None,
        note: str = "",
        *,
        idempotency_key: str | None = None,
    ) -> ShiftView:
        """Close this till's shift and return its Z report: its figures are frozen, and there is one of it.

        `counted` is the cash in the drawer, or `counts` how many there are of each coin and note by its value.
        Raises `NotAllowed` with the code `no_shift`, or `payment_pending` while the till waits for a payment's end.
        """
        found, coins = _counted(counted, counts)
        request = Request.of(
            "close_shift",
            idempotency_key,
            till=self._context.till,
            counted=found,
            counts=coins,
            note=text(note, "note"),
        )

        def work(unit: Unit) -> ShiftView:
            open_now = unit.transaction.first(shiftrows.OPEN, till=unit.journal.till)
            # The key comes first: with the shift closed, the same call has its Z report again.
            earlier = unit.once(request, "none" if open_now is None else open_now.id)
            if earlier is not None:
                return shiftrows.read(unit.transaction, earlier)
            row = shiftrows.current(unit.transaction, unit.journal.till)
            _close(unit, row, found, coins, note)
            return shiftrows.read(unit.transaction, row.id)

        return self._context.write(work)

    @needs("shifts.get")
    def get(self, shift: str) -> ShiftView:
        """Return a shift by its id."""
        wanted = text(shift, "shift")
        return self._context.read(lambda transaction: shiftrows.read(transaction, wanted))

    @needs("shifts.list")
    def list(self, *, till: str | None = None, limit: int = 10, offset: int = 0) -> Page[ShiftView]:
        """Return shifts, newest first: of one till, or of all."""
        conditions = [] if till is None else [_SHIFT.c.till_id == text(till, "till")]
        order = (_SHIFT.c.opened_at.desc(), _SHIFT.c.no.desc(), _SHIFT.c.till_id)
        found: Page[Any] = listing.page(
            self._context, _SHIFT, conditions, order, lambda row: row.id, limit=limit, offset=offset
        )
        shown = self._context.read(
            lambda transaction: tuple(shiftrows.read(transaction, shift) for shift in found.data)
        )
        return Page(shown, found.has_more, found.total, found.next)

    def _move(self, amount: int, reason: str, idempotency_key: str | None) -> ShiftView:
        why = optional(reason, "reason")
        if why is None:
            raise InvalidInput("Say why cash is put in or taken out", field="reason")
        request = Request.of("cash", idempotency_key, till=self._context.till, amount=amount, reason=why)

        def work(unit: Unit) -> ShiftView:
            movement = identifier("csh")
            earlier = unit.once(request, movement)
            if earlier is None:
                _moved(unit, movement, shiftrows.current(unit.transaction, unit.journal.till).id, amount, why)
            # Not this till's shift of now: by a second call that one may be closed.
            shift = unit.transaction.scalar(_SHIFT_OF, movement=earlier or movement)
            return shiftrows.read(unit.transaction, shift)

        return self._context.write(work)


# Whatever writes at a till has the till's row from the start, so that no receipt comes between these statements.


def _opened(unit: Unit, amount: int) -> Fields:
    return {
        "id": identifier("shf"),
        "till_id": unit.journal.till,
        "no": unit.transaction.scalar(_LAST, till=unit.journal.till) + 1,
        "opened_by": unit.journal.operator,
        "opened_at": unit.now,
        "opening_float": amount,
        "first_receipt": unit.journal.receipts,
        **BLANK,
    }


def _moved(unit: Unit, movement: str, shift: str, amount: int, reason: str) -> None:
    row = dict(zip(MOVED, (movement, shift, amount, reason, unit.journal.operator, unit.now), strict=True))
    unit.transaction.insert(_MOVED, [row])
    entries = unit.post(movement, [Entry("tender:cash", "moved", -amount), Entry("cash_moved", "moved", amount)])
    unit.journal.record(
        "cash.moved",
        movement,
        shift=shift,
        amount=amount,
        reason=reason,
        rows=unit.digest([list(row.values())]),
        **unit.booked(entries),
    )


def _close(unit: Unit, row: Row, counted: int, counts: Mapping[int, int], note: str) -> None:
    if unit.transaction.scalar(_PENDING, till=row.till_id):
        raise NotAllowed(
            "A payment of this till is not settled yet. Complete it or give it up, then close the shift.",
            code="payment_pending",
        )
    now = shiftrows.view(unit.transaction, row)
    totals = {"takings": asdict(now.takings), "cash_in": now.cash_in, "cash_out": now.cash_out, "counts": counts}
    difference = counted - now.expected
    changed: Fields = {
        "closed_by": unit.journal.operator,
        "closed_at": unit.now,
        "last_receipt": now.last_receipt,
        "expected": now.expected,
        "counted": counted,
        "note": note,
        "totals": canonical(totals),
        "perpetual": now.perpetual,
        "journal_head": unit.journal.head,
    }
    unit.transaction.guarded(_CLOSE, shift=row.id, **{f"new_{name}": value for name, value in changed.items()})
    closed = row._asdict() | changed
    entries = unit.post(
        row.id, [Entry("tender:cash", "difference", -difference), Entry("difference", "difference", difference)]
    )
    unit.journal.record(
        "shift.closed",
        row.id,
        till=row.till_id,
        no=row.no,
        expected=now.expected,
        counted=counted,
        perpetual=now.perpetual,
        rows=unit.digest([[closed[name] for name in TERMS]]),
        **unit.booked(entries),
    )


def _counted(counted: int | None, counts: Mapping[int, int] | None) -> tuple[int, dict[int, int]]:
    """Return the cash that was counted, and what of it, by the value of coin or note."""
    if (counted is None) == (counts is None):
        raise InvalidInput("Give the cash counted, or how many of each coin and note", field="counted")
    if counts is None:
        return minor_units(counted, "counted"), {}
    try:
        listed = dict(counts)
    except (TypeError, ValueError):
        raise InvalidInput("Give how many there are of each coin and note, by its value", field="counts") from None
    coins = {minor_units(coin, "counts", least=1): whole(number, "counts") for coin, number in listed.items()}
    return minor_units(sum(coin * number for coin, number in coins.items()), "counts"), coins
