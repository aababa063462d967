"""Who the sale's member is to the shop: their points, what these buy now, and the offers that wait for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.engine.club.offerviews import Standing
    from posconsole.engine.club.rewardviews import RewardView
    from posconsole.engine.views import MemberView

LISTED = 50
"""So many rewards are looked at: the newest."""


@dataclass(frozen=True, slots=True)
class Club:
    """A member, the rewards that their points buy now, and the offers that are theirs once they are activated."""

    member: MemberView
    rewards: tuple[RewardView, ...] = ()
    offers: tuple[Standing, ...] = ()


def recognise(store: Store, member: str) -> Club:
    """Look a member up, with what they can have today. Raises what the store raises."""
    found = store.members.get(member)
    rewards = store.rewards.list(affordable=max(0, found.points), limit=LISTED).data
    offers = store.offers.eligible(member)
    return Club(
        found,
        tuple(sorted((one for one in rewards if one.status == "active"), key=lambda one: (one.points, one.name))),
        tuple(one for one in offers if one.can_activate),
    )
