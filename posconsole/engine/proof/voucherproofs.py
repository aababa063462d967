"""What the journal proves of vouchers: their states, that their ends were told, and what gave points without a sale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.engine.codes.issuing import REDEEMED
from posconsole.engine.views import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from posconsole.engine.journal.chains import Told
    from posconsole.engine.sale.salerows import Fields

    Digest = Callable[[list[list[object]]], str]


def state(row: Fields, told: list[Told], merged: Mapping[str, str]) -> Iterator[Finding]:
    """Check whether a voucher is out of use or over, and whose it is: `merged` says in whom a member lives on."""
    ended = any(one.kind == "voucher.voided" for one in told)
    active = row["payment_id"] is None or any(one.kind == "voucher.activated" for one in told)
    if row["status"] not in (("void",) if ended else ("active",) if active else ("issued", "void")):
        yield Finding("altered", row["id"], f"the voucher is {row['status']} past the journal")
    given = next((one.data.get("member") for one in told if one.kind == "voucher.issued"), None)
    if row["member_id"] != merged.get(str(given), given):
        yield Finding("altered", row["id"], "it isn't the voucher of the member whom it was given to")
    ends = sum(one.kind == "voucher.expired" for one in told)
    if ends != int(row["expired_told"]):
        yield Finding("altered", row["id"], f"the journal tells of its end {ends} times")


def credited(rows: list[Fields], told: Iterable[Told], digested: Digest) -> Iterator[Finding]:
    """Check what gave a voucher's points to a member without a sale."""
    written = {one.data["redemption"]: one.data["credit"] for one in told if "credit" in one.data}
    for row in rows:
        if written.pop(row["id"], None) != digested([[row[name] for name in REDEEMED]]):
            yield Finding("altered", row["id"], "the points that it credited are not what was written")
    for missing in written:
        yield Finding("missing", missing, "the journal tells of the points that it credited, and it is gone")
