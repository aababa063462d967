"""What needs a second look: payments settled by hand, refunds that a bank declines, goods without a receipt."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from posconsole.errors import IdempotencyConflict, InvalidInput, NotAllowed, PosError
from posconsole.tenders.base import Answer
from posconsole.tenders.sandbox import ANSWER_LOST, APPROVES, SandboxBank
from tests.engine.shop import BASKET, GIFT, LAMP, TEA, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posconsole import Store


def test_a_refund_goes_on_when_the_voucher_that_is_full_again_was_voided(office: Store) -> None:
    voucher = office.vouchers.issue(value=999)
    sold = office.payments.create(items=BASKET, voucher=voucher.code)
    office.payments.refund(sold.id, [{"line": 2}])
    office.vouchers.void(voucher.id, "lost")
    assert [(back.kind, back.amount) for back in office.payments.refund(sold.id).tenders] == [("cash", 2500)]
    assert office.audit() == []


def test_a_payment_opened_at_one_till_is_captured_at_another_under_its_own_receipts(office: Store, till: Store) -> None:
    till.payments.create(items=BASKET)
    office.payments.create(items=BASKET)
    opened = till.payments.open(items=BASKET, tender="terminal")
    assert office.payments.capture(opened.id, approval_code="A1").receipt_number == "1-000002"


def test_a_card_that_was_never_charged_cannot_be_settled_as_paid(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, sandbox=True)
    mix: list[dict[str, Any]] = [{"kind": "card", "amount": 1000, "number": APPROVES}, {"kind": "terminal"}]
    opened = shop.payments.open(items=BASKET, tenders=mix)
    assert [one.what for one in shop.payments.recover()] == ["needs_settling"]
    with pytest.raises(NotAllowed, match="The bank took nothing"):
        shop.payments.settle(opened.id, captured=True)
    assert shop.payments.settle(opened.id, captured=False).status == "canceled"
    assert shop.audit() == []


def test_a_charge_that_the_bank_took_is_undone_when_its_payment_is_settled_as_not_paid(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, sandbox=True)
    unheard = shop.payments.create(items=BASKET, tenders=[{"kind": "card", "number": ANSWER_LOST}])
    assert shop.payments.settle(unheard.id, captured=False).status == "canceled"
    assert shop.audit() == []


# -- refunds that a bank declines -----------------------------------------------------------------------------------


@contextmanager
def refunds_are(said: str) -> Iterator[None]:
    """Let the bank say this to whatever refund it is asked for."""
    with patch.object(SandboxBank, "refund", return_value=Answer(said)):
        yield


def declined(till: Store, price: int = 999) -> str:
    """Sell by card and refund what the bank then declines; return the part that is owed."""
    pays = [{"kind": "card", "number": APPROVES}]
    paid = till.payments.create(items=[{"id": None, "name": "Tea", "price": price}], tenders=pays)
    with refunds_are("declined"):
        done = till.payments.refund(paid.id)
    assert [one.status for one in done.tenders] == ["declined"]
    (part,) = (one for one in till.payments.owed() if one.refund == done.id)
    assert (part.status, part.payment, part.receipt_number) == ("declined", paid.id, paid.receipt_number)
    return part.id


def test_a_declined_refund_is_owed_until_a_person_settles_it(till: Store) -> None:
    part = declined(till)
    assert till.payments.recover() == ()
    settled = till.payments.settle_refund(part, as_="cash", note="card closed")
    assert [(one.kind, one.status, one.settled_as) for one in settled.tenders] == [("card", "captured", "cash")]
    assert till.payments.owed() == ()
    assert [one.data["paid"] for one in till.events.list(type="refund.settled").data] == [999]


def test_a_declined_refund_is_settled_once(till: Store) -> None:
    part = declined(till)
    first = till.payments.settle_refund(part, as_="credit", idempotency_key="s")
    assert till.payments.settle_refund(part, as_="credit", idempotency_key="s") == first
    assert [one.balance for one in first.vouchers_given] == [999]
    with pytest.raises(IdempotencyConflict):
        till.payments.settle_refund(part, as_="cash", idempotency_key="s")
    with pytest.raises(NotAllowed) as refusal:
        till.payments.settle_refund(part, as_="cash")
    assert refusal.value.code == "already_settled"


def test_cash_for_a_declined_refund_is_what_coins_can_pay(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, smallest_coin=5)
    shop.payments.settle_refund(declined(shop, 998))
    assert [one.data["paid"] for one in shop.events.list(type="refund.settled").data] == [1000]
    assert shop.audit() == []
    shop.close()


def test_a_refund_without_an_answer_is_asked_for_before_a_person_pays_it(till: Store) -> None:
    paid = till.payments.create(items=BASKET, tenders=[{"kind": "card", "number": APPROVES}])
    with refunds_are("unknown"):
        till.payments.refund(paid.id)
        (part,) = till.payments.owed()
        assert part.status == "pending"
    with pytest.raises(NotAllowed):
        # The bank does it now, so it isn't paid a second time.
        till.payments.settle_refund(part.id, as_="cash")
    assert [one.settled_as for one in till.payments.get(paid.id).refunds[0].tenders] == [None]


def test_what_a_person_saw_at_the_bank_moves_no_money(till: Store) -> None:
    part = declined(till)
    assert [one.settled_as for one in till.payments.settle_refund(part, as_="card").tenders] == ["card"]
    with pytest.raises(InvalidInput):
        till.payments.settle_refund(part, as_="gold")


# -- goods without a receipt ----------------------------------------------------------------------------------------


def test_goods_without_a_receipt_are_paid_back_at_their_price_now(till: Store) -> None:
    items = [{"id": LAMP, "quantity": 2}, {"id": TEA, "price": 500}]
    done = till.payments.refund_without_receipt(items, reason="gift, no receipt", idempotency_key="g")
    assert till.payments.refund_without_receipt(items, reason="gift, no receipt", idempotency_key="g") == done
    assert (done.payment, done.number, done.amount) == (None, "1-000001", 4498)
    assert [(item.name, item.quantity, item.amount, item.tax) for item in done.items] == [
        ("Lamp", 2, 3998, 638),
        ("Tea", 1, 500, 33),
    ]
    assert [(one.kind, one.amount) for one in done.tenders] == [("cash", 4498)]


def test_goods_without_a_receipt_may_be_paid_back_as_credit(till: Store) -> None:
    done = till.payments.refund_without_receipt([{"id": LAMP}], reason="no receipt", tender="credit")
    (credit,) = done.vouchers_given
    assert (credit.balance, [one.kind for one in done.tenders]) == (1999, ["credit"])
    assert till.payments.create(items=[{"id": LAMP}], voucher=credit.code).due == 0


def test_goods_without_a_receipt_are_paid_in_coins_there_are(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, smallest_coin=5, prices_include_tax=False)
    done = shop.payments.refund_without_receipt([{"id": LAMP}], reason="no receipt")
    assert (done.amount, done.rounding, done.tenders[0].amount) == (2379, 1, 2380)
    assert shop.audit() == []
    shop.close()


@pytest.mark.parametrize(
    ("items", "more", "code"),
    [
        ([{"id": GIFT}], {"reason": "found it"}, "receipt_needed"),
        ([{"id": LAMP}], {"reason": " "}, "invalid_input"),
        ([{"id": LAMP, "quantity": -1}], {"reason": "x"}, "invalid_input"),
        ([{"id": "nothing like it"}], {"reason": "x"}, "not_found"),
        ([{"id": LAMP}], {"reason": "x", "tender": "card"}, "invalid_input"),
        ([], {"reason": "x"}, "invalid_input"),
    ],
)
def test_what_cannot_come_back_without_a_receipt_says_so(
    till: Store, items: list[dict[str, Any]], more: dict[str, str], code: str
) -> None:
    with pytest.raises(PosError) as refusal:
        till.payments.refund_without_receipt(items, **more)
    assert refusal.value.code == code
