"""Giving back: frozen shares, vouchers first, and everything back where it was after a whole refund."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole.engine.quoting.refusals import PlanChanged
from posconsole.engine.refund.refundplan import unit_layers
from posconsole.errors import IdempotencyConflict, InvalidInput, NotAllowed, NotFound
from posconsole.tenders.sandbox import APPROVES
from tests.engine.shop import BASKET, GIFT, TEA, open_shop

if TYPE_CHECKING:
    from pathlib import Path

    from posconsole import Store
    from posconsole.clock import FixedClock


def test_the_specifications_worked_refund(till: Store) -> None:
    coupon = till.coupons.create(code="TEN", percent_off=10)
    gift = till.vouchers.issue(value=2500)
    paid = till.payments.create(items=BASKET, coupon="TEN", vouchers=[gift.code])
    assert [line.discount for line in paid.lines] == [200, 100, 50]

    plan = till.payments.plan_refund("1", [{"line": 2}])
    first = till.payments.refund("1-000001", [{"line": 2}], reason="scratched")
    assert (plan.amount, plan.items, plan.tenders) == (899, first.items, first.tenders)
    assert [(one.kind, one.amount) for one in first.tenders] == [("voucher", 899)]
    assert (till.vouchers.get(gift.code).balance, first.number) == (899, "1-000002")
    after = till.payments.get(paid.id)
    assert (after.status, after.redemptions[0].discount_applied) == ("partially_refunded", 250)
    assert till.coupons.get("TEN").times_redeemed == 1

    rest = till.payments.refund(paid.id)
    assert [(one.kind, one.amount) for one in rest.tenders] == [("voucher", 1601), ("cash", 649)]
    assert (till.payments.get(paid.id).status, till.vouchers.get(gift.code).balance) == ("refunded", 2500)
    assert till.coupons.get("TEN").times_redeemed == 0
    steps = till.events.list(type="coupon.redemption.reversed").data
    assert [(one.subject, one.data["amount"]) for one in steps] == [(coupon.id, 100), (coupon.id, 250)]


def test_the_units_of_one_line_go_back_at_their_own_shares(till: Store) -> None:
    till.coupons.create(code="TEN", percent_off=10)
    paid = till.payments.create(items=[{"id": None, "name": "Pin", "price": 333, "quantity": 3}], coupon="TEN")
    amounts = [till.payments.refund(paid.id, [{"line": 1}]).amount for _ in range(3)]
    assert (amounts, paid.amount) == ([299, 300, 300], 899)


def test_no_unit_falls_below_zero_however_many_discounts_lie_on_a_line() -> None:
    layers, left = unit_layers(1, 3, [1, 1])
    assert (layers, left) == ([[1, 0, 0], [0, 1, 0]], [0, 0, 1])


def test_the_same_key_refunds_once(till: Store) -> None:
    paid = till.payments.create(items=BASKET)
    first = till.payments.refund(paid.id, [{"line": 1}], idempotency_key="r")
    assert till.payments.refund(paid.id, [{"line": 1}], idempotency_key="r") == first
    with pytest.raises(IdempotencyConflict):
        till.payments.refund(paid.id, [{"line": 2}], idempotency_key="r")
    assert till.payments.get(paid.id).refunded_amount == 1999


def test_a_refund_that_is_not_the_one_that_was_shown_is_not_carried_out(till: Store) -> None:
    gift = till.vouchers.issue(value=1000)
    paid = till.payments.create(items=BASKET, vouchers=[gift.code])
    shown = till.payments.plan_refund(paid.id, [{"line": 1}])
    till.payments.refund(paid.id, [{"line": 2}])
    with pytest.raises(PlanChanged) as change:
        till.payments.refund(paid.id, [{"line": 1}], expected=shown)
    assert till.payments.refund(paid.id, [{"line": 1}], expected=change.value.plan).amount == 1999


def test_a_single_use_voucher_gets_back_what_it_lost_on_a_whole_refund_only(till: Store) -> None:
    gift = till.vouchers.issue(value=2500, single_use=True)
    paid = till.payments.create(items=[{"id": TEA, "quantity": 2}], vouchers=[gift.code])
    till.payments.refund(paid.id, [{"line": 1}])
    assert till.vouchers.get(gift.code).balance == 999
    till.payments.refund(paid.id)
    assert till.vouchers.get(gift.code).balance == 2500


def test_an_expired_voucher_is_filled_again_and_stays_expired(till: Store, clock: FixedClock) -> None:
    gift = till.vouchers.issue(value=999, expires_at=clock.at + 60)
    paid = till.payments.create(items=[{"id": TEA}], vouchers=[gift.code])
    clock.at += 61
    till.payments.refund(paid.id)
    found = till.vouchers.get(gift.code)
    assert (found.balance, found.status) == (999, "expired")


def test_cards_get_theirs_before_cash_and_never_more_cash_than_was_paid_in_cash(till: Store) -> None:
    card = {"kind": "card", "number": APPROVES, "amount": 2000}
    paid = till.payments.create(items=BASKET, tenders=[card, {"kind": "cash"}])
    first = till.payments.refund(paid.id, [{"line": 1}, {"line": 3}])
    assert [(one.kind, one.amount, one.status) for one in first.tenders] == [
        ("card", 2000, "captured"),
        ("cash", 500, "captured"),
    ]
    assert [(one.kind, one.amount) for one in till.payments.refund(paid.id).tenders] == [("cash", 999)]


def test_the_rounding_of_cash_is_undone_by_all_refunds_together(tmp_path: Path) -> None:
    till = open_shop(tmp_path, smallest_coin=5).sign_in(till="1")
    paid = till.payments.create(items=BASKET)
    assert (paid.due, paid.rounding, paid.tenders[0].amount) == (3499, 1, 3500)
    given = [till.payments.refund(paid.id, [{"line": line}]) for line in (1, 2, 3)]
    assert [(one.amount, one.rounding) for one in given] == [(1999, 1), (999, 1), (501, -1)]
    assert sum(one.tenders[0].amount for one in given) == 3500
    assert till.audit() == []
    till.close()


def test_many_small_refunds_round_together_and_not_each_by_itself(tmp_path: Path) -> None:
    till = open_shop(tmp_path, smallest_coin=5).sign_in(till="1")
    paid = till.payments.create(items=[{"id": None, "name": "Pin", "price": 98, "quantity": 10}])
    given = [till.payments.refund(paid.id, [{"line": 1}]) for _ in range(10)]
    back = [sum(tender.amount for tender in one.tenders) for one in given]
    assert back == [100, 95, 100, 95, 100, 100, 95, 100, 95, 100]
    assert sum(back) == paid.tenders[0].amount == 980
    assert [one.id for one in till.payments.get(paid.id).refunds] == [one.id for one in given]
    assert till.audit() == []
    till.close()


def test_a_voucher_sold_below_its_value_pays_back_no_more_than_was_paid_for_it(till: Store) -> None:
    till.products.create(sku="promo", name="25.00 for 20.00", price=2000, voucher_value=2500)
    sold = till.payments.create(items=[{"id": "promo"}])
    till.payments.create(items=[{"id": TEA}], vouchers=[sold.vouchers_sold[0].code])
    assert till.payments.refund(sold.id).amount == 2000 - 999


def test_what_a_manager_put_on_a_sold_voucher_is_not_paid_out(till: Store) -> None:
    sold = till.payments.create(items=[{"id": GIFT}, {"id": TEA}])
    till.vouchers.adjust(sold.vouchers_sold[0].code, amount=500, reason="sorry")
    assert till.payments.refund(sold.id, [{"line": 1}]).amount == 2500
    assert till.payments.refund(sold.id).amount == 999


@pytest.mark.parametrize(("put_on", "back"), [(999, 1501), (-1500, 1)])
def test_a_sold_voucher_pays_back_what_was_not_spent_of_its_price(till: Store, put_on: int, back: int) -> None:
    sold = till.payments.create(items=[{"id": GIFT}])
    gift = sold.vouchers_sold[0].code
    till.payments.create(items=[{"id": TEA}], voucher=gift)
    till.vouchers.adjust(gift, amount=put_on, reason="sorry")
    assert till.payments.refund(sold.id).amount == back


def test_a_sold_voucher_pays_back_what_is_left_of_it_and_is_void(till: Store) -> None:
    sold = till.payments.create(items=[{"id": GIFT}])
    (gift,) = sold.vouchers_sold
    till.payments.create(items=[{"id": TEA}], vouchers=[gift.code])
    refund = till.payments.refund(sold.id)
    assert (refund.amount, till.vouchers.get(gift.code).status) == (1501, "void")
    with pytest.raises(NotAllowed):
        till.payments.refund(sold.id)


def test_what_a_void_voucher_paid_goes_back_as_credit_only(till: Store) -> None:
    gift = till.vouchers.issue(value=2500)
    paid = till.payments.create(items=BASKET, vouchers=[gift.code])
    till.vouchers.void(gift.code, reason="lost")
    with pytest.raises(NotAllowed, match="as credit") as refusal:
        till.payments.refund(paid.id)
    assert refusal.value.code == "voucher_void"
    assert [(one.kind, one.amount) for one in till.payments.refund(paid.id, as_credit=True).tenders] == [
        ("credit", 3499)
    ]


def test_a_refund_as_credit_is_one_new_voucher_of_its_exact_value(tmp_path: Path) -> None:
    till = open_shop(tmp_path, smallest_coin=5).sign_in(till="1")
    gift = till.vouchers.issue(value=1000)
    paid = till.payments.create(items=BASKET, vouchers=[gift.code])
    shown = till.payments.plan_refund(paid.id, [{"line": 1}], as_credit=True)
    with pytest.raises(PlanChanged):
        till.payments.refund(paid.id, [{"line": 1}], expected=shown)
    done = till.payments.refund(paid.id, [{"line": 1}], as_credit=True, expected=shown, idempotency_key="c")
    assert till.payments.refund(paid.id, [{"line": 1}], as_credit=True, idempotency_key="c") == done
    (credit,) = done.vouchers_given
    assert [(one.kind, one.amount) for one in (*shown.tenders, *done.tenders)] == [("credit", 1999)] * 2
    assert (credit.balance, credit.status, till.vouchers.get(gift.id).balance) == (1999, "active", 0)
    # What the old voucher gave is given back already: the rest is what was paid in cash.
    assert [(one.kind, one.amount) for one in till.payments.refund(paid.id).tenders] == [("cash", 1500)]
    assert till.payments.create(items=[{"id": TEA}], voucher=credit.code).due == 0
    assert till.audit() == []
    till.close()


def test_credit_for_a_single_use_voucher_is_worth_what_the_voucher_was(till: Store) -> None:
    gift = till.vouchers.issue(value=2500, single_use=True)
    paid = till.payments.create(items=[{"id": TEA}], vouchers=[gift.code])
    (credit,) = till.payments.refund(paid.id, as_credit=True).vouchers_given
    assert (credit.balance, till.vouchers.get(gift.id).balance) == (2500, 0)


def test_what_cannot_be_refunded_says_so(till: Store) -> None:
    paid = till.payments.create(items=BASKET)
    till.payments.refund(paid.id, [{"line": 2}])
    for items, kind in (
        ([{"line": 2}], NotAllowed),
        ([{"line": 1, "quantity": 2}], NotAllowed),
        ([{"line": 9}], InvalidInput),
        ([{"line": 1, "quantity": 0}], InvalidInput),
        ([{"line": 1, "quantity": -1}], InvalidInput),
        ([], InvalidInput),
        ([{"row": 1}], InvalidInput),
    ):
        with pytest.raises(kind):
            till.payments.refund(paid.id, items)
    with pytest.raises(NotFound):
        till.payments.refund("1-000999")
    declined = till.payments.create(items=BASKET, tenders=[{"kind": "card", "number": "4000000000000002"}])
    with pytest.raises(NotAllowed):
        till.payments.refund(declined.id)
