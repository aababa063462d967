"""Faults of the file: a refusal that says what to do, nothing written, and selling again once the fault is over."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from posconsole import Store
from posconsole.engine.db.raced import Raced
from posconsole.errors import Busy, InvalidInput, NotAllowed, PosError, StorageError, Unsettled
from posconsole.tenders.sandbox import APPROVES, SandboxBank
from tests.engine.bank import charges, disagreements
from tests.engine.processes import PATIENCE, PROCESSES, RACERS
from tests.engine.shop import BASKET, open_shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from multiprocessing.synchronize import Barrier

    from posconsole.engine.db.database import Transaction
    from posconsole.tenders.base import Answer

AT_MOST = 5.0
"""Seconds within which every answer has to come."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Give a file's address: `test_server` is about the server's faults."""
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the file of a shop that nobody has open, with a sale in it."""
    store = open_shop(tmp_path)
    store.payments.create(items=BASKET)
    store.close()
    return tmp_path / "shop.db"


@contextmanager
def another(work: Callable[..., None], *arguments: Any) -> Iterator[tuple[BaseProcess, Connection]]:
    """Run `work` in another process until it says that it is there; it ends with the block."""
    here, there = PROCESSES.Pipe()
    process = PROCESSES.Process(target=work, args=(there, *arguments), daemon=True)
    process.start()
    there.close()
    assert here.poll(PATIENCE)
    here.recv()
    try:
        yield process, here
    finally:
        process.kill()
        process.join(PATIENCE)


def holds_the_lock(end: Connection, path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE product SET price = 0")
    end.send("there")
    end.recv()


def holds_the_till(end: Connection, folder: Path) -> None:
    store = open_shop(folder).sign_in(till="1", operator="Ben")
    end.send(store.till)
    end.recv()


# -- somebody else has it -------------------------------------------------------------------------------------


@pytest.mark.parametrize("frozen", [False, True], ids=["busy", "frozen"])
def test_a_lock_that_is_not_let_go_is_refused_in_time(office: Store, frozen: bool) -> None:
    path = Path(office.url.removeprefix("sqlite:///"))
    till = office.sign_in(till="1", operator="Ana")
    card: dict[str, Any] = {"items": BASKET, "tender": "card", "idempotency_key": "again"}
    with another(holds_the_lock, path) as (holder, _):
        if frozen:
            assert holder.pid is not None
            os.kill(holder.pid, signal.SIGSTOP)
        start = time.monotonic()
        with pytest.raises(Busy, match="Nothing was written"):
            till.payments.create(**card)
        assert time.monotonic() - start < AT_MOST
        # Reading and previewing go on meanwhile.
        assert till.payments.list().total == 0
    assert till.payments.create(**card).status == "declined"  # no card was given: the bank was not asked before
    assert till.payments.create(items=BASKET).receipt_number == "1-000001"
    assert office.audit() == []
    till.close()


def test_a_lock_that_comes_back_between_two_tries_is_refused_in_time_too(office: Store) -> None:
    """The time of all tries together is bounded, not that of each."""
    database = office._context.database
    path = str(database.path)
    with ExitStack() as stack:
        first, _ = stack.enter_context(another(holds_the_lock, path))
        threading.Timer(3, first.kill).start()

        def loses(_: Transaction) -> None:
            threading.Thread(target=lambda: stack.enter_context(another(holds_the_lock, path)), daemon=True).start()
            raise Raced(pause=1)

        start = time.monotonic()
        with pytest.raises(Busy):
            database.write(loses)
        assert time.monotonic() - start < AT_MOST


def test_twenty_threads_that_meet_a_lock_are_all_refused_in_time(office: Store) -> None:
    def tries(_: int) -> float:
        start = time.monotonic()
        with pytest.raises(Busy):
            office.members.create(name="Mira")
        return time.monotonic() - start

    with another(holds_the_lock, Path(office.url.removeprefix("sqlite:///"))), ThreadPoolExecutor(20) as threads:
        assert max(threads.map(tries, range(20))) < AT_MOST


def test_a_card_charged_just_before_the_lock_is_completed_by_the_same_call(office: Store) -> None:
    """The money moved and the sale could not be written: never "paid", never "failed", never twice."""
    till = office.sign_in(till="1", operator="Ana")
    path = Path(office.url.removeprefix("sqlite:///"))
    sale: dict[str, Any] = {
        "items": BASKET,
        "tenders": [{"kind": "card", "number": APPROVES}],
        "idempotency_key": "the one",
    }
    charge = SandboxBank.charge
    locked: list[float] = []
    with ExitStack() as stack:

        def charges_then_locks(bank: SandboxBank, *arguments: Any) -> Answer:
            answer = charge(bank, *arguments)
            stack.enter_context(another(holds_the_lock, path))
            locked.append(time.monotonic())
            return answer

        stack.enter_context(patch.object(SandboxBank, "charge", charges_then_locks))
        with pytest.raises(Unsettled):
            till.payments.create(**sale)
        assert time.monotonic() - locked[0] < AT_MOST
    assert till.payments.create(**sale).status == "captured"
    assert [amount for _, amount, _ in charges(office).values()] == [3499]
    assert disagreements(office) == []
    assert office.audit() == []
    till.close()


def test_a_till_can_be_signed_in_to_after_a_lock_was_in_the_way(file: Path) -> None:
    office = open_shop(file.parent)
    with another(holds_the_lock, file):
        start = time.monotonic()
        with pytest.raises(Busy):
            office.sign_in(till="2")
        assert time.monotonic() - start < AT_MOST
    office.sign_in(till="2").close()
    office.close()


def test_opening_a_shop_that_is_locked_works_or_is_refused_in_time(file: Path) -> None:
    with another(holds_the_lock, file):
        start = time.monotonic()
        open_shop(file.parent).close()
        assert time.monotonic() - start < AT_MOST


def test_a_till_is_open_once_and_free_again_when_its_program_was_killed(file: Path) -> None:
    office = open_shop(file.parent)
    with another(holds_the_till, file.parent):
        with pytest.raises(NotAllowed) as refusal:
            office.sign_in(till="1")
        assert refusal.value.code == "till_in_use"
        office.sign_in(till="2").close()
    office.sign_in(till="1").close()
    office.close()


def makes_the_shop(end: Connection, barrier: Barrier, url: str) -> None:
    barrier.wait(PATIENCE)
    try:
        store = Store.open(url, currency="EUR")
        end.send((store.payments.create(amount=100).receipt_number, store._context.key))
    except PosError as error:
        end.send((repr(error), None))


def test_eight_programs_making_the_same_shop_at_once_make_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    barrier = PROCESSES.Barrier(RACERS)
    pipes = [PROCESSES.Pipe() for _ in range(RACERS)]
    processes = [
        PROCESSES.Process(target=makes_the_shop, args=(there, barrier, url), daemon=True) for _, there in pipes
    ]
    for process in processes:
        process.start()
    answers = [here.recv() for here, _ in pipes if here.poll(PATIENCE)]
    for process in processes:
        process.join(PATIENCE)
    assert sorted(receipt for receipt, _ in answers) == [f"0-{number:06}" for number in range(1, RACERS + 1)]
    assert len({key for _, key in answers}) == 1
    store = Store.open(url)
    assert store.audit() == []
    store.close()


def test_opening_a_shop_twice_in_one_program_keeps_its_locks(file: Path) -> None:
    """POSIX drops all of a process's locks on a file when it closes the file anywhere."""
    first = open_shop(file.parent)
    held = _locks(file)
    assert held
    second = open_shop(file.parent)
    assert _locks(file) == held
    second.close()
    assert _locks(file) == held
    first.close()


