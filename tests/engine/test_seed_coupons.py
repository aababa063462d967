"""coupons-and-vouchers.txt and coupons-api.txt, example by example, in their order and with their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.clock import FixedClock
from posconsole.codes import checks
from posconsole.engine.quoting.refusals import CodeRefused
from posconsole.errors import InvalidInput, NotAllowed
from tests.engine.shop import at

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.engine.views import CouponView

DECLINED = [{"kind": "card", "number": "4000 0000 0000 0002"}]


@pytest.fixture
def clock() -> FixedClock:
    """Start at the moment of the documents' redemption."""
    return FixedClock(at("2026-05-28T14:02:11Z"))


def events(store: Store, subject: str) -> list[str]:
    """Return what happened to something, in order."""
    return [event.type for event in store.events.list(subject=subject).data]


# == coupons-and-vouchers.txt: generating codes ===============================================================


@pytest.fixture
def coupon(office: Store) -> CouponView:
    """Make one shared promotional coupon: 15% off, capped at 500 redemptions."""
    return office.coupons.create(
        code="SPRING15",
        discount={"type": "percentage", "value": 15},
        max_redemptions=500,
        expires_at="2026-06-30T23:59:59Z",
    )


@pytest.fixture
def cust_abc123(office: Store) -> str:
    return office.members.create(name="Mira Olsen").id


def test_one_shared_promotional_coupon(till: Store, coupon: CouponView) -> None:
    assert (coupon.code, coupon.type, coupon.percent_off) == ("SPRING15", "percentage", 1500)
    assert (coupon.max_redemptions, coupon.times_redeemed, coupon.valid) == (500, 0, True)
    assert coupon.valid_until == at("2026-06-30T23:59:59Z")


def test_a_batch_of_1000_unique_single_use_gift_vouchers(till: Store) -> None:
    batch = till.vouchers.create_batch(count=1000, prefix="GIFT", value=2500, currency="EUR", single_use=True)
    assert till.batches.get(batch.id).status == "completed"
    assert till.events.list(type="coupon.batch.completed").data[0].subject == batch.id
    codes = [one.code for one in till.batches.codes(batch.id)]
    assert len(set(codes)) == 1000
    # GIFT-7K2P-9QXM in the document; the specification adds a group, of which the last symbol is a check.
    assert all(code.startswith("GIFT-") and len(code) == len("GIFT-7K2P-9QXM-4TRB") for code in codes)
    assert all(map(checks, codes))


# == single vs. multi-use =====================================================================================


def test_a_shared_code_is_used_by_many_customers_up_to_its_cap(till: Store) -> None:
    till.coupons.create(code="SPRING15", percent_off=15, max_redemptions=2)
    customers = [till.members.create(name=name).id for name in ("Ada", "Bo", "Cy")]
    for customer in customers[:2]:
        till.payments.create(amount=8000, customer=customer, coupon="SPRING15")
    with pytest.raises(CodeRefused) as refused:
        till.payments.create(amount=8000, customer=customers[2], coupon="SPRING15")
    assert refused.value.code == "limit_reached"


def test_a_unique_code_is_consumed_on_its_first_redemption(till: Store) -> None:
    batch = till.vouchers.create_batch(count=2, prefix="GIFT", value=2500, currency="EUR", single_use=True)
    voucher, other = (one.code for one in till.batches.codes(batch.id))
    assert till.payments.create(amount=8000, voucher=voucher).due == 5500
    with pytest.raises(CodeRefused) as refused:
        till.payments.create(amount=8000, voucher=voucher)
    assert (refused.value.code, till.vouchers.get(other).balance) == ("insufficient_balance", 2500)


# == redemption & validation ==================================================================================


@pytest.mark.usefixtures("coupon")
def test_validate_the_code_without_consuming_it(till: Store, cust_abc123: str) -> None:
    before = till.events.list().total
    check = till.coupons.validate("SPRING15", customer=cust_abc123, order_amount=8000)
    assert (check.valid, check.reason) == (True, None)
    assert (check.discount_amount, check.final_amount) == (1200, 6800)
    assert till.coupons.get("SPRING15").times_redeemed == 0
    assert till.events.list().total == before


@pytest.mark.parametrize("reason", ["expired", "limit_reached", "below_minimum", "not_found"])
def test_a_rejected_code_says_why(till: Store, clock: FixedClock, reason: str) -> None:
    if reason != "not_found":
        till.coupons.create(
            code="SPRING15", percent_off=15, max_redemptions=1, min_order_value=5000, expires_at="2026-06-30T23:59:59Z"
        )
    if reason == "expired":
        clock.at = at("2026-07-01T00:00:00Z")
    if reason == "limit_reached":
        till.payments.create(amount=8000, coupon="SPRING15")
    check = till.coupons.validate("SPRING15", order_amount=4999 if reason == "below_minimum" else 8000)
    assert (check.valid, check.reason, check.discount_amount) == (False, reason, 0)


