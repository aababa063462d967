"""Faults of the server and of the link to it: answers within 5 s, never a half, and what nobody knows is told as that.

POSCONSOLE_CUTS sets at how many places of a sale the link is cut, POSCONSOLE_CRASHES how often the server is killed.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import psycopg
import pytest
from sqlalchemy import text

from posconsole import Store
from posconsole.engine.db.postgresql import Postgresql
from posconsole.engine.journal.events import Journal
from posconsole.errors import Busy, NotAllowed, OutcomeUnknown, PosError, StorageError, Unsettled
from posconsole.tenders.sandbox import APPROVES
from tests.conftest import FOLDER
from tests.engine.bank import charges, disagreements
from tests.engine.linking import Link, Trap
from tests.engine.processes import PROCESSES, RACERS
from tests.engine.shop import BASKET, open_shop
from tests.engine.test_storage import AT_MOST, another, makes_the_shop
from tests.postgresql import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from posconsole.engine.db.database import Transaction

CUTS = int(os.environ.get("POSCONSOLE_CUTS", "12"))
CRASHES = int(os.environ.get("POSCONSOLE_CRASHES", "3"))
COMMIT = b"COMMIT\0"
"""As it goes over the link: not READ COMMITTED."""
KEY = "the journal's key of these tests, the same by whatever road"


@pytest.fixture(autouse=True)
def one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know the shop's journal key, whatever the server is called on the way to it."""
    monkeypatch.setenv("POSCONSOLE_JOURNAL_KEY", KEY)


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    address = postgresql.lend()
    yield address
    postgresql.take_back(address)


@pytest.fixture
def link(postgresql: Server) -> Iterator[Link]:
    link = Link(postgresql.socket)
    yield link
    link.close()


@pytest.fixture
def far(office: Store, link: Link) -> Iterator[Store]:
    """Give the shop's till 1 at the other end of the link."""
    name = office.url.partition("@/")[2].partition("?")[0]
    there = open_shop(f"postgresql+psycopg://postgres@127.0.0.1:{link.port}/{name}")
    till = there.sign_in(till="1", operator="Ana")
    yield till
    link.mend()
    till.close()
    there.close()


@contextmanager
def in_time() -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < AT_MOST


