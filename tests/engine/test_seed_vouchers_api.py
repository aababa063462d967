"""vouchers-api.txt, example by example, in its order, with its names and figures.

Its vouchers of type percentage and fixed are coupons here, in a shop whose currency is that of the document. Where it
answers in JSON the test puts the same answer together. One answer can't be had: the document creates a code in March
that is valid from June, calls it active and applies it at once. The specification derives the status, so that code is
scheduled in March, and applied on the second of June.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from posconsole.clock import FixedClock
from posconsole.engine.quoting.refusals import CodeRefused
from posconsole.errors import Conflict, InvalidInput, NotFound, PosError
from tests.engine.shop import at, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store
    from posconsole.engine.views import CouponView

SUMMER: dict[str, Any] = {
    "code": "SUMMER2024",
    "type": "percentage",
    "value": 20,
    "conditions": {
        "min_order_value": 5000,
        "max_uses": 1000,
        "valid_from": "2024-06-01T00:00:00Z",
        "valid_until": "2024-08-31T23:59:59Z",
    },
}
ITEMS: list[dict[str, Any]] = [{"id": "item_1", "price": 10000, "quantity": 1}]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(at("2024-03-18T10:00:00Z"))


@pytest.fixture
def office(url: str, clock: FixedClock) -> Iterator[Store]:
    """Give a shop that sells in US dollars."""
    store = open_shop(url, clock, currency="USD")
    yield store
    store.close()


@pytest.fixture
def voucher(office: Store, clock: FixedClock) -> CouponView:
    """Make the document's voucher, and let it be summer."""
    clock.at = at("2024-03-20T10:00:00Z")
    created = office.coupons.create(**SUMMER)
    clock.at = at("2024-06-02T10:01:00Z")
    return created


def written(moment: int | None) -> str | None:
    return None if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


def shown(coupon: CouponView) -> dict[str, Any]:
    """Return a coupon as the document shows a voucher, but for its id."""
    value = coupon.amount_off if coupon.percent_off is None else coupon.percent_off // 100
    return {
        "code": coupon.code,
        "type": coupon.type,
        "value": value,
        "conditions": {
            "min_order_value": coupon.min_order_value,
            "max_uses": coupon.max_redemptions,
            "valid_from": written(coupon.valid_from),
            "valid_until": written(coupon.valid_until),
        },
        "status": coupon.status,
        "usage_count": coupon.times_redeemed,
        "created_at": written(coupon.created),
        "updated_at": written(coupon.updated),
    }


def events(store: Store, subject: str) -> list[str]:
    """Return what happened to something, in order."""
    return [event.type for event in store.events.list(subject=subject).data]


# == create ===================================================================================================


def test_create_a_voucher(till: Store, clock: FixedClock) -> None:
    clock.at = at("2024-03-20T10:00:00Z")
    assert shown(till.coupons.create(**SUMMER)) == {
        "code": "SUMMER2024",
        "type": "percentage",
        "value": 20,
        "conditions": {
            "min_order_value": 5000,
            "max_uses": 1000,
            "valid_from": "2024-06-01T00:00:00Z",
            "valid_until": "2024-08-31T23:59:59Z",
        },
        "status": "scheduled",
        "usage_count": 0,
        "created_at": "2024-03-20T10:00:00Z",
        "updated_at": "2024-03-20T10:00:00Z",
    }


# == validate =================================================================================================


@pytest.mark.usefixtures("voucher")
def test_validate_a_voucher(till: Store) -> None:
    validation = till.coupons.validate("SUMMER2024", order_amount=10000, items=ITEMS)
    details = {condition.name: condition.met for condition in validation.details}
    assert {
        "is_valid": validation.valid,
        "discount_amount": validation.discount_amount,
        "final_amount": validation.final_amount,
        "currency": validation.currency,
        "validation_details": {
            "min_order_value_met": details["below_minimum"],
            "usage_limit_not_exceeded": details["limit_reached"],
            "valid_date_range": details["not_started"] and details["expired"],
        },
    } == {
        "is_valid": True,
        "discount_amount": 2000,
        "final_amount": 8000,
        "currency": "USD",
        "validation_details": {
            "min_order_value_met": True,
            "usage_limit_not_exceeded": True,
            "valid_date_range": True,
        },
    }


