"""The one ledger writer: balanced sets of entries.

An entry is a credit when positive: what the shop owes or has earned. What it holds is negative. So a
voucher's balance is the sum of its entries, and all entries of a transaction, hence all there are, come to 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, cast, insert, select

from posconsole.engine.db.database import each_of, values
from posconsole.models import LedgerEntry, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from posconsole.engine.db.database import Transaction

_ENTRY = table(LedgerEntry)
_NAMES = ("account", "subject", "kind", "unit", "amount")
_SHARED = "cause account kind unit amount at".split()
_OF_EACH = insert(_ENTRY).from_select(
    [*_SHARED, "subject"],
    select(*(cast(bindparam(f"the_{name}"), _ENTRY.c[name].type) for name in _SHARED), each_of(bindparam("subjects"))),
    include_defaults=False,
)


class Entry(NamedTuple):
    """A credit (or, negative, a debit) to an account; `subject` says whose it is, `each` whose such entries there are.

    In minor units of the shop's currency, or in what `unit` says.
    """

    account: str
    kind: str
    amount: int
    subject: str | None = None
    unit: str | None = None
    each: Sequence[str] = ()


def post(
    transaction: Transaction, cause: str, currency: str, entries: Iterable[Entry], now: int
) -> list[tuple[object, ...]]:
    """Write the entries of one cause, less those of 0, and return them as the journal hashes them."""
    # Those of many first: each is one statement, the others are another.
    kept = sorted((entry for entry in entries if entry.amount), key=lambda entry: not entry.each)
    sums: dict[str | None, int] = {}
    for entry in kept:
        sums[entry.unit] = sums.get(entry.unit, 0) + entry.amount * (len(entry.each) or 1)
    if any(sums.values()):
        raise AssertionError(f"the entries of {cause} do not balance: {kept}")
    posted: list[tuple[object, ...]] = [
        (entry.account, subject, entry.kind, entry.unit or currency, entry.amount)
        for entry in kept
        for subject in entry.each or (entry.subject,)
    ]
    common: dict[str, object] = {"cause": cause, "at": now}
    for entry in kept:
        if entry.each:
            row = {"account": entry.account, "kind": entry.kind, "unit": entry.unit or currency, "amount": entry.amount}
            given = {f"the_{name}": value for name, value in (common | row).items()}
            transaction.change(_OF_EACH, subjects=values(entry.each), **given)
    single = posted[sum(len(entry.each) for entry in kept) :]
    transaction.insert(_ENTRY, [{**common, **dict(zip(_NAMES, row, strict=True))} for row in single])
    return posted
