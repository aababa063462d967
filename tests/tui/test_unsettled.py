"""The tray of payments whose outcome isn't known: the bank is asked again, then a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest
from posconsole.tui.screens.unsettled import UnsettledScreen
from tests.tui.conftest import SIZES, settled, showing, until

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.engine.views import PaymentView
    from posconsole.tui.app import PosApp

ANSWER_LOST, STAYS_UNKNOWN = "4000 0000 0000 0119", "4000 0000 0000 0259"


def leave_open(store: Store, card: str = STAYS_UNKNOWN, *codes: str) -> PaymentView:
    payment = store.payments.create(
        basket=Basket((Item("coffee", 3), Item("bun")), codes), tenders=[TenderRequest("card", number=card)]
    )
    assert payment.status == "pending"
    return payment


async def opened(pilot: Pilot[None], app: PosApp) -> None:
    """Wait for the till to have opened: what a bank can tell of earlier payments is settled by then."""
    await until(pilot, lambda: app.session.opened.is_set() and "opening the till" not in showing(app))


async def open_tray(pilot: Pilot[None], app: PosApp, shown: str = "no answer") -> UnsettledScreen:
    await opened(pilot, app)
    await pilot.press("f5")
    await until(pilot, lambda: isinstance(app.screen, UnsettledScreen) and shown in showing(app))
    assert isinstance(app.screen, UnsettledScreen)
    return app.screen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("keys", ["", "a123456", "d"])
def test_a_cashier_looks_into_the_tray_and_answers_for_the_bank(
    snap_compare: Any, store: Store, app: PosApp, keys: str, size: tuple[int, int]
) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await opened(pilot, app)
        leave_open(store)
        leave_open(store, ANSWER_LOST)
        await open_tray(pilot, app)
        await pilot.press(*keys)

    assert snap_compare(app, terminal_size=size, run_before=look)


def test_an_empty_tray_says_so(snap_compare: Any, app: PosApp) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await opened(pilot, app)
        await pilot.press("f5")
        await until(pilot, lambda: "No sale is parked" in showing(app))
        await pilot.press("f5")
        await until(pilot, lambda: "Nothing is unsettled" in showing(app))

    assert snap_compare(app, terminal_size=(80, 24), run_before=look)


async def test_enter_asks_again_and_the_lost_answer_comes(store: Store, app: PosApp) -> None:
    async with app.run_test() as pilot:
        await opened(pilot, app)
        payment = leave_open(store, ANSWER_LOST)
        await open_tray(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: "Captured 16.30 by card · receipt 1-000001" in showing(app))
        await until(pilot, lambda: "Nothing is unsettled" in showing(app))
    assert store.payments.get(payment.id).status == "captured"
    assert store.audit() == []


async def test_a_bank_that_cannot_say_is_answered_for_once(store: Store, app: PosApp) -> None:
    payment = leave_open(store)
    async with app.run_test() as pilot:
        await open_tray(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: "The bank still can't say" in showing(app))
        await pilot.press("a", *"123456", "enter")
        assert store.payments.get(payment.id).status == "pending"
        await pilot.press("f9", "f9")
        await until(pilot, lambda: "Captured 16.30 by card" in showing(app))
    found = store.payments.get(payment.id)
    assert (found.status, found.tenders[0].approval_code) == ("captured", "123456")
    assert store.audit() == []


async def test_not_taken_frees_what_the_sale_held(store: Store, app: PosApp) -> None:
    voucher = store.vouchers.issue(value=1000)
    payment = leave_open(store, STAYS_UNKNOWN, voucher.code)
    assert store.vouchers.get(voucher.id).held == 1000
    async with app.run_test() as pilot:
        await open_tray(pilot, app)
        await pilot.press("d", "f9")
        await until(pilot, lambda: "Not paid: 6.30 was not taken" in showing(app))
    assert store.payments.get(payment.id).status == "canceled"
    assert store.vouchers.get(voucher.id).held == 0
    assert store.audit() == []


@pytest.mark.parametrize("back", ["f7", "escape"])
async def test_a_question_can_be_left_with_nothing_recorded(store: Store, app: PosApp, back: str) -> None:
    payment = leave_open(store)
    async with app.run_test() as pilot:
        await open_tray(pilot, app)
        await pilot.press("a", "1", back, "f9")
        await settled(pilot)
        assert isinstance(app.screen, UnsettledScreen)
        await pilot.press(*([back] * 2))
        await until(pilot, lambda: app.screen is app.checkout)
    assert store.payments.get(payment.id).status == "pending"


async def test_a_scan_is_never_an_approval_code(store: Store, app: PosApp) -> None:
    payment = leave_open(store)
    async with app.run_test() as pilot:
        await open_tray(pilot, app)
        await pilot.press("a", *"2000000000015", "enter", "f9")
        await until(pilot, lambda: "looks like a scan" in showing(app))
    assert store.payments.get(payment.id).status == "pending"
