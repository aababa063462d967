"""Campaigns: a window and a budget for the codes they group, what they cost, and that a budget is never overspent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from posconsole.clock import FixedClock
from posconsole.engine.quoting import rules
from posconsole.engine.quoting.refusals import CodeRefused
from posconsole.errors import InvalidInput, NotAllowed, NotFound
from tests.engine.shop import BASKET, CUP, LAMP, NOON, TEA, open_shop

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.engine.views import CampaignView

DAY = 86_400


def spring(store: Store, budget: int | None = None, **terms: Any) -> CampaignView:
    """Make a campaign with SPRING15 in it: 15 % off, which is 525 of the usual basket and 300 of a lamp."""
    campaign = store.campaigns.create(name="Spring", budget=budget, **terms)
    store.coupons.create(code="SPRING15", percent_off=15, campaign=campaign.id, max_redemptions=500)
    return campaign


def states(store: Store, campaign: CampaignView) -> tuple[str, str]:
    return store.campaigns.get(campaign.id).status, store.coupons.get("SPRING15").status


def refusal(store: Store) -> str | None:
    check = store.coupons.validate("SPRING15", items=BASKET)
    if check.valid:
        return None
    with pytest.raises(CodeRefused) as refused:
        store.payments.create(items=BASKET, coupon="SPRING15")
    assert refused.value.code == check.reason
    return check.reason


def test_codes_live_in_their_campaigns_window(till: Store, clock: FixedClock) -> None:
    campaign = spring(till, starts_at=NOON + 60, ends_at=NOON + 120)
    seen = []
    for at in (59, 60, 120, 121):
        clock.at = NOON + at
        seen.append((*states(till, campaign), refusal(till)))
    assert seen == [
        ("scheduled", "scheduled", "not_started"),
        ("active", "active", None),
        ("active", "active", None),
        ("ended", "expired", "expired"),
    ]


def test_a_paused_campaign_refuses_until_it_is_resumed_and_a_deleted_one_for_good(till: Store) -> None:
    campaign = spring(till)
    till.campaigns.pause(campaign.id)
    assert (*states(till, campaign), refusal(till)) == ("paused", "inactive", "inactive")
    till.campaigns.resume(campaign.id)
    till.payments.create(items=BASKET, coupon="SPRING15")
    till.campaigns.delete(campaign.id)
    assert (*states(till, campaign), refusal(till)) == ("deleted", "inactive", "inactive")
    for change in (till.campaigns.resume, till.campaigns.pause):
        with pytest.raises(NotAllowed):
            change(campaign.id)
    with pytest.raises(NotFound):
        till.coupons.create(code="LATE", percent_off=5, campaign=campaign.id)
    assert till.campaigns.report(campaign.id).discount_cost == 525
    assert till.campaigns.list().total == 0
    assert [one.id for one in till.campaigns.list(status="deleted").data] == [campaign.id]


def test_a_budget_is_held_spent_and_given_back(till: Store) -> None:
    campaign = spring(till, budget=900)

    def budget() -> tuple[int, int, int | None]:
        now = till.campaigns.get(campaign.id)
        return now.spent, now.held, now.budget_left

    opened = till.payments.open(items=BASKET, coupon="SPRING15", tender="terminal")
    assert budget() == (0, 525, 375)
    paid = till.payments.capture(opened.id, approval_code="A1")
    assert budget() == (525, 0, 375)
    assert refusal(till) == "limit_reached"
    assert till.payments.create(items=[{"id": LAMP}], coupon="SPRING15").discount_amount == 300
    assert budget() == (825, 0, 75)
    till.payments.refund(paid.id, [{"line": 2}])
    assert budget() == (675, 0, 225)
    till.payments.refund(paid.id)
    assert budget() == (300, 0, 600)
    canceled = till.payments.open(items=BASKET, coupon="SPRING15", tender="terminal")
    till.payments.cancel(canceled.id)
    assert budget() == (300, 0, 600)
    assert till.coupons.get("SPRING15").times_redeemed == 1


def test_a_spent_budget_exhausts_the_codes(till: Store) -> None:
    campaign = spring(till, budget=525)
    till.payments.create(items=BASKET, coupon="SPRING15")
    assert (*states(till, campaign), refusal(till)) == ("spent", "exhausted", "limit_reached")
    till.campaigns.update(campaign.id, budget=5000)
    assert states(till, campaign) == ("active", "active")


def test_a_code_that_gives_points_stops_with_the_budget_too(till: Store) -> None:
    campaign = spring(till, budget=525)
    member = till.members.create(name="Mira").id
    gift: dict[str, Any] = {"items": BASKET, "coupon": "GIFT", "customer": member}
    till.coupons.create(code="GIFT", points=40, campaign=campaign.id)
    till.payments.create(**gift)
    paid = till.payments.create(items=BASKET, coupon="SPRING15")
    assert not till.coupons.get("GIFT").valid
    with pytest.raises(CodeRefused) as refused:
        till.payments.create(**gift)
    assert refused.value.code == "limit_reached"
    till.payments.refund(paid.id, [{"line": 1}])
    assert till.payments.create(**gift).points_earned == 34 + 40


def test_a_budget_never_falls_below_what_is_spent_and_held(till: Store) -> None:
    campaign = spring(till, budget=5000)
    till.payments.create(items=BASKET, coupon="SPRING15")
    held = till.payments.open(items=BASKET, coupon="SPRING15", tender="terminal")
    with pytest.raises(NotAllowed) as refused:
        till.campaigns.update(campaign.id, budget=1049)
    assert (refused.value.code, refused.value.field) == ("budget_spent", "budget")
    assert till.campaigns.update(campaign.id, budget=1050).budget_left == 0
    changed = till.campaigns.update(campaign.id, name="Late spring", ends_at="2026-07-22", budget=None)
    assert (changed.name, changed.budget, changed.budget_left) == ("Late spring", None, None)
    assert changed.ends_at == 1_784_764_799
    till.payments.cancel(held.id)
    assert till.events.list(type="campaign.updated").total == 2


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"budget": -1}, "budget"),
        ({"budget": 1.5}, "budget"),
        ({"starts_at": "2026-07-02", "ends_at": "2026-07-01"}, "ends_at"),
        ({"ends_at": "never"}, "ends_at"),
    ],
)
def test_what_can_be_no_campaign_is_refused(till: Store, terms: dict[str, Any], field: str) -> None:
    campaign = till.campaigns.create(name="Spring")
    for call in (till.campaigns.create, lambda **new: till.campaigns.update(campaign.id, **new)):
        with pytest.raises(InvalidInput) as refused:
            call(**{"name": "New", **terms})
        assert refused.value.field == field


def test_the_same_key_makes_one_campaign(till: Store, clock: FixedClock) -> None:
    first = till.campaigns.create(name="Spring", budget=5000, idempotency_key="k")
    assert till.campaigns.create(name="Spring", budget=5000, idempotency_key="k") == first
    clock.at += 1
    second = till.campaigns.create(name="Autumn", starts_at=NOON + DAY)
    assert [one.id for one in till.campaigns.list().data] == [second.id, first.id]
    assert [one.name for one in till.campaigns.list(status="scheduled").data] == ["Autumn"]


def test_a_report_says_what_it_cost_and_what_was_sold_with_and_without(till: Store, clock: FixedClock) -> None:
    till.payments.create(items=[{"id": TEA}])  # before its time: no part of the period
    clock.at += DAY
    campaign = spring(till, budget=5000, starts_at=clock.at, ends_at=clock.at + 5 * DAY)
    till.coupons.create(code="THANKS", points=40, campaign=campaign.id)
    mira = till.members.create(name="Mira")
    till.payments.create(items=BASKET, coupon="SPRING15")  # 34.99 less 5.25
    till.payments.create(items=[{"id": CUP}])
    clock.at += DAY
    till.payments.create(items=[{"id": CUP}], customer=mira.id, coupon="THANKS")
    back = till.payments.create(items=[{"id": LAMP}], coupon="SPRING15")
    till.payments.refund(back.id)
    till.payments.open(items=[{"id": LAMP}], coupon="SPRING15", tender="terminal")
    report = till.campaigns.report(campaign.id)
    assert (report.campaign, report.name, report.budget) == (campaign.id, "Spring", 5000)
    assert (report.redemptions, report.discount_cost, report.points_cost, report.budget_left) == (2, 525, 40, 4175)
    assert (report.sales_with, report.revenue_with) == (2, 2974 + 501)
    # A sale that was given back whole used nothing in the end, and brought nothing.
    assert (report.sales_without, report.revenue_without) == (2, 501)
    days = [(one.day, one.redemptions, one.discount_cost, one.points_cost) for one in report.days]
    assert days == [("2026-07-23", 1, 525, 0), ("2026-07-24", 1, 0, 40)]


def test_a_day_is_the_shops_day(url: str) -> None:
    clock = FixedClock(1_784_742_300)  # 22 July, 17:45 UTC: 23:30 in Kathmandu, which is 5 h 45 min ahead
    store = open_shop(url, clock, timezone="Asia/Kathmandu")
    campaign = spring(store)
    for _ in range(2):
        store.payments.create(items=BASKET, coupon="SPRING15")
        clock.at += 1800
    assert [(one.day, one.redemptions) for one in store.campaigns.report(campaign.id).days] == [
        ("2026-07-22", 1),
        ("2026-07-23", 1),
    ]
    store.close()


def test_the_audit_names_a_use_outside_of_its_campaigns_window(office: Store, clock: FixedClock) -> None:
    campaign = spring(office, ends_at=NOON)
    office.payments.create(items=BASKET, coupon="SPRING15")
    clock.at += 60
    with patch.object(rules, "_by_id", lambda *_: {}):  # BROKEN: coupons are priced without their campaigns
        late = office.payments.create(items=BASKET, coupon="SPRING15").redemptions[0].id
    office.campaigns.update(campaign.id, starts_at=NOON + 61, ends_at=None)
    assert [(one.check, one.subject) for one in office.audit()] == [("redemption_window", late)]
