"""What a cashier does beside the sale: a price told, a receipt shown again, the drawer opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.tui.screens.receipt import ReceiptScreen
from tests.tui.conftest import showing, until
from tests.tui.test_checkout import BOOK, BUN, COFFEE, hands, items, pilot, shop, till

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.tui.app import PosApp
    from tests.tui.hands import Hands

__all__ = ["hands", "pilot", "shop", "till"]


async def test_a_price_is_told_once_and_nothing_is_rung_up(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    await hands.enter(COFFEE, "spring15")
    hands.press("ctrl+t")
    await until(pilot, lambda: "it is not rung up" in showing(till))
    hands.scan(f"2*{BOOK}")
    await until(pilot, lambda: "2 × Notebook A5  6.95  =  13.90; to this sale it adds 11.82" in showing(till))
    assert items(till) == {"coffee": 1}
    hands.scan(BUN)
    await until(pilot, lambda: items(till) == {"coffee": 1, "bun": 1})


async def test_the_last_receipt_and_one_by_its_number_are_shown_as_copies(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    shop.payments.create(items=[{"id": "book"}], tender="cash")
    shop.payments.create(items=[{"id": "gift25"}], tenders=[{"kind": "cash", "tendered": 3000}])
    hands.press("ctrl+l")
    await until(pilot, lambda: isinstance(till.screen, ReceiptScreen))
    await until(pilot, lambda: "COPY" in showing(till) and "Copy of receipt 1-000002" in showing(till))
    await until(pilot, lambda: "nothing was taken now" in showing(till))
    assert "CHANGE DUE" not in showing(till)
    assert "Hand over the voucher" not in showing(till)
    hands.press("f7")
    await until(pilot, lambda: till.screen is till.checkout)
    hands.type("1")
    hands.press("ctrl+l")
    await until(pilot, lambda: "Copy of receipt 1-000001" in showing(till))
    hands.scan(BUN)
    await until(pilot, lambda: items(till) == {"bun": 1})


async def test_a_receipt_that_is_not_there_is_refused_in_words(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    hands.press("ctrl+l")
    await until(pilot, lambda: "No sale was made at this till lately" in showing(till))


async def test_the_drawer_is_opened_and_the_journal_tells_by_whom(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    hands.press("ctrl+g")
    await until(pilot, lambda: "The drawer is opened" in showing(till))
    latest = shop.events.list(type="drawer.opened").data
    assert [(event.till, event.operator) for event in latest] == [("1", "Ana")]
    assert not shop.payments.list().data
    assert shop.audit() == []
