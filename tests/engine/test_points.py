"""A member's points: what is given and taken by hand, and that balance and debt are the sums of the ledger."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from posconsole.engine.club import points
from posconsole.errors import IdempotencyConflict, InvalidInput, NotAllowed, NotFound
from tests.engine.rawfile import unguarded
from tests.engine.shop import goods, open_shop
from tests.examples import examples

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.engine.context import Unit
    from posconsole.engine.journal.ledger import Entry


def member(store: Store, has: int = 0) -> str:
    mira = store.members.create(name="Mira").id
    if has:
        store.members.adjust(mira, points=has, reason="welcome")
    return mira


def test_a_manager_gives_points_and_takes_some(till: Store) -> None:
    mira = member(till)
    assert till.members.adjust(mira, points=50, reason="complaint").points == 50
    assert till.members.adjust(mira, points=-20, reason="counted twice").points == 30
    rows = till.members.points(mira).data
    assert [(row.kind, row.amount, row.unit) for row in rows] == [("adjusted", -20, "PTS"), ("adjusted", 50, "PTS")]
    assert all(row.id.startswith("ptx_") for row in rows)
    told = [event.data for event in till.events.list(type="member.adjusted").data]
    assert [(one["points"], one["reason"]) for one in told] == [(50, "complaint"), (-20, "counted twice")]
    assert till.events.list(type="points.adjusted").total == 2


def test_no_more_is_taken_than_there_is(till: Store) -> None:
    mira = member(till, 30)
    with pytest.raises(NotAllowed, match="30") as refusal:
        till.members.adjust(mira, points=-31, reason="wrong member")
    assert refusal.value.code == "insufficient_points"
    assert till.members.adjust(mira, points=-30, reason="wrong member").points == 0


def test_the_same_key_adjusts_once(till: Store) -> None:
    mira = member(till)
    for _ in range(2):
        assert till.members.adjust(mira, points=5, reason="sorry", idempotency_key="a").points == 5
    assert till.members.adjust(mira, points=-5, reason="sorry").points == 0
    assert till.members.adjust(mira, points=5, reason="sorry", idempotency_key="a").points == 0
    with pytest.raises(IdempotencyConflict):
        till.members.adjust(mira, points=6, reason="sorry", idempotency_key="a")


@pytest.mark.parametrize(("amount", "reason", "field"), [(0, "x", "points"), (1.5, "x", "points"), (5, " ", "reason")])
def test_an_adjustment_needs_an_amount_and_a_reason(till: Store, amount: int, reason: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        till.members.adjust(member(till), points=amount, reason=reason)
    assert refusal.value.field == field
    with pytest.raises(NotFound):
        till.members.adjust("cust_none", points=5, reason="x")


def test_a_purchase_earns_and_a_debt_is_worked_off_first(till: Store) -> None:
    mira = member(till)
    sale = till.payments.create(items=goods(3199), customer=mira)
    assert till.members.get(mira).points == 31
    till.members.adjust(mira, points=-30, reason="spent elsewhere")
    till.payments.refund(sale.id)
    assert (till.members.get(mira).points, till.members.get(mira).points_debt) == (0, 30)
    assert till.members.adjust(mira, points=10, reason="sorry").points_debt == 20
    till.payments.create(items=goods(2500), customer=mira)
    assert (till.members.get(mira).points, till.members.get(mira).points_debt) == (5, 0)
    rows = till.members.points(mira, limit=100).data
    sums = {name: sum(row.amount for row in rows if row.account == name) for name in ("points", "points_debt")}
    assert sums == {"points": 5, "points_debt": 0}


@pytest.mark.parametrize(
    ("tampered", "check"),
    [
        ("UPDATE member SET points = points + 1", "member_points"),
        ("UPDATE member SET points_debt = points_debt + 1", "member_debt"),
        ("UPDATE ledger_entry SET amount = amount + 1 WHERE account = 'points'", "member_points"),
        ("UPDATE ledger_entry SET amount = amount - 1 WHERE account = 'points_debt'", "member_debt"),
        ("UPDATE ledger_entry SET subject = 'cust_none' WHERE account = 'points'", "points_owner"),
    ],
)
def test_points_that_were_changed_past_the_program_are_named(
    office: Store, url: str, tampered: str, check: str
) -> None:
    mira = member(office, 100)
    office._context.write(lambda unit: posted(unit, points.take_back(unit, "ref_x", mira, 130)))
    with unguarded(url) as database:
        database.execute(tampered)
    assert check in {finding.check for finding in office.audit()}


def posted(unit: Unit, entries: list[Entry]) -> None:
    unit.journal.record("test.moved", "ref_x", **unit.booked(unit.post("ref_x", entries)))


# -- at random -------------------------------------------------------------------------------------------------

AMOUNTS = st.integers(1, 200)
WHO = st.integers(0, 3)


class Accounts(RuleBasedStateMachine):
    """Four accounts of which some are merged: each has what was given to it, less what was taken."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_shop(Path(self.folder.name))
        self.ids = [self.store.members.create(name=f"No. {number}").id for number in range(4)]
        self.net = dict.fromkeys(self.ids, 0)
        self.one = {member: member for member in self.ids}

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    def move(self, verb: str, who: int, amount: int) -> bool:
        cause = f"test_{len(self.store.events.list(type='test.moved').data)}_{self.store.events.list().total}"

        def work(unit: Unit) -> bool:
            entries = getattr(points, verb)(unit, cause, self.ids[who], amount, *(["given"] if verb == "give" else []))
            if entries is not None:
                unit.journal.record("test.moved", cause, **unit.booked(unit.post(cause, entries)))
            return entries is not None

        return self.store._context.write(work)

    @rule(who=WHO, amount=AMOUNTS)
    def give(self, who: int, amount: int) -> None:
        self.move("give", who, amount)
        self.net[self.one[self.ids[who]]] += amount

    @rule(who=WHO, amount=AMOUNTS)
    def take_back(self, who: int, amount: int) -> None:
        self.move("take_back", who, amount)
        self.net[self.one[self.ids[who]]] -= amount

    @rule(who=WHO, amount=AMOUNTS)
    def spend(self, who: int, amount: int) -> None:
        one = self.one[self.ids[who]]
        done = self.move("spend", who, amount)
        assert done == (max(self.net[one], 0) >= amount)
        self.net[one] -= amount * done

    @rule(who=WHO, amount=AMOUNTS.flatmap(lambda amount: st.sampled_from([amount, -amount])))
    def adjust(self, who: int, amount: int) -> None:
        one = self.one[self.ids[who]]
        if amount < 0 and max(self.net[one], 0) < -amount:
            with pytest.raises(NotAllowed):
                self.store.members.adjust(self.ids[who], points=amount, reason="at random")
            return
        self.store.members.adjust(self.ids[who], points=amount, reason="at random")
        self.net[one] += amount

    @rule(keep=WHO, duplicate=WHO)
    def merge(self, keep: int, duplicate: int) -> None:
        if keep == duplicate:
            return
        kept, other = self.one[self.ids[keep]], self.one[self.ids[duplicate]]
        assert self.store.members.merge(keep=self.ids[keep], duplicate=self.ids[duplicate]).id == kept
        if kept != other:
            self.net[kept] += self.net.pop(other)
            self.one = {member: kept if one == other else one for member, one in self.one.items()}

    @invariant()
    def balances_are_what_was_given_and_taken_and_so_are_their_ledgers(self) -> None:
        if not hasattr(self, "store"):
            return
        assert self.store.audit() == []
        for member_id in self.ids:
            net, now = self.net[self.one[member_id]], self.store.members.get(member_id)
            assert (now.id, now.points, now.points_debt) == (self.one[member_id], max(net, 0), max(-net, 0))


Accounts.TestCase.settings = examples(20, 300, steps=30)
TestAccounts = Accounts.TestCase
