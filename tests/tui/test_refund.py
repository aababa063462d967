"""Giving money back by the keyboard alone, seeing before it moves what goes where."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest
from posconsole.errors import Busy
from posconsole.printing import escpos
from posconsole.printing.receipt import sale_receipt
from posconsole.tui.commands import TillCommands
from posconsole.tui.screens.receipt import ReceiptScreen
from posconsole.tui.screens.refund import RefundScreen
from posconsole.tui.screens.take_back import TakeBackScreen
from tests.printing.escpos_reader import Reader
from tests.printing.reading import read
from tests.tui.conftest import SIZES, settled, showing, until
from tests.tui.hands import Hands

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.engine.views import PaymentView, RefundPlan, RefundView
    from posconsole.tui.app import PosApp


@pytest.fixture
def sale(store: Store) -> PaymentView:
    """Sell 3 flat whites, a croissant and 2 notebooks (30.20) for a coupon, a voucher of 20.00 and cash."""
    store.coupons.create(code="SPRING10", percent_off=10)
    voucher = store.vouchers.issue(value=2000)
    items = (Item("coffee", 3), Item("bun"), Item("book", 2))
    basket = Basket(items, ("SPRING10", voucher.code))
    return store.payments.create(basket=basket, tenders=[TenderRequest("cash", tendered=1000)])


async def open_receipt(pilot: Pilot[None], app: PosApp, typed: str = "1") -> TakeBackScreen:
    await app.session.opened.wait()
    await pilot.press("ctrl+r", *typed, "enter")
    await until(pilot, lambda: isinstance(app.screen, TakeBackScreen))
    await settled(pilot)
    assert isinstance(app.screen, TakeBackScreen)
    return app.screen


async def planned(pilot: Pilot[None], app: PosApp, text: str) -> None:
    await until(pilot, lambda: text in showing(app))


@pytest.mark.parametrize("size", SIZES)
def test_a_cashier_finds_the_sale_among_the_latest(
    snap_compare: Any, store: Store, sale: PaymentView, app: PosApp, size: tuple[int, int]
) -> None:
    store.payments.create(basket=Basket((Item("pen", 2),)))
    store.payments.refund("2")

    async def look(pilot: Pilot[None]) -> None:
        await app.session.opened.wait()
        await pilot.press("ctrl+r")
        await planned(pilot, app, "1-000001")
        await pilot.press("down")

    assert snap_compare(app, terminal_size=size, run_before=look)


@pytest.mark.parametrize("size", SIZES)
def test_a_cashier_sees_what_goes_back_to_which_tender_before_it_moves(
    snap_compare: Any, store: Store, sale: PaymentView, app: PosApp, size: tuple[int, int]
) -> None:
    store.payments.refund("1", items=[{"line": 2, "quantity": 1}])

    async def choose(pilot: Pilot[None]) -> None:
        await open_receipt(pilot, app)
        await pilot.press("a", "enter", "f4", "1", "enter")
        await planned(pilot, app, "Gives back")

    assert snap_compare(app, terminal_size=size, run_before=choose)


@pytest.mark.parametrize("size", SIZES)
def test_a_cashier_is_told_what_to_hand_back(
    snap_compare: Any, sale: PaymentView, app: PosApp, size: tuple[int, int]
) -> None:
    async def refund(pilot: Pilot[None]) -> None:
        await open_receipt(pilot, app)
        await pilot.press("a")
        await planned(pilot, app, "Gives back")
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, ReceiptScreen))
        await planned(pilot, app, "Refunded")

    assert snap_compare(app, terminal_size=size, run_before=refund)


async def test_what_is_to_be_keyed_into_the_card_terminal_is_not_called_refunded(store: Store, app: PosApp) -> None:
    sold = store.payments.open(basket=Basket((Item("coffee"),)), tenders=[{"kind": "terminal"}])
    store.payments.settle(sold.id, captured=True)
    async with app.run_test() as pilot:
        await open_receipt(pilot, app)
        await pilot.press("a")
        await planned(pilot, app, "Gives back 4.50")
        await pilot.press("f9")
        await planned(pilot, app, "Recorded 4.50 on the card terminal, to be keyed in there")
        await planned(pilot, app, "STILL TO KEY IN")


@pytest.mark.parametrize("typed", ["1", "1-1", "1-000001", "000001"])
async def test_a_receipt_is_found_however_its_number_is_typed(sale: PaymentView, app: PosApp, typed: str) -> None:
    async with app.run_test() as pilot:
        screen = await open_receipt(pilot, app, typed)
        assert screen.payment.id == sale.id


async def test_the_bar_code_of_a_printed_receipt_opens_its_sale(store: Store, sale: PaymentView, app: PosApp) -> None:
    """From the bytes that the narrowest printer is sent, by a scanner's eye and keys, to the sale."""
    model = escpos.model("simple", 58)
    paper = Reader(model.columns, model.dots).read(escpos.printed(sale_receipt(sale, store.shop, model.columns), model))
    (scanned,) = (text for picture in paper.pictures for text in read(picture))
    async with app.run_test() as pilot:
        await app.session.opened.wait()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: isinstance(app.screen, RefundScreen))
        Hands(app).scan(scanned)
        await until(pilot, lambda: isinstance(app.screen, TakeBackScreen))
        assert isinstance(app.screen, TakeBackScreen)
        assert app.screen.payment.id == sale.id


