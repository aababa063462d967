"""What the journal proves of paper: how often each receipt, report and voucher was put on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from posconsole.engine.db import paging
from posconsole.engine.journal import chains
from posconsole.engine.paper import printjobs
from posconsole.engine.views import Finding
from posconsole.models import Printed, Voucher, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from posconsole.engine.db.database import Transaction
    from posconsole.engine.journal.chains import Told

_PRINTED, _VOUCHER = table(Printed), table(Voucher)
_PAGE = (
    select(_PRINTED, _VOUCHER.c.batch_id, _VOUCHER.c.batch_no)
    .outerjoin(_VOUCHER, _VOUCHER.c.id == _PRINTED.c.id)
    .where(_PRINTED.c.id > bindparam("after"))
    .order_by(_PRINTED.c.id)
    .limit(paging.MOST)
)
_UNCOUNTED = (
    select(_VOUCHER.c.id)
    .outerjoin(_PRINTED, _PRINTED.c.id == _VOUCHER.c.id)
    .where(
        _VOUCHER.c.batch_id == bindparam("batch"),
        _VOUCHER.c.batch_no >= bindparam("first"),
        _VOUCHER.c.batch_no <= bindparam("last"),
        _PRINTED.c.id.is_(None),
    )
)
_KINDS = set(printjobs.EVENTS.values())


def findings(transaction: Transaction, told: Iterable[Told]) -> Iterator[Finding]:
    """Check every count against the prints that are told, singly and of batches."""
    batches = [one for one in told if one.kind == printjobs.BATCH_EVENT]
    for one in batches:
        span = {name: one.data.get(name, 0) for name in ("first", "last")}
        for voucher in transaction.scalars(_UNCOUNTED, batch=one.subject, **span):
            yield Finding("missing", voucher, "the journal tells that it was printed, and no count does")
    for rows, span in paging.pages(transaction, _PAGE):
        singly = chains.told_of(transaction, span)
        for row in rows:
            prints = sum(one.kind in _KINDS for one in singly[row["id"]])
            prints += sum(_covers(one, row["batch_id"], row["batch_no"]) for one in batches)
            if row["prints"] != prints:
                words = f"it was printed {prints} times, its count is {row['prints']}"
                yield Finding("altered", row["id"], words)


def _covers(one: Told, batch: str | None, number: int | None) -> bool:
    return number is not None and one.subject == batch and one.data["first"] <= number <= one.data["last"]
