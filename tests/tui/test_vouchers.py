"""The vouchers of the back office: issued, looked up, shown to a phone, changed with a reason, made by the batch."""

from __future__ import annotations

import random
import secrets
import threading
from typing import TYPE_CHECKING, Any

import pytest

from posconsole.engine.codes import minting
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest
from posconsole.tui import exporting
from posconsole.tui.screens.batches import BatchesScreen
from posconsole.tui.screens.form import FormScreen
from posconsole.tui.screens.office import PLACES, OfficeScreen
from posconsole.tui.screens.voucher import VoucherScreen
from posconsole.tui.screens.vouchers import VouchersScreen
from tests.tui.camera import decoded
from tests.tui.conftest import SIZES, settled, showing, until

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.clock import FixedClock
    from posconsole.engine.views import VoucherView
    from posconsole.tui.app import PosApp


async def open_office(pilot: Pilot[None], app: PosApp) -> None:
    await until(pilot, lambda: app.session.opened.is_set() and "opening the till" not in showing(app))
    await pilot.press("f10")
    await until(pilot, lambda: isinstance(app.screen, OfficeScreen) and "Vouchers" in showing(app))


async def open_place(pilot: Pilot[None], app: PosApp, name: str) -> None:
    await open_office(pilot, app)
    await pilot.press(str([place for place, _, _ in PLACES].index(name) + 1))


async def open_vouchers(pilot: Pilot[None], app: PosApp) -> None:
    await open_place(pilot, app, "Vouchers")
    await until(pilot, lambda: isinstance(app.screen, VouchersScreen) and app.screen.rows.title)


async def open_voucher(pilot: Pilot[None], app: PosApp, code: str) -> None:
    await open_vouchers(pilot, app)
    await pilot.press(*code, "enter")
    await until(pilot, lambda: isinstance(app.screen, VoucherScreen) and app.screen.history)
    await settled(pilot)


def history(store: Store, clock: FixedClock) -> VoucherView:
    """Make a voucher that has been through something: sold for, adjusted; and some others."""
    voucher = store.vouchers.issue(value=5000, holder="Mira [bold]Olsen", expires_at="2027-06-30")
    store.vouchers.issue(value=1000, single_use=True, pin="2468")
    store.vouchers.issue(value=500, kind="points")
    clock.at += 3600
    store.payments.create(basket=Basket((Item("book", 2),), (voucher.code,)))
    store.vouchers.void(store.vouchers.issue(value=2000).id, "printed twice")
    clock.at += 600
    store.vouchers.adjust(voucher.id, amount=500, reason="a spilt coffee")
    card = TenderRequest("card", number="4000 0000 0000 0259")
    store.payments.create(basket=Basket((Item("book", 2),), (store.vouchers.issue(value=700).code,)), tenders=[card])
    return store.vouchers.get(voucher.id)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("keys", [(), ("down", "down", "down", "down", "down", "enter")])