@pytest.mark.usefixtures("coupon")
def test_redeem_at_checkout(till: Store, cust_abc123: str) -> None:
    payment = till.payments.create(amount=8000, currency="EUR", customer=cust_abc123, coupon="SPRING15")
    assert payment.id.startswith("pay_")
    assert (payment.order_amount, payment.discount_amount, payment.amount) == (8000, 1200, 6800)
    (redeemed,) = till.events.list(type="coupon.redeemed").data
    assert (redeemed.data["payment"], redeemed.data["amount"]) == (payment.id, 1200)


def test_or_redeem_a_voucher(till: Store, cust_abc123: str) -> None:
    voucher = till.vouchers.issue(value=2500)
    payment = till.payments.create(amount=8000, currency="EUR", customer=cust_abc123, voucher=voucher.code)
    assert (payment.amount, payment.due, till.vouchers.get(voucher.code).balance) == (8000, 5500, 0)


def test_if_the_payment_fails_the_redemption_does_not_count(till: Store, coupon: CouponView, cust_abc123: str) -> None:
    payment = till.payments.create(amount=8000, customer=cust_abc123, coupon="SPRING15", tenders=DECLINED)
    assert payment.status == "declined"
    after = till.coupons.get("SPRING15")
    assert (after.times_redeemed, after.held, after.usage) == (0, 0, ())
    assert "coupon.redeemed" not in events(till, coupon.id)


def test_a_refund_reverses_the_redemption(till: Store, coupon: CouponView, cust_abc123: str) -> None:
    voucher = till.vouchers.issue(value=2500)
    payment = till.payments.create(amount=8000, customer=cust_abc123, coupon="SPRING15", voucher=voucher.code)
    assert (payment.due, till.coupons.get("SPRING15").times_redeemed) == (4300, 1)
    till.payments.refund(payment.id, reason="changed her mind")
    assert (till.coupons.get("SPRING15").times_redeemed, till.vouchers.get(voucher.code).balance) == (0, 2500)
    assert events(till, coupon.id) == ["coupon.created", "coupon.redeemed", "coupon.redemption.reversed"]
    assert events(till, voucher.id) == ["voucher.issued", "voucher.redeemed", "voucher.redemption.reversed"]


def test_a_code_can_become_invalid_between_validation_and_redemption(till: Store, cust_abc123: str) -> None:
    till.coupons.create(code="SPRING15", percent_off=15, max_redemptions=1)
    assert till.coupons.validate("SPRING15", customer=cust_abc123, order_amount=8000).valid
    till.payments.create(amount=8000, coupon="SPRING15")  # another customer exhausts the last slot
    with pytest.raises(CodeRefused) as refused:
        till.payments.create(amount=8000, customer=cust_abc123, coupon="SPRING15")
    assert refused.value.code == "limit_reached"


# == reporting ================================================================================================


@pytest.mark.usefixtures("coupon")
def test_every_redemption_is_an_auditable_record(till: Store, cust_abc123: str) -> None:
    payment = till.payments.create(amount=8000, customer=cust_abc123, coupon="SPRING15")
    page = till.redemptions.list(coupon="SPRING15")
    (rdm,) = page.data
    assert rdm.id.startswith("rdm_")
    assert (rdm.code, rdm.customer, rdm.payment) == ("SPRING15", cust_abc123, payment.id)
    assert (rdm.discount_applied, rdm.redeemed_at) == (1200, at("2026-05-28T14:02:11Z"))
    assert not page.has_more


@pytest.mark.usefixtures("coupon")
def test_discount_applied_measures_the_cost_and_reconciles_with_refunds(till: Store) -> None:
    kept, returned = (till.payments.create(amount=8000, coupon="SPRING15") for _ in range(2))
    till.payments.refund(returned.id)
    applied = {rdm.payment: (rdm.status, rdm.discount_applied) for rdm in till.redemptions.list(coupon="SPRING15").data}
    assert applied == {kept.id: ("applied", 1200), returned.id: ("reversed", 0)}
    assert till.coupons.get("SPRING15").times_redeemed == 1
    (reversal,) = till.events.list(type="coupon.redemption.reversed").data
    assert reversal.data["amount"] == 1200


# == coupons-api.txt: the coupon object =======================================================================


def test_a_percentage_coupon(till: Store, clock: FixedClock) -> None:
    coupon = till.coupons.create(code="SUMMER20", name="SUMMER20", percent_off=20)
    assert coupon.id.startswith("cpn_")
    assert (coupon.name, coupon.percent_off, coupon.amount_off, coupon.currency) == ("SUMMER20", 2000, None, None)
    assert (coupon.duration, coupon.times_redeemed, coupon.max_redemptions) == ("forever", 0, None)
    assert (coupon.valid, coupon.created) == (True, clock.at)


def test_a_fixed_amount_coupon(till: Store) -> None:
    coupon = till.coupons.create(code="TENNER", amount_off=1000, currency="EUR")
    assert (coupon.percent_off, coupon.amount_off, coupon.currency) == (None, 1000, "EUR")
    assert till.payments.create(amount=8000, coupon="TENNER").amount == 7000


