"""The day at a till: the float, cash in and out, the X report, and the Z report that is made once (specification 9)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from posconsole.engine.day.shiftviews import TenderTotal
from posconsole.engine.quoting.quotes import TaxLine
from posconsole.errors import IdempotencyConflict, InvalidInput, NotAllowed, NotFound, PosError
from posconsole.tenders.base import Answer
from posconsole.tenders.sandbox import APPROVES, SandboxBank
from tests.engine.rawfile import unguarded
from tests.engine.shop import BASKET, CUP, GIFT, LAMP, TEA, goods, open_shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posconsole import Store
    from posconsole.clock import FixedClock
    from posconsole.engine.day.shiftviews import ShiftView

CARD: list[dict[str, Any]] = [{"kind": "card", "number": APPROVES}]


def refused(verb: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    with pytest.raises(NotAllowed) as no:
        verb(*arguments, **named)
    return no.value.code


def a_day(till: Store) -> None:
    """Sell for 34.99 and 8.00 in cash and 30.01 by card; give back a tea, and two cups without a receipt."""
    till.coupons.create(code="TEN", percent_off=10)
    sold = till.payments.create(items=BASKET, tenders=[{"kind": "cash", "tendered": 5000}])
    till.payments.create(items=goods(889), coupon="TEN")
    till.payments.create(items=[{"id": GIFT}, {"id": CUP}], tenders=CARD)
    till.payments.refund(sold.id, [{"line": 2}])
    till.payments.refund_without_receipt([{"id": CUP, "quantity": 2}], reason="no receipt")


# -- what should be in the drawer -------------------------------------------------------------------------------


def test_expected_is_float_plus_cash_sales_without_change_less_cash_refunds_and_movements(till: Store) -> None:
    till.shifts.open(10_000)
    a_day(till)
    till.shifts.cash_in(2_000, "change from the bank")
    now = till.shifts.cash_out(550, "window cleaner")
    assert (now.cash_in, now.cash_out) == (2_000, 550)
    assert now.takings.tenders == (TenderTotal("card", 3001, 0), TenderTotal("cash", 3499 + 800, 999 + 1002))
    assert now.expected == 10_000 + (3499 + 800) - (999 + 1002) + 2_000 - 550
    assert till.shifts.x_report() == till.shifts.current() == now


def test_a_z_report_has_the_days_figures(till: Store) -> None:
    mira = till.members.create(name="Mira").id
    till.shifts.open(0)
    a_day(till)
    gift = till.vouchers.issue(value=1000)
    paid = till.payments.create(items=[{"id": LAMP}], customer=mira, voucher=gift.code)
    till.payments.refund(paid.id)
    closed = till.shifts.close(counted=2298)
    day = closed.takings
    assert (day.sales, day.refunds, closed.first_receipt, closed.last_receipt) == (4, 3, 0, 7)
    assert (day.gross, day.discounts, day.amount) == (3499 + 889 + 3001 + 1999, 89, 9299)
    assert (day.refunded, day.net) == (999 + 1002 + 1999, 5299)
    assert day.vouchers_sold == 2500
    assert sum(one.base + one.tax for one in day.taxes) + day.vouchers_sold == day.net
    assert day.taxes == (TaxLine(0, 800, 0), TaxLine(700, 0, 0), TaxLine(1900, 1680, 319))
    assert TenderTotal("voucher", 1000, 1000) in day.tenders
    assert (day.points_earned, day.points_taken_back) == (19, 19)
    assert (closed.expected, closed.counted, closed.difference) == (2298, 2298, 0)
    assert closed.perpetual == day.amount


def test_cash_rounding_is_in_the_drawer_and_in_the_report(url: str) -> None:
    office = open_shop(url, smallest_coin=5)
    office.shifts.open(0)
    office.payments.create(items=goods(1992))
    back = office.payments.create(items=goods(1003))
    office.payments.refund(back.id)
    now = office.shifts.x_report()
    assert (now.expected, now.takings.net, now.takings.rounding) == (1990, 1992, -2)
    assert office.audit() == []
    office.close()


def test_a_card_refund_paid_out_in_cash_leaves_the_drawer_where_it_was_paid(office: Store, till: Store) -> None:
    till.shifts.open(5_000)
    paid = till.payments.create(items=[{"id": LAMP}], tenders=CARD)
    with patch.object(SandboxBank, "refund", lambda *_: Answer("declined")):
        till.payments.refund(paid.id)
    (part,) = till.payments.owed()
    assert till.shifts.x_report().expected == 5_000
    first = till.shifts.close(counted=5_000)
    other = office.sign_in(till="2", operator="Bo")
    for store in (till, other):
        store.shifts.open(5_000)
    other.payments.settle_refund(part.id, as_="cash")
    assert (till.shifts.x_report().expected, other.shifts.x_report().expected) == (5_000, 5_000 - 1999)
    given = {one.kind: one.given_back for one in other.shifts.x_report().takings.tenders}
    assert given == {"card": -1999, "cash": 1999}
    other.shifts.close(counted=3_001)
    assert till.shifts.get(first.id) == first
    other.close()


# -- closing ------------------------------------------------------------------------------------------------------


def test_what_was_counted_by_coin_and_note_is_kept_and_the_difference_booked(office: Store, till: Store) -> None:
    till.shifts.open(10_000)
    till.payments.create(items=goods(1234))
    head = office.events.list(till="1").data[-1]
    closed = till.shifts.close(counts={5000: 2, 500: 2, 100: 2, 10: 3}, note="Short")
    assert (closed.expected, closed.counted, closed.difference, closed.note) == (11_234, 11_230, -4, "Short")
    assert closed.counts == {5000: 2, 500: 2, 100: 2, 10: 3}
    with unguarded(office.url) as raw:
        booked = raw.execute("SELECT amount FROM ledger_entry WHERE account = 'difference'").fetchall()
        sealed = raw.execute("SELECT hash FROM event WHERE id = ?", (head.id,)).fetchone()
    assert ([tuple(row) for row in booked], tuple(sealed)) == ([(-4,)], (closed.journal_head,))


def test_shifts_are_numbered_per_till_and_cover_the_receipts_between(office: Store, till: Store) -> None:
    other = office.sign_in(till="2", operator="Bo")
    seen = []
    for store in (till, till, other, till):
        store.payments.create(items=goods(100))
        store.shifts.open(0)
        store.payments.create(items=goods(250))
        store.payments.create(items=goods(250))
        closed = store.shifts.close(counted=500)
        seen.append((closed.till, closed.no, closed.first_receipt, closed.last_receipt, closed.perpetual))
    assert seen == [("1", 1, 1, 3, 600), ("1", 2, 4, 6, 1200), ("2", 1, 1, 3, 600), ("1", 3, 7, 9, 1800)]
    assert [one.no for one in office.shifts.list(till="1").data] == [3, 2, 1]
    assert office.shifts.list().total == 4
    other.close()


def test_there_is_one_z_report_of_a_shift_and_the_same_key_gives_it_again(till: Store, clock: FixedClock) -> None:
    opened = till.shifts.open(500, idempotency_key="o")
    assert refused(till.shifts.open, 500) == "shift_open"
    assert till.shifts.open(500, idempotency_key="o") == opened
    moved = till.shifts.cash_in(100, "coins", idempotency_key="m")
    assert till.shifts.cash_in(100, "coins", idempotency_key="m") == moved
    clock.at += 3600
    closed = till.shifts.close(counted=600, idempotency_key="c")
    assert refused(till.shifts.close, counted=600) == "no_shift"
    till.shifts.open(0)
    till.payments.create(items=goods(100))
    assert till.shifts.close(counted=600, idempotency_key="c") == closed == till.shifts.get(opened.id)
    with pytest.raises(IdempotencyConflict):
        till.shifts.close(counted=601, idempotency_key="c")


def test_a_frozen_report_does_not_change_with_what_comes_later(till: Store) -> None:
    till.shifts.open(0)
    sold = till.payments.create(items=BASKET)
    closed = till.shifts.close(counted=3499)
    till.shifts.open(0)
    till.payments.refund(sold.id)
    assert till.shifts.get(closed.id) == closed
    assert till.shifts.x_report().expected == -3499


def test_a_shift_is_not_closed_while_a_payment_of_its_till_is_pending(office: Store, till: Store) -> None:
    till.shifts.open(0)
    opened = till.payments.open(items=[{"id": TEA}], tender="terminal")
    assert refused(till.shifts.close, counted=0) == "payment_pending"
    office.shifts.open(0)
    office.shifts.close(counted=0)
    till.payments.capture(opened.id, approval_code="A1")
    assert till.shifts.close(counted=0).takings.sales == 1


def test_without_a_shift_there_is_selling_and_nothing_else(till: Store) -> None:
    till.payments.create(items=BASKET)
    assert till.shifts.current() is None
    assert not till.shifts.between()
    for verb, arguments in ((till.shifts.x_report, ()), (till.shifts.cash_in, (1, "x")), (till.shifts.close, (0,))):
        assert refused(verb, *arguments) == "no_shift"
    with pytest.raises(NotFound):
        till.shifts.get("shf_none")


def test_cash_taken_between_two_shifts_is_in_no_z_report_and_the_till_knows_when_it_stands_there(till: Store) -> None:
    till.shifts.open(0)
    assert not till.shifts.between()
    till.shifts.close(counted=0)
    assert till.shifts.between()
    till.payments.create(items=BASKET)
    till.shifts.open(0)
    assert not till.shifts.between()
    assert till.shifts.close(counted=0).takings.sales == 0


@pytest.mark.parametrize(
    ("verb", "arguments", "field"),
    [
        ("open", {"opening_float": -1}, "opening_float"),
        ("open", {"opening_float": 1.5}, "opening_float"),
        ("cash_in", {"amount": 0, "reason": "x"}, "amount"),
        ("cash_out", {"amount": -5, "reason": "x"}, "amount"),
        ("cash_out", {"amount": 5, "reason": " "}, "reason"),
        ("close", {}, "counted"),
        ("close", {"counted": 5, "counts": {5: 1}}, "counted"),
        ("close", {"counted": -1}, "counted"),
        ("close", {"counts": {0: 1}}, "counts"),
        ("close", {"counts": {5: -1}}, "counts"),
        ("close", {"counts": {10**12: 2}}, "counts"),
        ("close", {"counts": 7}, "counts"),
    ],
)
def test_what_can_be_no_cash_is_refused(till: Store, verb: str, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as no:
        getattr(till.shifts, verb)(**arguments)
    assert no.value.field == field


def test_only_a_manager_closes_the_day(office: Store) -> None:
    office.operators.create(name="Mo", role="manager", pin="271828")
    office.operators.create(name="Ana", pin="3141")
    ana = office.sign_in(till="1", operator="Ana", pin="3141")
    ana.shifts.open(0)
    ana.shifts.cash_in(100, "coins")
    assert ana.shifts.x_report().expected == 100
    assert refused(ana.shifts.close, counted=100) == "manager_needed"
    closed = ana.approved("Mo", "271828").shifts.close(counted=100)
    (told,) = office.events.list(type="shift.closed").data
    assert (closed.closed_by, told.data["approved_by"]) == ("Ana", "Mo")
    ana.close()


# -- several at once ------------------------------------------------------------------------------------------------


def test_of_several_that_open_or_close_one_shift_one_does_and_no_sale_falls_between(till: Store) -> None:
    def tried(verb: Callable[..., ShiftView], *arguments: Any) -> ShiftView | str:
        try:
            return verb(*arguments)
        except PosError as no:
            return no.code

    closed: list[ShiftView] = []
    with ThreadPoolExecutor(6) as pool:
        for _ in range(4):
            opened = list(pool.map(lambda _: tried(till.shifts.open), range(4)))
            assert sorted(isinstance(one, str) for one in opened) == [False, True, True, True]
            sales = [pool.submit(till.payments.create, items=goods(100)) for _ in range(4)]
            ends = list(pool.map(lambda _: tried(till.shifts.close, 0), range(2)))
            closed += [one for one in ends if not isinstance(one, str)]
            assert [sale.result().amount for sale in sales] == [100] * 4
    assert [one.no for one in closed] == [1, 2, 3, 4]
    assert all(one.takings.sales == one.last_receipt - one.first_receipt for one in closed)
    assert all(later.first_receipt >= one.last_receipt for one, later in pairwise(closed))


# -- tampering ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("shift SET perpetual = perpetual + 1", "shift_perpetual"),
        ("shift SET expected = expected - 100, counted = counted - 100", "shift_totals"),
        ("shift SET opening_float = opening_float + 1 WHERE no = 2", "altered"),
        ("shift SET counted = counted + 1", "shift_difference"),
        ("shift SET first_receipt = 0 WHERE no = 2", "shift_range"),
        ("shift SET no = 7 WHERE no = 2", "shift_range"),
        ("shift SET journal_head = 'x'", "shift_head"),
        ("shift SET totals = REPLACE(totals, '\"sales\":1', '\"sales\":2')", "shift_totals"),
        ("shift SET totals = '{}'", "shift_totals"),
        ("shift SET note = 'nothing to see'", "altered"),
        ("cash_movement SET amount = amount - 1", "cash_moved"),
        ("cash_movement SET reason = 'x'", "altered"),
        ("payment SET amount = amount - 1", "shift_perpetual"),
    ],
)
def test_the_audit_names_what_was_changed_of_a_day(office: Store, change: str, check: str) -> None:
    for _ in range(2):
        office.shifts.open(100)
        office.payments.create(items=goods(500))
        office.shifts.cash_in(50, "coins")
        office.shifts.close(counts={50: 13})
    assert office.audit() == []
    with unguarded(office.url) as raw:
        raw.execute(f"UPDATE {change}")
    assert check in {one.check for one in office.audit()}


@pytest.mark.parametrize("gone", ["shift", "cash_movement"])
def test_the_audit_names_a_day_that_is_gone(office: Store, gone: str) -> None:
    office.shifts.open(100)
    office.shifts.cash_out(50, "stamps")
    with unguarded(office.url) as raw:
        raw.execute(f"DELETE FROM {gone}")  # noqa: S608
    assert "missing" in {one.check for one in office.audit()}


def test_the_figures_are_the_same_in_any_order_of_the_database(tmp_path: Path) -> None:
    """A Z report is compared with what its rows give later: nothing in it may hang on the order of rows."""
    office = open_shop(tmp_path)
    office.shifts.open(0)
    a_day(office)
    closed = office.shifts.close(counted=0)
    with unguarded(tmp_path / "shop.db") as raw:
        raw.execute("CREATE TEMP TABLE t AS SELECT * FROM tender ORDER BY kind DESC")
        raw.execute("DELETE FROM tender")
        raw.execute("INSERT INTO tender SELECT * FROM t")
    assert office.audit() == []
    assert office.shifts.get(closed.id) == closed
    office.close()
