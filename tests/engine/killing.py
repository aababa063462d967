"""Processes that die by SIGKILL: before a given statement, or whenever their killer likes."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import contextmanager, nullcontext, suppress
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import event
from sqlalchemy.engine import Engine

from posconsole.engine.db.database import Database, Transaction
from posconsole.engine.db.schema import upgrade
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.refund.refunds import Refunds
from posconsole.engine.sale.payments import Payments
from posconsole.engine.sale.recovery import Settling
from posconsole.errors import PosError
from posconsole.tenders.sandbox import ANSWER_LOST, APPROVES, DECLINES, STAYS_UNKNOWN
from tests.engine.processes import PATIENCE, PROCESSES
from tests.engine.shop import CUP, GIFT, LAMP, TEA, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from posconsole import Store


Act = Callable[["Store"], Callable[[], Any]]
"""Gets everything ready at an office and returns what is to be killed while it runs."""


class Countdown:
    """Kills this process before a statement, at the shop's database or at the bank's: number 0 is the next one."""

    def __init__(self) -> None:
        self._left: int | None = None
        event.listen(Engine, "connect", lambda connection, _record: connection.set_trace_callback(self._statement))
        connect = sqlite3.connect

        def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*arguments, **options)
            connection.set_trace_callback(self._statement)
            return connection

        sqlite3.connect = traced  # type: ignore[assignment]

    def start(self, statements: int) -> None:
        """Let so many statements begin and no more."""
        self._left = statements

    def _statement(self, text: str) -> None:
        if self._left is None:
            return
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


class Sweeper:
    """A process that starts processes to be killed: it has done once what they do, so that they start warm."""

    def __init__(self, folder: Path, act: Act, broken: Any = None) -> None:
        self._here, there = PROCESSES.Pipe()
        self._process = PROCESSES.Process(target=_sweep, args=(there, folder, act, broken))
        self._process.start()
        there.close()
        self._answer()

    def dies_at(self, statement: int) -> bool:
        """Let a process act and kill it before that statement; say whether it died."""
        self._here.send(statement)
        status = self._answer()
        assert status in (0, -signal.SIGKILL), f"exit code {status}"
        return status != 0

    def close(self) -> None:
        """Let the sweeper end."""
        self._here.send(None)
        self._process.join(PATIENCE)

    def _answer(self) -> int:
        assert self._here.poll(PATIENCE), "the sweeper is stuck"
        status: int = self._here.recv()
        return status


def _sweep(end: Connection, folder: Path, act: Act, broken: Any) -> None:
    countdown = Countdown()
    office = open_shop(folder)
    with broken() if broken else nullcontext():
        _do(act(office))
        # Nothing of SQLite may be open across a fork.
        office.close()
        end.send(0)
        while (statement := end.recv()) is not None:
            if (child := os.fork()) == 0:
                go = act(office)
                countdown.start(statement)
                _do(go)
                os._exit(0)
            _, status = os.waitpid(child, 0)
            end.send(os.waitstatus_to_exitcode(status))


def upgrades(folder: Path, statement: int, scripts: str) -> None:
    """Take a shop to the next schema and be killed before that statement."""
    Countdown().start(statement)
    upgrade(Database(f"sqlite:///{folder / 'shop.db'}"), "next", scripts)


def _do(go: Callable[[], Any]) -> None:
    with suppress(PosError):  # a refusal is an answer too
        go()


def opens_a_new_shop(folder: Path, statement: int) -> None:
    """Make a shop and be killed before that statement."""
    Countdown().start(statement)
    open_shop(folder).close()


# -- what is killed at every statement ------------------------------------------------------------------------

BOUGHT: dict[str, Any] = {"items": [{"id": LAMP}, {"id": TEA}, {"id": CUP}, {"id": GIFT}], "coupon": "TEN"}
VOUCHER = 1200
CARDS: list[dict[str, Any]] = [
    {"kind": "card", "amount": 500, "number": APPROVES},
    {"kind": "card", "number": APPROVES},
]
SECOND_DECLINES: list[dict[str, Any]] = [CARDS[0], {"kind": "card", "number": DECLINES}]


def request(office: Store, tenders: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return a sale that uses a capped coupon, a member's limit and a voucher, and sells a voucher."""
    member = office.members.find("Mira").data[0]
    voucher = next(one for one in office.vouchers.list().data if one.initial_value == VOUCHER)
    return BOUGHT | {
        "customer": member.id,
        "vouchers": [voucher.code],
        "tenders": tenders or [{"kind": "cash"}],
        "idempotency_key": "the sale",
    }


