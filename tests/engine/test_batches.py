"""Batches: many codes from one template, beside the selling, and all of them whatever happens."""

from __future__ import annotations

import io
import random
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from posconsole import codes
from posconsole.engine.codes import batches, minting
from posconsole.engine.quoting.refusals import CodeRefused
from posconsole.errors import Conflict, IdempotencyConflict, InvalidInput, NotAllowed, NotFound
from tests.engine.processes import PATIENCE, PROCESSES
from tests.engine.rawfile import unguarded
from tests.engine.shop import BASKET, TEA, open_shop

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from posconsole import Store
    from posconsole.engine.views import BatchView

MANY = 100_000


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 20 codes be too many for the call, and 8 a part."""
    monkeypatch.setattr(batches, "AT_ONCE", 20)
    monkeypatch.setattr(minting, "PART", 8)


def finished(store: Store, batch: BatchView) -> BatchView:
    store._context.background.wait(batch.id)
    return store.batches.get(batch.id)


def left_running(store: Store, monkeypatch: pytest.MonkeyPatch, parts: int, **terms: Any) -> BatchView:
    """Leave a batch as a crash leaves it: so many parts are minted, and nobody is at it."""
    with monkeypatch.context() as patched:
        patched.setattr(batches, "_carry_on", lambda context, batch: batch)
        batch: Any = store.vouchers.create_batch(**{"count": 50, "value": 2500, **terms})
    for _ in range(parts):
        minting.mint_part(store._context, batch)
    return store.batches.get(batch)


def whole(store: Store, batch: str, count: int) -> None:
    """Check that a batch has just its codes, numbered without a gap, each once and each written as it should be."""
    found = list(store.batches.codes(batch))
    assert [one.number for one in found] == list(range(1, count + 1))
    assert len({codes.fold(one.code) for one in found}) == count
    assert all(map(codes.checks, [one.code for one in found]))


def test_the_example_of_the_specification(till: Store) -> None:
    batch = till.vouchers.create_batch(count=1000, prefix="GIFT", value=2500, currency="EUR", single_use=True)
    assert (batch.status, batch.minted) == ("completed", 1000)
    whole(till, batch.id, 1000)
    page = till.vouchers.list(batch=batch.id, status="active")
    assert (page.total, {(one.balance, one.single_use) for one in page.data}) == (1000, {(2500, True)})
    told = {event.type for event in till.events.list(subject=batch.id).data}
    assert told == {"batch.created", "batch.minted", "batch.completed", "coupon.batch.completed"}


def test_a_voucher_of_a_batch_pays_and_its_balance_is_the_sum_of_its_ledger(till: Store) -> None:
    batch = till.vouchers.create_batch(count=3, value=2500, expires_at="2026-12-31")
    code = next(till.batches.codes(batch.id)).code
    assert till.payments.create(items=[{"id": TEA}], vouchers=[code]).due == 0
    rows = till.vouchers.transactions(code)
    assert [(row.kind, row.amount, row.cause == batch.id) for row in rows] == [
        ("issue", 2500, True),
        ("redeem", -999, False),
    ]
    till.vouchers.void(code, "lost")


def test_a_coupon_of_a_batch_counts_once(till: Store) -> None:
    batch = till.coupons.create_batch(count=2, prefix="SPRING", percent_off=10, max_redemptions=1, name="Spring")
    one, other = (code.code for code in till.batches.codes(batch.id))
    assert till.payments.create(items=BASKET, coupon=one).discount_amount == 350
    with pytest.raises(CodeRefused) as refusal:
        till.payments.create(items=BASKET, coupon=one)
    assert refusal.value.code == "limit_reached"
    assert till.coupons.get(other).batch == batch.id


def test_points_can_be_given_in_batches(till: Store) -> None:
    batch = till.vouchers.create_batch(count=2, kind="points", value=50)
    mira = till.members.create(name="Mira Olsen")
    code = next(till.batches.codes(batch.id))
    assert code.name == "50 points"
    till.vouchers.redeem(code.code, customer=mira.id)
    assert till.members.get(mira.id).points == 50


@pytest.mark.usefixtures("few")
def test_many_codes_come_beside_and_the_same_key_is_the_same_batch(till: Store) -> None:
    asked: dict[str, Any] = {"count": 50, "value": 2500, "idempotency_key": "summer"}
    batch = till.vouchers.create_batch(**asked)
    assert batch.count == 50
    again = till.vouchers.create_batch(**asked)
    assert again.id == batch.id
    assert finished(till, batch).status == "completed"
    whole(till, batch.id, 50)
    assert till.vouchers.create_batch(**asked).status == "completed"
    with pytest.raises(IdempotencyConflict):
        till.vouchers.create_batch(**asked | {"value": 5000})
    assert till.batches.list().total == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 1_000_001}, "count"),
        ({"count": 1.5}, "count"),
        ({"prefix": "1ST"}, "prefix"),
        ({"value": 0}, "value"),
        ({"currency": "USD"}, "currency"),
        ({"kind": "points", "currency": "EUR"}, "currency"),
        ({"single_use": 1}, "single_use"),
    ],
)
def test_what_no_batch_can_be_is_refused_with_its_field(till: Store, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        till.vouchers.create_batch(**{"count": 5, "value": 100} | wrong)
    assert refusal.value.field == field
    assert till.batches.list().total == 0


def test_what_a_batch_names_has_to_be_there(till: Store) -> None:
    with pytest.raises(NotFound):
        till.vouchers.create_batch(count=5, value=100, campaign="cmp_none")
    with pytest.raises(NotFound):
        till.coupons.create_batch(count=5, prefix="GOOD", reward="rwd_none")
    with pytest.raises(NotFound):
        till.batches.get("bat_none")


def test_codes_of_vouchers_and_of_coupons_never_meet(till: Store) -> None:
    till.vouchers.create_batch(count=1, prefix="GOLD", value=100)
    with pytest.raises(Conflict):
        till.coupons.create_batch(count=1, prefix="G0LD", percent_off=10)
    with pytest.raises(InvalidInput):
        till.coupons.create(code=codes.mint("GOLD"), percent_off=10)


@pytest.mark.usefixtures("few")
def test_a_batch_that_is_canceled_keeps_what_it_has(till: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = left_running(till, monkeypatch, parts=2)
    stopped = till.batches.cancel(batch.id)
    assert (stopped.status, stopped.minted) == ("canceled", 16)
    assert till.batches.resume() == ()
    assert not minting.mint_part(till._context, batch.id)
    whole(till, batch.id, 16)
    code = next(till.batches.codes(batch.id)).code
    assert till.payments.create(items=[{"id": TEA}], vouchers=[code]).due == 0
    with pytest.raises(NotAllowed):
        till.batches.cancel(batch.id)


def test_a_batch_may_be_canceled_before_its_first_code(till: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = left_running(till, monkeypatch, parts=0, prefix="OIL")
    assert till.batches.cancel(batch.id).minted == 0


@pytest.mark.usefixtures("few")
def test_a_code_that_exists_is_minted_again_and_the_part_is_full(till: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = till.vouchers.issue(value=100)
    fresh, clashes = codes.mint_many, iter([True, False, True])

    def clashing(prefix: str, count: int) -> dict[str, str]:
        found = fresh(prefix, count)
        if next(clashes, False):
            found.popitem()
            found[codes.fold(taken.code)] = taken.code
        return found

    monkeypatch.setattr(minting, "mint_many", clashing)
    batch = till.vouchers.create_batch(count=16, value=2500)
    assert batch.status == "completed"
    assert next(clashes, None) is None
    whole(till, batch.id, 16)


@pytest.mark.usefixtures("few")
def test_several_that_resume_one_batch_mint_each_code_once(
    till: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = left_running(till, monkeypatch, parts=1, count=200)
    stores = [open_shop(url) for _ in range(4)]
    start = threading.Barrier(4)

    def resume(store: Store) -> None:
        start.wait(PATIENCE)
        store.batches.resume()
        finished(store, batch)

    threads = [threading.Thread(target=resume, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert till.batches.get(batch.id).status == "completed"
    whole(till, batch.id, 200)
    for store in stores:
        store.close()


def test_several_that_mint_without_the_counter_are_caught(
    office: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BROKEN: the negative control of the test above: a part that doesn't move the counter from where it was read."""
    batch = left_running(office, monkeypatch, parts=0, count=50)
    row = office._context.read(lambda tx: tx.all(minting._READ, batch=batch.id))[0]
    parts = [minting._ready(office._context, row) for _ in range(2)]
    monkeypatch.setattr(minting, "_ADVANCE", update(minting._BATCH).values(minted=50).where(minting._IS))
    office._context.write(lambda unit: minting._write(unit, parts[0]))
    with pytest.raises(Exception, match=r"(?i)unique|busy|changing"):
        office._context.write(lambda unit: minting._write(unit, parts[1]))


