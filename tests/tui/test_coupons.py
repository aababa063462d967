"""The coupons of the back office: made with a preview of what they take off, revised, paused, deleted, by the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest
from posconsole.tui.screens.batches import BatchesScreen
from posconsole.tui.screens.coupon_forms import ReviseForm
from posconsole.tui.screens.coupons import CouponsScreen
from tests.tui.conftest import SIZES, showing, until
from tests.tui.test_vouchers import open_place

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.clock import FixedClock
    from posconsole.tui.app import PosApp


@pytest.fixture
def coupons(store: Store, clock: FixedClock) -> None:
    """Make coupons of several kinds and states, one of them used."""
    create = store.coupons.create
    store.campaigns.create(name="Spring [red]sale")
    create(code="SUMMER", percent_off=30, valid_from="2026-08-01")
    create(code="OLD", amount_off=500, valid_until="2026-06-30")
    clock.at += 1
    create(code="CLUB100", points=100)
    store.coupons.revise(create(code="PAUSED", percent_off=10).id, status="inactive")
    clock.at += 1
    create(code="SPRING15", name="Spring [b]15", percent_off=15, min_order_value=2500, max_redemptions=4)
    clock.at += 1
    create(code="TWO", amount_off=200, max_redemptions=4)
    for _ in range(3):
        cash = [TenderRequest("cash", tendered=2000)]
        store.payments.create(basket=Basket((Item("book"),), ("TWO",)), tenders=cash)


async def open_coupons(pilot: Pilot[None], app: PosApp) -> None:
    await open_place(pilot, app, "Coupons")
    await until(pilot, lambda: isinstance(app.screen, CouponsScreen) and app.screen.rows.title)


@pytest.mark.parametrize("size", SIZES)
def test_a_manager_sees_state_use_and_cost_of_coupons(
    snap_compare: Any, coupons: None, app: PosApp, size: tuple[int, int]
) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await open_coupons(pilot, app)
        await until(pilot, lambda: "cost 6.00" in showing(app))

    assert snap_compare(app, terminal_size=size, run_before=look)


async def filling_in(pilot: Pilot[None], app: PosApp) -> None:
    await open_coupons(pilot, app)
    await pilot.press(
        "f2", *"spring25", "enter", "enter", *"15", "enter", *"Spring", "enter", *"2500", "enter", *"1200"
    )
    await until(pilot, lambda: "on   80.00: −12.00" in showing(app))


@pytest.mark.parametrize("size", SIZES)
def test_a_manager_sees_what_a_coupon_will_take_off_while_filling_it_in(
    snap_compare: Any, coupons: None, app: PosApp, size: tuple[int, int]
) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await filling_in(pilot, app)

    assert snap_compare(app, terminal_size=size, run_before=look)


async def test_the_preview_follows_the_answers_and_f9_makes_what_it_showed(
    store: Store, app: PosApp, coupons: None
) -> None:
    async with app.run_test() as pilot:
        await filling_in(pilot, app)
        await until(pilot, lambda: "on   20.00: 5.00 short" in showing(app))
        await pilot.press("up", "backspace", "up", "up", *"10")
        await until(pilot, lambda: "on   20.00: −2.00" in showing(app) and "on   80.00: −8.00" in showing(app))
        await pilot.press("f9", "f9")
        await until(pilot, lambda: "Made: SPRING25." in showing(app) and isinstance(app.screen, CouponsScreen))
    made = store.coupons.get("SPRING25")
    assert (made.percent_off, made.max_discount, made.min_order_value, made.name) == (1000, 1200, None, "Spring")
    assert store.coupons.validate("SPRING25", order_amount=8000).discount_amount == 800


async def test_a_code_that_is_taken_is_refused_beside_its_question(app: PosApp, coupons: None) -> None:
    async with app.run_test() as pilot:
        await open_coupons(pilot, app)
        await pilot.press("f2", *"TWO", "down", "down", *"5", "f9")
        await until(pilot, lambda: "Code  " in showing(app) and "✗ Code:" in showing(app))


async def test_a_cap_is_raised_and_never_lowered(store: Store, app: PosApp, coupons: None) -> None:
    async with app.run_test() as pilot:
        await open_coupons(pilot, app)
        await pilot.press(*"two", "enter")
        await until(pilot, lambda: isinstance(app.screen, ReviseForm))
        await pilot.press(*["down"] * 4, "backspace", "3", "f9")
        await until(pilot, lambda: "Uses in all: A cap can be raised" in showing(app))
        await pilot.press("backspace", *"40", "f9")
        await until(pilot, lambda: "Revised: TWO." in showing(app))
    found = store.coupons.get("TWO")
    assert (found.max_redemptions, found.amount_off, found.revision) == (40, 200, 1)


async def test_a_coupon_is_paused_goes_on_and_is_deleted_after_a_question(
    store: Store, app: PosApp, coupons: None
) -> None:
    async with app.run_test() as pilot:
        await open_coupons(pilot, app)
        await pilot.press("f6")
        await until(pilot, lambda: "TWO is paused: no till takes it." in showing(app) and "! paused" in showing(app))
        assert store.coupons.get("TWO").status == "inactive"
        await pilot.press("f6")
        await until(pilot, lambda: "TWO counts again." in showing(app))
        await pilot.press("f8", "f7", "f9")
        assert store.coupons.get("TWO").status == "active"
        await pilot.press("f8", "f9")
        await until(pilot, lambda: "Deleted: TWO." in showing(app))
    assert store.coupons.get("TWO").status == "deleted"


async def test_a_batch_of_coupons_goes_into_a_campaign(store: Store, app: PosApp, coupons: None) -> None:
    async with app.run_test() as pilot:
        await open_coupons(pilot, app)
        await pilot.press("f3", *"20", "enter", *"XMAS", "enter", "f", "enter", *"500", *["down"] * 10, "right", "f9")
        await until(pilot, lambda: isinstance(app.screen, BatchesScreen) and "20 of 20 minted" in showing(app))
    (campaign,) = store.campaigns.list().data
    found = store.coupons.list(campaign=campaign.id, limit=50)
    assert (found.total, {coupon.amount_off for coupon in found.data}) == (20, {500})