def test_validation_neither_reserves_nor_applies(till: Store, voucher: CouponView) -> None:
    till.coupons.validate("SUMMER2024", order_amount=10000, items=ITEMS)
    after = till.coupons.get(voucher.id)
    assert (after.times_redeemed, after.held, after.usage) == (0, 0, ())
    assert events(till, voucher.id) == ["coupon.created"]


# == apply ====================================================================================================


def test_apply_a_voucher(till: Store, voucher: CouponView) -> None:
    application = till.payments.create(items=ITEMS, coupon="SUMMER2024", idempotency_key="order_1234567890")
    (used,) = till.coupons.get(voucher.id).usage
    assert {
        "order_id": used.order,
        "discount_amount": used.discount,
        "final_amount": application.amount,
        "currency": application.currency,
        "applied_at": written(used.at),
    } == {
        "order_id": application.order,
        "discount_amount": 2000,
        "final_amount": 8000,
        "currency": "USD",
        "applied_at": "2024-06-02T10:01:00Z",
    }


def test_applying_the_same_code_to_the_same_order_again_returns_the_same_result(
    till: Store, voucher: CouponView
) -> None:
    first, again = (
        till.payments.create(items=ITEMS, coupon="SUMMER2024", idempotency_key="order_1234567890") for _ in range(2)
    )
    assert again == first
    assert till.coupons.get(voucher.id).times_redeemed == 1


def test_the_same_code_twice_on_one_order_is_one_application(till: Store, voucher: CouponView) -> None:
    order = till.payments.create(items=ITEMS, coupons=["SUMMER2024", "summer-2024"])
    assert (len(order.redemptions), order.discount_amount) == (1, 2000)
    assert till.coupons.get(voucher.id).times_redeemed == 1


# == list =====================================================================================================


@pytest.fixture
def listed(office: Store, clock: FixedClock) -> None:
    """Make 25 vouchers that are active; the newest two are the document's, used 12 and 45 times."""
    for number in range(23):
        office.coupons.create(code=f"OLDER{number}", type="percentage", value=5)
    for moment, code, kind, value, uses in (
        ("2024-03-19T15:30:00Z", "WELCOME10", "fixed", 1000, 12),
        ("2024-03-20T10:00:00Z", "SUMMER2024", "percentage", 20, 45),
    ):
        clock.at = at(moment)
        office.coupons.create(code=code, type=kind, value=value)
        for _ in range(uses):
            office.payments.create(items=ITEMS, coupon=code)


@pytest.mark.usefixtures("listed")
def test_list_vouchers(till: Store) -> None:
    vouchers = till.coupons.list(limit=5, status="active")
    fields = ("code", "type", "value", "status", "usage_count", "created_at")
    assert [{name: shown(one)[name] for name in fields} for one in vouchers.data[:2]] == [
        {
            "code": "SUMMER2024",
            "type": "percentage",
            "value": 20,
            "status": "active",
            "usage_count": 45,
            "created_at": "2024-03-20T10:00:00Z",
        },
        {
            "code": "WELCOME10",
            "type": "fixed",
            "value": 1000,
            "status": "active",
            "usage_count": 12,
            "created_at": "2024-03-19T15:30:00Z",
        },
    ]
    assert (vouchers.total, len(vouchers.data), vouchers.has_more) == (25, 5, True)


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ({"offset": 23}, 25),
        ({"status": "inactive"}, 0),
        ({"status": "expired"}, 0),
        ({"type": "fixed"}, 1),
        ({"type": "percentage"}, 24),
        ({"created_after": "2024-03-19T15:29:59Z"}, 2),
        ({"created_before": "2024-03-20T10:00:00Z", "type": "percentage"}, 23),
    ],
)
def test_the_query_parameters(till: Store, clock: FixedClock, query: dict[str, Any], total: int) -> None:
    for number in range(23):
        till.coupons.create(code=f"OLDER{number}", type="percentage", value=5)
    for moment, code, kind in (("2024-03-19T15:30:00Z", "W", "fixed"), ("2024-03-20T10:00:00Z", "S", "percentage")):
        clock.at = at(moment)
        till.coupons.create(code=code * 3, type=kind, value=20)
    page = till.coupons.list(**query)
    assert (page.total, page.has_more) == (total, total - query.get("offset", 0) > 10)


