"""A bank to play with. It keeps its own log, in a file of its own, as a real one would.

The cards are those of the source documents, and two whose answer never comes back. No number is kept.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from posconsole.tenders.base import UNKNOWN, Answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APPROVES = "4242424242424242"
DECLINES = "4000000000000002"
ANSWER_LOST = "4000000000000119"
"""The bank takes the money, and its answer is lost on the way: asked again, it says captured."""
STAYS_UNKNOWN = "4000000000000259"
"""The bank can't say, however often it is asked: a person has to settle it."""

_OUTCOMES = {APPROVES: "captured", DECLINES: "declined", ANSWER_LOST: "captured", STAYS_UNKNOWN: "unknown"}
_SCHEMA = """
CREATE TABLE IF NOT EXISTS charge (
    reference TEXT PRIMARY KEY, amount INTEGER NOT NULL, currency TEXT NOT NULL, status TEXT NOT NULL,
    approval_code TEXT, refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded <= amount));
CREATE TABLE IF NOT EXISTS refund (
    refund TEXT PRIMARY KEY, reference TEXT NOT NULL REFERENCES charge, amount INTEGER NOT NULL);
"""


class SandboxBank:
    """A bank with its log in `path`."""

    by_hand = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def charge(self, reference: str, amount: int, currency: str, number: str | None) -> Answer:
        """Take the money or not, as the card's number says; a number it doesn't know is declined."""
        card = "".join((number or "").split())
        status = _OUTCOMES.get(card, "declined")
        with self._log() as log:
            log.execute(
                "INSERT INTO charge (reference, amount, currency, status, approval_code) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (reference, amount, currency, status, _approval(reference) if status == "captured" else None),
            )
        return UNKNOWN if card == ANSWER_LOST else self.outcome(reference)

    def outcome(self, reference: str) -> Answer:
        """Say what its log has under this reference; a voided charge is declined."""
        with self._log() as log:
            row = log.execute("SELECT status, approval_code FROM charge WHERE reference = ?", (reference,)).fetchone()
        if row is None:
            return Answer("absent")
        return Answer("declined") if row[0] == "voided" else Answer(*row)

    def void(self, reference: str) -> Answer:
        """Undo or forbid a charge. One whose outcome it can't tell stays so."""
        with self._log() as log:
            log.execute(
                "INSERT INTO charge (reference, amount, currency, status) VALUES (?, 0, '', 'voided')"
                " ON CONFLICT DO UPDATE SET status = 'voided' WHERE status <> 'unknown'",
                (reference,),
            )
            row = log.execute("SELECT status FROM charge WHERE reference = ?", (reference,)).fetchone()
        return Answer("captured") if row[0] == "voided" else UNKNOWN

    def refund(self, reference: str, refund: str, amount: int) -> Answer:
        """Give back a part of a charge; more than it took is declined."""
        with self._log() as log:
            new = log.execute(
                "INSERT INTO refund VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (refund, reference, amount)
            ).rowcount
            if not new:
                return Answer("captured")
            taken = log.execute(
                "UPDATE charge SET refunded = refunded + ? WHERE reference = ? AND refunded + ? <= amount",
                (amount, reference, amount),
            ).rowcount
            if not taken:
                log.execute("DELETE FROM refund WHERE refund = ?", (refund,))
        return Answer("captured" if taken else "declined")

    @contextmanager
    def _log(self) -> Iterator[sqlite3.Connection]:
        """Open the log in a transaction; a bank doesn't forget, so it is synced before anything is answered."""
        with self._lock, closing(self._connect()) as log:
            log.execute("BEGIN IMMEDIATE")
            yield log
            log.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        new = not self._path.exists()
        if new:
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))
        log = sqlite3.connect(self._path, timeout=4.5, isolation_level=None)
        log.executescript("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;" + _SCHEMA)
        return log


def _approval(reference: str) -> str:
    """Make up an approval code that looks like a bank's and is the same for the same charge."""
    return str(int.from_bytes(reference.encode()[-8:], "big") % 1_000_000).zfill(6)
