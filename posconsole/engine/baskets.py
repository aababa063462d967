"""The basket being rung up, kept so that a power cut doesn't lose it. It holds nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select, text, update

from posconsole.engine.access import needs
from posconsole.engine.rung import Basket, Item
from posconsole.models import OpenBasket, Payment, table

if TYPE_CHECKING:
    from posconsole.engine.context import Context
    from posconsole.engine.database import Transaction

_OPEN, _PAYMENT = table(OpenBasket), table(Payment)
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


class Baskets:
    """This till's open basket."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("baskets.keep")
    def save(self, basket: Basket) -> None:
        """Keep the basket as it is now; an empty one is cleared."""
        if basket == Basket():
            return self.clear()
        items = [[item.id, item.quantity, item.price, item.name] for item in basket.items]
        content = json.dumps({"items": items, "codes": basket.codes, "member": basket.member})
        context = self._context
        context.database.write(lambda tx: tx.change(_SAVE, till=context.till, content=content, now=context.clock.now()))
        return None

    @needs("baskets.keep")
    def open(self) -> Basket | None:
        """Return the basket that was left open, or None. One that a pending payment may have sold is not open."""
        content = self._context.read(lambda transaction: transaction.scalar(_READ, till=self._context.till))
        if content is None:
            return None
        kept = json.loads(content)
        return Basket(tuple(Item(*item) for item in kept["items"]), tuple(kept["codes"]), kept["member"])

    @needs("baskets.keep")
    def clear(self) -> None:
        """Forget the open basket."""
        self._context.database.write(lambda transaction: transaction.change(_CLEAR, till=self._context.till))


def sold(transaction: Transaction, till: str, payment: str, *, captured: bool) -> None:
    """Close a till's open basket with the payment that sells it, or tie it to a pending one."""
    if captured:
        transaction.change(_CLEAR, till=till)
    else:
        transaction.change(_TIE, till=till, payment=payment)


def close_tied(transaction: Transaction, payment: str) -> None:
    """Close the basket that a payment was opened for, now that it is captured."""
    transaction.change(_CLOSE_TIED, payment=payment)
