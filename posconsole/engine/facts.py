"""The facts that a price depends on, read inside the caller's transaction: the same for preview and commit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from posconsole.codes import checks, fold, series_of
from posconsole.engine.arguments import optional
from posconsole.engine.database import among, values
from posconsole.engine.rung import Basket, Item
from posconsole.engine.terms import Given, Line, Rule, Sale, StoredValue
from posconsole.errors import InvalidInput, NotFound
from posconsole.models import CodeSeries, Coupon, Member, MemberUse, Product, Voucher, table
from posconsole.money import LARGEST, minor_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from posconsole.engine.database import Row, Transaction
    from posconsole.engine.views import ShopView

_PRODUCT, _COUPON, _VOUCHER = table(Product), table(Coupon), table(Voucher)
_MEMBER, _USE, _SERIES = table(Member), table(MemberUse), table(CodeSeries)

MOST = 9_999
"""The largest quantity on one line: more is a slip of the scanner."""
MOST_LINES = 1_000

_PRODUCTS = select(
    _PRODUCT.c.sku,
    _PRODUCT.c.name,
    _PRODUCT.c.price,
    _PRODUCT.c.tax_rate,
    _PRODUCT.c.category,
    _PRODUCT.c.voucher_value,
).where(among(_PRODUCT.c.sku, bindparam("skus")))
_COUPONS = select(_COUPON).where(among(_COUPON.c.code_key, bindparam("keys")))
_VOUCHERS = select(_VOUCHER).where(among(_VOUCHER.c.code_key, bindparam("keys")))
_USES = select(_USE.c.subject, _USE.c.uses).where(
    _USE.c.member_id == bindparam("member"), among(_USE.c.subject, bindparam("subjects"))
)
_KNOWN_MEMBER = select(_MEMBER.c.id).where(_MEMBER.c.id == bindparam("member"))
_ALL_SERIES = select(_SERIES.c.prefix)


def sale_of(transaction: Transaction, shop: ShopView, basket: Basket, now: int) -> Sale:
    """Return the priced facts of a basket. A code given twice counts once.

    Raises `InvalidInput` for quantities and prices that can't be, `NotFound` for an item or a member that
    isn't there.
    """
    if basket.member is not None and transaction.scalar(_KNOWN_MEMBER, member=basket.member) is None:
        raise NotFound("There is no such member", field="customer")
    return Sale(
        lines=_lines(transaction, basket.items),
        currency=shop.currency.code,
        now=now,
        prices_include_tax=shop.prices_include_tax,
        member=basket.member,
        codes=given(transaction, basket.codes, basket.member),
    )


def _lines(transaction: Transaction, items: Sequence[Item]) -> tuple[Line, ...]:
    if len(items) > MOST_LINES:
        raise InvalidInput(f"A sale has {MOST_LINES} lines at most", field="items")
    for item in items:
        _check(item)
    skus = {item.id for item in items if item.id is not None}
    found = {row.sku: row for row in transaction.all(_PRODUCTS, skus=values(sorted(skus)))} if skus else {}
    lines = tuple(_line(item, found.get(item.id)) for item in items)
    if sum(line.gross for line in lines) > LARGEST:
        raise InvalidInput("The sale comes to more than a till can take", field="items")
    return lines


def _check(item: Item) -> None:
    optional(item.id, "id")
    optional(item.name, "name")
    if isinstance(item.quantity, bool) or not isinstance(item.quantity, int) or not 1 <= item.quantity <= MOST:
        raise InvalidInput(f"A quantity is a whole number from 1 to {MOST}", field="quantity")
    if item.price is not None:
        minor_units(item.price, "price")


def _line(item: Item, row: Row | None) -> Line:
    if row is not None:
        if row.voucher_value is not None and item.price not in (None, row.price):
            raise InvalidInput(
                "A voucher is sold at its own price: a discount on it would be money given away", field="price"
            )
        price = row.price if item.price is None else item.price
        return Line(row.sku, row.name, item.quantity, price, row.tax_rate, row.category, row.voucher_value)
    if item.price is None:
        raise NotFound(f"There is no product {item.id!r}. Find it with F3, or give it a price.", field="items")
    return Line(item.id, item.name or item.id or "Item", item.quantity, item.price)


def given(transaction: Transaction, codes: Sequence[str], member: str | None) -> tuple[Given, ...]:
    """Find out what each code is. One of a minted series whose check symbol is wrong is not looked up."""
    if not codes:
        return ()
    series = frozenset(transaction.scalars(_ALL_SERIES))
    minted = {fold(code): checks(code) for code in codes if series_of(code, series)}
    keys = {fold(code) for code in codes} - {key for key, right in minted.items() if not right}
    found: dict[str, Rule | StoredValue] = {}
    # Most minted codes are vouchers and most others coupons: the second look is for what the first one missed.
    _find_vouchers(transaction, [key for key in keys if key in minted], found)
    _find_coupons(transaction, keys - found.keys(), member, found)
    _find_vouchers(transaction, [key for key in keys if key not in minted and key not in found], found)
    return tuple(Given(code, found.get(fold(code)), mistyped=not minted.get(fold(code), True)) for code in codes)


def _find_vouchers(transaction: Transaction, keys: Iterable[str], found: dict[str, Rule | StoredValue]) -> None:
    wanted = sorted(keys)
    for row in transaction.all(_VOUCHERS, keys=values(wanted)) if wanted else ():
        found[row.code_key] = StoredValue(
            row.id, row.code, row.currency, row.balance - row.held, row.status, bool(row.single_use), row.expires_at
        )


def _find_coupons(
    transaction: Transaction, keys: Iterable[str], member: str | None, found: dict[str, Rule | StoredValue]
) -> None:
    wanted = sorted(keys)
    rows = transaction.all(_COUPONS, keys=values(wanted)) if wanted else []
    limited = sorted(row.id for row in rows if row.customer_limit is not None)
    uses: dict[str, int] = {}
    if limited and member is not None:
        uses = dict(map(tuple, transaction.all(_USES, member=member, subjects=values(limited))))
    for row in rows:
        found[row.code_key] = rule_of(row, uses.get(row.id, 0))


def rule_of(row: Row, customer_used: int = 0) -> Rule:
    """Turn a coupon's row into the rule that pricing knows."""
    return Rule(
        kind="coupon",
        id=row.id,
        code=row.code,
        name=row.name,
        percent=row.percent_off,
        amount=row.amount_off,
        currency=row.currency,
        min_order_value=row.min_order_value,
        max_discount=row.max_discount,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        products=_set(row.product_ids),
        excluded=_set(row.excluded_product_ids),
        categories=_set(row.categories),
        cap=row.max_redemptions,
        used=row.times_redeemed + row.held,
        customer_limit=row.customer_limit,
        customer_used=customer_used,
        stackable=bool(row.stackable),
        priority=row.priority,
        active=bool(row.active) and row.deleted_at is None,
    )


_NONE: frozenset[str] = frozenset()


def _set(written: str) -> frozenset[str]:
    return _NONE if written == "[]" else frozenset(json.loads(written))
