"""A refund as rows: composed, written, booked, and hashed by the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from posconsole.codes import identifier
from posconsole.engine.journal.ledger import Entry
from posconsole.models import Refund, RefundLine, RefundTender, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posconsole.engine.context import Unit
    from posconsole.engine.db.database import Transaction
    from posconsole.engine.sale.salerows import Fields, Hashed

_REFUND, _LINE, _TENDER = table(Refund), table(RefundLine), table(RefundTender)
_READ = select(_REFUND).where(_REFUND.c.id == bindparam("refund"))
_READ_LINES = select(_LINE).where(_LINE.c.refund_id == bindparam("refund")).order_by(_LINE.c.line_no)
_READ_TENDERS = select(_TENDER).where(_TENDER.c.refund_id == bindparam("refund")).order_by(_TENDER.c.no)

_FROZEN = {
    "refund": "id payment_id till_id operator receipt amount rounding points reason",
    "line": "line_no quantity amount tax sku name tax_rate",
    "tender": "id no kind voucher_id tender_id redemption_id amount",
}
_COLUMNS = {name: tuple(columns.split()) for name, columns in _FROZEN.items()}
"""What of each row never changes after it is written, and so is covered by its event's digest."""

CREDIT = "tender:credit"
"""The account that a refund as credit passes through: the refund brings it in, the new voucher takes it out."""


@dataclass(frozen=True, slots=True)
class RefundRows:
    """A refund, its lines and where the money went."""

    head: Fields
    lines: list[Fields]
    tenders: list[Fields]

    def frozen(self) -> Hashed:
        """Return the values that the journal's digest covers, in an order that a later reader can repeat."""
        groups = (("refund", [self.head]), ("line", self.lines), ("tender", self.tenders))
        return [[row[column] for column in _COLUMNS[name]] for name, rows in groups for row in rows]

    @property
    def owed(self) -> list[str]:
        """Return the parts that wait for a device."""
        return [tender["id"] for tender in self.tenders if tender["status"] == "pending"]


def head(unit: Unit, refund: str, **fields: object) -> Fields:
    """Return a refund's own row under the till's next receipt number."""
    return {
        "id": refund,
        "payment_id": None,
        "till_id": unit.journal.till,
        "operator": unit.journal.operator,
        "receipt": unit.journal.next_receipt(),
        "rounding": 0,
        "points": 0,
        "created_at": unit.now,
        **fields,
    }


def line(refund: str, no: int, **fields: object) -> Fields:
    """Return the row of what came back of a line; `sku`, `name` and `tax_rate` only where no sale has them."""
    return {"refund_id": refund, "line_no": no, "sku": None, "name": None, "tax_rate": None, **fields}


def tender(refund: str, no: int, kind: str, amount: int, **fields: object) -> Fields:
    """Return the row of a part of the money, as paid out."""
    return {
        "id": identifier("rft"),
        "refund_id": refund,
        "no": no,
        "kind": kind,
        "voucher_id": None,
        "tender_id": None,
        "redemption_id": None,
        "amount": amount,
        "status": "captured",
        "settled_as": None,
        **fields,
    }


def insert(transaction: Transaction, rows: RefundRows) -> None:
    """Write the rows, parents first."""
    transaction.insert(_REFUND, [rows.head])
    transaction.insert(_LINE, rows.lines)
    transaction.insert(_TENDER, rows.tenders)


def read(transaction: Transaction, refund: str) -> RefundRows:
    """Return the rows of a refund that is there."""
    (head,) = transaction.all(_READ, refund=refund)
    return RefundRows(
        head._asdict(),
        [row._asdict() for row in transaction.all(_READ_LINES, refund=refund)],
        [row._asdict() for row in transaction.all(_READ_TENDERS, refund=refund)],
    )


def entries(rows: RefundRows, voided: Mapping[str, int], unforfeited: Iterable[Entry]) -> list[Entry]:
    """Return a refund's bookings, the opposite of a sale's; `voided` is what was left on vouchers it had sold."""
    amount, rounding = rows.head["amount"], rows.head["rounding"]
    tax = sum(line["tax"] for line in rows.lines)
    return [
        *(_given(tender) for tender in rows.tenders),
        *unforfeited,
        *(Entry("voucher", "void", -left, voucher) for voucher, left in voided.items()),
        Entry("sales", "refund", tax + sum(voided.values()) - amount),
        Entry("tax", "refund", -tax),
        Entry("rounding", "refund", -rounding),
    ]


def _given(tender: Fields) -> Entry:
    if tender["kind"] == "voucher":
        return Entry("voucher", "refund", tender["amount"], tender["voucher_id"])
    return Entry(CREDIT if tender["kind"] == "credit" else f"tender:{tender['kind']}", "refund", tender["amount"])
