"""The catalogue's verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update

from posconsole.codes import identifier, repeated
from posconsole.engine import listing
from posconsole.engine.arguments import optional, text, whole
from posconsole.engine.context import Request
from posconsole.engine.db.database import among, values
from posconsole.engine.journal.events import told
from posconsole.engine.staff.access import needs
from posconsole.engine.views import ImportReport, Page, ProductView, Refused
from posconsole.errors import Conflict, InvalidInput, NotFound
from posconsole.models import Product, table
from posconsole.money import minor_units

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.goods.importing import ProductRow
    from posconsole.engine.sale.salerows import Fields

_PRODUCT = table(Product)
_BY_TEXT = select(_PRODUCT).where(
    _PRODUCT.c.active.is_(True),
    or_(
        _PRODUCT.c.sku == bindparam("text"),
        _PRODUCT.c.sku == bindparam("upper"),
        _PRODUCT.c.barcode == bindparam("text"),
        _PRODUCT.c.barcode == bindparam("other"),
    ),
)
_BY_SKU = select(_PRODUCT).where(_PRODUCT.c.sku == bindparam("sku"))
_BY_SKUS = select(_PRODUCT).where(among(_PRODUCT.c.sku, bindparam("skus")))
_BY_BARCODES = select(_PRODUCT.c.barcode, _PRODUCT.c.sku).where(among(_PRODUCT.c.barcode, bindparam("barcodes")))
_CHANGE = (
    update(_PRODUCT)
    .where(_PRODUCT.c.sku == bindparam("which"))
    .values(
        {name: bindparam(name) for name in ("barcode", "name", "search", "price", "tax_rate", "category", "updated_at")}
    )
)
BLOCK = 500
"""Rows per look-up and report of progress while importing."""


def show(row: Row) -> ProductView:
    """Return the view of a product's row."""
    return ProductView(
        row.sku, row.barcode, row.name, row.price, row.tax_rate, row.category, row.voucher_value, bool(row.active)
    )


def exact(transaction: Transaction, text: str) -> ProductView | None:
    """Return the product with this barcode or sku; should one's sku be another's barcode, the sku wins.

    A UPC-A is the same with and without the leading zero that makes it an EAN-13.
    """
    other = "0" + text if len(text) == 12 else text.removeprefix("0") if len(text) == 13 else text
    rows = transaction.all(_BY_TEXT, text=text, upper=text.upper(), other=other)
    rows.sort(key=lambda row: (row.sku != text, row.sku != text.upper()))
    return show(rows[0]) if rows else None