# == retrieve =================================================================================================


def test_retrieve_a_voucher(till: Store, voucher: CouponView) -> None:
    application = till.payments.create(items=ITEMS, coupon="SUMMER2024")
    found = till.coupons.get(voucher.id)
    history = [(one.order, one.discount, written(one.at)) for one in found.usage]
    assert history == [(application.order, 2000, "2024-06-02T10:01:00Z")]
    assert shown(found) == shown(voucher) | {"status": "active", "usage_count": 1}


# == update ===================================================================================================


def test_update_a_voucher(till: Store, voucher: CouponView, clock: FixedClock) -> None:
    before = till.payments.create(items=ITEMS, coupon="SUMMER2024")
    clock.at = at("2024-06-02T10:02:00Z")
    updated = shown(till.coupons.revise(voucher.id, value=25, conditions={"min_order_value": 7500}))
    assert updated == {
        "code": "SUMMER2024",
        "type": "percentage",
        "value": 25,
        "conditions": {
            "min_order_value": 7500,
            "max_uses": 1000,
            "valid_from": "2024-06-01T00:00:00Z",
            "valid_until": "2024-08-31T23:59:59Z",
        },
        "status": "active",
        "usage_count": 1,
        "created_at": "2024-03-20T10:00:00Z",
        "updated_at": "2024-06-02T10:02:00Z",
    }
    assert till.payments.create(items=ITEMS, coupon="SUMMER2024").discount_amount == 2500
    assert till.payments.get(before.id).discount_amount == 2000


def test_the_status_is_updatable(till: Store, voucher: CouponView) -> None:
    assert till.coupons.revise(voucher.id, status="inactive").status == "inactive"
    assert till.coupons.validate("SUMMER2024", items=ITEMS).reason == "inactive"
    assert till.coupons.revise(voucher.id, status="active").status == "active"


