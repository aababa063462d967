"""The demo shop has something of every kind, always the same, and its books are sound."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import pytest

from posconsole.clock import FixedClock
from posconsole.codes import checks
from posconsole.demo import LATE, MIRAS, ONCE, PARTLY, PLAIN, TIPS, VOID
from posconsole.demo.furnishing import PRODUCTS, barcode, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posconsole import Store
    from posconsole.engine.views import PaymentView

NOON = 1_790_000_000


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("demo")
    store = open_shop(f"sqlite:///{folder / 'shop.db'}", clock=FixedClock(NOON))
    yield store
    store.close()


def sales(shop: Store) -> list[PaymentView]:
    return [shop.payments.find(f"1-{number}") for number in range(1, 13)]


def test_its_books_are_sound(shop: Store) -> None:
    assert shop.audit() == []


def test_it_has_coupons_in_every_state(shop: Store) -> None:
    coupons = {coupon.code: coupon for coupon in shop.coupons.list(limit=100).data}
    assert {coupon.status for coupon in coupons.values()} == {
        "active", "exhausted", "expired", "inactive", "scheduled",
    }  # fmt: skip
    assert (coupons["LASTCALL"].times_redeemed, coupons["LASTCALL"].max_redemptions) == (2, 3)


@pytest.mark.parametrize(
    ("code", "status", "balance"),
    [
        (PLAIN, "active", 2500),
        (PARTLY, "active", 2055),
        (ONCE, "active", 1000),
        (MIRAS, "active", 3000),
        (LATE, "expired", 1500),
        (VOID, "void", 0),
    ],
)
def test_it_has_vouchers_in_every_state(shop: Store, code: str, status: str, balance: int) -> None:
    voucher = shop.vouchers.get(code)
    assert (voucher.status, voucher.balance) == (status, balance)
    assert checks(code)


def test_it_has_a_week_behind_it(shop: Store) -> None:
    *captured, refunded = sales(shop)
    assert {payment.status for payment in captured} == {"captured"}
    assert (refunded.receipt_number, refunded.status) == ("1-000012", "partially_refunded")
    assert len(shop.events.list(type="payment.declined").data) == 1
    (open_payment,) = shop.payments.unsettled()
    assert [tender.status for tender in open_payment.tenders] == ["unknown"]


def test_its_barcodes_are_of_the_in_store_range(shop: Store) -> None:
    for sku, name, price in PRODUCTS:
        product = shop.products.get(sku)
        assert (product.name, product.price, product.barcode) == (name, price, barcode(sku))
    codes = [barcode(sku) for sku, _, _ in PRODUCTS]
    assert len(set(codes)) == len(codes)
    assert all(code.isdigit() and len(code) == 13 and 20 <= int(code[:2]) <= 29 for code in codes)


def test_the_tips_fit_the_basket_of_a_small_screen() -> None:
    left = max(len(typed) for typed, _ in TIPS)
    assert sum(len(wrap(shows, 48 - left - 4)) for _, shows in TIPS) <= 15


def test_it_is_the_same_shop_every_time(shop: Store, tmp_path: Path) -> None:
    again = open_shop(f"sqlite:///{tmp_path / 'shop.db'}", clock=FixedClock(NOON))
    try:
        first, second = ([(sale.created, sale.due, sale.change) for sale in sales(store)] for store in (shop, again))
    finally:
        again.close()
    assert first == second
