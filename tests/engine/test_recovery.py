"""What recovery makes of every way in which a card payment can be left, and of who may do it."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from posconsole.engine.refund import owing
from posconsole.errors import Busy, NotAllowed
from posconsole.tenders.base import Answer
from posconsole.tenders.sandbox import ANSWER_LOST, APPROVES, DECLINES, STAYS_UNKNOWN, SandboxBank
from tests.engine.bank import charges, disagreements
from tests.engine.shop import BASKET, TEA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store
    from posconsole.clock import FixedClock

TEAS: list[dict[str, Any]] = [{"id": TEA}]


class PowerCut(BaseException):
    """The program is gone in mid-call; nobody handles this."""


def card(number: str, **fields: Any) -> list[dict[str, Any]]:
    return [{"kind": "card", "number": number, **fields}]


@pytest.fixture
def held(office: Store) -> dict[str, Any]:
    """Give a sale that uses the only slot of a coupon and all of a voucher."""
    office.coupons.create(code="ONE", percent_off=10, max_redemptions=1)
    voucher = office.vouchers.issue(value=500)
    return {"items": TEAS, "coupon": "ONE", "vouchers": [voucher.code]}


@pytest.fixture(autouse=True)
def agreed(office: Store) -> Iterator[None]:
    """Whatever a test does, in the end the bank took what the books say it took."""
    yield
    assert disagreements(office) == []


def uses(store: Store) -> tuple[int, int]:
    """Return what is used of the slot and what is left on the voucher."""
    voucher = store.vouchers.list().data[0]
    return store.coupons.get("ONE").times_redeemed + store.coupons.get("ONE").held, voucher.balance - voucher.held


@pytest.mark.parametrize(
    ("number", "first", "then", "what", "used"),
    [
        (APPROVES, "captured", "captured", [], (1, 0)),
        (DECLINES, "declined", "declined", [], (0, 500)),
        (ANSWER_LOST, "pending", "captured", ["captured"], (1, 0)),
        (STAYS_UNKNOWN, "pending", "pending", ["needs_settling"], (1, 0)),
    ],
    ids=["approves", "declines", "answer lost", "stays unknown"],
)
def test_each_card(
    till: Store, held: dict[str, Any], number: str, first: str, then: str, what: list[str], used: tuple[int, int]
) -> None:
    paid = till.payments.create(**held, tenders=card(number))
    assert paid.status == first
    assert [one.what for one in till.payments.recover()] == what
    assert till.payments.get(paid.id).status == then
    assert uses(till) == used
    assert [one.what for one in till.payments.recover()] == [one for one in what if one == "needs_settling"]


@pytest.mark.parametrize("captured", [True, False])
def test_a_person_settles_what_no_bank_can_tell(till: Store, held: dict[str, Any], captured: bool) -> None:
    paid = till.payments.create(**held, tenders=card(STAYS_UNKNOWN), idempotency_key="k")
    with pytest.raises(NotAllowed, match="Nobody can tell"):
        till.payments.cancel(paid.id)
    settled = till.payments.settle(paid.id, captured=captured, note="rang the bank")
    assert settled.status == ("captured" if captured else "canceled")
    assert uses(till) == ((1, 0) if captured else (0, 500))
    assert not till.payments.unsettled()
    assert not till.payments.recover()
    assert till.payments.create(**held, tenders=card(STAYS_UNKNOWN), idempotency_key="k") == settled
    assert any("rang the bank" in str(event) for event in till.events.list().data)


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_crash_between_charge_and_commit(till: Store, held: dict[str, Any], where: str) -> None:
    charge = SandboxBank.charge

    def cut(bank: SandboxBank, *arguments: Any) -> Answer:
        if where == "after":
            charge(bank, *arguments)
        raise PowerCut

    sale = {**held, "tenders": card(APPROVES), "idempotency_key": "k"}
    with patch.object(SandboxBank, "charge", cut), pytest.raises(PowerCut):
        till.payments.create(**sale)
    assert uses(till) == (1, 0)
    recovered = till.payments.recover()
    assert [one.what for one in recovered] == ["captured" if where == "after" else "released"]
    assert uses(till) == ((1, 0) if where == "after" else (0, 500))
    assert till.payments.create(**sale) == recovered[0].payment


def test_a_retry_instead_of_a_recovery_completes_the_sale_and_charges_once(till: Store, held: dict[str, Any]) -> None:
    sale = {**held, "tenders": card(APPROVES), "idempotency_key": "k"}
    with patch.object(type(till.payments), "_commit", side_effect=PowerCut), pytest.raises(PowerCut):
        till.payments.create(**sale)
    assert till.payments.create(**sale).status == "captured"
    assert [amount for _, amount, _ in charges(till).values()] == [399]


def test_a_yes_that_comes_after_the_release_takes_no_money(till: Store, held: dict[str, Any]) -> None:
    opened = till.payments.open(**held, tender="card")
    tender = opened.tenders[0]
    assert [one.what for one in till.payments.recover()] == ["released"]
    late = till._context.device("card").charge(tender.id, tender.amount, "EUR", APPROVES)
    assert late.status == "declined"
    assert uses(till) == (0, 500)
    with pytest.raises(NotAllowed):
        till.payments.capture(opened.id, numbers=[APPROVES])


def test_a_standalone_terminal_waits_for_its_cashier(till: Store, held: dict[str, Any]) -> None:
    opened = till.payments.open(**held, tender="terminal")
    assert [one.what for one in till.payments.recover()] == ["needs_settling"]
    assert uses(till) == (1, 0)
    assert till.payments.capture(opened.id, approval_code="123456").tenders[0].approval_code == "123456"
    other = till.payments.open(items=TEAS, tender="terminal")
    assert till.payments.decline(other.id).status == "declined"
    assert uses(till) == (1, 0)


def test_another_tills_payment_is_left_alone_until_its_time_is_over(
    till: Store, office: Store, clock: FixedClock, held: dict[str, Any]
) -> None:
    opened = till.payments.open(**held, tender="card")
    second = office.sign_in(till="2", operator="Ben")
    assert second.payments.recover() == office.payments.recover() == ()
    clock.at = int(opened.expires_at or 0) + 1
    assert [one.what for one in second.payments.recover()] == ["released"]
    assert till.payments.get(opened.id).status == "expired"
    assert uses(till) == (0, 500)
    second.close()


def test_a_sweep_frees_what_a_dead_till_held_and_nothing_under_way(
    till: Store, office: Store, clock: FixedClock, held: dict[str, Any]
) -> None:
    dead = till.payments.open(**held, tender="card")
    second = office.sign_in(till="2", operator="Ben")
    clock.at = int(dead.expires_at or 0) + 1
    under_way = second.payments.open(items=TEAS, tender="card")
    assert [(one.payment.id, one.what) for one in second.payments.sweep()] == [(dead.id, "released")]
    assert uses(till) == (0, 500)
    assert second.payments.capture(under_way.id, numbers=[APPROVES]).status == "captured"
    second.close()


def test_settled_at_the_office_it_keeps_the_receipt_numbers_of_its_own_till(till: Store, office: Store) -> None:
    till.payments.create(items=TEAS)
    office.payments.create(items=TEAS)
    lost = till.payments.create(items=TEAS, tenders=card(ANSWER_LOST))
    unknown = till.payments.create(items=TEAS, tenders=card(STAYS_UNKNOWN))
    office.payments.recover()
    office.payments.settle(unknown.id, captured=True)
    assert [office.payments.get(one.id).receipt_number for one in (lost, unknown)] == ["1-000002", "1-000003"]
    assert till.payments.create(items=TEAS).receipt_number == "1-000004"
    assert office.payments.create(items=TEAS).receipt_number == "0-000002"


def test_what_is_being_undone_at_the_bank_can_not_be_captured(till: Store, office: Store, held: dict[str, Any]) -> None:
    """The cancelling till is between the bank's promise and its own commit when the charging till commits."""
    opened = till.payments.open(**held, tender="card")
    charged, undone, tried = threading.Event(), threading.Event(), threading.Event()
    charge, void = SandboxBank.charge, SandboxBank.void

    def charges_slowly(bank: SandboxBank, *arguments: Any) -> Answer:
        answer = charge(bank, *arguments)
        charged.set()
        assert undone.wait(10)
        return answer

    def voids_slowly(bank: SandboxBank, *arguments: Any) -> Answer:
        answer = void(bank, *arguments)
        undone.set()
        assert tried.wait(10)
        return answer

    def capture() -> None:
        with pytest.raises(NotAllowed):
            till.payments.capture(opened.id, numbers=[APPROVES])
        tried.set()

    with patch.object(SandboxBank, "charge", charges_slowly), patch.object(SandboxBank, "void", voids_slowly):
        charging = threading.Thread(target=capture)
        charging.start()
        assert charged.wait(10)
        assert office.payments.cancel(opened.id).status == "canceled"
        charging.join(10)
    assert uses(till) == (0, 500)


