"""How a sale, a refund and a voucher stand in the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.engine.journal.ledger import Entry
from posconsole.engine.sale.salerows import drawn

if TYPE_CHECKING:
    from posconsole.engine.sale.salerows import Fields, SaleRows


def sale(rows: SaleRows) -> list[Entry]:
    """Return a captured sale's entries: goods and tax earned, vouchers owed and drawn, money received."""
    entries = [Entry(f"tender:{tender['kind']}", "sale", -tender["amount"]) for tender in rows.tenders]
    for voucher, amount, forfeited in drawn(rows.redemptions):
        entries += [
            Entry("voucher", "redeem", -amount, voucher),
            Entry("voucher", "forfeit", -forfeited, voucher),
            Entry("forfeited", "forfeit", forfeited),
        ]
    entries += [Entry("voucher", "sale", voucher["initial_value"], voucher["id"]) for voucher in rows.sold]
    tax = rows.order["tax_amount"]
    goods = rows.order["amount"] - tax - sum(voucher["initial_value"] for voucher in rows.sold)
    return [
        *entries,
        Entry("sales", "sale", goods),
        Entry("tax", "sale", tax),
        Entry("rounding", "sale", rows.payment["rounding"]),
    ]


GIVEN = {"money": "promotion", "points": "points_given"}
"""The account that gives the value of a voucher of this kind that nobody paid for, and takes it back."""


def voucher(kind: str, row: Fields, amount: int, other: str) -> list[Entry]:
    """Return the entries of what comes on a voucher outside a sale or, negative, leaves it: `other` gives or has it."""
    return [
        Entry("voucher", kind, amount, row["id"], row["currency"]),
        Entry(other, kind, -amount, None, row["currency"]),
    ]