async def test_a_number_that_is_no_receipt_stays_on_the_screen_until_it_is_put_away(app: PosApp) -> None:
    async with app.run_test() as pilot:
        await app.session.opened.wait()
        await pilot.press("ctrl+r", *"99", "enter")
        await planned(pilot, app, "99")
        await pilot.press("enter")
        assert isinstance(app.screen, RefundScreen)
        assert "no sale" not in showing(app).replace("no sale to refund", "")


async def test_keys_choose_lines_and_f9_pressed_twice_refunds_once(
    store: Store, sale: PaymentView, app: PosApp
) -> None:
    async with app.run_test() as pilot:
        await open_receipt(pilot, app)
        await pilot.press("plus", "down", "down", "2")
        await planned(pilot, app, "Gives back 16.56")
        await pilot.press("f9", "f9")
        await until(pilot, lambda: isinstance(app.screen, ReceiptScreen))
        await planned(pilot, app, "Refunded 16.56")
    found = store.payments.get(sale.id)
    assert [line.refunded for line in found.lines] == [1, 0, 2]
    assert len(found.refunds) == 1
    assert store.audit() == []


async def test_a_scan_takes_its_article_back_and_never_becomes_a_quantity(sale: PaymentView, app: PosApp) -> None:
    async with app.run_test() as pilot:
        screen = await open_receipt(pilot, app)
        await pilot.press("2", "enter", *"2000000000022", "enter", *"2000000000039", "enter")
        await until(pilot, lambda: screen.selection.chosen == (2, 1, 1))
        await pilot.press(*"2000000000046", "enter")
        await planned(pilot, app, "Highlighter yellow is not on receipt 1-000001")
        assert screen.selection.chosen == (2, 1, 1)


async def test_a_number_beyond_what_is_left_is_no_quantity(store: Store, sale: PaymentView, app: PosApp) -> None:
    async with app.run_test() as pilot:
        screen = await open_receipt(pilot, app)
        await pilot.press("plus", *"102", "f9")
        await until(pilot, lambda: "‘102’ is typed, not entered" in showing(app))
        await pilot.press("enter")
        await until(pilot, lambda: "Only 3 of this line can come back, not 102." in showing(app))
        assert screen.selection.chosen == (1, 0, 0)
    assert store.payments.get(sale.id).refunds == ()


async def test_what_came_back_already_cannot_be_chosen_again(store: Store, sale: PaymentView, app: PosApp) -> None:
    store.payments.refund(sale.id)
    async with app.run_test() as pilot:
        screen = await open_receipt(pilot, app)
        assert showing(app).count("✗ refunded") == 3
        await pilot.press("a", "enter", "plus", "f9")
        assert screen.selection.items == []
        await until(pilot, lambda: "has come back already" in showing(app))
    assert len(store.payments.get(sale.id).refunds) == 1


