"""The basket being rung up, kept so that a power cut doesn't lose it, and those put aside. They hold nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, or_, select, text, update

from posconsole.codes import identifier
from posconsole.engine import arguments
from posconsole.engine.context import Request
from posconsole.engine.journal.events import told
from posconsole.engine.quoting.rung import Basket, Item, checked
from posconsole.engine.staff.access import needs
from posconsole.errors import NotAllowed, NotFound
from posconsole.models import OpenBasket, ParkedBasket, Payment, table

if TYPE_CHECKING:
    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row, Transaction

_OPEN, _PARKED, _PAYMENT = table(OpenBasket), table(ParkedBasket), table(Payment)
TERMS = [column.name for column in _PARKED.columns]
"""What the event that parks a basket vouches for."""

_READ = (
    select(_OPEN.c.content)
    .join(_PAYMENT, _PAYMENT.c.id == _OPEN.c.payment_id, isouter=True)
    .where(_OPEN.c.till_id == bindparam("till"), func.coalesce(_PAYMENT.c.status, "canceled") != "pending")
)
_TIE = update(_OPEN).where(_OPEN.c.till_id == bindparam("till")).values(payment_id=bindparam("payment"))
_CLOSE_TIED = delete(_OPEN).where(_OPEN.c.payment_id == bindparam("payment"))
_CLEAR = delete(_OPEN).where(_OPEN.c.till_id == bindparam("till"))
_SAVE = text(
    "INSERT INTO open_basket (till_id, content, updated_at) VALUES (:till, :content, :now)"
    " ON CONFLICT (till_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at,"
    " payment_id = NULL"
)
_BEING_PAID = _OPEN.c.payment_id.in_(select(_PAYMENT.c.id).where(_PAYMENT.c.status == "pending"))
_TAKE_OPEN = (
    delete(_OPEN)
    .where(_OPEN.c.till_id == bindparam("till"), or_(_OPEN.c.payment_id.is_(None), ~_BEING_PAID))
    .returning(_OPEN.c.content)
)
_FORGET_PAID = delete(_OPEN).where(_OPEN.c.till_id == bindparam("till"), _BEING_PAID)
_TAKE_PARKED = delete(_PARKED).where(_PARKED.c.id == bindparam("basket")).returning(_PARKED.c.content)
_THE_PARKED = select(_PARKED).where(_PARKED.c.id == bindparam("basket"))
_ALL_PARKED = select(_PARKED).order_by(_PARKED.c.parked_at, _PARKED.c.id)


@dataclass(frozen=True, slots=True)
class ParkedView:
    """A basket put aside: under what name, where, by whom and when. It can be recalled at any till."""

    id: str
    name: str
    till: str
    operator: str
    parked_at: int
    basket: Basket = field(repr=False)


class Baskets:
    """This till's open basket, and what all tills have put aside."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("baskets.keep")
    def save(self, basket: Basket) -> None:
        """Keep the basket as it is now; an empty one is cleared."""
        rung = checked(basket)
        if rung == Basket():
            return self.clear()
        content, context = _written(rung), self._context
        context.database.write(lambda tx: tx.change(_SAVE, till=context.till, content=content, now=context.clock.now()))
        return None

    @needs("baskets.keep")
    def open(self) -> Basket | None:
        """Return the basket that was left open, or None. One that a pending payment may have sold is not open."""
        content = self._context.read(lambda transaction: transaction.scalar(_READ, till=self._context.till))
        return None if content is None else _read(content)

    @needs("baskets.keep")
    def clear(self) -> None:
        """Forget the open basket."""
        self._context.database.write(lambda transaction: transaction.change(_CLEAR, till=self._context.till))

    @needs("baskets.keep")
    def park(self, name: str = "", *, idempotency_key: str | None = None) -> ParkedView:
        """Put the open basket aside under a name. `NotAllowed` with the code `nothing_to_park` when none is open.

        With the same key it is done once; of a basket that isn't there any more what was in it is not known.
        """
        called = arguments.optional(name, "name") or ""
        request = Request.of("basket.park", idempotency_key, till=self._context.till, name=called)

        def work(unit: Unit) -> ParkedView:
            basket = identifier("bsk")
            earlier = unit.once(request, basket)
            if earlier is not None:
                return _parked(unit.transaction, earlier)
            content = unit.transaction.scalar(_TAKE_OPEN, till=unit.journal.till)
            if content is None:
                raise NotAllowed("Nothing is rung up here that could be parked.", code="nothing_to_park")
            row = {
                "id": basket,
                "name": called,
                "till_id": unit.journal.till,
                "operator": unit.journal.operator,
                "content": content,
                "parked_at": unit.now,
            }
            unit.transaction.insert(_PARKED, [row])
            rows = unit.digest([[row[column] for column in TERMS]])
            unit.journal.record("basket.parked", basket, name=called, rows=rows)
            return _parked(unit.transaction, basket)

        return self._context.write(work)

    @needs("baskets.keep")
    def parked(self) -> tuple[ParkedView, ...]:
        """Return what all tills have put aside, oldest first."""
        return tuple(map(_show, self._context.read(lambda transaction: transaction.all(_ALL_PARKED))))

    @needs("baskets.keep")
    def recall(self, basket: str, *, idempotency_key: str | None = None) -> Basket:
        """Make a parked basket this till's open one. Of two tills that recall it, one gets it.

        With the same key it is done once; then the till's basket as it is now is returned. Raises `NotFound` when it
        is not there any more, and `NotAllowed` with the code `basket_open` while something is rung up here.
        """
        wanted = arguments.text(basket, "basket")
        request = Request.of("basket.recall", idempotency_key, till=self._context.till, basket=wanted)

        def work(unit: Unit) -> Basket:
            if unit.once(request, wanted) is not None:
                now = unit.transaction.scalar(_READ, till=unit.journal.till)
                return Basket() if now is None else _read(now)
            content = _take(unit, wanted)
            # As when the next sale is rung up: what is being paid is not open any more.
            unit.transaction.change(_FORGET_PAID, till=unit.journal.till)
            row = {"till_id": unit.journal.till, "payment_id": None, "content": content, "updated_at": unit.now}
            if unit.transaction.insert(_OPEN, [row], ignore=True) != 1:
                raise NotAllowed("Sell, park or void what is rung up here first.", code="basket_open")
            unit.journal.record("basket.recalled", wanted)
            return _read(content)

        return self._context.write(work)

    @needs("baskets.discard")
    def discard(self, basket: str, *, idempotency_key: str | None = None) -> None:
        """Throw a parked basket away. Raises `NotFound` when it is not there any more."""
        wanted = arguments.text(basket, "basket")
        request = Request.of("basket.discard", idempotency_key, basket=wanted)

        def work(unit: Unit) -> None:
            if unit.once(request, wanted) is None:
                _take(unit, wanted)
                unit.journal.record("basket.discarded", wanted)

        self._context.write(work)


