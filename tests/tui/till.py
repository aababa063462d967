"""A till for a real terminal: `python -m tests.tui.till FILE [slow|demo]`, on a small shop made where FILE is not.

With `demo` it is the demo's shop, whose database then outlives it.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posconsole.tui.app import PosApp

if TYPE_CHECKING:
    from posconsole import Store

GOODS = (
    ("coffee", "Flat white", 450, "2000000000015"),
    ("bun", "Croissant", 280, "2000000000022"),
    ("book", "Notebook A5", 695, "2000000000039"),
    ("pen", "Highlighter yellow", 120, "2000000000046"),
    ("jam", "Plum jam", 390, "2000000000053"),
)


def shop(path: Path, *, slow: bool) -> Store:
    """Open the shop at `path` as till 1. A slow one takes its time over a payment, so that it can be cut off."""
    from posconsole import Store

    new = not path.exists()
    store = Store.open(f"sqlite:///{path}", name="Corner Shop")
    if new:
        for sku, name, price, barcode in GOODS:
            store.products.create(sku=sku, name=name, price=price, barcode=barcode, tax_rate=1900)
        store.coupons.create(code="SPRING15", name="Spring 15 %", percent_off=15)
    till = store.sign_in(till="1", operator="Ana")
    if slow:
        create = till.payments.create

        def slowly(*args: Any, **kwargs: Any) -> Any:
            time.sleep(1)
            return create(*args, **kwargs)

        till.payments.create = slowly  # type: ignore[method-assign]
    return till


def furnished(path: Path) -> Store:
    """Open the demo's shop at `path`."""
    from posconsole.demo.furnishing import open_shop

    return open_shop(f"sqlite:///{path}")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    opened = partial(furnished, place) if "demo" in sys.argv else partial(shop, place, slow="slow" in sys.argv)
    PosApp(None, "1", "Ana", open_store=opened, sandbox=True).run()