def _locks(path: Path) -> list[str]:
    """Return the ranges that this process has locked of a file, as Linux tells them."""
    table = Path("/proc/locks")
    if not table.exists():
        pytest.skip("only Linux tells")
    rows = [line.split() for line in table.read_text().splitlines()]
    return [" ".join(row[3:4] + row[6:]) for row in rows if row[5].endswith(f":{path.stat().st_ino}")]


# -- no room, no right, no disk -------------------------------------------------------------------------------


def test_a_full_disk_sells_nothing_and_says_so_and_sells_again_with_room(office: Store) -> None:
    till = office.sign_in(till="1", operator="Ana")
    sale: dict[str, Any] = {"items": BASKET * 30}
    refusal = ""
    pages = _pragma(office, "page_count")
    _pragma(office, f"max_page_count={pages}")
    for number in range(200):
        try:
            till.payments.create(**sale | {"idempotency_key": f"sale {number}"})
        except StorageError as error:
            refusal = error.message
            break
    assert "shop.db: the disk is full. Free some room" in refusal
    sold = till.payments.list().total
    assert till.audit() == []
    _pragma(office, "max_page_count=1073741823")
    again = till.payments.create(**sale | {"idempotency_key": f"sale {sold}"})
    assert again.receipt_number == f"1-{sold + 1:06}"
    assert till.audit() == []
    till.close()


def _pragma(store: Store, text: str) -> int:
    """Set or read something of the store's one pooled connection."""
    connection = store._context.database.engine.raw_connection()
    row = connection.cursor().execute(f"PRAGMA {text}").fetchone()
    connection.close()
    return int(row[0])


def sells_on_a_bad_disk(end: Connection, folder: Path) -> None:
    """Sell while the system refuses to let files grow; then with the fault gone."""
    end.send("there")
    till = open_shop(folder).sign_in(till="1", operator="Ana")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    wal = folder / "shop.db-wal"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(wal.stat().st_size, 4096) + 20_000, hard))
    refusals = set()
    for number in range(50):
        try:
            till.payments.create(items=BASKET, idempotency_key=f"sale {number}")
        except StorageError as error:
            refusals.add(error.message)
    sold = till.payments.list().total
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    for number in range(50):
        till.payments.create(items=BASKET, idempotency_key=f"sale {number}")
    end.send((refusals, sold, till.payments.list().total, till.audit()))


