"""What a member's sale does beyond the money: points, rewards, offers, gifts, campaigns (specification 2, 3, 6, 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole.engine.quoting.refusals import CodeRefused
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.errors import PosError
from tests.engine.shop import goods

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import FixedClock

DECLINED, GOOD = "4000 0000 0000 0002", "4242 4242 4242 4242"


def member(office: Store, points: int = 0, **known: object) -> str:
    made = office.members.create(name="Mira Olsen", **known).id  # type: ignore[arg-type]
    if points:
        office.members.adjust(made, points=points, reason="welcome")
    return made


def balance(store: Store, who: str) -> int:
    return store.members.get(who).points


def offer(office: Store, **terms: object) -> str:
    made = office.offers.create(name="Offer", **terms)  # type: ignore[arg-type]
    return office.offers.publish(made.id).id


# -- points ---------------------------------------------------------------------------------------------------------


def test_a_sale_earns_a_point_for_each_whole_unit_of_goods_after_discounts(office: Store, till: Store) -> None:
    who = member(office)
    office.coupons.create(code="TEN", percent_off=10)
    sold = till.payments.create(items=goods(3499), customer=who, coupon="TEN", tender="cash")
    assert (sold.amount, sold.points_earned, balance(till, who)) == (3149, 31, 31)


def test_points_are_earned_on_goods_whatever_the_tender_and_never_on_vouchers_sold(office: Store, till: Store) -> None:
    who, gift = member(office), office.vouchers.issue(value=2000)
    sold = till.payments.create(items=[{"id": "gift25"}, *goods(1250)], customer=who, voucher=gift.code)
    assert (sold.due, sold.points_earned) == (2500, 12)


def test_a_declined_card_earns_nothing(office: Store, till: Store) -> None:
    who = member(office)
    sold = till.payments.create(items=goods(5000), customer=who, tenders=[{"kind": "card", "number": DECLINED}])
    assert (sold.status, balance(till, who)) == ("declined", 0)


def test_a_points_coupon_and_a_points_voucher_credit_the_member_with_the_sale(office: Store, till: Store) -> None:
    who = member(office)
    office.coupons.create(code="CLUB100", points=100)
    prize = office.vouchers.issue(value=250, kind="points")
    sold = till.payments.create(items=goods(1000), customer=who, coupon="CLUB100", voucher=prize.code)
    assert (sold.due, sold.points_earned, balance(till, who)) == (1000, 360, 360)
    assert office.vouchers.get(prize.code).status == "spent"


def test_points_need_somebody_to_go_to(office: Store, till: Store) -> None:
    office.coupons.create(code="CLUB100", points=100)
    with pytest.raises(CodeRefused) as refused:
        till.payments.create(items=goods(1000), coupon="CLUB100")
    assert refused.value.code == "member_required"


# -- rewards --------------------------------------------------------------------------------------------------------


def test_spend_points_for_a_discount_reward_then_apply_it_to_the_payment(office: Store, till: Store) -> None:
    who = member(office, points=500)
    five = office.rewards.create(name="Five off", points=400, amount_off=500)
    redemption = till.loyalty.redemptions.create(account=who, reward=five.id, idempotency_key="rdm-cart-9f31")
    assert (redemption.status, balance(till, who)) == ("pending", 100)
    sold = till.payments.create(
        items=goods(2999),
        customer=who,
        discounts=[{"redemption": redemption.id}],
        tenders=[{"kind": "card", "number": GOOD}],
    )
    assert (sold.amount, sold.status) == (2499, "captured")
    assert till.loyalty.redemptions.get(redemption.id).status == "applied"


def test_when_the_payment_is_declined_the_redemption_is_released_and_the_points_return(
    office: Store, till: Store
) -> None:
    who = member(office, points=500)
    five = office.rewards.create(name="Five off", points=400, amount_off=500)
    redemption = till.loyalty.redemptions.create(account=who, reward=five.id)
    card = [{"kind": "card", "number": DECLINED}]
    till.payments.create(items=goods(2999), customer=who, discounts=[{"redemption": redemption.id}], tenders=card)
    assert till.loyalty.redemptions.get(redemption.id).status == "released"
    assert balance(till, who) == 500


def test_a_reward_bought_in_the_sale_itself_is_held_with_its_points_until_the_money_is_there(
    office: Store, till: Store
) -> None:
    who = member(office, points=500)
    five = office.rewards.create(name="Five off", points=400, amount_off=500)
    opened = till.payments.open(items=goods(2999), customer=who, reward=five.id, tender="card")
    assert (opened.due, balance(till, who)) == (2499, 100)
    till.payments.cancel(opened.id)
    assert balance(till, who) == 500
    sold = till.payments.create(items=goods(2999), customer=who, reward=five.id)
    assert (sold.discount_amount, balance(till, who)) == (500, 100 + 24)


@pytest.mark.parametrize(
    ("points", "terms", "reason"),
    [
        (300, {"amount_off": 500}, "insufficient_points"),
        (500, {"amount_off": 500, "min_order_value": 5000}, "below_minimum"),
        (500, {"amount_off": 500, "product_ids": ["lamp"]}, "no_eligible_items"),
    ],
)
def test_a_reward_that_does_not_apply_is_refused_and_costs_nothing(
    office: Store, till: Store, points: int, terms: dict[str, object], reason: str
) -> None:
    who = member(office, points=points)
    reward = office.rewards.create(name="Five off", points=400, **terms)  # type: ignore[arg-type]
    with pytest.raises(CodeRefused) as refused:
        till.payments.create(items=goods(2999), customer=who, reward=reward.id)
    assert (refused.value.code, balance(till, who)) == (reason, points)


def test_a_redemption_is_nobody_elses_and_nobodys_twice(office: Store, till: Store) -> None:
    who, other = member(office, points=500), member(office)
    five = office.rewards.create(name="Five off", points=400, amount_off=500)
    redemption = till.loyalty.redemptions.create(account=who, reward=five.id)
    claim = [{"redemption": redemption.id}]
    with pytest.raises(CodeRefused) as refused:
        till.payments.create(items=goods(2999), customer=other, discounts=claim)
    assert refused.value.code == "not_eligible"
    till.payments.create(items=goods(2999), customer=who, discounts=claim)
    with pytest.raises(CodeRefused) as refused:
        till.payments.create(items=goods(2999), customer=who, discounts=claim)
    assert refused.value.code == "limit_reached"


def test_the_code_of_a_redeemed_reward_is_scanned_like_any_other(office: Store, till: Store) -> None:
    who = member(office, points=500)
    five = office.rewards.create(name="Five off", points=400, amount_off=500)
    discount = till.loyalty.redemptions.create(account=who, reward=five.id).discount
    assert discount is not None
    assert discount.code is not None
    sold = till.payments.create(basket=Basket((Item(None, 1, 2999, "Goods"),), (discount.code,), who))
    assert sold.amount == 2499


def test_a_coupon_may_give_a_reward(office: Store, till: Store) -> None:
    who = member(office)
    tote = office.rewards.create(name="Tote bag", points=900, item=True, stock=1)
    office.coupons.create(code="TOTE", reward=tote.id)
    sold = till.payments.create(items=goods(1000), customer=who, coupon="TOTE")
    assert {used.kind for used in sold.redemptions} == {"coupon", "reward"}
    assert office.rewards.get(tote.id).stock == 0
    with pytest.raises(CodeRefused) as refused:
        till.payments.create(items=goods(1000), customer=who, coupon="TOTE")
    assert refused.value.code == "reward_unavailable"


def test_a_reward_that_a_coupon_or_an_offer_gives_is_for_what_it_is_for(office: Store, till: Store) -> None:
    who, terms = member(office), {"categories": ["food"], "min_order_value": 2000}
    tenth = office.rewards.create(name="A tenth off food", points=50, percent_off=10, **terms)  # type: ignore[arg-type]
    office.coupons.create(code="TENTH", reward=tenth.id, excluded_product_ids=["cup"])
    lamp, tea = {"id": "lamp"}, {"id": "tea"}
    check = till.coupons.validate("TENTH", items=[tea, {"id": "cup"}])
    assert (check.reason, check.details[1].figure) == ("below_minimum", 500)
    assert till.coupons.validate("TENTH", items=[lamp, {"id": "cup"}]).reason == "no_eligible_items"
    assert till.payments.create(items=[lamp, tea], coupon="TENTH").discount_amount == 100
    offer(office, incentive={"type": "gift_reward", "reward": tenth.id}, activation="auto")
    sold = [till.payments.create(items=items, customer=who).discount_amount for items in ([tea], [lamp], [lamp, tea])]
    assert sold == [0, 0, 100]


# -- offers ---------------------------------------------------------------------------------------------------------


def test_minimum_then_offer_then_coupon(office: Store, till: Store) -> None:
    who = member(office)
    offer(office, incentive={"type": "percentage_discount", "percent": 20})
    office.coupons.create(code="SPRING15", percent_off=15, min_order_value=5000)
    sold = till.payments.create(items=goods(5500), customer=who, coupon="SPRING15")
    assert ([used.amount for used in sold.redemptions], sold.due) == ([1100, 660], 3740)


def test_of_two_discount_offers_the_better_one_applies_and_only_that_is_used(office: Store, till: Store) -> None:
    who = member(office)
    capped = offer(office, incentive={"type": "percentage_discount", "percent": 50, "max_discount": 300})
    tenth = offer(office, incentive={"type": "percentage_discount", "percent": 10})
    till.payments.create(items=goods(5000), customer=who)
    assert [office.offers.get(one).times_redeemed for one in (capped, tenth)] == [0, 1]


def test_a_multiplier_adds_its_extra_points_as_a_row_of_its_own(office: Store, till: Store) -> None:
    who = member(office)
    offer(office, incentive={"type": "points_multiplier", "multiplier": 1.5})
    sold = till.payments.create(items=goods(8500), customer=who)
    assert sold.points_earned == 127
    rows = office.members.points(who).data
    assert sorted((row.kind, row.amount) for row in rows) == [("earned", 85), ("multiplied", 42)]
    (told,) = office.events.list(type="loyalty.offer.redeemed").data
    assert told.data["points_transaction"] == next(row.id for row in rows if row.kind == "multiplied")


def test_a_gift_takes_one_of_stock_and_with_none_left_uses_nothing(office: Store, till: Store) -> None:
    first, second = member(office), member(office)
    tote = office.rewards.create(name="Tote bag", points=900, item=True, stock=1)
    gift = offer(office, incentive={"type": "gift_reward", "reward": tote.id}, activation="auto")
    till.payments.create(items=goods(1000), customer=first)
    sold = till.payments.create(items=goods(1000), customer=second)
    assert sold.redemptions == ()
    assert (office.offers.get(gift).times_redeemed, office.rewards.get(tote.id).stock) == (1, 0)


def test_eligibility_is_judged_on_the_state_before_this_sale(office: Store, till: Store) -> None:
    who = member(office)
    offer(
        office,
        incentive={"type": "points_multiplier", "multiplier": 2},
        targeting={"min_balance": 10},
        per_member_limit=None,
    )
    assert till.payments.create(items=goods(1000), customer=who).points_earned == 10
    assert till.payments.create(items=goods(1000), customer=who).points_earned == 20


def test_an_opt_in_offer_applies_once_it_is_activated(office: Store, till: Store) -> None:
    who = member(office)
    deal = offer(office, incentive={"type": "percentage_discount", "percent": 10}, activation="opt_in")
    assert till.payments.create(items=goods(1000), customer=who).discount_amount == 0
    till.offers.activate(offer=deal, account=who)
    assert till.payments.create(items=goods(1000), customer=who).discount_amount == 100
    assert till.payments.create(items=goods(1000), customer=who).discount_amount == 0, "once per member"


def test_a_pending_payment_holds_the_offers_last_slot(office: Store, till: Store) -> None:
    first, second = member(office), member(office)
    deal = offer(office, incentive={"type": "percentage_discount", "percent": 10}, max_redemptions=1)
    opened = till.payments.open(items=goods(1000), customer=first, tender="card")
    assert till.payments.create(items=goods(1000), customer=second).discount_amount == 0
    till.payments.cancel(opened.id)
    assert till.payments.create(items=goods(1000), customer=second).discount_amount == 100
    assert office.offers.get(deal).status == "expired"


# -- durations and campaigns ----------------------------------------------------------------------------------------


def test_once_is_one_purchase_a_member(office: Store, till: Store) -> None:
    who = member(office)
    office.coupons.create(code="HELLO", amount_off=100, duration="once")
    assert till.coupons.validate("HELLO", order_amount=1000).reason == "member_required"
    till.payments.create(items=goods(1000), customer=who, coupon="HELLO")
    assert till.coupons.validate("HELLO", customer=who, order_amount=1000).reason == "customer_limit"


def test_repeating_is_any_purchase_within_so_many_months_of_the_first(
    office: Store, till: Store, clock: FixedClock
) -> None:
    who = member(office)
    office.coupons.create(code="QUARTER", amount_off=100, duration="repeating", duration_in_months=3)
    till.payments.create(items=goods(1000), customer=who, coupon="QUARTER")
    clock.at += 60 * 86_400
    assert till.coupons.validate("QUARTER", customer=who, order_amount=1000).valid
    clock.at += 60 * 86_400
    assert till.coupons.validate("QUARTER", customer=who, order_amount=1000).reason == "customer_limit"


def test_a_campaign_stops_its_codes_when_its_budget_is_spent(office: Store, till: Store) -> None:
    spring = office.campaigns.create(name="Spring", budget=250)
    office.coupons.create(code="TEN", percent_off=10, campaign=spring.id)
    for _ in range(2):
        till.payments.create(items=goods(1000), coupon="TEN")
    with pytest.raises(CodeRefused) as refused:
        till.payments.create(items=goods(1000), coupon="TEN")
    assert refused.value.code == "limit_reached"
    assert till.payments.create(items=goods(500), coupon="TEN").discount_amount == 50


def test_held_discounts_count_against_the_budget_until_they_are_released(office: Store, till: Store) -> None:
    spring = office.campaigns.create(name="Spring", budget=100)
    office.coupons.create(code="TEN", percent_off=10, campaign=spring.id)
    opened = till.payments.open(items=goods(1000), coupon="TEN", tender="card")
    assert till.coupons.validate("TEN", order_amount=1000).reason == "limit_reached"
    till.payments.cancel(opened.id)
    assert till.coupons.validate("TEN", order_amount=1000).valid


# -- advice and the trace -------------------------------------------------------------------------------------------


def test_advice_finds_the_best_of_offers_coupons_and_rewards(office: Store, till: Store) -> None:
    who = member(office, points=500)
    deal = offer(office, incentive={"type": "percentage_discount", "percent": 20}, activation="opt_in")
    office.coupons.create(code="TENOFF", amount_off=1000)
    office.coupons.create(code="FIFTEEN", percent_off=15)
    five = office.rewards.create(name="Five off", points=400, amount_off=500)
    basket = Basket((Item(None, 1, 10_000, "Goods"),), (), who)
    advice = till.advise(basket, codes=["TENOFF", "FIFTEEN", "UNKNOWN"])
    assert [(step.kind, step.amount) for step in advice.steps] == [
        ("activate", 2000),
        ("coupon", 1200),
        ("reward", 500),
    ]
    assert (advice.saves, advice.activate, advice.basket.reward) == (3700, (deal,), five.id)
    till.offers.activate(offer=deal, account=who)
    assert till.payments.create(basket=advice.basket, expected_due=advice.quote.due).due == 6300


def test_advice_writes_nothing_and_says_so_when_there_is_nothing_to_save(office: Store, till: Store) -> None:
    who, events = member(office), office.events.list().total
    advice = till.advise(Basket((Item(None, 1, 1000, "Goods"),), (), who))
    assert (advice.steps, advice.saves) == ((), 0)
    assert office.events.list().total == events + 0


def test_a_quote_tells_how_it_came_about(office: Store, till: Store) -> None:
    who = member(office)
    offer(office, incentive={"type": "points_multiplier", "multiplier": 1.5})
    office.coupons.create(code="SPRING15", percent_off=15)
    quote = till.quote(Basket((Item(None, 1, 3350, "Goods"),), ("SPRING15",), who))
    assert till.explain(quote) == (
        "The goods come to 33.50.",
        "SPRING15: 15% of 33.50 is 5.03 off, rounded half up; 28.47 is left.",
        "28.47 earns 28 points, rounded down.",
        "Offer counts them 1.5 times: 14 points more, 42 in all.",
    )


def test_what_is_refused_inside_the_transaction_leaves_nothing(office: Store, till: Store) -> None:
    who = member(office, points=100)
    reward = office.rewards.create(name="Five off", points=400, amount_off=500)
    before = office.events.list().total
    with pytest.raises(PosError):
        till.payments.create(items=goods(1000), customer=who, reward=reward.id, idempotency_key="k")
    assert office.events.list().total == before
