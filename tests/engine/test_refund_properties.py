"""Refunds are planned by a pure function, so that whole histories of them can be tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from posconsole.engine.quoting.terms import Line, Sale
from posconsole.engine.refund import refundplan
from posconsole.engine.sale.tendering import TenderRequest, settle
from tests.engine.baskets import paid, sold
from tests.engine.shop import NOON
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole.engine.sale.salerows import SaleRows


def carry_out(rows: SaleRows, done: refundplan.Plan) -> None:
    """Do to the rows what carrying a plan out does to them in the database."""
    for item in done.items:
        rows.lines[item.no - 1]["refunded"] += item.quantity
    for back in done.backs:
        for tender in rows.tenders:
            tender["refunded"] += back.amount if tender["id"] == back.tender else 0
        for row in rows.redemptions:
            row["reversed"] += back.amount if row["id"] == back.redemption else 0
    for redemption, share in done.shares.items():
        next(row for row in rows.redemptions if row["id"] == redemption)["reversed"] += share
    for voucher in rows.sold:
        if voucher["id"] in done.voided:
            voucher |= {"status": "void", "balance": 0}
    rows.payment["refunded_amount"] += done.amount


def steps(rows: SaleRows, data: st.DataObject) -> Iterator[dict[int, int]]:
    """Draw quantities by line, a line at a time and in whatever order, until all is back."""
    units = [line["no"] for line in rows.lines for _ in range(line["quantity"])]
    for unit in data.draw(st.permutations(units)):
        if unit in units:
            wanted = {unit: data.draw(st.integers(1, units.count(unit)))}
            for _ in range(wanted[unit]):
                units.remove(unit)
            yield wanted


@given(paid(gifts=False), st.data())
@examples(150, 3_000)
def test_refunds_in_any_steps_give_back_what_was_paid_to_each_tender(
    what: tuple[Sale, SaleRows, int], data: st.DataObject
) -> None:
    _, rows, coin = what
    rounding, amount, tax, whole = 0, 0, 0, False
    for wanted in steps(rows, data):
        assert not whole
        done = refundplan.plan(rows, wanted, rounding, coin)
        assert done.amount + done.rounding == sum(back.amount for back in done.backs)
        assert min(done.amount, done.tax, 0, *(back.amount for back in done.backs)) == 0
        carry_out(rows, done)
        rounding, amount, tax, whole = rounding + done.rounding, amount + done.amount, tax + done.tax, done.whole
        for tender in rows.tenders:
            assert 0 <= tender["refunded"] <= tender["amount"]
    assert whole
    assert (amount, tax, rounding) == (rows.order["amount"], rows.order["tax_amount"], rows.payment["rounding"])
    assert [tender["refunded"] for tender in rows.tenders] == [tender["amount"] for tender in rows.tenders]
    assert [row["reversed"] for row in rows.redemptions] == [row["amount"] for row in rows.redemptions]


@given(paid(gifts=False), st.data())
@examples(100, 3_000)
def test_what_goes_back_as_credit_is_exact_and_leaves_no_more_for_the_tenders(
    what: tuple[Sale, SaleRows, int], data: st.DataObject
) -> None:
    _, rows, coin = what
    rounding, amount = 0, 0
    for wanted in steps(rows, data):
        done = refundplan.plan(rows, wanted, rounding, coin, as_credit=data.draw(st.booleans()))
        assert done.amount + done.rounding == sum(back.amount for back in done.backs)
        if done.as_credit:
            assert (done.rounding, done.credit) == (0, done.amount + sum(done.unforfeited.values()))
            assert {(back.kind, back.tender, back.voucher) for back in done.backs} <= {("credit", None, None)}
        carry_out(rows, done)
        rounding, amount = rounding + done.rounding, amount + done.amount
        assert all(0 <= tender["refunded"] <= tender["amount"] for tender in rows.tenders)
    assert amount == rows.order["amount"]
    assert [row["reversed"] for row in rows.redemptions] == [row["amount"] for row in rows.redemptions]


@given(paid(gifts=True), st.data())
@examples(150, 3_000)
def test_refunds_in_any_steps_take_back_the_points_that_the_sale_gave(
    what: tuple[Sale, SaleRows, int], data: st.DataObject
) -> None:
    sale, rows, coin = what
    rows.order["member_id"] = sale.member
    awarded = sum(row["points"] for row in rows.codes if row["multiplier"] is None)
    taken, rounding = 0, 0
    for wanted in steps(rows, data):
        done = refundplan.plan(rows, wanted, rounding, coin)
        assert done.points >= 0
        taken, rounding = taken + done.points, rounding + done.rounding
        assert done.whole or taken <= rows.payment["points"] - awarded
        carry_out(rows, done)
    assert taken == rows.payment["points"]


@given(paid(gifts=True), st.data())
@examples(100, 5_000)
def test_a_refunded_gift_voucher_gives_back_what_is_left_on_it(
    what: tuple[Sale, SaleRows, int], data: st.DataObject
) -> None:
    _, rows, coin = what
    for voucher in rows.sold:
        voucher["balance"] -= data.draw(st.integers(0, voucher["balance"]))
    done = refundplan.plan(rows, None, 0, coin)
    prices = {line["no"]: line["unit_price"] for line in rows.lines}
    goods = sum(line["total"] for line in rows.lines if line["voucher_value"] is None)
    worth = [(prices[voucher["line_no"]], voucher["initial_value"], voucher["balance"]) for voucher in rows.sold]
    # What was spent comes off what was paid; more than is on it, or was paid for it, is never given back.
    assert done.amount >= goods + sum(max(min(price, value) - (value - left), 0) for price, value, left in worth)
    assert done.amount <= goods + sum(min(price, left) for price, _, left in worth)
    assert done.voided == {voucher["id"]: voucher["balance"] for voucher in rows.sold}
    assert done.amount + done.rounding == sum(back.amount for back in done.backs)
    coins = sum(back.amount for back in done.backs if back.kind == "cash")
    assert coins % coin == 0
    assert done.amount or not coins


def test_a_spent_gift_voucher_gives_nothing_back_not_even_its_rounding() -> None:
    sale = Sale((Line("gift", "Gift", 1, 998, voucher_value=1000),), "EUR", NOON)
    rows = sold(sale, settle(998, [TenderRequest("cash")], 5))
    rows.sold[0]["balance"] = 0
    assert refundplan.plan(rows, None, 0, 5).backs == []
    rows.sold[0]["balance"] = 501
    assert [back.amount for back in refundplan.plan(rows, None, 0, 5).backs] == [500]
