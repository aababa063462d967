"""What a cashier does at the checkout, key by key, on a real shop's database."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from posconsole.codes import seal
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.tui.app import PosApp
from posconsole.tui.screens.receipt import ReceiptScreen
from tests.tui.conftest import settled, showing, until
from tests.tui.hands import Hands

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from textual.pilot import Pilot

    from posconsole import Store

COFFEE, BUN, BOOK, PEN = "2000000000015", "2000000000022", "2000000000039", "2000000000046"
GIFT, ONCE = seal("GIFT", "KEEPSAKE025"), seal("GIFT", "0NCE0N1Y100")


@pytest.fixture
def shop(store: Store) -> Store:
    """Give the shop coupons, vouchers and members."""
    store.coupons.create(code="SPRING15", name="Spring 15 %", percent_off=15)
    store.coupons.create(code="BIG10", name="Ten off", amount_off=1000, min_order_value=5000)
    store.vouchers.issue(value=2000, code=GIFT)
    store.vouchers.issue(value=10000, code=ONCE, single_use=True)
    store.members.create(name="Mira Olsen", phone="0170 1234581")
    store.members.create(name="Mira Novak", phone="0170 5550707")
    return store


@pytest.fixture
def till(shop: Store) -> PosApp:
    return PosApp(None, "1", "Ana", open_store=lambda: shop, sandbox=True, clock=lambda _: "14:02")


@pytest.fixture
def hands(till: PosApp, pilot: Pilot[None]) -> Hands:
    return Hands(till)


@pytest.fixture
async def pilot(till: PosApp) -> AsyncIterator[Pilot[None]]:
    async with till.run_test(size=(80, 24)) as pilot:
        await open_till(pilot, till)
        yield pilot


async def open_till(pilot: Pilot[None], till: PosApp) -> None:
    await until(pilot, lambda: till.session.opened.is_set() and "opening" not in showing(till))


def items(till: PosApp) -> dict[str | None, int]:
    return {item.id: item.quantity for item in till.checkout.sale.basket.items}


def slowly(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, gate: threading.Event) -> list[Any]:
    """Hold a call to the engine until `gate` is set; returns the list of calls."""
    calls: list[Any] = []
    before: Callable[..., Any] = getattr(owner, name)

    def held(*args: Any, **kwargs: Any) -> Any:
        calls.append(args or kwargs)
        assert gate.wait(10)
        return before(*args, **kwargs)

    monkeypatch.setattr(owner, name, held)
    return calls


# Ringing up.


async def test_a_burst_of_scans_is_exact(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    hands.scan(*[COFFEE, BUN, BOOK, PEN, BUN] * 3)
    await until(pilot, lambda: sum(items(till).values()) == 15)
    assert items(till) == {"coffee": 3, "bun": 6, "book": 3, "pen": 3}
    await until(pilot, lambda: "53.70" in showing(till).replace(" ", "") or "Subtotal" in showing(till))


async def test_what_is_scanned_while_the_till_opens_is_not_lost(shop: Store) -> None:
    gate = threading.Event()

    def opening() -> Store:
        assert gate.wait(10)
        return shop

    till = PosApp(None, "1", "Ana", open_store=opening, clock=lambda _: "14:02")
    async with till.run_test() as pilot:
        hands = Hands(till)
        hands.scan(BUN, COFFEE)
        hands.type("knot")
        await until(pilot, lambda: "2 entries wait" in showing(till))
        hands.press("ctrl+d")
        hands.type("15000")
        gate.set()
        await until(pilot, lambda: items(till) == {"bun": 1, "coffee": 1})
        assert till.checkout.field.value == "knot"
        await until(pilot, lambda: "opens the shift with 150.00" in showing(till))


async def test_enter_acts_on_what_was_typed_at_that_moment(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    slowly(monkeypatch, shop, "look", gate)
    hands.scan(f"3*{BUN}", "SPRING15")
    hands.type("pen")
    gate.set()
    await until(pilot, lambda: till.checkout.sale.basket.codes == ("SPRING15",))
    assert items(till) == {"bun": 3}
    assert till.checkout.field.value == "pen"


async def test_a_stale_preview_is_never_shown(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hands.enter(BUN)
    gate = threading.Event()
    calls = slowly(monkeypatch, shop, "look", gate)
    hands.type("spring15")
    await until(pilot, lambda: any(call[0] == "spring15" for call in calls))
    hands.press("ctrl+u")
    hands.type("book")
    gate.set()
    await until(pilot, lambda: "Notebook A5" in showing(till))
    assert "SPRING15" not in showing(till)


async def test_typing_without_a_pause_asks_the_engine_once(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    gate.set()
    calls = slowly(monkeypatch, shop, "look", gate)
    for sign in "spring15":
        till.post_message(events.Key(sign, sign))
    await until(pilot, lambda: calls and calls[-1][0] == "spring15")
    await settled(pilot)
    assert len(calls) < len("spring15")


async def test_a_preview_says_what_the_code_does_to_this_basket(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    await hands.enter(f"3*{COFFEE}")
    hands.type("spring15")
    await until(pilot, lambda: "off: −2.03, leaves 11.47 to pay" in showing(till))
    assert not till.checkout.sale.basket.codes


async def test_a_mistyped_voucher_is_told_while_typing(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    hands.type(GIFT[:-1] + ("2" if GIFT[-1] != "2" else "3"))
    await until(pilot, lambda: "? " in showing(till) and "mistyped" in showing(till))


async def test_what_a_voucher_forfeits_takes_two_enters(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    await hands.enter(BUN)
    hands.scan(ONCE, "")  # a scanner that sends two line ends is nobody's yes
    await until(pilot, lambda: "the other 97.20 is lost" in showing(till))
    assert not till.checkout.sale.basket.codes
    await hands.enter("")
    await until(pilot, lambda: till.checkout.sale.basket.codes == (ONCE,))


async def test_a_refusal_stays_until_it_is_dealt_with(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    hands.scan("nosuchthing", BUN, COFFEE)
    await until(pilot, lambda: items(till) == {"bun": 1, "coffee": 1})
    await until(pilot, lambda: "‘nosuchthing’" in showing(till))
    hands.press("f7")
    await until(pilot, lambda: "‘nosuchthing’" not in showing(till))


async def test_a_code_that_no_longer_counts_is_asked_about(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    await hands.enter(f"8*{BOOK}")
    await hands.enter("big10")
    await hands.enter("2*")
    await until(pilot, lambda: "✗" in showing(till) and "36.10" in showing(till))
    hands.press("f9")
    await until(pilot, lambda: "BIG10 does not count" in showing(till))
    assert not till.checkout.cashing.on
    await hands.enter("")
    await until(pilot, lambda: till.checkout.cashing.on)
    assert not till.checkout.sale.basket.codes


async def test_lines_are_changed_voided_and_had_back(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    hands.scan(COFFEE, BUN)
    await until(pilot, lambda: len(items(till)) == 2)
    hands.press("right", "right", "left")
    await until(pilot, lambda: items(till) == {"coffee": 1, "bun": 2})
    hands.press("up", "f8")
    await until(pilot, lambda: items(till) == {"bun": 2})
    hands.press("ctrl+z")
    await until(pilot, lambda: items(till) == {"coffee": 1, "bun": 2})


async def test_a_name_is_chosen_among_hits(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    hands.type("mira")
    await until(pilot, lambda: "2 hits" in showing(till))
    hands.press("down")
    await until(pilot, lambda: till.checkout.finding.on)
    hands.press("down")
    await hands.enter("")
    await until(pilot, lambda: till.checkout.sale.member is not None)
    await until(pilot, lambda: "Mira Olsen" in showing(till))
    hands.press("f2")
    await hands.enter("")
    assert till.checkout.sale.basket.member is None


async def test_a_scan_behind_an_unclear_name_is_a_scan(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    await hands.enter("mira")
    await until(pilot, lambda: till.checkout.finding.on)
    hands.scan(BUN)
    await until(pilot, lambda: items(till) == {"bun": 1})
    assert not till.checkout.finding.on


async def test_products_are_found_by_name(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    hands.press("f3")
    hands.type("note")
    await until(pilot, lambda: till.checkout.chooser.hits)
    await hands.enter("")
    assert items(till) == {"book": 1}


async def test_a_hostile_name_shows_as_it_is_written(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    shop.products.create(sku="bad", name="[@click=app.quit]x[/] \x1b[2JPAID\u202e", price=100)
    await hands.enter("bad")
    hands.type("@click")
    await until(pilot, lambda: "[@click=app.quit]x[/] \ufffd[2JPAID\ufffd  1.00" in showing(till))
    await until(pilot, lambda: "1 × [@click=app" in showing(till))


# Paying.


async def ready_to_pay(pilot: Pilot[None], hands: Hands, *scans: str) -> None:
    for scan in scans or (COFFEE, BUN):
        await hands.enter(scan)
    hands.press("f9")
    await until(pilot, lambda: hands.till.checkout.cashing.on)


async def test_cash_with_its_change(till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store) -> None:
    await ready_to_pay(pilot, hands)
    hands.type("c1000")
    await until(pilot, lambda: "Change" in showing(till) and "2.70" in showing(till))
    hands.press("f9")
    await until(pilot, lambda: isinstance(till.screen, ReceiptScreen))
    assert [payment.change for payment in shop.payments.list().data] == [270]
    assert till.checkout.sale.empty
    await till.session.settle()
    assert shop.baskets.open() is None


async def test_a_double_f9_pays_once(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ready_to_pay(pilot, hands)
    gate = threading.Event()
    calls = slowly(monkeypatch, shop.payments, "create", gate)
    hands.press("c", "f9", "f9", "f9", "enter", "f9")
    gate.set()
    await until(pilot, lambda: isinstance(till.screen, ReceiptScreen))
    assert len(calls) == 1
    assert len(shop.payments.list().data) == 1


async def test_a_decline_leaves_the_basket_and_says_so(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    await ready_to_pay(pilot, hands)
    hands.press("k", "2", "f9")
    await until(pilot, lambda: "Declined" in showing(till))
    assert items(till) == {"coffee": 1, "bun": 1}
    await till.session.settle()
    draft = shop.baskets.open()
    assert draft is not None
    assert len(draft.items) == 2
    hands.press("k", "1", "f9")
    await until(pilot, lambda: isinstance(till.screen, ReceiptScreen))
    assert [payment.status for payment in shop.payments.list().data] == ["captured", "declined"]


async def test_what_is_unknown_is_not_taken_again(till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store) -> None:
    await ready_to_pay(pilot, hands)
    hands.press("k", "4", "f9")
    await until(pilot, lambda: "Do NOT take the money again" in showing(till).replace("\n", " "))
    assert items(till) == {}
    await until(pilot, lambda: "1 unsettled" in showing(till))
    await till.session.settle()
    assert shop.baskets.open() is None
    shop.payments.settle(shop.payments.unsettled()[0].id, captured=False, note="the bank's log says no")
    hands.press("f5")
    await until(pilot, lambda: till.screen is not till.checkout)
    hands.press("f7")
    await until(pilot, lambda: "can be paid again" in showing(till))
    assert items(till) == {"coffee": 1, "bun": 1}


async def test_the_banks_own_device_is_asked_and_answered(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    await ready_to_pay(pilot, hands)
    hands.press("t", "f9")
    await until(pilot, lambda: "Key 7.30 into the" in showing(till))
    hands.press("f7")
    assert till.checkout.cashing.on
    hands.type("a123456")
    hands.press("f9")
    await until(pilot, lambda: isinstance(till.screen, ReceiptScreen))
    assert [tender.approval_code for tender in shop.payments.list().data[0].tenders] == ["123456"]


async def test_cash_and_card_together(till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store) -> None:
    await ready_to_pay(pilot, hands)
    hands.type("c500")
    hands.press("f9")
    await until(pilot, lambda: "LEFT TO PAY" in showing(till))
    hands.press("k", "1", "f9")
    await until(pilot, lambda: isinstance(till.screen, ReceiptScreen))
    paid = shop.payments.list().data[0]
    assert [(tender.kind, tender.amount) for tender in paid.tenders] == [("cash", 500), ("card", 230)]


@pytest.mark.parametrize(
    ("scan", "gap", "typed"),
    [
        (COFFEE, 0.001, ""),
        (COFFEE, 0.09, ""),
        ("20000015", 0.09, ""),
        ("4711", 0.001, "12"),
        ("GIFT-KEEP", 0.001, "12"),
    ],
    ids=["EAN-13", "slow EAN-13", "slow EAN-8", "short number", "letters"],
)
async def test_a_scan_is_never_an_amount_and_never_pays(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store, scan: str, gap: float, typed: str
) -> None:
    await ready_to_pay(pilot, hands)
    hands.type("c12")
    hands.scan(scan, gap=gap)
    await until(pilot, lambda: "Scanned" in showing(till))
    state = till.checkout.panel.state
    assert state is not None
    assert (state.kind, state.typed) == ("cash", typed)
    assert not shop.payments.list().data
    assert items(till) == {"coffee": 1, "bun": 1}


async def test_nothing_left_to_pay_takes_one_confirmation(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    await ready_to_pay(pilot, hands, BUN, GIFT)
    await until(pilot, lambda: "Nothing is left to pay" in showing(till))
    hands.press("f9")
    await until(pilot, lambda: isinstance(till.screen, ReceiptScreen))
    assert shop.vouchers.get(GIFT).balance == 1720


async def test_no_money_moves_while_the_total_cannot_be_seen(till: PosApp, shop: Store) -> None:
    async with till.run_test(size=(60, 18)) as pilot:
        hands = Hands(till)
        await until(pilot, lambda: till.session.opened.is_set())
        hands.scan(BUN)
        await until(pilot, lambda: items(till) == {"bun": 1})
        await until(pilot, lambda: "too small" in showing(till))
        hands.press("f9", "c", "f9")
        assert not till.checkout.cashing.on
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "Croissant" in showing(till))


async def test_a_total_that_changed_is_looked_at_again(
    till: PosApp, pilot: Pilot[None], hands: Hands, shop: Store
) -> None:
    await hands.enter(BUN)
    await hands.enter(GIFT)
    hands.press("f9")
    await until(pilot, lambda: till.checkout.cashing.on)
    shop.payments.create(items=[{"id": "book", "quantity": 2}], vouchers=[GIFT], tender="cash")
    shop.payments.create(items=[{"id": "book"}], vouchers=[GIFT], tender="cash")
    hands.press("f9")
    await until(pilot, lambda: "Nothing was taken" in showing(till))
    assert len(shop.payments.list().data) == 2


async def test_the_next_scan_on_the_receipt_begins_the_next_sale(
    till: PosApp, pilot: Pilot[None], hands: Hands
) -> None:
    await ready_to_pay(pilot, hands)
    hands.press("c", "f9")
    await until(pilot, lambda: isinstance(till.screen, ReceiptScreen))
    hands.scan(PEN, BOOK)
    await until(pilot, lambda: items(till) == {"pen": 1, "book": 1})


# Around the sale.


async def test_the_open_basket_is_offered_again_and_scans_wait_for_the_answer(shop: Store) -> None:
    shop.baskets.save(Basket((Item("bun", 2), Item("pen"))))
    till = PosApp(None, "1", "Ana", open_store=lambda: shop, clock=lambda _: "14:02")
    async with till.run_test() as pilot:
        hands = Hands(till)
        await until(pilot, lambda: "A basket of 2 lines, 6.80, was open" in showing(till))
        hands.scan(COFFEE)
        await pilot.pause(0.1)
        assert items(till) == {}
        hands.press("enter")
        await until(pilot, lambda: items(till) == {"bun": 2, "pen": 1, "coffee": 1})


async def test_what_was_being_paid_when_the_till_stopped_is_settled_before_anything_else(shop: Store) -> None:
    basket = Basket((Item("coffee"), Item("bun")))
    shop.baskets.save(basket)
    shop.payments.open(basket=basket, tenders=[{"kind": "card"}], closes_basket=True)
    till = PosApp(None, "1", "Ana", open_store=lambda: shop, clock=lambda _: "14:02")
    async with till.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "A basket of 2 lines" in showing(till))
        await until(pilot, lambda: "Under way when the till stopped: 7.30 was not taken." in showing(till))
    assert shop.payments.unsettled() == ()


async def test_the_open_basket_can_be_cleared(shop: Store) -> None:
    shop.baskets.save(Basket((Item("bun", 2),)))
    till = PosApp(None, "1", "Ana", open_store=lambda: shop, clock=lambda _: "14:02")
    async with till.run_test() as pilot:
        hands = Hands(till)
        await until(pilot, lambda: "was open" in showing(till))
        hands.press("f7")
        await until(pilot, lambda: "was open" not in showing(till))
        await till.session.settle()
        assert shop.baskets.open() is None


async def test_leaving_waits_for_the_commit_under_way(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    till = PosApp(None, "1", "Ana", open_store=lambda: shop, clock=lambda _: "14:02")
    gate = threading.Event()
    monkeypatch.setattr(shop, "close", lambda: None)
    async with till.run_test() as pilot:
        hands = Hands(till)
        await open_till(pilot, till)
        await ready_to_pay(pilot, hands)
        slowly(monkeypatch, shop.payments, "create", gate)
        hands.press("c", "f9")
        till.leave()
        leaving = till._leaving
        assert leaving is not None
        assert not leaving.done()
        gate.set()
        await leaving
    assert [payment.status for payment in shop.payments.list().data] == ["captured"]
    assert shop.baskets.open() is None


async def test_every_key_is_in_the_palette_and_explains_itself(till: PosApp, pilot: Pilot[None], hands: Hands) -> None:
    from posconsole.tui.commands import TillCommands
    from posconsole.tui.keys import CHECKOUT, MORE, PALETTE

    provider = TillCommands(till.screen)
    offered = [hit.text async for hit in provider.discover()]
    assert len(offered) == len([key for key in CHECKOUT if key not in (MORE, PALETTE)])
    assert all(key.name and key.help for key in CHECKOUT)
    found = [hit async for hit in provider.search("refund")]
    assert "Refund (Ctrl+R)" in [hit.text for hit in found]


async def test_a_shop_that_cannot_open_says_so_and_tries_again(shop: Store) -> None:
    from posconsole.errors import NotAllowed

    tries = [NotAllowed("Till 1 is open in another window.", code="till_in_use")]

    def opening() -> Store:
        if tries:
            raise tries.pop()
        return shop

    till = PosApp(None, "1", "Ana", open_store=opening, clock=lambda _: "14:02")
    async with till.run_test() as pilot:
        hands = Hands(till)
        await until(pilot, lambda: "Till 1 is open in another window." in showing(till))
        hands.press("enter")
        await until(pilot, lambda: till.session.opened.is_set())
