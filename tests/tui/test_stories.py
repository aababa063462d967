"""Whole stories of a day, by keys alone: each looks at the screen on its way, and at the store in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole.engine.codes import batches, minting
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest
from posconsole.tui.app import PosApp
from posconsole.tui.screens.batches import BatchesScreen
from posconsole.tui.screens.day import DayScreen
from posconsole.tui.screens.day_count import CountScreen
from posconsole.tui.screens.form import FormScreen
from posconsole.tui.screens.office import OfficeScreen
from posconsole.tui.screens.receipt import ReceiptScreen
from posconsole.tui.screens.refund import RefundScreen
from posconsole.tui.screens.take_back import TakeBackScreen
from posconsole.tui.screens.vouchers import VouchersScreen
from tests.tui.conftest import SIZES, showing, until
from tests.tui.hands import Hands
from tests.tui.test_checkout import BOOK, COFFEE, open_till
from tests.tui.test_vouchers import waiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot
    from textual.screen import Screen

    from posconsole import Store
    from posconsole.engine.views import MemberView, PaymentView

__all__ = ["waiting"]
APPROVES, DECLINES = "1", "2"
"""The sandbox's cards, by their place."""


class Cashier(Hands):
    """Hands whose owner looks at the screen, and goes on when it shows what they wait for."""

    def __init__(self, till: PosApp, pilot: Pilot[None]) -> None:
        super().__init__(till)
        self.pilot = pilot

    async def sees(self, *texts: str) -> None:
        try:
            await until(self.pilot, lambda: all(text in showing(self.till) for text in texts))
        except AssertionError:
            pytest.fail(f"{texts} never came up:\n{showing(self.till)}")

    async def stands_at(self, screen: type[Screen[None]], *texts: str) -> None:
        await until(self.pilot, lambda: isinstance(self.till.screen, screen))
        await self.sees(*texts)

    async def goes_to_pay(self) -> None:
        self.press("f9")
        await until(self.pilot, lambda: self.till.checkout.cashing.on)

    async def ends_the_sale(self) -> None:
        """Look at the change for longer than a double press takes, then go on."""
        assert isinstance(self.till.screen, ReceiptScreen)
        self.till.screen._since -= 1
        await self.goes_home(1)

    async def goes_home(self, screens: int) -> None:
        self.press(*["f7"] * screens)
        await until(self.pilot, lambda: self.till.screen is self.till.checkout)


@pytest.fixture
async def cashier(store: Store) -> AsyncIterator[Cashier]:
    till = PosApp(None, "1", "Ana", open_store=lambda: store, sandbox=True, clock=lambda _: "14:02")
    async with till.run_test(size=SIZES[0]) as pilot:
        await open_till(pilot, till)
        yield Cashier(till, pilot)
    assert store.audit() == []


@pytest.fixture
def mira(store: Store) -> MemberView:
    """Enrol Mira, who has an offer waiting."""
    offer = store.offers.create(
        name="Weekend 10 %", incentive={"type": "percentage_discount", "percent": 10}, activation="opt_in"
    )
    store.offers.publish(offer.id)
    return store.members.create(name="Mira Olsen", phone="+4915112345678")


def sold(store: Store) -> PaymentView:
    """Return the one sale there is."""
    (payment,) = [one for one in store.payments.list().data if one.status == "captured"]
    return payment


async def test_ana_sells_to_mira_who_has_an_offer_waiting(cashier: Cashier, store: Store, mira: MemberView) -> None:
    await cashier.enter(f"4*{BOOK}")
    cashier.press("f2")
    await until(cashier.pilot, lambda: cashier.till.checkout.finding.on)
    cashier.type("mira")
    await cashier.sees("Mira Olsen", "1 member")
    cashier.press("enter")
    await cashier.sees("1 offer", "27.80")
    cashier.press("f6")
    await cashier.sees("Weekend 10 %", "TO PAY THEN")
    cashier.press("f6")
    await cashier.sees("Saved 2.78: Weekend 10 %")
    await cashier.done()
    await cashier.goes_to_pay()
    cashier.press("c", "f9")
    await cashier.stands_at(ReceiptScreen, "Captured 25.02 in cash · +25 points · receipt 1-000001", "Weekend 10 %")
    payment = sold(store)
    assert (payment.amount, payment.discount_amount, payment.member) == (2502, 278, mira.id)
    assert store.members.get(mira.id).points == 25


async def test_a_card_declines_a_part_and_another_card_pays_it(cashier: Cashier, store: Store) -> None:
    await cashier.enter(f"2*{BOOK}", COFFEE)
    await cashier.goes_to_pay()
    cashier.press("c", *"1000", "f9")
    await cashier.sees("LEFT TO PAY", "Noted. Nothing is")
    cashier.press("k", DECLINES, "f9")
    await cashier.sees("✗ Declined. Nothing was", "LEFT TO PAY")
    assert all(one.status != "captured" for one in store.payments.list().data)
    cashier.press("k", APPROVES, "f9")
    await cashier.stands_at(ReceiptScreen, "Captured 18.40: 10.00 in cash, 8.40 by card")
    tenders = [(tender.kind, tender.amount) for tender in sold(store).tenders if tender.status == "captured"]
    assert tenders == [("cash", 1000), ("card", 840)]