def test_codes_stream_out_as_csv_and_no_cell_is_a_formula(till: Store) -> None:
    batch = till.coupons.create_batch(count=3, prefix="SUM", percent_off=5, name="=1+1", expires_at="2026-12-31")
    file = io.StringIO(newline="")
    assert till.batches.csv(batch.id, file) == 3
    head, *lines = file.getvalue().splitlines()
    assert head == "number,code,name,valid_until"
    assert lines == [f"{one.number},{one.code},'=1+1,2026-12-31T23:59:59+00:00" for one in till.batches.codes(batch.id)]
    assert [one.number for one in till.batches.codes(batch.id, after=2)] == [3]


def test_codes_are_for_managers(office: Store, till: Store) -> None:
    batch = till.vouchers.create_batch(count=3, value=100)
    office.operators.create(name="Bo", role="manager", pin="246810")
    office.operators.create(name="Cy", role="cashier", pin="1357")
    cashier = till.switch("Cy", "1357")
    with pytest.raises(NotAllowed):
        cashier.batches.codes(batch.id)
    with pytest.raises(NotAllowed):
        cashier.vouchers.create_batch(count=3, value=100)
    (voucher, *_) = office.vouchers.list(batch=batch.id).data
    assert cashier.vouchers.get(voucher.id).code == codes.mask(voucher.code)
    assert cashier.vouchers.get(voucher.code).code == voucher.code


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE voucher SET code = 'GIFT-0000-0000-0000', code_key = 'G1FT000000000000' WHERE batch_no = 3",
        "UPDATE voucher SET batch_no = 99 WHERE batch_no = 3",
        "UPDATE voucher SET pin_hash = 'x' WHERE batch_no = 3",
        "UPDATE voucher SET batch_id = NULL WHERE batch_no = 12",
        "DELETE FROM voucher WHERE batch_no = 12",
        "UPDATE batch SET count = 13",
        "UPDATE batch SET template = '{}'",
        "UPDATE batch SET status = 'canceled'",
        "UPDATE batch SET finished_at = finished_at + 1",
        "DELETE FROM batch",
        "DELETE FROM ledger_entry WHERE account = 'voucher' AND kind = 'issue'",
    ],
)
@pytest.mark.usefixtures("few")
def test_the_audit_names_what_was_done_to_a_batch(office: Store, url: str, tampering: str) -> None:
    office.vouchers.create_batch(count=12, value=2500)
    assert office.audit() == []
    with unguarded(url) as database:
        database.execute(tampering)
    assert office.audit() != []


