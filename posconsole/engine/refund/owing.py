"""What card devices still owe of refunds: asked of them again, and settled by a person when they decline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from posconsole.engine.arguments import optional, text
from posconsole.engine.codes import issuing
from posconsole.engine.context import Request
from posconsole.engine.db.database import one_of
from posconsole.engine.journal.ledger import Entry
from posconsole.engine.refund import refundrows
from posconsole.engine.sale import records
from posconsole.engine.sale.tendering import rounded
from posconsole.engine.staff.access import needs
from posconsole.engine.views import OwedPart
from posconsole.errors import InvalidInput, NotAllowed, NotFound
from posconsole.models import Order, Payment, Refund, RefundTender, table

if TYPE_CHECKING:
    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.views import RefundView

_PART, _REFUND, _PAYMENT, _ORDER = table(RefundTender), table(Refund), table(Payment), table(Order)

_OPEN = one_of(_PART.c.status, "pending", "declined")
_PARTS = (
    select(
        _PART.c.id,
        _PART.c.kind,
        _PART.c.tender_id,
        _PART.c.amount,
        _PART.c.status,
        _REFUND.c.id.label("refund_id"),
        _REFUND.c.till_id,
        _REFUND.c.receipt,
        _REFUND.c.created_at,
        _PAYMENT.c.id.label("payment_id"),
        _PAYMENT.c.till_id.label("sold_at"),
        _PAYMENT.c.receipt.label("sold_as"),
        _ORDER.c.member_id,
    )
    .join(_REFUND, _REFUND.c.id == _PART.c.refund_id)
    .join(_PAYMENT, _PAYMENT.c.id == _REFUND.c.payment_id)
    .join(_ORDER, _ORDER.c.id == _PAYMENT.c.order_id)
)
_OWED = _PARTS.where(_OPEN).order_by(_REFUND.c.created_at, _PART.c.id)
_THE_PART = _PARTS.where(_PART.c.id == bindparam("part"))
_ANSWERED = (
    update(_PART)
    .where(_PART.c.id == bindparam("part"), _PART.c.status == "pending")
    .values(status=bindparam("outcome"))
)
_SETTLE = (
    update(_PART)
    .where(_PART.c.id == bindparam("part"), _OPEN)
    .values(status="captured", settled_as=bindparam("settled_as"))
)

WAYS = ("cash", "credit", "card")
"""How a person settles what a device owes: out of the drawer, by a new voucher, or the bank did it after all."""
_EVENTS = {"captured": "refund.settled", "declined": "refund.declined"}


class Owing:
    """The verbs for parts of refunds that a card device has not given back yet."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("payments.recover")
    def order_from_devices(self, refund: str | None = None) -> int:
        """Ask the devices for the refunds that they still owe, each once; return how many are still open."""
        waiting = [one for one in self.owed() if one.status == "pending" and refund in (None, one.refund)]
        return len(waiting) - sum(self._order(one) == "captured" for one in waiting)

    @needs("payments.get")
    def owed(self) -> tuple[OwedPart, ...]:
        """Return the parts of refunds that no card has got yet, oldest first: pending or declined by the bank."""
        return tuple(map(_show, self._context.read(lambda transaction: transaction.all(_OWED))))

    @needs("payments.settle")
    def settle_refund(
        self, part: str, as_: str = "cash", note: str = "", idempotency_key: str | None = None
    ) -> RefundView:
        """Settle a part of a refund that its device doesn't give back: in `cash`, as `credit`, or by `card` after all.

        `part` is the id of one that is `owed`. The device is asked first, and what it says counts. Cash is rounded to
        the smallest coin; `credit` gives a new voucher. `card` says that a person has seen it on the bank's side.
        Raises `NotAllowed` for a part that is settled already.
        """
        part, note = text(part, "part"), optional(note, "note") or ""
        if as_ not in WAYS:
            raise InvalidInput(f"A refund is settled as one of {', '.join(WAYS)}", field="as_")
        request = Request.of("settle_refund", idempotency_key, part=part, settled_as=as_, note=note)
        for one in self.owed():
            if one.id == part and one.status == "pending":
                self._order(one)

        def work(unit: Unit) -> RefundView:
            row = unit.transaction.first(_THE_PART, part=part)
            if row is None:
                raise NotFound("There is no such part of a refund", field="part")
            if unit.once(request, row.refund_id) is None:
                self._settle(unit, row, as_, note)
            return records.refund(unit.transaction, row.refund_id)

        return self._context.write(work)

    def _order(self, part: OwedPart) -> str:
        """Ask a pending part's device, write what it says, and return it."""
        device = self._context.device(part.kind)
        said = "unknown" if device.by_hand else device.refund(part.tender, part.id, part.amount).status
        if said in _EVENTS:
            self._context.write(lambda unit: _answered(unit, part, said))
        return said

    def _settle(self, unit: Unit, row: Row, as_: str, note: str) -> None:
        if unit.transaction.change(_SETTLE, part=row.id, settled_as=as_) != 1:
            raise NotAllowed("This part of the refund is settled already", code="already_settled", field="part")
        paid = rounded(row.amount, self._context.shop.smallest_coin) if as_ == "cash" else row.amount
        if as_ == "credit":
            issuing.give(unit, value=paid, source=row.refund_id, member=row.member_id, against=refundrows.CREDIT)
        entries = [
            Entry(f"tender:{row.kind}", "settle", -row.amount),
            Entry(f"tender:{as_}", "settle", paid),
            Entry("rounding", "settle", row.amount - paid),
        ]
        posted = unit.post(row.refund_id, [] if as_ == "card" else entries)
        unit.journal.record(
            "refund.settled",
            row.payment_id,
            refund=row.refund_id,
            part=row.id,
            settled_as=as_,
            paid=paid,
            note=note,
            **unit.booked(posted),
        )


def _answered(unit: Unit, part: OwedPart, outcome: str) -> None:
    """Write what a device said of a part that still waits for it."""
    if unit.transaction.change(_ANSWERED, part=part.id, outcome=outcome) == 1:
        unit.journal.record(_EVENTS[outcome], part.payment, refund=part.refund, part=part.id, amount=part.amount)


def _show(row: Row) -> OwedPart:
    return OwedPart(
        id=row.id,
        refund=row.refund_id,
        number=records.receipt_number(row.till_id, row.receipt),
        payment=row.payment_id,
        receipt_number=records.receipt_number(row.sold_at, row.sold_as),
        tender=row.tender_id,
        kind=row.kind,
        amount=row.amount,
        status=row.status,
        created=row.created_at,
    )
