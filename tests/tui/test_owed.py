"""Refunds that a card still owes: the bank is asked again, then a person settles them another way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.tenders.base import Answer
from posconsole.tenders.sandbox import SandboxBank
from posconsole.tui.screens.owed import OwedScreen
from tests.tui.conftest import SIZES, settled, showing, until
from tests.tui.test_checkout import hands, open_till, pilot, shop, till

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.tui.app import PosApp
    from tests.tui.hands import Hands

__all__ = ["hands", "pilot", "shop", "till"]

CARD = "4242424242424242"


def leave_owed(shop: Store, monkeypatch: pytest.MonkeyPatch, said: str = "declined") -> None:
    """Refund a card sale while the bank says this."""
    sold = shop.payments.create(items=[{"id": "book"}], tenders=[{"kind": "card", "number": CARD}])
    with monkeypatch.context() as bank:
        bank.setattr(SandboxBank, "refund", lambda *_: Answer(said))
        shop.payments.refund(sold.id, items=[{"line": 1, "quantity": 1}])
    assert len(shop.payments.owed()) == 1


async def open_tray(pilot: Pilot[None], till: PosApp) -> None:
    await pilot.press("f5")
    await until(pilot, lambda: isinstance(till.screen, OwedScreen) and "1-000002" in showing(till))


async def test_the_bank_is_asked_again_and_gives_it_back(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_owed(shop, monkeypatch, "unknown")
    await open_tray(pilot, till)
    await until(pilot, lambda: "no answer" in showing(till))
    hands.press("enter")
    await until(pilot, lambda: "The bank has given 1 back" in showing(till))
    await until(pilot, lambda: not shop.payments.owed())
    assert shop.audit() == []


@pytest.mark.parametrize(("key", "said"), [("c", "given back in cash"), ("v", "Hand over the voucher")])
async def test_what_the_bank_declines_is_settled_another_way_when_f9_says_so(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store, monkeypatch: pytest.MonkeyPatch, key: str, said: str
) -> None:
    leave_owed(shop, monkeypatch)
    await open_tray(pilot, till)
    await until(pilot, lambda: "✗ declined" in showing(till))
    hands.press(key, "enter", "f7", "f9")
    await settled(pilot)
    assert shop.payments.owed()
    hands.press(key, "f9", "f9")
    await until(pilot, lambda: said in " ".join(showing(till).split()))
    await until(pilot, lambda: not shop.payments.owed())
    await settled(pilot)
    hands.press("f7")
    await until(pilot, lambda: till.screen is till.checkout and "unsettled" not in showing(till))
    assert shop.audit() == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_cashier_sees_what_a_card_still_owes(
    snap_compare: Any, till: PosApp, shop: Store, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async def play(pilot: Pilot[None]) -> None:
        await open_till(pilot, till)
        leave_owed(shop, monkeypatch)
        await open_tray(pilot, till)

    assert snap_compare(till, terminal_size=size, run_before=play)
