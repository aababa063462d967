"""What waits for a till's printer: no sale depends on it, each comes out once, and every further one is a COPY."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from posconsole.engine.paper import printjobs
from posconsole.engine.paper.printing import FRESH
from posconsole.errors import InvalidInput, NotAllowed, NotFound
from tests.engine.processes import PATIENCE, PROCESSES, RACERS
from tests.engine.racing import _bare
from tests.engine.shop import BASKET, CUP, NOON, open_shop
from tests.engine.test_races import WAYS, demand, racers, rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store
    from posconsole.clock import FixedClock
    from posconsole.engine.paper.printviews import Printable
    from tests.engine.processes import Racers

__all__ = ["racers"]


def sale(store: Store) -> str:
    return store.payments.create(items=BASKET).id


def begun(store: Store, worker: str = "w") -> Printable:
    """Take the next job and begin it."""
    job = store.printing.claim(worker)
    assert job is not None
    printable = store.printing.begin(job.id, worker)
    assert printable is not None
    return printable


def printed(store: Store) -> Printable:
    printable = begun(store)
    assert store.printing.printed(printable.job.id, "w")
    return printable


def states(store: Store) -> list[str]:
    return [job.status for job in store.printing.list().data]


def test_a_receipt_comes_out_once_and_every_further_one_is_a_copy(till: Store) -> None:
    payment = sale(till)
    job = till.printing.queue("receipt", payment, idempotency_key="k")
    assert till.printing.queue("receipt", payment, idempotency_key="k") == job
    assert (job.title, job.status, till.printing.due()) == ("1-000001", "queued", 0)
    first = printed(till)
    assert (first.copy, getattr(first.subject, "receipt_number", None)) == (False, "1-000001")
    again = till.printing.again(job.id)
    assert again.id != job.id
    assert printed(till).copy
    assert till.printing.get(again.id).copied
    assert (till.printing.prints(payment), till.printing.due()) == (2, None)
    told = till.events.list(type="receipt.printed", subject=payment).data
    assert [event.data["copy"] for event in told] == [False, True]


def test_everything_that_a_till_prints(till: Store) -> None:
    till.shifts.open(5000)
    payment = sale(till)
    refund = till.payments.refund(payment, [{"line": 1}])
    gift = till.vouchers.issue(value=2500)
    shift = till.shifts.current()
    assert shift is not None
    for kind, subject in (("refund", refund.id), ("voucher", gift.code), ("shift", shift.id), ("shift", shift.id)):
        till.printing.queue(kind, subject)
    back, slip, x_report, other = (printed(till) for _ in range(4))
    assert back.sale is not None
    assert (back.job.title, back.sale.id) == ("1-000002", payment)
    assert getattr(slip.subject, "code", None) == gift.code
    assert gift.code not in repr(slip.job)
    # An X report is looked at as often as one likes; of the Z report there is one.
    assert [one.copy for one in (x_report, other)] == [False, False]
    till.shifts.close(counted=5000)
    for kind in ("shift", "shift", "drawer"):
        till.printing.queue(kind, shift.id)
    assert [printed(till).copy for _ in range(3)] == [False, True, False]


def test_what_is_not_there_or_not_paid_is_not_queued(till: Store) -> None:
    for kind in ("receipt", "refund", "shift", "voucher"):
        with pytest.raises(NotFound):
            till.printing.queue(kind, "nothing")
    with pytest.raises(NotAllowed):
        till.printing.queue("receipt", till.payments.open(items=[{"id": CUP}], tender="terminal").id)
    with pytest.raises(InvalidInput):
        till.printing.queue("poem")
    assert till.printing.list().total == 0


def test_what_fails_is_tried_again_later_and_later_and_then_waits_for_a_person(till: Store, clock: FixedClock) -> None:
    payment = sale(till)
    first, second = (till.printing.queue("receipt", payment) for _ in range(2))
    waits = []
    while (due := till.printing.due()) is not None and till.printing.get(first.id).waiting:
        clock.at += int(due)
        job = till.printing.claim("w")
        assert job is not None
        assert job.id == first.id  # the second one waits behind it
        till.printing.failed(job.id, "w", "the printer is off")
        waits.append(due)
    assert waits[:8] == [0, 2, 4, 8, 16, 30, 30, 30]
    assert len(waits) == printjobs.MOST
    assert till.printing.standing().failed == 1
    # Nothing of it was ever begun: it is still the original.
    assert till.printing.again(first.id).attempts == 0
    assert (printed(till).job.id, printed(till).copy) == (first.id, True)
    assert till.printing.get(second.id).status == "printed"


def test_a_job_can_be_canceled_until_it_is_being_printed(till: Store) -> None:
    payment = sale(till)
    waiting, printing = till.printing.queue("receipt", payment), till.printing.queue("receipt", payment)
    assert till.printing.cancel(waiting.id).status == "canceled"
    begun(till)
    for verb in (till.printing.cancel, till.printing.again):
        with pytest.raises(NotAllowed, match="at this moment"):
            verb(printing.id)
    till.printing.printed(printing.id, "w")
    with pytest.raises(NotAllowed, match="already"):
        till.printing.cancel(printing.id)
    till.printing.again(waiting.id)
    assert sorted(states(till)) == ["printed", "queued"]


def test_nobody_else_ends_a_job_and_a_dead_workers_comes_out_as_a_copy(till: Store, clock: FixedClock) -> None:
    job = till.printing.queue("receipt", sale(till))
    begun(till, "dies")
    assert till.printing.claim("other") is None
    assert not till.printing.printed(job.id, "other")
    clock.at += printjobs.LEASE
    taken = begun(till, "other")
    assert (taken.job.id, taken.copy) == (job.id, True)
    assert till.printing.begin(job.id, "dies") is None
    assert not till.printing.printed(job.id, "dies")
    assert not till.printing.failed(job.id, "dies", "too late")
    assert till.printing.printed(job.id, "other")


def test_a_drawer_never_opens_when_nobody_stands_at_it(till: Store, clock: FixedClock) -> None:
    late, tried = till.printing.queue("drawer"), till.printing.queue("drawer")
    clock.at += FRESH + 1
    assert [till.printing.claim("w") for _ in range(2)] == [None, None]
    assert states(till) == ["canceled", "canceled"]
    now = till.printing.queue("drawer")
    till.printing.failed(begun(till).job.id, "w", "off")
    assert till.printing.get(now.id).status == "canceled"
    assert {late.title, tried.title} == {"drawer"}


def test_a_batch_is_recorded_part_by_part_and_its_vouchers_know_which_were_on_paper(till: Store) -> None:
    batch = till.vouchers.create_batch(count=5, value=2500).id
    second = list(till.batches.codes(batch))[1].code
    till.printing.queue("voucher", second)
    printed(till)
    parts = [till.printing.batch(batch, *span, idempotency_key=f"{span}") for span in ((1, 3), (4, 5))]
    assert [copy for part in parts for _, copy in part] == [False, True, False, False, False]
    assert [voucher.code for voucher, _ in parts[0]] == [code.code for code in till.batches.codes(batch)][:3]
    # A file that was cut short is made again: nothing of it becomes a copy.
    assert till.printing.batch(batch, 4, 5, idempotency_key="(4, 5)") == parts[1]
    assert all(copy for _, copy in till.printing.batch(batch, 1, 5, idempotency_key="other"))
    for wrong, refusal in (((0, 3), InvalidInput), ((3, 1), InvalidInput), ((1, 6), NotAllowed)):
        with pytest.raises(refusal):
            till.printing.batch(batch, *wrong, idempotency_key="wrong")
    with pytest.raises(NotFound):
        till.printing.batch("bat_none", 1, 1, idempotency_key="none")


# -- several at once, and the end of one -----------------------------------------------------------------------


def take(store: Store) -> tuple[str, bool] | None:
    """Print the next job of the till; say which, and whether as a COPY."""
    worker = str(os.getpid())
    job = store.printing.claim(worker)
    printable = job and store.printing.begin(job.id, worker)
    if not printable or not store.printing.printed(printable.job.id, worker):
        return None
    return printable.job.id, printable.copy


def put_on_paper(store: Store, payment: str) -> bool:
    """Print a receipt at a till of one's own; say whether as a COPY."""
    store.printing.queue("receipt", payment)
    return printed(store).copy


