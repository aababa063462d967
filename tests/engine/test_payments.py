"""Taking money: what a sale writes, what it uses, and what a retry, a refusal or a decline leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.engine.quoting.refusals import CodeRefused, QuoteChanged
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.errors import IdempotencyConflict, InvalidInput, NotAllowed, NotFound
from posconsole.tenders.sandbox import APPROVES, DECLINES, STAYS_UNKNOWN
from tests.engine.shop import BASKET, GIFT, LAMP, TEA, open_shop

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import FixedClock

CARD = {"kind": "card", "number": APPROVES}


def test_a_sale_with_coupon_and_voucher_is_what_its_preview_said(till: Store) -> None:
    till.coupons.create(code="TEN", percent_off=10)
    gift = till.vouchers.issue(value=2500)
    shown = till.quote(Basket((Item(LAMP), Item(TEA), Item("cup")), ("TEN", gift.code)))
    paid = till.payments.create(
        items=BASKET, coupon="ten", vouchers=[gift.code.lower()], tenders=[{"kind": "cash", "tendered": 1000}]
    )
    assert (paid.order_amount, paid.discount_amount, paid.amount, paid.due) == (3499, 350, 3149, 649)
    assert (shown.discount_amount, shown.tax_amount, shown.amount, shown.due) == (350, paid.tax_amount, 3149, 649)
    assert (paid.status, paid.change, paid.receipt_number) == ("captured", 351, "1-000001")
    assert [(one.kind, one.discount_applied, one.status) for one in paid.redemptions] == [
        ("coupon", 350, "applied"),
        ("voucher", 2500, "applied"),
    ]
    assert till.coupons.get("TEN").times_redeemed == 1
    assert till.vouchers.get(gift.code).status == "spent"
    assert [row.amount for row in till.vouchers.transactions(gift.code)] == [2500, -2500]


def test_what_a_caller_is_handed_is_what_a_later_reader_finds(till: Store) -> None:
    till.coupons.create(code="TEN", percent_off=10, name="Ten off")
    member = till.members.create(name="Mira Olsen", card="M-1")
    paid = till.payments.create(items=[*BASKET, {"id": GIFT}], coupon="TEN", customer=member.id)
    assert till.payments.get(paid.id) == till.payments.find("1") == till.payments.find("1-000001") == paid


def test_the_same_key_returns_the_first_sale_even_when_it_used_the_last_slot(till: Store) -> None:
    till.coupons.create(code="LAST", percent_off=10, max_redemptions=1)
    sale: dict[str, Any] = {"items": BASKET, "coupon": "LAST", "idempotency_key": "till-1-42"}
    first = till.payments.create(**sale)
    assert till.payments.create(**sale) == first
    assert till.payments.list().total == 1
    with pytest.raises(CodeRefused) as refusal:
        till.payments.create(items=BASKET, coupon="LAST", idempotency_key="till-1-43")
    assert refusal.value.code == "limit_reached"


def test_the_same_key_with_another_request_is_a_conflict(till: Store) -> None:
    till.payments.create(items=BASKET, idempotency_key="once")
    with pytest.raises(IdempotencyConflict):
        till.payments.create(items=[{"id": LAMP}], idempotency_key="once")


def test_a_refused_code_sells_nothing_and_leaves_its_key_free(till: Store) -> None:
    till.coupons.create(code="BIG", percent_off=10, min_order_value=10_000)
    with pytest.raises(CodeRefused) as refusal:
        till.payments.create(items=BASKET, coupon="BIG", idempotency_key="again")
    assert (refusal.value.code, refusal.value.verdict.missing) == ("below_minimum", 6501)
    assert till.payments.create(items=BASKET, idempotency_key="again").receipt_number == "1-000001"


def test_a_price_that_changed_since_it_was_shown_is_not_charged(till: Store) -> None:
    with pytest.raises(QuoteChanged) as change:
        till.payments.create(items=[{"id": LAMP}], expected_due=1799)
    assert change.value.quote.due == 1999


def test_a_declined_card_leaves_everything_as_it_was(till: Store) -> None:
    till.coupons.create(code="TEN", percent_off=10, max_redemptions=1)
    gift = till.vouchers.issue(value=1000)
    sale: dict[str, Any] = {"items": [*BASKET, {"id": GIFT}], "coupon": "TEN", "vouchers": [gift.code]}
    declined = till.payments.create(**sale, tenders=[{"kind": "card", "number": DECLINES}])
    assert (declined.status, declined.receipt_number) == ("declined", None)
    assert [one.status for one in declined.redemptions] == ["released", "released"]
    assert [one.status for one in declined.vouchers_sold] == ["void"]
    assert (till.coupons.get("TEN").times_redeemed, till.coupons.get("TEN").held) == (0, 0)
    assert till.payments.create(**sale, tenders=[CARD]).receipt_number == "1-000001"


def test_while_a_card_is_asked_what_the_sale_uses_is_held(till: Store) -> None:
    till.coupons.create(code="LAST", percent_off=10, max_redemptions=1)
    gift = till.vouchers.issue(value=1000)
    opened = till.payments.open(items=BASKET, coupon="LAST", vouchers=[gift.code], tender="terminal")
    assert (opened.status, till.coupons.get("LAST").status) == ("pending", "exhausted")
    assert till.vouchers.get(gift.code).held == 1000
    with pytest.raises(CodeRefused) as refusal:
        till.payments.create(items=BASKET, vouchers=[gift.code])
    assert refusal.value.code == "insufficient_balance"
    captured = till.payments.capture(opened.id, approval_code="482913")
    assert (captured.status, captured.tenders[0].approval_code) == ("captured", "482913")
    assert till.payments.capture(opened.id) == captured


@pytest.mark.parametrize("end", ["decline", "cancel"])
def test_a_payment_that_is_given_up_releases_its_holds_once(till: Store, end: str) -> None:
    till.coupons.create(code="LAST", percent_off=10, max_redemptions=1)
    opened = till.payments.open(items=BASKET, coupon="LAST", tender="terminal")
    assert getattr(till.payments, end)(opened.id).status == {"decline": "declined", "cancel": "canceled"}[end]
    assert till.coupons.get("LAST").held == 0
    with pytest.raises(NotAllowed):
        till.payments.capture(opened.id, approval_code="1")


def test_two_cards_of_which_the_second_declines_charge_neither(till: Store) -> None:
    paid = till.payments.create(items=BASKET, tenders=[{**CARD, "amount": 1000}, {"kind": "card", "number": DECLINES}])
    assert (paid.status, [one.status for one in paid.tenders]) == ("declined", ["canceled", "declined"])


def test_a_mix_of_tenders_pays_and_only_the_last_cash_is_rounded(till: Store) -> None:
    paid = till.payments.create(
        items=BASKET, tenders=[{"kind": "cash", "tendered": 1000}, {**CARD, "amount": 1500}, {"kind": "cash"}]
    )
    assert [(one.kind, one.amount) for one in paid.tenders] == [("cash", 1000), ("card", 1500), ("cash", 999)]


def test_an_unknown_outcome_waits_for_a_person(till: Store) -> None:
    pending = till.payments.create(items=BASKET, tenders=[{"kind": "card", "number": STAYS_UNKNOWN}])
    assert (pending.status, pending.tenders[0].status) == ("pending", "unknown")
    assert till.payments.unsettled() == (pending,)
    assert [one.what for one in till.payments.recover()] == ["needs_settling"]
    with pytest.raises(NotAllowed):
        till.payments.cancel(pending.id)
    settled = till.payments.settle(pending.id, captured=True, note="The bank's portal shows it")
    assert settled.receipt_number == "1-000001"
    told = till.events.list(type="payment.captured").data[0]
    assert (told.subject, told.data["by_hand"], told.operator) == (pending.id, "The bank's portal shows it", "Ana")


def test_the_banks_own_device_is_asked_once_a_sale(till: Store) -> None:
    with pytest.raises(InvalidInput, match="once a sale"):
        till.payments.open(items=BASKET, tenders=[{"kind": "terminal", "amount": 1000}, {"kind": "terminal"}])


def test_a_basket_that_costs_nothing_needs_no_tender(till: Store) -> None:
    till.coupons.create(code="ALL", percent_off=100)
    paid = till.payments.create(items=BASKET, coupon="ALL", tender="card")
    assert (paid.status, paid.due, paid.tenders) == ("captured", 0, ())


def test_a_sold_voucher_is_worth_nothing_until_its_sale_is_paid(till: Store) -> None:
    opened = till.payments.open(items=[{"id": GIFT, "quantity": 2}], tender="terminal")
    codes = [voucher.code for voucher in opened.vouchers_sold]
    assert [till.vouchers.get(code).status for code in codes] == ["issued", "issued"]
    with pytest.raises(CodeRefused) as refusal:
        till.payments.create(items=BASKET, vouchers=codes[:1])
    assert refusal.value.code == "inactive"
    till.payments.capture(opened.id, approval_code="1")
    assert till.payments.create(items=BASKET, vouchers=codes).due == 0


def test_a_single_use_voucher_loses_its_rest_as_its_own_ledger_row(till: Store) -> None:
    gift = till.vouchers.issue(value=2500, single_use=True)
    till.payments.create(items=[{"id": TEA}], vouchers=[gift.code])
    assert [(row.kind, row.amount) for row in till.vouchers.transactions(gift.code)] == [
        ("issue", 2500),
        ("redeem", -999),
        ("forfeit", -1501),
    ]


def test_a_member_may_use_a_coupon_as_often_as_it_allows(till: Store) -> None:
    till.coupons.create(code="HELLO", percent_off=10, customer_limit=1)
    mira, juno = (till.members.create(name=name, card=name).id for name in ("Mira", "Juno"))
    till.payments.create(items=BASKET, coupon="HELLO", customer=mira)
    for customer, reason in ((mira, "customer_limit"), (None, "member_required")):
        with pytest.raises(CodeRefused) as refusal:
            till.payments.create(items=BASKET, coupon="HELLO", customer=customer)
        assert refusal.value.code == reason
    assert till.payments.create(items=BASKET, coupon="HELLO", customer=juno).discount_amount == 350


def test_a_held_payment_expires_and_gives_back(till: Store, clock: FixedClock) -> None:
    till.coupons.create(code="LAST", percent_off=10, max_redemptions=1)
    opened = till.payments.open(items=BASKET, coupon="LAST", tenders=[CARD])
    clock.at += 901
    assert [finding.check for finding in till.audit()] == ["overdue"]
    assert [(one.what, one.payment.status) for one in till.payments.recover()] == [("released", "expired")]
    assert till.coupons.get("LAST").held == 0
    assert till.payments.get(opened.id).status == "expired"


@pytest.mark.parametrize(
    ("sale", "field"),
    [
        ({"items": []}, "items"),
        ({"items": [{"id": LAMP, "quantity": 0}]}, "quantity"),
        ({"items": [{"id": LAMP, "quantity": 10**9}]}, "quantity"),
        ({"items": [{"id": None, "price": -1}]}, "price"),
        ({"items": [{"id": None, "price": 2**63}]}, "price"),
        ({"amount": 1.5}, "price"),
        ({"items": [{"sku": LAMP}]}, "items"),
        ({"amount": 100, "currency": "USD"}, "currency"),
        ({"amount": 100, "tender": "shells"}, "tenders"),
        ({"amount": 100, "tenders": [{"kind": "cash", "tendered": 99}]}, "tenders"),
        ({"amount": 100, "tenders": [{"kind": "card", "amount": 101}]}, "amount"),
        ({"items": BASKET, "amount": 100}, "items"),
        ({"items": 5}, "items"),
        ({"items": [5]}, "items"),
        ({"items": [{"id": 85123, "price": 100}]}, "id"),
        ({"items": [{"id": None, "price": 100, "name": "\ud800"}]}, "name"),
        ({"amount": 100, "vouchers": "GIFT-7K2P-9QXM-4TRB"}, "vouchers"),
        ({"amount": 100, "tender": ["cash"]}, "tenders"),
        ({"amount": 100, "discount": 100}, "discount"),
        ({"amount": 100, "idempotency_key": ""}, "idempotency_key"),
        ({"items": [{"id": GIFT, "price": 0}]}, "price"),
    ],
)
def test_what_cannot_be_sold_is_refused_with_its_field(till: Store, sale: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        till.payments.create(**sale)
    assert refusal.value.field == field


def test_an_unknown_product_or_member_is_named(till: Store) -> None:
    for sale in ({"items": [{"id": "ghost"}]}, {"items": BASKET, "customer": "cust_ghost"}):
        with pytest.raises(NotFound):
            till.payments.create(**sale)


def test_a_real_shop_takes_no_card_of_the_sandbox(tmp_path: Any) -> None:
    store = open_shop(tmp_path, sandbox=False)
    with pytest.raises(InvalidInput, match="takes no"):
        store.payments.create(items=BASKET, tenders=[CARD])
    assert store.payments.create(items=BASKET).status == "captured"
    store.close()


def test_events_are_read_on_from_where_a_page_ended(till: Store) -> None:
    for _ in range(3):
        till.payments.create(items=BASKET)
    first = till.events.list(type="payment.captured", limit=2)
    rest = till.events.list(type="payment.captured", after=int(first.next or 0), limit=2)
    assert [len(first.data), len(rest.data), rest.next] == [2, 1, None]
    assert first.data[-1].seq < rest.data[0].seq


def test_a_sale_that_was_opened_is_completed_by_the_same_call_in_one(till: Store) -> None:
    opened = till.payments.open(items=BASKET, idempotency_key="k")
    paid = till.payments.create(items=BASKET, idempotency_key="k")
    assert (opened.status, paid.id, paid.status) == ("pending", opened.id, "captured")


def test_no_card_number_is_ever_written(till: Store, tmp_path: Any) -> None:
    till.payments.create(items=BASKET, tenders=[CARD], idempotency_key="k")
    till.payments.create(items=BASKET, tenders=[{"kind": "card", "number": DECLINES}])
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert APPROVES.encode() not in kept
    assert DECLINES.encode() not in kept