def till_of(office: Store) -> Store:
    return office.sign_in(till="1", operator="Ana")


def cash_sale(office: Store) -> Callable[[], Any]:
    store, sale = till_of(office), request(office)
    return lambda: _and_leave(store, store.payments.create(**sale))


def card_sale(office: Store) -> Callable[[], Any]:
    store, sale = till_of(office), request(office, CARDS)
    return lambda: _and_leave(store, store.payments.create(**sale))


def declined_sale(office: Store) -> Callable[[], Any]:
    store, sale = till_of(office), request(office, SECOND_DECLINES)
    return lambda: _and_leave(store, store.payments.create(**sale))


def cancelled_sale(office: Store) -> Callable[[], Any]:
    store = till_of(office)
    opened = store.payments.open(**request(office, CARDS))
    return lambda: _and_leave(store, store.payments.cancel(opened.id))


def refund(office: Store) -> Callable[[], Any]:
    store = till_of(office)
    return lambda: _and_leave(store, store.payments.refund("1-1", idempotency_key="the refund"))


def recovery(office: Store) -> Callable[[], Any]:
    store = till_of(office)
    return lambda: _and_leave(store, store.payments.recover())


def _and_leave(store: Store, _done: object) -> None:
    store.close()


# -- what is killed whenever it happens -----------------------------------------------------------------------


def sells(end: Connection, folder: Path, seed: str) -> None:
    """Sell, refund, cancel and settle at random until killed; say what is asked before, what came of it after."""
    rng = Random(seed)
    store = till_of(open_shop(folder))
    end.send(("ready", None, None))
    for number in count():
        verb, arguments = _next(rng, store, f"{seed}-{number}")
        end.send(("asks", verb, arguments))
        try:
            told = VERBS[verb](store, **arguments)
        except PosError as error:
            told = error.code
        end.send(("told", verb, told))


def sells_forgetfully(end: Connection, folder: Path, seed: str) -> None:
    """BROKEN: sell as `sells` does, with an engine that tells of a sale before it is on the disk."""
    with commits_now_and_then():
        sells(end, folder, seed)


def recovers(end: Connection, folder: Path, seed: str) -> None:
    """Recover over and over until killed."""
    store = till_of(open_shop(folder))
    end.send(("ready", None, None))
    while True:
        store.payments.recover()


def _next(rng: Random, store: Store, key: str) -> tuple[str, dict[str, Any]]:
    verb = rng.choices(list(VERBS), (12, 5, 2, 2, 2, 1, 1))[0]
    if verb == "basket":
        return verb, {"sku": rng.choice((LAMP, TEA, CUP))}
    if verb == "recover":
        return verb, {}
    if verb == "refund":
        paid = store.payments.list(limit=20).data
        known = [one for one in paid if one.status in ("captured", "partially_refunded")]
        if known:
            some = [{"line": 1, "quantity": 1}] if rng.random() < 0.5 else None
            return verb, {"payment": rng.choice(known).id, "items": some, "idempotency_key": key}
    sale: dict[str, Any] = {
        "items": [{"id": rng.choice((LAMP, TEA, CUP, GIFT)), "quantity": rng.randint(1, 3)} for _ in range(3)],
        "idempotency_key": key,
    }
    if rng.random() < 0.5:
        sale["coupon"] = "TEN"
    if rng.random() < 0.4:
        sale["vouchers"] = [rng.choice(store.vouchers.list(limit=5).data).code]
    if verb == "terminal":
        return verb, sale | {"tender": "terminal"}
    if verb == "cancel":
        return verb, sale | {"tender": rng.choice(("cash", "card"))}
    card = rng.choices((APPROVES, DECLINES, ANSWER_LOST, STAYS_UNKNOWN), (12, 2, 3, 1))[0]
    tenders = rng.choice(([{"kind": "cash"}], [{"kind": "card", "number": card}]))
    return "sell", sale | {"tenders": tenders}


