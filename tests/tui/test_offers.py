"""The offers of the back office: drafted with what they give and to how many, published, paused, thrown away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from posconsole.tui.screens.offer_form import OfferForm
from posconsole.tui.screens.offers import OffersScreen, standing
from tests.tui.conftest import SIZES, showing, until
from tests.tui.test_vouchers import open_place

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.clock import FixedClock
    from posconsole.tui.app import PosApp


@pytest.fixture
def offers(store: Store, url: str, clock: FixedClock) -> None:
    """Make members of two tiers, and offers of every kind and state."""
    for name, tier in [("Mira", "gold"), ("Jonas", "gold"), ("Aylin", None)]:
        store.members.create(name=name, tier=tier)
    reward = store.rewards.create(name="Tote [b]bag", points=500, item=True, stock=5)
    create = store.offers.create
    create(name="Old draft", incentive={"type": "points_bonus", "points": 500}, max_redemptions=10)
    clock.at += 1
    store.offers.publish(create(name="A bag", incentive={"type": "gift_reward", "reward": reward.id}).id)
    clock.at += 1
    paused = create(name="Gold [red]days", incentive={"type": "points_multiplier", "multiplier": 1.5})
    store.offers.pause(store.offers.publish(paused.id).id)
    clock.at += 1
    tenth = {"type": "percentage_discount", "percent": 12.5, "max_discount": 1000}
    store.offers.publish(create(name="Eighth off", incentive=tenth, targeting={"tiers": ["gold"]}).id)


async def open_offers(pilot: Pilot[None], app: PosApp) -> None:
    await open_place(pilot, app, "Offers")
    await until(pilot, lambda: isinstance(app.screen, OffersScreen) and app.screen.rows.title)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("filled_in", [False, True])
def test_a_manager_sees_offers_and_drafts_one_for_so_many_members(
    snap_compare: Any, offers: None, app: PosApp, filled_in: bool, size: tuple[int, int]
) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await open_offers(pilot, app)
        if filled_in:
            await pilot.press("f2", *"Club", "enter", "enter", *"2", "enter", *"gold", "enter")
            await until(pilot, lambda: "2 of 3 members qualify" in showing(app) and "+80 points" in showing(app))

    assert snap_compare(app, terminal_size=size, run_before=look)


async def test_an_offer_is_drafted_published_and_paused(store: Store, app: PosApp, offers: None) -> None:
    async with app.run_test() as pilot:
        await open_offers(pilot, app)
        await pilot.press("f2", *"Fifth off", "enter", "right", "right", "enter", *"20", "enter", *"1000")
        await until(pilot, lambda: "on   20.00: −4.00" in showing(app) and "on   80.00: −10.00" in showing(app))
        await until(pilot, lambda: "3 of 3 members qualify" in showing(app))
        await pilot.press("f9", "f9")
        await until(pilot, lambda: "Drafted: Fifth off." in showing(app) and "… draft" in showing(app))
        (drafted,) = (offer for offer in store.offers.list().data if offer.name == "Fifth off")
        assert (drafted.status, drafted.incentive["percent_off"], drafted.per_member_limit) == ("draft", 2000, 1)
        await pilot.press("f6")
        await until(pilot, lambda: "Fifth off is live." in showing(app))
        assert store.offers.get(drafted.id).status == "published"
        await until(pilot, lambda: showing(app).count("✓ live") == 4)
        await pilot.press("f6")
        await until(pilot, lambda: "Fifth off is paused" in showing(app))
        assert store.offers.get(drafted.id).status == "paused"


async def test_a_segment_that_is_not_there_is_said_while_it_is_typed(app: PosApp, offers: None) -> None:
    async with app.run_test() as pilot:
        await open_offers(pilot, app)
        await pilot.press("f2", *"Club", "enter", "enter", *"2", "enter", "enter", *"nobody")
        await until(pilot, lambda: "! There is no" in showing(app) or "! Only segments" in showing(app))
        await pilot.press("f9")
        await until(pilot, lambda: "✗" in showing(app) and isinstance(app.screen, OfferForm))


async def test_only_a_draft_is_thrown_away_and_after_a_question(store: Store, app: PosApp, offers: None) -> None:
    async with app.run_test() as pilot:
        await open_offers(pilot, app)
        await pilot.press("f8", "f9")
        await until(pilot, lambda: "This offer is published: pause it" in showing(app))
        await pilot.press("f7", *"old draft", "enter", "f8", "f7", "f9")
        assert store.offers.list().total == 4
        await pilot.press("f8", "f9")
        await until(pilot, lambda: "Thrown away: Old draft." in showing(app))
    assert {offer.name for offer in store.offers.list().data} == {"A bag", "Gold [red]days", "Eighth off"}


async def test_a_draft_is_edited_and_a_live_offer_drafted_anew(store: Store, app: PosApp, offers: None) -> None:
    async with app.run_test() as pilot:
        await open_offers(pilot, app)
        await pilot.press(*["down"] * 3, "f4")
        await until(pilot, lambda: isinstance(app.screen, OfferForm) and "Edit Old draft" in showing(app))
        await until(pilot, lambda: "+500 points" in showing(app))
        await pilot.press("down", "down", *"750", "f9")
        await until(pilot, lambda: "Drafted: Old draft." in showing(app) and "▸ Old draft" in showing(app))
        await pilot.press("down", "f4")
        await until(pilot, lambda: "New offer like Eighth off" in showing(app))
        await until(pilot, lambda: "2 of 3 members qualify" in showing(app) and "−10.00" in showing(app))
        await pilot.press(*"Eighth again", "f9")
        await until(pilot, lambda: "Drafted: Eighth again." in showing(app) and "‹ all › 5" in showing(app))
    again, draft, eighth, *_ = store.offers.list().data
    assert (draft.incentive["points"], draft.max_redemptions, draft.status) == (750, 10, "draft")
    assert (again.incentive, again.targeting, again.status) == (eighth.incentive, eighth.targeting, "draft")
    assert eighth.status == "published"
    assert store.audit() == []


def test_a_live_offer_that_nobody_can_have_says_so(store: Store) -> None:
    incentive = {"type": "percentage_discount", "percent": 10}
    later = store.offers.publish(store.offers.create(name="Later", incentive=incentive, starts_at="2027-01-01").id)
    live = store.offers.publish(store.offers.create(name="Now", incentive=incentive, max_redemptions=2).id)
    claimed = replace(live, held=2, valid=False)
    assert [standing(one)[0] for one in (later, live, claimed)] == ["… not yet", "✓ live", "– used up"]
