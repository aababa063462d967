"""The campaigns of the back office: made, edited, paused, and shown as pictures of what they did and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest
from posconsole.tui import exporting
from posconsole.tui.charts import columns, days_of
from posconsole.tui.screens.campaign import CampaignScreen
from posconsole.tui.screens.campaigns import CampaignsScreen
from tests.tui.conftest import NOW, SIZES, settled, showing, until
from tests.tui.test_vouchers import open_place

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.clock import FixedClock
    from posconsole.tui.app import PosApp

DAY = 86_400
SOLD = (3, 1, 0, 5, 7, 2)
"""Sales with the campaign's coupon, day by day up to today."""


@pytest.fixture
def campaigns(store: Store, clock: FixedClock) -> None:
    """Run a campaign for six days, and have others beside it."""
    clock.at = NOW - 6 * DAY
    create = store.campaigns.create
    create(name="Winter", starts_at="2026-12-01", ends_at="2026-12-24")
    store.campaigns.pause(create(name="Paused one", budget=10_000).id)
    clock.at += 1
    fair = create(name="Fair [blink]on", ends_at="2026-07-31", budget=5_000)
    store.coupons.create(code="FAIR", amount_off=200, campaign=fair.id)
    cash = [TenderRequest("cash", tendered=5000)]
    for days, sales in enumerate(SOLD):
        clock.at = NOW - (len(SOLD) - 1 - days) * DAY
        for number in range(sales):
            store.payments.create(basket=Basket((Item("book", 1 + number % 2),), ("FAIR",)), tenders=cash)
        store.payments.create(basket=Basket((Item("coffee"),)), tenders=cash)


async def open_campaigns(pilot: Pilot[None], app: PosApp) -> None:
    await open_place(pilot, app, "Campaigns")
    await until(pilot, lambda: isinstance(app.screen, CampaignsScreen) and app.screen.rows.title)


async def open_fair(pilot: Pilot[None], app: PosApp) -> None:
    await open_campaigns(pilot, app)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, CampaignScreen) and app.screen.report)
    await settled(pilot)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("where", ["list", "pictures", "table"])
def test_a_manager_sees_how_a_campaign_does(
    snap_compare: Any, campaigns: None, app: PosApp, where: str, size: tuple[int, int]
) -> None:
    async def look(pilot: Pilot[None]) -> None:
        if where == "list":
            await open_campaigns(pilot, app)
        else:
            await open_fair(pilot, app)
        if where == "table":
            await pilot.press("f2")

    assert snap_compare(app, terminal_size=size, run_before=look)


async def test_the_figures_are_the_reports_and_so_is_the_file(
    store: Store, app: PosApp, campaigns: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "folder", lambda: tmp_path / "out")
    async with app.run_test() as pilot:
        await open_fair(pilot, app)
        await until(pilot, lambda: "18 uses" in showing(app))
        await until(pilot, lambda: "36.00 of 50.00 used" in showing(app))
        await until(pilot, lambda: "27.00 taken, 4.50 each" in showing(app))
        await pilot.press("f2")
        await until(pilot, lambda: "21 Jul 2026      7       14.00" in showing(app))
        await pilot.press("f4")
        await until(pilot, lambda: "5 days are in" in showing(app))
    (file,) = (tmp_path / "out").iterdir()
    rows = file.read_text(encoding="utf-8").splitlines()
    assert rows[:2] == ["day,redemptions,discount_cost,points_cost", "2026-07-17,3,6.00,0"]


async def test_a_campaign_is_made_edited_and_its_budget_is_never_below_what_is_spent(
    store: Store, app: PosApp, campaigns: None
) -> None:
    async with app.run_test() as pilot:
        await open_campaigns(pilot, app)
        await pilot.press("f4", *["down"] * 3, *"1000", "f9")
        await until(pilot, lambda: "✗ Budget:" in showing(app))
        await pilot.press(*["backspace"] * 4, *"9000", "f9")
        await until(pilot, lambda: "Changed: Fair [blink]on." in showing(app))
        await pilot.press("f2", *"Autumn", "enter", *"2026-09-01", "enter", *"2026-08-01", "enter", *"50000")
        await until(pilot, lambda: "500.00 in discounts" in showing(app))
        await pilot.press("f9")
        await until(pilot, lambda: "✗ Ends: It ends before it starts" in showing(app))
        await pilot.press(*"2026-10-31", "f9")
        await until(pilot, lambda: "Made: Autumn." in showing(app))
    found = {campaign.name: campaign for campaign in store.campaigns.list().data}
    assert found["Fair [blink]on"].budget == 9000
    assert (found["Autumn"].budget, found["Autumn"].status) == (50_000, "scheduled")


async def test_a_campaign_is_paused_goes_on_and_is_deleted_after_a_question(
    store: Store, app: PosApp, campaigns: None
) -> None:
    fair = store.campaigns.list().data[0].id
    async with app.run_test() as pilot:
        await open_campaigns(pilot, app)
        await pilot.press("f6")
        await until(pilot, lambda: "is paused: its codes are refused" in showing(app))
        assert store.campaigns.get(fair).status == "paused"
        await until(pilot, lambda: "! paused" in showing(app))
        await pilot.press("f6")
        await until(pilot, lambda: "goes on." in showing(app))
        await pilot.press("f8", "f7", "f9")
        assert store.campaigns.get(fair).status == "active"
        await pilot.press("f8", "f9")
        await until(pilot, lambda: "Deleted: Fair" in showing(app))
    assert store.campaigns.get(fair).status == "deleted"


async def test_a_campaign_without_a_use_says_so(store: Store, app: PosApp) -> None:
    store.campaigns.create(name="Quiet")
    async with app.run_test() as pilot:
        await open_fair(pilot, app)
        await until(pilot, lambda: "nothing of it was used yet" in showing(app))


def test_columns_are_as_high_as_their_figures_and_the_smallest_is_seen() -> None:
    assert columns([8, 4, 1, 0], 8, 1) == ["█ ▄ ▁"]
    assert columns([16, 8, 4], 3, 2) == ["█", "██▄"]
    assert columns([1_000_000, 1], 4, 1) == ["█ ▁"]
    assert columns([], 10, 3) == []


def test_days_have_no_gaps_and_many_are_cut_at_the_front() -> None:
    assert days_of({"2026-02-27": 1, "2026-03-02": 1}, 9) == ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]
    assert days_of({"2026-02-27": 1, "2026-03-02": 1}, 2) == ["2026-03-01", "2026-03-02"]
    assert days_of({}, 5) == []
