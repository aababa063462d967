"""Reports: right to the cent over sales, refunds, codes and points, in the shop's days, as rows, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from posconsole.clock import FixedClock, moment
from posconsole.errors import InvalidInput, NotAllowed
from posconsole.tenders.sandbox import APPROVES
from tests.engine.shop import BASKET, CUP, GIFT, LAMP, TEA, goods, open_shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posconsole import Store
    from posconsole.engine.figures.reporting import Report

DAY = 86_400
TODAY, TOMORROW = "2026-07-22", "2026-07-23"


def rows(report: Report, *names: str) -> list[tuple[Any, ...]]:
    """Return these columns of a report."""
    places = [[column.name for column in report.columns].index(name) for name in names]
    return [tuple(row[place] for place in places) for row in report.rows]


def at(text: str, zone: str) -> int:
    found = moment(text, zone, "at")
    assert found is not None
    return found


def two_days(office: Store, till: Store, clock: FixedClock) -> str:
    """Sell 31.49 with TEN and 25.00 in gift vouchers today; a lamp tomorrow, when tea and a cup come back."""
    office.coupons.create(code="TEN", percent_off=10)
    sold = till.payments.create(items=BASKET, coupon="TEN")
    till.payments.create(items=[{"id": GIFT}], tenders=[{"kind": "card", "number": APPROVES}])
    clock.at += DAY
    office.payments.create(items=[{"id": LAMP}])
    till.payments.refund(sold.id, [{"line": 2}])
    till.payments.refund_without_receipt([{"id": CUP}], reason="no receipt")
    return sold.id


# -- sales and tax --------------------------------------------------------------------------------------------------


def test_sales_by_day_count_what_was_charged_and_what_came_back(office: Store, till: Store, clock: FixedClock) -> None:
    two_days(office, till, clock)
    found = office.reports.sales_by_day()
    assert rows(found, "day", "sales", "gross", "discount", "amount") == [
        (TODAY, 2, 5999, 350, 5649),
        (TOMORROW, 1, 1999, 0, 1999),
    ]
    assert rows(found, "tax", "refunds", "refunded", "net") == [(418, 0, 0, 5649), (319 - 59 - 80, 2, 1400, 599)]
    assert (found.totals["sales"], found.totals["net"]) == (3, 6248)
    assert rows(office.reports.sales_by_day(TOMORROW, TOMORROW), "day") == [(TOMORROW,)]
    assert rows(office.reports.sales_by_day(until=TODAY), "day") == [(TODAY,)]


def test_sales_by_operator_and_by_till_come_to_the_same(office: Store, till: Store, clock: FixedClock) -> None:
    two_days(office, till, clock)
    assert rows(office.reports.by_till(), "till", "sales", "refunds", "net") == [("0", 1, 0, 1999), ("1", 2, 2, 4249)]
    assert rows(office.reports.by_operator(), "operator", "net") == [("Ana", 4249), ("office", 1999)]
    day, operator, by_till = (
        report().totals for report in (office.reports.sales_by_day, office.reports.by_operator, office.reports.by_till)
    )
    assert day == operator == by_till


def test_tax_is_summed_by_rate_less_what_came_back_and_vouchers_bear_none(
    office: Store, till: Store, clock: FixedClock
) -> None:
    two_days(office, till, clock)
    found = office.reports.tax()
    assert rows(found, "rate", "sold_base", "sold_tax", "refunded_base", "refunded_tax", "base", "tax") == [
        (700, 840, 59, 840, 59, 0, 0),
        (1900, 1891 + 1680, 359 + 319, 421, 80, 3150, 598),
    ]
    assert found.totals["vouchers_sold"] == 2500
    assert found.totals["base"] + found.totals["tax"] + 2500 == office.reports.sales_by_day().totals["net"]


def test_what_was_not_paid_is_in_no_report(office: Store, till: Store) -> None:
    till.payments.cancel(till.payments.open(items=BASKET, tender="terminal").id)
    till.payments.open(items=BASKET, tender="terminal")
    reports = office.reports
    for report in (reports.sales_by_day, reports.sales_by_hour, reports.by_till, reports.by_operator, reports.tax):
        assert report().rows == ()


@pytest.mark.parametrize(
    ("zone", "day", "hours"), [("Europe/Berlin", "2026-03-29", 23), ("Europe/Berlin", "2026-10-25", 25)]
)
def test_a_day_on_which_the_clocks_change_has_all_its_hours_and_no_others(
    tmp_path: Path, zone: str, day: str, hours: int
) -> None:
    begin = at(day, zone)
    clock = FixedClock(begin - 1)
    office = open_shop(tmp_path, clock, timezone=zone)
    for clock.at in (
        begin - 1,
        *range(begin, begin + hours * 3600, 3600),
        begin + hours * 3600 - 1,
        begin + hours * 3600,
    ):
        office.payments.create(items=goods(100))
    by_day = {day: sales for day, sales in rows(office.reports.sales_by_day(), "day", "sales")}  # noqa: C416
    assert (by_day[day], len(by_day), office.reports.sales_by_day().totals["sales"]) == (hours + 1, 3, hours + 3)
    by_hour = dict(rows(office.reports.sales_by_hour(day), "hour", "sales"))
    assert (sum(by_hour.values()), by_hour["00:00"], by_hour["23:00"]) == (hours + 1, 1, 2)
    assert by_hour.get("02:00", 0) == {23: 0, 25: 2}[hours]
    office.close()


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Pacific/Chatham", "Australia/Lord_Howe"])
def test_days_begin_at_midnight_in_zones_with_odd_offsets(tmp_path: Path, zone: str) -> None:
    midnight = at("2026-07-22", zone)
    clock = FixedClock(midnight - 1)
    office = open_shop(tmp_path, clock, timezone=zone)
    for clock.at in (midnight - 1, midnight, midnight + DAY - 1, midnight + DAY):
        office.payments.create(items=goods(100))
    found = office.reports.sales_by_day()
    assert rows(found, "day", "sales") == [("2026-07-21", 1), ("2026-07-22", 2), ("2026-07-23", 1)]
    office.close()


# -- codes ----------------------------------------------------------------------------------------------------------


def test_discount_cost_by_day_coupon_campaign_and_offer(office: Store, till: Store, clock: FixedClock) -> None:
    spring = office.campaigns.create(name="Spring")
    ten = office.coupons.create(code="TEN", percent_off=10, campaign=spring.id, stackable=True)
    five = office.coupons.create(code="FIVE", amount_off=500, stackable=True)
    mira = office.members.create(name="Mira").id
    deal = {"type": "percentage_discount", "percent": 20}
    offer = office.offers.publish(office.offers.create(name="Deal", incentive=deal).id)
    sold = till.payments.create(items=BASKET, coupons=["TEN", "FIVE"])
    clock.at += DAY
    till.payments.refund(sold.id, [{"line": 2}])
    till.payments.create(items=[{"id": LAMP}], customer=mira, coupon="TEN")
    till.payments.refund(till.payments.create(items=[{"id": CUP}], coupon="FIVE").id)

    cost = office.reports.discount_cost
    back = till.payments.get(sold.id).redemptions
    left = {one.code: one.discount_applied for one in back}
    assert cost(by="coupon").rows == ((ten.id, "TEN", 2, left["TEN"] + 160, 0), (five.id, "FIVE", 1, left["FIVE"], 0))
    assert cost(by="campaign").rows == ((spring.id, "Spring", 2, left["TEN"] + 160, 0),)
    assert cost(by="offer").rows == ((offer.id, "Deal", 1, 400, 0),)
    assert cost().rows == ((TODAY, 2, sum(left.values()), 0), (TOMORROW, 2, 560, 0))
    assert cost(TOMORROW, TOMORROW, by="coupon").rows == ((ten.id, "TEN", 1, 160, 0),)
    assert cost(by="reward").rows == ()
    with pytest.raises(InvalidInput) as refused:
        cost(by="moon")
    assert refused.value.field == "by"


def test_points_that_codes_gave_are_told_beside_what_they_took_off(office: Store, till: Store) -> None:
    mira = office.members.create(name="Mira").id
    office.coupons.create(code="FIFTY", points=50)
    till.payments.create(items=BASKET, customer=mira, coupon="FIFTY")
    assert rows(office.reports.discount_cost(by="coupon"), "name", "discount", "points") == [("FIFTY", 0, 50)]


def test_redemptions_are_found_by_code_customer_payment_campaign_and_period(
    office: Store, till: Store, clock: FixedClock
) -> None:
    mira = office.members.create(name="Mira").id
    spring = office.campaigns.create(name="Spring")
    office.coupons.create(code="TEN", percent_off=10, campaign=spring.id)
    gift = office.vouchers.issue(value=1000)
    first = till.payments.create(items=BASKET, coupon="TEN", voucher=gift.code)
    clock.at += DAY
    second = till.payments.create(items=BASKET, coupon="TEN", customer=mira)

    def used(**wanted: Any) -> list[tuple[Any, ...]]:
        found = rows(office.reports.redemptions(**wanted), "kind", "payment")
        listed = {"coupon" if name == "code" else name: value for name, value in wanted.items()}
        if wanted.get("code") != gift.code:
            assert till.redemptions.list(**listed).total == len(found)
        return found

    ten = [("coupon", first.id), ("coupon", second.id)]
    assert used() == [*sorted([ten[0], ("voucher", first.id)], key=used().index), ten[1]]
    assert used(code="ten") == used(campaign=spring.id) == ten
    assert used(code=gift.code) == [("voucher", first.id)]
    assert used(customer=mira) == used(payment=second.id) == used(since=TOMORROW) == [ten[1]]
    assert len(used(until=TODAY)) == 2
    (row,) = rows(office.reports.redemptions(code=gift.code), "at", "code", "receipt", "amount", "status")
    assert (row[0], row[2:]) == ("2026-07-22T12:02:00+00:00", ("1-000001", 1000, "applied"))
    assert gift.code not in office.reports.redemptions().csv()


def test_campaigns_are_told_as_each_is_told_alone(office: Store, till: Store) -> None:
    assert office.reports.campaigns().rows == ()
    for name, code in (("Spring", "TEN"), ("Autumn", "TWENTY")):
        campaign = office.campaigns.create(name=name, budget=5000)
        office.coupons.create(code=code, percent_off=10, campaign=campaign.id)
    till.payments.create(items=BASKET, coupon="TEN")
    till.payments.create(items=BASKET)
    found = office.reports.campaigns()
    for row in found.rows:
        shown = dict(zip((column.name for column in found.columns), row, strict=True))
        alone = office.campaigns.report(shown["campaign"])
        assert shown == {name: getattr(alone, name) for name in shown}
    assert found.totals == {"redemptions": 1, "discount_cost": 350, "points_cost": 0}


# -- what the shop owes ---------------------------------------------------------------------------------------------


def test_voucher_liability_is_what_is_on_vouchers_by_batch_campaign_and_status(
    office: Store, till: Store, clock: FixedClock
) -> None:
    spring = office.campaigns.create(name="Spring")
    batch = office.vouchers.create_batch(count=3, prefix="PRIZE", value=1000, campaign=spring.id)
    plain = office.vouchers.issue(value=2500)
    once = office.vouchers.issue(value=2500, single_use=True)
    office.vouchers.issue(value=700, expires_at=clock.at + 60)
    office.vouchers.issue(value=99, kind="points")
    till.payments.create(items=[{"id": TEA}], voucher=plain.code)
    till.payments.create(items=[{"id": TEA}], voucher=once.code)
    till.payments.open(items=[{"id": LAMP}], voucher=plain.code, tender="terminal")
    clock.at += 120
    found = office.reports.voucher_liability()
    assert found.rows == (
        (None, None, None, "active", 1, 2500, 1501, 1501),
        (None, None, None, "expired", 1, 700, 700, 0),
        (None, None, None, "spent", 1, 2500, 0, 0),
        ("Spring", "PRIZE", batch.id, "active", 3, 3000, 3000, 0),
    )
    assert {name: found.totals[name] for name in ("outstanding", "held", "expired", "breakage")} == {
        "outstanding": 5201,
        "held": 1501,
        "expired": 700,
        "breakage": 1501,
    }


def test_points_liability_is_by_tier_and_a_merged_member_counts_once(office: Store) -> None:
    for name, tier, points in (("Mira", "gold", 50), ("Ole", "gold", 30), ("Kim", None, 7)):
        office.members.adjust(office.members.create(name=name, tier=tier).id, points=points, reason="welcome")
    mira, again = (office.members.find(name).data[0].id for name in ("Mira", "Ole"))
    office.members.merge(keep=mira, duplicate=again)
    assert office.reports.points_liability().rows == ((None, 1, 7, 0), ("gold", 1, 80, 0))


# -- as text --------------------------------------------------------------------------------------------------------


def test_csv_has_decimals_of_the_currency_and_no_formulas(office: Store, till: Store) -> None:
    office.coupons.create(code="SUM", name="=SUM(A1:A9)", amount_off=5)
    till.payments.create(items=goods(123_456), coupon="SUM")
    till.payments.refund_without_receipt(goods(200_000), reason="no receipt")
    (row,) = csv.DictReader(io.StringIO(office.reports.sales_by_day().csv()))
    assert (row["gross"], row["sales"], row["net"]) == ("1234.56", "1", "-765.49")
    (cost,) = csv.DictReader(io.StringIO(office.reports.redemptions(code="SUM").csv()))
    assert (cost["name"], cost["amount"], cost["customer"]) == ("'=SUM(A1:A9)", "0.05", "")
    (tax,) = csv.DictReader(io.StringIO(office.reports.tax().csv()))
    assert tax["rate"] == "0.00"


@pytest.mark.parametrize(("currency", "written"), [("JPY", "123456"), ("KWD", "123.456")])
def test_csv_amounts_follow_the_currency(tmp_path: Path, currency: str, written: str) -> None:
    office = open_shop(tmp_path, currency=currency)
    office.payments.create(items=goods(123_456))
    (row,) = csv.DictReader(io.StringIO(office.reports.by_till().csv()))
    assert (row["amount"], row["discount"]) == (written, {"JPY": "0", "KWD": "0.000"}[currency])
    office.close()


def test_json_has_minor_units_and_totals(office: Store, till: Store) -> None:
    till.payments.create(items=BASKET)
    found = json.loads(office.reports.by_till().json())
    assert (found["report"], found["currency"], found["totals"]["net"]) == ("by_till", "EUR", 3499)
    assert found["rows"] == [
        {
            "till": "1",
            "sales": 1,
            "gross": 3499,
            "discount": 0,
            "amount": 3499,
            "tax": 464,
            "refunds": 0,
            "refunded": 0,
            "net": 3499,
        }
    ]


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda store: store.reports.sales_by_day("2026-07-02", "2026-07-01"), "until"),
        (lambda store: store.reports.tax(since="soon"), "since"),
        (lambda store: store.reports.sales_by_hour("noon"), "day"),
        (lambda store: store.reports.redemptions(until="never"), "until"),
        (lambda store: store.redemptions.list(since="never"), "since"),
    ],
)
def test_what_is_no_period_is_refused(office: Store, call: Callable[[Store], Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        call(office)
    assert refused.value.field == field


def test_reports_are_for_managers(office: Store) -> None:
    office.operators.create(name="Mo", role="manager", pin="271828")
    office.operators.create(name="Ana", pin="3141")
    ana = office.sign_in(till="1", operator="Ana", pin="3141")
    with pytest.raises(NotAllowed) as refused:
        ana.reports.sales_by_day()
    assert refused.value.code == "manager_needed"
    ana.close()