def test_an_answer_that_comes_after_somebody_else_settled_changes_nothing(till: Store, office: Store) -> None:
    charge = SandboxBank.charge

    def settled_meanwhile(bank: SandboxBank, *arguments: Any) -> Answer:
        answer = charge(bank, *arguments)
        assert [one.what for one in office.payments.recover()] == ["captured"]
        return answer

    with patch.object(SandboxBank, "charge", settled_meanwhile):
        paid = till.payments.create(items=TEAS, tenders=card(ANSWER_LOST))
    assert (paid.status, paid.tenders[0].status) == ("captured", "captured")


def test_a_crash_while_giving_up_is_given_up_by_recovery(till: Store, held: dict[str, Any]) -> None:
    sale = {**held, "tenders": [*card(APPROVES, amount=100), *card(DECLINES)]}
    with patch.object(SandboxBank, "void", side_effect=PowerCut), pytest.raises(PowerCut):
        till.payments.create(**sale)
    assert [one.what for one in till.payments.recover()] == ["released"]
    assert uses(till) == (0, 500)
    assert Counter(status for status, _, _ in charges(till).values()) == {"voided": 1, "declined": 1}


def test_a_card_is_not_undone_beside_one_that_can_not_be(till: Store) -> None:
    """The first card paid, the second one's outcome is unknown: a person may still find both captured."""
    paid = till.payments.create(items=BASKET, tenders=[*card(APPROVES, amount=500), *card(STAYS_UNKNOWN)])
    assert [tender.status for tender in paid.tenders] == ["captured", "unknown"]
    with pytest.raises(NotAllowed):
        till.payments.cancel(paid.id)
    assert [one.what for one in till.payments.recover()] == ["needs_settling"]
    assert till.payments.settle(paid.id, captured=True).status == "captured"


