"""A small shop on a real database, for every test of the engine."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from posconsole import Store
from posconsole.clock import FixedClock

if TYPE_CHECKING:
    from pathlib import Path

NOON = 1_784_721_720
"""22 July 2026, 12:02 UTC."""

LAMP, TEA, CUP, GIFT = "lamp", "tea", "cup", "gift25"


def open_shop(place: Path | str, clock: FixedClock | None = None, **settings: Any) -> Store:
    """Open the shop at this address, or in this folder, as its back office, stocked if it is new."""
    url = place if isinstance(place, str) else f"sqlite:///{place / 'shop.db'}"
    store = Store.open(url, clock=clock or FixedClock(NOON), **settings)
    if not store.products.find("lamp").total:
        stock(store)
    return store


def stock(store: Store) -> None:
    """Put on the shelves what the specification's refund example sells, and a gift voucher of 25.00."""
    store.products.create(sku=LAMP, name="Lamp", price=1999, tax_rate=1900, category="home", barcode="2000000000015")
    store.products.create(sku=TEA, name="Tea", price=999, tax_rate=700, category="food", barcode="2000000000022")
    store.products.create(sku=CUP, name="Cup", price=501, tax_rate=1900, category="home", barcode="2000000000039")
    store.products.create(sku=GIFT, name="Gift voucher 25", price=2500, voucher_value=2500)


BASKET: list[dict[str, Any]] = [{"id": LAMP}, {"id": TEA}, {"id": CUP}]
"""34.99: 19.99 + 9.99 + 5.01."""


def goods(amount: int) -> list[dict[str, Any]]:
    """Return the items of a sale that comes to an amount."""
    return [{"id": None, "name": "Goods", "price": amount}]


def at(written: str) -> int:
    """Return the moment that a source document writes, as in `2026-05-28T14:02:11Z`."""
    return int(datetime.fromisoformat(written).timestamp())
