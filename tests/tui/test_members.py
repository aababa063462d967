"""Members at the till: found while one types, enrolled, served; a card that a phone reads off the screen."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from posconsole import Store
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest
from posconsole.tui.screens.enrol import EnrolScreen
from posconsole.tui.screens.member import MemberScreen
from posconsole.tui.screens.members import MembersScreen
from tests.tui.camera import decoded
from tests.tui.conftest import SIZES, showing, until
from tests.tui.hands import Hands
from tests.tui.test_approving import panel
from tests.tui.test_sign_in import ANA, BUN, MO, sign_in

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from posconsole.clock import FixedClock
    from posconsole.engine.views import MemberView
    from posconsole.tui.app import PosApp

CARD = "2800000001254"


@pytest.fixture
def mira(store: Store) -> MemberView:
    """Give a member with points, a visit, an offer that waits and rewards to choose from; and two others."""
    store.members.create(name="Jonas Brandt", phone="+49 30 5550102", email="jonas@example.org")
    store.members.create(name="Mira Novak", phone="+49 30 5550103")
    mira = store.members.create(name="Mira Olsen", phone="+49 30 5550101", card=CARD, tier="gold")
    store.segments.create("regulars", members=[mira.id])
    store.members.adjust(mira.id, points=1200, reason="moved from the old till")
    store.rewards.create(name="Coffee mug", points=500, item=True)
    store.rewards.create(name="Credit 5.00", points=400, credit_value=500)
    offer = store.offers.create(
        name="Harbour week", incentive={"type": "percentage_discount", "percent": 10}, activation="opt_in"
    )
    store.offers.publish(offer.id)
    store.payments.create(
        basket=Basket((Item("book", 2),), (), mira.id), tenders=[TenderRequest("cash", tendered=2000)]
    )
    return store.members.get(mira.id)


async def members(pilot: Pilot[None], app: PosApp) -> Hands:
    """Open the members."""
    hands = Hands(app)
    await until(pilot, lambda: app.session.opened.is_set() and "opening the till" not in showing(app))
    hands.press("ctrl+e")
    await until(pilot, lambda: isinstance(app.screen, MembersScreen) and " members" in showing(app))
    return hands


async def opened(pilot: Pilot[None], app: PosApp) -> Hands:
    """Open all about Mira Olsen."""
    hands = await members(pilot, app)
    hands.type("olsen")
    await until(pilot, lambda: "1 member" in showing(app))
    hands.press("f9")
    await until(pilot, lambda: isinstance(app.screen, MemberScreen) and "Coffee mug" in showing(app))
    return hands


@pytest.mark.parametrize("typed", ["mira ol", "0101", CARD[-5:], "jonas@ex"])
async def test_a_member_is_found_by_any_of_it_and_put_on_the_sale(
    app: PosApp, store: Store, mira: MemberView, typed: str
) -> None:
    sought = "Jonas Brandt" if "@" in typed else mira.name
    async with app.run_test(size=SIZES[0]) as pilot:
        hands = await members(pilot, app)
        hands.type(typed)
        hands.press("enter")
        await until(pilot, lambda: app.screen is app.checkout and f"{sought}" in showing(app))
        assert store.members.get(app.checkout.sale.basket.member or "").name == sought


async def test_what_is_scanned_among_the_members_is_rung_up(app: PosApp, mira: MemberView) -> None:
    async with app.run_test(size=SIZES[0]) as pilot:
        hands = await members(pilot, app)
        hands.scan(BUN, CARD, BUN)
        await until(
            pilot, lambda: app.checkout.sale.basket.member and app.checkout.sale.basket.items == (Item("bun", 2),)
        )
        assert app.screen is app.checkout


async def test_of_many_members_fifty_are_shown_and_it_says_so(app: PosApp, store: Store) -> None:
    for number in range(53):
        store.members.create(name=f"Twin {number:02}")
    async with app.run_test(size=SIZES[0]) as pilot:
        await members(pilot, app)
        await until(pilot, lambda: "50 of 53 members" in showing(app))


async def test_who_has_the_phone_number_is_named_and_another_number_enrols(
    app: PosApp, store: Store, mira: MemberView
) -> None:
    async with app.run_test(size=SIZES[0]) as pilot:
        hands = await members(pilot, app)
        hands.type("Mia")
        hands.press("f3")
        await until(pilot, lambda: isinstance(app.screen, EnrolScreen) and "fill in" in showing(app))
        hands.press("enter")
        hands.type("+49 (30) 555-0101")
        hands.press("f9")
        await until(pilot, lambda: "It is Mira Olsen's" in showing(app))
        hands.press("ctrl+u")
        hands.type("+49 (30) 555-0109")
        hands.press("f9")
        await until(pilot, lambda: isinstance(app.screen, MembersScreen) and "1 member" in showing(app))
        assert store.members.find("Mia").data[0].phone == "+49 (30) 555-0109"


async def test_an_offer_is_activated_a_reward_redeemed_and_handed_over(
    app: PosApp, store: Store, mira: MemberView
) -> None:
    async with app.run_test(size=SIZES[0]) as pilot:
        hands = await opened(pilot, app)
        hands.press("f9", "f9")
        await until(pilot, lambda: "✓ Harbour week is active" in showing(app))
        hands.press("f9", "f9")
        await until(pilot, lambda: "✓ Redeemed Credit 5.00: voucher" in showing(app))
        hands.press("down")
        await until(pilot, lambda: "F9 redeem: Coffee mug" in showing(app))
        hands.press("f9", "f7", "f9", "f9")
        await until(pilot, lambda: "✓ Redeemed Coffee mug, to hand over" in showing(app))
        hands.press("pageup", "f9", "f9")
        await until(pilot, lambda: "✓ Coffee mug is handed over" in showing(app))
    assert store.members.get(mira.id).points == mira.points - 900
    assert sorted(one.status for one in store.loyalty.redemptions.list(account=mira.id).data) == [
        "applied",
        "fulfilled",
    ]
    assert store.audit() == []


async def test_a_reward_is_sent_to_the_address_that_is_typed(app: PosApp, store: Store, mira: MemberView) -> None:
    tote = store.rewards.create(name="Tote", points=100, item=True, shipping=True)
    async with app.run_test(size=SIZES[0]) as pilot:
        hands = await opened(pilot, app)
        hands.press("down")
        await until(pilot, lambda: "Where is it sent?" in showing(app))
        hands.press("f9")
        await until(pilot, lambda: "F7 puts it away" in showing(app))
        hands.type("Mira Olsen; Kai 3; 20457; Hamburg; DE")
        hands.press("f9", "f9")
        await until(pilot, lambda: "✓ Redeemed Tote, to be sent" in showing(app))
        hands.press("pageup")
        await until(pilot, lambda: "Sent to Mira Olsen, Kai 3, 20457, Hamburg, DE?" in showing(app))
        hands.type("LB123456785DE")
        hands.press("f9")
        await until(pilot, lambda: "Mark Tote as sent, tracking LB" in showing(app))
        hands.press("f9")
        await until(pilot, lambda: "✓ Tote is sent" in showing(app))
    (sent,) = store.loyalty.redemptions.list(reward=tote.id).data
    assert sent.fulfillment is not None
    assert sent.fulfillment.shipping is not None
    assert (sent.status, sent.fulfillment.tracking) == ("fulfilled", "LB123456785DE")
    assert sent.fulfillment.shipping["city"] == "Hamburg"


async def test_a_manager_approves_points_that_a_cashier_gives(
    url: str, clock: FixedClock, mira: MemberView, app: PosApp
) -> None:
    with closing(Store.open(url, clock=clock)) as office:
        office.operators.create(name="Mo", role="manager", pin=MO)
        office.operators.create(name="Ana", pin=ANA)
    async with app.run_test(size=SIZES[0]) as pilot:
        await until(pilot, lambda: app.session.opened.is_set() and "opening the till" not in showing(app))
        Hands(app).press("ctrl+o")
        hands = await sign_in(app, pilot, "Ana", ANA)
        hands = await opened(pilot, app)
        hands.type("soon")
        hands.press("f8")
        await until(pilot, lambda: "how many points and why" in showing(app))
        hands.press("ctrl+u")
        hands.type("50 birthday")
        hands.press("f8", "f8")
        await until(pilot, lambda: panel(app))
        await until(pilot, lambda: "A manager approves: Give Mira Olsen 50 points: birthday" in showing(app))
        hands.type("Mo")
        hands.press("enter")
        hands.type(MO)
        hands.press("enter")
        await until(pilot, lambda: f"has {mira.points + 50:,} points now" in showing(app))
        assert app.session.store.operator == "Ana"


@pytest.mark.parametrize("size", SIZES)
async def test_a_phone_reads_the_card_off_the_screen(app: PosApp, mira: MemberView, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        hands = await opened(pilot, app)
        hands.press("f2")
        await until(pilot, lambda: "for a phone to scan" in showing(app))
        await until(pilot, lambda: decoded(app.screen) == [CARD])


@pytest.mark.parametrize("size", SIZES)
def test_a_cashier_looks_for_mira(snap_compare: Any, app: PosApp, mira: MemberView, size: tuple[int, int]) -> None:
    async def look(pilot: Pilot[None]) -> None:
        hands = await members(pilot, app)
        hands.type("mira ol")
        await until(pilot, lambda: "1 member" in showing(app) and "gold" in showing(app))

    assert snap_compare(app, terminal_size=size, run_before=look)


@pytest.mark.parametrize("size", SIZES)
def test_a_cashier_asks_whether_to_redeem(
    snap_compare: Any, app: PosApp, mira: MemberView, size: tuple[int, int]
) -> None:
    async def look(pilot: Pilot[None]) -> None:
        hands = await opened(pilot, app)
        hands.press("down", "f9")
        await until(pilot, lambda: "? F9 does" in showing(app))

    assert snap_compare(app, terminal_size=size, run_before=look)


async def test_the_history_of_points_goes_on_as_one_goes_down(app: PosApp, store: Store, mira: MemberView) -> None:
    for step in range(1, 41):
        store.members.adjust(mira.id, points=step, reason="counted")
    async with app.run_test(size=SIZES[0]) as pilot:
        hands = await opened(pilot, app)
        await until(pilot, lambda: "points · 20 of 42" in showing(app))

        def goes_down() -> bool:
            hands.press("pagedown")
            return "+2 points" in showing(app)

        await until(pilot, goes_down)
