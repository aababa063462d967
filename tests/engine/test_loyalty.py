"""Redemption: members spend points for rewards. Told as in seeds/redemption.txt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole.engine.sale.salerows import HOLD
from posconsole.errors import IdempotencyConflict, InvalidInput, NotAllowed, NotFound
from tests.engine.rawfile import unguarded
from tests.engine.shop import BASKET, goods

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole import Store
    from posconsole.clock import FixedClock
    from posconsole.engine.quoting.found import MemberView
    from posconsole.engine.views import PaymentView

OSLO = {"name": "Mira Olsen", "line1": "Storgata 12", "city": "Oslo", "postalCode": "0155", "country": "NO"}


@pytest.fixture
def mira(office: Store) -> MemberView:
    """Enrol Mira with 500 points."""
    member = office.members.create(name="Mira Olsen", phone="0151 234567")
    return office.members.adjust(member.id, points=500, reason="welcome")


def points(store: Store, member: MemberView) -> int:
    return store.members.get(member.id).points


def events(store: Store, subject: str) -> list[str]:
    """Return what happened to something, in order."""
    return [event.type for event in store.events.list(subject=subject).data]


def five_off(store: Store, member: MemberView) -> str:
    """Spend 400 points for 5.00 off; return the redemption."""
    reward = store.rewards.create(name="EUR 5 off", points=400, amount_off=500)
    return store.loyalty.redemptions.create(account=member.account, reward=reward.id).id


def pay(store: Store, member: MemberView, number: str) -> tuple[PaymentView, str]:
    """Pay 29.99 with a card and a discount reward; return the payment and the redemption."""
    redemption = five_off(store, member)
    card = [{"kind": "card", "number": number}]
    discounts = [{"redemption": redemption}]
    return store.payments.create(items=goods(2999), customer=member.id, discounts=discounts, tenders=card), redemption


# -- redeeming for a discount ---------------------------------------------------------------------------------


def test_points_buy_a_discount_that_waits_for_its_payment(till: Store, mira: MemberView) -> None:
    reward = till.rewards.create(name="EUR 5 off", points=400, amount_off=500)
    redemption = till.loyalty.redemptions.create(
        account=mira.account, reward=reward.id, idempotency_key="rdm-cart-9f31"
    )
    assert redemption.discount is not None
    assert (redemption.discount.amount, redemption.discount.currency) == (500, "EUR")
    assert str(redemption.discount.code).startswith("RWD-")
    assert (redemption.status, redemption.points, points(till, mira)) == ("pending", 400, 100)
    assert (redemption.voucher, redemption.fulfillment) == (None, None)
    assert events(till, redemption.id) == ["loyalty.redemption.created"]


def test_the_same_key_takes_the_points_once(till: Store, mira: MemberView) -> None:
    reward = till.rewards.create(name="EUR 5 off", points=400, amount_off=500)
    first = till.loyalty.redemptions.create(account=mira.account, reward=reward.id, idempotency_key="cart")
    assert till.loyalty.redemptions.create(account=mira.account, reward=reward.id, idempotency_key="cart") == first
    assert points(till, mira) == 100
    other = till.rewards.create(name="EUR 1 off", points=100, amount_off=100)
    with pytest.raises(IdempotencyConflict):
        till.loyalty.redemptions.create(account=mira.account, reward=other.id, idempotency_key="cart")


def test_paying_with_4242_applies_the_redemption_for_good(till: Store, mira: MemberView) -> None:
    paid, redemption = pay(till, mira, "4242 4242 4242 4242")
    assert (paid.status, paid.due) == ("captured", 2499)
    applied = till.loyalty.redemptions.get(redemption)
    assert (applied.status, applied.payment) == ("applied", paid.id)
    assert events(till, redemption) == ["loyalty.redemption.created", "loyalty.redemption.applied"]
    with pytest.raises(NotAllowed) as refusal:
        till.loyalty.redemptions.reverse(redemption, reason="applied in error")
    assert refusal.value.code == "already_applied"


def test_paying_with_0002_is_declined_and_the_points_return(till: Store, mira: MemberView) -> None:
    paid, redemption = pay(till, mira, "4000 0000 0000 0002")
    assert (paid.status, till.loyalty.redemptions.get(redemption).status) == ("declined", "released")
    assert points(till, mira) == 500
    assert events(till, redemption) == ["loyalty.redemption.created", "loyalty.redemption.released"]


@pytest.mark.parametrize("ends", ["canceled", "expired"])
def test_while_its_payment_is_open_a_discount_is_held_and_then_released(
    till: Store, mira: MemberView, clock: FixedClock, ends: str
) -> None:
    redemption = five_off(till, mira)
    held = till.payments.open(
        items=goods(2999), customer=mira.id, discounts=[{"redemption": redemption}], tender="card"
    )
    with pytest.raises(NotAllowed, match="right now"):
        till.loyalty.redemptions.reverse(redemption, reason="changed their mind")
    if ends == "canceled":
        till.payments.cancel(held.id)
    else:
        clock.at += HOLD + 1
        till.payments.recover()
    assert till.payments.get(held.id).status == ends
    assert till.loyalty.redemptions.get(redemption).status == "released"
    assert points(till, mira) == 500


# -- redeeming for an item ------------------------------------------------------------------------------------


def test_an_item_is_sent_and_tracked(till: Store, mira: MemberView) -> None:
    tote = till.rewards.create(name="Tote bag", points=300, item=True, stock=2, shipping=True)
    redemption = till.loyalty.redemptions.create(account=mira.account, reward=tote.id, shipping=OSLO)
    assert redemption.status == "fulfillment_pending"
    assert redemption.fulfillment is not None
    assert redemption.fulfillment.shipping == OSLO
    assert (points(till, mira), till.rewards.get(tote.id).stock) == (200, 1)
    sent = till.loyalty.redemptions.fulfill(redemption.id, tracking="NO123")
    assert sent.fulfillment is not None
    assert (sent.status, sent.fulfillment.tracking) == ("fulfilled", "NO123")
    with pytest.raises(NotAllowed):
        till.loyalty.redemptions.fulfill(redemption.id, tracking="NO456")
    assert events(till, redemption.id) == ["loyalty.redemption.created", "loyalty.redemption.fulfilled"]


def test_an_item_is_handed_over_at_the_till(till: Store, mira: MemberView) -> None:
    mug = till.rewards.create(name="Mug", points=300, item=True)
    redemption = till.loyalty.redemptions.create(account=mira.id, reward=mug.id)
    assert till.loyalty.redemptions.fulfill(redemption.id).status == "fulfilled"


def test_only_what_is_sent_has_an_address_and_then_a_whole_one(till: Store, mira: MemberView) -> None:
    tote = till.rewards.create(name="Tote bag", points=300, item=True, shipping=True)
    mug = till.rewards.create(name="Mug", points=300, item=True)
    city = {name: line for name, line in OSLO.items() if name != "city"}
    refused = [
        (tote.id, None),
        (mug.id, OSLO),
        (tote.id, city),
        (tote.id, OSLO | {"planet": "Earth"}),
        (tote.id, "Oslo"),
    ]
    for reward, address in refused:
        with pytest.raises(InvalidInput) as refusal:
            till.loyalty.redemptions.create(account=mira.id, reward=reward, shipping=address)  # type: ignore[arg-type]
        assert str(refusal.value.field).startswith("shipping")
    assert points(till, mira) == 500


# -- redeeming for credit -------------------------------------------------------------------------------------


def test_credit_is_a_voucher_at_once(till: Store, mira: MemberView) -> None:
    ten = till.rewards.create(name="EUR 10", points=500, credit_value=1000)
    redemption = till.loyalty.redemptions.create(account=mira.account, reward=ten.id)
    assert redemption.voucher is not None
    credit = till.vouchers.get(redemption.voucher.code)
    assert (redemption.status, credit.balance, credit.status) == ("applied", 1000, "active")
    assert events(till, redemption.id) == ["loyalty.redemption.created", "loyalty.redemption.applied"]
    assert till.payments.create(items=BASKET, vouchers=[credit.code]).due == 2499


# -- reversals ------------------------------------------------------------------------------------------------


def test_a_discount_that_waits_is_reversed_with_its_points(till: Store, mira: MemberView) -> None:
    reward = till.rewards.create(name="EUR 5 off", points=400, amount_off=500)
    redemption = till.loyalty.redemptions.create(account=mira.account, reward=reward.id)
    assert till.loyalty.redemptions.reverse(redemption.id, reason="applied in error").status == "reversed"
    assert points(till, mira) == 500
    with pytest.raises(NotAllowed):
        till.loyalty.redemptions.reverse(redemption.id, reason="again")
    assert points(till, mira) == 500
    assert events(till, redemption.id)[-1] == "loyalty.redemption.reversed"


@pytest.mark.parametrize(("fulfilled", "stock"), [(False, 1), (True, 0)], ids=["before", "after"])
def test_an_item_goes_back_into_stock_unless_it_was_handed_over(
    till: Store, mira: MemberView, fulfilled: bool, stock: int
) -> None:
    tote = till.rewards.create(name="Tote bag", points=300, item=True, stock=1)
    redemption = till.loyalty.redemptions.create(account=mira.account, reward=tote.id)
    if fulfilled:
        till.loyalty.redemptions.fulfill(redemption.id)
    till.loyalty.redemptions.reverse(redemption.id, reason="item_returned")
    assert (points(till, mira), till.rewards.get(tote.id).stock) == (500, stock)
    with pytest.raises(NotAllowed):
        till.loyalty.redemptions.fulfill(redemption.id)


def test_unspent_credit_is_void_and_spent_credit_stays(till: Store, mira: MemberView) -> None:
    five = till.rewards.create(name="EUR 5", points=250, credit_value=500)
    kept, spent = (till.loyalty.redemptions.create(account=mira.account, reward=five.id) for _ in range(2))
    assert kept.voucher is not None
    assert spent.voucher is not None
    till.payments.create(items=BASKET, vouchers=[spent.voucher.code])
    till.loyalty.redemptions.reverse(kept.id, reason="changed their mind")
    assert till.vouchers.get(kept.voucher.code).status == "void"
    with pytest.raises(NotAllowed) as refusal:
        till.loyalty.redemptions.reverse(spent.id, reason="changed their mind")
    assert refusal.value.code == "already_applied"
    assert points(till, mira) == 250


def test_credit_that_was_spent_stays_whatever_a_manager_put_on_it_since(till: Store, mira: MemberView) -> None:
    five = till.rewards.create(name="EUR 5 credit", points=100, credit_value=500)
    spent, whole = (till.loyalty.redemptions.create(account=mira.account, reward=five.id) for _ in range(2))
    assert spent.voucher
    assert whole.voucher
    till.payments.create(items=goods(300), voucher=spent.voucher.code)
    till.vouchers.adjust(spent.voucher.id, amount=300, reason="sorry")
    with pytest.raises(NotAllowed, match="spent"):
        till.loyalty.redemptions.reverse(spent.id, reason="item_returned")
    till.vouchers.adjust(whole.voucher.id, amount=-300, reason="a slip")
    assert till.loyalty.redemptions.reverse(whole.id, reason="item_returned").status == "reversed"


def test_credit_that_a_sale_is_being_paid_with_cannot_be_reversed(till: Store, mira: MemberView) -> None:
    five = till.rewards.create(name="EUR 5", points=250, credit_value=500)
    redemption = till.loyalty.redemptions.create(account=mira.account, reward=five.id)
    assert redemption.voucher is not None
    till.payments.open(items=BASKET, vouchers=[redemption.voucher.code], tender="terminal")
    with pytest.raises(NotAllowed, match="right now"):
        till.loyalty.redemptions.reverse(redemption.id, reason="changed their mind")


def test_a_clawback_differs_from_a_reversal(till: Store, mira: MemberView) -> None:
    """What is refunded here is the purchase that earned points, and not the one on which some were spent."""
    earned = till.payments.create(items=goods(20_000), customer=mira.id)
    mug = till.rewards.create(name="Mug", points=650, item=True, stock=1)
    redemption = till.loyalty.redemptions.create(account=mira.id, reward=mug.id)
    till.payments.refund(earned.id)
    owes = till.members.get(mira.id)
    assert (owes.points, owes.points_debt) == (0, 150)
    assert till.loyalty.redemptions.get(redemption.id).status == "fulfillment_pending"
    till.loyalty.redemptions.reverse(redemption.id, reason="item_returned")
    assert (points(till, mira), till.rewards.get(mug.id).stock) == (500, 1)


# -- failure handling -----------------------------------------------------------------------------------------


def test_a_reward_that_cannot_be_had_costs_nothing(till: Store, mira: MemberView) -> None:
    dear = till.rewards.create(name="Bicycle", points=501, item=True, stock=1)
    gone = till.rewards.create(name="Tote bag", points=300, item=True, stock=0)
    off = till.rewards.create(name="Mug", points=300, item=True)
    till.rewards.update(off.id, active=False)
    deleted = till.rewards.create(name="Pen", points=300, item=True)
    till.rewards.delete(deleted.id)
    reasons = {
        dear.id: "insufficient_points",
        gone.id: "reward_unavailable",
        off.id: "inactive",
        deleted.id: "inactive",
    }
    for reward, reason in reasons.items():
        with pytest.raises(NotAllowed) as refusal:
            till.loyalty.redemptions.create(account=mira.account, reward=reward)
        assert refusal.value.code == reason
    assert (points(till, mira), till.rewards.get(dear.id).stock) == (500, 1)
    assert till.loyalty.redemptions.list().total == 0


def test_unknown_accounts_rewards_and_redemptions_are_named(till: Store, mira: MemberView) -> None:
    mug = till.rewards.create(name="Mug", points=300, item=True)
    redemptions = till.loyalty.redemptions
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: redemptions.create(account="loy_none", reward=mug.id), "account"),
        (lambda: redemptions.create(account=mira.account, reward="rwd_none"), "reward"),
        (lambda: redemptions.fulfill("rdm_none"), "redemption"),
        (lambda: redemptions.reverse("rdm_none", reason="x"), "redemption"),
        (lambda: redemptions.get("rdm_none"), "redemption"),
    ]
    for call, field in calls:
        with pytest.raises(NotFound) as refusal:
            call()
        assert refusal.value.field == field
    with pytest.raises(InvalidInput):
        redemptions.reverse("rdm_none", reason=" ")


# -- looking back ---------------------------------------------------------------------------------------------


def test_redemptions_are_listed_by_account_reward_and_status(till: Store, mira: MemberView) -> None:
    mug = till.rewards.create(name="Mug", points=100, item=True)
    five = till.rewards.create(name="EUR 5 off", points=100, amount_off=500)
    redemptions = till.loyalty.redemptions
    owed, waiting = (redemptions.create(account=mira.id, reward=reward.id) for reward in (mug, five))
    bo = till.members.create(name="Bo")
    assert redemptions.list(account=bo.account).data == ()
    assert {one.id for one in redemptions.list(account=mira.account).data} == {owed.id, waiting.id}
    assert [one.id for one in redemptions.list(reward=five.id).data] == [waiting.id]
    assert redemptions.list(status="fulfillment_pending").data == (redemptions.get(owed.id),)


def test_a_merged_account_takes_its_rewards_along(till: Store, mira: MemberView) -> None:
    mug = till.rewards.create(name="Mug", points=100, item=True)
    redemption = till.loyalty.redemptions.create(account=mira.account, reward=mug.id)
    again = till.members.create(name="M. Olsen")
    till.members.merge(keep=again.id, duplicate=mira.id)
    assert [one.id for one in till.loyalty.redemptions.list(account=again.account).data] == [redemption.id]
    till.loyalty.redemptions.reverse(redemption.id, reason="changed their mind")
    assert points(till, again) == 500
    second = till.loyalty.redemptions.create(account=mira.account, reward=mug.id)
    assert (second.account, points(till, again)) == (again.account, 400)


def test_a_merged_customer_pays_with_a_reward_that_either_account_claimed(till: Store, mira: MemberView) -> None:
    redemption = five_off(till, mira)
    again = till.members.create(name="M. Olsen")
    till.members.merge(keep=again.id, duplicate=mira.id)
    paid = till.payments.create(items=goods(2999), customer=again.id, discounts=[{"redemption": redemption}])
    assert (paid.due, till.loyalty.redemptions.get(redemption).status) == (2499, "applied")


def test_a_cashier_sees_the_last_symbols_of_a_code_in_a_list(office: Store, mira: MemberView) -> None:
    code = office.loyalty.redemptions.get(five_off(office, mira)).discount.code  # type: ignore[union-attr]
    office.operators.create(name="Mo", role="manager", pin="271828")
    office.operators.create(name="Ana", pin="3141")
    ana = office.sign_in(operator="Ana", pin="3141")
    (shown,) = ana.loyalty.redemptions.list(account=mira.id).data
    assert shown.discount is not None
    assert shown.discount.code == f"…-{str(code)[-4:]}"
    with pytest.raises(NotAllowed) as refusal:
        ana.loyalty.redemptions.reverse(shown.id, reason="changed their mind")
    assert refusal.value.code == "manager_needed"
    ana.close()


# -- the books ------------------------------------------------------------------------------------------------


def test_the_audit_notices_what_was_changed_past_the_program(office: Store, mira: MemberView) -> None:
    waiting = five_off(office, mira)
    tote = office.rewards.create(name="Tote bag", points=50, item=True, stock=3, shipping=True)
    sent = office.loyalty.redemptions.create(account=mira.id, reward=tote.id, shipping=OSLO).id
    office.loyalty.redemptions.fulfill(sent, tracking="NO123")
    coin = office.rewards.create(name="EUR 1", points=50, credit_value=100)
    given = office.loyalty.redemptions.create(account=mira.id, reward=coin.id)
    assert given.voucher is not None
    assert office.audit() == []
    changes = [
        ("reward", tote.id, "stock", 3, 2),
        ("reward", tote.id, "points", 5, 50),
        ("reward", coin.id, "credit_value", 200, 100),
        ("reward", coin.id, "name", "EUR 2", "EUR 1"),
        ("redemption", sent, "status", "fulfillment_pending", "fulfilled"),
        ("redemption", sent, "tracking", "NO124", "NO123"),
        ("redemption", sent, "points", 5, 50),
        ("redemption", waiting, "status", "released", "pending"),
        ("redemption", waiting, "amount", 500, 0),
        ("redemption", given.id, "status", "pending", "applied"),
        ("voucher", given.voucher.id, "source_id", sent, given.id),
        ("member", mira.id, "points", 500, 0),
    ]
    with unguarded(office.url) as raw:
        for table, row, column, altered, was in changes:
            statement = f"UPDATE {table} SET {column} = ? WHERE id = ?"  # noqa: S608
            raw.execute(statement, (altered, row))
            assert office.audit(), f"{table}.{column}"
            raw.execute(statement, (was, row))
    assert office.audit() == []
