"""The demo's tour plays a whole sale by itself, and any key takes over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.clock import FixedClock
from posconsole.demo.furnishing import open_shop
from posconsole.demo.tour import STEPS
from posconsole.tui.app import PosApp
from posconsole.tui.tour import Tour
from tests.tui.conftest import NOW, settled, until

if TYPE_CHECKING:
    from pathlib import Path

    from posconsole import Store


async def test_the_tour_sells_to_a_member_with_coupon_voucher_and_cash(tmp_path: Path) -> None:
    shop = open_shop(f"sqlite:///{tmp_path / 'shop.db'}", clock=FixedClock(NOW))
    app = PosApp(None, "1", "Ana", demo=True, open_store=lambda: shop, tour=Tour(STEPS, pace=0.2))
    before = shop.payments.list(limit=1).total
    async with app.run_test() as pilot:
        await until(pilot, lambda: shop.payments.list(limit=1).total > before)
        await until(pilot, lambda: app.screen is app.checkout)
    sold = shop.payments.list(limit=1).data[0]
    assert (sold.status, sold.member_name) == ("captured", "Mira Olsen")
    assert [used.kind for used in sold.redemptions] == ["coupon", "offer", "voucher"]
    assert [line.sku for line in sold.lines] == ["102", "202", "403"]
    assert [tender.kind for tender in sold.tenders] == ["cash"]


async def test_any_key_takes_over_and_does_nothing_else(store: Store) -> None:
    app = PosApp(None, "1", "Ana", open_store=lambda: store, tour=Tour((("coffee", 0), ("<enter>", 0)) * 9, pace=1))
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.checkout.field.value == "cof")
        await pilot.press("x")
        await settled(pilot)
        typed = app.checkout.field.value
        await pilot.pause(0.5)
        assert app.checkout.field.value == typed
        assert "x" not in typed
        await pilot.press("x")
        await until(pilot, lambda: app.checkout.field.value == f"{typed}x")
