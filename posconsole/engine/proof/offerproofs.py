"""What the journal proves of offers: their states, who has activated them, and the bonuses that were awarded."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from posconsole.engine.club import activating
from posconsole.engine.views import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from posconsole.engine.journal.chains import Told
    from posconsole.engine.sale.salerows import Fields

    Digest = Callable[[list[list[object]]], str]

_OFFER = "loyalty.offer."


def state(row: Fields, told: list[Told]) -> Iterator[Finding]:
    """Check whether an offer is live, and whether its end was told."""
    live, over = "draft", False
    for one in told:
        kind = one.kind.removeprefix(_OFFER)
        live = kind if kind in ("published", "paused") else live
        over = kind == "expired" if kind in ("expired", "reopened") else over
    if (row["state"], bool(row["expired_told"])) != (live, over):
        words = f"the offer is {row['state']}{', over' if row['expired_told'] else ''} past the journal"
        yield Finding("altered", row["id"], words)


def claims(activations: list[Fields], told: Iterable[Told], digested: Digest) -> Iterator[Finding]:
    """Check each claim against its entry. With a merger a duplicate's are those of the one who is kept."""
    claimed: dict[str, dict[str, tuple[str, object]]] = defaultdict(dict)
    for one in told:
        member = str(one.data.get("member"))
        if one.kind == "member.merged":
            claimed[one.subject] = claimed.pop(str(one.data.get("duplicate")), {}) | claimed[one.subject]
        elif one.kind == f"{_OFFER}activated" and "claim" in one.data:
            claimed[member][one.subject] = member, one.data["claim"]
        elif one.kind == f"{_OFFER}deactivated":
            claimed[member].pop(one.subject, None)
    for row in activations:
        who, vouched = claimed[row["member_id"]].pop(row["offer_id"], ("", None))
        as_told = row | {"member_id": who}
        if vouched != digested([[as_told[name] for name in activating.CLAIM]]):
            yield Finding("altered", row["offer_id"], f"member {row['member_id']}'s activation is not what was written")
    for member, offers in claimed.items():
        for offer in offers:
            yield Finding("missing", offer, f"the journal tells that member {member} activated it, and that is gone")


def awards(redemptions: list[Fields], told: Iterable[Told], digested: Digest) -> Iterator[Finding]:
    """Check the bonuses; what was redeemed with a sale is covered by the sale's own digest."""
    vouched: dict[object, list[tuple[int, object]]] = defaultdict(list)
    for one in told:
        if "award" in one.data:
            vouched[one.data.get("redemption")].append((one.at, one.data["award"]))
    for row in redemptions:
        now = digested([[row[name] for name in activating.AWARD]])
        if row["status"] != "applied" or vouched.pop(row["id"], []) != [(row["created_at"], now)]:
            yield Finding("altered", row["id"], "the bonus is not what was awarded")
    for redemption in vouched:
        yield Finding("missing", str(redemption), "the journal tells of this bonus, and it is gone")
