"""What the journal proves of offers: their states, who has activated them, and the bonuses that were awarded."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from posconsole.engine import activating
from posconsole.engine.views import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from posconsole.engine.chains import Told
    from posconsole.engine.salerows import Fields

    Digest = Callable[[list[list[object]]], str]

_OFFER = "loyalty.offer."


def findings(
    offers: list[Fields], activations: list[Fields], redemptions: list[Fields], told: Iterable[Told], digested: Digest
) -> Iterator[Finding]:
    """Check offers and what hangs on them against what is told, in the order of its writing."""
    relevant = [one for one in told if one.kind.startswith(_OFFER) or one.kind == "member.merged"]
    by_offer: dict[str, list[Told]] = defaultdict(list)
    for one in relevant:
        by_offer[one.subject].append(one)
    for row in offers:
        yield from _state(row, by_offer[row["id"]])
    known = {row["id"] for row in offers}
    for offer, entries in by_offer.items():
        kinds = {one.kind for one in entries}
        if f"{_OFFER}created" in kinds and offer not in known and f"{_OFFER}deleted" not in kinds:
            yield Finding("missing", offer, "the journal tells of this offer, and it is gone")
    yield from _claims(activations, relevant, digested)
    yield from _awards(redemptions, relevant, digested)


def _state(row: Fields, told: list[Told]) -> Iterator[Finding]:
    """Check whether an offer is live, and whether its end was told."""
    state, over = "draft", False
    for one in told:
        kind = one.kind.removeprefix(_OFFER)
        state = kind if kind in ("published", "paused") else state
        over = kind == "expired" if kind in ("expired", "reopened") else over
    if (row["state"], bool(row["expired_told"])) != (state, over):
        words = f"the offer is {row['state']}{', over' if row['expired_told'] else ''} past the journal"
        yield Finding("altered", row["id"], words)


def _claims(activations: list[Fields], told: list[Told], digested: Digest) -> Iterator[Finding]:
    """Check each claim against its entry. With a merger a duplicate's are those of the one who is kept."""
    claims: dict[str, dict[str, tuple[str, object]]] = defaultdict(dict)
    for one in told:
        member = str(one.data.get("member"))
        if one.kind == "member.merged":
            claims[one.subject] = claims.pop(str(one.data.get("duplicate")), {}) | claims[one.subject]
        elif one.kind == f"{_OFFER}activated" and "claim" in one.data:
            claims[member][one.subject] = member, one.data["claim"]
        elif one.kind == f"{_OFFER}deactivated":
            claims[member].pop(one.subject, None)
    for row in activations:
        who, vouched = claims[row["member_id"]].pop(row["offer_id"], ("", None))
        as_told = row | {"member_id": who}
        if vouched != digested([[as_told[name] for name in activating.CLAIM]]):
            yield Finding("altered", row["offer_id"], f"member {row['member_id']}'s activation is not what was written")
    for member, offers in claims.items():
        for offer in offers:
            yield Finding("missing", offer, f"the journal tells that member {member} activated it, and that is gone")


def _awards(redemptions: list[Fields], told: list[Told], digested: Digest) -> Iterator[Finding]:
    """Check the bonuses; what was redeemed with a sale is covered by the sale's own digest."""
    awards: dict[object, list[tuple[int, object]]] = defaultdict(list)
    for one in told:
        if "award" in one.data:
            awards[one.data.get("redemption")].append((one.at, one.data["award"]))
    for row in redemptions:
        if row["kind"] != "offer" or row["payment_id"] is not None:
            continue
        now = digested([[row[name] for name in activating.AWARD]])
        if row["status"] != "applied" or awards.pop(row["id"], []) != [(row["created_at"], now)]:
            yield Finding("altered", row["id"], "the bonus is not what was awarded")
    for redemption in awards:
        yield Finding("missing", str(redemption), "the journal tells of this bonus, and it is gone")