def sell(store: Store, **sale: Any) -> dict[str, Any]:
    paid = store.payments.create(**sale)
    return {"payment": paid.id, "receipt": paid.receipt_number, "status": paid.status, "amount": paid.amount}


def give_back(store: Store, **what: Any) -> dict[str, Any]:
    back = store.payments.refund(**what)
    return {"payment": back.payment, "refund": back.id, "number": back.number, "amount": back.amount}


def cancel(store: Store, **sale: Any) -> dict[str, Any]:
    gone = store.payments.cancel(store.payments.open(**sale).id)
    return {"payment": gone.id, "receipt": None, "status": gone.status, "amount": gone.amount}


def terminal(store: Store, **sale: Any) -> dict[str, Any]:
    opened = store.payments.open(**sale)
    paid = store.payments.capture(opened.id, approval_code="123456")
    return {"payment": paid.id, "receipt": paid.receipt_number, "status": paid.status, "amount": paid.amount}


def save_basket(store: Store, sku: str) -> str:
    store.baskets.save(Basket((Item(sku),)))
    return sku


def settle_all(store: Store) -> int:
    return len(store.payments.recover())


VERBS: dict[str, Callable[..., Any]] = {
    "sell": sell,
    "refund": give_back,
    "cancel": cancel,
    "terminal": terminal,
    "lost": sell,
    "recover": settle_all,
    "basket": save_basket,
}

# -- negative controls ----------------------------------------------------------------------------------------


@contextmanager
def statement_by_statement() -> Iterator[None]:
    """BROKEN: no transaction, so that every statement commits by itself."""

    def once(database: Database, work: Callable[[Transaction], Any], **_: object) -> Any:
        connection = database.engine.raw_connection()
        result = work(Transaction(connection.cursor(), database))
        connection.close()
        return result

    with patch.object(Database, "_once", once):
        yield


@contextmanager
def commits_now_and_then() -> Iterator[None]:
    """BROKEN: several calls share a transaction, so that what is acknowledged isn't durable yet."""
    kept: list[Any] = []
    calls = count(1)

    def once(database: Database, work: Callable[[Transaction], Any], **_: object) -> Any:
        if not kept:
            kept.append(database.engine.raw_connection())
        cursor = kept[0].cursor()
        if not kept[0].in_transaction:
            cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("SAVEPOINT one_call")
        try:
            result = work(Transaction(cursor, database))
        except BaseException:
            cursor.execute("ROLLBACK TO one_call")
            raise
        if next(calls) % 30 == 0:
            cursor.execute("COMMIT")
        return result

    with patch.object(Database, "_once", once):
        yield


@contextmanager
def asks_no_bank() -> Iterator[None]:
    """BROKEN: recovery releases what is pending without asking the bank what became of it."""
    with patch.object(Settling, "_outcomes", lambda *_: {}), patch.object(Payments, "_may_have_charged", _never):
        yield


def _never(*_: object) -> bool:
    return False


@contextmanager
def orders_refunds_first() -> Iterator[None]:
    """BROKEN: the bank is told to give money back before the refund is written, under a new name each time."""
    write = Refunds._give_back

    def give_back(self: Refunds, unit: Any, refund: str, rows: Any, *rest: Any, **told: Any) -> None:
        for tender in rows.tenders:
            if tender["kind"] == "card":
                self._context.device("card").refund(tender["id"], os.urandom(8).hex(), 1)
        write(self, unit, refund, rows, *rest, **told)

    with patch.object(Refunds, "_give_back", give_back):
        yield
