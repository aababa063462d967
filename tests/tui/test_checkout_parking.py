"""Putting a sale aside for the next customer, and taking it up again here or at another till."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole import Store
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest
from posconsole.tui.screens.owed import OwedScreen
from posconsole.tui.screens.recall import RecallScreen
from posconsole.tui.screens.unsettled import UnsettledScreen
from tests.tui.conftest import SIZES, settled, showing, until
from tests.tui.hands import Hands
from tests.tui.test_checkout import BOOK, BUN, COFFEE, hands, items, open_till, pilot, shop, till

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from posconsole.clock import FixedClock
    from posconsole.tui.app import PosApp

__all__ = ["hands", "pilot", "shop", "till"]


async def tray(pilot: Pilot[None], till: PosApp) -> None:
    await until(pilot, lambda: isinstance(till.screen, RecallScreen) and "checking" not in showing(till))


async def test_a_sale_is_parked_under_a_name_and_recalled(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    await hands.enter(COFFEE, f"2*{BUN}", "spring15")
    hands.press("f4")
    await until(pilot, lambda: "Whose is it?" in showing(till))
    await hands.enter("red coat")
    await until(pilot, lambda: "Parked as ‘red coat’" in showing(till))
    assert till.checkout.sale.empty
    assert shop.baskets.open() is None
    assert [one.name for one in shop.baskets.parked()] == ["red coat"]
    hands.press("f5")
    await tray(pilot, till)
    await until(pilot, lambda: "red coat" in showing(till))
    hands.press("enter")
    await until(pilot, lambda: till.screen is till.checkout and items(till) == {"coffee": 1, "bun": 2})
    assert till.checkout.sale.basket.codes == ("spring15",)
    await till.session.settle()
    assert not shop.baskets.parked()
    assert shop.baskets.open() == till.checkout.sale.basket


async def test_f4_twice_parks_under_the_usual_name(till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store) -> None:
    await hands.enter(COFFEE, BUN)
    hands.press("f4", "f4")
    await until(pilot, lambda: till.checkout.sale.empty)
    assert [one.name for one in shop.baskets.parked()] == ["Flat white +1"]
    await hands.enter(BOOK)
    assert items(till) == {"book": 1}


async def test_what_is_scanned_while_a_name_is_asked_for_is_rung_up(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    await hands.enter(COFFEE)
    hands.press("f4")
    hands.scan(BUN)
    await until(pilot, lambda: items(till) == {"coffee": 1, "bun": 1})
    assert not till.checkout.parking.on
    assert not shop.baskets.parked()


async def test_a_name_is_not_looked_up_as_a_code(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hands.enter(COFFEE)
    hands.press("f4")
    monkeypatch.setattr(shop, "look", lambda *_: pytest.fail("a name was looked up"))
    await hands.enter("spring15")
    assert [one.name for one in shop.baskets.parked()] == ["spring15"]


async def test_nothing_is_recalled_over_an_open_sale(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    await hands.enter(COFFEE)
    hands.press("f4", "f4")
    await until(pilot, lambda: till.checkout.sale.empty)
    await hands.enter(BUN)
    hands.press("f5")
    await tray(pilot, till)
    hands.press("enter")
    await until(pilot, lambda: "Sell, park or void what is rung up here first." in showing(till))
    hands.press("f7", "f7")
    await until(pilot, lambda: till.screen is till.checkout)
    assert items(till) == {"bun": 1}
    assert len(shop.baskets.parked()) == 1


async def test_a_sale_parked_elsewhere_is_gone_once_another_till_has_it(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store, clock: FixedClock
) -> None:
    await hands.enter(COFFEE)
    hands.press("f4", "f4")
    await until(pilot, lambda: till.checkout.sale.empty)
    hands.press("f5")
    await tray(pilot, till)
    other = Store.open(shop.url, clock=clock).sign_in(till="2", operator="Ben")
    other.baskets.recall(other.baskets.parked()[0].id)
    other.close()
    hands.press("enter")
    await until(pilot, lambda: "not parked any more" in " ".join(showing(till).split()))


async def test_the_tray_opens_on_what_came_last_and_f5_turns_it(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store, clock: FixedClock
) -> None:
    shop.payments.create(
        basket=Basket((Item("coffee"),)), tenders=[TenderRequest("card", number="4000 0000 0000 0259")]
    )
    hands.press("f5")
    await until(pilot, lambda: isinstance(till.screen, UnsettledScreen))
    hands.press("f5")
    await until(pilot, lambda: isinstance(till.screen, OwedScreen) and "Nothing is owed" in showing(till))
    hands.press("f5")
    await until(pilot, lambda: isinstance(till.screen, RecallScreen) and "No sale is parked" in showing(till))
    hands.press("f5")
    await until(pilot, lambda: isinstance(till.screen, UnsettledScreen))
    hands.press("f7")
    await until(pilot, lambda: till.screen is till.checkout)
    clock.at += 60
    await hands.enter(BUN)
    hands.press("f4", "f4")
    await until(pilot, lambda: till.checkout.sale.empty)
    hands.press("f5")
    await tray(pilot, till)


async def test_a_parked_sale_is_thrown_away_only_when_f9_says_so(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    await hands.enter(COFFEE)
    hands.press("f4", "f4")
    await until(pilot, lambda: till.checkout.sale.empty)
    hands.press("f5")
    await tray(pilot, till)
    hands.press("f8", "f7", "f9")
    await settled(pilot)
    assert len(shop.baskets.parked()) == 1
    hands.press("f8", "f9")
    await until(pilot, lambda: "is thrown away" in showing(till))
    assert not shop.baskets.parked()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("story", ["asks whose sale it is", "looks for a parked sale"])
def test_a_cashier(snap_compare: Any, till: PosApp, story: str, size: tuple[int, int]) -> None:
    async def play(pilot: Pilot[None]) -> None:
        await open_till(pilot, till)
        hands = Hands(till)
        await hands.enter(f"2*{BOOK}", COFFEE)
        hands.press("f4")
        if "parked" in story:
            await hands.enter("red coat", f"3*{BUN}")
            hands.press("f4", "f4")
            await until(pilot, lambda: till.checkout.sale.empty)
            hands.press("f5")
            await tray(pilot, till)
            await until(pilot, lambda: "8.40" in showing(till))

    assert snap_compare(till, terminal_size=size, run_before=play)
