"""Eight tills give the same thing back, or spend what a refund takes: one of them is first, and the books say which.

Beside each race stands its negative control, as in `test_races`, where refunds race each other and redemptions.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from posconsole.engine.club import accounts, points
from posconsole.engine.refund import owing
from posconsole.tenders.base import Answer
from posconsole.tenders.sandbox import APPROVES, SandboxBank
from tests.engine import racing
from tests.engine.processes import RACERS
from tests.engine.racing import _bare
from tests.engine.shop import TEA, goods
from tests.engine.test_races import WAYS, demand, racers, rounds, sound, winners
from tests.engine.test_reward_races import redeem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store
    from tests.engine.processes import Racers

__all__ = ["racers"]


def settle(store: Store, part: str, as_: str) -> str:
    """Pay what a card was owed; return the refund."""
    return store.payments.settle_refund(part, as_=as_).id


@contextmanager
def moves_the_points_it_read_before(store: Store, **what: Any) -> Iterator[None]:
    """BROKEN: the balance is read before the transaction, and what is left of it is written over whatever is there."""
    who = str(what.get("account") or store.payments.get(what["payment"]).member)
    stale = store._context.read(lambda tx: accounts.get(tx, who))
    with patch.object(points, "take_row", lambda *_: stale), patch.object(points, "_MOVE", _bare(points._MOVE)):
        yield


@contextmanager
def settles_whatever_its_state(store: Store, **what: Any) -> Iterator[None]:
    """BROKEN: a part is settled because it was owed when it was looked at."""
    with patch.object(owing, "_SETTLE", _bare(owing._SETTLE)):
        yield


@WAYS
def test_a_whole_refund_against_spending_the_points_it_takes_back(office: Store, racers: Racers, way: str) -> None:
    mug = office.rewards.create(name="Mug", points=30, item=True)
    broken = moves_the_points_it_read_before if way else None

    def race(number: int) -> None:
        member = office.members.create(name=f"Mira {number}")
        paid = office.payments.create(items=goods(3149), customer=member.id)
        claim, back = {"account": member.id, "reward": mug.id}, {"payment": paid.id}
        runs: list[Any] = [(racing.refund, back), (redeem, claim)] * (RACERS // 2)
        won = winners(racers.race(office.url, runs, broken), "already_refunded", "insufficient_points")
        refunds = [one for one in won if isinstance(one, tuple | list)]
        after = office.members.get(member.id)
        demand(len(refunds) == 1, won)
        demand((after.points, after.points_debt) == (0, 30 * (len(won) - 1)), (won, after))
        sound(office)

    rounds(way, office, race)


@WAYS
def test_what_a_card_is_owed_is_paid_once(office: Store, racers: Racers, way: str) -> None:
    broken = settles_whatever_its_state if way else None

    def race(number: int) -> None:
        paid = office.payments.create(items=[{"id": TEA}], tenders=[{"kind": "card", "number": APPROVES}])
        with patch.object(SandboxBank, "refund", return_value=Answer("declined")):
            office.payments.refund(paid.id)
        (part,) = office.payments.owed()
        runs: list[Any] = [(settle, {"part": part.id, "as_": as_}) for as_ in ("cash", "credit")] * (RACERS // 2)
        won = winners(racers.race(office.url, runs, broken), "already_settled")
        demand(len(won) == 1 and office.payments.owed() == (), won)
        sound(office)

    rounds(way, office, race)
