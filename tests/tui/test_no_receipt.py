"""Goods that come back without a receipt: what, why, how they are paid back, and a manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.errors import NotAllowed
from posconsole.tui.screens.no_receipt import NoReceiptScreen
from tests.tui.conftest import SIZES, showing, until
from tests.tui.test_checkout import BOOK, BUN, COFFEE, hands, items, open_till, pilot, shop, till

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.tui.app import PosApp

__all__ = ["hands", "pilot", "shop", "till"]


async def take_back(pilot: Pilot[None], till: PosApp) -> None:
    await pilot.press("ctrl+r")
    await until(pilot, lambda: "Scan the receipt" in showing(till))
    await pilot.press("f3")
    await until(pilot, lambda: isinstance(till.screen, NoReceiptScreen) and "nothing yet" in showing(till))


async def rung(pilot: Pilot[None], till: PosApp, code: str, shown: str) -> None:
    await pilot.press(*code, "enter")
    await until(pilot, lambda: shown in showing(till))


async def test_goods_come_back_for_cash_with_a_reason(till: PosApp, pilot: Pilot[None], shop: Store) -> None:
    await take_back(pilot, till)
    await rung(pilot, till, BOOK, "Notebook A5")
    await rung(pilot, till, f"2*{BUN}", "2 × Croissant")
    await pilot.press("f9")
    await until(pilot, lambda: "Say first why it comes back" in showing(till))
    assert till.screen.is_current
    await pilot.press("2", "enter")
    await until(pilot, lambda: "wrong article" in showing(till) and "Refund 12.55" in showing(till))
    await pilot.press("f9", "f9")
    await until(pilot, lambda: "Refunded 12.55 in cash" in showing(till))
    await until(pilot, lambda: "without a receipt" in showing(till))
    assert [one.type for one in shop.events.list(type="payment.refunded_without_receipt").data] == [
        "payment.refunded_without_receipt"
    ]
    await pilot.press(*COFFEE, "enter")
    await until(pilot, lambda: till.screen is till.checkout and items(till) == {"coffee": 1})
    assert shop.audit() == []


async def test_they_can_be_paid_back_as_a_voucher_that_is_handed_over(
    till: PosApp, pilot: Pilot[None], shop: Store
) -> None:
    await take_back(pilot, till)
    await rung(pilot, till, BOOK, "Notebook A5")
    await pilot.press("f4", *"no longer wanted", "enter", "f6")
    await until(pilot, lambda: "GIVE A VOUCHER OF" in showing(till))
    await pilot.press("f9")
    await until(pilot, lambda: "Hand over the voucher" in " ".join(showing(till).split()))
    vouchers = [voucher for voucher in shop.vouchers.list().data if voucher.initial_value == 695]
    assert [voucher.code in showing(till) for voucher in vouchers] == [True]


async def test_what_is_no_article_is_refused_and_a_line_can_be_voided(till: PosApp, pilot: Pilot[None]) -> None:
    await take_back(pilot, till)
    await rung(pilot, till, "spring15", "‘spring15’ is no article")
    await pilot.press("f7")
    await rung(pilot, till, BUN, "Croissant")
    await pilot.press("right")
    await until(pilot, lambda: "2 × Croissant" in showing(till))
    await pilot.press("f8")
    await until(pilot, lambda: "nothing yet" in showing(till))


async def test_without_a_manager_nothing_goes_back(
    till: PosApp, pilot: Pilot[None], shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise NotAllowed("Only a manager can do this. Ask one to approve it here.", code="manager_needed")

    monkeypatch.setattr(shop.payments, "refund_without_receipt", refused)
    await take_back(pilot, till)
    await rung(pilot, till, BUN, "Croissant")
    await pilot.press("f4", "1", "enter", "f9")
    await until(pilot, lambda: "A manager approves: 2.80 back without a receipt" in showing(till))
    await pilot.press("f7")
    await until(pilot, lambda: "Only a manager can do this" in showing(till))
    assert isinstance(till.screen, NoReceiptScreen)
    await pilot.press("f7", "f7")
    await until(pilot, lambda: till.screen is till.checkout)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("story", ["sees what goes back without a receipt", "is told what to hand back"])
def test_a_cashier(snap_compare: Any, till: PosApp, story: str, size: tuple[int, int]) -> None:
    async def play(pilot: Pilot[None]) -> None:
        await open_till(pilot, till)
        await take_back(pilot, till)
        await rung(pilot, till, BOOK, "Notebook A5")
        await rung(pilot, till, f"2*{BUN}", "2 × Croissant")
        await pilot.press("f4", "1", "enter")
        await until(pilot, lambda: "damaged" in showing(till))
        if "told" in story:
            await pilot.press("f9")
            await until(pilot, lambda: "Refunded 12.55" in showing(till))

    assert snap_compare(till, terminal_size=size, run_before=play)