def test_a_disk_that_fails_in_the_middle_of_a_sale_keeps_no_half_of_it(file: Path) -> None:
    with another(sells_on_a_bad_disk, file.parent) as (_, end):
        assert end.poll(PATIENCE)
        refusals, before, after, findings = end.recv()
    assert refusals
    assert all("shop.db" in refusal and "disk" in refusal for refusal in refusals), refusals
    assert before < 51
    assert (after, findings) == (51, [])


def opens_without_rights(end: Connection, folder: Path) -> None:
    """Open and sell as somebody who may read everything and write nothing; root has to become nobody for it."""
    end.send("there")
    if os.getuid() == 0:
        os.setuid(65_534)
    try:
        open_shop(folder).payments.create(items=BASKET)
    except PosError as error:
        end.send((type(error).__name__, error.message))
    else:
        end.send(("sold", ""))


@pytest.mark.parametrize("folder_too", [False, True], ids=["file", "folder"])
def test_a_file_that_cannot_be_written_is_named(folder_too: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        open_shop(folder).close()
        for path in folder.iterdir():
            path.chmod(0o444)
        folder.chmod(0o555 if folder_too else 0o777)
        with another(opens_without_rights, folder) as (_, end):
            assert end.poll(PATIENCE)
            kind, message = end.recv()
        folder.chmod(0o755)
    assert kind == "StorageError", message
    assert "shop.db" in message


def test_a_damaged_file_is_refused_and_named(file: Path) -> None:
    for path in file.parent.glob("shop.db-*"):
        path.unlink()
    with file.open("r+b") as handle:
        handle.seek(4096)
        handle.write(os.urandom(file.stat().st_size - 4096))
    with pytest.raises(StorageError, match=r"shop\.db"):
        open_shop(file.parent)


def test_damage_under_a_till_that_sells_is_refused_and_named(file: Path) -> None:
    office = open_shop(file.parent)
    office.close()
    size = file.stat().st_size
    with file.open("r+b") as handle:
        handle.seek(4096 * 2)
        handle.write(b"\xff" * (size - 4096 * 2))
    with pytest.raises(StorageError, match=r"shop\.db"):
        office.payments.create(items=BASKET)


@pytest.mark.parametrize("content", [b"Dear diary, " * 500, b"\x00" * 8192], ids=["text", "zeros"])
def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "shop.db"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"shop\.db"):
        open_shop(tmp_path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE diary (day TEXT)")
    with pytest.raises(StorageError, match=r"shop\.db"):
        open_shop(tmp_path)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("diary",)]


@pytest.mark.parametrize("place", ["missing/shop.db", "a-folder"])
def test_a_place_where_no_file_can_be_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "a-folder").mkdir()
    with pytest.raises(StorageError, match=place):
        Store.open(f"sqlite:///{tmp_path / place}")


def test_a_newer_schema_is_refused_and_left_alone(file: Path) -> None:
    with closing(sqlite3.connect(file)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    with pytest.raises(StorageError, match="newer posconsole"):
        open_shop(file.parent)


def test_a_journal_key_cut_short_is_refused(file: Path) -> None:
    key = file.with_name("shop.db.key")
    key.write_text(key.read_text()[:7])
    with pytest.raises(StorageError, match="cut short"):
        open_shop(file.parent)


def test_a_journal_key_that_is_not_text_is_refused(file: Path) -> None:
    file.with_name("shop.db.key").write_bytes(b"\xff" * 64)
    with pytest.raises(StorageError, match="damaged"):
        open_shop(file.parent)


def test_a_till_whose_lock_file_cannot_be_made_is_named(file: Path) -> None:
    file.with_name("shop.db.till-7").mkdir()
    office = open_shop(file.parent)
    with pytest.raises(StorageError, match="till-7"):
        office.sign_in(till="7")
    office.close()


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "sqlite:///shop.db?timeout=9", "sqlite://", "shop.db", ""])
def test_an_address_that_is_no_file_is_refused_and_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput):
        Store.open(url)
    assert list(tmp_path.iterdir()) == []


def test_a_journal_key_that_was_lost_is_not_replaced(file: Path) -> None:
    key = file.with_name("shop.db.key")
    kept = key.rename(file.with_name("kept"))
    with pytest.raises(StorageError, match=r"shop\.db\.key: .* Copy it from"):
        open_shop(file.parent)
    assert not key.exists()
    kept.rename(key)
    open_shop(file.parent).close()


def test_another_journal_key_than_the_shops_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSCONSOLE_JOURNAL_KEY", "another" * 9)
    with pytest.raises(StorageError, match="POSCONSOLE_JOURNAL_KEY: this is not"):
        open_shop(file.parent)
