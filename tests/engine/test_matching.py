"""What a list's `matching` finds, and whom it tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posconsole import Store


def test_lists_are_narrowed_by_any_part_of_a_name_or_code_page_after_page(office: Store) -> None:
    for no in range(5):
        office.coupons.create(code=f"SPRING{no}", name="Spring 15 %", percent_off=15)
        office.campaigns.create(name=f"Spring {no}")
        office.offers.create(name=f"Spring {no}", incentive={"type": "points_multiplier", "multiplier": 2})
        office.vouchers.issue(value=100, holder=f"Zoë {no}", prefix="SPRING")
        office.vouchers.create_batch(count=1, value=100, prefix=f"SPRIN{no + 2}")
    office.coupons.create(code="AUTUMN", percent_off=15)
    office.campaigns.create(name="100%_off")
    for area in (office.coupons, office.campaigns, office.offers, office.vouchers, office.batches):
        first = area.list(matching="spRIN", limit=3)
        rest = area.list(matching="spRIN", limit=10, starting_after=first.next)
        assert len({one.id for one in (*first.data, *rest.data)}) == first.total
        assert first.total in (5, 10), area
    assert office.campaigns.list(matching="%_").total == 1
    assert office.coupons.list(matching="spring", type="points").total == 0
    assert office.vouchers.list(matching="Zoë 3").total == 1
    assert office.batches.list(kind="coupon").total == 0


def test_a_cashier_finds_no_code_out_by_its_parts(office: Store) -> None:
    voucher = office.vouchers.issue(value=100, holder="Zoë")
    office.coupons.create_batch(count=1, prefix="SPRING", percent_off=15)
    office.operators.create(name="Mo", role="manager", pin="271828")
    office.operators.create(name="Ana", pin="3141")
    mo = office.sign_in(till="1", operator="Mo", pin="271828")
    ana = office.sign_in(till="2", operator="Ana", pin="3141")
    part = voucher.code[5:9]
    assert [who.vouchers.list(matching=part).total for who in (mo, ana)] == [1, 0]
    assert [who.vouchers.list(matching="zo").total for who in (mo, ana)] == [1, 1]
    assert [who.coupons.list(matching="SPRING-").total for who in (mo, ana)] == [1, 0]
