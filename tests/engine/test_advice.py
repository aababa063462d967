"""Advice to a member who doesn't want all of it: the best is found among the rest, and it can be had as priced."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from posconsole.engine.quoting.rung import Basket, Item

if TYPE_CHECKING:
    from posconsole import Store


def test_whatever_is_left_out_the_rest_is_the_best_and_can_be_had(office: Store, till: Store) -> None:
    who = office.members.create(name="Mira Olsen").id
    office.members.adjust(who, points=500, reason="welcome")
    made = office.offers.create(
        name="A fifth off", incentive={"type": "percentage_discount", "percent": 20}, activation="opt_in"
    )
    offer = office.offers.publish(made.id).id
    coupon = office.coupons.create(code="TENOFF", amount_off=1000).id
    five = office.rewards.create(name="Five off", points=400, amount_off=500).id
    tenth = office.rewards.create(name="A tenth off", points=300, percent_off=1).id
    held = office.vouchers.issue(value=700, customer=who).id
    basket = Basket((Item(None, 1, 10_000, "Goods"),), ("TENOFF",), who)

    unwanted = [offer, coupon, five, tenth, held]
    for without in [chosen for many in range(6) for chosen in combinations(unwanted, many)]:
        advice = till.advise(basket, without=without)
        steps = {step.id for step in advice.steps}
        assert steps.isdisjoint(without)
        assert (five in steps, tenth in steps) == (five not in without, five in without and tenth not in without)
        assert {offer, coupon, held} - steps == {offer, coupon, held} & set(without)
        if not advice.activate:
            assert till.quote(advice.basket).due == advice.quote.due
    assert till.advise(basket).quote.due == 10_000 - 2000 - 1000 - 500 - 700