async def test_half_of_it_comes_back_and_so_do_its_points_which_mira_has_spent(
    cashier: Cashier, store: Store, mira: MemberView
) -> None:
    basket = Basket((Item("book", 4),), member=mira.id)
    store.payments.create(basket=basket, tenders=[TenderRequest("cash", tendered=3000)])
    mug = store.rewards.create(name="Sticker", points=20, item=True)
    store.loyalty.redemptions.create(reward=mug.id, account=mira.id)
    cashier.press("ctrl+r")
    await cashier.stands_at(RefundScreen, "1-000001", "27.80")
    cashier.press("1", "enter")
    await cashier.stands_at(TakeBackScreen, "Notebook A5")
    cashier.press("2")
    await cashier.sees("Gives back 13.90", "14 points taken back from")
    cashier.press("f9")
    await cashier.stands_at(ReceiptScreen, "Refunded 13.90 in cash, takes 14 points back")
    member = store.members.get(mira.id)
    assert (member.points, member.points_debt) == (0, 7)
    (refund,) = store.payments.list().data[0].refunds
    assert (refund.amount, refund.points) == (1390, 14)


async def test_a_thousand_vouchers_are_minted_while_the_till_goes_on_selling(
    cashier: Cashier, store: Store, waiting: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    # In steps, as many more codes are: the till is seen selling between two of them.
    monkeypatch.setattr(batches, "AT_ONCE", 0)
    monkeypatch.setattr(minting, "PART", 250)
    cashier.press("f10")
    await cashier.stands_at(OfficeScreen, "what is to be done?")
    cashier.press("1")
    await cashier.stands_at(VouchersScreen, "no voucher yet")
    cashier.press("f3")
    await cashier.stands_at(FormScreen, "How many")
    cashier.press(*"1000", "enter", "enter", *"2500")
    await cashier.sees("25,000.00 EUR")
    cashier.press("f9")
    await cashier.stands_at(BatchesScreen, "500 of 1,000 minted")
    await cashier.goes_home(3)
    cashier.scan(COFFEE)
    await cashier.done()
    await cashier.goes_to_pay()
    cashier.press("c", "f9")
    await cashier.stands_at(ReceiptScreen, "Captured 4.50 in cash")
    assert store.batches.list().data[0].minted == 500
    waiting.append(True)
    cashier.scan(BOOK)
    await until(cashier.pilot, lambda: cashier.till.screen is cashier.till.checkout)
    await cashier.sees("Notebook A5", "6.95")
    cashier.press("f10")
    await cashier.stands_at(OfficeScreen, "what is to be done?")
    cashier.press("5")
    await cashier.stands_at(BatchesScreen, "1,000 of 1,000 minted", "✓ done")
    assert store.vouchers.list().total == 1000
    assert sold(store).amount == 450


async def test_what_is_missing_in_the_drawer_is_explained_and_the_day_is_closed_once(
    cashier: Cashier, store: Store
) -> None:
    cashier.press("ctrl+d")
    await cashier.stands_at(DayScreen, "No shift is open")
    cashier.press(*"15000", "f9")
    await cashier.sees("The shift is open with 150.00")
    await cashier.goes_home(1)
    await cashier.enter(COFFEE, BOOK)
    await cashier.goes_to_pay()
    cashier.press("c", *"2000", "f9")
    await cashier.stands_at(ReceiptScreen, "Captured 11.45 in cash")
    await cashier.ends_the_sale()
    cashier.press("ctrl+d")
    await cashier.stands_at(DayScreen, "X REPORT", "11.45  cash from sales")
    cashier.press("f3", *"500", "enter", *"stamps", "f9")
    await cashier.sees("5.00 taken out: stamps")
    cashier.press("f9")
    await cashier.stands_at(CountScreen, "how many of each")
    cashier.press("down", "down", "1", "enter", "1", "enter", "f9")
    await cashier.sees("DIFFERENCE", "! 6.45 missing")
    cashier.press("f9")
    await cashier.sees("say what may have happened")
    cashier.type("a note flew away")
    cashier.press("enter")
    assert store.shifts.current() is not None
    cashier.press("f9", "f9")
    await cashier.stands_at(DayScreen, "Shift 1-1 is closed: this is its Z report", "! 6.45 missing")
    (shift,) = store.shifts.list().data
    assert (shift.expected, shift.counted, shift.difference, shift.note) == (15_645, 15_000, -645, "a note flew away")
