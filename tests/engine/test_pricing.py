"""The worked numbers of the specification's section 3, and the reasons for which a code is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from posconsole.engine.quoting.pricing import price, with_code
from posconsole.engine.quoting.reasons import REASONS, sentence
from posconsole.engine.quoting.terms import Given, Line, Rule, Sale, StoredValue
from posconsole.engine.sale.tendering import TenderRequest, settle
from posconsole.errors import InvalidInput
from posconsole.money import Currency

if TYPE_CHECKING:
    from posconsole.engine.quoting.quotes import Quote

EUR = Currency.of("EUR")


def lines(*prices: int) -> tuple[Line, ...]:
    return tuple(Line(f"sku-{number}", f"Item {number}", 1, one) for number, one in enumerate(prices, start=1))


def coupon(code: str = "CODE", **terms: object) -> Given:
    return Given(code, Rule("coupon", f"cpn_{code}", code, "", currency="EUR", **terms))  # type: ignore[arg-type]


def voucher(available: int, code: str = "GIFT", **terms: object) -> Given:
    return Given(code, StoredValue(f"vch_{code}", code, "EUR", available, **terms))  # type: ignore[arg-type]


def quote(*prices: int, codes: tuple[Given, ...] = (), **facts: object) -> Quote:
    return price(Sale(lines(*prices), "EUR", now=1_000, codes=codes, **facts))  # type: ignore[arg-type]


def discounts(found: Quote) -> list[int]:
    return [discount.amount for discount in found.discounts]


@pytest.mark.parametrize(
    ("prices", "codes", "expected", "due"),
    [
        pytest.param([8000], [coupon(percent=1500)], [1200], 6800, id="15 % of 8000"),
        pytest.param([3350], [coupon(percent=1500)], [503], 2847, id="15 % of 3350, half up"),
        pytest.param([640], [coupon(amount=1000)], [640], 0, id="1000 off 640 is cut to it"),
        pytest.param([3333], [coupon(percent=1500)], [500], 2833, id="15 % of 3333 yen"),
        pytest.param([5000], [coupon(percent=1000, min_order_value=5000)], [500], 4500, id="the minimum is inclusive"),
        pytest.param([2000, 10], [coupon(percent=10_000)], [2010], 0, id="100 % off is 0"),
        pytest.param([9000], [coupon(percent=5000, max_discount=1500)], [1500], 7500, id="the largest discount"),
    ],
)
def test_worked_discounts(prices: list[int], codes: list[Given], expected: list[int], due: int) -> None:
    found = quote(*prices, codes=tuple(codes))
    assert (discounts(found), found.due) == (expected, due)


def test_a_percentage_is_rounded_once_and_spread_by_largest_remainder() -> None:
    found = quote(333, 333, 333, codes=(coupon(percent=1000),))
    assert [line.discount for line in found.lines] == [34, 33, 33]


def test_coupon_then_reward_then_voucher() -> None:
    reward = Rule("reward", "rwd_five", "", "5.00 off", amount=500, currency="EUR")
    found = quote(10_000, codes=(coupon(percent=1500), voucher(2500)), reward=reward)
    assert (discounts(found), found.amount, found.due) == ([1500, 500], 8000, 5500)


def test_offer_before_coupon_and_the_minimum_reads_the_undiscounted_subtotal() -> None:
    offer = Rule("offer", "ofr_20", "", "20 %", percent=2000)
    found = quote(5500, codes=(coupon(percent=1500, min_order_value=5000),), offers=(offer,))
    assert (discounts(found), found.due) == ([1100, 660], 3740)


def test_the_best_offer_is_taken() -> None:
    offers = (Rule("offer", "ofr_a", "", "", percent=1000), Rule("offer", "ofr_b", "", "", percent=2000))
    assert discounts(quote(1000, offers=offers)) == [200]


def test_exclusion_wins_over_being_listed() -> None:
    rule = coupon(percent=2000, products=frozenset({"sku-1", "sku-2"}), excluded=frozenset({"sku-2"}))
    assert discounts(quote(2000, 3000, 1000, codes=(rule,))) == [400]


def test_products_and_categories_together_take_either() -> None:
    found = price(
        Sale(
            (Line("a", "A", 1, 1000, category="tea"), Line("b", "B", 1, 1000), Line("c", "C", 1, 1000)),
            "EUR",
            now=0,
            codes=(coupon(percent=1000, products=frozenset({"b"}), categories=frozenset({"tea"})),),
        )
    )
    assert [line.discount for line in found.lines] == [100, 100, 0]


STACK = (
    coupon("HUNDRED", amount=100, stackable=True, priority=1),
    coupon("TEN", percent=1000, stackable=True, priority=2),
    coupon("TWENTY", percent=2000, stackable=True, priority=3),
)


@pytest.mark.parametrize("codes", [STACK, STACK[::-1], (STACK[1], STACK[2], STACK[0])])
def test_stackable_coupons_go_by_priority_whatever_order_they_are_given_in(codes: tuple[Given, ...]) -> None:
    found = quote(1000, codes=codes)
    assert (discounts(found), found.due) == ([100, 90, 162], 648)


def test_vouchers_on_sale_are_not_discounted_earn_nothing_and_take_no_voucher() -> None:
    basket = (Line("gift", "Gift card", 1, 2500, voucher_value=2500), Line("tea", "Tea", 1, 1000))
    found = price(Sale(basket, "EUR", 0, codes=(coupon(percent=1000), voucher(9000))))
    assert discounts(found) == [100]
    assert [draw.amount for draw in found.vouchers] == [900]
    assert (found.due, found.points_base) == (2500, 900)


def test_a_single_use_voucher_says_what_it_loses_and_is_drawn_first() -> None:
    found = quote(452, codes=(voucher(300, "PLAIN"), voucher(2500, "ONCE", single_use=True)))
    once, plain = found.verdicts[1], found.verdicts[0]
    assert (once.amount, once.forfeited, found.due) == (452, 2048, 0)
    assert plain.reason == "no_eligible_items"


@pytest.mark.parametrize(
    ("include_tax", "taxes", "amount"),
    [
        pytest.param(True, [(700, 904, 63), (1900, 1624, 309)], 2900, id="prices include tax"),
        pytest.param(False, [(700, 967, 68), (1900, 1933, 367)], 3335, id="tax comes on top"),
    ],
)
def test_tax_is_worked_out_per_rate_on_discounted_totals(
    include_tax: bool, taxes: list[tuple[int, int, int]], amount: int
) -> None:
    basket = (Line("a", "A", 1, 1000, 700), Line("b", "B", 2, 1000, 1900))
    found = price(Sale(basket, "EUR", 0, include_tax, codes=(coupon(amount=100),)))
    assert [(one.rate, one.base, one.tax) for one in found.taxes] == taxes
    assert (found.amount, sum(line.tax for line in found.lines)) == (amount, found.tax_amount)


REFUSALS = {
    "inactive": coupon(percent=1000, active=False),
    "not_started": coupon(percent=1000, valid_from=1_001),
    "expired": coupon(percent=1000, valid_until=999),
    "limit_reached": coupon(percent=1000, cap=3, used=3),
    "customer_limit": coupon(percent=1000, customer_limit=1, customer_used=1),
    "member_required": coupon(percent=1000, customer_limit=1),
    "below_minimum": coupon(percent=1000, min_order_value=1450),
    "no_eligible_items": coupon(percent=1000, products=frozenset({"other"})),
    "currency_mismatch": Given("USD", Rule("coupon", "cpn_usd", "USD", "", amount=100, currency="USD")),
    "insufficient_balance": voucher(0),
    "not_found": Given("NOPE"),
    "mistyped": Given("GIFT-7K2P-9QXM-4TRC", mistyped=True),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refused_code_says_why_and_changes_nothing(reason: str) -> None:
    found = quote(1000, codes=(REFUSALS[reason],))
    (verdict,) = found.verdicts
    assert (verdict.valid, verdict.reason, found.due) == (False, reason, 1000)
    assert sentence(verdict, EUR, "en", "UTC").endswith((".", "?"))


def test_the_first_unmet_condition_in_the_tables_order_is_the_reason_and_all_are_listed() -> None:
    verdict = quote(10, codes=(coupon(percent=1000, valid_until=1, cap=1, used=1, min_order_value=460),)).verdicts[0]
    assert (verdict.reason, verdict.at) == ("expired", 1)
    unmet = [condition.name for condition in verdict.details if not condition.met]
    assert unmet == ["expired", "limit_reached", "below_minimum"]
    assert unmet == sorted(unmet, key=list(REASONS).index)


def test_below_minimum_says_what_more_would_qualify() -> None:
    verdict = quote(3020, codes=(coupon("SPRING15", percent=1500, min_order_value=5000),)).verdicts[0]
    assert verdict.missing == 1980
    assert sentence(verdict, EUR, "en", "UTC") == "SPRING15 needs a bigger basket; 19.80 more qualifies."


@pytest.mark.parametrize(("now", "valid"), [(99, False), (100, True), (200, True), (201, False)])
def test_a_window_includes_its_first_and_its_last_second(now: int, valid: bool) -> None:
    rule = coupon(percent=1000, valid_from=100, valid_until=200)
    assert price(Sale(lines(1000), "EUR", now, codes=(rule,))).verdicts[0].valid is valid


def test_a_second_coupon_is_refused_whichever_of_the_two_sorts_first() -> None:
    for there, tried in (("AAA", "BBB"), ("BBB", "AAA")):
        sale = Sale(lines(1000), "EUR", 0, codes=(coupon(there, percent=1000),))
        verdict, after = with_code(sale, coupon(tried, percent=5000))
        assert (verdict.reason, after.due) == ("not_combinable", 900)


def test_a_coupon_that_is_pushed_out_already_bars_no_other_code() -> None:
    sale = Sale(lines(1000), "EUR", 0, codes=(coupon("AAA", percent=1000), coupon("BBB", percent=1000)))
    verdict, after = with_code(sale, voucher(400))
    assert (verdict.reason, after.due) == (None, 500)
    assert with_code(sale, coupon("CCC", percent=1000))[0].reason == "not_combinable"


def test_a_voucher_that_would_only_take_anothers_place_is_refused() -> None:
    there = Sale(lines(1000), "EUR", 0, codes=(voucher(2500, "ZZZ"),))
    verdict, after = with_code(there, voucher(3000, "AAA"))
    assert (verdict.reason, verdict.available) == ("no_eligible_items", 3000)
    assert [draw.code for draw in after.vouchers] == ["ZZZ"]


def test_the_same_code_twice_is_one_redemption_and_said_so_while_typing() -> None:
    once = Sale(lines(1000), "EUR", 0, codes=(coupon("SPRING15", percent=1500),))
    again = replace(once.codes[0], code="spring 15")
    assert discounts(price(replace(once, codes=(*once.codes, again)))) == [150]
    assert with_code(once, again)[0].reason == "already_applied"


@pytest.mark.parametrize(
    ("due", "tenders", "coin", "expected"),
    [
        pytest.param(1992, [TenderRequest("cash")], 5, (1990, -2, 0), id="cash is rounded to the coins"),
        pytest.param(1992, [TenderRequest("card")], 5, (1992, 0, 0), id="a card pays the exact amount"),
        pytest.param(1993, [TenderRequest("cash", tendered=5000)], 5, (1995, 2, 3005), id="rounded up, with change"),
        pytest.param(
            1992, [TenderRequest("cash", tendered=1000), TenderRequest("card")], 5, (1992, 0, 0), id="cash, then card"
        ),
        pytest.param(
            1992, [TenderRequest("card", amount=1000), TenderRequest("cash")], 5, (1990, -2, 0), id="card, then cash"
        ),
        pytest.param(2, [TenderRequest("cash")], 5, (0, -2, 0), id="less than half a coin"),
        pytest.param(
            1992,
            [TenderRequest("cash", amount=1000, tendered=2000), TenderRequest("card")],
            5,
            (1992, 0, 1000),
            id="10 of the 20 in cash, the rest by card",
        ),
    ],
)
def test_how_an_amount_is_paid(
    due: int, tenders: list[TenderRequest], coin: int, expected: tuple[int, int, int]
) -> None:
    found = settle(due, tenders, coin)
    assert (sum(one.amount for one in found.tenders), found.rounding, found.change) == expected
    assert found.left == 0


def test_a_tender_that_covers_less_leaves_the_rest() -> None:
    assert settle(1992, [TenderRequest("cash", tendered=1000)], 5).left == 992


@pytest.mark.parametrize(
    "tenders",
    [
        [TenderRequest("card", amount=1001)],
        [TenderRequest("cash"), TenderRequest("card")],
        [TenderRequest("shells")],
        [TenderRequest("cash", tendered=-1)],
        [TenderRequest("cash", amount=500, tendered=400), TenderRequest("card")],
    ],
    ids=["card above what is left", "nothing left to pay", "unknown kind", "negative cash", "less cash than said"],
)
def test_tenders_that_cannot_be(tenders: list[TenderRequest]) -> None:
    with pytest.raises(InvalidInput):
        settle(1000, tenders)
