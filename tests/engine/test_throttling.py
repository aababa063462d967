"""Guessing: how long it is made to take, at a PIN and at codes."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher

from posconsole import Store
from posconsole.codes import mint
from posconsole.engine.quoting.refusals import TooManyGuesses
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.staff import operators, pins, throttling
from posconsole.engine.staff.throttling import CODE, OWN_PIN, TILL_PIN, Tally
from posconsole.errors import NotAllowed, NotFound, PosError
from tests.engine.shop import LAMP

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.clock import FixedClock

MANAGER, CASHIER = "271828", "3141"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(pins, "hasher", lambda: quick)


@pytest.fixture
def staffed(office: Store) -> Store:
    office.operators.create(name="Mo", role="manager", pin=MANAGER)
    office.operators.create(name="Ana", pin=CASHIER)
    office.vouchers.issue(value=2500)
    return office


def says(work: Callable[[], Any]) -> str:
    """Return the code of the refusal, or an empty text."""
    try:
        work()
    except PosError as refusal:
        return refusal.code
    return ""


def guess(store: Store, pin: str = "0000", operator: str = "Ana", till: str = "1") -> str:
    def work() -> None:
        store.sign_in(till=till, operator=operator, pin=pin)._lease.release()  # type: ignore[union-attr]

    return says(work)


def spend(store: Store, times: int) -> None:
    assert [guess(store) for _ in range(times)] == ["pin_wrong"] * times


# -- the pace -----------------------------------------------------------------------------------------------


def test_the_first_slips_are_free_and_each_further_one_costs_twice_as_much_up_to_an_hour() -> None:
    assert [OWN_PIN.wait(failures) for failures in range(3, 14)] == [
        0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600,
    ]  # fmt: skip


def test_at_its_slowest_a_guesser_has_one_guess_an_hour() -> None:
    tally, now = Tally(), 0
    for _ in range(1_000):
        tally = tally.worse(OWN_PIN, now)
        now += tally.wait(OWN_PIN, now)
    assert now > 980 * 3_600


def test_one_slip_is_forgiven_every_hour() -> None:
    tally = Tally()
    for _ in range(6):
        tally = tally.worse(OWN_PIN, 0)
    assert tally.worse(OWN_PIN, 2 * 3_600).failures == 5


def test_a_clock_that_was_ahead_locks_nobody_out_for_long() -> None:
    tally = Tally()
    for _ in range(6):
        tally = tally.worse(OWN_PIN, 4_000_000_000)
    assert tally.wait(OWN_PIN, 1_800_000_000) == 0


# -- PINs ---------------------------------------------------------------------------------------------------


def test_after_too_many_wrong_pins_the_right_one_waits_too(staffed: Store, clock: FixedClock) -> None:
    spend(staffed, 5)
    with pytest.raises(TooManyGuesses, match="Wait 30 seconds") as refused:
        staffed.sign_in(operator="Ana", pin=CASHIER)
    assert refused.value.seconds == 30
    clock.at += 30
    assert guess(staffed, CASHIER) == ""


def test_the_wait_survives_a_restart(staffed: Store, clock: FixedClock) -> None:
    spend(staffed, 5)
    again = Store.open(staffed.url, clock=clock)
    assert guess(again, CASHIER) == "too_many_guesses"
    again.close()


def test_a_right_pin_clears_the_operators_count_but_not_the_tills(staffed: Store, clock: FixedClock) -> None:
    """Or whoever knows one PIN could guess at the others for ever."""
    for _ in range(2):
        spend(staffed, 4)
        assert guess(staffed, CASHIER) == ""
    assert guess(staffed, operator="Mo") == "pin_wrong"
    assert guess(staffed, operator="Mo") == "pin_wrong"
    assert guess(staffed, operator="Mo") == "too_many_guesses"
    assert guess(staffed, MANAGER, operator="Mo", till="2") == ""


def test_one_operator_is_slowed_at_every_till(staffed: Store) -> None:
    spend(staffed, 5)
    assert guess(staffed, CASHIER, till="2") == "too_many_guesses"
    assert guess(staffed, MANAGER, operator="Mo", till="2") == ""


def test_a_name_nobody_has_is_refused_like_one_that_somebody_has(
    staffed: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same words, after as many hashes and writes, and slowed alike."""
    staffed.operators.create(name="Gone", pin="5555")
    staffed.operators.update("Gone", active=False)
    hashes: list[str] = []

    def fits(pin: str, kept: str, *_: object) -> bool:
        hashes.append(kept)
        return False

    monkeypatch.setattr(pins, "fits", fits)
    said = []
    for name, till in (("Ana", "1"), ("Nobody", "2"), ("Gone", "3")):
        with pytest.raises(NotAllowed) as refused:
            staffed.sign_in(till=till, operator=name, pin="5555")
        said.append((refused.value.message, refused.value.code, refused.value.field))
        assert [guess(staffed, "5555", name, till) for _ in range(5)] == ["pin_wrong"] * 4 + ["too_many_guesses"]
        told = staffed.events.list(type="operator.refused", till=till)
        assert told.total == 5
    assert len(set(said)) == 1
    assert len(hashes) == 15


def test_the_hash_for_nobody_costs_what_a_real_one_does() -> None:
    assert not PasswordHasher().check_needs_rehash(operators._NOBODY)


