"""Vouchers given by a manager: their codes, their ledger, their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole import codes
from posconsole.engine.refusals import CodeRefused
from posconsole.errors import Conflict, IdempotencyConflict, InvalidInput, NotAllowed, NotFound
from tests.engine.shop import BASKET, TEA

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import FixedClock


def test_a_voucher_is_drawn_down_and_its_balance_is_the_sum_of_its_ledger(till: Store) -> None:
    gift = till.vouchers.issue(value=2500, holder="Mira Olsen")
    till.payments.create(items=[{"id": TEA}], vouchers=[gift.code])
    found = till.vouchers.get(gift.id)
    rows = till.vouchers.transactions(gift.code)
    assert [(row.kind, row.amount) for row in rows] == [("issue", 2500), ("redeem", -999)]
    assert (found.balance, found.status) == (sum(row.amount for row in rows), "active")


@pytest.mark.parametrize("write", [str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " ")])
def test_a_code_is_forgiven_its_writing(till: Store, write: object) -> None:
    gift = till.vouchers.issue(value=2500)
    assert till.vouchers.get(write(gift.code)).id == gift.id  # type: ignore[operator]


def test_a_given_code_needs_its_check_symbol_and_is_never_used_again(till: Store) -> None:
    code = codes.seal("GIFT", "7K2P9QXM4TR")
    assert till.vouchers.issue(value=100, code=code.lower()).code == code
    with pytest.raises(Conflict):
        till.vouchers.issue(value=100, code=code)
    with pytest.raises(InvalidInput):
        till.vouchers.issue(value=100, code=code[:-1] + ("0" if code[-1] != "0" else "1"))


@pytest.mark.parametrize(
    "dashes", ["GIFT7K2P-9QXM-4TR5", "GIFT 7K2P 9QXM 4TR5", "gift7k2p9qxm4tr5", "GIFT-7K2P9QXM-4TR5"]
)
def test_a_given_code_is_the_one_that_was_given_wherever_its_dashes_are(till: Store, dashes: str) -> None:
    code = codes.seal("GIFT", "7K2P9QXM4TR")
    assert till.vouchers.issue(value=100, code=dashes[:-1] + code[-1]).code == code


def test_the_same_key_gives_one_voucher(till: Store) -> None:
    first = till.vouchers.issue(value=2500, holder="Mira", idempotency_key="prize")
    assert till.vouchers.issue(value=2500, holder="Mira", idempotency_key="prize") == first
    with pytest.raises(IdempotencyConflict):
        till.vouchers.issue(value=5000, holder="Mira", idempotency_key="prize")
    assert till.vouchers.list().total == 1


@pytest.mark.parametrize("value", [0, -1, 1.5, True, 2**63])
def test_a_value_that_cannot_be_is_refused(till: Store, value: int) -> None:
    with pytest.raises(InvalidInput):
        till.vouchers.issue(value=value)


def test_void_takes_what_is_left_off_the_books(till: Store) -> None:
    gift = till.vouchers.issue(value=2500)
    till.payments.create(items=[{"id": TEA}], vouchers=[gift.code])
    assert till.vouchers.void(gift.code, reason="reported stolen").balance == 0
    with pytest.raises(CodeRefused) as refusal:
        till.payments.create(items=BASKET, vouchers=[gift.code])
    assert refusal.value.code == "inactive"
    with pytest.raises(NotAllowed):
        till.vouchers.void(gift.code, reason="again")


def test_a_voucher_that_a_till_is_being_paid_with_cannot_be_voided(till: Store) -> None:
    gift = till.vouchers.issue(value=500)
    till.payments.open(items=BASKET, vouchers=[gift.code], tender="terminal")
    with pytest.raises(NotAllowed, match="right now"):
        till.vouchers.void(gift.code, reason="lost")


def test_the_last_day_of_a_voucher_is_a_whole_day(till: Store, clock: FixedClock) -> None:
    gift = till.vouchers.issue(value=500, expires_at="2026-07-22")
    clock.at = gift.expires_at or 0
    assert till.payments.create(items=[{"id": TEA}], vouchers=[gift.code]).voucher_amount == 500
    late = till.vouchers.issue(value=500, expires_at="2026-07-22")
    clock.at += 1
    with pytest.raises(CodeRefused) as refusal:
        till.payments.create(items=[{"id": TEA}], vouchers=[late.code])
    assert refusal.value.code == "expired"


def test_no_whole_code_reaches_the_journal(till: Store) -> None:
    gift = till.vouchers.issue(value=500)
    till.payments.create(items=[{"id": TEA}], vouchers=[gift.code])
    told = [str(event) for event in till.events.list().data]
    assert not any(codes.fold(gift.code) in codes.fold(one) for one in told)


def test_an_unknown_code_is_not_found(till: Store) -> None:
    with pytest.raises(NotFound):
        till.vouchers.get(codes.mint())
