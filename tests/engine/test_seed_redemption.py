"""redemption.txt, example by example, in its order, with its names and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.engine.quoting.refusals import CodeRefused
from posconsole.engine.sale.salerows import HOLD
from posconsole.errors import NotAllowed

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import FixedClock
    from posconsole.engine.club.rewardviews import RewardRedemptionView
    from posconsole.engine.quoting.found import MemberView
    from posconsole.engine.views import PaymentView

APPROVES = [{"kind": "card", "number": "4242 4242 4242 4242"}]
DECLINES = [{"kind": "card", "number": "4000 0000 0000 0002"}]
SHIPPING = {
    "name": "Mira Olsen",
    "line1": "Storgata 12",
    "city": "Oslo",
    "postalCode": "0155",
    "country": "NO",
}


@pytest.fixture
def mira(office: Store) -> MemberView:
    """Enrol the document's member, `loy_8sd2k1` and `cust_abc123`, with 500 points."""
    member = office.members.create(name="Mira Olsen")
    return office.members.adjust(member.id, points=500, reason="welcome")


@pytest.fixture
def rwd_fivecredit(office: Store) -> str:
    """Offer EUR 5.00 off for 400 points."""
    return office.rewards.create(name="EUR 5.00 off", points=400, amount_off=500).id


@pytest.fixture
def rwd_totebag(office: Store) -> str:
    """Offer a tote bag for 300 points, sent; there are two."""
    return office.rewards.create(name="Tote bag", points=300, item=True, stock=2, shipping=True).id


@pytest.fixture
def redemption(office: Store, mira: MemberView, rwd_fivecredit: str) -> RewardRedemptionView:
    return office.loyalty.redemptions.create(
        account=mira.account, reward=rwd_fivecredit, idempotency_key="rdm-cart-9f31"
    )


def checkout(store: Store, redemption: RewardRedemptionView, tenders: list[dict[str, Any]]) -> PaymentView:
    """Pay for EUR 29.99 with the redemption's discount."""
    assert redemption.customer is not None
    return store.payments.create(
        amount=2999,
        currency="EUR",
        customer=redemption.customer,
        discounts=[{"redemption": redemption.id}],
        tenders=tenders,
    )


def points(store: Store, member: MemberView) -> int:
    return store.members.get(member.id).points


def status(store: Store, redemption: RewardRedemptionView) -> str:
    return store.loyalty.redemptions.get(redemption.id).status


def events(store: Store, subject: str) -> list[str]:
    """Return what happened to something, in order."""
    return [event.type for event in store.events.list(subject=subject).data]


# == the redemption flow ======================================================================================


def test_a_redemption_ties_an_account_to_a_reward_and_records_its_points(
    till: Store, mira: MemberView, redemption: RewardRedemptionView
) -> None:
    assert redemption.id.startswith("rdm_")
    assert (redemption.account, redemption.points) == (mira.account, 400)
    ptx = till.members.points(mira.id).data[0]
    assert (ptx.id[:4], ptx.kind, ptx.amount, ptx.cause) == ("ptx_", "redeemed", -400, redemption.id)


def test_check_the_balance(till: Store, mira: MemberView) -> None:
    for cost in (500, 501):
        till.rewards.create(name=f"{cost} points", points=cost, amount_off=500)
    assert [reward.points for reward in till.rewards.list(affordable=points(till, mira)).data] == [500]


def test_a_redemption_produces_a_discount_a_fulfillment_line_or_a_credit_grant(till: Store, mira: MemberView) -> None:
    for terms in ({"amount_off": 500}, {"item": True}, {"credit_value": 500}):
        reward = till.rewards.create(name="Reward", points=100, **terms)
        made = till.loyalty.redemptions.create(account=mira.account, reward=reward.id)
        artifacts = {"amount_off": made.discount, "item": made.fulfillment, "credit_value": made.voucher}
        assert [name for name, artifact in artifacts.items() if artifact is not None] == list(terms)
    assert points(till, mira) == 200


# == redeeming for a discount =================================================================================


def test_spend_points_for_a_discount_reward(till: Store, mira: MemberView, redemption: RewardRedemptionView) -> None:
    discount = redemption.discount
    assert discount is not None
    assert (discount.amount, discount.currency) == (500, "EUR")
    assert discount.code is not None
    assert discount.code.startswith("RWD-")  # VINR-9F31 in the document
    assert (redemption.status, points(till, mira)) == ("pending", 100)


def test_apply_the_discount_when_you_create_the_payment(till: Store, redemption: RewardRedemptionView) -> None:
    payment = checkout(till, redemption, APPROVES)
    assert (payment.amount, payment.status) == (2499, "captured")
    linked = till.loyalty.redemptions.get(redemption.id)
    assert (linked.status, linked.payment) == ("applied", payment.id)
    assert events(till, redemption.id) == ["loyalty.redemption.created", "loyalty.redemption.applied"]


def test_a_retry_debits_the_member_once_and_returns_the_same_redemption(
    till: Store, mira: MemberView, redemption: RewardRedemptionView
) -> None:
    again = till.loyalty.redemptions.create(
        account=mira.account, reward=redemption.reward, idempotency_key="rdm-cart-9f31"
    )
    assert (again, points(till, mira)) == (redemption, 100)


