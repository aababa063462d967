"""What stays on the pay panel when money was refused, and the PIN that a voucher asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.codes import seal
from posconsole.tui.screens.receipt import ReceiptScreen
from tests.tui.conftest import settled, showing, until
from tests.tui.test_checkout import BUN, COFFEE, hands, pilot, ready_to_pay, shop, till

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.tui.app import PosApp
    from tests.tui.hands import Hands

__all__ = ["hands", "pilot", "shop", "till"]

LOCKED = seal("GIFT", "10CKED0F025")


async def test_a_decline_stays_until_another_way_to_pay_is_chosen(
    till: PosApp, pilot: Pilot[None], hands: Hands
) -> None:
    await ready_to_pay(pilot, hands)
    hands.press("k", "2", "f9")
    await until(pilot, lambda: "Declined" in showing(till) and not till.checkout.panel.waiting)
    hands.press("f9", "enter", "f9")
    await settled(pilot)
    await until(pilot, lambda: "Declined" in showing(till))
    assert "How is it paid?" not in showing(till)
    hands.press("c")
    await until(pilot, lambda: "Declined" not in showing(till))


async def test_a_vouchers_pin_is_asked_for_and_a_wrong_one_is_said(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    shop.vouchers.issue(value=500, code=LOCKED, pin="2718")
    await ready_to_pay(pilot, hands, COFFEE, BUN, LOCKED)
    hands.press("c", "f9")
    await until(pilot, lambda: "The customer's PIN" in showing(till))
    hands.press("f9")
    await until(pilot, lambda: till.checkout.panel.verb() == "")
    hands.type("1111")
    await until(pilot, lambda: till.checkout.panel.pin == "1111")
    assert "1111" not in showing(till)
    hands.press("f9")
    await until(pilot, lambda: "That is not the PIN" in " ".join(showing(till).split()))
    assert not shop.payments.list().data
    hands.type("2718")
    hands.press("f9")
    await until(pilot, lambda: isinstance(till.screen, ReceiptScreen))
    assert shop.vouchers.get(LOCKED).balance == 0


async def test_without_its_pin_a_voucher_leaves_the_other_ways_to_pay(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    shop.vouchers.issue(value=500, code=LOCKED, pin="2718")
    await ready_to_pay(pilot, hands, COFFEE, LOCKED)
    hands.press("f9")
    await until(pilot, lambda: "The customer's PIN" in showing(till))
    hands.scan(BUN)
    await until(pilot, lambda: "Scanned" in showing(till))
    assert till.checkout.panel.pin == ""
    hands.press("f7")
    await until(pilot, lambda: not till.checkout.panel.pin_of)
    assert till.checkout.cashing.on
    hands.press("f7")
    await until(pilot, lambda: not till.checkout.cashing.on)
