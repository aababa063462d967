"""Offers: whom they are for, how members claim them, and where they end. The first tests read like their source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.errors import IdempotencyConflict, InvalidInput, NotAllowed, NotFound
from tests.engine.shop import LAMP, NOON, goods

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import FixedClock
    from posconsole.engine.club.offerviews import OfferView, Standing

DAY = 86_400
BONUS = {"type": "points_bonus", "points": 1000}
DOUBLE = {"type": "points_multiplier", "multiplier": 2}
TENTH = {"type": "percentage_discount", "percent": 10}


def live(store: Store, incentive: dict[str, Any], **terms: Any) -> OfferView:
    """Make an offer and publish it."""
    return store.offers.publish(store.offers.create(name="Offer", incentive=incentive, **terms).id)


def told(store: Store, event: str) -> list[dict[str, Any]]:
    """Return what the journal tells of one type of event."""
    return [one.data for one in store.events.list(type=event).data]


def standing(store: Store, offer: OfferView, account: str) -> Standing:
    return next(one for one in store.offers.eligible(account) if one.offer == offer.id)


def refusal(store: Store, offer: OfferView, account: str) -> str:
    with pytest.raises(NotAllowed) as refused:
        store.offers.activate(offer=offer.id, account=account)
    return refused.value.code


# -- as in offers.txt ------------------------------------------------------------------------------------------


def test_a_weekend_of_double_points_for_lapsed_members(till: Store, clock: FixedClock) -> None:
    mira, bo = (till.members.create(name=name).id for name in ("Mira Olsen", "Bo"))
    till.segments.create("lapsed_90d", rule={"days_since_purchase": 90})
    offer = till.offers.create(
        name="Win-back weekend: 2x points",
        incentive={"type": "points_multiplier", "multiplier": 2},
        targeting={"segments": ["lapsed_90d"]},
        starts_at="2026-11-06T00:00:00Z",
        ends_at="2026-11-08T23:59:59Z",
        per_member_limit=None,
    )
    assert (offer.id[:4], offer.status, offer.activation) == ("ofr_", "draft", "auto")
    till.offers.publish(offer.id)
    till.payments.create(items=goods(1000), customer=mira)
    clock.at += 108 * DAY
    # Judged on her state before each sale: with the first she is back.
    assert [till.payments.create(items=goods(1000), customer=mira).points_earned for _ in range(2)] == [20, 10]
    assert till.payments.create(items=goods(1000), customer=bo).points_earned == 10
    clock.at += 2 * DAY
    assert till.offers.get(offer.id).status == "expired"


def test_a_bonus_capped_to_the_first_five_hundred(till: Store) -> None:
    gold, other = till.members.create(name="Ada", tier="gold"), till.members.create(name="Bo")
    bonus = till.offers.create(
        name="Spring 1,000-point bonus",
        incentive={"type": "points_bonus", "points": 1000},
        targeting={"tiers": ["gold"]},
        max_redemptions=500,
        ends_at="2026-07-30T23:59:59Z",
    )
    assert bonus.activation == "opt_in"
    till.offers.publish(bonus.id)
    activation = till.offers.activate(offer=bonus.id, account=gold.account)
    assert (activation.points, till.members.get(gold.id).points) == (1000, 1000)
    assert refusal(till, bonus, other.account) == "not_eligible"


def test_the_award_is_confirmed_by_its_event_and_not_by_the_answer(till: Store) -> None:
    mira = till.members.create(name="Mira Olsen")
    bonus = live(till, BONUS)
    activation = till.offers.activate(offer=bonus.id, account=mira.account)
    (activated,), (redeemed,) = told(till, "loyalty.offer.activated"), told(till, "loyalty.offer.redeemed")
    assert (activated["offer"], activated["account"]) == (bonus.id, mira.account)
    assert (redeemed["offer"], redeemed["account"], redeemed["points"]) == (bonus.id, mira.account, 1000)
    assert redeemed["redemption"] == activation.redemption
    assert redeemed["points_transaction"] in {row.id for row in till.members.points(mira.id).data}


# -- the life of an offer --------------------------------------------------------------------------------------


def test_an_offer_goes_live_pauses_and_goes_on(office: Store) -> None:
    offer = office.offers.create(name="Ten off", incentive=TENTH)
    with pytest.raises(NotAllowed, match="publish it first"):
        office.offers.pause(offer.id)
    steps = [office.offers.publish, office.offers.publish, office.offers.pause, office.offers.pause]
    assert [step(offer.id).status for step in steps] == ["published", "published", "paused", "paused"]
    assert office.offers.publish(offer.id).valid
    assert len(told(office, "loyalty.offer.published")) == 2
    assert len(told(office, "loyalty.offer.paused")) == 1
    assert office.audit() == []


def test_only_a_draft_can_be_thrown_away(till: Store) -> None:
    draft, offer = till.offers.create(name="Oops", incentive=TENTH), live(till, TENTH)
    till.offers.delete(draft.id)
    with pytest.raises(NotFound):
        till.offers.get(draft.id)
    with pytest.raises(NotAllowed, match="pause it"):
        till.offers.delete(offer.id)


def test_a_closed_window_ends_an_offer_once(till: Store, clock: FixedClock) -> None:
    offer = live(till, TENTH, ends_at=NOON)
    assert offer.valid
    clock.at = NOON + 1
    assert till.offers.get(offer.id).status == "expired"
    for change in (till.offers.publish, till.offers.pause):
        with pytest.raises(NotAllowed, match="over") as refused:
            change(offer.id)
        assert refused.value.code == "expired"
    for _ in range(2):
        till.payments.recover()
    assert [event["redeemed"] for event in told(till, "loyalty.offer.expired")] == [0]


def test_an_offer_is_found_by_what_it_is_now(office: Store, clock: FixedClock) -> None:
    over = live(office, TENTH, ends_at=NOON)
    spent = live(office, BONUS, max_redemptions=1)
    office.offers.activate(offer=spent.id, account=office.members.create(name="Ada").account)
    paused = office.offers.pause(live(office, DOUBLE).id)
    draft, running = office.offers.create(name="Draft", incentive=DOUBLE, ends_at=NOON), live(office, DOUBLE)
    clock.at += 1
    found = {status: {one.id for one in office.offers.list(status=status).data} for status in ("expired", "draft")}
    assert found == {"expired": {over.id, spent.id}, "draft": {draft.id}}
    assert [one.id for one in office.offers.list(status="published").data] == [running.id]
    assert [one.id for one in office.offers.list(status="paused", type="points_multiplier").data] == [paused.id]
    assert (office.offers.list(limit=2).total, office.offers.list(campaign="cmp_none").total) == (5, 0)
    assert office.offers.get(spent.id).activations == office.offers.get(spent.id).times_redeemed == 1


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"incentive": {"type": "points_tripler"}}, "type"),
        ({"incentive": {"type": "points_multiplier", "multiplier": 1}}, "multiplier"),
        ({"incentive": {"type": "points_multiplier"}}, "multiplier"),
        ({"incentive": {"type": "points_bonus", "points": 0}}, "points"),
        ({"incentive": {"type": "percentage_discount", "percent": 101}}, "percent"),
        ({"incentive": BONUS | {"percent": 5}}, "incentive"),
        ({"incentive": "points_bonus"}, "incentive"),
        ({"targeting": {"tier": ["gold"]}}, "targeting"),
        ({"targeting": {"tiers": "gold"}}, "tiers"),
        ({"targeting": {"metadata": {"region": 1}}}, "metadata"),
        ({"starts_at": NOON, "ends_at": NOON - 1}, "ends_at"),
        ({"activation": "maybe"}, "activation"),
        ({"per_member_limit": 0}, "per_member_limit"),
        ({"name": " "}, "name"),
    ],
)
def test_terms_that_cannot_be_are_refused_by_name(office: Store, terms: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        office.offers.create(**{"name": "Offer", "incentive": BONUS} | terms)
    assert refused.value.field == field
    assert office.offers.list().total == 0


@pytest.mark.parametrize(
    "terms",
    [
        {"incentive": {"type": "gift_reward", "reward": "rwd_none"}},
        {"targeting": {"segments": ["nobody"]}},
        {"campaign": "cmp_none"},
    ],
)
def test_what_an_offer_refers_to_has_to_be_there(office: Store, terms: dict[str, Any]) -> None:
    with pytest.raises(NotFound):
        office.offers.create(**{"name": "Offer", "incentive": BONUS} | terms)


def test_the_same_key_drafts_one_offer(till: Store) -> None:
    first, again = (till.offers.create(name="Ten", incentive=TENTH, idempotency_key="k") for _ in range(2))
    assert (first.id, till.offers.list().total) == (again.id, 1)
    with pytest.raises(IdempotencyConflict):
        till.offers.create(name="Eleven", incentive=TENTH, idempotency_key="k")


# -- whom it is for --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("targeting", "unmet"),
    [
        ({}, None),
        ({"tiers": ["gold", "platinum"]}, None),
        ({"tiers": ["platinum"]}, "tiers"),
        ({"segments": ["readers", "regulars"]}, None),
        ({"segments": ["strangers"]}, "segments"),
        ({"min_balance": 500}, None),
        ({"min_balance": 501}, "min_balance"),
        ({"enrolled_before": NOON + 1}, None),
        ({"enrolled_before": NOON}, "enrolled_before"),
        ({"metadata": {"region": "EU"}}, None),
        ({"metadata": {"region": "EU", "vip": "yes"}}, "metadata"),
        ({"tiers": ["gold"], "min_balance": 501, "metadata": {"region": "US"}}, "min_balance"),
    ],
)
def test_all_conditions_have_to_pass(till: Store, targeting: dict[str, Any], unmet: str | None) -> None:
    mira = till.members.create(name="Mira", tier="gold", metadata={"region": "EU", "shoe": "38"})
    till.members.adjust(mira.id, points=500, reason="welcome")
    till.segments.create("regulars", members=[mira.id])
    for other in ("readers", "strangers"):
        till.segments.create(other)
    seen = standing(till, live(till, DOUBLE, targeting=targeting), mira.account)
    assert seen.applies == (unmet is None)
    assert (seen.reason, bool(seen.message)) == ((None, False) if unmet is None else ("not_eligible", True))
    assert next((one.name for one in seen.details if not one.met), None) == unmet


def test_who_leaves_a_segment_after_activating_is_no_longer_eligible(till: Store) -> None:
    mira = till.members.create(name="Mira")
    till.segments.create("lapsed_90d", members=[mira.id])
    offer = live(till, TENTH, activation="opt_in", targeting={"segments": ["lapsed_90d"]})
    assert standing(till, offer, mira.id).can_activate
    till.offers.activate(offer=offer.id, account=mira.account)
    assert standing(till, offer, mira.id).applies
    till.segments.remove("lapsed_90d", mira.id)
    seen = standing(till, offer, mira.id)
    assert (seen.activated, seen.applies, seen.can_activate, seen.reason) == (True, False, False, "not_eligible")


def test_the_missing_points_are_named(till: Store) -> None:
    mira = till.members.create(name="Mira")
    offer = live(till, BONUS, targeting={"min_balance": 120})
    assert standing(till, offer, mira.id).message == "Offer needs 120 more points."


# -- activation ------------------------------------------------------------------------------------------------


def test_activating_twice_is_activating_once(till: Store) -> None:
    mira = till.members.create(name="Mira")
    offer = live(till, TENTH, activation="opt_in")
    first, again = (till.offers.activate(offer=offer.id, account=mira.account) for _ in range(2))
    assert first == again
    keyed = [till.offers.activate(offer=offer.id, account=mira.account, idempotency_key=key) for key in "aab"]
    assert keyed == [first, first, first]
    assert till.offers.get(offer.id).activations == 1


def test_an_activation_can_be_given_up(till: Store) -> None:
    mira = till.members.create(name="Mira")
    offer = live(till, TENTH, activation="opt_in")
    till.offers.activate(offer=offer.id, account=mira.account)
    assert [till.offers.deactivate(offer=offer.id, account=mira.id) for _ in range(2)] == [True, False]
    assert standing(till, offer, mira.id).can_activate
    till.offers.activate(offer=offer.id, account=mira.account)
    assert standing(till, offer, mira.id).applies


def test_what_comes_by_itself_is_not_activated(till: Store) -> None:
    mira = till.members.create(name="Mira")
    with pytest.raises(InvalidInput, match="by itself"):
        till.offers.activate(offer=live(till, TENTH).id, account=mira.account)
    for offer, account in (("ofr_none", mira.account), (live(till, BONUS).id, "loy_none")):
        with pytest.raises(NotFound):
            till.offers.activate(offer=offer, account=account)


def test_only_what_is_live_and_in_its_window_is_activated(till: Store, clock: FixedClock) -> None:
    mira = till.members.create(name="Mira")
    draft = till.offers.create(name="Draft", incentive=BONUS)
    early, late = live(till, BONUS, starts_at=NOON + 9), live(till, BONUS, ends_at=NOON + 8)
    paused = till.offers.pause(live(till, BONUS).id)
    assert [refusal(till, offer, mira.id) for offer in (draft, paused)] == ["inactive", "inactive"]
    assert refusal(till, early, mira.id) == "offer_limit_reached"
    clock.at = NOON + 9
    assert refusal(till, late, mira.id) == "offer_limit_reached"
    assert till.offers.activate(offer=early.id, account=mira.id).points == 1000


def test_a_bonus_is_given_as_often_as_a_member_may_have_it(till: Store) -> None:
    mira = till.members.create(name="Mira")
    offer = live(till, BONUS, per_member_limit=2)
    for _ in range(2):
        till.offers.activate(offer=offer.id, account=mira.account)
    assert refusal(till, offer, mira.account) == "offer_limit_reached"
    assert till.members.get(mira.id).points == 2000
    assert standing(till, offer, mira.id).message == "This member has had Offer as often as it is given."


def test_the_cap_ends_an_offer_and_a_kept_back_bonus_leaves_the_activation(till: Store) -> None:
    mira, bo = (till.members.create(name=name) for name in ("Mira", "Bo"))
    offer = live(till, BONUS, max_redemptions=1)
    till.offers.activate(offer=offer.id, account=mira.account)
    assert till.offers.get(offer.id).status == "expired"
    assert [event["cap"] for event in told(till, "loyalty.offer.expired")] == [1]
    assert refusal(till, offer, bo.account) == "offer_limit_reached"
    assert (till.offers.get(offer.id).activations, till.members.get(bo.id).points) == (2, 0)


def test_the_same_key_awards_one_bonus_and_says_so_again_after_the_cap(till: Store) -> None:
    mira, bo = (till.members.create(name=name) for name in ("Mira", "Bo"))
    offer = live(till, BONUS, max_redemptions=1)
    first, again = (till.offers.activate(offer=offer.id, account=mira.account, idempotency_key="m") for _ in range(2))
    assert first == again
    assert till.members.get(mira.id).points == 1000
    for _ in range(2):
        with pytest.raises(NotAllowed) as refused:
            till.offers.activate(offer=offer.id, account=bo.account, idempotency_key="b")
        assert refused.value.code == "offer_limit_reached"
    with pytest.raises(IdempotencyConflict):
        till.offers.activate(offer=offer.id, account=bo.account, idempotency_key="m")


def test_a_bonus_works_off_a_debt_first(till: Store) -> None:
    mira = till.members.create(name="Mira")
    paid = till.payments.create(items=[{"id": LAMP}], customer=mira.id)
    till.members.adjust(mira.id, points=-19, reason="spent elsewhere")
    till.payments.refund(paid.id, reason="broken")
    assert till.members.get(mira.id).points_debt == 19
    till.offers.activate(offer=live(till, BONUS).id, account=mira.account)
    member = till.members.get(mira.id)
    assert (member.points, member.points_debt) == (981, 0)


def test_activations_and_counts_follow_a_merged_member(till: Store) -> None:
    mira, twin = (till.members.create(name="Mira") for _ in range(2))
    bonus, tenth = live(till, BONUS), live(till, TENTH, activation="opt_in")
    for offer in (bonus, tenth):
        till.offers.activate(offer=offer.id, account=twin.account)
    till.members.merge(keep=mira.id, duplicate=twin.id)
    assert standing(till, tenth, twin.id).applies
    assert refusal(till, bonus, mira.account) == "offer_limit_reached"


# -- limits in sales -------------------------------------------------------------------------------------------


def test_a_full_refund_reopens_an_offer_that_its_cap_had_ended(till: Store) -> None:
    mira, bo = (till.members.create(name=name).id for name in ("Mira", "Bo"))
    offer = live(till, TENTH, max_redemptions=1)
    paid = till.payments.create(items=[*goods(1000), *goods(500)], customer=mira)
    assert (paid.discount_amount, till.offers.get(offer.id).status) == (150, "expired")
    till.payments.refund(paid.id, [{"line": 2}])
    assert till.payments.create(items=goods(1000), customer=bo).discount_amount == 0, "the slot is still used"
    till.payments.refund(paid.id)
    assert till.offers.get(offer.id).status == "published"
    assert till.payments.create(items=goods(1000), customer=mira).discount_amount == 100, "and so is hers"
    assert [len(told(till, f"loyalty.offer.{end}")) for end in ("expired", "reopened")] == [2, 1]


def test_a_refund_does_not_reopen_what_its_window_has_closed(till: Store, clock: FixedClock) -> None:
    offer = live(till, TENTH, max_redemptions=1, ends_at=NOON)
    paid = till.payments.create(items=goods(1000), customer=till.members.create(name="Mira").id)
    clock.at += 1
    till.payments.refund(paid.id)
    assert (till.offers.get(offer.id).status, till.offers.get(offer.id).times_redeemed) == ("expired", 0)
    assert told(till, "loyalty.offer.reopened") == []


def test_what_a_payment_holds_is_honoured_when_the_offer_is_paused_meanwhile(till: Store) -> None:
    mira = till.members.create(name="Mira").id
    offer = live(till, TENTH, per_member_limit=2)
    opened = till.payments.open(items=goods(1000), customer=mira, tender="terminal")
    till.offers.pause(offer.id)
    assert till.payments.create(items=goods(1000), customer=mira).discount_amount == 0
    assert till.payments.capture(opened.id, approval_code="A1").discount_amount == 100
    assert (till.offers.get(offer.id).times_redeemed, till.offers.get(offer.id).held) == (1, 0)


def test_the_window_holds_to_the_second_at_both_ends(till: Store, clock: FixedClock) -> None:
    mira = till.members.create(name="Mira").id
    live(till, DOUBLE, starts_at=NOON, ends_at=NOON + 60, per_member_limit=None)
    earned = []
    for clock.at in (NOON - 1, NOON, NOON + 60, NOON + 61):
        earned.append(till.payments.create(items=goods(1000), customer=mira).points_earned)
    assert earned == [10, 20, 20, 10]


def test_an_offer_rests_with_its_campaign(till: Store) -> None:
    mira = till.members.create(name="Mira").id
    spring = till.campaigns.create(name="Spring", ends_at=NOON - 1)
    offer = live(till, TENTH, campaign=spring.id)
    assert (standing(till, offer, mira).reason, standing(till, offer, mira).applies) == ("inactive", False)
    assert till.payments.create(items=goods(1000), customer=mira).discount_amount == 0


def test_an_offers_discounts_stop_with_its_campaigns_budget(till: Store) -> None:
    mira = till.members.create(name="Mira").id
    offer = live(till, TENTH, campaign=till.campaigns.create(name="Spring", budget=100).id, per_member_limit=None)
    assert till.payments.create(items=goods(1000), customer=mira).discount_amount == 100
    assert standing(till, offer, mira).reason == "limit_reached"
    assert till.payments.create(items=goods(1000), customer=mira).discount_amount == 0


def test_a_gift_that_is_out_of_stock_is_neither_claimed_nor_lost(till: Store) -> None:
    mira, bo = (till.members.create(name=name).id for name in ("Mira", "Bo"))
    tote = till.rewards.create(name="Tote", points=100, item=True, stock=1)
    offer = live(till, {"type": "gift_reward", "reward": tote.id})
    for member in (mira, bo):
        till.offers.activate(offer=offer.id, account=member)
    for member, gifts in ((mira, 2), (bo, 0)):
        assert len(till.payments.create(items=goods(1000), customer=member).redemptions) == gifts
    assert standing(till, offer, bo).reason == refusal(till, offer, bo) == "reward_unavailable"
    assert (till.offers.get(offer.id).times_redeemed, till.offers.get(offer.id).activations) == (1, 2)


def test_who_is_nobody_in_particular_has_no_offers(till: Store) -> None:
    live(till, TENTH)
    assert till.payments.create(items=goods(1000)).discount_amount == 0
    with pytest.raises(NotFound):
        till.offers.eligible("loy_none")
