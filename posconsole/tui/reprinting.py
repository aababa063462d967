"""Finding the sale whose receipt is wanted once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.errors import NotFound
from posconsole.tui.keys import RECEIPT

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.engine.views import PaymentView

LATEST = 50
"""So many of the latest payments are looked through for this till's last sale."""


def receipt_of(store: Store, number: str) -> PaymentView:
    """Return the sale with this receipt number, without one this till's last. Raises `NotFound`."""
    if number:
        return store.payments.find(number)
    for payment in store.payments.list(limit=LATEST).data:
        if payment.till == store.till and payment.receipt_number:
            return store.payments.find(payment.receipt_number)
    raise NotFound(f"No sale was made at this till lately. Type the receipt's number first, then {RECEIPT}.")
