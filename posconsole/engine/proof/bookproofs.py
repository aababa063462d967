"""What the journal proves of the books and of requests: every entry was booked, and every key came with a request."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from posconsole.engine.db import paging
from posconsole.engine.db.database import among, values
from posconsole.engine.db.paging import each, page_of
from posconsole.engine.journal import chains
from posconsole.engine.journal.events import cause_of, digest, seal
from posconsole.engine.views import Finding
from posconsole.models import Event, IdempotencyKey, LedgerEntry, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.journal.chains import Told

_ENTRY, _EVENT = table(LedgerEntry), table(Event)
_AFTER = or_(
    _ENTRY.c.cause > bindparam("cause"),
    (_ENTRY.c.cause == bindparam("cause")) & (_ENTRY.c.seq > bindparam("seq")),
)
_BY_CAUSE = select(_ENTRY).where(_ENTRY.c.cause >= bindparam("cause"), _AFTER)
_BY_CAUSE = _BY_CAUSE.order_by(_ENTRY.c.cause, _ENTRY.c.seq).limit(paging.MOST)
_KEYS = page_of(IdempotencyKey, by="key")
_BOOKED = "account subject kind unit amount".split()
_REQUEST = "key operation request_hash".split()
_WITH_LEDGER = _EVENT.c.data.like('%"ledger":%')
_TOLD = select(_EVENT).where(among(_EVENT.c.subject, bindparam("causes")), _WITH_LEDGER).order_by(_EVENT.c.seq)
_UNBOOKED = (
    select(_EVENT)
    .outerjoin(_ENTRY, _ENTRY.c.cause == _EVENT.c.subject)
    .where(_ENTRY.c.seq.is_(None), _WITH_LEDGER)
    .order_by(_EVENT.c.seq)
)
_REQUESTED = select(_EVENT).where(_EVENT.c.data.like('%"request":%'), _EVENT.c.seq > bindparam("after"))
_REQUESTED = _REQUESTED.order_by(_EVENT.c.seq).limit(paging.MOST)


class Books:
    """What the journal tells of the books, as far as it isn't found by its subject."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._elsewhere: dict[str, list[Told]] = defaultdict(list)
        self._requests = 0

    def follow(self, one: Told) -> None:
        """Take the next entry of the journal in."""
        if "ledger" in one.data and cause_of(one.subject, one.data) != one.subject:
            self._elsewhere[cause_of(one.subject, one.data)].append(one)
        if "request" in one.data:
            self._requests += self._weight(cause_of(one.subject, one.data), one.data["request"])

    def findings(self, transaction: Transaction) -> Iterator[Finding]:
        """Check the ledger and the idempotency keys."""
        yield from self._ledger(transaction)
        for cause in self._missing(transaction):
            yield Finding("altered", cause, "its ledger entries are gone")
        yield from self._keys(transaction)

    # -- the ledger -----------------------------------------------------------------------------------

    def _ledger(self, transaction: Transaction) -> Iterator[Finding]:
        account: _Account | None = None
        for page in _pages(transaction):
            told = self._told_of(transaction, {row.cause for row in page})
            for cause, rows in groupby(page, key=lambda row: row.cause):
                if account is None or account.cause != cause:
                    yield from account.end() if account else ()
                    account = _Account(self._key, cause, told[cause])
                account.add(list(rows))
        yield from account.end() if account else ()

    def _told_of(self, transaction: Transaction, causes: set[str]) -> dict[str, list[Told]]:
        by_cause: dict[str, list[Told]] = defaultdict(list)
        for one in map(chains.told, transaction.all(_TOLD, causes=values(sorted(causes)))):
            if one is not None and "ledger" in one.data and cause_of(one.subject, one.data) == one.subject:
                by_cause[one.subject].append(one)
        for cause in causes:
            by_cause[cause] += self._elsewhere.pop(cause, ())
        return by_cause

    def _missing(self, transaction: Transaction) -> Iterator[str]:
        """Give what was booked and isn't there at all; what was found has been taken from `_elsewhere` by now."""
        for one in map(chains.told, transaction.all(_UNBOOKED)):
            if one is not None and one.data.get("entries") and cause_of(one.subject, one.data) == one.subject:
                yield one.subject
        for cause, entries in self._elsewhere.items():
            if any(one.data.get("entries") for one in entries):
                yield cause

    # -- requests -------------------------------------------------------------------------------------

    def _weight(self, result: str, request: object) -> int:
        return int(seal(self._key, result, request), 16)

    def _keys(self, transaction: Transaction) -> Iterator[Finding]:
        """Check that the keys are those that are told: their weights have one sum, or it is looked for which differ."""
        kept = sum(self._weight(result, request) for result, request in self._kept(transaction))
        if kept == self._requests:
            return
        differ = Counter(self._kept(transaction))
        differ.subtract(_requested(transaction))
        for result in sorted({result for (result, _), count in differ.items() if count}):
            yield Finding("altered", result, "its idempotency key is gone or was changed")

    def _kept(self, transaction: Transaction) -> Iterator[tuple[str, str]]:
        for row in each(transaction, _KEYS, "key"):
            yield str(row["result"]), digest(self._key, [[row[name] for name in _REQUEST]])


class _Account:
    """The entries of one cause, which have to fall into the sets that were booked one after the other."""

    def __init__(self, key: bytes, cause: str, told: list[Told]) -> None:
        self.cause = cause
        self._key = key
        self._told = deque(told)
        self._rows: list[Row] = []
        self._sound = True

    def add(self, rows: list[Row]) -> None:
        """Take the next entries in; those of a set are looked at once all of it is there, and then forgotten."""
        self._rows += rows
        start = 0
        while self._told and len(self._rows) - start >= self._told[0].data.get("entries", 0):
            one = self._told.popleft()
            booked, start = self._rows[start : start + one.data.get("entries", 0)], start + one.data.get("entries", 0)
            found = digest(self._key, [[getattr(row, name) for name in _BOOKED] for row in booked])
            self._sound &= found == one.data["ledger"] and all(row.at == one.at for row in booked)
        del self._rows[:start]

    def end(self) -> Iterator[Finding]:
        """Check that nothing is left over."""
        if not self._sound or self._rows or self._told:
            yield Finding("altered", self.cause, "its ledger entries are not what was booked")


def _pages(transaction: Transaction) -> Iterator[list[Row]]:
    place: dict[str, Any] = {"cause": "", "seq": 0}
    while page := transaction.all(_BY_CAUSE, **place, most=paging.PAGE):
        yield page
        place = {"cause": page[-1].cause, "seq": page[-1].seq}


def _requested(transaction: Transaction) -> Iterator[tuple[str, str]]:
    after = 0
    while page := transaction.all(_REQUESTED, after=after, most=paging.PAGE):
        for one in map(chains.told, page):
            if one is not None and "request" in one.data:
                yield cause_of(one.subject, one.data), str(one.data["request"])
        after = page[-1].seq
