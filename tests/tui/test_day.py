"""The day at a till: the float, cash moved, the X report, the count, the Z report once, hours, journal, audit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from posconsole import codes
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest
from posconsole.engine.views import ShopView
from posconsole.money import Currency
from posconsole.printing.shift import shift_report
from posconsole.tui.coins import denominations
from posconsole.tui.screens.day import DayScreen
from posconsole.tui.screens.day_count import CountScreen
from tests.tui.conftest import SIZES, showing, until
from tests.tui.test_sign_in import ANA, MO, sign_in, staffed
from tests.tui.test_sign_in import app as staffed_app

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.clock import FixedClock
    from posconsole.tui.app import PosApp

__all__ = ["staffed", "staffed_app"]
HOUR = 3600


def sell(store: Store, sku: str, count: int) -> None:
    store.payments.create(basket=Basket((Item(sku, count),)), tenders=[TenderRequest("cash", tendered=10_000)])


@pytest.fixture
def morning(store: Store, clock: FixedClock) -> Store:
    """Open at nine with 150.00, sell through the morning, bring something back, buy stamps."""
    clock.at -= 5 * HOUR
    store.shifts.open(15_000)
    for hour, (sku, count) in enumerate([("coffee", 3), ("bun", 9), ("book", 1), ("coffee", 1)]):
        clock.at += HOUR if hour != 2 else 2 * HOUR
        sell(store, sku, count)
    paid = store.payments.list(limit=1).data[0]
    store.payments.refund(paid.id, reason="spilt")
    store.shifts.cash_out(850, "stamps")
    return store


@pytest.fixture(autouse=True)
def nothing_random(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count identifiers up from the same one, and print the same seal: each shop has a key of its own."""
    monkeypatch.setattr(codes, "_last", 2**100 - 2**20)
    monkeypatch.setattr(
        "posconsole.tui.screens.day.shift_report",
        lambda shift, shop: shift_report(replace(shift, journal_head=shift.journal_head and "5ea1" * 16), shop),
    )


async def open_day(pilot: Pilot[None], app: PosApp, shown: str) -> DayScreen:
    await until(pilot, lambda: app.session.opened.is_set() and "opening the till" not in showing(app))
    await pilot.press("ctrl+d")
    await until(pilot, lambda: isinstance(app.screen, DayScreen) and shown in showing(app))
    assert isinstance(app.screen, DayScreen)
    return app.screen


async def count(pilot: Pilot[None], app: PosApp, *numbers: str) -> None:
    """Count so many of each coin and note, from the largest on."""
    await pilot.press("f9")
    await until(pilot, lambda: isinstance(app.screen, CountScreen) and "how many of each" in showing(app))
    for number in numbers:
        await pilot.press(*number, "enter")
    await pilot.press("f9")
    await until(pilot, lambda: "DIFFERENCE" in showing(app))


async def test_the_shift_is_opened_with_what_is_in_the_drawer(store: Store, app: PosApp) -> None:
    async with app.run_test() as pilot:
        await open_day(pilot, app, "No shift is open")
        await pilot.press(*"15000", "enter")
        assert store.shifts.current() is None
        await pilot.press("f9")
        await until(pilot, lambda: "The shift is open with 150.00" in showing(app))
    shift = store.shifts.current()
    assert shift is not None
    assert shift.opening_float == 15_000


async def test_cash_moves_once_and_never_without_a_reason(store: Store, app: PosApp) -> None:
    store.shifts.open(0)
    async with app.run_test() as pilot:
        await open_day(pilot, app, "X REPORT")
        await pilot.press("f2", *"2000", "enter", "f9")
        await until(pilot, lambda: "never moves without a reason" in showing(app))
        await pilot.press(*"change", "enter")
        assert store.shifts.x_report().cash_in == 0
        await pilot.press("f9")
        await until(pilot, lambda: "20.00 put in: change" in showing(app))
        await pilot.press("f3", *"500", "f9", *"stamps", "f9")
        await until(pilot, lambda: "5.00 taken out: stamps" in showing(app))
    shift = store.shifts.x_report()
    assert (shift.cash_in, shift.cash_out, shift.expected) == (2000, 500, 1500)
    assert store.audit() == []


@pytest.mark.parametrize("back", ["f7", "escape"])
async def test_a_question_about_cash_can_be_left(store: Store, app: PosApp, back: str) -> None:
    store.shifts.open(0)
    async with app.run_test() as pilot:
        await open_day(pilot, app, "X REPORT")
        await pilot.press("f3", *"500", "enter", *"stamps", back)
        await until(pilot, lambda: "SHOULD BE IN THE DRAWER" in showing(app))
        await pilot.press(back)
        await until(pilot, lambda: app.screen is app.checkout)
    assert store.shifts.x_report().cash_out == 0


async def test_a_scan_is_no_cash(store: Store, app: PosApp) -> None:
    async with app.run_test() as pilot:
        await open_day(pilot, app, "No shift is open")
        await pilot.press(*"2000000000015", "enter", "f9")
        await until(pilot, lambda: "Type what is in the drawer first" in showing(app))
    assert store.shifts.current() is None


async def test_the_drawer_is_counted_explained_and_closed_once(morning: Store, app: PosApp) -> None:
    expected = morning.shifts.x_report().expected
    async with app.run_test() as pilot:
        await open_day(pilot, app, "X REPORT")
        await count(pilot, app, "", "", "1", "1")
        await until(pilot, lambda: "missing" in showing(app))
        await pilot.press("f9")
        await until(pilot, lambda: "say what may have happened" in showing(app))
        await pilot.press(*"nobody knows", "enter")
        assert morning.shifts.current() is not None
        await pilot.press("f9")
        await until(pilot, lambda: "Shift 1-1 is closed: this is its Z report" in showing(app))
        await pilot.press("f7")
        await until(pilot, lambda: app.screen is app.checkout and "! no shift · Ctrl+D" in showing(app))
    (closed,) = morning.shifts.list().data
    assert (closed.counted, closed.expected, closed.note) == (15_000, expected, "nobody knows")
    assert closed.counts == {10_000: 1, 5000: 1}
    assert morning.audit() == []