def test_a_manager_looks_at_vouchers_and_opens_one(
    snap_compare: Any, store: Store, app: PosApp, clock: FixedClock, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    voucher = history(store, clock)

    async def look(pilot: Pilot[None]) -> None:
        await open_vouchers(pilot, app)
        await pilot.press(*keys)
        if keys:
            await until(pilot, lambda: isinstance(app.screen, VoucherScreen) and app.screen.history)
            assert isinstance(app.screen, VoucherScreen)
            assert app.screen.voucher == voucher

    assert snap_compare(app, terminal_size=size, run_before=look)


@pytest.mark.parametrize("size", SIZES)
def test_a_manager_shows_a_slip_again_and_it_says_that_it_is_a_copy(
    snap_compare: Any, store: Store, app: PosApp, clock: FixedClock, size: tuple[int, int]
) -> None:
    voucher = history(store, clock)

    async def look(pilot: Pilot[None]) -> None:
        await open_voucher(pilot, app, voucher.code)
        await pilot.press("f4")
        await settled(pilot)
        await until(pilot, lambda: "COPY" in showing(app))

    assert snap_compare(app, terminal_size=size, run_before=look)


async def issuing(pilot: Pilot[None], app: PosApp) -> None:
    await open_vouchers(pilot, app)
    await pilot.press("f2", "down", *"2500", "enter", "y", "enter", *"2026-12-31", "enter", *"Mira", "enter", *"2468")
    await until(pilot, lambda: "25.00 EUR" in showing(app))


@pytest.mark.parametrize("size", SIZES)
def test_a_manager_fills_in_a_voucher_and_sees_what_it_will_be(
    snap_compare: Any, app: PosApp, size: tuple[int, int]
) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await issuing(pilot, app)

    assert snap_compare(app, terminal_size=size, run_before=look)


async def test_enter_issues_nothing_f9_does_once_and_a_phone_reads_the_code(store: Store, app: PosApp) -> None:
    async with app.run_test() as pilot:
        await issuing(pilot, app)
        await pilot.press("enter", "enter", "enter")
        assert store.vouchers.list().total == 0
        await pilot.press("f9", "f9")
        await until(pilot, lambda: isinstance(app.screen, VoucherScreen) and app.screen.history)
        await settled(pilot)
        (voucher,) = store.vouchers.list().data
        await until(pilot, lambda: "Issued: 25.00 on it." in showing(app))
        assert decoded(app.screen) == [voucher.code]
    assert (voucher.balance, voucher.single_use, voucher.holder, voucher.has_pin) == (2500, True, "Mira", True)
    assert store.audit() == []


@pytest.mark.parametrize("size", [(72, 20), (80, 24), (120, 40)])
async def test_a_phone_reads_the_code_at_every_size(store: Store, app: PosApp, size: tuple[int, int]) -> None:
    voucher = store.vouchers.issue(value=2500)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_voucher(pilot, app, voucher.code)
        await pilot.resize_terminal(*size)
        await until(pilot, lambda: decoded(app.screen) == [voucher.code])


async def test_a_refusal_goes_to_its_question_and_stays_until_the_answer_is_another(store: Store, app: PosApp) -> None:
    async with app.run_test() as pilot:
        await open_vouchers(pilot, app)
        await pilot.press("f2", "down", *"2500", *["down"] * 5, *"X", "f9")
        await until(pilot, lambda: "Code begins: 'X' can't start a code" in showing(app))
        await pilot.press("up")
        await until(pilot, lambda: "can't start a code" in showing(app))
        await pilot.press("down", *"XMAS")
        await until(pilot, lambda: "can't start a code" not in showing(app))
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, VoucherScreen) and app.screen.history)
    assert store.vouchers.list().data[0].code.startswith("XMAS-")


async def test_what_is_filled_in_is_not_lost_by_one_key(store: Store, app: PosApp) -> None:
    async with app.run_test() as pilot:
        await open_vouchers(pilot, app)
        await pilot.press("f2", "down", *"2500", "escape")
        await until(pilot, lambda: "F7 again leaves" in showing(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, VouchersScreen))
    assert store.vouchers.list().total == 0


async def test_a_code_that_is_not_there_is_refused_and_the_next_scan_opens(
    store: Store, app: PosApp, clock: FixedClock
) -> None:
    voucher = history(store, clock)
    async with app.run_test() as pilot:
        await open_vouchers(pilot, app)
        await pilot.press(*"GIFT-NOPE", "enter")
        await until(pilot, lambda: "There is no such voucher" in showing(app))
        app.take_scan(voucher.code)
        await until(pilot, lambda: isinstance(app.screen, VoucherScreen) and app.screen.history)
        await settled(pilot)
        await until(pilot, lambda: "paid with" in showing(app))
        await until(pilot, lambda: "Mira [bold]Olsen" in showing(app))


async def test_an_amount_is_taken_off_with_a_reason_and_no_more_than_is_free(store: Store, app: PosApp) -> None:
    voucher = store.vouchers.issue(value=2500)
    async with app.run_test() as pilot:
        await open_voucher(pilot, app, voucher.code)
        await pilot.press("f2", *"-3000")
        await until(pilot, lambda: "Only 25.00 can be" in showing(app))
        await pilot.press("enter", *"sold twice", "f9")
        await until(pilot, lambda: "✗ Change" in showing(app))
        await pilot.press(*"-1000", "f9")
        await until(pilot, lambda: "Adjusted: 15.00 on it now." in showing(app))
    assert store.vouchers.get(voucher.id).balance == 1500
    assert store.audit() == []


async def test_a_voucher_is_void_only_with_a_reason(store: Store, app: PosApp) -> None:
    voucher = store.vouchers.issue(value=2500)
    async with app.run_test() as pilot:
        await open_voucher(pilot, app, voucher.code)
        await pilot.press("f8")
        await until(pilot, lambda: "25.00 is lost with it" in showing(app))
        await pilot.press("f9")
        await until(pilot, lambda: "Reason: Not filled in yet" in showing(app))
        await pilot.press(*"stolen", "f9")
        await until(pilot, lambda: "Void: nobody can pay" in showing(app) and "✗ void" in showing(app))
    assert store.vouchers.get(voucher.id).status == "void"
    assert store.audit() == []


