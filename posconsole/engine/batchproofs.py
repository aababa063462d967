"""What the journal proves of batches: how far each came, and every code that it minted."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from posconsole.engine.batches import TERMS
from posconsole.engine.minting import KINDS
from posconsole.engine.views import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from posconsole.engine.chains import Told
    from posconsole.engine.salerows import Fields

_ENDS = {"batch.completed": "completed", "batch.canceled": "canceled"}


def findings(
    batches: list[Fields],
    codes: dict[str, list[Fields]],
    told: Iterable[Told],
    digested: Callable[[list[list[object]]], str],
) -> Iterator[Finding]:
    """Check each batch, and its `codes` by its kind's name, against what is told. Each code is looked at once."""
    by_batch: dict[str, list[Told]] = defaultdict(list)
    for one in told:
        if one.kind.startswith("batch."):
            by_batch[one.subject].append(one)
    minted: dict[tuple[str, str], list[Fields]] = defaultdict(list)
    for kind, rows in codes.items():
        for row in rows:
            if row["batch_id"] is not None:
                minted[kind, row["batch_id"]].append(row)
    for batch in batches:
        events = by_batch.pop(batch["id"], [])
        yield from _batch(batch, events, digested)
        yield from _codes(batch, minted.pop((batch["kind"], batch["id"]), []), events, digested)
    for missing in by_batch:
        yield Finding("missing", missing, "the journal tells of this batch, and it is gone")
    for kind, batch_id in minted:
        yield Finding("altered", batch_id, f"{kind}s claim to be of this batch, which isn't theirs")


def _batch(batch: Fields, told: list[Told], digested: Callable[[list[list[object]]], str]) -> Iterator[Finding]:
    made = [(one.at, one.data.get("rows")) for one in told if one.kind == "batch.created"]
    if made != [(batch["created_at"], digested([[batch[name] for name in TERMS]]))]:
        yield Finding("altered", batch["id"], "the batch is not what it was made as")
    ends: list[tuple[str, int | None]] = [(_ENDS[one.kind], one.at) for one in told if one.kind in _ENDS]
    minted = max((one.data.get("last", 0) for one in told if one.kind == "batch.minted"), default=0)
    now = (batch["status"], batch["finished_at"], batch["minted"])
    if now != (*(ends or [("running", None)])[-1], minted):
        yield Finding("altered", batch["id"], f"it is {batch['status']} at {batch['minted']} past the journal")


def _codes(
    batch: Fields, rows: list[Fields], told: list[Told], digested: Callable[[list[list[object]]], str]
) -> Iterator[Finding]:
    """Check that the codes are those of the parts that were minted, and all of them."""
    terms, start = KINDS[batch["kind"]].terms, 0
    rows = sorted(rows, key=lambda row: row["batch_no"] or 0)
    for one in told:
        if one.kind != "batch.minted":
            continue
        part = rows[start : one.data["last"]]
        whole = digested([[row[name] for name in terms] for row in part]) == one.data.get("rows")
        if not whole or any(row["created_at"] != one.at for row in part):
            yield Finding("altered", batch["id"], f"its codes up to number {one.data['last']} are not what was minted")
        start = one.data["last"]
    if len(rows) != start:
        yield Finding("altered", batch["id"], f"{len(rows)} codes are of this batch, {start} were minted")
