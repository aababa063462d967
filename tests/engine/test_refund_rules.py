"""What a refund does beyond the money: points, debt, slots, budgets, rewards and gifts (specification 6, 7 and 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.errors import NotAllowed
from tests.engine.shop import BASKET, CUP, GIFT, LAMP, TEA, goods

if TYPE_CHECKING:
    from posconsole import Store

HUNDRED: list[dict[str, Any]] = [{"id": None, "name": "Chair", "price": 2500, "quantity": 4}]


@pytest.fixture
def mira(office: Store) -> str:
    """Give a member without a point."""
    return office.members.create(name="Mira Olsen").id


def standing(store: Store, who: str) -> tuple[int, int]:
    """Return a member's points and debt."""
    member = store.members.get(who)
    return member.points, member.points_debt


def offer(office: Store, kind: str, **terms: Any) -> str:
    limits = {"max_redemptions": terms.pop("max_redemptions", None), "campaign": terms.pop("campaign", None)}
    made = office.offers.create(name="Offer", incentive={"type": kind, **terms}, activation="auto", **limits)
    return office.offers.publish(made.id).id


def reversals(store: Store, kind: str) -> list[object]:
    return [event.data["amount"] for event in store.events.list(type=kind).data]


# -- points ---------------------------------------------------------------------------------------------------------


def test_the_specifications_worked_clawback(till: Store, mira: str) -> None:
    till.coupons.create(code="TEN", percent_off=10)
    gift = till.vouchers.issue(value=2500)
    paid = till.payments.create(items=BASKET, customer=mira, coupon="TEN", vouchers=[gift.code])
    assert (paid.points_earned, standing(till, mira)) == (31, (31, 0))
    assert till.payments.plan_refund(paid.id, [{"line": 2}]).points == 9
    assert till.payments.refund(paid.id, [{"line": 2}]).points == 9
    assert till.payments.refund(paid.id, [{"line": 3}]).points == 5
    assert (till.payments.refund(paid.id).points, standing(till, mira)) == (17, (0, 0))


def test_points_that_are_spent_already_become_debt_that_later_earnings_work_off(till: Store, mira: str) -> None:
    paid = till.payments.create(items=goods(3149), customer=mira)
    tote = till.rewards.create(name="Tote bag", points=30, item=True)
    till.loyalty.redemptions.create(account=mira, reward=tote.id)
    assert (till.payments.refund(paid.id).points, standing(till, mira)) == (31, (0, 30))
    till.payments.create(items=goods(4500), customer=mira)
    assert standing(till, mira) == (15, 0)


def test_a_multipliers_extra_points_go_with_the_goods_that_earned_them(till: Store, mira: str) -> None:
    offer(till, "points_multiplier", multiplier=1.5)
    items = [{"id": None, "name": "Rug", "price": 5050}, {"id": None, "name": "Vase", "price": 3450}]
    paid = till.payments.create(items=items, customer=mira)
    assert paid.points_earned == 85 + 42
    # 50.50 keep 50 points and 25 more.
    assert till.payments.refund(paid.id, [{"line": 2}]).points == 127 - 75
    assert (till.payments.refund(paid.id).points, standing(till, mira)) == (75, (0, 0))


def test_points_of_a_coupon_and_of_a_points_voucher_come_back_when_all_does(till: Store, mira: str) -> None:
    till.coupons.create(code="CLUB100", points=100)
    prize = till.vouchers.issue(value=250, kind="points")
    paid = till.payments.create(items=HUNDRED, customer=mira, coupon="CLUB100", voucher=prize.code)
    assert paid.points_earned == 100 + 100 + 250
    assert till.payments.refund(paid.id, [{"line": 1, "quantity": 3}]).points == 75
    assert standing(till, mira) == (375, 0)
    assert (till.payments.refund(paid.id).points, standing(till, mira)) == (375, (0, 0))
    assert (till.vouchers.get(prize.id).balance, till.coupons.get("CLUB100").times_redeemed) == (250, 0)


def test_a_points_voucher_that_is_void_by_now_is_given_anew_with_a_refund_as_credit(till: Store, mira: str) -> None:
    prize = till.vouchers.issue(value=250, kind="points")
    paid = till.payments.create(items=goods(1000), customer=mira, voucher=prize.code)
    till.vouchers.void(prize.id, reason="stolen")
    with pytest.raises(NotAllowed, match="as credit"):
        till.payments.refund(paid.id)
    given = till.payments.refund(paid.id, as_credit=True).vouchers_given
    assert sorted((one.currency, one.balance) for one in given) == [("EUR", 1000), ("PTS", 250)]


