"""What the journal proves of rewards: that each counts what is left of it, and each claim is what was told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posconsole.codes import fold
from posconsole.engine.club import claims
from posconsole.engine.views import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posconsole.engine.journal.chains import Told
    from posconsole.engine.sale.salerows import Fields

_CLAIM = "loyalty.redemption."


def claim(row: Fields, told: list[Told], digested: Callable[[list[list[object]]], str]) -> Iterator[Finding]:
    """Check a redemption of a reward against what is told of it, in the order of its writing."""
    made = [(one.at, one.data.get("rows")) for one in told if one.kind == f"{_CLAIM}created"]
    if made != [(row["created_at"], digested([[row[name] for name in claims.TERMS]]))]:
        yield Finding("altered", row["id"], "this redemption of a reward is not what was written")
    state: dict[str, Any] = {"tracking": None}
    for one in told:
        state |= {"status": one.kind.removeprefix(_CLAIM)} | one.data
    if (row["status"], row["tracking"]) != (state.get("status"), state["tracking"]):
        yield Finding("altered", row["id"], f"it is {row['status']} past the journal")
    code = row["code"]
    if row["code_key"] != (None if code is None else fold(code)) or code != (code and code.upper()):
        yield Finding("altered", row["id"], "its code is not written as it is looked up")


def reward(row: Fields, told: list[Told], taken: int) -> Iterator[Finding]:
    """Check a reward against what is told of it; `taken` is what was claimed of it and not put back."""
    state: dict[str, Any] = {"active": True, "stock": None}
    deleted = None
    for one in told:
        state |= one.data
        if "restock" in one.data and state["stock"] is not None:
            state["stock"] += one.data["restock"]
        deleted = one.at if one.kind == "reward.deleted" else deleted
    if (row["name"], bool(row["active"]), row["deleted_at"]) != (state.get("name"), state["active"], deleted):
        yield Finding("altered", row["id"], "the reward's name or state was changed past the journal")
    left = None if state["stock"] is None else state["stock"] - taken
    if row["stock"] != left:
        yield Finding("reward_stock", row["id"], f"its stock is {row['stock']}, the journal leaves {left}")
