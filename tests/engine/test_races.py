"""Eight real processes want the same thing at the same moment: exactly as many get it as there is of it.

Beside each race stands its negative control, `caught`: the same race against an engine broken on purpose, which
has to fail it. POSCONSOLE_RACES sets how many rounds of each race are run.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from posconsole.tenders.sandbox import APPROVES
from tests.engine import racing
from tests.engine.bank import disagreements
from tests.engine.processes import RACERS, Outcome, Racers
from tests.engine.rawfile import unguarded
from tests.engine.shop import CUP, GIFT, TEA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posconsole import Store

ROUNDS = int(os.environ.get("POSCONSOLE_RACES", "4"))
TEAS: list[dict[str, Any]] = [{"id": TEA}]
WAYS = pytest.mark.parametrize("way", ["", "broken"], ids=["holds", "caught"])


@pytest.fixture(scope="module")
def racers() -> Iterator[Racers]:
    eight = Racers()
    yield eight
    eight.close()


class Oversold(AssertionError):
    """More came out of a race than there was to have, or the books don't balance after it."""


def demand(fact: bool, what: object) -> None:
    if not fact:
        raise Oversold(what)


def rounds(way: str, office: Store, race: Callable[[int], None]) -> None:
    """Run every round; a broken engine has to be caught in one of ten times as many, with no constraint to save it."""
    if not way:
        run(race, ROUNDS)
        return
    with unguarded(office.url), pytest.raises(Oversold):
        run(race, 10 * ROUNDS)


def run(race: Callable[[int], None], many: int) -> None:
    for number in range(many):
        race(number)


def sound(store: Store) -> None:
    demand(not (found := store.audit()), found)


def all_sell(sale: dict[str, Any]) -> list[tuple[Callable[..., Any], dict[str, Any]]]:
    return [(racing.sell, sale)] * RACERS


def winners(outcomes: list[Outcome], *refusals: str) -> list[Any]:
    """Return what the winners got; all others have to be refused for one of these reasons."""
    demand({one.refused for one in outcomes if not one.won} <= set(refusals), outcomes)
    return [one.value for one in outcomes if one.won]


@WAYS
def test_the_last_slot_of_a_coupon(office: Store, racers: Racers, way: str) -> None:
    broken = racing.sells_on_what_it_read_before if way else None

    def race(number: int) -> None:
        coupon = office.coupons.create(code=f"LAST{number}", percent_off=10, max_redemptions=3)
        for _ in range(2):
            office.payments.create(items=TEAS, coupon=coupon.code)
        won = winners(
            racers.race(office.url, all_sell({"items": TEAS, "coupon": coupon.code}), broken), "limit_reached"
        )
        demand((len(won), office.coupons.get(coupon.id).times_redeemed) == (1, 3), won)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_one_vouchers_balance(office: Store, racers: Racers, way: str) -> None:
    broken = racing.sells_on_what_it_read_before if way else None

    def race(number: int) -> None:
        # Three teas of 9.99 and the 2.03 that are left of a fourth: four winners.
        voucher = office.vouchers.issue(value=3200)
        sale = {"items": TEAS, "vouchers": (voucher.code,)}
        won = winners(racers.race(office.url, all_sell(sale), broken), "insufficient_balance")
        demand(sorted(drawn for _, _, drawn in won) == [203, 999, 999, 999], won)
        demand(office.vouchers.get(voucher.id).balance == 0, "money is left, or more was drawn than there was")
        sound(office)

    rounds(way, office, race)


@WAYS
def test_a_members_own_limit(office: Store, racers: Racers, way: str) -> None:
    broken = racing.sells_on_what_it_read_before if way else None

    def race(number: int) -> None:
        coupon = office.coupons.create(code=f"TWICE{number}", percent_off=10, customer_limit=2)
        member = office.members.create(name="Mira Olsen", card=f"M-{number}")
        sale = {"items": TEAS, "coupon": coupon.code, "customer": member.id}
        won = winners(racers.race(office.url, all_sell(sale), broken), "customer_limit")
        demand(len(won) == 2, won)
        sound(office)

    rounds(way, office, race)


@WAYS
@pytest.mark.parametrize("tender", ["cash", "card"])
def test_one_key_is_one_sale_and_one_answer(office: Store, racers: Racers, way: str, tender: str) -> None:
    broken = racing.looks_the_key_up_first if way else None

    def race(number: int) -> None:
        pays = [{"kind": "card", "number": APPROVES}] if tender == "card" else [{"kind": "cash", "tendered": 1000}]
        sale = {"items": TEAS, "tenders": pays, "idempotency_key": f"key {tender} {number}"}
        before = office.payments.list().total
        won = winners(racers.race(office.url, all_sell(sale), broken))
        demand((len(won), len(set(won))) == (RACERS, 1), won)
        demand(office.payments.list().total == before + 1, "more than one order")
        demand(not (found := disagreements(office)), found)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_one_key_gives_one_answer_also_when_the_winner_took_the_last_slot(
    office: Store, racers: Racers, way: str
) -> None:
    broken = racing.looks_the_key_up_first if way else None

    def race(number: int) -> None:
        coupon = office.coupons.create(code=f"ONE{number}", percent_off=10, max_redemptions=1)
        sale = {"items": TEAS, "coupon": coupon.code, "idempotency_key": f"last slot {number}"}
        won = winners(racers.race(office.url, all_sell(sale), broken))
        demand((len(won), len(set(won))) == (RACERS, 1), won)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_refunds_of_one_line(office: Store, racers: Racers, way: str) -> None:
    broken = racing.refunds_on_what_it_read_before if way else None

    def race(number: int) -> None:
        paid = office.payments.create(items=[{"id": TEA, "quantity": 3}, {"id": CUP}])
        runs = [(racing.refund, {"payment": paid.id, "items": [{"line": 1}]})] * RACERS
        won = winners(racers.race(office.url, runs, broken), "already_refunded")
        demand([amount for _, amount in won] == [999] * 3, won)
        demand(office.payments.get(paid.id).refunded_amount == 3 * 999, "more was given back than was paid")
        sound(office)

    rounds(way, office, race)


