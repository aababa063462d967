"""Paper at the till: receipts by themselves or by a key, a printer in trouble, and its tray. No sale waits for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest
from posconsole.spooling.setup import Setup
from posconsole.tui.app import PosApp
from posconsole.tui.screens.batches import BatchesScreen
from posconsole.tui.screens.printer import PrinterScreen
from posconsole.tui.screens.receipt import SETTLING, ReceiptScreen
from posconsole.tui.screens.voucher import VoucherScreen
from tests.printing.standin import NO_PAPER, WELL, Standin
from tests.tui.conftest import SIZES, settled, showing, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from posconsole import Store


@pytest.fixture
def printer() -> Iterator[Standin]:
    with Standin() as standin:
        yield standin


def till(store: Store, **settings: Any) -> PosApp:
    return PosApp(None, "1", "Ana", open_store=lambda: store, clock=lambda _: "14:02", paper=Setup(**settings))


async def sell(pilot: Pilot[None], app: PosApp) -> None:
    """Sell a coffee for cash by keys alone; end at its receipt."""
    await app.session.opened.wait()
    await pilot.press(*"coffee", "enter")
    await until(pilot, lambda: not app.checkout.sale.empty and app.checkout.sale.priced)
    await pilot.press("f9")
    await until(pilot, lambda: app.checkout.cashing.on)
    await pilot.press("c", "f9")
    await until(pilot, lambda: isinstance(app.screen, ReceiptScreen) and app.screen.stands)


async def go_on(pilot: Pilot[None], app: PosApp) -> None:
    """Leave the receipt, once an Enter can't be the second half of a double press any more."""
    screen = app.screen
    assert isinstance(screen, ReceiptScreen)
    await until(pilot, lambda: time.monotonic() > screen._since + SETTLING)
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is app.checkout)


async def test_receipts_come_by_themselves_and_a_printer_out_of_paper_is_seen_and_dealt_with(
    store: Store, printer: Standin
) -> None:
    app = till(store, printer=printer.address, receipts="always")
    async with app.run_test(size=(80, 24)) as pilot:
        await sell(pilot, app)
        await until(pilot, lambda: len(printer.papers) == 2)
        drawer, receipt = printer.papers
        assert b"\x1bp" in drawer
        assert b"1-000001" in receipt
        await pilot.press("ctrl+y")
        await until(pilot, lambda: "with the printer already" in showing(app))
        printer.answers = NO_PAPER
        await go_on(pilot, app)
        await sell(pilot, app)
        await until(pilot, lambda: "Printer: out of paper, 1" in showing(app))
        await go_on(pilot, app)
        await until(pilot, lambda: "! printer: out of paper, 1 waiting" in showing(app))
        await pilot.press("ctrl+y")
        await until(pilot, lambda: isinstance(app.screen, PrinterScreen) and "new roll" in showing(app))
        printer.answers = WELL
        await pilot.press("ctrl+y")
        await until(pilot, lambda: len(printer.papers) == 3 and "✓ printed" in showing(app))
        await until(pilot, lambda: "nothing is wrong" in showing(app))
        assert b"COPY" not in printer.papers[2]
        await pilot.press("ctrl+y")  # once more
        await until(pilot, lambda: len(printer.papers) == 4)
        assert b"COPY" in printer.papers[3]
        await pilot.press("f7")
        await until(pilot, lambda: app.screen is app.checkout and "printer:" not in showing(app))
    assert store.audit() == []


async def test_a_receipt_is_printed_by_a_key_and_an_earlier_one_as_a_copy(store: Store, printer: Standin) -> None:
    app = till(store, printer=printer.address, receipts="ask")
    async with app.run_test(size=(80, 24)) as pilot:
        await sell(pilot, app)
        await until(pilot, lambda: "Ctrl+Y Print" in showing(app))
        await pilot.press("ctrl+y")
        await until(pilot, lambda: len(printer.papers) == 2)
        await go_on(pilot, app)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "This is a copy" in showing(app))
        await pilot.press("ctrl+y")
        await until(pilot, lambda: len(printer.papers) == 3)
        assert [b"COPY" in paper for paper in printer.papers[1:]] == [False, True]
        await go_on(pilot, app)
        await pilot.press("ctrl+d")
        await until(pilot, lambda: "No shift is open" in showing(app))
        await pilot.press(*"5000", "f9")
        await until(pilot, lambda: "The shift is open with 50.00" in showing(app))
        await pilot.press("ctrl+y")
        await until(pilot, lambda: len(printer.papers) == 4)
        assert b"X REPORT" in printer.papers[3]