@pytest.mark.parametrize("end", ["canceled", "expired"])
def test_if_the_payment_is_canceled_or_expires_the_points_return(
    till: Store, clock: FixedClock, mira: MemberView, redemption: RewardRedemptionView, end: str
) -> None:
    payment = till.payments.open(
        amount=2999, customer=mira.id, discounts=[{"redemption": redemption.id}], tender="card"
    )
    assert (payment.due, status(till, redemption), points(till, mira)) == (2499, "pending", 100)
    if end == "canceled":
        till.payments.cancel(payment.id)
    else:
        clock.at += HOLD + 1
        till.payments.recover()
    assert till.payments.get(payment.id).status == end
    assert (status(till, redemption), points(till, mira)) == ("released", 500)
    assert events(till, redemption.id)[-1] == "loyalty.redemption.released"


# == redeeming for an item ====================================================================================


def test_redeem_for_an_item_and_fulfill_it(till: Store, mira: MemberView, rwd_totebag: str) -> None:
    redemption = till.loyalty.redemptions.create(account=mira.account, reward=rwd_totebag, shipping=SHIPPING)
    assert (redemption.status, redemption.discount, points(till, mira)) == ("fulfillment_pending", None, 200)
    assert redemption.fulfillment is not None
    assert redemption.fulfillment.shipping == SHIPPING
    fulfilled = till.loyalty.redemptions.fulfill(redemption.id, tracking="NO123")
    assert fulfilled.fulfillment is not None
    assert (fulfilled.status, fulfilled.fulfillment.tracking) == ("fulfilled", "NO123")
    assert events(till, redemption.id) == ["loyalty.redemption.created", "loyalty.redemption.fulfilled"]


# == reversals and clawbacks ==================================================================================


def test_a_member_returns_the_item(till: Store, mira: MemberView, rwd_totebag: str) -> None:
    rdm_3kd9 = till.loyalty.redemptions.create(account=mira.account, reward=rwd_totebag, shipping=SHIPPING)
    till.loyalty.redemptions.fulfill(rdm_3kd9.id, tracking="NO123")
    reversed_ = till.loyalty.redemptions.reverse(rdm_3kd9.id, reason="item_returned")
    assert (reversed_.status, points(till, mira)) == ("reversed", 500)
    ptx = till.members.points(mira.id).data[0]
    assert (ptx.kind, ptx.amount, ptx.cause) == ("returned", 300, rdm_3kd9.id)
    (event,) = till.events.list(type="loyalty.redemption.reversed").data
    assert (event.subject, event.data["reason"]) == (rdm_3kd9.id, "item_returned")


def test_a_discount_applied_in_error_is_reversed_before_the_payment(
    till: Store, mira: MemberView, redemption: RewardRedemptionView
) -> None:
    till.loyalty.redemptions.reverse(redemption.id, reason="applied_in_error")
    assert (status(till, redemption), points(till, mira)) == ("reversed", 500)
    with pytest.raises(CodeRefused) as refused:
        checkout(till, redemption, APPROVES)
    assert refused.value.code == "limit_reached"


def test_a_completed_payment_is_not_undiscounted_but_refunded(
    till: Store, mira: MemberView, redemption: RewardRedemptionView
) -> None:
    payment = checkout(till, redemption, APPROVES)
    with pytest.raises(NotAllowed) as refused:
        till.loyalty.redemptions.reverse(redemption.id, reason="applied_in_error")
    assert refused.value.code == "already_applied"
    assert (till.payments.refund(payment.id).amount, points(till, mira)) == (2499, 500)
    assert status(till, redemption) == "reversed"


def test_a_clawback_takes_back_what_the_purchase_earned_and_leaves_the_redemption(
    till: Store, mira: MemberView, redemption: RewardRedemptionView
) -> None:
    payment = till.payments.create(amount=2999, customer=mira.id)
    assert points(till, mira) == 129
    till.payments.refund(payment.id)
    assert (points(till, mira), status(till, redemption)) == (100, "pending")
    assert till.members.points(mira.id).data[0].kind == "clawed_back"


# == failure handling =========================================================================================


def test_a_balance_is_never_overspent(till: Store, mira: MemberView, redemption: RewardRedemptionView) -> None:
    with pytest.raises(NotAllowed) as refused:
        till.loyalty.redemptions.create(account=mira.account, reward=redemption.reward)
    assert (refused.value.code, points(till, mira)) == ("insufficient_points", 100)
    assert till.loyalty.redemptions.list(account=mira.account).data == (redemption,)


def test_a_reward_is_never_issued_twice(till: Store, mira: MemberView, redemption: RewardRedemptionView) -> None:
    checkout(till, redemption, APPROVES)
    with pytest.raises(CodeRefused) as refused:
        checkout(till, redemption, APPROVES)
    assert (refused.value.code, points(till, mira)) == ("limit_reached", 124)


def test_the_full_loop_with_the_card_that_is_declined(
    till: Store, mira: MemberView, redemption: RewardRedemptionView
) -> None:
    assert checkout(till, redemption, DECLINES).status == "declined"
    assert (status(till, redemption), points(till, mira)) == ("released", 500)
    assert events(till, redemption.id) == ["loyalty.redemption.created", "loyalty.redemption.released"]
