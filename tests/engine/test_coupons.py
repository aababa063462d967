"""Coupons as the source documents describe them: made, validated, listed, switched off, deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from posconsole import Store
from posconsole.engine.codes import coupons
from posconsole.engine.quoting.refusals import CodeRefused
from posconsole.engine.staff.access import CASHIER
from posconsole.errors import Conflict, IdempotencyConflict, InvalidInput, NotAllowed, NotFound
from tests.engine.rawfile import unguarded
from tests.engine.shop import BASKET, NOON

if TYPE_CHECKING:
    from collections.abc import Callable

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
    assert till.coupons.validate("DOLLARS", order_amount=8000, currency="EUR").reason == "currency_mismatch"
    with pytest.raises(InvalidInput) as refused:
        till.coupons.validate("DOLLARS", order_amount=8000, currency="USD")
    assert (refused.value.code, refused.value.field) == ("currency_mismatch", "currency")


def test_a_list_is_newest_first_and_a_page_at_a_time(till: Store, clock: FixedClock) -> None:
    for number in range(12):
        clock.at += 1
        till.coupons.create(code=f"CODE{number}", percent_off=10)
    first = till.coupons.list()
    assert (len(first.data), first.data[0].code, first.has_more, first.total) == (10, "CODE11", True, 12)
    till.coupons.create(code="MEANWHILE", percent_off=10)
    rest = till.coupons.list(starting_after=first.next)
    assert ([one.code for one in rest.data], rest.has_more, rest.next) == (["CODE1", "CODE0"], False, None)
    assert [one.code for one in till.coupons.list(limit=2, offset=11).data] == ["CODE1", "CODE0"]
    with pytest.raises(InvalidInput):
        till.coupons.list(limit=101)
    with pytest.raises(NotFound):
        till.coupons.list(starting_after="cpn_none")


def test_a_list_by_status_type_and_time(till: Store, clock: FixedClock) -> None:
    till.coupons.create(code="OLD", percent_off=10, valid_until=NOON + 5)
    till.coupons.create(code="ONCE", amount_off=100, max_redemptions=1)
    till.coupons.create(code="PAUSED", percent_off=10, active=False)
    till.payments.create(items=BASKET, coupon="ONCE")
    clock.at += 86_400
    till.coupons.create(code="NEW", points=50)
    till.coupons.create(code="SOON", percent_off=10, valid_from=NOON + 999_999)
    till.coupons.delete(till.coupons.create(code="GONE", percent_off=10).id)

    def codes(**filters: Any) -> set[str]:
        return {one.code for one in till.coupons.list(**filters).data}

    states = "active inactive scheduled expired exhausted deleted".split()
    assert [codes(status=state) for state in states] == [{"NEW"}, {"PAUSED"}, {"SOON"}, {"OLD"}, {"ONCE"}, {"GONE"}]
    assert (codes(type="fixed"), codes(type="points"), codes(type="reward")) == ({"ONCE"}, {"NEW"}, set())
    assert codes(created_after="2026-07-22") == {"NEW", "SOON"} == codes(created_after=NOON)
    assert codes(created_before="2026-07-23", type="percentage") == {"OLD", "PAUSED"}
    for wrong in ({"status": "valid"}, {"type": "percent"}, {"created_after": "soon"}):
        with pytest.raises(InvalidInput):
            codes(**wrong)


# -- as in seeds/vouchers-api.txt, whose vouchers of type percentage and fixed are coupons ---------------------


def test_the_life_of_a_discount_code(till: Store, clock: FixedClock) -> None:
    clock.at = 1_718_000_000  # 10 June 2024
    voucher = till.coupons.create(
        code="SUMMER2024",
        type="percentage",
        value=20,
        conditions={
            "min_order_value": 5000,
            "max_uses": 1000,
            "valid_from": "2024-06-01T00:00:00Z",
            "valid_until": "2024-08-31T23:59:59Z",
        },
    )
    assert (voucher.status, voucher.times_redeemed, voucher.type, voucher.percent_off) == (
        "active",
        0,
        "percentage",
        2000,
    )
    assert voucher.created == voucher.updated == clock.at
    assert voucher.conditions == {"min_order_value": 5000, "valid_from": 1717200000, "valid_until": 1725148799}

    items = [{"id": "item_1", "price": 10000, "quantity": 1}]
    validation = till.coupons.validate("SUMMER2024", order_amount=10000, items=items)
    assert (validation.valid, validation.discount_amount, validation.final_amount) == (True, 2000, 8000)
    details = {condition.name: condition.met for condition in validation.details}
    assert (details["below_minimum"], details["limit_reached"], details["expired"]) == (True, True, True)

    application = till.payments.create(items=items, coupon="SUMMER2024", idempotency_key="order_1234567890")
    again = till.payments.create(items=items, coupon="SUMMER2024", idempotency_key="order_1234567890")
    assert (application.discount_amount, application.amount, again.id) == (2000, 8000, application.id)

    (used,) = till.coupons.get("SUMMER2024").usage
    assert (used.order, used.payment, used.discount) == (application.order, application.id, 2000)
    assert (used.at, used.status) == (clock.at, "applied")

    clock.at += 60
    updated = till.coupons.revise("SUMMER2024", value=25, conditions={"min_order_value": 7500})
    assert (updated.percent_off, updated.min_order_value, updated.max_redemptions) == (2500, 7500, 1000)
    assert (updated.valid_until, updated.created, updated.updated) == (1725148799, clock.at - 60, clock.at)

    deleted = till.coupons.delete("SUMMER2024")
    assert (deleted.status, deleted.usage) == ("deleted", ())
    assert till.coupons.get("SUMMER2024").usage == (used,)


def test_15_percent_off_as_the_other_source_writes_it(till: Store) -> None:
    coupon = till.coupons.create(
        code="SPRING15",
        discount={"type": "percentage", "value": 15},
        max_redemptions=500,
        expires_at="2026-09-30T23:59:59Z",
    )
    assert (coupon.percent_off, coupon.max_redemptions, coupon.valid) == (1500, 500, True)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"type": "percentage", "value": 101}, "percent_off"),
        ({"type": "free", "value": 1}, "type"),
        ({"value": 1}, "type"),
        ({"discount": 15}, "discount"),
        ({"percent_off": 5, "conditions": {"min_order": 1}}, "min_order"),
        ({"percent_off": 5, "conditions": {"max_uses": 1}, "max_redemptions": 2}, "max_redemptions"),
        ({"percent_off": 5, "duration": "repeating"}, "duration_in_months"),
        ({"percent_off": 5, "duration": "once", "duration_in_months": 2}, "duration_in_months"),
        ({"percent_off": 5, "points": 5}, "percent_off"),
        ({"reward": "rwd_none"}, "reward"),
        ({"percent_off": 5, "campaign": "cmp_none"}, "campaign"),
    ],
)
def test_what_no_document_calls_a_coupon_is_refused(till: Store, fields: dict[str, Any], field: str) -> None:
    with pytest.raises((InvalidInput, NotFound)) as refusal:
        till.coupons.create(**{"code": "NEW", **fields})
    assert refusal.value.field == field


def test_the_same_key_makes_one_coupon(till: Store) -> None:
    first = till.coupons.create(code="TEN", percent_off=10, idempotency_key="k")
    assert till.coupons.create(code="ten", percent_off="10.00", idempotency_key="k") == first
    with pytest.raises(IdempotencyConflict):
        till.coupons.create(code="TEN", percent_off=11, idempotency_key="k")


# -- what may change, and what may not -------------------------------------------------------------------------


def test_a_cap_can_be_raised_or_lifted_and_never_lowered(till: Store) -> None:
    coupon = till.coupons.create(code="TEN", percent_off=10, max_redemptions=1)
    till.payments.create(items=BASKET, coupon="TEN")
    assert till.coupons.get("TEN").status == "exhausted"
    raised = till.coupons.update("TEN", name="Ten per cent", max_redemptions=2)
    assert (raised.name, raised.max_redemptions, raised.status, raised.code) == ("Ten per cent", 2, "active", "TEN")
    for lower in (till.coupons.update, lambda _, **new: till.coupons.revise("TEN", conditions=new)):
        with pytest.raises(NotAllowed) as refusal:
            lower(coupon.id, max_redemptions=1)
        assert refusal.value.code == "cap_lowered"
    assert till.coupons.update("TEN", max_redemptions=None).max_redemptions is None
    with pytest.raises(NotAllowed):
        till.coupons.update("TEN", max_redemptions=1000)
    assert [event.data.get("cap", "") for event in till.events.list(type="coupon.updated").data] == [2, None]


def test_a_revision_leaves_past_sales_and_stands_in_the_journal(till: Store, clock: FixedClock) -> None:
    till.coupons.create(code="TEN", percent_off=10, max_discount=500, valid_until=NOON + 60)
    paid = till.payments.create(items=BASKET, coupon="TEN")
    clock.at += 3600
    revised = till.coupons.revise(
        "TEN", value=50, conditions={"max_discount": 100, "valid_from": NOON + 3600, "valid_until": None}
    )
    assert (revised.percent_off, revised.revision, revised.status) == (5000, 1, "active")
    (told,) = till.events.list(type="coupon.updated").data
    assert told.data["was"] == {"percent_off": 1000, "max_discount": 500, "valid_from": None, "valid_until": NOON + 60}
    assert told.data["now"] == {
        "percent_off": 5000,
        "max_discount": 100,
        "valid_from": NOON + 3600,
        "valid_until": None,
    }
    assert till.payments.create(items=BASKET, coupon="TEN").discount_amount == 100
    assert till.payments.refund(paid.id, [{"line": 2}]).amount == 899


def test_a_sale_priced_on_revised_terms_is_priced_again(till: Store) -> None:
    till.coupons.create(code="TEN", percent_off=10)
    opened = till.payments.open(items=BASKET, coupon="TEN", tender="terminal")
    till.coupons.revise("TEN", value=20, status="inactive")
    assert till.payments.capture(opened.id, approval_code="A1").discount_amount == 350
    assert till.coupons.validate("TEN", order_amount=100).reason == "inactive"


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"value": 0},
        {"value": None},
        {"status": "deleted"},
        {"conditions": {"code": "ELEVEN"}},
        {"conditions": {"percent_off": 11}},
        {"conditions": {"duration": "once"}},
        {"conditions": {"valid_from": NOON + 9, "valid_until": NOON}},
    ],
)
def test_code_type_and_duration_stay(till: Store, change: dict[str, Any]) -> None:
    before = till.coupons.create(code="TEN", percent_off=10)
    with pytest.raises(InvalidInput):
        till.coupons.revise("TEN", **change)
    assert till.coupons.get("TEN") == before


def test_a_deleted_coupon_is_not_changed_any_more(till: Store) -> None:
    till.coupons.create(code="TEN", percent_off=10)
    gone = till.coupons.delete("TEN")
    assert till.coupons.delete("TEN") == gone
    with pytest.raises(NotAllowed):
        till.coupons.revise("TEN", value=5)
    with pytest.raises(NotAllowed):
        till.coupons.update("TEN", name="Eleven")
    assert till.events.list(type="coupon.deleted").total == 1


def test_a_window_that_closed_is_told_once_and_again_when_it_closes_again(office: Store, clock: FixedClock) -> None:
    office.coupons.create(code="TEN", percent_off=10, valid_until=NOON)
    office.coupons.create(code="LATER", percent_off=10, valid_until=NOON + 100)
    told: Any = lambda: office._context.write(coupons.sweep)  # noqa: E731
    clock.at += 1
    assert [told(), told()] == [1, 0]
    office.coupons.revise("TEN", conditions={"valid_until": NOON + 50})
    assert told() == 0
    clock.at += 200
    assert [told(), told()] == [2, 0]
    assert office.events.list(type="coupon.expired").total == 3
    assert office.audit() == []


def test_points_and_rewards_as_coupons(till: Store) -> None:
    mira = till.members.create(name="Mira")
    tea = till.rewards.create(name="A tea", points=100, item=True, stock=1)
    welcome = till.coupons.create(code="WELCOME", points=50, duration="once")
    free = till.coupons.create(code="FREETEA", reward=tea.id)
    assert ((welcome.type, welcome.points), (free.type, free.reward)) == (("points", 50), ("reward", tea.id))
    assert till.coupons.validate("WELCOME", order_amount=1000).reason == "member_required"
    till.payments.create(items=BASKET, customer=mira.id, coupon="WELCOME")
    assert till.coupons.validate("WELCOME", order_amount=1000, customer=mira.id).reason == "customer_limit"
    with pytest.raises(NotFound):
        till.coupons.revise("FREETEA", value="rwd_none")
    till.rewards.update(tea.id, active=False)
    assert till.coupons.get("FREETEA").status == "inactive"


def test_a_code_of_a_batch_is_switched_off_alone_and_keeps_its_batchs_terms(till: Store) -> None:
    batch = till.coupons.create_batch(count=3, prefix="SPRING", percent_off=10, max_redemptions=1, name="Spring")
    listed = till.coupons.list(batch=batch.id)
    assert (listed.total, {one.code[:7] for one in listed.data}) == (3, {"SPRING-"})
    used, leaked, raised = listed.data
    till.payments.create(items=BASKET, coupon=used.code)
    assert till.coupons.revise(leaked.id, status="inactive").status == "inactive"
    assert till.coupons.update(raised.id, max_redemptions=2, name="Twice").max_redemptions == 2
    with pytest.raises(NotAllowed) as refusal:
        till.coupons.revise(raised.id, value=20)
    assert refusal.value.code == "in_batch"
    assert [till.coupons.get(one.id).status for one in listed.data] == ["exhausted", "inactive", "active"]


def test_a_cashier_sees_no_whole_code_of_a_batch_and_changes_no_terms(office: Store) -> None:
    cashier = Store(replace(office._context, role=CASHIER))
    batch = office.coupons.create_batch(count=1, prefix="SPRING", percent_off=10)
    office.coupons.create(code="TEN", percent_off=10)
    (masked,) = cashier.coupons.list(batch=batch.id).data
    assert masked.code == f"…-{office.coupons.get(masked.id).code[-4:]}"
    assert cashier.coupons.get("TEN").code == "TEN"
    changes: tuple[Callable[[], object], ...] = (
        lambda: cashier.coupons.create(code="ALL", percent_off=100),
        lambda: cashier.coupons.revise("TEN", value=100),
        lambda: cashier.coupons.update("TEN", max_redemptions=None),
        lambda: cashier.coupons.delete("TEN"),
        lambda: cashier.campaigns.create(name="Mine"),
    )
    for change in changes:
        with pytest.raises(NotAllowed) as refusal:
            change()
        assert refusal.value.code == "manager_needed"


def test_the_audit_holds_each_use_against_the_terms_of_its_time(office: Store, clock: FixedClock) -> None:
    coupon = office.coupons.create(code="TEN", percent_off=10, valid_until=NOON)
    office.payments.create(items=BASKET, coupon="TEN")
    clock.at += 60
    office.coupons.revise("TEN", conditions={"valid_from": NOON + 60, "valid_until": None, "max_discount": 100})
    clock.at += 1
    later = office.payments.create(items=BASKET, coupon="TEN").redemptions[0].id
    assert office.audit() == []
    with unguarded(office.url) as file:
        file.execute("UPDATE coupon SET valid_until = 9, max_discount = 99 WHERE id = ?", (coupon.id,))
    named = {(one.check, one.subject) for one in office.audit()}
    assert named == {("altered", coupon.id), ("redemption_window", later), ("max_discount", later)}
