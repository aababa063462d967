"""What the sandbox bank's own log says, read past the engine, and whether the shop's books agree with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from posconsole import Store


def charges(store: Store) -> dict[str, tuple[str, int, int]]:
    """Return what the bank's log has: (status, amount, refunded) by the tender that it was charged under."""
    log = store._context.database.server.beside(".bank")
    if not log.exists():
        return {}
    with closing(sqlite3.connect(log)) as bank:
        rows = bank.execute("SELECT reference, status, amount, refunded FROM charge").fetchall()
    return {reference: (status, amount, refunded) for reference, status, amount, refunded in rows}


def disagreements(store: Store) -> list[str]:
    """Compare both sides, tender by tender: what was taken, and what was given back and not only promised.

    Payments that wait for a person, and those that a person settled because the bank can't tell, are left out.
    """
    rows = _ask(
        store,
        "SELECT t.id, p.status, t.amount, (SELECT COALESCE(SUM(b.amount), 0) FROM refund_tender b"
        " WHERE b.tender_id = t.id AND b.status = 'captured' AND b.settled_as IS NULL)"
        " FROM tender t JOIN payment p ON p.id = t.payment_id"
        " WHERE t.kind = 'card' AND p.status <> 'pending'",
    )
    said, found = charges(store), []
    for tender, status, amount, refunded in rows:
        outcome, taken, returned = said.get(tender, ("absent", 0, 0))
        paid = status in ("captured", "partially_refunded", "refunded")
        if outcome == "unknown":
            continue
        if paid != (outcome == "captured") or (paid and (taken, returned) != (amount, refunded)):
            found.append(f"{tender} of a {status} payment: {amount}, back {refunded}; bank: {said.get(tender)}")
    known = {row[0] for row in _ask(store, "SELECT id FROM tender")}
    return found + [f"{tender} is charged and belongs to nothing" for tender in said.keys() - known]


def _ask(store: Store, statement: str) -> list[Any]:
    # Through the store's own driver: a second SQLite library in one process would undo the first one's locks.
    return store._context.read(lambda transaction: transaction.all(text(statement)))