def raw(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


# -- the link ---------------------------------------------------------------------------------------------------

MOMENTS = pytest.mark.parametrize(
    "words", [b"BEGIN ISO", b"INSERT INTO payment", COMMIT], ids=["begin", "insert", "commit"]
)
DELIVERED = pytest.mark.parametrize("delivered", [False, True], ids=["lost", "answer_lost"])


@MOMENTS
@DELIVERED
def test_a_server_that_falls_silent_is_told_of_in_time(far: Store, link: Link, words: bytes, delivered: bool) -> None:
    sale: dict[str, Any] = {"items": BASKET, "idempotency_key": "the one"}
    link.set(Trap(words, delivered=delivered, silent=True))
    with in_time(), pytest.raises(OutcomeUnknown if words == COMMIT else Busy) as told:
        far.payments.create(**sale)
    assert ("Nothing was written" in told.value.message) == (words != COMMIT)
    link.mend()
    assert far.payments.create(**sale).receipt_number == "1-000001"
    assert (far.payments.list().total, far.audit()) == (1, [])


@MOMENTS
@DELIVERED
def test_a_link_that_is_cut_is_made_again_but_for_a_commit(
    far: Store, link: Link, words: bytes, delivered: bool
) -> None:
    sale: dict[str, Any] = {"items": BASKET, "idempotency_key": "the one"}
    link.set(Trap(words, delivered=delivered))
    if words == COMMIT:
        with in_time(), pytest.raises(OutcomeUnknown):
            far.payments.create(**sale)
    with in_time():
        assert far.payments.create(**sale).receipt_number == "1-000001"
    assert link.sprung
    assert (far.payments.list().total, far.audit()) == (1, [])


@pytest.mark.parametrize("way", ["", "broken"], ids=["holds", "caught"])
def test_a_link_cut_at_any_byte_of_a_sale_sells_once(far: Store, link: Link, way: str) -> None:
    """A sale repeated until it is answered is one sale; an engine that never calls an outcome unknown is caught."""
    length = length_of_a_sale(far, link)
    explained = Postgresql.explained
    sure = patch.object(
        Postgresql, "explained", lambda self, error, *, committing: explained(self, error, committing=False)
    )
    for number in range(CUTS):
        far._context.database.close()
        size = length * number // CUTS
        link.set(Trap(size=size, delivered=number % 2 == 0) if number else Trap(COMMIT, delivered=True))
        with sure if way else nullcontext():
            key = {} if way else {"idempotency_key": f"cut {number}"}
            assert until_answered(far, {"items": BASKET, **key}).status == "captured"
        assert link.sprung
        link.mend()
    assert far.payments.list().total == CUTS + 1 + (1 if way else 0)
    assert far.audit() == []


def length_of_a_sale(far: Store, link: Link) -> int:
    """Return how many bytes a till sends for a sale on a connection that it has to make."""
    far._context.database.close()
    link.set(Trap(size=2**62))
    far.payments.create(items=BASKET)
    return link.sent


def until_answered(store: Store, sale: dict[str, Any], tries: int = 20) -> Any:
    """Do what a cashier is told to: the same call again. Each answer comes in time."""
    for _ in range(tries):
        try:
            with in_time():
                return store.payments.create(**sale)
        except (Busy, StorageError, OutcomeUnknown):
            time.sleep(0.1)
    raise AssertionError("no answer")


def test_a_card_charged_before_the_link_broke_at_the_commit_is_taken_once(far: Store, link: Link) -> None:
    sale: dict[str, Any] = {
        "items": BASKET,
        "tenders": [{"kind": "card", "number": APPROVES}],
        "idempotency_key": "the one",
    }
    capture = far.payments._ask

    def asks_then_breaks(*arguments: Any) -> Any:
        answers = capture(*arguments)
        link.set(Trap(COMMIT, delivered=True))
        return answers

    with patch.object(far.payments, "_ask", asks_then_breaks), in_time(), pytest.raises(Unsettled):
        far.payments.create(**sale)
    assert far.payments.create(**sale).status == "captured"
    assert [amount for _, amount, _ in charges(far).values()] == [3499]
    assert (disagreements(far), far.audit()) == ([], [])


def test_opening_a_shop_on_a_silent_server_is_refused_in_time(far: Store, link: Link) -> None:
    link.silence()
    with in_time(), pytest.raises((Busy, StorageError)):
        Store.open(far.url)
    with in_time(), pytest.raises((Busy, StorageError)):
        far.payments.list()


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with in_time(), pytest.raises(StorageError, match=r"127\.0\.0\.1:1/shop.*See that the database server") as refusal:
        Store.open("postgresql+psycopg://ana:secret@127.0.0.1:1/shop")
    assert "secret" not in refusal.value.message


# -- the server -------------------------------------------------------------------------------------------------


@pytest.fixture
def doomed() -> Iterator[Server]:
    """Give a server of its own, to be killed. Its user couldn't get into pytest's own folders."""
    server = Server(Path(tempfile.mkdtemp(prefix="doomed-", dir=os.environ[FOLDER])))
    server.start()
    yield server
    server.stop()


def test_a_server_killed_while_eight_sell_keeps_each_sale_once(doomed: Server) -> None:
    office = open_shop(doomed.lend())
    tills = [office.sign_in(till=str(number), operator="Ana") for number in range(1, RACERS + 1)]
    over = threading.Event()

    def sells(till: Store) -> int:
        sold = 0
        while not over.is_set():
            assert (
                until_answered(till, {"items": BASKET, "idempotency_key": f"{till.till} {sold}"}).status == "captured"
            )
            sold += 1
        return sold

    with ThreadPoolExecutor(RACERS) as threads:
        sellers = [threads.submit(sells, till) for till in tills]
        for _ in range(CRASHES):
            time.sleep(0.5)
            doomed.kill()
            doomed.start()
        time.sleep(0.5)
        over.set()
        sold = [seller.result() for seller in sellers]
    assert min(sold) > 0
    assert office.payments.list().total == sum(sold)
    assert office.audit() == []
    for till in tills:
        till.close()
    office.close()


def test_a_server_that_is_down_is_told_of_in_time_and_sells_again(doomed: Server) -> None:
    office = open_shop(doomed.lend())
    doomed.kill()
    with in_time(), pytest.raises(StorageError, match="Nothing was written"):
        office.payments.create(items=BASKET)
    doomed.start()
    assert office.payments.create(items=BASKET).receipt_number == "0-000001"
    office.close()


def test_a_till_is_still_its_programs_after_the_server_was_killed(doomed: Server) -> None:
    office = open_shop(doomed.lend())
    till = office.sign_in(till="1")
    doomed.kill()
    doomed.start()
    till.payments.create(items=BASKET)
    with pytest.raises(NotAllowed) as refusal:
        office.sign_in(till="1")
    assert refusal.value.code == "till_in_use"
    till.close()
    office.sign_in(till="1").close()
    office.close()


def test_two_that_lock_each_other_out_both_get_through(office: Store) -> None:
    """The server ends one of them, and it runs again."""
    tills = [office.sign_in(till=number) for number in "12"]
    meet = threading.Barrier(2)
    raised: list[str] = []

    def crosses(till: Store, first: str, second: str) -> None:
        def work(transaction: Transaction) -> None:
            transaction.change(_TOUCH, sku=first)
            if not raised:
                meet.wait(AT_MOST)
            raised.append(till.till)
            transaction.change(_TOUCH, sku=second)

        till._context.database.write(work)

    with ThreadPoolExecutor(2) as threads, in_time():
        both = [threads.submit(crosses, tills[0], "lamp", "tea"), threads.submit(crosses, tills[1], "tea", "lamp")]
        for one in both:
            one.result()
    assert len(raised) == 3
    assert {office.products.get(sku).price for sku in ("lamp", "tea")} == {2001, 1001}
    for till in tills:
        till.close()


_TOUCH = text("UPDATE product SET price = price + 1 WHERE sku = :sku")


def test_a_row_that_is_not_let_go_is_refused_in_time(office: Store) -> None:
    till = office.sign_in(till="1", operator="Ana")
    with raw(office.url) as holder:
        holder.execute("BEGIN")
        holder.execute("SELECT * FROM till WHERE id = '1' FOR UPDATE")
        with in_time(), pytest.raises(Busy, match="Nothing was written"):
            till.payments.create(items=BASKET)
        assert till.payments.list().total == 0
    assert till.payments.create(items=BASKET).receipt_number == "1-000001"
    assert till.audit() == []
    till.close()


def test_no_event_is_passed_over_that_is_numbered_and_not_yet_committed(office: Store) -> None:
    tills = [office.sign_in(till=number) for number in "12"]
    numbered, go_on = threading.Event(), threading.Event()
    close = Journal.close

    def closes(journal: Journal, transaction: Transaction) -> None:
        close(journal, transaction)
        if journal.till == "1":
            numbered.set()
            go_on.wait(AT_MOST)

    with patch.object(Journal, "close", closes), ThreadPoolExecutor(2) as threads:
        slow = threads.submit(tills[0].payments.create, items=BASKET)
        assert numbered.wait(AT_MOST)
        tills[1].payments.create(items=BASKET)
        listed = threads.submit(office.events.list, type="payment.captured")
        time.sleep(0.3)
        assert not listed.done()
        go_on.set()
        slow.result()
        assert [event.till for event in listed.result().data] == ["1", "2"]
    for till in tills:
        till.close()


# -- opening ----------------------------------------------------------------------------------------------------


def holds_the_till(end: Connection, url: str) -> None:
    store = open_shop(url).sign_in(till="1", operator="Ben")
    end.send(store.till)
    end.recv()


@pytest.fixture
def known(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the journal's key in this machine's file, as other processes find it too."""
    monkeypatch.delenv("POSCONSOLE_JOURNAL_KEY")


def test_a_till_is_open_once_and_free_again_when_its_program_was_killed(known: None, office: Store) -> None:
    with another(holds_the_till, office.url):
        with pytest.raises(NotAllowed) as refusal:
            office.sign_in(till="1")
        assert refusal.value.code == "till_in_use"
        office.sign_in(till="2").close()
    retried(lambda: office.sign_in(till="1")).close()


def retried(call: Callable[[], Store]) -> Store:
    """Give a server the moment that it needs to see that a program has died."""
    for _ in range(20):
        try:
            return call()
        except PosError:
            time.sleep(0.1)
    return call()


def test_eight_programs_making_the_same_shop_at_once_make_one(known: None, postgresql: Server) -> None:
    url = postgresql.create("made_by_eight", template="template0")
    barrier = PROCESSES.Barrier(RACERS)
    pipes = [PROCESSES.Pipe() for _ in range(RACERS)]
    processes = [PROCESSES.Process(target=makes_the_shop, args=(end, barrier, url), daemon=True) for _, end in pipes]
    for process in processes:
        process.start()
    answers = [here.recv() for here, _ in pipes if here.poll(60)]
    for process in processes:
        process.join(60)
    assert sorted(receipt for receipt, _ in answers) == [f"0-{number:06}" for number in range(1, RACERS + 1)]
    store = Store.open(url)
    assert store.audit() == []
    store.close()
    postgresql.take_back(url)


def test_another_machine_needs_the_shops_journal_key(
    known: None, office: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = office._context.database.server.beside(".key")
    assert key.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(StorageError, match="Copy it from"):
        Store.open(office.url)
    assert not list(tmp_path.rglob("*.key"))
    monkeypatch.setenv("POSCONSOLE_JOURNAL_KEY", "another" * 9)
    with pytest.raises(StorageError, match="POSCONSOLE_JOURNAL_KEY: this is not"):
        Store.open(office.url)
    monkeypatch.setenv("POSCONSOLE_JOURNAL_KEY", key.read_text())
    Store.open(office.url).close()


def test_another_programs_database_is_refused_and_left_alone(postgresql: Server) -> None:
    url = postgresql.create("diary", template="template0")
    with raw(url) as other:
        other.execute("CREATE TABLE diary (day TEXT)")
    with pytest.raises(StorageError, match="another program's database"):
        Store.open(url)
    with raw(url) as other:
        assert other.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall() == [("diary",)]


def test_a_newer_schema_is_refused(office: Store) -> None:
    with raw(office.url) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="newer posconsole"):
        Store.open(office.url)
