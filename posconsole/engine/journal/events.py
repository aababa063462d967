"""Events: what happened, written in the same transaction as the thing itself, chained per till.

Each event's hash is keyed and covers the event before it in its till's chain; the key lies outside the
database. An edited, missing or reordered row shows, and so does a business row that its event's digest no
longer fits. Whoever holds the key can still forge: the journal is tamper-evident, no more.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, text, update

from posconsole.codes import identifier
from posconsole.engine.db.database import Raced, Transaction
from posconsole.errors import NotFound, StorageError
from posconsole.models import Event, Till, table
from posconsole.models.shop import OFFICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posconsole.clock import Clock
    from posconsole.engine.db.database import Database, Row

_EVENT, _TILL = table(Event), table(Till)
_HEAD = (
    select(_TILL.c.receipts, _TILL.c.journal_seq, _TILL.c.journal_head, _TILL.c.last_at)
    .where(_TILL.c.id == bindparam("till"))
    .with_for_update(key_share=True)
)
_ADVANCE = (
    update(_TILL)
    .where(_TILL.c.id == bindparam("till"), _TILL.c.journal_seq == bindparam("was"))
    .values(
        receipts=bindparam("receipts"),
        journal_seq=bindparam("seq"),
        journal_head=bindparam("head"),
        last_at=bindparam("now"),
    )
)
_TOLD = (
    select(_EVENT)
    .where(_EVENT.c.subject == bindparam("subject"), _EVENT.c.type == bindparam("kind"))
    .order_by(_EVENT.c.seq)
    .limit(1)
)
_NEWEST = text("SELECT last_value FROM event_seq_seq")
_ALL_TILLS = select(_TILL.c.id).order_by(_TILL.c.id)
_WAIT = select(_TILL.c.id).where(_TILL.c.id == bindparam("till")).with_for_update(read=True)
_FIRST = select(
    _EVENT.c.till_id,
    _EVENT.c.till_seq,
    _EVENT.c.id,
    _EVENT.c.type,
    _EVENT.c.subject,
    _EVENT.c.operator,
    _EVENT.c.at,
    _EVENT.c.data,
    _EVENT.c.hash,
).where(_EVENT.c.till_id == OFFICE, _EVENT.c.till_seq == 1)
SET_BACK = "clock.set_back"
"""The event that goes before those of an earlier time than the till's last."""
KEY_VARIABLE = "POSCONSOLE_JOURNAL_KEY"
canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
"""Write a JSON value in the one way that is hashed."""


def seal(key: bytes, *parts: object) -> str:
    """Return the keyed hash of some values."""
    return hmac.digest(key, canonical(parts).encode(), hashlib.sha256).hex()


def digest(key: bytes, rows: Iterable[Iterable[object]]) -> str:
    """Return the keyed hash of business rows, for the event that writes them; a bool counts as 0 or 1."""
    return seal(key, [[int(value) if value is True or value is False else value for value in row] for row in rows])


def cause_of(subject: str, data: Mapping[str, Any]) -> str:
    """Return what an event's ledger entries and its request stand under, where that isn't its subject."""
    cause: str = data.get("refund") or data.get("cause") or subject
    return cause


