"""What there is to print: its id and its name when it is asked for, all of it when it is begun."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, select

from posconsole.codes import fold, mask, repeated
from posconsole.engine.day import shiftrows
from posconsole.engine.day.shiftviews import ShiftView
from posconsole.engine.sale import records
from posconsole.errors import NotAllowed, NotFound
from posconsole.models import Payment, Refund, Shift, Voucher, table

if TYPE_CHECKING:
    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.paper.printviews import Subject
    from posconsole.engine.views import PaymentView

KINDS = ("receipt", "refund", "shift", "voucher", "drawer")

_VOUCHER, _REFUND, _SALE, _SHIFT = table(Voucher), table(Refund), table(Payment), table(Shift)
_VOUCHER_OF = select(_VOUCHER).where((_VOUCHER.c.id == bindparam("text")) | (_VOUCHER.c.code_key == bindparam("key")))
_REFUND_OF = select(_REFUND.c.id).where(_REFUND.c.id == bindparam("refund"))
_AT: BindParameter[str] = bindparam("till")
_NO: BindParameter[int] = bindparam("no")
_NUMBERED = (
    ("receipt", "", select(_SALE.c.id).where(_SALE.c.till_id == _AT, _SALE.c.receipt == _NO)),
    ("refund", "", select(_REFUND.c.id).where(_REFUND.c.till_id == _AT, _REFUND.c.receipt == _NO)),
    ("shift", "Z", select(_SHIFT.c.id).where(_SHIFT.c.till_id == _AT, _SHIFT.c.no == _NO, _SHIFT.c.closed_at > 0)),
    ("shift", "X", select(_SHIFT.c.id).where(_SHIFT.c.till_id == bindparam("all"), _SHIFT.c.closed_at.is_(None))),
)
"""What has a number: the letter before it, and the statement that finds it; an X report is called by its till."""


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


def numbered(transaction: Transaction, till: str, written: str) -> tuple[str, str]:
    """Return the kind and the id of what has a number as typed: `142` (this till's), `1-000142`, `Z1-3`, `X1`."""
    for kind, letter, statement in _NUMBERED:
        if written.upper().startswith(letter):
            rest = written[len(letter) :].strip()
            head, _, number = rest.rpartition("-")
            no = int(number) if re.fullmatch(r"\d{1,12}", number, re.ASCII) else 0
            found = transaction.scalar(statement, till=head or till, no=no, all=rest or till)
            if found is not None:
                return kind, found
    raise NotFound(
        f"There is no receipt, refund or report {repeated(written)}. Its number stands at its head, as 1-000142; "
        "a Z report is called Z1-3, and the X report of till 1 is X1.",
        field="number",
    )


def content(transaction: Transaction, now: int, kind: str, subject: str) -> tuple[Subject, PaymentView | None]:
    """Return what comes onto the paper, and the sale that a refund is of."""
    if kind == "receipt":
        return records.payment(transaction, subject), None
    if kind == "refund":
        refund = records.refund(transaction, subject)
        return refund, records.payment(transaction, refund.payment) if refund.payment else None
    if kind == "shift":
        return shiftrows.read(transaction, subject), None
    if kind == "voucher":
        return records.voucher(_voucher(transaction, subject)._asdict(), now), None
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