def _take(unit: Unit, basket: str) -> str:
    content: str | None = unit.transaction.scalar(_TAKE_PARKED, basket=basket)
    if content is None:
        raise NotFound("This basket is not parked any more: somebody has recalled or discarded it.", field="basket")
    return content


def _parked(transaction: Transaction, basket: str) -> ParkedView:
    row = transaction.first(_THE_PARKED, basket=basket)
    if row is not None:
        return _show(row)
    event, data = told(transaction, "basket.parked", basket)
    return ParkedView(basket, data["name"], event.till_id, event.operator, event.at, Basket())


def _written(basket: Basket) -> str:
    items = [[item.id, item.quantity, item.price, item.name] for item in basket.items]
    return json.dumps({"items": items, "codes": basket.codes, "member": basket.member, "reward": basket.reward})


def _read(content: str) -> Basket:
    kept = json.loads(content)
    items = tuple(Item(*item) for item in kept["items"])
    return Basket(items, tuple(kept["codes"]), kept["member"], kept["reward"])


def _show(row: Row) -> ParkedView:
    return ParkedView(row.id, row.name, row.till_id, row.operator, row.parked_at, _read(row.content))


def sold(transaction: Transaction, till: str, payment: str, *, captured: bool) -> None:
    """Close a till's open basket with the payment that sells it, or tie it to a pending one."""
    if captured:
        transaction.change(_CLEAR, till=till)
    else:
        transaction.change(_TIE, till=till, payment=payment)


def close_tied(transaction: Transaction, payment: str) -> None:
    """Close the basket that a payment was opened for, now that it is captured."""
    transaction.change(_CLOSE_TIED, payment=payment)
