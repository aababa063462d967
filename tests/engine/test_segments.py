"""Segments: lists, and rules that are judged on what members bought and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.engine.club import segments
from posconsole.errors import Conflict, IdempotencyConflict, InvalidInput, NotFound
from tests.engine.rawfile import unguarded
from tests.engine.shop import goods

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import FixedClock

DAY = 86_400


def among(till: Store, member: str, *names: str) -> set[str]:
    now = till._context.clock.now()
    return set(till._context.read(lambda transaction: segments.matching(transaction, member, names, now)))


def test_a_list_has_the_members_who_are_put_on_it(till: Store) -> None:
    mira, ole = (till.members.create(name=name) for name in ("Mira", "Ole"))
    vips = till.segments.create("vips", members=[ole.id, mira.account, ole.id])
    assert (vips.kind, vips.size, vips.rule) == ("list", 2, {})
    assert till.segments.members("vips").data == (mira, ole)
    assert till.segments.remove("vips", ole.id).size == 1
    assert till.segments.add(vips.id, ole.id) == till.segments.add(vips.id, ole.id) == vips
    assert [len(event.data) for event in till.events.list(type="segment.updated").data] == [1, 1]
    assert among(till, ole.id, "vips", "others") == {"vips"}


def test_a_segment_has_a_name_of_its_own_and_is_made_once_for_a_key(till: Store) -> None:
    first = till.segments.create("gold", rule={"tier": "gold"}, idempotency_key="s")
    assert till.segments.create("gold", rule={"tier": "gold"}, idempotency_key="s") == first
    with pytest.raises(IdempotencyConflict):
        till.segments.create("gold", rule={"tier": "silver"}, idempotency_key="s")
    with pytest.raises(Conflict):
        till.segments.create(" gold ")
    assert till.segments.list().data == (first,)


def test_lapsed_is_who_has_not_bought_for_so_many_days(till: Store, clock: FixedClock) -> None:
    till.segments.create("lapsed_90d", rule={"days_since_purchase": 90})
    mira, ole = (till.members.create(name=name).id for name in ("Mira", "Ole"))
    till.payments.create(items=goods(1000), customer=mira)
    clock.at += 90 * DAY - 1
    assert among(till, mira, "lapsed_90d") == set()
    clock.at += 1
    assert among(till, mira, "lapsed_90d") == {"lapsed_90d"}
    assert among(till, ole, "lapsed_90d") == set(), "who never bought has not lapsed"
    assert till.segments.get("lapsed_90d").size == 1
    till.payments.create(items=goods(1), customer=mira)
    assert among(till, mira, "lapsed_90d") == set()


def test_what_was_spent_is_what_was_paid_and_not_given_back(till: Store) -> None:
    till.segments.create("spenders", rule={"spend_at_least": 3000})
    mira = till.members.create(name="Mira").id
    till.payments.create(items=goods(1000), customer=mira)
    lost = till.payments.open(items=goods(5000), customer=mira, tender="terminal")
    assert among(till, mira, "spenders") == set(), "an open payment is no purchase"
    till.payments.cancel(lost.id)
    sale = till.payments.create(items=[*goods(2000), *goods(500)], customer=mira)
    till.payments.refund(sale.id, [{"line": 2}])
    assert among(till, mira, "spenders") == {"spenders"}
    till.payments.refund(sale.id)
    assert among(till, mira, "spenders") == set()


def test_all_conditions_of_a_rule_have_to_pass(till: Store) -> None:
    rule = {"tier": "gold", "enrolled_before": "2026-07-23"}
    till.segments.create("old gold", rule=rule)
    till.segments.create("older gold", rule=rule | {"enrolled_before": "2026-07-22"})
    mira = till.members.create(name="Mira", tier="gold").id
    till.members.create(name="Ole", tier="silver")
    assert among(till, mira, "old gold", "older gold") == {"old gold"}
    assert till.segments.count(rule) == 1
    till.members.update(mira, tier=None)
    assert among(till, mira, "old gold") == set()


def test_a_merged_members_purchases_and_places_count_for_the_one_who_lives_on(till: Store) -> None:
    till.segments.create("spenders", rule={"spend_at_least": 3000})
    mira, again = (till.members.create(name="Mira").id for _ in range(2))
    till.segments.create("vips", members=[mira, again])
    for member in (mira, again):
        till.payments.create(items=goods(1500), customer=member)
    till.members.merge(keep=mira, duplicate=again)
    assert among(till, mira, "vips", "spenders") == among(till, again, "vips", "spenders") == {"vips", "spenders"}
    assert [till.segments.get(name).size for name in ("vips", "spenders")] == [1, 1]
    assert till.segments.remove("vips", again).size == 0


def test_who_one_member_is_and_who_is_in_it_are_judged_alike(till: Store, clock: FixedClock) -> None:
    rules: dict[str, dict[str, Any]] = {
        "spent": {"spend_at_least": 2000},
        "lapsed": {"days_since_purchase": 2},
        "new": {"enrolled_before": clock.at + 2 * DAY},
        "all": {"spend_at_least": 0},
    }
    for name, rule in rules.items():
        till.segments.create(name, rule=rule)
    for number in range(5):
        member = till.members.create(name=f"No. {number}").id
        for _ in range(number):
            till.payments.create(items=goods(700), customer=member)
        clock.at += DAY
    everybody = till.members.find("").data
    for name, rule in rules.items():
        inside = till.segments.members(name).data
        assert inside == tuple(one for one in everybody if name in among(till, one.id, name))
        assert len(inside) == till.segments.get(name).size == till.segments.count(rule)


def test_the_members_of_a_segment_come_by_the_page(till: Store) -> None:
    ids = [till.members.create(name=f"No. {number}").id for number in range(5)]
    till.segments.create("all", members=ids)
    pages = [till.segments.members("all", limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [one.id for page in pages for one in page.data] == ids
    assert [(page.has_more, page.total, page.next) for page in pages] == [
        (True, 5, "2"),
        (True, 5, "4"),
        (False, 5, None),
    ]


@pytest.mark.parametrize(
    ("made", "field"),
    [
        ({"name": " "}, "name"),
        ({"rule": {}}, "rule"),
        ({"rule": {"tier": None}}, "rule"),
        ({"rule": {"shoe": 38}}, "rule"),
        ({"rule": "gold"}, "rule"),
        ({"rule": {"tier": " "}}, "tier"),
        ({"rule": {"spend_at_least": 1.5}}, "spend_at_least"),
        ({"rule": {"days_since_purchase": -1}}, "days_since_purchase"),
        ({"rule": {"enrolled_before": "soon"}}, "enrolled_before"),
        ({"rule": {"tier": "gold"}, "members": ["cust_x"]}, "rule"),
        ({"members": "cust_x"}, "members"),
    ],
)
def test_what_cannot_be_a_segment_is_refused(till: Store, made: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        till.segments.create(**{"name": "some"} | made)
    assert refusal.value.field == field
    assert till.segments.list().total == 0


def test_who_is_not_there_is_not_put_on_a_list_and_a_rule_has_none(till: Store) -> None:
    mira = till.members.create(name="Mira").id
    till.segments.create("gold", rule={"tier": "gold"})
    till.segments.create("vips")
    with pytest.raises(InvalidInput):
        till.segments.add("gold", mira)
    for segment, member in (("vips", "cust_none"), ("none", mira)):
        with pytest.raises(NotFound):
            till.segments.add(segment, member)
    with pytest.raises(NotFound):
        till.segments.create("others", members=["cust_none"])
    assert till.segments.list().total == 2


@pytest.mark.parametrize(
    "tampered",
    [
        "UPDATE segment SET name = 'others'",
        'UPDATE segment SET rule = \'{"tier":"gold"}\'',
        "UPDATE segment SET kind = 'rule'",
        "UPDATE segment SET created_at = created_at + 1",
        "DELETE FROM segment_member",
        "DELETE FROM segment",
        """INSERT INTO segment_member (segment_id, member_id) SELECT s.id, m.id FROM segment s, member m
        WHERE m.id NOT IN (SELECT member_id FROM segment_member)""",
    ],
)
def test_whatever_was_changed_past_the_program_is_named(office: Store, url: str, tampered: str) -> None:
    mira, ole = (office.members.create(name=name).id for name in ("Mira", "Ole"))
    vips = office.segments.create("vips", members=[ole])
    office.segments.add("vips", mira)
    office.segments.remove("vips", ole)
    assert office.audit() == []
    with unguarded(url) as database:
        database.execute(tampered)
    assert vips.id in {finding.subject for finding in office.audit()}