async def making_many(pilot: Pilot[None], app: PosApp, count: str) -> None:
    await open_vouchers(pilot, app)
    await pilot.press("f3", *count, "enter", "enter", *"1000", "f9")
    await until(pilot, lambda: isinstance(app.screen, BatchesScreen) and app.screen.things)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Mint two parts and wait, for as long as the list is empty. The codes are as random as they have to be."""
    go: list[bool] = []
    monkeypatch.setattr(secrets, "token_bytes", random.Random(7).randbytes)
    monkeypatch.setattr(minting, "PART", 1000)
    mint_part = minting.mint_part

    def slowly(context: Any, batch: str) -> bool:
        store_batch = context.read(lambda transaction: transaction.all(minting._READ, batch=batch)[0])
        return mint_part(context, batch) if go or store_batch.minted < 2 * minting.PART else True

    monkeypatch.setattr(minting, "mint_part", slowly)
    return go


@pytest.mark.parametrize("size", SIZES)
def test_a_manager_watches_a_batch_being_minted(
    snap_compare: Any, store: Store, app: PosApp, waiting: list[bool], size: tuple[int, int]
) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await making_many(pilot, app, "5000")
        await until(pilot, lambda: "2,000 of 5,000 minted" in showing(app))

    assert snap_compare(app, terminal_size=size, run_before=look)


async def test_a_thousand_and_more_are_minted_while_the_till_sells(
    store: Store, app: PosApp, waiting: list[bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "folder", lambda: tmp_path / "out")
    async with app.run_test() as pilot:
        await making_many(pilot, app, "5000")
        await until(pilot, lambda: "2,000 of 5,000 minted" in showing(app))
        await pilot.press("f7", "f7", "f7")
        await until(pilot, lambda: app.screen is app.checkout)
        await pilot.press(*"2000000000015", "enter")
        await until(pilot, lambda: "Flat white" in showing(app))
        waiting.append(True)
        await open_place(pilot, app, "Batches")
        await until(pilot, lambda: "5,000 of 5,000 minted" in showing(app))
        await pilot.press("f4")
        await until(pilot, lambda: "5,000 codes are in" in showing(app))
    (file,) = (tmp_path / "out").iterdir()
    rows = file.read_text(encoding="utf-8").splitlines()
    assert (len(rows), file.stat().st_mode & 0o777) == (5001, 0o600)
    assert store.audit() == []


async def test_a_demo_writes_no_file(
    store: Store, app: PosApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "folder", lambda: tmp_path / "out")
    app.demo = True
    async with app.run_test() as pilot:
        await making_many(pilot, app, "10")
        await pilot.press("f4")
        await until(pilot, lambda: "A demo writes no files" in showing(app))
    assert not (tmp_path / "out").exists()


async def test_stopping_a_batch_is_asked_first(store: Store, app: PosApp, waiting: list[bool]) -> None:
    async with app.run_test() as pilot:
        await making_many(pilot, app, "5000")
        await until(pilot, lambda: "2,000 of 5,000 minted" in showing(app))
        await pilot.press("f8", "f7", "f8")
        await until(pilot, lambda: "Stop minting GIFT?" in showing(app))
        assert store.batches.list().data[0].status == "running"
        await pilot.press("f9")
        await until(pilot, lambda: "Stopped: 2,000 of 5,000" in showing(app))
    assert store.batches.list().data[0].status == "canceled"


async def test_a_till_that_starts_mints_on_what_was_left_half_done(
    store: Store, app: PosApp, waiting: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = store.vouchers.create_batch(count=5000, value=1000)
    store._context.background.stop()
    monkeypatch.setattr(store._context.background, "_ending", threading.Event())
    waiting.append(True)
    assert store.batches.get(batch.id).status == "running"
    async with app.run_test() as pilot:
        await until(pilot, lambda: store.batches.get(batch.id).status == "completed")
    assert store.audit() == []


async def test_forms_and_lists_take_a_window_that_is_too_small_and_one_that_grows(store: Store, app: PosApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await open_vouchers(pilot, app)
        await pilot.press("f2", "down", *"2500")
        await pilot.resize_terminal(60, 18)
        await until(pilot, lambda: "too small" in showing(app))
        await pilot.press("f9")
        assert isinstance(app.screen, FormScreen)
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: "too small" not in showing(app) and "Worth" in showing(app))
    assert store.vouchers.list().total == 0


async def test_a_long_history_is_scrolled(store: Store, app: PosApp) -> None:
    voucher = store.vouchers.issue(value=2500)
    for step in range(1, 31):
        store.vouchers.adjust(voucher.id, amount=step, reason="counted")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_voucher(pilot, app, voucher.code)
        await until(pilot, lambda: "+0.30  adjusted" in showing(app) and "more" in showing(app))
        await pilot.press("pagedown", "pagedown", "pagedown", "pagedown")
        await until(pilot, lambda: "issued" in showing(app) and "+0.30" not in showing(app))