def test_a_person_gives_up_what_one_card_of_two_paid(till: Store) -> None:
    paid = till.payments.create(items=BASKET, tenders=[*card(APPROVES, amount=500), *card(STAYS_UNKNOWN)])
    assert till.payments.settle(paid.id, captured=False).status == "canceled"
    assert sorted(status for status, _, _ in charges(till).values()) == ["unknown", "voided"]


def test_one_payment_that_can_not_be_settled_does_not_keep_others_waiting(till: Store) -> None:
    stuck = till.payments.open(items=TEAS, tender="card")
    lost = till.payments.create(items=TEAS, tenders=card(ANSWER_LOST))
    with patch.object(SandboxBank, "void", return_value=Answer("unknown")):
        found = {one.payment.id: one.what for one in till.payments.recover()}
    assert found == {stuck.id: "needs_settling", lost.id: "captured"}
    assert [one.what for one in till.payments.recover()] == ["released"]


def test_a_yes_that_comes_after_a_person_said_no_takes_no_money(till: Store) -> None:
    with (
        patch.object(SandboxBank, "charge", side_effect=OSError),
        patch.object(SandboxBank, "outcome", side_effect=OSError),
    ):
        paid = till.payments.create(items=TEAS, tenders=card(APPROVES))
        assert till.payments.settle(paid.id, captured=False).status == "canceled"
    tender = paid.tenders[0]
    assert till._context.device("card").charge(tender.id, tender.amount, "EUR", APPROVES).status == "declined"


