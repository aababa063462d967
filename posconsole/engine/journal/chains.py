"""The chains of the journal: whether each till's is whole, and what its entries tell."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from posconsole.engine.db import paging
from posconsole.engine.db.database import one_of
from posconsole.engine.journal.events import SET_BACK, seal
from posconsole.engine.views import Finding
from posconsole.models import Event, Till, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole.engine.db.database import Row, Transaction

_EVENT = table(Event)
# In the order of writing, not by till: what two tills did to one coupon counts in the order in which they did it.
_ENTRIES = select(_EVENT).where(_EVENT.c.seq > bindparam("after")).order_by(_EVENT.c.seq).limit(paging.MOST)
_TILLS = select(table(Till))
_USES = one_of(
    _EVENT.c.type,
    "coupon.redeemed",
    "coupon.redemption.reversed",
    "loyalty.offer.redeemed",
    "loyalty.offer.reversed",
)
_OF = (
    select(_EVENT)
    .where(paging.within(_EVENT.c.subject), ~_USES, _EVENT.c.type.not_like("points.%"))
    .order_by(_EVENT.c.seq)
)


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


class Chains:
    """The chains of all tills, followed side by side."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._ends: dict[str, tuple[int, str, int]] = {}

    def follow(self, event: Row) -> Iterator[Finding]:
        """Check that the next entry continues its till's chain, and no time runs back unmarked."""
        seq, head, last = self._ends.get(event.till_id, (0, "", 0))
        seq += 1
        if event.till_seq != seq:
            yield Finding("journal", f"till {event.till_id}", f"entry {seq} is missing or out of its order")
            seq = event.till_seq
        parts = (event.till_id, event.till_seq, event.id, event.type, event.subject, event.operator, event.at)
        if seal(self._key, head, *parts, event.data) != event.hash:
            yield Finding("journal", event.id, f"entry {seq} of till {event.till_id} is not what was written")
        if event.at < last and event.type != SET_BACK:
            yield Finding("clock", event.id, f"entry {seq} of till {event.till_id} is older than the one before it")
        self._ends[event.till_id] = seq, event.hash, event.at

    def end(self, transaction: Transaction) -> Iterator[Finding]:
        """Check the chains' ends. The till's own row holds its head, so that a cut-off tail shows too."""
        for till in transaction.all(_TILLS):
            seq, head, last = self._ends.get(till.id, (0, "", 0))
            if (till.journal_seq, till.journal_head, till.last_at) != (seq, head, last):
                words = f"the journal ends at {seq}, its head is at {till.journal_seq}"
                yield Finding("journal", f"till {till.id}", words)


def entries(transaction: Transaction) -> Iterator[Row]:
    """Give all entries in the order of writing."""
    after = -(2**62)
    while page := transaction.all(_ENTRIES, after=after, most=paging.PAGE):
        yield from page
        after = page[-1].seq


def told(event: Row) -> Told | None:
    """Read what an entry tells. One whose data can't be read tells nothing; its hash has shown it already."""
    try:
        data = json.loads(event.data)
    except (TypeError, ValueError):
        return None
    if not isinstance(data, dict):
        return None
    return Told(event.type, event.subject, event.at, data, event.id, event.till_id, event.operator)


def told_of(transaction: Transaction, span: dict[str, Any]) -> dict[str, list[Told]]:
    """Return what is told of each subject on a page, but for the uses of coupons and offers, and points: many."""
    by_subject: dict[str, list[Told]] = defaultdict(list)
    for event in transaction.all(_OF, **span):
        one = told(event)
        if one is not None:
            by_subject[one.subject].append(one)
    return by_subject
