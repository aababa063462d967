"""The one ledger writer: balanced sets of entries.

An entry is a credit when positive: what the shop owes or has earned. What it holds is negative. So a
voucher's balance is the sum of its entries, and all entries of a transaction, hence all there are, come to 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posconsole.models import LedgerEntry, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from posconsole.engine.database import Transaction

_ENTRY = table(LedgerEntry)


@dataclass(frozen=True, slots=True)
class Entry:
    """A credit (or, negative, a debit) to an account; `subject` says whose it is.

    In minor units of the shop's currency, or in what `unit` says.
    """

    account: str
    kind: str
    amount: int
    subject: str | None = None
    unit: str | None = None


def post(
    transaction: Transaction, cause: str, currency: str, entries: Iterable[Entry], now: int
) -> list[tuple[object, ...]]:
    """Write the entries of one cause, less those of 0, and return them as the journal hashes them."""
    kept = [entry for entry in entries if entry.amount]
    sums: dict[str | None, int] = {}
    for entry in kept:
        sums[entry.unit] = sums.get(entry.unit, 0) + entry.amount
    if any(sums.values()):
        raise AssertionError(f"the entries of {cause} do not balance: {kept}")
    transaction.insert(
        _ENTRY,
        [
            {
                "cause": cause,
                "account": entry.account,
                "subject": entry.subject,
                "kind": entry.kind,
                "unit": entry.unit or currency,
                "amount": entry.amount,
                "at": now,
            }
            for entry in kept
        ],
    )
    return [(entry.account, entry.subject, entry.kind, entry.unit or currency, entry.amount) for entry in kept]
