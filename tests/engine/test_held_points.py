"""Points vouchers while a sale that claims them is under way: what it holds is counted, and left to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.shop import TEA

if TYPE_CHECKING:
    from posconsole import Store


def test_a_sale_under_way_holds_the_points_of_a_voucher(till: Store, office: Store) -> None:
    mira = office.members.create(name="Mira").id
    voucher = office.vouchers.issue(kind="points", value=300)
    opened = till.payments.open(items=[{"id": TEA}], customer=mira, vouchers=[voucher.code], tender="card")
    assert (office.vouchers.get(voucher.id).held, office.audit()) == (300, [])
    till.payments.cancel(opened.id)
    assert office.vouchers.get(voucher.id).held == 0


def test_points_put_on_a_voucher_beside_a_hold_can_be_redeemed_at_once(till: Store, office: Store) -> None:
    mira = office.members.create(name="Mira").id
    voucher = office.vouchers.issue(kind="points", value=300)
    opened = till.payments.open(items=[{"id": TEA}], customer=mira, vouchers=[voucher.code], tender="card")
    office.vouchers.adjust(voucher.id, amount=50, reason="too little")
    assert office.vouchers.redeem(voucher.code, customer=mira).points == 50
    till.payments.cancel(opened.id)
    assert office.vouchers.redeem(voucher.code, customer=mira).points == 300
    assert office.members.get(mira).points == 350
