"""Who the member on the sale is, and "can I save anything today?" on one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole.tui.app import PosApp
from tests.tui.conftest import SIZES, showing, until
from tests.tui.hands import Hands
from tests.tui.test_checkout import BOOK, BUN, COFFEE, open_till

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any

    from textual.pilot import Pilot

    from posconsole import Store

CARD = "2800000001178"


@pytest.fixture
def shop(store: Store) -> Store:
    """Give the shop a club: a member with points, rewards, an offer of each kind, and coupons."""
    mira = store.members.create(name="Mira Olsen", card=CARD, tier="gold")
    store.members.adjust(mira.id, points=1240, reason="from the paper card")
    store.rewards.create(name="5.00 off", points=400, amount_off=500)
    store.rewards.create(name="A tenth off", points=250, percent_off=10)
    mug = store.rewards.create(name="Enamel mug", points=900, item=True, stock=1)
    for name, incentive, activation in (
        ("Weekend 10 %", {"type": "percentage_discount", "percent": 10}, "opt_in"),
        ("Double points", {"type": "points_multiplier", "multiplier": 2}, "auto"),
        ("A mug with it", {"type": "gift_reward", "reward": mug.id}, "auto"),
    ):
        offer = store.offers.create(name=name, incentive=incentive, activation=activation)
        store.offers.publish(offer.id)
    store.coupons.create(code="CLUB100", name="100 points", points=100)
    store.coupons.create(code="SPRING15", name="Spring 15 %", percent_off=15)
    return store


@pytest.fixture
def till(shop: Store) -> PosApp:
    return PosApp(None, "1", "Ana", open_store=lambda: shop, sandbox=True, clock=lambda _: "14:02")


@pytest.fixture
async def pilot(till: PosApp) -> AsyncIterator[Pilot[None]]:
    async with till.run_test(size=(80, 24)) as pilot:
        await open_till(pilot, till)
        yield pilot


@pytest.fixture
def hands(till: PosApp, pilot: Pilot[None]) -> Hands:
    return Hands(till)


async def saving(pilot: Pilot[None], hands: Hands) -> None:
    hands.press("f6")
    await until(pilot, lambda: hands.till.checkout.saving.on)


async def tick(pilot: Pilot[None], hands: Hands, name: str) -> None:
    """Turn a choice on or off; the list is found anew for it."""
    savings = hands.till.checkout.savings
    before = {choice.name: choice.taken for choice in savings.choices}
    names = [choice.name for choice in savings.choices]
    hands.press(*["up"] * len(names), *["down"] * names.index(name), "space")
    await until(pilot, lambda: {c.name: c.taken for c in savings.choices}.get(name) is not before[name])


async def test_the_member_shows_tier_points_and_what_the_purchase_earns(
    till: PosApp, pilot: Pilot[None], hands: Hands
) -> None:
    await hands.enter(f"4*{BOOK}", CARD)
    await until(pilot, lambda: "gold · 1,240 points, +54" in showing(till))
    assert "2 rewards" not in showing(till)
    await until(pilot, lambda: "3 rewards, 1 offer" in showing(till))


async def test_what_gives_points_or_a_gift_says_so_and_what_is_out_of_stock_is_no_trouble(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    await hands.enter(f"4*{BOOK}", CARD, "club100")
    await until(pilot, lambda: "+100 points" in showing(till))
    await until(pilot, lambda: "✓ A mug with it" in showing(till))
    member = till.checkout.sale.basket.member
    assert member is not None
    mug = next(one for one in shop.rewards.list().data if one.kind == "item")
    shop.loyalty.redemptions.create(reward=mug.id, account=member)
    await hands.enter(BUN)
    await until(pilot, lambda: "A mug with it: out of stock, not given" in showing(till))
    hands.press("f9")
    await until(pilot, lambda: till.checkout.cashing.on)


async def test_f6_twice_takes_the_best_that_costs_the_member_nothing(
    till: PosApp, pilot: Pilot[None], hands: Hands
) -> None:
    await hands.enter(f"4*{BOOK}", CARD)
    await saving(pilot, hands)
    assert till.checkout.savings.choices[0].name == "Weekend 10 %"
    assert not till.checkout.sale.basket.reward
    hands.press("f6")
    await until(pilot, lambda: not till.checkout.saving.on)
    await hands.done()
    quote = till.checkout.sale.quote
    assert quote is not None
    assert [discount.name for discount in quote.discounts] == ["Weekend 10 %"]
    assert quote.due == 2780 - 278
    await until(pilot, lambda: "✓ Saved 2.78: Weekend 10 %" in showing(till))
    hands.press("f9")
    await until(pilot, lambda: till.checkout.cashing.on)


async def test_points_and_a_gift_voucher_are_offered_and_spent_only_when_somebody_says_so(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    (member,) = shop.members.find(CARD).data
    voucher = shop.vouchers.issue(value=1000, customer=member.id)
    await hands.enter(f"4*{BOOK}", CARD)
    await saving(pilot, hands)
    await until(pilot, lambda: "○ 5.00 off" in showing(till) and "○ Voucher" in showing(till))
    assert till.checkout.savings.due == 2780 - 278
    await tick(pilot, hands, "5.00 off")
    await tick(pilot, hands, next(c.name for c in till.checkout.savings.choices if c.kind == "voucher"))
    await until(pilot, lambda: till.checkout.savings.due == 2780 - 278 - 500 - 1000)
    hands.press("f6")
    await hands.done()
    assert till.checkout.sale.quote
    assert (till.checkout.sale.basket.codes, till.checkout.sale.quote.due) == ((voucher.code,), 1002)
    # What is on the sale already stays on it.
    await saving(pilot, hands)
    await until(pilot, lambda: "✓ 5.00 off" in showing(till) and "✓ Voucher" in showing(till))


async def test_another_reward_takes_the_place_of_the_one_before(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    await hands.enter(f"4*{BOOK}", CARD)
    await saving(pilot, hands)
    await tick(pilot, hands, "5.00 off")
    await tick(pilot, hands, "A tenth off")
    await until(pilot, lambda: "○ 5.00 off" in showing(till) and "✓ A tenth off" in showing(till))
    hands.press("f6")
    await hands.done()
    assert till.checkout.sale.quote
    assert till.checkout.sale.quote.due == 2780 - 278 - 250


async def test_a_scan_behind_the_panel_is_rung_up_and_advised_on_anew(
    till: PosApp, pilot: Pilot[None], hands: Hands
) -> None:
    await hands.enter(COFFEE, CARD)
    await saving(pilot, hands)
    hands.scan(BOOK, BOOK)
    await until(pilot, lambda: till.checkout.sale.quote and till.checkout.sale.quote.order_amount == 1840)
    await until(pilot, lambda: till.checkout.savings.due == 1840 - 184)
    hands.press("f9")
    await until(pilot, lambda: "F6 takes what is ticked" in showing(till))
    hands.press("f7", "f7")
    await until(pilot, lambda: not till.checkout.saving.on)


async def test_without_a_member_f6_says_whom_it_is_for(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    await hands.enter(COFFEE)
    hands.press("f6")
    await until(pilot, lambda: "Advice is for members: look one up with F2 first." in showing(till))


async def test_a_reward_is_voided_like_a_line(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    await hands.enter(f"4*{BOOK}", CARD)
    await saving(pilot, hands)
    await tick(pilot, hands, "5.00 off")
    hands.press("f6")
    await until(pilot, lambda: till.checkout.sale.basket.reward)
    hands.press(*["down"] * 9, "f8")
    await until(pilot, lambda: till.checkout.sale.basket.reward is None)
    assert till.checkout.sale.basket.items


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_cashier_reads_out_what_the_member_can_save(snap_compare: Any, till: PosApp, size: tuple[int, int]) -> None:
    async def play(pilot: Pilot[None]) -> None:
        await open_till(pilot, till)
        hands = Hands(till)
        await hands.enter(f"3*{BOOK}", COFFEE, CARD, "club100")
        await saving(pilot, hands)
        hands.press("down")

    assert snap_compare(till, terminal_size=size, run_before=play)