def at_once(store: Store, times: int) -> list[str]:
    """Guess from so many threads that have all been let past the first look at the tally."""
    ready, answers = threading.Barrier(times), []

    def one() -> None:
        def fits() -> bool:
            ready.wait()
            return False

        context = store._context
        answers.append(says(lambda: throttling.guess_pin(context, "op_1", fits)))

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_ten_guesses_at_once_ten_are_counted_and_five_are_answered(office: Store) -> None:
    assert sorted(at_once(office, 10)) == [""] * 5 + ["too_many_guesses"] * 5
    counted = office._context.read(lambda tx: tx.all(throttling._SEEN, subjects='["pin:op_1", "pin:till:0"]'))
    assert [row.failures for row in counted] == [10, 10]


def test_without_the_rows_lock_guesses_would_get_lost(office: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above; SQLite has one writer at a time whatever is locked."""
    if office.url.startswith("sqlite"):
        pytest.skip("one writer at a time")
    worse = Tally.worse

    def slowly(tally: Tally, pace: throttling.Pace, now: int) -> Tally:
        time.sleep(0.05)
        return worse(tally, pace, now)

    monkeypatch.setattr(throttling, "_LOCKED", throttling._SEEN)
    monkeypatch.setattr(Tally, "worse", slowly)
    at_once(office, 10)
    counted = office._context.read(lambda tx: tx.all(throttling._SEEN, subjects='["pin:op_1"]'))
    assert counted[0].failures < 10


# -- codes --------------------------------------------------------------------------------------------------


def look(till: Store, code: str) -> str:
    return says(lambda: till.look(code, Basket()))


def test_a_till_that_asks_for_one_code_after_the_other_is_slowed(staffed: Store, clock: FixedClock) -> None:
    till = staffed.sign_in(operator="Ana", pin=CASHIER)
    good = staffed.vouchers.issue(value=100).code
    for _ in range(5):
        assert till.coupons.validate(mint("GIFT"), order_amount=100).reason == "not_found"
        assert says(lambda: till.vouchers.get(mint("GIFT"))) == "not_found"
    for work in (
        lambda: till.vouchers.get(good),
        lambda: till.coupons.validate(good, order_amount=100),
        lambda: till.payments.create(amount=100, voucher=good),
        lambda: till.look(good, Basket()),
        lambda: till.quote(Basket((Item(LAMP),), (good,))),
    ):
        assert says(work) == "too_many_guesses"
    assert says(lambda: till.payments.create(items=[{"id": LAMP}])) == ""
    clock.at += CODE.first
    assert till.vouchers.get(good).balance == 100
    till._lease.release()  # type: ignore[union-attr]


def test_a_code_that_a_sale_is_refused_for_counts_though_the_sale_is_undone(staffed: Store) -> None:
    till = staffed.sign_in(operator="Ana", pin=CASHIER)
    for _ in range(CODE.free + 1):
        assert says(lambda: till.payments.create(amount=100, voucher=mint("GIFT"))) == "not_found"
    assert says(lambda: till.payments.create(amount=100, voucher=mint("GIFT"))) == "too_many_guesses"
    till._lease.release()  # type: ignore[union-attr]


def test_a_sale_that_is_done_is_answered_again_while_codes_wait(staffed: Store) -> None:
    till = staffed.sign_in(operator="Ana", pin=CASHIER)
    sale: Any = {"amount": 100, "voucher": staffed.vouchers.issue(value=100).code, "idempotency_key": "once"}
    done = till.payments.create(**sale)
    for _ in range(CODE.free + 1):
        says(lambda: till.vouchers.get(mint("GIFT")))
    assert till.payments.create(**sale) == done
    till._lease.release()  # type: ignore[union-attr]


def test_what_is_typed_in_vain_is_kept_in_mind_and_nothing_is_written(staffed: Store) -> None:
    till = staffed.sign_in(operator="Ana", pin=CASHIER)
    written = staffed.events.list().total
    wrong = [mint("GIFT") for _ in range(CODE.free + 1)]
    assert [look(till, code) for code in wrong] == [""] * len(wrong)
    assert look(till, wrong[0]) == "too_many_guesses"
    assert staffed._context.read(lambda tx: tx.all(throttling._SEEN, subjects='["code:till:1"]')) == []
    assert staffed.events.list().total == written
    assert look(till.switch("Mo", MANAGER), wrong[0]) == "too_many_guesses"
    till._lease.release()  # type: ignore[union-attr]


def test_looking_again_at_the_same_code_is_no_other_guess(staffed: Store) -> None:
    till = staffed.sign_in(operator="Ana", pin=CASHIER)
    code = mint("GIFT")
    assert {look(till, code) for _ in range(50)} == {""}
    till._lease.release()  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["flat white coffee", "2000000000099", "SPRNIG15", "0151 23456789", "ginger ale"])
def test_who_mistypes_anything_else_is_never_slowed(staffed: Store, text: str) -> None:
    till = staffed.sign_in(operator="Ana", pin=CASHIER)
    for no in range(30):
        assert look(till, f"{text}{no}") == ""
        assert says(lambda: till.coupons.validate(f"{text}{no}", order_amount=100)) == ""  # noqa: B023
    till._lease.release()  # type: ignore[union-attr]


def test_the_back_office_is_not_watched(staffed: Store) -> None:
    for _ in range(30):
        with pytest.raises(NotFound):
            staffed.vouchers.get(mint("GIFT"))


def test_a_shared_till_is_never_shut_for_longer_than_ten_minutes() -> None:
    assert TILL_PIN.wait(10_000) == 600
