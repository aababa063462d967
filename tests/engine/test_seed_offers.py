"""offers.txt, example by example, in its order, with its names and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.clock import FixedClock
from posconsole.errors import InvalidInput, NotAllowed
from tests.engine.shop import at, goods

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.engine.club.offerviews import OfferView, Standing
    from posconsole.engine.quoting.found import MemberView

WIN_BACK: dict[str, Any] = {
    "name": "Win-back weekend: 2x points",
    "incentive": {"type": "points_multiplier", "multiplier": 2},
    "targeting": {"segments": ["lapsed_90d"]},
    "starts_at": "2026-06-06T00:00:00Z",
    "ends_at": "2026-06-08T23:59:59Z",
    "per_member_limit": 1,
}
BONUS: dict[str, Any] = {
    "name": "Spring 1,000-point bonus",
    "incentive": {"type": "points_bonus", "points": 1000},
    "targeting": {"tiers": ["gold"]},
    "max_redemptions": 500,
    "ends_at": "2026-06-30T23:59:59Z",
}
TENTH: dict[str, Any] = {"name": "Tenth off", "incentive": {"type": "percentage_discount", "percent": 10}}
FRIDAY, SATURDAY, MONDAY = (at(f"2026-06-{day}T12:00:00Z") for day in ("05", "06", "08"))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(at("2026-02-01T12:00:00Z"))


@pytest.fixture
def mira(office: Store) -> MemberView:
    """Enrol Mira, who is gold, in February: the member of `loy_abc123`."""
    return office.members.create(name="Mira Olsen", tier="gold", metadata={"region": "EU"})


def live(store: Store, terms: dict[str, Any], **more: Any) -> OfferView:
    """Make an offer and publish it."""
    return store.offers.publish(store.offers.create(**terms | more).id)


def standing(store: Store, offer: OfferView, member: MemberView) -> Standing:
    return next(one for one in store.offers.eligible(member.account) if one.offer == offer.id)


def earned(store: Store, member: MemberView, amount: int = 1000) -> int:
    return store.payments.create(items=goods(amount), customer=member.id).points_earned


def told(store: Store, event: str) -> list[dict[str, object]]:
    """Return what the journal tells of one type of event."""
    return [one.data for one in store.events.list(type=event).data]


# == the offer object =========================================================================================


def test_a_weekend_of_double_points_for_members_in_the_lapsed_segment(
    till: Store, mira: MemberView, clock: FixedClock
) -> None:
    bo = till.members.create(name="Bo")
    till.segments.create("lapsed_90d", rule={"days_since_purchase": 90})
    assert earned(till, mira) == 10

    clock.at = FRIDAY
    offer = till.offers.create(**WIN_BACK)
    assert (offer.id[:4], offer.status, offer.activation) == ("ofr_", "draft", "auto")
    assert till.offers.publish(offer.id).status == "published"

    clock.at = SATURDAY
    assert earned(till, bo) == 10, "who never bought has not lapsed"
    assert earned(till, mira) == 20
    assert earned(till, mira) == 10, "once per member"

    clock.at = MONDAY + 12 * 3600
    assert till.offers.get(offer.id).status == "expired"


def test_an_offer_pauses_and_goes_on(till: Store, mira: MemberView) -> None:
    offer = till.offers.create(**TENTH, per_member_limit=None)
    statuses, discounts = [], []
    for step in (till.offers.get, till.offers.publish, till.offers.pause, till.offers.publish):
        statuses.append(step(offer.id).status)
        discounts.append(till.payments.create(items=goods(1000), customer=mira.id).discount_amount)
    assert statuses == ["draft", "published", "paused", "published"]
    assert discounts == [0, 100, 0, 100]


# == targeting & eligibility ==================================================================================


@pytest.mark.parametrize(
    ("targeting", "applies"),
    [
        ({"segments": ["lapsed_90d"]}, True),
        ({"segments": ["newcomers"]}, False),
        ({"tiers": ["gold", "platinum"]}, True),
        ({"tiers": ["platinum"]}, False),
        ({"min_balance": 500}, True),
        ({"min_balance": 501}, False),
        ({"enrolled_before": "2026-02-02"}, True),
        ({"enrolled_before": "2026-01-01"}, False),
        ({"metadata": {"region": "EU"}}, True),
        ({"metadata": {"region": "US"}}, False),
        pytest.param({}, True, id="an empty targeting is every active member"),
        pytest.param({"tiers": ["gold"], "min_balance": 501}, False, id="all conditions must pass"),
    ],
)
def test_targeting(till: Store, mira: MemberView, targeting: dict[str, Any], applies: bool) -> None:
    till.members.adjust(mira.id, points=500, reason="welcome")
    till.segments.create("lapsed_90d", members=[mira.id])
    till.segments.create("newcomers")
    offer = live(till, TENTH, targeting=targeting)
    assert standing(till, offer, mira).applies == applies
    assert till.payments.create(items=goods(1000), customer=mira.id).discount_amount == (100 if applies else 0)


def test_a_member_who_drifts_out_of_a_segment_after_activating_loses_eligibility(till: Store, mira: MemberView) -> None:
    till.segments.create("lapsed_90d", members=[mira.id])
    offer = live(till, TENTH, activation="opt_in", targeting={"segments": ["lapsed_90d"]})
    till.offers.activate(offer=offer.id, account=mira.account)
    till.segments.remove("lapsed_90d", mira.id)
    assert till.payments.create(items=goods(1000), customer=mira.id).discount_amount == 0
    till.segments.add("lapsed_90d", mira.id)
    assert till.payments.create(items=goods(1000), customer=mira.id).discount_amount == 100


# == offer mechanics ==========================================================================================


def test_a_points_multiplier(till: Store, mira: MemberView) -> None:
    live(till, {"name": "One and a half", "incentive": {"type": "points_multiplier", "multiplier": 1.5}})
    payment = till.payments.create(items=goods(8550), customer=mira.id)
    rows = [(row.kind, row.amount) for row in till.members.points(mira.id).data if row.cause == payment.id]
    assert (payment.points_earned, sorted(rows)) == (127, [("earned", 85), ("multiplied", 42)])


def test_a_points_bonus_capped_to_the_first_500_members(till: Store, mira: MemberView) -> None:
    bonus = till.offers.create(**BONUS)
    assert (bonus.activation, bonus.max_redemptions, bonus.per_member_limit) == ("opt_in", 500, 1)
    till.offers.publish(bonus.id)
    assert till.offers.activate(offer=bonus.id, account=mira.account).points == 1000
    assert till.members.get(mira.id).points == 1000
    with pytest.raises(NotAllowed) as refused:
        till.offers.activate(offer=bonus.id, account=till.members.create(name="Bo", tier="silver").account)
    assert refused.value.code == "not_eligible"


def test_a_points_bonus_on_the_first_purchase(till: Store, mira: MemberView) -> None:
    live(till, BONUS, activation="auto")
    assert [earned(till, mira) for _ in range(2)] == [1010, 10]


@pytest.mark.parametrize(("amount", "discount"), [(10_000, 1000), (15_000, 1500), (20_000, 1500)])
def test_a_percentage_discount_capped_at_15_euros(till: Store, mira: MemberView, amount: int, discount: int) -> None:
    incentive = {"type": "percentage_discount", "percent": 10, "max_discount": 1500}
    live(till, {"name": "Tenth off", "incentive": incentive})
    assert till.payments.create(items=goods(amount), customer=mira.id).discount_amount == discount


def test_a_gift_reward_at_no_point_cost(till: Store, mira: MemberView) -> None:
    tote = till.rewards.create(name="Tote bag", points=300, item=True, stock=1)
    gift = live(till, {"name": "Welcome back", "incentive": {"type": "gift_reward", "reward": tote.id}})
    assert gift.activation == "opt_in"
    till.offers.activate(offer=gift.id, account=mira.account)
    till.payments.create(items=goods(1000), customer=mira.id)
    (given,) = till.loyalty.redemptions.list(account=mira.account).data
    assert (given.reward, given.points, given.status) == (tote.id, 0, "fulfilled")
    assert (till.rewards.get(tote.id).stock, till.members.get(mira.id).points) == (0, 10)


# == activation & redemption ==================================================================================


def test_opt_in_activation_then_its_events(till: Store, mira: MemberView) -> None:
    ofr_9fk2 = live(till, BONUS)
    till.offers.activate(offer=ofr_9fk2.id, account=mira.account)
    (activated,) = told(till, "loyalty.offer.activated")
    assert (activated["offer"], activated["account"]) == (ofr_9fk2.id, mira.account)
    (redeemed,) = told(till, "loyalty.offer.redeemed")
    assert (redeemed["offer"], redeemed["account"]) == (ofr_9fk2.id, mira.account)
    (row,) = till.members.points(mira.id).data
    assert (redeemed["points_transaction"], row.amount) == (row.id, 1000)


def test_what_applies_by_itself_needs_no_activation(till: Store, mira: MemberView) -> None:
    offer = live(till, TENTH)
    with pytest.raises(InvalidInput, match="by itself"):
        till.offers.activate(offer=offer.id, account=mira.account)
    payment = till.payments.create(items=goods(1000), customer=mira.id)
    assert payment.discount_amount == 100
    (redeemed,) = told(till, "loyalty.offer.redeemed")
    assert (redeemed["offer"], redeemed["payment"]) == (offer.id, payment.id)


def test_activation_reserves_eligibility_and_redemption_applies_the_discount(till: Store, mira: MemberView) -> None:
    offer = live(till, TENTH, activation="opt_in")
    assert till.payments.create(items=goods(1000), customer=mira.id).discount_amount == 0
    till.offers.activate(offer=offer.id, account=mira.account)
    assert (till.offers.get(offer.id).times_redeemed, told(till, "loyalty.offer.redeemed")) == (0, [])
    assert till.payments.create(items=goods(1000), customer=mira.id).discount_amount == 100
    assert (till.offers.get(offer.id).times_redeemed, len(told(till, "loyalty.offer.redeemed"))) == (1, 1)


# == expiry & limits ==========================================================================================


def test_outside_of_its_window_an_offer_gives_nothing(till: Store, mira: MemberView, clock: FixedClock) -> None:
    offer = live(till, TENTH, starts_at=WIN_BACK["starts_at"], ends_at=WIN_BACK["ends_at"], per_member_limit=None)
    found = []
    for moment in ("2026-06-05T23:59:59Z", "2026-06-06T00:00:00Z", "2026-06-08T23:59:59Z", "2026-06-09T00:00:00Z"):
        clock.at = at(moment)
        found.append(till.payments.create(items=goods(1000), customer=mira.id).discount_amount)
    assert (found, till.offers.get(offer.id).status) == ([0, 100, 100, 0], "expired")


def test_at_its_cap_an_offer_expires_by_itself_and_the_next_is_told_calmly(till: Store, mira: MemberView) -> None:
    bo = till.members.create(name="Bo", tier="gold")
    bonus = live(till, BONUS, max_redemptions=1)
    till.offers.activate(offer=bonus.id, account=mira.account)
    assert (till.offers.get(bonus.id).status, len(told(till, "loyalty.offer.expired"))) == ("expired", 1)
    with pytest.raises(NotAllowed) as refused:
        till.offers.activate(offer=bonus.id, account=bo.account)
    assert refused.value.code == "offer_limit_reached"
    assert refused.value.message == "Spring 1,000-point bonus has been claimed as often as it could be."
    assert till.members.get(bo.id).points == 0


def test_a_single_member_redeems_once_unless_the_offer_says_otherwise(till: Store, mira: MemberView) -> None:
    bonus = live(till, BONUS)
    till.offers.activate(offer=bonus.id, account=mira.account)
    with pytest.raises(NotAllowed) as refused:
        till.offers.activate(offer=bonus.id, account=mira.account)
    assert (refused.value.code, till.members.get(mira.id).points) == ("offer_limit_reached", 1000)
    assert till.offers.get(bonus.id).activations == 1, "the activation stays"


def test_a_limit_in_a_sale_is_an_expected_outcome_and_no_error(till: Store, mira: MemberView) -> None:
    live(till, TENTH)
    sales = [till.payments.create(items=goods(1000), customer=mira.id) for _ in range(2)]
    assert [(sale.status, sale.discount_amount) for sale in sales] == [("captured", 100), ("captured", 0)]