@contextmanager
def takes_what_it_read_before(store: Store) -> Iterator[None]:
    """BROKEN: whether a job is free, and for whom, was looked up before the write lock was taken."""
    stale = store._context.read(lambda transaction: printjobs.first(transaction, store.till))
    with patch.object(printjobs, "first", lambda *_: stale), ExitStack() as broken:
        for name in ("CLAIM", "BEGIN", "END"):
            broken.enter_context(patch.object(printjobs, name, _bare(getattr(printjobs, name))))
        yield


@contextmanager
def counts_what_it_read_before(store: Store, payment: str) -> Iterator[None]:
    """BROKEN: whether anything was printed before was looked up before the write lock was taken."""
    copy = store.printing.prints(payment) > 0
    count = printjobs.count
    with patch.object(printjobs, "count", lambda *given: count(*given) and copy):
        yield


@WAYS
def test_of_eight_spoolers_one_prints_a_job(office: Store, racers: Racers, way: str) -> None:
    def race(number: int) -> None:
        job = office.printing.queue("receipt", sale(office))
        asked: list[Any] = [(take, {})] * RACERS
        raced = racers.race(office.url, asked, takes_what_it_read_before if way else None, office=True)
        demand([one.value for one in raced if one.value] == [(job.id, False)], raced)

    rounds(way, office, race)


@WAYS
def test_of_eight_tills_that_print_one_receipt_one_has_the_original(office: Store, racers: Racers, way: str) -> None:
    def race(number: int) -> None:
        payment = sale(office)
        asked: list[Any] = [(put_on_paper, {"payment": payment})] * RACERS
        raced = racers.race(office.url, asked, counts_what_it_read_before if way else None)
        demand(sum(not one.value for one in raced) == 1, raced)
        demand(office.printing.prints(payment) == RACERS, "prints were lost")

    rounds(way, office, race)


def dies(url: str) -> None:
    """Print, and die with the paper half out."""
    store = open_shop(url).sign_in(till="2", operator="Bo")
    begun(store)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_program_that_is_killed_while_it_prints_leaves_a_copy_to_the_next(office: Store, clock: FixedClock) -> None:
    before = office.sign_in(till="2", operator="Bo")
    payment = sale(before)
    job = before.printing.queue("receipt", payment)
    before.close()
    process = PROCESSES.Process(target=dies, args=(office.url,))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL
    clock.at = NOON + printjobs.LEASE + 1
    after = office.sign_in(till="2", operator="Bo")
    assert after.printing.get(job.id).status == "printing"
    assert printed(after).copy
    assert (after.printing.get(job.id).attempts, after.printing.prints(payment)) == (2, 2)
    assert office.audit() == []
    after.close()