@pytest.mark.parametrize("value", [{}, {"percent_off": 20, "amount_off": 1000, "currency": "EUR"}])
def test_either_percent_off_or_amount_off(till: Store, value: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="either"):
        till.coupons.create(code="SUMMER20", **value)


DAYS = ("2026-05-28", "2026-06-27", "2026-08-27", "2026-08-29")
"""The day of a first purchase, two within three months of it, and one after them."""


@pytest.mark.parametrize(
    ("duration", "discounts"),
    [
        pytest.param({"duration": "once"}, [1600, None, None, None], id="applied to the first purchase only"),
        pytest.param({"duration": "repeating", "duration_in_months": 3}, [1600, 1600, 1600, None], id="for 3 months"),
        pytest.param({"duration": "forever"}, [1600, 1600, 1600, 1600], id="applied to all purchases"),
    ],
)
def test_duration(
    till: Store, clock: FixedClock, cust_abc123: str, duration: dict[str, Any], discounts: list[int | None]
) -> None:
    till.coupons.create(code="SUMMER20", percent_off=20, **duration)
    found: list[int | None] = []
    for day in DAYS:
        clock.at = at(f"{day}T14:02:11Z")
        if till.coupons.validate("SUMMER20", customer=cust_abc123, order_amount=8000).valid:
            payment = till.payments.create(amount=8000, customer=cust_abc123, coupon="SUMMER20")
            found.append(payment.discount_amount)
        else:
            found.append(None)
    assert found == discounts


@pytest.mark.parametrize("duration", [{"duration": "once"}, {"duration": "repeating", "duration_in_months": 3}])
def test_who_counts_purchases_has_to_know_whose_they_are(till: Store, duration: dict[str, Any]) -> None:
    till.coupons.create(code="SUMMER20", percent_off=20, **duration)
    assert till.coupons.validate("SUMMER20", order_amount=8000).reason == "member_required"


def test_valid_until_times_redeemed_reaches_max_redemptions(till: Store) -> None:
    till.coupons.create(code="SUMMER20", percent_off=20, max_redemptions=2)
    valid = []
    for _ in range(2):
        valid.append(till.coupons.get("SUMMER20").valid)
        till.payments.create(amount=8000, coupon="SUMMER20")
    after = till.coupons.get("SUMMER20")
    assert (valid, after.valid, after.times_redeemed) == ([True, True], False, 2)


# == retrieve, update, delete, list ===========================================================================


def test_retrieve_a_coupon_by_its_id(till: Store) -> None:
    coupon = till.coupons.create(code="SUMMER20", percent_off=20)
    assert till.coupons.get(coupon.id) == coupon


def test_update_the_name_or_raise_the_cap(till: Store) -> None:
    coupon = till.coupons.create(code="SUMMER20", percent_off=20, max_redemptions=100)
    updated = till.coupons.update(coupon.id, name="Summer at the lake", max_redemptions=200)
    assert (updated.name, updated.max_redemptions, updated.code) == ("Summer at the lake", 200, "SUMMER20")
    with pytest.raises(NotAllowed) as refused:
        till.coupons.update(coupon.id, max_redemptions=199)
    assert refused.value.code == "cap_lowered"
    for immutable in ({"percent_off": 25}, {"amount_off": 1000}, {"duration": "once"}, {"code": "SUMMER25"}):
        with pytest.raises(TypeError):
            till.coupons.update(coupon.id, **immutable)


def test_delete_a_coupon(till: Store) -> None:
    coupon = till.coupons.create(code="SUMMER20", percent_off=20)
    payment = till.payments.create(amount=8000, coupon="SUMMER20")
    assert not till.coupons.delete(coupon.id).valid
    check = till.coupons.validate("SUMMER20", order_amount=8000)
    assert (check.valid, check.reason) == (False, "inactive")
    (existing,) = till.redemptions.list(coupon=coupon.id).data
    assert (existing.payment, existing.status, existing.discount_applied) == (payment.id, "applied", 1600)


def test_list_newest_first(till: Store, clock: FixedClock) -> None:
    for number in range(101):
        clock.at += 1
        till.coupons.create(code=f"SUMMER{number}", percent_off=20)
    first = till.coupons.list()
    assert [one.code for one in first.data] == [f"SUMMER{number}" for number in range(100, 90, -1)]
    assert (first.has_more, len(till.coupons.list(limit=100).data)) == (True, 100)
    with pytest.raises(InvalidInput) as refused:
        till.coupons.list(limit=101)
    assert refused.value.field == "limit"


def test_created_updated_deleted(till: Store) -> None:
    coupon = till.coupons.create(code="SUMMER20", percent_off=20)
    till.coupons.update(coupon.id, name="Summer")
    till.coupons.delete(coupon.id)
    assert events(till, coupon.id) == ["coupon.created", "coupon.updated", "coupon.deleted"]
