"""The chains of the journal: whether each till's is whole, and what its entries tell."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from posconsole.engine.events import SET_BACK, seal
from posconsole.engine.views import Finding
from posconsole.models import Event, Till, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole.engine.database import Row, Transaction

# In the order of writing, not by till: what two tills did to one coupon counts in the order in which they did it.
_EVENTS = select(table(Event)).order_by(table(Event).c.seq)
_TILLS = select(table(Till))


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry tells: when, of what kind and about what, and its data; and who did it where."""

    kind: str
    subject: str
    at: int
    data: dict[str, Any]
    id: str
    till: str
    operator: str


def read(transaction: Transaction) -> tuple[list[Row], list[Row]]:
    """Return the tills, and all entries in the order of writing."""
    return transaction.all(_TILLS), transaction.all(_EVENTS)


def broken(key: bytes, tills: list[Row], events: list[Row]) -> Iterator[Finding]:
    """Walk each till's chain. The till's own row holds its head, so that a cut-off tail shows too."""
    by_till: dict[str, list[Row]] = defaultdict(list)
    for event in events:
        by_till[event.till_id].append(event)
    for till in tills:
        head, seq, last = "", 0, 0
        for event in by_till[till.id]:
            seq += 1
            if event.till_seq != seq:
                yield Finding("journal", f"till {till.id}", f"entry {seq} is missing or out of its order")
                seq = event.till_seq
            parts = (event.till_id, event.till_seq, event.id, event.type, event.subject, event.operator, event.at)
            if seal(key, head, *parts, event.data) != event.hash:
                yield Finding("journal", event.id, f"entry {seq} of till {till.id} is not what was written")
            if event.at < last and event.type != SET_BACK:
                yield Finding("clock", event.id, f"entry {seq} of till {till.id} is older than the one before it")
            head, last = event.hash, event.at
        if (till.journal_seq, till.journal_head, till.last_at) != (seq, head, last):
            yield Finding("journal", f"till {till.id}", f"the journal ends at {seq}, its head is at {till.journal_seq}")


def told(events: list[Row]) -> Iterator[Told]:
    """Read what the entries tell. One whose data can't be read tells nothing; its hash has shown it already."""
    for event in events:
        try:
            data = json.loads(event.data)
        except (TypeError, ValueError):
            continue
        if isinstance(data, dict):
            yield Told(event.type, event.subject, event.at, data, event.id, event.till_id, event.operator)
