"""The one ledger writer: balanced sets of entries.

An entry is a credit when positive: what the shop owes or has earned. What it holds is negative. So a
voucher's balance is the sum of its entries, and all entries of a transaction, hence all there are, come to 0.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, cast, insert, select

from posconsole.engine.db.database import each_of, values
from posconsole.models import LedgerEntry, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from posconsole.engine.db.database import Transaction

_ENTRY = table(LedgerEntry)
_SHARED = "cause account kind unit amount at".split()
_OF_EACH = insert(_ENTRY).from_select(
    [*_SHARED, "subject"],
    select(*(cast(bindparam(f"the_{name}"), _ENTRY.c[name].type) for name in _SHARED), each_of(bindparam("subjects"))),
    include_defaults=False,
)
MANY = 50
"""So many entries that differ in their subject alone go in as one statement."""


class Entry(NamedTuple):
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
    posted: list[tuple[object, ...]] = [
        (entry.account, entry.subject, entry.kind, entry.unit or currency, entry.amount) for entry in kept
    ]
    _write(transaction, posted, {"cause": cause, "at": now})
    return posted


def _write(transaction: Transaction, posted: Sequence[tuple[object, ...]], common: dict[str, object]) -> None:
    names = ("account", "subject", "kind", "unit", "amount")
    if len(posted) < MANY:
        transaction.insert(_ENTRY, [{**common, **dict(zip(names, entry, strict=True))} for entry in posted])
        return
    for (account, kind, unit, amount), same in groupby(posted, lambda entry: (entry[0], *entry[2:])):
        shared = {"account": account, "kind": kind, "unit": unit, "amount": amount, **common}
        given = {f"the_{name}": value for name, value in shared.items()}
        transaction.change(_OF_EACH, subjects=values([entry[1] for entry in same]), **given)
