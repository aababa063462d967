"""Coupons as the source documents describe them: made, validated, listed, switched off, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.engine.refusals import CodeRefused
from posconsole.errors import Conflict, InvalidInput
from tests.engine.shop import BASKET, NOON

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import FixedClock


def test_validate_before_redeem(till: Store) -> None:
    till.coupons.create(code="SPRING15", percent_off=15, max_redemptions=500, expires_at="2026-09-30T23:59:59Z")
    check = till.coupons.validate("SPRING15", order_amount=8000)
    assert (check.valid, check.reason, check.discount_amount, check.final_amount) == (True, None, 1200, 6800)
    assert till.coupons.get("SPRING15").times_redeemed == 0
    payment = till.payments.create(amount=8000, currency="EUR", coupon="SPRING15")
    listed = till.redemptions.list(coupon="SPRING15", limit=10)
    assert [(one.payment, one.discount_applied) for one in listed.data] == [(payment.id, 1200)]
    assert (listed.has_more, listed.total) == (False, 1)
    assert till.events.list(type="coupon.redeemed").data[0].data["amount"] == 1200


def test_an_order_comes_with_its_items_and_their_value(till: Store) -> None:
    till.coupons.create(code="LAMPS", percent_off=10, product_ids=["lamp"])
    check = till.coupons.validate("LAMPS", order_amount=3499, items=BASKET)
    assert (check.discount_amount, check.final_amount) == (200, 3299)
    with pytest.raises(InvalidInput, match="come to"):
        till.coupons.validate("LAMPS", order_amount=1000, items=BASKET)
    with pytest.raises(InvalidInput):
        till.coupons.validate("", order_amount=1000)


@pytest.mark.parametrize("written", ["spring15", "SPRING-15", " Spring 15 ", "SPR1NGI5"])
def test_a_code_is_forgiven_its_writing(till: Store, written: str) -> None:
    till.coupons.create(code="SPRING15", percent_off=15)
    assert till.coupons.validate(written, order_amount=100).valid


def test_a_code_is_never_used_again_in_any_writing_even_after_deletion(till: Store) -> None:
    till.coupons.create(code="SPRING15", percent_off=15)
    paid = till.payments.create(items=BASKET, coupon="SPRING15")
    deleted = till.coupons.delete("SPRING15")
    assert (deleted.status, deleted.valid, till.coupons.list().total) == ("deleted", False, 0)
    with pytest.raises(Conflict):
        till.coupons.create(code="spring 15", percent_off=20)
    with pytest.raises(CodeRefused) as refusal:
        till.payments.create(items=BASKET, coupon="SPRING15")
    assert refusal.value.code == "inactive"
    till.payments.refund(paid.id)
    assert till.coupons.get("SPRING15").times_redeemed == 0


def test_a_state_is_derived_and_never_stale(till: Store, clock: FixedClock) -> None:
    make: Any = till.coupons.create
    make(code="SOON", percent_off=10, valid_from=NOON + 60, valid_until=NOON + 120)
    assert till.coupons.get("SOON").status == "scheduled"
    clock.at = NOON + 120
    assert till.coupons.get("SOON").status == "active"
    clock.at += 1
    assert till.coupons.get("SOON").status == "expired"
    make(code="ONCE", percent_off=10, max_redemptions=1)
    till.payments.create(items=BASKET, coupon="ONCE")
    assert till.coupons.get("ONCE").status == "exhausted"
    make(code="OFF", percent_off=10)
    assert till.coupons.revise("OFF", status="inactive").status == "inactive"
    assert make(code="LATER", percent_off=10, active=False).status == "inactive"


def test_a_date_means_the_whole_day_in_the_shops_zone(tmp_path: Any) -> None:
    from tests.engine.shop import open_shop

    store = open_shop(tmp_path, timezone="Europe/Berlin")
    coupon = store.coupons.create(code="JUNE", percent_off=10, valid_from="2026-06-30", valid_until="2026-06-30")
    assert coupon.valid_until is not None
    assert coupon.valid_from is not None
    assert coupon.valid_until - coupon.valid_from == 24 * 3600 - 1
    fold = store.coupons.create(code="FOLD", percent_off=10, valid_from="2026-10-25", valid_until="2026-10-25")
    assert (fold.valid_until or 0) - (fold.valid_from or 0) == 25 * 3600 - 1
    store.close()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"percent_off": 0}, "percent_off"),
        ({"percent_off": 100.01}, "percent_off"),
        ({"percent_off": 12.345}, "percent_off"),
        ({"percent_off": float("nan")}, "percent_off"),
        ({"percent_off": "many"}, "percent_off"),
        ({}, "percent_off"),
        ({"percent_off": 10, "amount_off": 10}, "percent_off"),
        ({"amount_off": -500}, "amount_off"),
        ({"amount_off": 10.0}, "amount_off"),
        ({"amount_off": 10, "currency": "€"}, "currency"),
        ({"percent_off": 10, "max_redemptions": 0}, "max_redemptions"),
        ({"percent_off": 10, "valid_from": "2026-07-02", "valid_until": "2026-07-01"}, "valid_until"),
        ({"percent_off": 10, "valid_until": "tomorrow"}, "valid_until"),
        ({"percent_off": 10, "code": "[@click=app.quit]"}, "code"),
        ({"percent_off": 10, "code": 15}, "code"),
        ({"percent_off": 10, "name": "\ud800"}, "name"),
        ({"percent_off": 10, "product_ids": "lamp"}, "product_ids"),
        ({"percent_off": 10, "product_ids": 5}, "product_ids"),
        ({"percent_off": 10, "active": "yes"}, "active"),
        ({"percent_off": 10, "priority": "high"}, "priority"),
    ],
)
def test_what_cannot_be_a_coupon_is_refused_with_its_field(till: Store, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        till.coupons.create(**{"code": "NEW", **fields})
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("written", "end"),
    [
        ("2026-07-22", 1_784_764_799),
        ("20260722", 1_784_764_799),
        ("2026-07-22T12:00:00Z", 1_784_721_600),
        ("2026-07-22T14:00:00+02:00", 1_784_721_600),
        ("9999-12-31", 253_402_214_400),
    ],
)
def test_the_end_of_a_window_as_people_write_it(till: Store, written: str, end: int) -> None:
    assert till.coupons.create(code="ENDS", percent_off=10, expires_at=written).valid_until == end


def test_no_percentage_in_other_digits_and_no_time_in_milliseconds(till: Store) -> None:
    for terms in (
        {"percent_off": "\u0661\u0665"},
        {"percent_off": "1e999999"},
        {"percent_off": 10**5000},
        {"percent_off": 10, "valid_from": NOON * 1000},
        {"percent_off": 10, "valid_until": 2**70},
    ):
        with pytest.raises(InvalidInput):
            till.coupons.create(code="NEW", **terms)


def test_no_coupon_is_mistaken_for_a_mistyped_voucher(till: Store) -> None:
    with pytest.raises(InvalidInput, match="voucher's"):
        till.coupons.create(code="GIFTHOLIDAYSALES", percent_off=10)
    till.coupons.create(code="SUMMERHOLIDAYSALES", percent_off=10)
    with pytest.raises(Conflict, match="series"):
        till.vouchers.issue(value=100, prefix="SUMMER")
    assert till.coupons.validate("SUMMERHOLIDAYSALES", order_amount=100).valid


def test_percentages_keep_two_decimals(till: Store) -> None:
    assert till.coupons.create(code="THIRD", percent_off=33.33).percent_off == 3333
    assert till.coupons.validate("THIRD", order_amount=10_000).discount_amount == 3333


def test_an_amount_in_another_currency_is_refused(till: Store) -> None:
    till.coupons.create(code="DOLLARS", amount_off=500, currency="USD")
    assert till.coupons.validate("DOLLARS", order_amount=8000).reason == "currency_mismatch"


def test_a_list_is_newest_first_and_a_page_at_a_time(till: Store, clock: FixedClock) -> None:
    for number in range(12):
        clock.at += 1
        till.coupons.create(code=f"CODE{number}", percent_off=10)
    first = till.coupons.list()
    assert (len(first.data), first.data[0].code, first.has_more, first.total) == (10, "CODE11", True, 12)
    assert [one.code for one in till.coupons.list(starting_after=first.next).data] == ["CODE1", "CODE0"]
    with pytest.raises(InvalidInput):
        till.coupons.list(limit=101)