@pytest.mark.parametrize("immutable", [{"code": "WINTER2024"}, {"type": "fixed"}, {"created_at": 0}])
def test_immutable_fields(till: Store, voucher: CouponView, immutable: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        till.coupons.revise(voucher.id, **immutable)


# == delete ===================================================================================================


def test_delete_a_voucher_and_keep_its_data(till: Store, voucher: CouponView, clock: FixedClock) -> None:
    application = till.payments.create(items=ITEMS, coupon="SUMMER2024")
    clock.at = at("2024-06-02T10:03:00Z")
    deleted = till.coupons.delete(voucher.id)
    assert (deleted.id, deleted.status, written(deleted.updated)) == (voucher.id, "deleted", "2024-06-02T10:03:00Z")
    assert till.coupons.validate("SUMMER2024", items=ITEMS).reason == "inactive"
    kept = till.coupons.get(voucher.id)
    assert (kept.conditions, [one.order for one in kept.usage]) == (voucher.conditions, [application.order])


# == voucher types ============================================================================================


@pytest.mark.parametrize(
    ("kind", "value", "least", "discount"),
    [
        pytest.param("percentage", 20, 5000, 1000, id="20% off orders over $50.00"),
        pytest.param("fixed", 1000, 2500, 1000, id="$10.00 off orders over $25.00"),
    ],
)
def test_voucher_types(till: Store, kind: str, value: int, least: int, discount: int) -> None:
    till.coupons.create(code="TYPES", type=kind, value=value, conditions={"min_order_value": least})
    assert till.coupons.validate("TYPES", order_amount=least).discount_amount == discount
    short = till.coupons.validate("TYPES", order_amount=least - 1)
    assert (short.reason, short.message) == ("below_minimum", "TYPES needs a bigger basket; 0.01 more qualifies.")


# == voucher conditions =======================================================================================

BOOK: dict[str, Any] = {"id": "book", "name": "Book", "price": 3000}


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"min_order_value": 10001}, "below_minimum"),
        ({"max_uses": 1}, "limit_reached"),
        ({"valid_from": "2024-03-18T10:00:01Z"}, "not_started"),
        ({"valid_until": "2024-03-18T09:59:59Z"}, "expired"),
        ({"customer_limit": 1}, "customer_limit"),
        ({"product_ids": ["lamp"]}, "no_eligible_items"),
        ({"excluded_product_ids": ["item_1"]}, "no_eligible_items"),
    ],
)
def test_voucher_conditions(till: Store, condition: dict[str, Any], reason: str) -> None:
    customer = till.members.create(name="Mira Olsen").id
    till.coupons.create(code="SUMMER2024", type="percentage", value=20, conditions=condition)
    if "max_uses" in condition or "customer_limit" in condition:
        till.payments.create(items=ITEMS, customer=customer, coupon="SUMMER2024")
    check = till.coupons.validate("SUMMER2024", customer=customer, items=ITEMS)
    assert (check.valid, check.reason) == (False, reason)
    assert [one.name for one in check.details if not one.met] == [reason]
    with pytest.raises(CodeRefused) as refused:
        till.payments.create(items=ITEMS, customer=customer, coupon="SUMMER2024")
    assert refused.value.code == reason


def test_a_voucher_applies_to_its_products_only(till: Store) -> None:
    conditions = {"product_ids": ["lamp", "tea"], "excluded_product_ids": ["tea"]}
    till.coupons.create(code="SUMMER2024", type="percentage", value=20, conditions=conditions)
    order = till.payments.create(items=[{"id": "lamp"}, {"id": "tea"}, *ITEMS], coupon="SUMMER2024")
    assert [line.discount for line in order.lines] == [400, 0, 0]


# == error handling ===========================================================================================


def test_invalid_request(till: Store) -> None:
    for value in (0, 101):
        with pytest.raises(InvalidInput) as refused:
            till.coupons.create(code="SUMMER2024", type="percentage", value=value)
        assert (refused.value.code, refused.value.field) == ("invalid_input", "percent_off")


def test_voucher_not_found(till: Store) -> None:
    with pytest.raises(NotFound) as refused:
        till.coupons.get("v_1234567890abcdef")
    assert (refused.value.code, refused.value.field) == ("not_found", "coupon")


def test_voucher_already_applied(till: Store, voucher: CouponView) -> None:
    """The same order with the same code is no second application; another order under its key is a conflict."""
    till.payments.create(items=ITEMS, coupon="SUMMER2024", idempotency_key="order_1234567890")
    with pytest.raises(PosError) as refused:
        till.payments.create(items=[*ITEMS, BOOK], coupon="SUMMER2024", idempotency_key="order_1234567890")
    assert refused.value.code == "idempotency_conflict"
    assert till.coupons.get(voucher.id).times_redeemed == 1


def test_a_code_is_unique(till: Store, voucher: CouponView) -> None:
    with pytest.raises(Conflict) as refused:
        till.coupons.create(code=voucher.code, type="fixed", value=1000)
    assert refused.value.field == "code"


# == webhooks =================================================================================================


def test_what_happens_to_a_voucher_is_told(till: Store, voucher: CouponView, clock: FixedClock) -> None:
    till.coupons.revise(voucher.id, value=25)
    till.payments.create(items=ITEMS, coupon="SUMMER2024")
    clock.at = at("2024-09-01T00:00:00Z")
    till.payments.recover()
    assert events(till, voucher.id) == ["coupon.created", "coupon.updated", "coupon.redeemed", "coupon.expired"]