def test_tills_sell_while_codes_are_minted(
    till: Store, office: Store, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    batch, waits = office.vouchers.create_batch(count=10_000, value=2500), []
    while office.batches.get(batch.id).status == "running":
        begun = time.perf_counter()
        till.payments.create(items=[{"id": TEA}], tender="cash")
        waits.append(time.perf_counter() - begun)
    assert finished(office, batch).minted == 10_000
    assert len(waits) >= 3
    # How long is for the benchmark; here nobody may be shut out.
    assert max(waits) < 4
    record_property("longest_wait_ms", round(max(waits) * 1e3))
    with capsys.disabled():
        print(f"\n{len(waits)} sales while 10,000 codes were minted, the slowest took {max(waits) * 1e3:.0f} ms")  # noqa: T201


def _mints(end: Connection, url: str) -> None:
    store = open_shop(url)
    batch = store.vouchers.create_batch(count=MANY, value=2500, idempotency_key="the batch")
    end.send(batch.id)
    finished(store, batch)


def _resumes(end: Connection, url: str) -> None:
    store = open_shop(url)
    (batch,) = store.batches.resume()
    end.send(batch.id)
    finished(store, batch)


def test_killed_in_the_middle_of_minting_a_hundred_thousand(office: Store, url: str) -> None:
    killed: list[int] = []
    for work, upto in ((_mints, MANY // 4), (_resumes, MANY // 2)):
        here, there = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=work, args=(there, url), daemon=True)
        process.start()
        assert here.poll(PATIENCE)
        batch = here.recv()
        deadline = time.monotonic() + PATIENCE
        while office.batches.get(batch).minted < upto and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.05))  # the random moment is the point
        process.kill()
        process.join(PATIENCE)
        killed.append(office.batches.get(batch).minted)
        assert upto <= killed[-1] < MANY
    again = office.vouchers.create_batch(count=MANY, value=2500, idempotency_key="the batch")
    assert finished(office, again).status == "completed"
    assert again.id == batch
    whole(office, batch, MANY)
    assert office.vouchers.list(batch=batch).total == MANY
    assert office.audit() == []
    print(f"\nkilled at {killed} of {MANY:,} codes: none is missing, none is there twice")  # noqa: T201