async def test_a_printer_that_hangs_holds_up_neither_a_sale_nor_the_end(store: Store, printer: Standin) -> None:
    printer.answers = {}
    app = till(store, printer=printer.address, receipts="always")
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(2):
            await sell(pilot, app)
            await go_on(pilot, app)
        await until(pilot, lambda: printer.calls)
        begun = time.monotonic()
        await app.session.close()
        assert time.monotonic() - begun < 15
    assert store.payments.list(status="captured").total == 2
    assert all(job.status in ("queued", "printing", "canceled") for job in store.printing.list().data)


async def test_a_job_is_canceled_and_the_sale_stays(store: Store) -> None:
    app = till(store, printer="network://127.0.0.1:1?status=no", receipts="always")
    async with app.run_test(size=(80, 24)) as pilot:
        await sell(pilot, app)
        await until(pilot, lambda: "Printer: off" in showing(app))
        await go_on(pilot, app)
        await pilot.press("ctrl+y")
        await until(pilot, lambda: isinstance(app.screen, PrinterScreen) and "Receipt 1-000001" in showing(app))
        await pilot.press("f8")
        await until(pilot, lambda: "isn't printed. The sale stays" in showing(app))
    assert store.printing.standing().waiting == 0
    assert store.payments.list(status="captured").total == 1


async def test_settings_that_name_no_printer_are_said_and_the_till_sells(store: Store) -> None:
    app = till(store, printer="lpt1", receipts="always")
    async with app.run_test(size=(80, 24)) as pilot:
        await app.session.opened.wait()
        await until(pilot, lambda: "Nothing is printed: This is no printer's address" in showing(app))
        await pilot.press("f7")
        await sell(pilot, app)


async def test_vouchers_become_files_beside_the_sale(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posconsole.tui.exporting.folder", lambda: tmp_path / "documents")
    batch = store.vouchers.create_batch(count=20, value=2500)
    voucher = store.vouchers.issue(value=500)
    app = till(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.session.opened.wait()
        screen = BatchesScreen(app.session, store)
        await app.push_screen(screen)
        await until(pilot, lambda: screen.things)
        await pilot.press("ctrl+y")
        await until(pilot, lambda: "20 vouchers are in" in showing(app))
        one = VoucherScreen(app.session, store, voucher)
        await app.push_screen(one)
        await until(pilot, lambda: one.history)
        await pilot.press("ctrl+y")
        await until(pilot, lambda: "It is in" in showing(app) and not one.busy)
        await pilot.press("ctrl+y")
        await until(pilot, lambda: store.printing.prints(voucher.id) == 2 and not one.busy)
    files = sorted(path.name for path in (tmp_path / "documents").iterdir())
    tail = voucher.id[-6:]
    assert files == [f"GIFT-{batch.id}.pdf", f"voucher-{tail}-2.pdf", f"voucher-{tail}.pdf"]
    with pypdfium2.PdfDocument(str(tmp_path / "documents" / files[1])) as pdf:
        assert "COPY" in pdf[0].get_textpage().get_text_bounded()


@pytest.mark.parametrize("size", SIZES)
def test_a_cashier_sees_what_waits_for_the_printer_and_why(
    snap_compare: Any, store: Store, size: tuple[int, int]
) -> None:
    cash = (TenderRequest("cash", tendered=500),)
    for _ in range(3):
        payment = store.payments.create(basket=Basket((Item("coffee"),)), tenders=cash)
        store.printing.queue("receipt", payment.id)
    for said in ("", "The printer is out of paper: put a new roll in."):
        job = store.printing.claim("w")
        assert job is not None
        if said:
            store.printing.failed(job.id, "w", said)
        else:
            store.printing.printed(job.id, "w")
    app = till(store, printer="network://127.0.0.1:1")

    async def look(pilot: Pilot[None]) -> None:
        await app.session.opened.wait()
        screen = PrinterScreen(app.session)
        await app.push_screen(screen)
        await until(pilot, lambda: screen.things and "tried in vain" in showing(app))
        await pilot.press("down")
        await settled(pilot)

    assert snap_compare(app, terminal_size=size, run_before=look)
