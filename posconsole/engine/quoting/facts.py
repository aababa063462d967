"""The facts that a price depends on, read inside the caller's transaction: the same for preview and commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from posconsole.codes import checks, fold, repeated, series_of
from posconsole.engine.club import accounts, targeting
from posconsole.engine.codes import codebook
from posconsole.engine.db.database import among, values
from posconsole.engine.quoting import rules
from posconsole.engine.quoting.terms import Given, Line, Rule, Sale, StoredValue
from posconsole.errors import InvalidInput, NotFound
from posconsole.models import Product, Voucher, table
from posconsole.money import LARGEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.quoting.rung import Basket, Item
    from posconsole.engine.views import ShopView

_PRODUCT, _VOUCHER = table(Product), table(Voucher)

_PRODUCTS = select(
    _PRODUCT.c.sku,
    _PRODUCT.c.name,
    _PRODUCT.c.price,
    _PRODUCT.c.tax_rate,
    _PRODUCT.c.category,
    _PRODUCT.c.voucher_value,
).where(among(_PRODUCT.c.sku, bindparam("skus")))
_VOUCHERS = select(_VOUCHER).where(among(_VOUCHER.c.code_key, bindparam("keys")))


def sale_of(transaction: Transaction, shop: ShopView, basket: Basket, now: int) -> Sale:
    """Return the priced facts of a checked basket. A code given twice counts once.

    Raises `NotFound` for an item or a member that isn't there, `InvalidInput` for more than a till can take.
    """
    member = None if basket.member is None else accounts.get(transaction, basket.member)
    known = None if member is None else member.id
    offers, incentives = rules.offered(targeting.for_member(transaction, known, now)) if known else ((), ())
    return Sale(
        lines=_lines(transaction, basket.items),
        currency=shop.currency.code,
        now=now,
        prices_include_tax=shop.prices_include_tax,
        member=known,
        codes=given(transaction, basket.codes, known, now),
        offers=offers,
        incentives=incentives,
        reward=None if basket.reward is None else rules.reward(transaction, basket.reward),
        points=0 if member is None else member.points,
        points_rate=shop.points_rate,
        minor=10**shop.currency.decimals,
    )


def _lines(transaction: Transaction, items: Sequence[Item]) -> tuple[Line, ...]:
    skus = {item.id for item in items if item.id is not None}
    found = {row.sku: row for row in transaction.all(_PRODUCTS, skus=values(sorted(skus)))} if skus else {}
    lines = tuple(_line(item, found.get(item.id)) for item in items)
    if sum(line.gross for line in lines) > LARGEST:
        raise InvalidInput("The sale comes to more than a till can take", field="items")
    return lines


def _line(item: Item, row: Row | None) -> Line:
    if row is not None:
        if row.voucher_value is not None and item.price not in (None, row.price):
            raise InvalidInput(
                "A voucher is sold at its own price: a discount on it would be money given away", field="price"
            )
        price = row.price if item.price is None else item.price
        return Line(row.sku, row.name, item.quantity, price, row.tax_rate, row.category, row.voucher_value)
    if item.price is None:
        raise NotFound(
            f"There is no product {repeated(item.id or '')!r}. Find it by name, or give it a price.", field="items"
        )
    return Line(item.id, item.name or item.id or "Item", item.quantity, item.price)


def given(transaction: Transaction, codes: Sequence[str], member: str | None, now: int) -> tuple[Given, ...]:
    """Find out what each code is. One of a minted series whose check symbol is wrong is not looked up."""
    if not codes:
        return ()
    series = codebook.series(transaction)
    keys = {code: fold(code) for code in codes}
    kinds = {key: series[prefix] for code, key in keys.items() if (prefix := series_of(code, series))}
    mistyped = {key for code, key in keys.items() if key in kinds and not checks(code)}
    wanted: dict[str, set[str]] = {"voucher": set(), "coupon": set(), "reward": set()}
    for key in keys.values():
        if key not in mistyped:
            wanted[kinds.get(key, "coupon")].add(key)
    found: dict[str, Rule | StoredValue] = {}
    _find_vouchers(transaction, wanted["voucher"], found)
    found.update(rules.coupons(transaction, wanted["coupon"], member, now))
    found.update(rules.waiting(transaction, wanted["reward"]))
    return tuple(Given(code, found.get(keys[code]), mistyped=keys[code] in mistyped) for code in codes)


def _find_vouchers(transaction: Transaction, keys: Iterable[str], found: dict[str, Rule | StoredValue]) -> None:
    wanted = sorted(keys)
    for row in transaction.all(_VOUCHERS, keys=values(wanted)) if wanted else ():
        found[row.code_key] = StoredValue(
            row.id,
            row.code,
            row.currency,
            row.balance - row.held,
            row.status,
            bool(row.single_use),
            row.expires_at,
            row.kind,
            row.campaign_id,
            row.pin_hash is not None,
        )
