"""The way into the back office, and who may go it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole import Store
from posconsole.tui.app import PosApp
from posconsole.tui.screens.office import OfficeScreen
from tests.tui.conftest import SIZES, showing, until

if TYPE_CHECKING:
    from textual.pilot import Pilot


async def opened(pilot: Pilot[None], app: PosApp) -> None:
    await until(pilot, lambda: app.session.opened.is_set() and "opening the till" not in showing(app))


@pytest.mark.parametrize("size", SIZES)
def test_a_manager_sees_what_can_be_done(snap_compare: Any, app: PosApp, size: tuple[int, int]) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await opened(pilot, app)
        await pilot.press("f10")
        await until(pilot, lambda: isinstance(app.screen, OfficeScreen) and "Vouchers" in showing(app))

    assert snap_compare(app, terminal_size=size, run_before=look)


@pytest.mark.parametrize("back", ["f7", "escape"])
async def test_back_leads_to_the_sale_as_it_was(app: PosApp, back: str) -> None:
    async with app.run_test() as pilot:
        await opened(pilot, app)
        await pilot.press(*"coffee", "enter")
        await until(pilot, lambda: "Flat white" in showing(app))
        await pilot.press("f10")
        await until(pilot, lambda: isinstance(app.screen, OfficeScreen))
        await pilot.press(*"zz", "enter")
        await until(pilot, lambda: "is no place here" in showing(app))
        await pilot.press(back, back)
        await until(pilot, lambda: app.screen is app.checkout and "Flat white" in showing(app))


async def test_a_cashier_gets_in_with_a_manager_who_stands_by(store: Store, url: str) -> None:
    office = Store.open(url)
    office.operators.create(name="Mo", role="manager", pin="271828")
    office.operators.create(name="Ben", pin="3141")
    ben = store.switch("Ben", "3141")
    app = PosApp(None, "1", "Ben", open_store=lambda: ben, clock=lambda _: "14:02")
    async with app.run_test() as pilot:
        await opened(pilot, app)
        await pilot.press("f10")
        await until(pilot, lambda: "A manager approves: work in the back office" in showing(app))
        await pilot.press("f7")
        await until(pilot, lambda: app.screen is app.checkout)
        await pilot.press("f10")
        await until(pilot, lambda: "A manager approves" in showing(app))
        await pilot.press(*"Mo", "enter", *"271828", "enter")
        await until(pilot, lambda: isinstance(app.screen, OfficeScreen))
        await pilot.press("1")
        await until(pilot, lambda: "no voucher yet" in showing(app))
        await pilot.press("f2", "down", *"2500", "f9")
        await until(pilot, lambda: "Issued: 25.00 on it." in showing(app))
    (issued,) = office.events.list(type="voucher.issued").data
    assert (issued.operator, issued.data["approved_by"]) == ("Ben", "Mo")
    office.close()


async def test_f1_explains_the_keys_of_the_screen_and_leads_back_to_it(app: PosApp) -> None:
    async with app.run_test() as pilot:
        await opened(pilot, app)
        await pilot.press("f10", "1")
        await until(pilot, lambda: "no voucher yet" in showing(app))
        await pilot.press("f1")
        await until(pilot, lambda: "Give a voucher for nothing: credit, a prize." in showing(app))
        assert "Take the money" not in showing(app)
        await pilot.press("f1")
        await until(pilot, lambda: "no voucher yet" in showing(app))
        await pilot.press("f2", "f1")
        await until(pilot, lambda: "Issue the voucher as it is filled in." in showing(app))
