"""What vouchers held, and a member had in points, right after a sale or a refund: its copies say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from posconsole.engine.db.database import among, one_of, values
from posconsole.models import LedgerEntry, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from posconsole.engine.db.database import Transaction

_ENTRY = table(LedgerEntry)
# Whoever changes a balance holds its row until the entries are written: its entries are numbered in their order.
_LAST = select(func.max(_ENTRY.c.seq)).where(_ENTRY.c.cause == bindparam("cause")).scalar_subquery()
_AFTER = (
    select(_ENTRY.c.subject, func.sum(_ENTRY.c.amount))
    .where(
        one_of(_ENTRY.c.account, "voucher", "points"),
        among(_ENTRY.c.subject, bindparam("subjects")),
        _ENTRY.c.seq <= _LAST,
    )
    .group_by(_ENTRY.c.subject)
)


def after(transaction: Transaction, cause: str, subjects: Iterable[str | None]) -> dict[str, int]:
    """Return the balances of vouchers and members, by their ids, as a payment or a refund left them."""
    wanted = sorted({subject for subject in subjects if subject})
    return dict(map(tuple, transaction.all(_AFTER, cause=cause, subjects=values(wanted)))) if wanted else {}
