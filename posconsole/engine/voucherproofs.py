"""What the journal proves of vouchers: their states, that their ends were told, and what gave points without a sale."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from posconsole.engine.issuing import REDEEMED
from posconsole.engine.views import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posconsole.engine.chains import Told
    from posconsole.engine.salerows import Fields

_FAILED = ("declined", "canceled", "expired")


def findings(
    vouchers: list[Fields],
    payments: list[Fields],
    redemptions: list[Fields],
    told: list[Told],
    digested: Callable[[list[list[object]]], str],
) -> Iterator[Finding]:
    """Check vouchers, and those of the redemptions that are of one and of no sale, against what is told."""
    sales = {row["id"]: row["status"] for row in payments}
    voided = {one.subject for one in told if one.kind == "voucher.voided"}
    ended = Counter(one.subject for one in told if one.kind == "voucher.expired")
    for row in vouchers:
        yield from _state(row, sales.get(row["payment_id"]), row["id"] in voided)
        if ended[row["id"]] != int(row["expired_told"]):
            yield Finding("altered", row["id"], f"the journal tells of its end {ended[row['id']]} times")
    yield from _credited([row for row in redemptions if _without_sale(row)], told, digested)


def _without_sale(row: Fields) -> bool:
    return row["kind"] == "voucher" and row["payment_id"] is None


def _state(row: Fields, sale: str | None, voided: bool) -> Iterator[Finding]:
    """Check that a voucher is issued while its sale is pending, void when that failed or it was voided."""
    ended = sale in _FAILED or voided
    if row["status"] != ("void" if ended else "issued" if sale == "pending" else "active"):
        yield Finding("altered", row["id"], f"the voucher is {row['status']} past the journal")


def _credited(rows: list[Fields], told: list[Told], digested: Callable[[list[list[object]]], str]) -> Iterator[Finding]:
    """Check what gave a voucher's points to a member without a sale."""
    written = {one.data["redemption"]: one.data["credit"] for one in told if "credit" in one.data}
    for row in rows:
        if written.pop(row["id"], None) != digested([[row[name] for name in REDEEMED]]):
            yield Finding("altered", row["id"], "the points that it credited are not what was written")
    for missing in written:
        yield Finding("missing", missing, "the journal tells of the points that it credited, and it is gone")
