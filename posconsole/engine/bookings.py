"""How a sale, a refund and a voucher stand in the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.engine.ledger import Entry
from posconsole.engine.salerows import drawn

if TYPE_CHECKING:
    from posconsole.engine.salerows import SaleRows


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


def issue(voucher: str, value: int) -> list[Entry]:
    """Return the entries of a voucher given for nothing: credit, or a prize."""
    return [Entry("voucher", "issue", value, voucher), Entry("promotion", "issue", -value)]


def void(voucher: str, left: int) -> list[Entry]:
    """Return the entries that take back what is left of a voucher given for nothing."""
    return [Entry("voucher", "void", -left, voucher), Entry("promotion", "void", left)]
