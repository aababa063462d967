"""The audit: every invariant, checked against what the database holds now. An empty list is a sound shop.

Sums and counts are checked where the rows are, each by one statement that returns what breaks it (`sums`).
What rows were when they were written is checked against the journal in `proofs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from posconsole.engine.db.database import one_of
from posconsole.engine.db.paging import each, page_of
from posconsole.engine.db.storage import storage_findings
from posconsole.engine.proof import dayproofs
from posconsole.engine.proof.proofs import journal_findings, readable
from posconsole.engine.proof.sums import BROKEN
from posconsole.engine.sale.salerows import HOLD
from posconsole.engine.views import Finding
from posconsole.models import Tender, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole.engine.context import Context
    from posconsole.engine.db.database import Transaction

PATIENCE = 600.0
"""Seconds that an audit of a large shop may take on a server."""
_OVERDUE = text(
    "SELECT p.id FROM payment p WHERE p.status = 'pending' AND p.expires_at < :now"
    " AND NOT EXISTS (SELECT 1 FROM tender t WHERE t.payment_id = p.id AND t.status = 'unknown')"
)
_OWED = text(
    "SELECT t.id, f.id FROM refund_tender t JOIN refund f ON f.id = t.refund_id"
    " WHERE t.status = 'pending' AND f.created_at < :before"
)
_TENDER = table(Tender)
_CARDS = page_of(Tender, _TENDER.c.kind != "cash", one_of(_TENDER.c.status, "captured", "declined", "canceled"))
_STATEMENTS = {name: text(statement) for name, (_, statement) in BROKEN.items()}


def audit(context: Context) -> list[Finding]:
    """Check every invariant on one consistent state of the database."""
    return context.database.read(lambda transaction: list(_findings(context, transaction)), patience=PATIENCE)


def _findings(context: Context, transaction: Transaction) -> Iterator[Finding]:
    yield from storage_findings(context.database, transaction)
    yield from _sums(transaction)
    yield from readable(_late(context, transaction))
    yield from readable(_devices(context, transaction))
    yield from readable(dayproofs.totals(transaction))
    yield from readable(journal_findings(context, transaction))


def _sums(transaction: Transaction) -> Iterator[Finding]:
    for check, (words, _) in BROKEN.items():
        for row in transaction.all(_STATEMENTS[check]):
            yield Finding(check, str(row[0]), words.format(*row[1:]))


def _late(context: Context, transaction: Transaction) -> Iterator[Finding]:
    for row in transaction.all(_OVERDUE, now=context.clock.now()):
        yield Finding("overdue", row[0], "it is pending past its time: run recover")
    for row in transaction.all(_OWED, before=context.clock.now() - HOLD):
        yield Finding("owed", row[0], f"the card's part of refund {row[1]} was never given back: run recover")


def _devices(context: Context, transaction: Transaction) -> Iterator[Finding]:
    """Compare what tenders are with what their devices say, where a device can say anything."""
    for row in each(transaction, _CARDS):
        device = context.device(row["kind"])
        if device.by_hand:
            continue
        said = device.outcome(row["id"]).status
        if said != "unknown" and (said == "captured") != (row["status"] == "captured"):
            yield Finding("card_device", row["id"], f"the tender is {row['status']}, the device says {said}")
