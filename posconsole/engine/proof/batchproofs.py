"""What the journal proves of batches: how far each came, and every code that it minted."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from posconsole.engine.codes.batches import TERMS
from posconsole.engine.codes.minting import KINDS, OWN, vouched
from posconsole.engine.views import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from posconsole.engine.db.database import Transaction
    from posconsole.engine.journal.chains import Told
    from posconsole.engine.sale.salerows import Fields

    Digest = Callable[[Sequence[Sequence[object]]], str]

_PARTS = {
    name: select(kind.table)
    .where(
        kind.table.c.batch_id == bindparam("batch"),
        kind.table.c.batch_no > bindparam("after"),
        kind.table.c.batch_no <= bindparam("upto"),
    )
    .order_by(kind.table.c.batch_no)
    for name, kind in KINDS.items()
}
_COUNTS = {
    name: select(func.count()).select_from(kind.table).where(kind.table.c.batch_id == bindparam("batch"))
    for name, kind in KINDS.items()
}
_ENDS = {"batch.completed": "completed", "batch.canceled": "canceled"}


def findings(
    transaction: Transaction, batches: list[Fields], told: Iterable[Told], digested: Digest
) -> Iterator[Finding]:
    """Check each batch and its codes, a part at a time, against what is told."""
    by_batch: dict[str, list[Told]] = defaultdict(list)
    for one in told:
        if one.kind.startswith("batch."):
            by_batch[one.subject].append(one)
    for batch in batches:
        yield from _batch(batch, by_batch[batch["id"]], digested)
        yield from _codes(transaction, batch, by_batch[batch["id"]], digested)


def _batch(batch: Fields, told: list[Told], digested: Digest) -> Iterator[Finding]:
    made = [(one.at, one.data.get("rows")) for one in told if one.kind == "batch.created"]
    if made != [(batch["created_at"], digested([[batch[name] for name in TERMS]]))]:
        yield Finding("altered", batch["id"], "the batch is not what it was made as")
    ends: list[tuple[str, int | None]] = [(_ENDS[one.kind], one.at) for one in told if one.kind in _ENDS]
    minted = max((one.data.get("last", 0) for one in told if one.kind == "batch.minted"), default=0)
    now = (batch["status"], batch["finished_at"], batch["minted"])
    if now != (*(ends or [("running", None)])[-1], minted):
        yield Finding("altered", batch["id"], f"it is {batch['status']} at {batch['minted']} past the journal")


def _codes(transaction: Transaction, batch: Fields, told: list[Told], digested: Digest) -> Iterator[Finding]:
    """Check that the codes are those of the parts that were minted, and all of them."""
    terms, start = KINDS[batch["kind"]].terms, 0
    for one in told:
        if one.kind != "batch.minted":
            continue
        span = {"batch": batch["id"], "after": start, "upto": one.data["last"]}
        part = [row._asdict() for row in transaction.all(_PARTS[batch["kind"]], **span)]
        own = {name: [row[name] for row in part] for name in OWN}
        whole = digested(vouched(terms, part, own)) == one.data.get("rows")
        if not whole or any(row["created_at"] != one.at for row in part):
            yield Finding("altered", batch["id"], f"its codes up to number {one.data['last']} are not what was minted")
        start = one.data["last"]
    for kind, statement in _COUNTS.items():
        there, minted = transaction.scalar(statement, batch=batch["id"]), start if kind == batch["kind"] else 0
        if there != minted:
            yield Finding("altered", batch["id"], f"{there} {kind}s are of this batch, {minted} were minted")
