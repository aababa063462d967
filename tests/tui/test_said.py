"""What a cashier is told: the answer to what was just done, what is lost, what F9 waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.tui.app import PosApp
from tests.tui.conftest import showing, until
from tests.tui.hands import Hands
from tests.tui.test_checkout import BOOK, BUN, COFFEE, GIFT, ONCE, hands, items, pilot, ready_to_pay, shop, till

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from posconsole import Store

__all__ = ["hands", "pilot", "shop", "till"]


async def test_what_a_single_use_voucher_loses_stands_in_the_basket(
    till: PosApp, pilot: Pilot[None], hands: Hands
) -> None:
    await hands.enter(f"15*{BOOK}", ONCE)
    assert "is lost" not in showing(till)
    hands.press("up")
    await hands.enter("1*")
    await until(pilot, lambda: "! single use: the other 93.05 is lost" in showing(till))
    hands.press("f9")
    await until(pilot, lambda: till.checkout.cashing.on and "the other 93.05 is lost" in showing(till))
    hands.press("f9")
    await until(pilot, lambda: "93.05 not used is lost · receipt" in showing(till))


@pytest.mark.parametrize(
    ("text", "said"),
    [(f"0*{COFFEE}", "Nothing here is called ‘0*"), (f"9999*{COFFEE}", "is more than a line can take")],
)
async def test_a_quantity_that_cannot_be_is_refused(
    till: PosApp, pilot: Pilot[None], hands: Hands, text: str, said: str
) -> None:
    await hands.enter(COFFEE, text)
    await until(pilot, lambda: said in showing(till).replace("most.", "is more than a line can take"))
    assert items(till) == {"coffee": 1}


async def test_the_latest_refusal_is_the_one_on_show(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    await hands.enter("nosuch", "neither")
    await until(pilot, lambda: "‘neither’" in showing(till))
    hands.press("f7")
    await until(pilot, lambda: "‘nosuch’" in showing(till))


async def test_a_refusal_goes_once_what_was_refused_does_after_all(
    till: PosApp, pilot: Pilot[None], hands: Hands
) -> None:
    await hands.enter(COFFEE, "big10")
    await until(pilot, lambda: "more qualifies" in showing(till))
    await hands.enter(f"8*{BOOK}", "BIG-10")
    await until(pilot, lambda: till.checkout.sale.basket.codes == ("BIG-10",))
    await until(pilot, lambda: "more qualifies" not in showing(till))


async def test_what_stays_on_a_voucher_is_said_before_it_pays(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    hands.type(GIFT)
    await until(pilot, lambda: "Ring something up first, then enter" in showing(till))
    hands.press("f7")
    await hands.enter(BUN)
    hands.type(GIFT)
    await until(pilot, lambda: "pays 2.80, 17.20 stays on it; nothing left to pay" in showing(till))


async def test_a_code_without_goods_is_seen_to_wait_for_some(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    await hands.enter(BUN, GIFT)
    hands.press("up", "f8")
    await until(pilot, lambda: f"! …-{GIFT[-4:]} waits for an article" in showing(till))
    hands.press("f8")
    await until(pilot, lambda: "The code is off the sale" in showing(till) and "waits for" not in showing(till))


async def test_f9_says_what_it_waits_for(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    await ready_to_pay(pilot, hands)
    hands.press("f9")
    await until(pilot, lambda: "How is it paid?" in showing(till))
    hands.press("v")
    await until(pilot, lambda: "No way to pay begins so." in showing(till))
    hands.press("k", "f9")
    await until(pilot, lambda: "Which card?" in showing(till))
    await until(pilot, lambda: "2 …0002 declines" in showing(till))
    hands.press("1")
    await until(pilot, lambda: "Which card?" not in showing(till))


async def test_figures_keyed_straight_away_are_the_cash_and_what_is_typed_goes_with_its_refusal(
    till: PosApp, pilot: Pilot[None], hands: Hands
) -> None:
    hands.type("bun")
    hands.press("f9")
    await until(pilot, lambda: "typed, not entered" in showing(till))
    hands.press("f7")
    await until(pilot, lambda: "typed, not entered" not in showing(till))
    await ready_to_pay(pilot, hands)
    hands.type("3000")
    await until(pilot, lambda: "F9 Take 30.00" in showing(till))
    hands.press(*["backspace"] * 4)
    await until(pilot, lambda: "F9 Take" not in showing(till))
    hands.scan("4006381333931")
    await until(pilot, lambda: "Scanned 4006381333931:" in showing(till))
    assert "F9 Take" not in showing(till)


async def test_the_basket_that_was_put_away_at_the_start_can_be_had_back(shop: Store) -> None:
    shop.baskets.save(Basket((Item("bun", 2),)))
    till = PosApp(None, "1", "Ana", open_store=lambda: shop, clock=lambda _: "14:02")
    async with till.run_test() as pilot:
        hands = Hands(till)
        await until(pilot, lambda: "was open" in showing(till))
        hands.press("f7")
        await until(pilot, lambda: "Ctrl+Z undoes" in showing(till))
        hands.press("ctrl+z")
        await until(pilot, lambda: items(till) == {"bun": 2})


async def test_what_was_on_the_banks_device_when_the_till_stopped_is_said(shop: Store) -> None:
    shop.payments.open(basket=Basket((Item("bun"),)), tenders=[{"kind": "terminal"}])
    till = PosApp(None, "1", "Ana", open_store=lambda: shop, clock=lambda _: "14:02")
    async with till.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "1 unsettled" in showing(till))
        assert "while 2.80 was being paid: it may be taken." in " ".join(showing(till).split())