@dataclass(slots=True)
class Journal:
    """The events and the receipt number of one transaction at one till."""

    till: str
    operator: str
    key: bytes
    approved_by: str | None = None
    now: int = 0
    receipts: int = 0
    head: str = ""
    _seq: int = 0
    _was: int = 0
    _last: int = 0
    _claimed: tuple[str, str] | None = None
    _rows: list[dict[str, object]] = field(default_factory=list)

    def begin(self, transaction: Transaction, clock: Clock) -> None:
        """Read the till's counters, its row being this transaction's until it ends, and then the clock, once."""
        row = transaction.first(_HEAD, till=self.till)
        if row is None:
            raise NotFound(f"There is no till {self.till} in this shop", field="till")
        self.receipts, self._seq, self.head, self._last = row
        self._was = self._seq
        # Not before the row is there: a writer that had to wait would come after one with a later time.
        self.now = clock.now()

    def next_receipt(self) -> int:
        """Take the till's next receipt number. It is given back when the transaction doesn't commit."""
        self.receipts += 1
        return self.receipts

    def vouch(self, result: str, request: str) -> None:
        """Let the first event about `result` tell the digest of the request that it came of.

        When there is none, because what was asked for was so already, an event of its own tells it.
        """
        self._claimed = result, request

    def record(self, kind: str, subject: str, **data: object) -> None:
        """Add an event to the till's chain. When the clock was set back since its last one, that is told first."""
        if self.now < self._last:
            last, self._last = self._last, self.now
            self.record(SET_BACK, self.till, last=last)
        if self._claimed is not None and cause_of(subject, data) == self._claimed[0]:
            data["request"], self._claimed = self._claimed[1], None
        self._seq += 1
        body = canonical(data if self.approved_by is None else data | {"approved_by": self.approved_by})
        event = identifier("evt")
        self.head = seal(self.key, self.head, self.till, self._seq, event, kind, subject, self.operator, self.now, body)
        self._rows.append(
            {
                "id": event,
                "till_id": self.till,
                "till_seq": self._seq,
                "type": kind,
                "subject": subject,
                "operator": self.operator,
                "at": self.now,
                "data": body,
                "hash": self.head,
            }
        )

    def close(self, transaction: Transaction) -> None:
        """Write the events and move the till's counters on."""
        if self._claimed is not None:
            self.record("request.made", self._claimed[0])
        if not self._rows:
            return
        transaction.insert(_EVENT, self._rows)
        moved = transaction.change(
            _ADVANCE,
            till=self.till,
            was=self._was,
            receipts=self.receipts,
            seq=self._seq,
            head=self.head,
            now=self.now,
        )
        if moved != 1:
            raise Raced


def told(transaction: Transaction, kind: str, subject: str) -> tuple[Row, dict[str, Any]]:
    """Return the first event of a kind about something, and its data. It has to be there."""
    (row,) = transaction.all(_TOLD, kind=kind, subject=subject)
    return row, json.loads(row.data)


def settled(database: Database) -> int:
    """Return a sequence number up to which no more events can come.

    A server gives numbers out before it commits, so a later one may be seen before an earlier one. Whoever has been
    given a number has its till's row until it ends: waiting for each till's writer of this moment is enough.
    """
    if database.server.one_writer:
        return 2**63 - 1
    newest: int = database.read(lambda transaction: transaction.scalar(_NEWEST))
    for till in database.read(lambda transaction: transaction.scalars(_ALL_TILLS)):
        database.write(partial(Transaction.first, statement=_WAIT, till=till))
    return newest


def journal_key(database: Database, *, founding: bool) -> bytes:
    """Return the key of a shop's journal: `POSCONSOLE_JOURNAL_KEY`, or this machine's file for the database.

    The file lies beside a SQLite database, or in the user's data folder. Only who founds the shop makes one: any
    other machine is given a copy.
    """
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return given.encode()
    path = database.server.beside(".key")
    try:
        if founding and not path.exists():
            _write_key(path)
        key = path.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        raise StorageError(
            f"{path}: the journal's key is not there. Copy it from a machine or a backup that has it."
        ) from None
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}. The journal's key has to be kept there.") from error
    if len(key) < 32 or not key.isascii():
        raise StorageError(f"{path}: the journal's key is cut short or damaged. Restore it from a backup.")
    return key.encode()


def check_key(transaction: Transaction, key: bytes, database: Database) -> None:
    """Check that a key sealed the shop's first event: with another, every entry from here on would be broken."""
    first = transaction.first(_FIRST)
    if first is not None and seal(key, "", *first[:-2], first.data) != first.hash:
        place = KEY_VARIABLE if os.environ.get(KEY_VARIABLE) else database.server.beside(".key")
        raise StorageError(
            f"{place}: this is not the journal's key with which the shop was founded. Copy it from a machine or a"
            " backup that has it."
        )


def _write_key(path: Path) -> None:
    """Make a key appear whole or not at all; of two tills that try, one wins."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(handle)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """See to it that a power cut doesn't take a new file's name. Windows can't open a folder, and needn't."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
