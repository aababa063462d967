"""What there is to print: its id and its name when it is asked for, all of it when it is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from posconsole.codes import fold, mask, repeated
from posconsole.engine.day import shiftrows
from posconsole.engine.day.shiftviews import ShiftView
from posconsole.engine.sale import records
from posconsole.errors import NotAllowed, NotFound
from posconsole.models import Refund, Voucher, table

if TYPE_CHECKING:
    from posconsole.engine.context import Unit
    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.paper.printviews import Subject
    from posconsole.engine.views import PaymentView

KINDS = ("receipt", "refund", "shift", "voucher", "drawer")

_VOUCHER, _REFUND = table(Voucher), table(Refund)
_VOUCHER_OF = select(_VOUCHER).where((_VOUCHER.c.id == bindparam("text")) | (_VOUCHER.c.code_key == bindparam("key")))
_REFUND_OF = select(_REFUND.c.id).where(_REFUND.c.id == bindparam("refund"))


def named(transaction: Transaction, kind: str, subject: str) -> tuple[str, str]:
    """Return the id of what is to be printed, and what people call it. Raises `NotFound`, `NotAllowed`."""
    if kind == "receipt":
        return _sale(transaction, subject)
    if kind == "refund":
        return _refund(transaction, subject)
    if kind == "shift":
        shift = shiftrows.read(transaction, subject)
        return shift.id, f"{shift.till}-{shift.no}"
    if kind == "voucher":
        row = _voucher(transaction, subject)
        return row.id, mask(row.code)
    return subject, kind


def content(unit: Unit, kind: str, subject: str) -> tuple[Subject, PaymentView | None]:
    """Return what comes onto the paper, and the sale that a refund is of."""
    transaction = unit.transaction
    if kind == "receipt":
        return records.payment(transaction, subject), None
    if kind == "refund":
        refund = records.refund(transaction, subject)
        return refund, records.payment(transaction, refund.payment) if refund.payment else None
    if kind == "shift":
        return shiftrows.read(transaction, subject), None
    if kind == "voucher":
        return records.voucher(_voucher(transaction, subject)._asdict(), unit.now), None
    return None, None


def counts(subject: Subject) -> bool:
    """Say whether the next print of this is a copy. An X report may be looked at as often as one likes."""
    return subject is not None and not (isinstance(subject, ShiftView) and subject.closed_at is None)


def _sale(transaction: Transaction, subject: str) -> tuple[str, str]:
    found = records.payment(transaction, subject)
    if not found.receipt_number:
        raise NotAllowed("This sale isn't paid: it has no receipt.", field="subject")
    return found.id, found.receipt_number


def _refund(transaction: Transaction, subject: str) -> tuple[str, str]:
    if transaction.first(_REFUND_OF, refund=subject) is None:
        raise NotFound(f"There is no refund {repeated(subject)}", field="subject")
    found = records.refund(transaction, subject)
    return found.id, found.number


def _voucher(transaction: Transaction, subject: str) -> Row:
    row = transaction.first(_VOUCHER_OF, text=subject, key=fold(subject))
    if row is None:
        raise NotFound(f"There is no voucher {repeated(mask(subject))}", field="subject")
    return row
