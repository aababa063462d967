"""How many members an offer would be for: as many as are let in once it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import FixedClock

TARGETINGS: tuple[tuple[dict[str, Any], int], ...] = (
    ({}, 5),
    ({"tiers": ["gold", "silver"]}, 3),
    ({"min_balance": 500}, 2),
    ({"segments": ["friends"]}, 2),
    ({"segments": ["friends", "golden"]}, 3),
    ({"segments": ["golden"], "min_balance": 500}, 1),
    ({"metadata": {"town": "Kiel"}}, 1),
    ({"tiers": ["platinum"]}, 0),
)


@pytest.fixture
def members(office: Store, clock: FixedClock) -> list[str]:
    """Make five members of whom each is something else, and one who was merged away."""
    create = office.members.create
    made = [
        create(name=f"Member {n}", tier=tier, metadata={"town": town})
        for n, (tier, town) in enumerate([("gold", "Kiel"), ("gold", ""), ("silver", ""), (None, ""), (None, "")])
    ]
    for member, points in zip(made, (900, 100, 500, 0, 0), strict=True):
        if points:
            office.members.adjust(member.id, points=points, reason="test")
    twin = create(name="Member 0", tier="gold")
    office.members.merge(keep=made[0].id, duplicate=twin.id)
    office.segments.create("friends", members=[made[2].id, twin.id])
    office.segments.create("golden", rule={"tier": "gold"})
    clock.at += 60
    return [member.id for member in made]


@pytest.mark.parametrize(("targeting", "expected"), TARGETINGS)
def test_as_many_are_counted_as_the_offer_lets_in(
    office: Store, members: list[str], targeting: dict[str, Any], expected: int
) -> None:
    counted = office.offers.reach(targeting)
    incentive = {"type": "points_multiplier", "multiplier": 2}
    offer = office.offers.publish(office.offers.create(name="Twice", incentive=incentive, targeting=targeting).id)
    let_in = [
        one for member in members for one in office.offers.eligible(member) if one.offer == offer.id and one.applies
    ]
    assert counted == len(let_in) == expected


def test_what_can_not_be_a_targeting_is_refused(office: Store) -> None:
    with pytest.raises(InvalidInput):
        office.offers.reach({"town": "Kiel"})
    with pytest.raises(NotFound):
        office.offers.reach({"segments": ["nobody"]})