def test_vouchers_on_sale_earned_nothing_and_take_nothing_along(till: Store, mira: str) -> None:
    paid = till.payments.create(items=[{"id": GIFT}, {"id": TEA}], customer=mira)
    assert till.payments.refund(paid.id, [{"line": 1}]).points == 0
    assert till.payments.refund(paid.id).points == paid.points_earned == 9


# -- slots and budgets ----------------------------------------------------------------------------------------------


def test_an_offers_slot_returns_when_all_is_back_and_opens_it_again(till: Store, mira: str) -> None:
    deal = offer(till, "percentage_discount", percent=10, max_redemptions=1)
    paid = till.payments.create(items=BASKET, customer=mira)
    assert (paid.discount_amount, till.offers.get(deal).status) == (350, "expired")
    till.payments.refund(paid.id, [{"line": 2}])
    assert till.payments.get(paid.id).redemptions[0].discount_applied == 250
    assert till.offers.get(deal).status == "expired"
    till.payments.refund(paid.id)
    assert (till.offers.get(deal).status, till.offers.get(deal).times_redeemed) == ("published", 0)
    assert reversals(till, "loyalty.offer.reversed") == [100, 250]
    assert till.events.list(type="loyalty.offer.reopened").total == 1
    assert till.payments.create(items=BASKET, customer=mira).discount_amount == 350


def test_a_campaigns_budget_gets_back_what_a_discount_shrinks_by(till: Store, mira: str) -> None:
    spring = till.campaigns.create(name="Spring", budget=1000)
    till.coupons.create(code="TEN", percent_off=10, campaign=spring.id)
    offer(till, "percentage_discount", percent=20, campaign=spring.id)
    paid = till.payments.create(items=goods(1000) + goods(1000), customer=mira, coupon="TEN")
    assert till.campaigns.get(spring.id).spent == 400 + 160
    till.payments.refund(paid.id, [{"line": 1}])
    assert till.campaigns.get(spring.id).spent == 280
    till.payments.refund(paid.id)
    assert till.campaigns.get(spring.id).spent == 0


# -- rewards and gifts ----------------------------------------------------------------------------------------------


def test_a_rewards_points_return_when_all_is_back_and_not_before(till: Store, mira: str) -> None:
    till.members.adjust(mira, points=500, reason="welcome")
    five = till.rewards.create(name="Five off", points=400, amount_off=500)
    paid = till.payments.create(items=[{"id": LAMP}, {"id": CUP}], customer=mira, reward=five.id)
    assert (paid.due, standing(till, mira)) == (2000, (120, 0))
    till.payments.refund(paid.id, [{"line": 2}])
    assert standing(till, mira) == (115, 0)
    till.payments.refund(paid.id, reason="all of it")
    assert standing(till, mira) == (500, 0)
    assert [used.status for used in till.payments.get(paid.id).redemptions] == ["reversed"]
    assert reversals(till, "loyalty.redemption.reduced") == [100, 400]
    assert till.events.list(type="loyalty.redemption.reversed").total == 1


def test_a_gift_that_is_still_here_goes_back_on_the_shelf(till: Store, mira: str) -> None:
    tote = till.rewards.create(name="Tote bag", points=900, item=True, shipping=True, stock=1)
    offer(till, "gift_reward", reward=tote.id)
    paid = till.payments.create(items=goods(1000), customer=mira)
    assert till.rewards.get(tote.id).stock == 0
    till.payments.refund(paid.id)
    assert (till.rewards.get(tote.id).stock, standing(till, mira)) == (1, (0, 0))


def test_credit_that_a_coupon_gave_is_void_with_what_is_left_of_it(till: Store, mira: str) -> None:
    ten = till.rewards.create(name="Ten back", points=900, credit_value=1000)
    till.coupons.create(code="BACK10", reward=ten.id)
    paid = till.payments.create(items=HUNDRED, customer=mira, coupon="BACK10")
    (credit,) = till.vouchers.list().data
    spent = till.payments.create(items=goods(400), voucher=till.vouchers.get(credit.id).code)
    assert spent.due == 0
    till.payments.refund(paid.id)
    assert (till.vouchers.get(credit.id).status, till.coupons.get("BACK10").times_redeemed) == ("void", 0)
