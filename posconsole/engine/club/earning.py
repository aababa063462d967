"""The points that a captured sale brings, by its own rows: on what was bought, by multipliers, and as gifts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.engine.club import points
from posconsole.engine.journal.ledger import Entry
from posconsole.money import Currency

if TYPE_CHECKING:
    from posconsole.engine.context import Unit
    from posconsole.engine.sale.salerows import Fields, SaleRows


def earn(unit: Unit, rows: SaleRows) -> list[Entry]:
    """Credit a sale's member with what it earned, and return the entries; a multiplier's extra is a row of its own."""
    member, cause = rows.order["member_id"], rows.payment["id"]
    if member is None:
        return []
    base = on_goods(rows.order, rows.order["points_base"])
    entries = points.give(unit, cause, member, base, "earned") if base else []
    for row in rows.codes:
        if row["points"]:
            kind = "awarded" if row["multiplier"] is None else "multiplied"
            entries += [*_drawn(row), *points.give(unit, cause, member, row["points"], kind)]
    return entries


def on_goods(order: Fields, base: int) -> int:
    """Return what an order earns on so much of its points base."""
    return points.earned(base, order["points_rate"], 10 ** Currency.of(order["currency"]).decimals)


def _drawn(row: Fields) -> list[Entry]:
    """Return how a points voucher loses what it gives; what other things give comes from the shop."""
    if row["voucher_id"] is None:
        return []
    return [
        Entry("voucher", "redeem", -row["points"], row["voucher_id"], points.UNIT),
        Entry("points_given", "redeem", row["points"], None, points.UNIT),
    ]
