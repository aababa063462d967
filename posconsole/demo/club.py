"""The demo shop's club: points, rewards, offers and a campaign, so that there is something of each to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posconsole.engine.store import Store

DAY = 24 * 3600
POINTS = {"Mira Olsen": 1240, "Jonas Brandt": 480, "Aylin Demir": 95}
TIERS = {"Mira Olsen": "gold", "Chiara Conti": "gold", "Jonas Brandt": "silver"}


def furnish(store: Store, members: Mapping[str, str], now: int) -> None:
    """Open the club to these members (id by name), with offers that are told apart by whom they are for."""
    for name, tier in TIERS.items():
        store.members.update(members[name], tier=tier)
    for name, points in POINTS.items():
        store.members.adjust(members[name], points=points, reason="brought along from the paper card")
    _rewards(store)
    _offers(store, now)


def _rewards(store: Store) -> None:
    create = store.rewards.create
    create(name="5.00 off", points=400, amount_off=500)
    create(name="10 % off paper", points=250, percent_off=10, categories=("Paper",))
    create(name="Enamel mug, anchor", points=900, item=True, stock=3)
    create(name="Sailcloth tote, by post", points=1200, item=True, stock=10, shipping=True)
    create(name="10.00 of credit", points=1000, credit_value=1000)


def _offers(store: Store, now: int) -> None:
    store.segments.create("quiet for 90 days", rule={"days_since_purchase": 90})
    made = (
        store.offers.create(
            name="Double points for gold",
            incentive={"type": "points_multiplier", "multiplier": 2},
            targeting={"tiers": ["gold"]},
            per_member_limit=None,
        ),
        store.offers.create(
            name="Harbour week 10 %",
            incentive={"type": "percentage_discount", "percent": 10, "max_discount": 1500},
            ends_at=now + 7 * DAY,
            activation="opt_in",
        ),
        store.offers.create(
            name="500 points for coming back",
            incentive={"type": "points_bonus", "points": 500},
            targeting={"segments": ["quiet for 90 days"]},
            max_redemptions=50,
        ),
    )
    for offer in made:
        store.offers.publish(offer.id)
    store.offers.create(name="Autumn 5 %", incentive={"type": "percentage_discount", "percent": 5}, starts_at=now)


def campaign(store: Store, now: int) -> None:
    """Begin the campaign of which the week of sales is to come."""
    harbour = store.campaigns.create(
        name="Harbour festival", starts_at=now - 7 * DAY, ends_at=now + 7 * DAY, budget=6_000
    )
    store.coupons.create(code="FESTIVAL", name="Festival 12 %", percent_off=12, campaign=harbour.id)
    store.coupons.create(code="CLUB100", name="100 points", points=100, campaign=harbour.id)
