"""Eight tills enrol one customer, change one balance, or merge the same two: each thing happens as often as it can.

Beside each race stands its negative control, as in `test_races`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from posconsole.engine.club import accounts, memberrows, points
from tests.engine.processes import RACERS
from tests.engine.racing import _bare, _no_constraints
from tests.engine.test_races import WAYS, demand, racers, rounds, sound, winners

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store
    from tests.engine.processes import Racers

__all__ = ["racers"]


# -- what racers do -------------------------------------------------------------------------------------------


def enrol(store: Store, phone: str) -> str:
    """Enrol whoever has this number; return the member."""
    return store.members.create(name=store.till, phone=phone).id


def adjust(store: Store, member: str, **change: Any) -> int:
    """Give or take points; return how many."""
    store.members.adjust(member, reason="race", **change)
    return int(change["points"])


def merge(store: Store, member: str, duplicate: str) -> int:
    """Make two members one; return 0, for no points are given."""
    store.members.merge(keep=member, duplicate=duplicate)
    return 0


# -- negative controls: engines that check, then act ----------------------------------------------------------


@contextmanager
def keeps_no_number_that_it_looked_up_before(store: Store, phone: str) -> Iterator[None]:
    """BROKEN: enrolled because nobody had the number when it was looked up, and no constraint knows of it."""
    assert not store.members.find(phone).total
    unkept = {"phone": lambda written: {"phone": written, "phone_key": None}}
    with patch.dict(memberrows._READ, unkept):
        yield


@contextmanager
def writes_the_balances_it_read_before(store: Store, member: str, **what: Any) -> Iterator[None]:
    """BROKEN: balances are read before the transaction, and what a change leaves is written over what is there."""
    named = [member, *([what["duplicate"]] if "duplicate" in what else [])]
    stale = store._context.read(lambda tx: {one: accounts.get(tx, one) for one in named})
    with (
        _no_constraints(store),
        patch.object(accounts, "take", lambda _, wanted: stale[wanted]),
        patch.object(points, "_MOVE", _bare(points._MOVE)),
    ):
        yield


# -- races ----------------------------------------------------------------------------------------------------


@WAYS
def test_one_phone_number_enrolled_by_all_at_once(office: Store, racers: Racers, way: str) -> None:
    broken = keeps_no_number_that_it_looked_up_before if way else None

    def race(number: int) -> None:
        phone = f"0151 {number:06}"
        won = winners(racers.race(office.url, [(enrol, {"phone": phone})] * RACERS, broken), "conflict")
        demand(len(won) == 1, won)
        demand(office.members.find(phone).total == 1, "two accounts with one number")
        sound(office)

    rounds(way, office, race)


@WAYS
def test_500_points_taken_by_all_at_once(office: Store, racers: Racers, way: str) -> None:
    broken = writes_the_balances_it_read_before if way else None

    def race(number: int) -> None:
        mira = office.members.create(name=f"Mira {number}").id
        office.members.adjust(mira, points=1200, reason="welcome")
        take = (adjust, {"member": mira, "points": -500})
        won = winners(racers.race(office.url, [take] * RACERS, broken), "insufficient_points")
        demand((len(won), office.members.get(mira).points) == (2, 200), won)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_points_given_to_two_who_are_merged_meanwhile(office: Store, racers: Racers, way: str) -> None:
    """Four merge them, two of these the other way round; whoever is kept has what both were given."""
    broken = writes_the_balances_it_read_before if way else None

    def race(number: int) -> None:
        one, other = (office.members.create(name=f"Mira {number}{half}").id for half in "ab")
        office.members.adjust(other, points=5, reason="welcome")
        gives = [(adjust, {"member": member, "points": 10}) for member in (one, other)] * 2
        merges = [(merge, {"member": kept, "duplicate": lost}) for kept, lost in ((one, other), (other, one))] * 2
        given = winners(racers.race(office.url, [*gives, *merges], broken))
        now = office.members.get(one)
        demand(now == office.members.get(other), "they are still two")
        demand(now.points == 5 + sum(given) == 45, now)
        sound(office)

    rounds(way, office, race)