@WAYS
def test_refunds_against_redemptions_of_one_voucher(office: Store, racers: Racers, way: str) -> None:
    """Four sales that the voucher paid for are given back while four tills try to spend it."""
    broken = racing.writes_the_balance_it_read_before if way else None

    def race(number: int) -> None:
        voucher = office.vouchers.issue(value=4 * 999)
        sale: dict[str, Any] = {"items": TEAS, "vouchers": (voucher.code,)}
        spent = [office.payments.create(**sale).id for _ in range(4)]
        runs = [(racing.refund, {"payment": payment}) for payment in spent]
        outcomes = racers.race(office.url, [*runs, *all_sell(sale)[:4]], broken)
        demand(len(winners(outcomes[:4])) == 4, outcomes)
        drawn = sum(amount for _, _, amount in winners(outcomes[4:], "insufficient_balance"))
        demand(office.vouchers.get(voucher.id).balance == 4 * 999 - drawn, f"{drawn} were drawn: {outcomes}")
        sound(office)

    rounds(way, office, race)


@WAYS
def test_giving_a_sold_voucher_back_against_spending_it(office: Store, racers: Racers, way: str) -> None:
    broken = racing.refunds_on_what_it_read_before if way else None

    def race(number: int) -> None:
        paid = office.payments.create(items=[{"id": GIFT}])
        code = paid.vouchers_sold[0].code
        back = {"payment": paid.id}
        spend = {"items": TEAS, "vouchers": (code,)}
        runs = [(racing.refund, back)] * 4 + [(racing.sell, spend)] * 4
        outcomes = racers.race(office.url, runs, broken and _only_for_refunds)
        returned = winners(outcomes[:4], "already_refunded")
        drawn = winners(outcomes[4:], "inactive", "insufficient_balance")
        demand(len(returned) == 1, outcomes)
        demand(returned[0][1] + sum(amount for _, _, amount in drawn) == 2500, outcomes)
        sound(office)

    rounds(way, office, race)


def _only_for_refunds(store: Store, **arguments: Any) -> Any:
    if "payment" in arguments:
        return racing.refunds_on_what_it_read_before(store, **arguments)
    return racing.sells_on_what_it_read_before(store, **arguments)


@WAYS
@pytest.mark.parametrize("tender", ["cash", "card"])
def test_capturing_against_cancelling(office: Store, racers: Racers, way: str, tender: str) -> None:
    broken = racing.settles_on_what_it_read_before if way else None

    def race(number: int) -> None:
        coupon = office.coupons.create(code=f"HELD{number}", percent_off=10, max_redemptions=1)
        till = office.sign_in(till="9", operator="Ana")
        opened = till.payments.open(items=TEAS, coupon=coupon.code, tender=tender)
        till.close()
        which = {"payment": opened.id, "numbers": (APPROVES,) if tender == "card" else ()}
        runs = [(racing.capture, which), (racing.cancel, which)] * (RACERS // 2)
        won = winners(racers.race(office.url, runs, broken), "not_allowed")
        now = office.payments.get(opened.id)
        demand(now.status in ("captured", "canceled", "declined") and set(won) <= {now.status}, (now.status, won))
        demand(office.coupons.get(coupon.id).times_redeemed == (now.status == "captured"), "the slot")
        demand(not (found := disagreements(office)), found)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_receipt_numbers_at_one_till(office: Store, racers: Racers, way: str) -> None:
    """The back office's till is nobody's own: all eight sell there."""
    broken = racing.numbers_receipts_by_what_it_read_before if way else None

    def race(number: int) -> None:
        won = winners(racers.race(office.url, all_sell({"items": TEAS}), broken, office=True))
        first = number * RACERS + 1
        expected = [f"0-{receipt:06}" for receipt in range(first, first + RACERS)]
        demand(sorted(receipt for _, receipt, _ in won) == expected, won)
        sound(office)

    rounds(way, office, race)


def test_threads_of_one_till_get_one_answer_each(till: Store) -> None:
    """A screen's workers share one store."""
    with ThreadPoolExecutor(RACERS) as threads:
        sales = [{"items": TEAS, "idempotency_key": f"key {number // 2}"} for number in range(4 * RACERS)]
        receipts = [paid.receipt_number for paid in threads.map(lambda sale: till.payments.create(**sale), sales)]
    assert receipts[::2] == receipts[1::2]
    assert set(receipts) == {f"1-{number:06}" for number in range(1, 2 * RACERS + 1)}


def test_recovering_at_eight_tills_settles_each_payment_once(office: Store, racers: Racers) -> None:
    for _ in range(ROUNDS):
        till = office.sign_in(till="9", operator="Ana")
        lost = [till.payments.create(items=TEAS, tenders=[LOST]).id for _ in range(3)]
        till.close()
        outcomes = racers.race(office.url, [(racing.recover, {})] * RACERS, office=True)
        assert all(one.won for one in outcomes), outcomes
        assert [office.payments.get(payment).status for payment in lost] == ["captured"] * 3
        assert office.audit() == []


LOST = {"kind": "card", "number": "4000000000000119"}
