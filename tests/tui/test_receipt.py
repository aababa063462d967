"""The end of a sale: the change large, the receipt beside it, and the next scan begins the next sale."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest
from posconsole.tui.screens.receipt import ReceiptScreen
from tests.terminal import Terminal
from tests.tui.conftest import SIZES, settled, showing, until

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.engine.views import PaymentView
    from posconsole.tui.app import PosApp

TILL = """
import sys
from posconsole import Store
from posconsole.tui.app import PosApp

PosApp(None, "1", "Ana", open_store=lambda: Store.open(sys.argv[1]).sign_in(till="1", operator="Ana")).run()
"""
CARD = "4242 4242 4242 4242"


def sell(store: Store, *tenders: TenderRequest) -> PaymentView:
    store.coupons.create(code="SPRING10", name="Ten off for spring", percent_off=10)
    basket = Basket((Item("coffee", 3), Item("book"), Item("gift25")), ("SPRING10",))
    return store.payments.create(basket=basket, tenders=tenders)


async def show(pilot: Pilot[None], app: PosApp, payment: PaymentView, settling: float = 0) -> ReceiptScreen:
    await app.session.opened.wait()
    screen = ReceiptScreen(app.session, payment, settling=settling)
    await app.push_screen(screen)
    await settled(pilot)
    return screen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("paid_in", ["cash", "card"])
def test_a_cashier_sees_the_change_or_what_was_paid(
    snap_compare: Any, store: Store, app: PosApp, paid_in: str, size: tuple[int, int]
) -> None:
    cash, card = TenderRequest("cash", tendered=5000), TenderRequest("card", number=CARD)
    payment = sell(store, cash if paid_in == "cash" else card)

    async def look(pilot: Pilot[None]) -> None:
        await show(pilot, app, payment)

    assert snap_compare(app, terminal_size=size, run_before=look)


async def test_a_long_receipt_scrolls_to_the_voucher_that_was_sold(store: Store, app: PosApp) -> None:
    payment = sell(store, TenderRequest("cash", tendered=5000))
    async with app.run_test() as pilot:
        await show(pilot, app, payment)
        assert "GIFT VOUCHER 25.00 EUR" not in showing(app)
        await pilot.press("pagedown", "pagedown")
        await until(pilot, lambda: "GIFT VOUCHER 25.00 EUR" in showing(app))


@pytest.mark.parametrize("key", ["enter", "space", "f7", "escape"])
async def test_the_second_half_of_a_double_press_does_not_hide_the_change(store: Store, app: PosApp, key: str) -> None:
    payment = sell(store, TenderRequest("cash", tendered=5000))
    async with app.run_test() as pilot:
        await show(pilot, app, payment, settling=3600)
        await pilot.press(key)
        await settled(pilot)
        assert isinstance(app.screen, ReceiptScreen)
    app = type(app)(None, "1", "Ana", open_store=lambda: store)
    async with app.run_test() as pilot:
        await show(pilot, app, payment)
        await pilot.press(key)
        await until(pilot, lambda: app.screen is app.checkout)


async def test_a_key_of_the_sale_leads_on_from_the_receipt_with_what_is_typed(store: Store, app: PosApp) -> None:
    payment = sell(store, TenderRequest("cash", tendered=5000))
    async with app.run_test() as pilot:
        await show(pilot, app, payment)
        await pilot.press(*"book", "f3")
        await until(pilot, lambda: app.screen is app.checkout and "Notebook A5" in showing(app))
        await show(pilot, app, payment)
        await pilot.press("ctrl+d")
        await until(pilot, lambda: "No shift is open" in showing(app))


def test_a_burst_of_scans_over_the_receipt_begins_the_next_sale_and_none_is_lost(url: str) -> None:
    with Terminal([sys.executable, "-c", TILL, url]) as till:
        till.until("Corner Shop")
        till.send("coffee\r")
        till.until("Added Flat white")
        till.press("f9")
        till.until("C Cash")
        till.press("c", "f9")
        till.until("Sale done")
        till.send("2000000000022\r2000000000039\r2000000000022\r" * 5)
        till.until(lambda text: "10 × Croissant" in text and "5 × Notebook A5" in text)
