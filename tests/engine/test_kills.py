"""`kill -9`, at every statement and at random moments: after `recover` nothing is lost and nothing is doubled.

POSCONSOLE_KILLS sets how many random kills are run, POSCONSOLE_SEED makes them others. The negative controls,
`caught`, run the same sweep over an engine broken on purpose, which has to fail it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections import Counter
from contextlib import closing, nullcontext
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from tests.engine import killing
from tests.engine.killer import Killer, Lost, demand, sound
from tests.engine.processes import PATIENCE, PROCESSES
from tests.engine.shop import BASKET, open_shop
from tests.engine.test_schema import columns, scripts

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from posconsole import Store
    from posconsole.engine.views import PaymentView

KILLS = int(os.environ.get("POSCONSOLE_KILLS", "20"))
STRIDE = 1 if KILLS >= 200 else 4
"""Of a schema's statements, all in one transaction, every so many-th is killed."""
SOME = 1 if KILLS >= 200 else 3
"""Of the sales that end in nothing likewise: they share their first half with the others."""
SEED = os.environ.get("POSCONSOLE_SEED", "shop")
PER_SHOP = 15


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
    step: int = 1,
) -> int:
    """Kill `act` before every `step`-th of its statements, each time in a fresh copy of the shop.

    Return how many statements it has.
    """
    folder = base.with_name("shop")
    shutil.copytree(base, folder)
    sweeper, office = killing.Sweeper(folder, act, broken), open_shop(folder)
    try:
        for statement in count(0, step):
            office.close()
            shutil.rmtree(folder)
            shutil.copytree(base, folder)
            died = sweeper.dies_at(statement)
            with broken() if broken else nullcontext():
                store = recovered(office)
                check(store)
                store.close()
            if not died:
                print(f"\n{act.__name__}: killed at {statement // step} of {statement} statements")  # noqa: T201
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

    assert sweep(base, killing.declined_sale, check, step=SOME) > 30
    assert ends.keys() == {"declined", "canceled"}


def test_a_cancelling_killed_at_every_statement(base: Path) -> None:
    def check(store: Store) -> None:
        demand(check_sale(store, killing.CARDS).status == "canceled", "it was never charged")

    assert sweep(base, killing.cancelled_sale, check, step=SOME) > 15


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
        died = _killed(killing.opens_a_new_shop, folder, statement)
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


def test_an_upgrade_killed_along_the_way(base: Path, tmp_path: Path) -> None:
    store = open_shop(base)
    store.payments.create(items=BASKET)
    store.close()
    history = scripts(tmp_path)
    ends: Counter[bool] = Counter()
    for statement in count():
        folder = tmp_path / f"at-{statement}"
        shutil.copytree(base, folder)
        died = _killed(killing.upgrades, folder, statement, history)
        upgraded = "shelf" in columns(folder / "shop.db")
        ends[upgraded] += 1
        if not upgraded:
            after = open_shop(folder)
            sound(after)
            after.close()
        assert not _killed(killing.upgrades, folder, 1_000_000, history)
        assert "shelf" in columns(folder / "shop.db")
        assert "shelf" not in columns(folder / "shop.db.schema-0002")
        if not died:
            break
    assert statement > 10
    assert ends.keys() == {False, True}


def _killed(work: Callable[..., None], *arguments: object) -> bool:
    process = PROCESSES.Process(target=work, args=arguments, daemon=True)
    process.start()
    process.join(PATIENCE)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


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


def furnish(folder: Path) -> None:
    folder.mkdir()
    store = open_shop(folder, smallest_coin=5)
    store.coupons.create(code="TEN", percent_off=10, max_redemptions=60)
    for _ in range(5):
        store.vouchers.issue(value=9000)
    store.close()


def test_killed_at_random_moments(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    kills: Counter[str] = Counter()
    told = 0
    for shop in count():
        folder = tmp_path / f"shop-{shop}"
        furnish(folder)
        killer = Killer(folder, f"{SEED} {shop}")
        while sum(killer.kills.values()) < PER_SHOP and sum((kills + killer.kills).values()) < KILLS:
            killer.round()
        kills += killer.kills
        told += len(killer.told)
        if sum(kills.values()) >= KILLS:
            break
    record_property("kills", dict(kills))
    print(f"\n{sum(kills.values())} kills ({dict(kills)}), {told} sales and refunds acknowledged, none lost")  # noqa: T201
    assert told, "nothing was sold before it was killed"


def test_an_engine_that_tells_before_it_is_true_is_caught(tmp_path: Path) -> None:
    furnish(tmp_path / "shop")
    killer = Killer(tmp_path / "shop", "forgetful")
    with pytest.raises(Lost):
        killer.rounds(20, killing.sells_forgetfully)
