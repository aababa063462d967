"""What a receipt tells of the member's points and of what is left on vouchers: as it was then, on every copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.shop import goods

if TYPE_CHECKING:
    from posconsole import Store


def test_a_receipt_tells_what_was_left_right_after_it_however_late_it_is_read(office: Store, till: Store) -> None:
    who = office.members.create(name="Mira Olsen", phone="0151 1").id
    gift = office.vouchers.issue(value=5000)
    first = till.payments.create(items=goods(2000), customer=who, voucher=gift.code)
    second = till.payments.create(items=goods(4000), customer=who, voucher=gift.code)
    assert [(sale.points_left, sale.redemptions[0].left) for sale in (first, second)] == [(20, 3000), (60, 0)]
    back = till.payments.refund(second.id, reason="broken")
    assert (back.points_left, [left for _, left in back.vouchers_left]) == (20, [3000])
    copies = till.payments.get(first.id), till.payments.get(second.id)
    assert [(sale.points_left, sale.redemptions[0].left) for sale in copies] == [(20, 3000), (60, 0)]
    assert copies[1].refunds == (back,)


def test_a_sale_that_is_not_paid_tells_of_no_balance(office: Store, till: Store) -> None:
    who, gift = office.members.create(name="Mira Olsen", phone="0151 1").id, office.vouchers.issue(value=500)
    held = till.payments.open(items=goods(2000), customer=who, voucher=gift.code, tender="card")
    assert (held.points_left, held.redemptions[0].left) == (None, None)
    till.payments.cancel(held.id)
