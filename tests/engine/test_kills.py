"""`kill -9`, at every statement and at random moments: after `recover` nothing is lost and nothing is doubled.

POSCONSOLE_KILLS sets how many random kills are run. The negative controls, `caught`, run the same sweep over an
engine broken on purpose, which has to fail it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing, nullcontext
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from tests.engine import killing
from tests.engine.bank import disagreements
from tests.engine.processes import PATIENCE, PROCESSES
from tests.engine.shop import BASKET, open_shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from posconsole import Store
    from posconsole.engine.views import PaymentView

KILLS = int(os.environ.get("POSCONSOLE_KILLS", "40"))
STRIDE = 1 if KILLS >= 200 else 4
"""Of a schema's statements, all in one transaction, every so many-th is killed."""
PER_SHOP = 15


class Lost(AssertionError):
    """Something is lost, doubled or half done."""


def demand(fact: bool, what: object) -> None:
    if not fact:
        raise Lost(what)


def sound(store: Store) -> None:
    demand(not (findings := store.audit()), findings)
    demand(not (found := disagreements(store)), found)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Give a folder with a shop that nobody has open: a coupon with one use left, a voucher, a member."""
    folder = tmp_path / "base"
    folder.mkdir()
    store = open_shop(folder)
    store.coupons.create(code="TEN", percent_off=10, max_redemptions=1, customer_limit=1)
    store.vouchers.issue(value=killing.VOUCHER)
    store.members.create(name="Mira Olsen", card="M-1")
    store.close()
    return folder


def sweep(
    base: Path,
    act: killing.Act,
    check: Callable[[Store], None],
    broken: Callable[[], AbstractContextManager[None]] | None = None,
) -> int:
    """Kill `act` before each of its statements, each time in a fresh copy of the shop; return how many there are."""
    folder = base.with_name("shop")
    shutil.copytree(base, folder)
    sweeper, office = killing.Sweeper(folder, act, broken), open_shop(folder)
    try:
        for statement in count():
            office.close()
            shutil.rmtree(folder)
            shutil.copytree(base, folder)
            died = sweeper.dies_at(statement)
            with broken() if broken else nullcontext():
                store = recovered(office)
                check(store)
                store.close()
            if not died:
                print(f"\n{act.__name__}: killed at each of {statement} statements")  # noqa: T201
                return statement
    finally:
        sweeper.close()
    raise AssertionError("unreachable")


def recovered(office: Store) -> Store:
    """Open the till as after a crash; what recover leaves has to be sound."""
    store = killing.till_of(office)
    store.payments.recover()
    demand(store.payments.unsettled() == (), store.payments.unsettled())
    sound(store)
    return store


def check_sale(store: Store, tenders: list[dict[str, Any]] | None = None) -> PaymentView:
    """The sale is there or not, and asked for again with its key it comes to one answer, for ever."""
    kept = store.payments.list().data
    demand(len(kept) <= 1, kept)
    sale = killing.request(store, tenders)
    again = store.payments.create(**sale)
    demand(not kept or again == kept[0], (kept, again))
    demand(store.payments.create(**sale) == again, again)
    demand(store.payments.list().total == 1, "two sales under one key")
    sound(store)
    return again


def check_refund(store: Store) -> None:
    back = store.payments.refund("1-1", idempotency_key="the refund")
    demand(store.payments.refund("1-1", idempotency_key="the refund") == back, back)
    paid = store.payments.find("1")
    demand(paid.status == "refunded" and len(paid.refunds) == 1, paid)
    demand(all(tender.status == "captured" for tender in back.tenders), back)
    sound(store)


def test_a_cash_sale_killed_at_every_statement(base: Path) -> None:
    def check(store: Store) -> None:
        demand(check_sale(store).status == "captured", "a cash sale is never pending")

    assert sweep(base, killing.cash_sale, check) > 15


def test_a_card_sale_killed_at_every_statement_of_shop_and_bank(base: Path) -> None:
    ends: Counter[str] = Counter()
    assert sweep(base, killing.card_sale, lambda store: ends.update([check_sale(store, killing.CARDS).status])) > 30
    assert ends.keys() == {"captured", "canceled"}


def test_a_sale_whose_second_card_declines_killed_at_every_statement(base: Path) -> None:
    ends: Counter[str] = Counter()

    def check(store: Store) -> None:
        ends.update([check_sale(store, killing.SECOND_DECLINES).status])

    assert sweep(base, killing.declined_sale, check) > 30
    assert ends.keys() == {"declined", "canceled"}


def test_a_cancelling_killed_at_every_statement(base: Path) -> None:
    def check(store: Store) -> None:
        demand(check_sale(store, killing.CARDS).status == "canceled", "it was never charged")

    assert sweep(base, killing.cancelled_sale, check) > 15


def test_a_refund_killed_at_every_statement(base: Path) -> None:
    store = killing.till_of(open_shop(base))
    store.payments.create(**killing.request(store, killing.CARDS))
    store.close()
    assert sweep(base, killing.refund, check_refund) > 30


class PowerCut(BaseException):
    """Nobody handles this: the program is gone."""


def leave_unsettled(base: Path) -> None:
    """Leave behind what crashes leave: one charged and not booked, one never charged, a refund half ordered."""
    store = killing.till_of(open_shop(base))
    bank = store._context.device("card")
    paid = store.payments.create(items=BASKET, tenders=killing.CARDS)
    charged = store.payments.open(**killing.request(store, killing.CARDS[1:]))
    bank.charge(charged.tenders[0].id, charged.tenders[0].amount, "EUR", "4242424242424242")
    store.payments.open(items=BASKET, tender="card")
    with patch.object(type(bank), "refund", side_effect=PowerCut), pytest.raises(PowerCut):
        store.payments.refund(paid.id)
    store.close()


def test_a_recovery_killed_at_every_statement(base: Path) -> None:
    leave_unsettled(base)

    def check(store: Store) -> None:
        states = Counter(payment.status for payment in store.payments.list().data)
        demand(states == {"refunded": 1, "captured": 1, "canceled": 1}, states)

    assert sweep(base, killing.recovery, check) > 30


@pytest.mark.parametrize(
    ("act", "broken"),
    [
        (killing.cash_sale, killing.statement_by_statement),
        (killing.card_sale, killing.asks_no_bank),
        (killing.refund, killing.orders_refunds_first),
    ],
)
def test_a_broken_engine_is_caught(base: Path, act: Any, broken: Any) -> None:
    def check(store: Store) -> None:
        if act is killing.refund:
            check_refund(store)
        else:
            check_sale(store, killing.CARDS if act is killing.card_sale else None)

    if act is killing.refund:
        store = killing.till_of(open_shop(base))
        store.payments.create(**killing.request(store, killing.CARDS))
        store.close()
    with pytest.raises(Lost):
        sweep(base, act, check, broken)


def test_making_the_schema_killed_along_the_way(tmp_path: Path) -> None:
    """Old schema or new, never between: and whatever is left, the next opening makes a whole shop of it."""
    for statement in count(0, STRIDE):
        folder = tmp_path / f"at-{statement}"
        folder.mkdir()
        process = PROCESSES.Process(target=killing.opens_a_new_shop, args=(folder, statement), daemon=True)
        process.start()
        process.join(PATIENCE)
        died = process.exitcode == -signal.SIGKILL
        tables = _tables(folder / "shop.db")
        assert "refund_tender" in tables or tables <= {"alembic_version"} - tables, tables
        if statement % (8 * STRIDE) == 0 or not died:
            store = killing.till_of(open_shop(folder))
            store.payments.create(amount=500)
            sound(store)
            store.close()
        if not died:
            break
    assert statement > 60


def _tables(path: Path) -> set[str]:
    if not path.exists():
        return set()
    with closing(sqlite3.connect(path)) as database:
        return {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_wal_cut_short_anywhere_holds_the_whole_sale_or_nothing_of_it(base: Path) -> None:
    """What a power cut leaves of a sale being written is a prefix of the log."""
    store = killing.till_of(open_shop(base))
    sale = killing.request(store)
    store.payments.create(items=BASKET)
    wal = base / "shop.db-wal"
    before = wal.stat().st_size
    store.payments.create(**sale)
    whole = wal.read_bytes()
    frame = 4096 + 24
    cuts = [*range(before, len(whole), frame), *range(before + 100, len(whole), frame), len(whole) - 1, len(whole)]
    assert len(cuts) > 20
    for cut in cuts:
        folder = base.with_name(f"cut-{cut}")
        shutil.copytree(base, folder, ignore=shutil.ignore_patterns("*-shm"))
        (folder / "shop.db-wal").write_bytes(whole[:cut])
        after = open_shop(folder)
        assert after.payments.list().total == (2 if cut == len(whole) else 1)
        assert after.audit() == []
        after.close()
    store.close()


# -- at random moments ----------------------------------------------------------------------------------------


class Killer:
    """Kills what runs on one shop at random moments, and checks what is left each time."""

    def __init__(self, folder: Path, seed: str) -> None:
        self.folder = folder
        self.rng = Random(seed)
        self.kills: Counter[str] = Counter()
        self.told: list[tuple[dict[str, Any], str, dict[str, Any]]] = []
        self.baskets: set[str | None] = {None}

    def kill(self, work: Callable[..., None], within: float) -> list[tuple[str, Any, Any]]:
        """Start `work` and kill it at a random moment after it is ready, one time in six before; return its words."""
        here, there = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=work, args=(there, self.folder, self.rng.random().hex()), daemon=True)
        process.start()
        there.close()
        if self.rng.random() > 1 / 6:
            assert here.poll(PATIENCE)
        time.sleep(self.rng.uniform(0, within))  # the random moment is the point
        process.kill()
        process.join(PATIENCE)
        assert process.exitcode == -signal.SIGKILL, process.exitcode
        self.kills[work.__name__] += 1
        return list(_heard(here))

    def round(self) -> None:
        """Kill a seller, sometimes a recovery as well, then check everything."""
        words = self.kill(killing.sells, 0.25)
        open_request = self._listen(words)
        while self.rng.random() < 0.4:
            self.kill(killing.recovers, 0.02)
        store = killing.till_of(open_shop(self.folder))
        store.payments.recover()
        for payment in store.payments.unsettled():
            demand(any(tender.status in ("unknown", "pending") for tender in payment.tenders), payment)
            store.payments.settle(payment.id, captured=self.rng.random() < 0.5, note="asked the bank")
        demand(store.payments.unsettled() == (), "unsettled after settling")
        sound(store)
        for arguments, verb, told in self.told[-30:]:
            self._still_true(store, arguments, verb, told)
        if open_request:
            self._again(store, *open_request)
        sound(store)
        store.close()

    def _listen(self, words: list[tuple[str, Any, Any]]) -> tuple[str, dict[str, Any]] | None:
        """Note what was acknowledged; return the request that was under way, if any."""
        asked: tuple[str, dict[str, Any]] | None = None
        for word, verb, content in words:
            if word == "asks":
                asked = (verb, content)
            elif word == "told" and asked is not None:
                if isinstance(content, dict):
                    self.told.append((asked[1], verb, content))
                asked = None
        return asked

    def _still_true(self, store: Store, arguments: dict[str, Any], verb: str, told: dict[str, Any]) -> None:
        """An acknowledged sale or refund is there as it was told, and its key still leads to it."""
        now = store.payments.get(told["payment"])
        if verb == "refund":
            found = [(back.number, back.amount) for back in now.refunds if back.id == told["refund"]]
            demand(found == [(told["number"], told["amount"])], (told, now))
            demand(store.payments.refund(**arguments).id == told["refund"], told)
            return
        paid = now.receipt_number is not None
        demand(paid if told["receipt"] else told["status"] == "pending" or not paid, (told, now))
        demand(told["receipt"] in (None, now.receipt_number) and told["amount"] == now.amount, (told, now))
        if verb == "sell":
            demand(store.payments.create(**arguments).id == told["payment"], told)

    def _again(self, store: Store, verb: str, arguments: dict[str, Any]) -> None:
        """What was under way is asked for again, twice: one answer, the original where there was one."""
        if verb not in ("sell", "refund"):
            return
        known = {payment.id for payment in store.payments.list(limit=100).data}
        answers = [_answer(store, verb, arguments) for _ in range(2)]
        demand(answers[0] == answers[1], answers)
        new = {payment.id for payment in store.payments.list(limit=100).data} - known
        demand(len(new) <= 1, new)
        store.payments.recover()
        for payment in store.payments.unsettled():
            store.payments.settle(payment.id, captured=True, note="asked the bank")


def _answer(store: Store, verb: str, arguments: dict[str, Any]) -> Any:
    answer = killing.VERBS[verb]
    try:
        told = answer(store, **arguments)
    except Exception as error:
        if not hasattr(error, "code"):
            raise
        return error.code
    return told


def _heard(end: Any) -> Any:
    """Yield what a killed process had said in full."""
    try:
        while end.poll():
            yield end.recv()
    except (EOFError, OSError):
        return


def test_killed_at_random_moments(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    kills: Counter[str] = Counter()
    told = 0
    for shop in count():
        folder = tmp_path / f"shop-{shop}"
        folder.mkdir()
        store = open_shop(folder, smallest_coin=5)
        store.coupons.create(code="TEN", percent_off=10, max_redemptions=60)
        for _ in range(5):
            store.vouchers.issue(value=9000)
        store.close()
        killer = Killer(folder, f"shop {shop}")
        while sum(killer.kills.values()) < PER_SHOP and sum((kills + killer.kills).values()) < KILLS:
            killer.round()
        kills += killer.kills
        told += len(killer.told)
        if sum(kills.values()) >= KILLS:
            break
    record_property("kills", dict(kills))
    print(f"\n{sum(kills.values())} kills ({dict(kills)}), {told} sales and refunds acknowledged, none lost")  # noqa: T201
    assert told >= sum(kills.values()) // 2
