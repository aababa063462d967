"""Eight tills want the same points, the same last item, or the same redemption undone: one of them gets it.

Beside each race stands its negative control, as in `test_races`.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import bindparam, update

from posconsole.engine.club import accounts, claims, loyalty, points
from posconsole.engine.quoting import rules
from posconsole.models import Reward, table
from tests.engine.processes import RACERS
from tests.engine.racing import _bare
from tests.engine.shop import goods
from tests.engine.test_races import WAYS, demand, racers, rounds, sound, winners

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store
    from posconsole.engine.quoting.found import MemberView
    from tests.engine.processes import Racers

__all__ = ["racers"]


# -- what racers do -------------------------------------------------------------------------------------------


def redeem(store: Store, account: str, reward: str) -> str:
    """Spend points; return the redemption."""
    return store.loyalty.redemptions.create(account=account, reward=reward).id


def reverse(store: Store, redemption: str) -> str:
    """Give a reward back; return what became of it."""
    return store.loyalty.redemptions.reverse(redemption, reason="changed their mind").status


def fulfill(store: Store, redemption: str) -> str:
    """Hand an item over; return what became of it."""
    return store.loyalty.redemptions.fulfill(redemption).status


def use(store: Store, redemption: str) -> str:
    """Sell to the member with the discount that waits for a payment; return what became of it."""
    member = store.loyalty.redemptions.get(redemption).customer
    return store.payments.create(items=goods(2999), customer=member, discounts=[{"redemption": redemption}]).status


# -- negative controls: engines that check, then act ----------------------------------------------------------


@contextmanager
def spends_the_points_it_read_before(store: Store, account: str, reward: str) -> Iterator[None]:
    """BROKEN: the balance is read before the transaction, and what it leaves is written over whatever is there."""
    stale = store._context.read(lambda tx: accounts.get(tx, account))
    with patch.object(points, "take_row", lambda *_: stale), patch.object(points, "_MOVE", _bare(points._MOVE)):
        yield


@contextmanager
def counts_the_stock_it_read_before(store: Store, account: str, reward: str) -> Iterator[None]:
    """BROKEN: the stock is read before the transaction, and one less is written."""
    rewards = table(Reward)
    left = store.rewards.get(reward).stock
    assert left is not None
    taken = update(rewards).where(rewards.c.id == bindparam("reward")).values(stock=max(left - 1, 0))
    with patch.object(claims, "_TAKE_ONE", taken):
        yield


@contextmanager
def undoes_what_it_read_before(store: Store, redemption: str) -> Iterator[None]:
    """BROKEN: undone, or handed over, because it could be when it was looked at."""
    stale = store._context.database.write(lambda tx: tx.first(loyalty._TAKE, redemption=redemption))
    with ExitStack() as broken:
        broken.enter_context(patch.object(loyalty, "_take", lambda *_: stale))
        broken.enter_context(patch.object(claims, "_MOVE", _bare(claims._MOVE)))
        broken.enter_context(patch.object(loyalty, "_FULFILL", _bare(loyalty._FULFILL)))
        yield


@contextmanager
def uses_what_it_read_before(store: Store, redemption: str) -> Iterator[None]:
    """BROKEN: a claim that waited when it was looked at is used, or undone, whatever has become of it."""
    rule = store._context.read(lambda tx: rules.reward(tx, redemption))
    with undoes_what_it_read_before(store, redemption), ExitStack() as broken:
        broken.enter_context(patch.object(rules, "reward", lambda *_: rule))
        for name in ("_ATTACH", "_SETTLE"):
            broken.enter_context(patch.object(claims, name, _bare(getattr(claims, name))))
        yield


# -- races ----------------------------------------------------------------------------------------------------


def rich(store: Store, number: int, has: int) -> MemberView:
    member = store.members.create(name=f"Mira {number}")
    return store.members.adjust(member.id, points=has, reason="welcome")


@WAYS
def test_500_points_claimed_by_all_at_once(office: Store, racers: Racers, way: str) -> None:
    mug = office.rewards.create(name="Mug", points=500, item=True)
    broken = spends_the_points_it_read_before if way else None

    def race(number: int) -> None:
        member = rich(office, number, 500)
        claim: dict[str, Any] = {"account": member.id, "reward": mug.id}
        won = winners(racers.race(office.url, [(redeem, claim)] * RACERS, broken), "insufficient_points")
        demand(len(won) == 1 and office.members.get(member.id).points == 0, won)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_the_last_item_of_a_reward(office: Store, racers: Racers, way: str) -> None:
    members = [rich(office, number, 50_000) for number in range(RACERS)]
    broken = counts_the_stock_it_read_before if way else None

    def race(number: int) -> None:
        tote = office.rewards.create(name=f"Tote {number}", points=300, item=True, stock=3)
        runs: list[Any] = [(redeem, {"account": member.account, "reward": tote.id}) for member in members]
        won = winners(racers.race(office.url, runs, broken), "reward_unavailable")
        demand(len(won) == 3 and office.rewards.get(tote.id).stock == 0, won)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_a_reward_is_given_back_once(office: Store, racers: Racers, way: str) -> None:
    mug = office.rewards.create(name="Mug", points=500, item=True, stock=100)
    broken = undoes_what_it_read_before if way else None

    def race(number: int) -> None:
        member = rich(office, number, 500)
        which = {"redemption": redeem(office, member.id, mug.id)}
        won = winners(racers.race(office.url, [(reverse, which)] * RACERS, broken), "not_allowed")
        demand(len(won) == 1 and office.members.get(member.id).points == 500, won)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_handing_over_against_giving_back(office: Store, racers: Racers, way: str) -> None:
    mug = office.rewards.create(name="Mug", points=500, item=True, stock=100)
    broken = undoes_what_it_read_before if way else None

    def race(number: int) -> None:
        member = rich(office, number, 500)
        which = {"redemption": redeem(office, member.id, mug.id)}
        runs: list[Any] = [(reverse, which), (fulfill, which)] * (RACERS // 2)
        won = winners(racers.race(office.url, runs, broken), "not_allowed")
        # What was handed over can still be taken back, but nothing that was taken back can be handed over.
        demand(won in (["reversed"], ["reversed", "fulfilled"], ["fulfilled", "reversed"]), won)
        demand(office.members.get(member.id).points == 500, "points")
        sound(office)

    rounds(way, office, race)


@WAYS
def test_a_waiting_discount_is_used_once(office: Store, racers: Racers, way: str) -> None:
    five = office.rewards.create(name="EUR 5 off", points=500, amount_off=500)
    broken = uses_what_it_read_before if way else None

    def race(number: int) -> None:
        which = {"redemption": redeem(office, rich(office, number, 500).id, five.id)}
        won = winners(racers.race(office.url, [(use, which)] * RACERS, broken), "limit_reached")
        demand(won == ["captured"], won)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_using_a_discount_against_giving_it_back(office: Store, racers: Racers, way: str) -> None:
    five = office.rewards.create(name="EUR 5 off", points=500, amount_off=500)
    broken = uses_what_it_read_before if way else None

    def race(number: int) -> None:
        member = rich(office, number, 500)
        which = {"redemption": redeem(office, member.id, five.id)}
        runs: list[Any] = [(use, which), (reverse, which)] * (RACERS // 2)
        refusals = ("limit_reached", "not_allowed", "already_applied")
        won = winners(racers.race(office.url, runs, broken), *refusals)
        has = office.members.get(member.id).points
        # The sale that used it earns 24 points for 24.99.
        demand((won, has) in ((["captured"], 24), (["reversed"], 500)), (won, has))
        sound(office)

    rounds(way, office, race)
