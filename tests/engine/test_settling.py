"""Payments that need a second look: settled by hand, at another till, after a voucher's end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.errors import NotAllowed
from posconsole.tenders.sandbox import ANSWER_LOST, APPROVES
from tests.engine.shop import BASKET, open_shop

if TYPE_CHECKING:
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