def test_a_card_is_not_charged_for_what_is_being_given_up(till: Store, held: dict[str, Any]) -> None:
    """The till stopped between marking the payment and telling the bank; then the same call comes again."""
    opened = till.payments.open(**held, tenders=card(APPROVES), idempotency_key="k")
    with patch.object(SandboxBank, "void", side_effect=PowerCut), pytest.raises(PowerCut):
        till.payments.cancel(opened.id)
    with pytest.raises(NotAllowed, match="given up"):
        till.payments.create(**held, tenders=card(APPROVES), idempotency_key="k")
    assert charges(till) == {}
    assert [one.what for one in till.payments.recover()] == ["released"]


def test_a_refund_that_the_bank_was_not_told_of_is_ordered_once(till: Store) -> None:
    paid = till.payments.create(items=TEAS, tenders=card(APPROVES))
    refund = SandboxBank.refund

    def cut(bank: SandboxBank, *arguments: Any) -> Answer:
        refund(bank, *arguments)
        raise PowerCut

    with patch.object(SandboxBank, "refund", cut), pytest.raises(PowerCut):
        till.payments.refund(paid.id, idempotency_key="r")
    assert [tender.status for tender in till.payments.get(paid.id).refunds[0].tenders] == ["pending"]
    till.payments.recover()
    assert [tender.status for tender in till.payments.refund(paid.id, idempotency_key="r").tenders] == ["captured"]
    assert [refunded for _, _, refunded in charges(till).values()] == [999]


def test_a_refund_that_is_written_is_not_refused_because_its_settling_could_not_be(till: Store) -> None:
    paid = till.payments.create(items=TEAS, tenders=card(APPROVES))
    with patch.object(owing, "_answered", side_effect=Busy("in use")):
        back = till.payments.refund(paid.id)
    assert [(tender.amount, tender.status) for tender in back.tenders] == [(999, "pending")]
    till.payments.recover()
    assert [refunded for _, _, refunded in charges(till).values()] == [999]


def test_a_refund_that_is_written_says_so_even_when_it_cannot_be_read_again(till: Store) -> None:
    """Told that nothing was written, a person would give the second cup's money back as well."""
    paid = till.payments.create(items=[{"id": TEA, "quantity": 2}], tenders=card(APPROVES))
    with patch.object(type(till._context), "read", side_effect=Busy("Nothing was written; try again.")):
        back = till.payments.refund(paid.id, [{"line": 1}])
    assert [(tender.amount, tender.status) for tender in back.tenders] == [(999, "pending")]
    till.payments.recover()


@pytest.mark.parametrize("verb", ["charge", "outcome", "void", "refund"])
def test_a_bank_that_breaks_is_a_bank_that_does_not_know(till: Store, verb: str) -> None:
    """An exception out of a device says no more about the money than no answer does."""
    paid = till.payments.create(items=TEAS, tenders=card(APPROVES))
    opened = till.payments.open(items=TEAS, tender="card")
    with patch.object(SandboxBank, verb, side_effect=OSError("the line is dead")):
        if verb == "charge":
            assert till.payments.capture(opened.id, numbers=[APPROVES]).status == "pending"
        elif verb == "refund":
            assert [tender.status for tender in till.payments.refund(paid.id).tenders] == ["pending"]
        else:
            assert [one.what for one in till.payments.recover()] == ["needs_settling"]
    till.payments.recover()
    assert till.payments.unsettled() == ()


def test_what_has_expired_is_told_once(till: Store, clock: FixedClock) -> None:
    soon = clock.at + 60
    till.coupons.create(code="SOON", percent_off=10, valid_until=soon)
    till.vouchers.issue(value=500, expires_at=soon)
    offer = {"type": "percentage_discount", "percent": 10}
    till.offers.publish(till.offers.create(name="Soon", incentive=offer, ends_at=soon).id)
    clock.at = soon + 1
    till.payments.recover()
    till.payments.sweep()
    ends = ("coupon.expired", "voucher.expired", "loyalty.offer.expired")
    assert [till.events.list(type=kind).total for kind in ends] == [1, 1, 1]
