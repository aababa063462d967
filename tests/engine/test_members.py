"""Known customers: enrolling, finding and changing them, and making two accounts of one person one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from posconsole.engine.club.members import Members
from posconsole.engine.quoting.found import MemberFound, Suggestions
from posconsole.engine.quoting.rung import Basket
from posconsole.errors import Conflict, IdempotencyConflict, InvalidInput, NotAllowed, NotFound, PosError
from tests.engine.rawfile import unguarded
from tests.engine.shop import TEA, goods

if TYPE_CHECKING:
    from posconsole import Store

TEAS = [{"id": TEA}]


def test_a_member_is_enrolled_with_an_account(till: Store) -> None:
    mira = till.members.create(
        name="Mira Olsen", phone="+47 (22) 123-456", card="m1", email="mira@example.org", metadata={"region": "EU"}
    )
    assert (mira.card, mira.points, mira.points_debt, mira.tier) == ("M1", 0, 0, None)
    assert mira.metadata == {"region": "EU"}
    assert mira.account.startswith("loy_")
    assert till.members.get(mira.account) == till.members.get(mira.id) == mira


@pytest.mark.parametrize("text", ["olsen mira", "47 22", "4722123456", "M1", "mira@", "22) 123"])
def test_a_member_is_found_by_any_part_of_what_is_known(till: Store, text: str) -> None:
    mira = till.members.create(name="Mira Olsen", phone="+47 (22) 123-456", card="m1", email="mira@example.org")
    till.members.create(name="Ole Hansen", phone="98 76 54 32")
    assert till.members.find(text).data == (mira,)


@pytest.mark.parametrize(
    ("again", "field"), [({"phone": "0151/234 567"}, "phone"), ({"card": "x9", "phone": "0151 999999"}, "card")]
)
def test_there_is_one_account_for_a_phone_number_and_for_a_card(till: Store, again: dict[str, Any], field: str) -> None:
    till.members.create(name="Mira Olsen", phone="0151-234567", card="X9")
    other = till.members.create(name="Ole")
    create, update = partial(till.members.create, name="Mira"), partial(till.members.update, other.id)
    for verb in (create, update):
        with pytest.raises(Conflict) as refusal:
            verb(**again)
        assert refusal.value.field == field
    assert till.members.find("").total == 2


def test_the_same_key_enrols_once(till: Store) -> None:
    first = till.members.create(name="Mira", idempotency_key="form 1")
    assert till.members.create(name="Mira", idempotency_key="form 1") == first
    with pytest.raises(IdempotencyConflict):
        till.members.create(name="Ole", idempotency_key="form 1")


def test_what_is_known_of_a_member_is_corrected(till: Store) -> None:
    mira = till.members.create(name="Mira Olsen", phone="0151 234567", card="M1", tier="gold", metadata={"a": "1"})
    now = till.members.update(mira.id, name="Mira Berg", phone=None, metadata={"region": "EU"})
    assert now == replace(mira, name="Mira Berg", phone=None, metadata={"region": "EU"})
    assert till.members.find("olsen").data == till.members.find("234567").data == ()
    assert till.members.create(name="Ole", phone="0151 234567").phone == "0151 234567"


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"name": " "}, "name"),
        ({"phone": "none"}, "phone"),
        ({"phone": "123"}, "phone"),
        ({"card": 7}, "card"),
        ({"email": "x" * 501}, "email"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"metadata": ["a"]}, "metadata"),
        ({"tier": "\0"}, "tier"),
    ],
)
def test_details_that_cannot_be_are_refused(till: Store, details: dict[str, Any], field: str) -> None:
    ole = till.members.create(name="Ole")
    create, update = partial(till.members.create, name="Mira"), partial(till.members.update, ole.id)
    for verb in (create, update):
        with pytest.raises(InvalidInput) as refusal:
            verb(**details)
        assert refusal.value.field == field
    assert till.members.find("").data == (ole,)


def test_an_unknown_detail_and_an_unknown_member_are_refused(till: Store) -> None:
    ole = till.members.create(name="Ole")
    with pytest.raises(InvalidInput) as refusal:
        till.members.update(ole.id, points=5)  # type: ignore[call-arg]
    assert refusal.value.field == "points"
    for verb in (till.members.get, till.members.update, till.members.points):
        with pytest.raises(NotFound):
            verb("cust_none")


def test_a_cashier_enrols_and_only_a_manager_gives_a_tier(office: Store) -> None:
    cashier = Members(replace(office._context, role="cashier"))
    mira = cashier.create(name="Mira")
    cashier.update(mira.id, phone="0151 234567")
    for verb in (
        partial(cashier.create, name="Ole", tier="gold"),
        partial(cashier.update, mira.id, metadata={"staff": "yes"}),
        partial(cashier.adjust, mira.id, points=1, reason="nice"),
        partial(cashier.merge, keep=mira.id, duplicate="cust_x"),
    ):
        with pytest.raises(NotAllowed) as refusal:
            verb()
        assert refusal.value.code == "manager_needed"


def test_the_journal_names_nobody(till: Store) -> None:
    mira = till.members.create(name="Mira Olsen", phone="0151 234567", card="M1", email="mira@example.org")
    till.members.update(mira.id, name="Mira Berg")
    told = str([event for event in till.events.list().data if event.type.startswith("member.")])
    assert mira.id in told
    assert not any(one in told for one in ("Olsen", "Berg", "234567", "M1", "example"))


# -- merging -------------------------------------------------------------------------------------------------


def two(till: Store) -> tuple[str, str]:
    return till.members.create(name="Mira Olsen", card="M1").id, till.members.create(name="Mira O.").id


def test_what_a_duplicate_has_follows_to_the_one_that_is_kept(till: Store) -> None:
    kept = till.members.create(name="Mira Olsen", card="M1", metadata={"region": "EU"})
    other = till.members.create(
        name="Mira O.", phone="0151 234567", card="M2", tier="gold", metadata={"region": "US", "shoe": "38"}
    )
    till.members.adjust(kept.id, points=30, reason="welcome")
    till.members.adjust(other.id, points=12, reason="welcome")
    till.segments.create("regulars", members=[other.id])
    gift = till.vouchers.issue(value=500, customer=other.id)
    now = till.members.merge(keep=kept.id, duplicate=other.id)
    assert (now.points, now.phone, now.card, now.tier) == (42, "0151 234567", "M1", "gold")
    assert now.metadata == {"region": "EU", "shoe": "38"}
    assert till.segments.members("regulars").data == (now,)
    assert [one.id for one in till.vouchers.list(customer=kept.id).data] == [gift.id]


def test_a_duplicate_stands_for_the_one_that_is_kept_whatever_is_done_with_it(till: Store) -> None:
    kept, other = two(till)
    till.members.update(other, card="M2")
    account = till.members.get(other).account
    now = till.members.merge(keep=kept, duplicate=other)
    assert till.members.get(other) == till.members.get(account) == now
    assert till.members.find("mira").data == (now,)
    for scan in ("m1", "m2"):
        assert till.look(scan, Basket(())) == MemberFound(now)
    assert till.look("mira", Basket(())) == Suggestions((), (now,), more=False)
    with pytest.raises(Conflict):
        till.members.create(name="Somebody", card="M2")
    assert till.members.adjust(other, points=7, reason="sorry").points == 7
    assert till.members.update(other, name="Mira").id == kept


def test_a_merger_is_done_once_and_a_chain_of_them_has_one_end(till: Store) -> None:
    first, second = two(till)
    third = till.members.create(name="M. Olsen").id
    till.members.adjust(first, points=5, reason="welcome")
    once = till.members.merge(keep=second, duplicate=first)
    assert till.members.merge(keep=second, duplicate=first) == once
    assert till.members.merge(keep=first, duplicate=second) == once
    assert till.members.merge(keep=third, duplicate=first).id == third
    assert [till.members.get(one).id for one in (first, second, third)] == [third] * 3
    assert till.members.get(third).points == 5
    assert till.events.list(type="member.merged").total == 2
    with pytest.raises(InvalidInput):
        till.members.merge(keep=third, duplicate=third)


@pytest.mark.parametrize(("kept_has", "other_has", "net"), [(40, -100, -60), (-40, 100, 60), (-5, -6, -11), (5, 6, 11)])
def test_the_debt_of_one_is_worked_off_by_the_points_of_the_other(
    till: Store, kept_has: int, other_has: int, net: int
) -> None:
    kept, other = two(till)
    for member, has in ((kept, kept_has), (other, other_has)):
        owe(till, member, has)
    now = till.members.merge(keep=kept, duplicate=other)
    assert (now.points, now.points_debt) == (max(net, 0), max(-net, 0))


def owe(till: Store, member: str, points: int) -> None:
    """Give a member points, or, negative, a debt: points that a refund claws back were spent in between."""
    if points >= 0:
        till.members.adjust(member, points=points or 1, reason="welcome")
        return
    sale = till.payments.create(items=goods(-points * 100), customer=member)
    till.members.adjust(member, points=points, reason="spent elsewhere")
    till.payments.refund(sale.id)


def test_what_both_have_used_counts_against_a_members_limit(till: Store) -> None:
    kept, other = two(till)
    till.coupons.create(code="THRICE", percent_off=10, customer_limit=3)
    for member in (kept, other, other):
        till.payments.create(items=TEAS, coupon="THRICE", customer=member)
    till.members.merge(keep=kept, duplicate=other)
    with pytest.raises(PosError) as refusal:
        till.payments.create(items=TEAS, coupon="THRICE", customer=other)
    assert refusal.value.code == "customer_limit"
    assert till.redemptions.list(customer=kept).total == 3


def test_a_payment_that_was_pending_when_its_member_was_merged_ends_like_any_other(till: Store) -> None:
    kept, other = two(till)
    till.coupons.create(code="TWICE", percent_off=10, customer_limit=2)
    given_up, paid = (
        till.payments.open(items=goods(1000), coupon="TWICE", customer=other, tender="terminal").id for _ in range(2)
    )
    till.members.merge(keep=kept, duplicate=other)
    till.payments.cancel(given_up)
    till.payments.capture(paid, approval_code="A1")
    assert till.members.get(kept).points == 9
    till.payments.refund(paid)
    assert till.members.get(kept).points == 0
    for _ in range(2):
        till.payments.create(items=TEAS, coupon="TWICE", customer=kept)


# -- the audit -----------------------------------------------------------------------------------------------

TAMPERED = {
    "name": "'Somebody'",
    "phone": "'0151 1'",
    "phone_key": "'01511'",
    "card": "'Z1'",
    "email": "'z@example.org'",
    "search": "'z'",
    "tier": "'platinum'",
    "attributes": '\'{"staff":"yes"}\'',
    "account_id": "'loy_other'",
    "created_at": "created_at + 1",
    "merged_into": "NULL",
}


@pytest.mark.parametrize("column", TAMPERED)
def test_whatever_was_changed_past_the_program_is_named(office: Store, url: str, column: str) -> None:
    kept, other = two(office)
    office.members.update(kept, tier="gold")
    office.members.merge(keep=kept, duplicate=other)
    assert office.audit() == []
    with unguarded(url) as database:
        whose = other if column == "merged_into" else kept
        database.execute(f"UPDATE member SET {column} = {TAMPERED[column]} WHERE id = ?", (whose,))  # noqa: S608
    assert {finding.subject for finding in office.audit()} >= {whose}


@pytest.mark.parametrize(
    "left",
    [
        "UPDATE member SET points = 5 WHERE id = ?",
        "INSERT INTO member_use (subject, member_id, uses) VALUES ('cpn_x', ?, 1)",
        "INSERT INTO segment_member (segment_id, member_id) VALUES ('seg_x', ?)",
        "INSERT INTO offer_activation (offer_id, member_id, activated_at) VALUES ('ofr_x', ?, 1)",
    ],
)
def test_what_is_left_with_a_merged_member_is_named(office: Store, url: str, left: str) -> None:
    kept, other = two(office)
    office.members.merge(keep=kept, duplicate=other)
    with unguarded(url) as database:
        database.execute(left, (other,))
    assert ("merged", other) in {(finding.check, finding.subject) for finding in office.audit()}