class Products:
    """What can be done with products."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("products.create")
    def create(
        self,
        *,
        sku: str,
        name: str,
        price: int,
        barcode: str | None = None,
        tax_rate: int = 0,
        category: str | None = None,
        voucher_value: int | None = None,
        idempotency_key: str | None = None,
    ) -> ProductView:
        """Add a product. `price` in minor units, `tax_rate` in basis points.

        With a `voucher_value` it sells vouchers of that value, which bear no tax. Raises `Conflict` when the
        sku or the barcode is taken.
        """
        number, called = optional(sku, "sku"), optional(name, "name")
        if number is None or called is None:
            raise InvalidInput("A product needs a sku and a name", field="name" if number else "sku")
        whole(tax_rate, "tax_rate", most=10_000)
        barcode, category = optional(barcode, "barcode"), optional(category, "category")
        if voucher_value is not None and tax_rate:
            raise InvalidInput("A voucher on sale bears no tax: it is taxed where it is spent", field="tax_rate")
        if voucher_value is not None:
            minor_units(voucher_value, "voucher_value", least=1)
        row = _fields(number, called, minor_units(price, "price"), barcode, tax_rate, category)
        row["voucher_value"] = voucher_value
        request = Request.of("product", idempotency_key, **row)

        def work(unit: Unit) -> None:
            if unit.once(request, number) is not None:
                return
            if unit.transaction.insert(_PRODUCT, [row | {"updated_at": unit.now}], ignore=True) != 1:
                raise Conflict(f"The sku {number} or its barcode is taken", field="sku")
            unit.journal.record("product.created", row["sku"], price=price)

        self._context.write(work)
        return self.get(row["sku"])

    @needs("products.get")
    def get(self, sku: str) -> ProductView:
        """Return the product with this sku; `NotFound` when there is none."""
        row = self._context.read(lambda transaction: transaction.first(_BY_SKU, sku=text(sku, "sku")))
        if row is None:
            raise NotFound(f"There is no product {repeated(sku)}", field="sku")
        return show(row)

    @needs("products.get")
    def find(self, text: str, limit: int = 50) -> Page[ProductView]:
        """Return products whose name or sku contains every word of `text`, by name."""
        conditions = (_PRODUCT.c.active.is_(True), listing.contains(_PRODUCT.c.search, text))
        return listing.page(self._context, _PRODUCT, conditions, (_PRODUCT.c.name, _PRODUCT.c.sku), show, limit=limit)

    @needs("products.create")
    def load(
        self,
        rows: Sequence[ProductRow],
        progress: Callable[[int, int], None] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> ImportReport:
        """Add or update products from a file, all in one transaction or none of them.

        What the file says nothing about (None) stays as it is. A barcode that belongs to another product is
        refused with its line. `progress` is told how many of how many are done. With the same key it is done once.
        """
        request = Request.of("products", idempotency_key, rows=rows)

        def work(unit: Unit) -> ImportReport:
            counts, refused = {"added": 0, "updated": 0, "unchanged": 0}, []
            load = identifier("imp")
            earlier = unit.once(request, load)
            if earlier is not None:
                return _report(told(unit.transaction, "products.imported", earlier)[1])
            for start in range(0, len(rows), BLOCK):
                refused += _load_block(unit, rows[start : start + BLOCK], counts)
                if progress is not None:
                    progress(min(start + BLOCK, len(rows)), len(rows))
            written = counts | {"refused": [[one.line, one.sku, one.reason] for one in refused]}
            unit.journal.record("products.imported", load, **written)
            return _report(written)

        return self._context.write(work)


def _report(written: Fields) -> ImportReport:
    refused = tuple(Refused(*one) for one in written["refused"])
    return ImportReport(written["added"], written["updated"], written["unchanged"], refused)


def _fields(sku: str, name: str, price: int, barcode: str | None, tax_rate: int | None, category: str | None) -> Fields:
    return {
        "sku": sku,
        "barcode": barcode,
        "name": name,
        "search": listing.folded(name, sku),
        "price": price,
        "tax_rate": tax_rate or 0,
        "category": category,
        "voucher_value": None,
        "active": True,
    }


def _load_block(unit: Unit, block: Sequence[ProductRow], counts: dict[str, int]) -> list[Refused]:
    transaction = unit.transaction
    known = {row.sku: row for row in transaction.all(_BY_SKUS, skus=values([row.sku for row in block]))}
    barcodes = [row.barcode for row in block if row.barcode]
    owners = dict(map(tuple, transaction.all(_BY_BARCODES, barcodes=values(barcodes))))
    refused, added = [], []
    for row in block:
        if row.barcode and owners.setdefault(row.barcode, row.sku) != row.sku:
            refused.append(Refused(row.line, row.sku, f"barcode {row.barcode} belongs to {owners[row.barcode]}"))
            continue
        old = known.get(row.sku)
        if old is None:
            added.append(
                _fields(row.sku, row.name, row.price, row.barcode, row.tax_rate, row.category)
                | {"updated_at": unit.now}
            )
        elif _update(unit, old, row):
            counts["updated"] += 1
        else:
            counts["unchanged"] += 1
    transaction.insert(_PRODUCT, added)
    counts["added"] += len(added)
    return refused


def _update(unit: Unit, old: Row, row: ProductRow) -> bool:
    """Change what the file says otherwise; return whether that was anything."""
    new = {
        "barcode": row.barcode or old.barcode,
        "name": row.name,
        "price": row.price,
        "tax_rate": old.tax_rate if row.tax_rate is None or old.voucher_value else row.tax_rate,
        "category": row.category or old.category,
    }
    if all(getattr(old, name) == value for name, value in new.items()):
        return False
    unit.transaction.guarded(
        _CHANGE, which=row.sku, search=listing.folded(row.name, row.sku), updated_at=unit.now, **new
    )
    return True