async def test_nobody_counts_while_a_payment_waits(store: Store, app: PosApp) -> None:
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.session.opened.is_set() and "opening the till" not in showing(app))
        store.shifts.open(0)
        store.payments.create(
            basket=Basket((Item("coffee"),)), tenders=[TenderRequest("card", number="4000 0000 0000 0259")]
        )
        await open_day(pilot, app, "X REPORT")
        await pilot.press("f9")
        await until(pilot, lambda: "isn't settled yet" in showing(app))
        assert isinstance(app.screen, DayScreen)


async def test_the_journal_is_narrowed_down_by_words_and_days(morning: Store, app: PosApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await open_day(pilot, app, "X REPORT")
        await pilot.press("f5")
        await until(pilot, lambda: "newest first" in showing(app))
        await pilot.press(*"ana cash 2026-07-22", "enter")
        await until(pilot, lambda: "1 entry about ana cash" in showing(app))
        await until(pilot, lambda: "reason  stamps" in showing(app))
        await until(pilot, lambda: "−8.50" in showing(app))
        await pilot.press(*"refund", "enter")
        await until(pilot, lambda: "about refund" in showing(app))
        await pilot.press("f4")
        await until(pilot, lambda: "payment captured" in showing(app))


async def test_the_audit_says_what_it_found(morning: Store, app: PosApp, url: str) -> None:
    import sqlite3

    async with app.run_test() as pilot:
        await open_day(pilot, app, "X REPORT")
        await pilot.press("f6")
        await until(pilot, lambda: "The books are sound" in showing(app))
        with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
            database.execute("UPDATE cash_movement SET amount = -1")
        await pilot.press("enter")
        await until(pilot, lambda: "the books are not sound" in showing(app))


async def test_a_cashier_counts_and_a_manager_approves_the_close(staffed_app: PosApp, staffed: Store) -> None:
    app = staffed_app
    async with app.run_test() as pilot:
        hands = await sign_in(app, pilot, "Ana", ANA)
        app.session.store.shifts.open(5000)
        await open_day(pilot, app, "X REPORT")
        await pilot.press("f4")
        await until(pilot, lambda: "A manager approves: see the sales by hour" in showing(app))
        hands.press("f7")
        await until(pilot, lambda: isinstance(app.screen, DayScreen))
        await count(pilot, app, "", "", "", "1")
        await pilot.press("f9")
        await until(pilot, lambda: "A manager approves: close the shift, 50.00 counted" in showing(app))
        hands.type("Mo")
        hands.press("enter")
        hands.type(MO)
        hands.press("enter")
        await until(pilot, lambda: "Shift 1-1 is closed: this is its Z report" in showing(app))
    (closed,) = staffed.shifts.list().data
    assert (closed.closed_by, closed.difference) == ("Ana", 0)
    (event,) = staffed.events.list(type="shift.closed").data
    assert event.data["approved_by"] == "Mo"


async def start(pilot: Pilot[None], app: PosApp) -> None:
    await open_day(pilot, app, "No shift is open")
    await pilot.press(*"15000")


async def x_report(pilot: Pilot[None], app: PosApp) -> None:
    await open_day(pilot, app, "X REPORT")


async def differs(pilot: Pilot[None], app: PosApp) -> None:
    await open_day(pilot, app, "X REPORT")
    await count(pilot, app, "", "", "1", "1", "2", "", "1")


async def z_report(pilot: Pilot[None], app: PosApp) -> None:
    await differs(pilot, app)
    await pilot.press(*"nobody knows", "f9")
    await until(pilot, lambda: "is closed: this is its Z report" in showing(app))


async def hours(pilot: Pilot[None], app: PosApp) -> None:
    await open_day(pilot, app, "X REPORT")
    await pilot.press("f4")
    await until(pilot, lambda: "net by hour" in showing(app))


async def journal(pilot: Pilot[None], app: PosApp) -> None:
    await open_day(pilot, app, "X REPORT")
    await pilot.press("f5")
    await until(pilot, lambda: "newest first" in showing(app))


@pytest.mark.parametrize("size", SIZES)
def test_a_cashier_opens_the_day(snap_compare: Any, app: PosApp, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: start(pilot, app))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("look", [x_report, differs, z_report, hours, journal])
def test_a_manager_looks_at_the_day_and_closes_it(
    snap_compare: Any, morning: Store, app: PosApp, look: Any, size: tuple[int, int]
) -> None:
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: look(pilot, app))


@pytest.mark.parametrize(
    ("currency", "smallest", "values"),
    [
        ("EUR", 5, "500 200 100 50 20 10 5 2 1 .5 .2 .1 .05"),
        ("USD", 1, "100 50 20 10 5 2 1 .5 .25 .1 .05 .01"),
        ("CHF", 5, "1000 200 100 50 20 10 5 2 1 .5 .2 .1 .05"),
        ("JPY", 1, "10000 5000 2000 1000 500 100 50 10 5 1"),
    ],
)
def test_a_drawer_is_counted_by_what_there_is_of_its_currency(currency: str, smallest: int, values: str) -> None:
    shop = ShopView("", Currency.of(currency), "en", "UTC", True, smallest, 0)
    assert denominations(shop) == tuple(shop.currency.parse(value) for value in values.replace(" .", " 0.").split())
