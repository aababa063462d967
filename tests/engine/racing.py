"""What racers do, and the broken engines that a race has to catch. Imported by every racing process."""

from __future__ import annotations

import copy
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import bindparam, text, update

from posconsole.engine import context as units
from posconsole.engine.journal import events
from posconsole.engine.quoting import facts
from posconsole.engine.refund import refunds
from posconsole.engine.sale import outcomes, payments, salerows, selling, spending
from posconsole.models import IdempotencyKey, Till, Voucher, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store
    from posconsole.engine.context import Request, Unit
    from posconsole.engine.db.database import Transaction
    from posconsole.engine.journal.events import Journal


def sell(store: Store, **sale: Any) -> tuple[str, str | None, int]:
    """Sell; return the payment, its receipt number, and what vouchers gave."""
    paid = store.payments.create(**sale)
    return paid.id, paid.receipt_number, paid.voucher_amount


def refund(store: Store, **what: Any) -> tuple[str, int]:
    """Give back; return the refund and its amount."""
    back = store.payments.refund(**what)
    return back.id, back.amount


def capture(store: Store, payment: str, numbers: tuple[str, ...] = ()) -> str:
    """Take the money of a pending payment; return its status."""
    return store.payments.capture(payment, numbers=numbers).status


def cancel(store: Store, payment: str, numbers: tuple[str, ...] = ()) -> str:
    """Give a pending payment up; return its status."""
    return store.payments.cancel(payment).status


def recover(store: Store) -> list[str]:
    """Settle whatever is unsettled; return what was done."""
    return [one.what for one in store.payments.recover()]


# -- negative controls: engines that check, then act ----------------------------------------------------------


@contextmanager
def sells_on_what_it_read_before(store: Store, **sale: Any) -> Iterator[None]:
    """BROKEN: priced on rows read before the write lock was taken, spent without conditions or constraints."""
    context = store._context
    basket = selling.selling_of(context.shop.currency.code, **sale).basket
    stale = context.read(lambda tx: facts.sale_of(tx, context.shop, basket, context.clock.now()))
    claim = (
        "INSERT INTO member_use (subject, member_id, uses) VALUES (:target, :member, 1)"
        " ON CONFLICT (subject, member_id) DO UPDATE SET uses = member_use.uses + 1"
    )
    with _no_constraints(store), ExitStack() as broken:
        broken.enter_context(patch.object(facts, "sale_of", lambda *_: stale))
        broken.enter_context(patch.object(spending, "_CLAIM_USE", text(claim)))
        for steps in (spending._COUPON_STEPS, spending._VOUCHER_STEPS):
            broken.enter_context(patch.dict(steps, {"spend": _bare(steps["spend"])}))
        yield


@contextmanager
def looks_the_key_up_first(store: Store, **sale: Any) -> Iterator[None]:
    """BROKEN: the idempotency key is looked up before the transaction, as every racer finds it: not there yet."""

    def once(unit: Unit, request: Request, result: str) -> None:
        row = {"key": request.key, "operation": request.operation, "request_hash": request.hash, "result": result}
        unit.transaction.insert(table(IdempotencyKey), [row], ignore=True)

    with patch.object(units.Unit, "once", once):
        yield


@contextmanager
def refunds_on_what_it_read_before(store: Store, payment: str, **what: Any) -> Iterator[None]:
    """BROKEN: planned on the sale as it was before the write lock was taken, taken back without conditions."""
    stale = store._context.read(lambda tx: salerows.read(tx, payment))
    with _no_constraints(store), ExitStack() as broken:
        broken.enter_context(patch.object(refunds.Refunds, "_sale", lambda *_: copy.deepcopy(stale)))
        for name, conditions in (("_TAKE_LINE", 2), ("_TAKE_TENDER", 1), ("_TAKE_PAYMENT", 1)):
            statement = _bare(getattr(refunds, name), conditions)
            broken.enter_context(patch.object(refunds, name, statement))
        yield


@contextmanager
def writes_the_balance_it_read_before(store: Store, **what: Any) -> Iterator[None]:
    """BROKEN: a voucher is given back its money by writing a balance worked out from one read earlier."""
    voucher = table(Voucher)
    rows = store._context.read(lambda tx: tx.query(voucher.select()))
    stale = {row.id: row.balance for row in rows}
    overwrite = update(voucher).where(voucher.c.id == bindparam("target")).values(balance=bindparam("left"))

    def give_back(transaction: Transaction, target: str, amount: int) -> None:
        transaction.change(overwrite, target=target, left=stale[target] + amount)

    with patch.object(spending, "give_back", give_back):
        yield


@contextmanager
def settles_on_what_it_read_before(store: Store, payment: str, **what: Any) -> Iterator[None]:
    """BROKEN: captured or given up because it was pending when it was looked at."""
    stale = store.payments.get(payment)
    with _no_constraints(store), ExitStack() as broken:
        broken.enter_context(patch.object(payments.Payments, "get", lambda *_: stale))
        for name in ("_CAPTURE", "_RELEASE"):
            broken.enter_context(patch.object(outcomes, name, _bare(getattr(outcomes, name))))
        yield


@contextmanager
def numbers_receipts_by_what_it_read_before(store: Store, **sale: Any) -> Iterator[None]:
    """BROKEN: the next receipt number is worked out before the write lock is taken."""
    context = store._context
    tills = table(Till)
    stale = context.read(lambda tx: tx.query(tills.select().where(tills.c.id == context.till)))[0].receipts
    begin = events.Journal.begin

    def begins(journal: Journal, *arguments: Any) -> Any:
        begun = begin(journal, *arguments)
        journal.receipts = stale
        return begun

    with patch.object(events.Journal, "begin", begins):
        yield


def _bare(statement: Any, conditions: int = 1) -> Any:
    """Return an UPDATE that keeps only the conditions which say what row is meant."""
    bare = statement._generate()
    bare._where_criteria = statement._where_criteria[:conditions]
    return bare


@contextmanager
def _no_constraints(store: Store) -> Iterator[None]:
    """Let no CHECK constraint save a broken engine: the race itself has to show that it is broken.

    A server's are dropped before the race, once for all racers.
    """
    database = store._context.database
    if database.path is None:
        yield
        return
    for on in (True, False):
        connection = database.engine.raw_connection()
        connection.cursor().execute(f"PRAGMA ignore_check_constraints={int(on)}")
        connection.close()
        if on:
            yield
