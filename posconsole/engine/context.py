"""What every verb works with: the database, the shop, who is at which till, and one unit of work."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import bindparam, select

from posconsole.engine.arguments import text
from posconsole.engine.codes.guesses import Tried
from posconsole.engine.db.background import Background
from posconsole.engine.db.database import Raced
from posconsole.engine.journal import ledger
from posconsole.engine.journal.events import Journal, digest
from posconsole.engine.staff.access import MANAGER
from posconsole.errors import IdempotencyConflict, InvalidInput
from posconsole.models import IdempotencyKey, table
from posconsole.tenders.base import Asked
from posconsole.tenders.standalone import StandaloneTerminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from posconsole.clock import Clock
    from posconsole.engine.db.database import Database, Transaction
    from posconsole.engine.views import ShopView
    from posconsole.tenders.base import CardDevice

T = TypeVar("T")
BY_HAND = StandaloneTerminal()
_KEY = table(IdempotencyKey)
_FIND_KEY = select(_KEY.c.operation, _KEY.c.request_hash, _KEY.c.result).where(_KEY.c.key == bindparam("key"))


@dataclass(slots=True)
class Unit:
    """One unit of work: a transaction, the one reading of the clock, the journal and the books."""

    transaction: Transaction
    journal: Journal
    now: int
    currency: str
    key: bytes

    def post(self, cause: str, entries: Iterable[ledger.Entry]) -> list[tuple[object, ...]]:
        """Write balanced ledger entries in the shop's currency."""
        return ledger.post(self.transaction, cause, self.currency, entries, self.now)

    def digest(self, rows: Iterable[Iterable[object]]) -> str:
        """Return the keyed hash under which an event vouches for business rows."""
        return digest(self.key, rows)

    def booked(self, entries: Sequence[tuple[object, ...]]) -> dict[str, object]:
        """Return what the event of a transaction tells of the ledger entries that it posted."""
        return {"ledger": self.digest(entries), "entries": len(entries)}

    def once(self, request: Request, result: str) -> str | None:
        """Claim the request's key for `result`, or return the result of the call that claimed it before.

        What is claimed is told with the first event about `result`. Before anything is refused for the state that
        an earlier call may have left, this has to be asked. Raises `IdempotencyConflict` when the key came with
        another request.
        """
        if request.key is None:
            return None
        row = {
            "key": request.key,
            "operation": request.operation,
            "request_hash": request.hash,
            "result": result,
        }
        if self.transaction.insert(_KEY, [row], ignore=True) == 1:
            self.journal.vouch(result, self.digest([request.row()]))
            return None
        found = self.transaction.first(_FIND_KEY, key=request.key)
        if found is None:
            # Claimed by a transaction that this one's snapshot is too old to see.
            raise Raced
        if (found.operation, found.request_hash) != (request.operation, request.hash):
            raise IdempotencyConflict(
                "This idempotency key was used for another request. Take a new key.", field="idempotency_key"
            )
        earlier: str = found.result
        return earlier


@dataclass(frozen=True, slots=True)
class Request:
    """A writing call as its caller meant it: the key, and a hash that another request would not have."""

    operation: str
    key: str | None
    hash: str

    def row(self) -> list[object]:
        """Return what is kept of the request, as the journal's digest covers it."""
        return [self.key, self.operation, self.hash]

    @staticmethod
    def of(operation: str, key: str | None, **meaning: object) -> Request:
        """Return the request with these arguments. No card number may be among them."""
        if key is None:
            return Request(operation, None, "")
        # An empty key would make every call that came with one the same.
        if not text(key, "idempotency_key"):
            raise InvalidInput("An idempotency key can't be empty", field="idempotency_key")
        # What can't be written is hashed all the same: it is refused where it is read, with its field.
        try:
            written = json.dumps(meaning, sort_keys=True, separators=(",", ":"), default=repr)
        except (TypeError, ValueError, RecursionError):
            raise InvalidInput("Something in this request is nothing that a request can hold") from None
        return Request(operation, key, hashlib.sha256(written.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Context:
    """A database as seen from a till by an operator with a role. The back office is the till `0`.

    `approved_by` is the manager who lends their role on the spot: every event then names them.
    """

    database: Database
    shop: ShopView
    clock: Clock
    key: bytes
    devices: Mapping[str, CardDevice]
    till: str
    operator: str
    role: str = MANAGER
    approved_by: str | None = None
    tried: Tried = field(default_factory=Tried, repr=False, compare=False)
    background: Background = field(default_factory=Background, repr=False, compare=False)

    def device(self, kind: str) -> CardDevice:
        """Return the device of a tender kind; for one that isn't there (any more) a person has to answer.

        A device that breaks is one that doesn't know: nothing it raises gets out.
        """
        return Asked(self.devices.get(kind, BY_HAND))

    def write(self, work: Callable[[Unit], T], till: str | None = None) -> T:
        """Run `work` in one writing transaction; its events and its till's counters are written at its end.

        `till` is whose receipts and journal it belongs to when that isn't the till at which it is done.
        """

        def whole(transaction: Transaction) -> T:
            journal = Journal(till or self.till, self.operator, self.key, self.approved_by)
            journal.begin(transaction, self.clock)
            unit = Unit(transaction, journal, journal.now, self.shop.currency.code, self.key)
            result = work(unit)
            journal.close(transaction)
            return result

        return self.database.write(whole)

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` on one consistent state of the database."""
        return self.database.read(work)