async def test_a_plan_that_comes_late_is_dropped(
    store: Store, sale: PaymentView, app: PosApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, asked, release = store.payments.plan_refund, threading.Event(), threading.Event()

    def slow(payment: str, items: list[dict[str, int]]) -> RefundPlan:
        if items[0]["quantity"] == 1:
            asked.set()
            release.wait(10)
        return plan(payment, items=items)

    monkeypatch.setattr(store.payments, "plan_refund", slow)
    async with app.run_test() as pilot:
        await open_receipt(pilot, app)
        await pilot.press("plus")
        await until(pilot, asked.is_set)
        await pilot.press("plus")
        await planned(pilot, app, "Gives back 8.10")
        release.set()
        await settled(pilot)
        await until(pilot, lambda: "Gives back 8.10" in showing(app))


async def test_f9_moves_nothing_while_what_it_would_move_is_not_shown(
    store: Store, sale: PaymentView, app: PosApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, release = store.payments.plan_refund, threading.Event()

    def slow(payment: str, items: list[dict[str, int]]) -> RefundPlan:
        release.wait(10)
        return plan(payment, items=items)

    monkeypatch.setattr(store.payments, "plan_refund", slow)
    async with app.run_test() as pilot:
        await open_receipt(pilot, app)
        await pilot.press("a", "f9")
        release.set()
        await planned(pilot, app, "Gives back")
        await pilot.resize_terminal(60, 15)
        await until(pilot, lambda: "too small" in showing(app))
        await pilot.press("f9")
        await settled(pilot)
        assert isinstance(app.screen, TakeBackScreen)
    assert store.payments.get(sale.id).refunds == ()


async def test_f9_does_not_overtake_the_quantity_typed_before_it(store: Store, sale: PaymentView, app: PosApp) -> None:
    async with app.run_test() as pilot:
        screen = await open_receipt(pilot, app)
        await pilot.press("plus")
        await planned(pilot, app, "Gives back 4.05")
        for key, character in [("3", "3"), ("f9", None)]:
            app.post_message(events.Key(key, character))
        await until(pilot, lambda: screen.selection.chosen == (3, 0, 0))
        await planned(pilot, app, "Gives back 12.15")
    assert store.payments.get(sale.id).refunds == ()


async def test_a_refusal_stays_and_the_next_try_carries_the_same_key(
    store: Store, sale: PaymentView, app: PosApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []
    refund: Callable[..., RefundView] = store.payments.refund

    def busy_at_first(*args: Any, **kwargs: Any) -> RefundView:
        keys.append(kwargs["idempotency_key"])
        if len(keys) == 1:
            refund(*args, **kwargs)
            raise Busy("The shop's database is busy. Try again.")
        return refund(*args, **kwargs)

    monkeypatch.setattr(store.payments, "refund", busy_at_first)
    async with app.run_test() as pilot:
        await open_receipt(pilot, app)
        await pilot.press("plus")
        await planned(pilot, app, "Gives back")
        await pilot.press("f9")
        await planned(pilot, app, "✗ The shop's database is busy. Try again.")
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, ReceiptScreen))
    assert keys[0] == keys[1]
    assert len(store.payments.get(sale.id).refunds) == 1


async def test_another_till_was_first(
    store: Store, sale: PaymentView, app: PosApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test() as pilot:
        screen = await open_receipt(pilot, app)
        await pilot.press("down", "plus")
        await planned(pilot, app, "Gives back")
        store.payments.refund(sale.id, items=[{"line": 2, "quantity": 1}])
        await pilot.press("f9")
        await planned(pilot, app, "✗ refunded")
        assert screen.refused
        assert screen.selection.items == []


async def test_a_reason_is_picked_or_typed_and_a_scan_is_never_one(
    store: Store, sale: PaymentView, app: PosApp
) -> None:
    async with app.run_test() as pilot:
        screen = await open_receipt(pilot, app)
        await pilot.press("f4", *"2000000000022", "enter")
        await until(pilot, lambda: screen.selection.chosen == (0, 1, 0))
        await pilot.press("f4", *"stale", "enter")
        await planned(pilot, app, "reason  stale")
        await planned(pilot, app, "Gives back")
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, ReceiptScreen))
    assert store.payments.get(sale.id).refunds[0].reason == "stale"


async def test_names_are_shown_as_they_are_and_do_nothing(store: Store, app: PosApp) -> None:
    store.payments.create(items=[{"name": "[@click=app.quit]x[/] \x1b[2JPAID", "price": 100}])
    async with app.run_test() as pilot:
        await app.session.opened.wait()
        await pilot.press("ctrl+r")
        await planned(pilot, app, "[@click=app.quit]")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TakeBackScreen))
        await planned(pilot, app, "[@click=app.quit]x[")
        await pilot.press("a")
        await planned(pilot, app, "Gives back")
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, ReceiptScreen))
        await planned(pilot, app, "[@click=app.quit]x[/]")
        assert "\x1b" not in showing(app)


async def test_what_the_keys_do_is_in_the_palette_too(sale: PaymentView, app: PosApp) -> None:
    async with app.run_test() as pilot:
        screen = await open_receipt(pilot, app)
        found = [hit async for hit in TillCommands(screen).search("other receipt")]
        await found[0].command()
        await planned(pilot, app, "latest sales")
