"""What the shop at random has found, each as small as it gets."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.errors import InvalidInput
from tests.engine.shop import TEA

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import FixedClock


def test_a_sale_under_way_holds_the_points_of_a_voucher(till: Store, office: Store) -> None:
    mira = office.members.create(name="Mira").id
    voucher = office.vouchers.issue(kind="points", value=300)
    opened = till.payments.open(items=[{"id": TEA}], customer=mira, vouchers=[voucher.code], tender="card")
    assert (office.vouchers.get(voucher.id).held, office.audit()) == (300, [])
    till.payments.cancel(opened.id)
    assert office.vouchers.get(voucher.id).held == 0


def test_points_put_on_a_voucher_beside_a_hold_can_be_redeemed_at_once(till: Store, office: Store) -> None:
    mira = office.members.create(name="Mira").id
    voucher = office.vouchers.issue(kind="points", value=300)
    opened = till.payments.open(items=[{"id": TEA}], customer=mira, vouchers=[voucher.code], tender="card")
    office.vouchers.adjust(voucher.id, amount=50, reason="too little")
    assert office.vouchers.redeem(voucher.code, customer=mira).points == 50
    till.payments.cancel(opened.id)
    assert office.vouchers.redeem(voucher.code, customer=mira).points == 300
    assert office.members.get(mira).points == 350


def test_a_reward_may_have_been_claimed_before_the_sale_that_it_is_used_on(
    till: Store, office: Store, clock: FixedClock
) -> None:
    mira = office.members.create(name="Mira").id
    office.members.adjust(mira, points=300, reason="welcome")
    five = office.rewards.create(name="Five off", points=300, amount_off=500)
    claim = till.loyalty.redemptions.create(account=mira, reward=five.id)
    clock.at += 60
    till.payments.create(items=[{"id": TEA}], customer=mira, discounts=[{"redemption": claim.id}])
    assert office.audit() == []


def test_what_was_refused_before_is_never_in_the_way_when_it_is_forgotten(till: Store, office: Store) -> None:
    """A refusal's traceback holds its transaction; SQLite's driver once broke the next one when that was collected."""
    mira = office.members.create(name="Mira").id
    double = office.offers.create(name="Double", incentive={"type": "points_multiplier", "multiplier": 2}).id
    thresholds, kept = gc.get_threshold(), []
    gc.set_threshold(50, 5, 5)
    try:
        for number in range(2000):
            with pytest.raises(InvalidInput) as refused:
                till.offers.activate(offer=double, account=mira)
            refused.value.again = refused.value  # type: ignore[attr-defined] # a cycle, which only the collector takes apart
            kept.append(refused.value)
            if number % 7 == 0:
                kept.clear()
    finally:
        gc.set_threshold(*thresholds)


def test_advice_leads_to_a_basket_that_can_be_sold(till: Store, office: Store) -> None:
    """Of two credits in hand the first pays for all: the second has nothing left to pay, and is not advised."""
    mira = office.members.create(name="Mira").id
    for _ in range(2):
        office.vouchers.issue(value=2000, customer=mira)
    advice = till.advise(Basket((Item(TEA),), member=mira))
    assert [step.kind for step in advice.steps] == ["voucher"]
    assert till.payments.create(basket=advice.basket).due == advice.quote.due == 0


def test_a_refund_as_credit_is_for_the_member_who_lives_on(till: Store, office: Store) -> None:
    mira, twin = (office.members.create(name="Mira").id for _ in range(2))
    paid = till.payments.create(items=[{"id": TEA}], customer=twin)
    office.members.merge(keep=mira, duplicate=twin)
    (credit,) = office.payments.refund(paid.id, as_credit=True).vouchers_given
    assert credit.customer == mira
