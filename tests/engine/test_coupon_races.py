"""Eight tills want the rest of a budget, a code, or to change a coupon that others are selling with.

Beside each race stands its negative control, as in `test_races`.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import false

from posconsole.engine.codes import codebook, couponrows
from posconsole.engine.sale import spending
from tests.engine import racing
from tests.engine.processes import RACERS
from tests.engine.test_races import WAYS, all_sell, demand, racers, rounds, sound, winners

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posconsole import Store
    from tests.engine.processes import Racers

__all__ = ["racers"]
TEN: list[dict[str, Any]] = [{"id": None, "name": "Repair", "price": 1000}]


# -- what racers do -------------------------------------------------------------------------------------------


def revise(store: Store, coupon: str, value: int) -> int:
    """Give a coupon another value."""
    return store.coupons.revise(coupon, value=value).revision


def raise_cap(store: Store, coupon: str, cap: int) -> int | None:
    """Raise a coupon's cap."""
    return store.coupons.update(coupon, max_redemptions=cap).max_redemptions


def write(store: Store, code: str) -> str:
    """Write a coupon's code by hand."""
    return store.coupons.create(code=code, percent_off=10).id


def mint(store: Store, prefix: str) -> str:
    """Issue a voucher, the first of a series."""
    return store.vouchers.issue(value=100, prefix=prefix).id


# -- negative controls: engines that check, then act ----------------------------------------------------------


@contextmanager
def spends_a_budget_it_read_before(store: Store, **sale: Any) -> Iterator[None]:
    """BROKEN: the budget is looked at before the transaction, and spent without a condition."""
    bare = racing._bare(spending._BUDGET_STEPS["spend"])
    with racing.sells_on_what_it_read_before(store, **sale), patch.dict(spending._BUDGET_STEPS, {"spend": bare}):
        yield


@contextmanager
def sells_on_the_terms_it_read_before(store: Store, **what: Any) -> Iterator[None]:
    """BROKEN: priced on terms read before the transaction, whatever became of them since."""
    with ExitStack() as broken:
        if "items" in what:
            broken.enter_context(racing.sells_on_what_it_read_before(store, **what))
        yield


@contextmanager
def raises_the_cap_it_read_before(store: Store, coupon: str, cap: int) -> Iterator[None]:
    """BROKEN: a cap is raised because it was lower when it was looked at."""
    stale = store._context.database.write(lambda tx: tx.first(couponrows._TAKE, text=coupon, key=""))
    with ExitStack() as broken:
        broken.enter_context(patch.object(couponrows, "take", lambda *_: stale))
        broken.enter_context(patch.object(couponrows, "_RAISE", racing._bare(couponrows._RAISE, 2)))
        yield


@contextmanager
def asks_the_book_before(store: Store, **_: Any) -> Iterator[None]:
    """BROKEN: the book of codes is asked before the transaction, as every racer finds it: nothing is like this."""
    nothing = codebook._COUPON_LIKE.where(false())
    with patch.object(codebook, "check_handwritten", lambda *_: None), patch.object(codebook, "_COUPON_LIKE", nothing):
        yield


# -- races ----------------------------------------------------------------------------------------------------


@WAYS
def test_the_rest_of_a_budget(office: Store, racers: Racers, way: str) -> None:
    broken = spends_a_budget_it_read_before if way else None

    def race(number: int) -> None:
        # 100 off each: the budget covers three of the eight, and 50 stay.
        campaign = office.campaigns.create(name="Spring", budget=350)
        coupon = office.coupons.create(code=f"SPRING{number}", percent_off=10, campaign=campaign.id)
        won = winners(racers.race(office.url, all_sell({"items": TEN, "coupon": coupon.code}), broken), "limit_reached")
        demand((len(won), office.campaigns.get(campaign.id).budget_left) == (3, 50), won)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_a_coupon_revised_while_others_sell_with_it(office: Store, racers: Racers, way: str) -> None:
    broken = sells_on_the_terms_it_read_before if way else None

    def race(number: int) -> None:
        coupon = office.coupons.create(code=f"HALF{number}", percent_off=10)
        runs: list[tuple[Callable[..., Any], dict[str, Any]]] = all_sell({"items": TEN, "coupon": coupon.code})
        runs[number % RACERS] = (revise, {"coupon": coupon.id, "value": 50})
        winners(racers.race(office.url, runs, broken))
        told = [event for event in office.events.list(subject=coupon.id).data if event.type != "coupon.created"]
        revised = next(at for at, event in enumerate(told) if event.type == "coupon.updated")
        amounts = [event.data["amount"] for event in told if event.type == "coupon.redeemed"]
        # In the order of the journal every sale before the revision has the old terms, every later one the new.
        demand(amounts == [100] * revised + [500] * (RACERS - 1 - revised), amounts)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_a_cap_raised_by_all_at_once(office: Store, racers: Racers, way: str) -> None:
    broken = raises_the_cap_it_read_before if way else None

    def race(number: int) -> None:
        coupon = office.coupons.create(code=f"MORE{number}", percent_off=10, max_redemptions=1)
        runs = [(raise_cap, {"coupon": coupon.id, "cap": cap}) for cap in range(2, 2 + RACERS)]
        winners(racers.race(office.url, runs, broken), "cap_lowered")
        cap = office.coupons.get(coupon.id).max_redemptions
        demand(cap == 1 + RACERS, cap)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_a_code_written_by_hand_and_a_series_that_begins_like_it(office: Store, racers: Racers, way: str) -> None:
    broken = asks_the_book_before if way else None

    def race(number: int) -> None:
        prefix = f"SUMMER{number + 2}"
        minted = [(mint, {"prefix": prefix})] * (RACERS // 2)
        written = [(write, {"code": f"{prefix}HOLIDAYSALES"})] * (RACERS - RACERS // 2)
        won = winners(racers.race(office.url, [*minted, *written], broken), "conflict", "invalid_input")
        demand({key[:3] for key in won} in ({"vch"}, {"cpn"}), won)
        demand(len(won) == (RACERS // 2 if won[0].startswith("vch") else 1), won)
        sound(office)

    rounds(way, office, race)
