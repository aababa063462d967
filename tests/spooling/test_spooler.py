"""The spooler: what is queued comes out, and a printer that is off, hung or out of paper holds nothing up."""

from __future__ import annotations

import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from posconsole.engine.paper import printjobs
from posconsole.errors import InvalidInput
from posconsole.printing.printers import printer as at
from posconsole.spooling.papers import Layout
from posconsole.spooling.setup import Setup
from posconsole.spooling.spooler import Sign, Spooler, spooler
from tests.engine.shop import BASKET
from tests.printing.standin import BREAKS, NO_PAPER, WELL

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import FixedClock
    from posconsole.engine.paper.printviews import Printable
    from tests.printing.standin import Standin

PATIENT = 30.0
"""Seconds in which a printer that answers at all has answered, on any machine."""


def spooler_of(store: Store, address: str, signs: list[Sign] | None = None) -> Spooler:
    layout = Layout(Setup(printer=address))
    told = (lambda _: None) if signs is None else signs.append
    return Spooler(lambda: store, partial(at, address, PATIENT), lambda job: layout.bytes_of(job, store.shop), told)


def receipt(store: Store) -> str:
    """Sell something and queue its receipt; return the sale."""
    payment = store.payments.create(items=BASKET).id
    store.printing.queue("receipt", payment)
    return payment


def test_everything_that_is_queued_comes_out_and_of_the_second_a_copy(till: Store, printer: Standin) -> None:
    till.shifts.open(5000)
    payment = receipt(till)
    till.printing.queue("receipt", payment)
    back = till.payments.refund(payment, [{"line": 1}])
    voucher, shift = till.vouchers.issue(value=2500), till.shifts.current()
    assert shift is not None
    for kind, subject in (("refund", back.id), ("shift", shift.id), ("voucher", voucher.id), ("drawer", "")):
        till.printing.queue(kind, subject)
    running = spooler_of(till, printer.address)
    running.start()
    assert printer.came(6)
    running.stop(patience=30)
    first, copy, refund, report, slip, drawer = printer.papers
    assert [b"COPY" in paper for paper in (first, copy, refund, report)] == [False, True, False, False]
    assert all(word in paper for word, paper in ((b"1-000001", first), (b"REFUND", refund), (b"X REPORT", report)))
    assert b"\x1dv0" in slip  # a picture
    assert b"\x1bp" in drawer
    assert {job.status for job in till.printing.list().data} == {"printed"}


def test_a_printer_that_is_out_of_paper_prints_later_and_the_original(
    till: Store, printer: Standin, clock: FixedClock
) -> None:
    printer.answers, signs = NO_PAPER, list[Sign]()
    running = spooler_of(till, printer.address, signs)
    payment = receipt(till)
    assert running.step()
    assert not running.step()  # it waits
    running._tell()
    assert signs == [Sign("out of paper", waiting=1)]
    assert "new roll" in till.printing.list().data[0].error
    assert till.printing.prints(payment) == 0
    printer.answers, clock.at = WELL, clock.at + printjobs.DELAYS[0]
    assert running.step()
    running._tell()
    assert signs[-1] == Sign()
    assert b"COPY" not in printer.papers[0]


def test_what_may_lie_in_the_tray_is_tried_three_times_and_then_waits_for_a_person(
    till: Store, printer: Standin, clock: FixedClock
) -> None:
    printer.answers = BREAKS
    running = spooler_of(till, printer.address)
    payment = receipt(till)
    while (due := till.printing.due()) is not None:
        clock.at += int(due)
        running.step()
    assert [b"COPY" in paper for paper in printer.papers] == [False, True, True]
    assert (till.printing.prints(payment), till.printing.standing().failed) == (3, 1)


def test_a_job_that_cannot_be_laid_out_waits_for_a_person_and_the_others_come_out(
    till: Store, printer: Standin
) -> None:
    """Nothing of it was ever on paper: once it can be laid out, it is the original."""
    running = spooler_of(till, printer.address)
    payment = receipt(till)
    receipt(till)
    lay, broken = running._lay, iter([ValueError("a bug")])

    def breaks(job: object) -> bytes:
        for error in broken:
            raise error
        return lay(job)  # type: ignore[arg-type]

    running._lay = breaks
    assert running.step()
    assert running.step()
    other, job = till.printing.list().data
    assert (other.status, job.status, till.printing.prints(payment)) == ("printed", "failed", 0)
    till.printing.again(job.id)
    assert running.step()
    assert b"COPY" not in printer.papers[1]
    assert till.printing.prints(payment) == 1


def test_what_somebody_else_prints_while_it_is_laid_out_is_a_copy(till: Store, printer: Standin) -> None:
    running = spooler_of(till, printer.address)
    payment = receipt(till)
    elsewhere, lay = till.printing.queue("receipt", payment), running._lay

    def slow(printable: Printable) -> bytes:
        if till.printing.claim("another", elsewhere.id):
            assert till.printing.begin(elsewhere.id, "another")
        return lay(printable)

    running._lay = slow
    assert running.step()
    assert b"COPY" in printer.papers[0]
    assert till.printing.prints(payment) == 2


def test_settings_that_name_no_printer_are_refused(till: Store) -> None:
    for wrong in (Setup(printer="lpt1"), Setup(printer="file:/dev/null", profile="nonesuch")):
        with pytest.raises(InvalidInput):
            spooler(lambda: till, wrong)


def test_selling_waits_for_no_printer_and_neither_does_the_end(till: Store, printer: Standin) -> None:
    """It accepts the connection and then says nothing, for as long as it may."""
    printer.answers = {}
    layout = Layout(Setup())
    hung = Spooler(lambda: till, partial(at, printer.address, 60), lambda job: layout.bytes_of(job, till.shop))
    receipt(till)
    hung.start()
    while not printer.calls:
        time.sleep(0.01)
    sold = [till.payments.create(items=BASKET).status for _ in range(5)]
    assert sold == ["captured"] * 5
    begun = time.monotonic()
    hung.stop(patience=0.2)
    assert time.monotonic() - begun < 5
    assert till.printing.list().data[0].status == "printing"


HANGS = """
import sys
from posconsole import Store
from posconsole.spooling.setup import Setup
from posconsole.spooling.spooler import spooler
till = Store.open(sys.argv[1]).sign_in(till="1", operator="Ana")
payment = till.payments.create(items=[{"id": "lamp"}])
till.printing.queue("receipt", payment.id)
running = spooler(lambda: till, Setup(printer=sys.argv[2]))
running.start()
while till.printing.list().data[0].status != "printing":
    pass
running.stop()
till.close()
print(payment.receipt_number)
"""


def test_a_program_ends_while_its_printer_hangs(office: Store, printer: Standin) -> None:
    printer.answers = {}
    words = [sys.executable, "-c", HANGS, office.url, printer.address]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "1-000001\n"
