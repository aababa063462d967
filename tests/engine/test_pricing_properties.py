"""What holds for every basket, every set of codes and every way to pay, in every currency."""

from __future__ import annotations

import itertools
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posconsole import Store
from posconsole.clock import FixedClock
from posconsole.engine.quoting.pricing import price, with_code
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.quoting.terms import WHOLE, Given, Line, Rule, Sale, StoredValue, earned
from posconsole.engine.sale.tendering import TenderRequest, rounded, settle
from posconsole.errors import InvalidInput
from posconsole.money import LARGEST, half_up, spread
from tests.engine.baskets import BUDGET, COINS, PRICES, SKUS, sales
from tests.engine.shop import NOON
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole.engine.quoting.quotes import Quote


def figures(quote: Quote) -> tuple[Any, ...]:
    """Return a quote's amounts, without the order in which its codes were given."""
    verdicts = sorted((verdict.code, verdict.valid, verdict.reason or "", verdict.amount) for verdict in quote.verdicts)
    return replace(quote, verdicts=()), verdicts


@given(total=st.integers(0, LARGEST), weights=st.lists(st.integers(0, LARGEST), min_size=1, max_size=40))
@examples(200, 3_000)
def test_a_spread_sums_and_is_off_by_less_than_one(total: int, weights: list[int]) -> None:
    total = total if sum(weights) else 0
    shares = spread(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - total * weight) < max(sum(weights), 1)
    whole = sum(weights) or 1
    more = [
        total * weight % whole for share, weight in zip(shares, weights, strict=True) if share > total * weight // whole
    ]
    less = [
        total * weight % whole
        for share, weight in zip(shares, weights, strict=True)
        if share == total * weight // whole
    ]
    assert min(more, default=whole) >= max(less, default=0)


@given(sales())
@examples(200, 3_000)
def test_every_figure_adds_up_and_none_is_negative(sale: Sale) -> None:
    quote = price(sale)
    for line in quote.lines:
        assert min(line.gross, line.discount, line.tax, line.total, *line.shares, 0) == 0
        assert line.discount == sum(line.shares)
        assert line.total == line.gross - line.discount + (0 if sale.prices_include_tax else line.tax)
        assert line.line.voucher_value is None or (line.discount, line.total) == (0, line.gross)
    assert quote.order_amount == sum(line.gross for line in quote.lines)
    assert quote.discount_amount == sum(discount.amount for discount in quote.discounts)
    assert quote.discount_amount == sum(line.discount for line in quote.lines)
    assert quote.amount == sum(line.total for line in quote.lines)
    assert quote.amount == quote.due + sum(draw.amount for draw in quote.vouchers)
    assert quote.due >= sum(line.total for line in quote.lines if line.line.voucher_value is not None)


@given(sales())
@examples(200, 3_000)
def test_a_discount_is_what_its_rule_says_of_what_was_left_on_the_lines_it_takes(sale: Sale) -> None:
    quote = price(sale)
    left = [line.gross for line in sale.lines]
    for discount in quote.discounts:
        rule = discount.rule
        base = sum(amount for line, amount in zip(sale.lines, left, strict=True) if rule.takes(line))
        assert discount.amount == rule.off(base) == sum(discount.shares) <= base
        assert discount.amount <= (base if rule.max_discount is None else rule.max_discount)
        for i, (line, share) in enumerate(zip(sale.lines, discount.shares, strict=True)):
            assert 0 <= share <= left[i]
            assert not share or (line.voucher_value is None and line.sku not in rule.excluded)
            left[i] -= share
    kinds = [discount.kind for discount in quote.discounts]
    assert kinds == sorted(kinds, key=["offer", "coupon", "reward"].index)
    assert kinds.count("offer") <= 1
    assert kinds.count("reward") <= 1
    used = [*(one.rule for one in quote.discounts), *(one.rule for one in quote.grants if one.rule)]
    coupons = [rule for rule in used if rule.kind == "coupon"]
    assert len(coupons) <= 1 or all(rule.stackable for rule in coupons)
    assert sum(one.amount for one in quote.discounts if one.rule.campaign) <= BUDGET


@given(sales())
@examples(200, 3_000)
def test_of_the_offers_the_best_is_taken_and_gifts_are_as_many_as_there_are(sale: Sale) -> None:
    quote = price(sale)
    full = [line.gross for line in sale.lines]
    best = max((rule.off(sum(map(rule_takes(rule), sale.lines, full))) for rule in sale.offers), default=0)
    assert best == sum(discount.amount for discount in quote.discounts if discount.kind == "offer")
    gifts = [grant.gift for grant in quote.grants if grant.gift]
    assert all(gift.stock is None or gifts.count(gift) <= gift.stock for gift in gifts)


def rule_takes(rule: Rule) -> Any:
    return lambda line, gross: gross if rule.takes(line) else 0


@given(sales())
@examples(200, 3_000)
def test_points_are_what_the_goods_earn_and_what_is_given(sale: Sale) -> None:
    quote = price(sale)
    goods = [line for line in quote.lines if line.line.voucher_value is None]
    assert quote.points_base == sum(line.gross - line.discount for line in goods)
    earns = earned(quote.points_base, sale.points_rate, sale.minor) if sale.member else 0
    assert quote.points == earns + sum(grant.points for grant in quote.grants)
    multiplied = [grant for grant in quote.grants if grant.multiplier is not None]
    assert len(multiplied) <= 1
    for grant in multiplied:
        assert grant.points == earns * (grant.multiplier or 0) // WHOLE - earns > 0
    assert not quote.grants or sale.member is not None


@given(sales())
@examples(200, 3_000)
def test_the_trace_tells_every_step_and_ends_at_what_is_due(sale: Sale) -> None:
    quote = price(sale)
    told = {what: [step for step in quote.trace if step.what == what] for what in ("offer", "coupon", "reward")}
    assert [step.amount for what in told for step in told[what]] == [discount.amount for discount in quote.discounts]
    left = quote.order_amount
    for step in quote.trace:
        if step.what in told:
            assert (step.left, step.amount <= step.base) == (left - step.amount, True)
            left = step.left
        if step.what == "tax" and not sale.prices_include_tax:
            left += step.amount
        if step.what == "voucher":
            left -= step.amount
            assert step.left == left
    assert left == quote.due
    points = [step for step in quote.trace if step.what in ("points", "multiplier", "award")]
    assert (points[-1].left if points else 0) == quote.points


@given(sales())
@examples(200, 3_000)
def test_tax_is_worked_out_once_a_rate_and_sums(sale: Sale) -> None:
    quote = price(sale)
    assert quote.tax_amount == sum(tax.tax for tax in quote.taxes) == sum(line.tax for line in quote.lines)
    for tax in quote.taxes:
        lines = [line for line in quote.lines if line.line.tax_rate == tax.rate]
        left = sum(line.gross - line.discount for line in lines)
        assert tax.tax == sum(line.tax for line in lines)
        assert tax.base == (left - tax.tax if sale.prices_include_tax else left)
        divisor = WHOLE + tax.rate if sale.prices_include_tax else WHOLE
        assert tax.tax == half_up(left * tax.rate, divisor)


@given(sales(), st.randoms(use_true_random=False))
@examples(200, 3_000)
def test_the_order_of_codes_and_of_lines_does_not_matter(sale: Sale, chance: Any) -> None:
    codes, lines = list(sale.codes), list(range(len(sale.lines)))
    chance.shuffle(codes)
    chance.shuffle(lines)
    quote = price(sale)
    assert figures(price(replace(sale, codes=tuple(codes)))) == figures(quote)
    assert figures(price(replace(sale, codes=(*codes, *codes[:1]))))[0] == figures(quote)[0]
    moved = price(replace(sale, lines=tuple(sale.lines[i] for i in lines)))
    for name in "order_amount discount_amount tax_amount amount due vouchers taxes points_base".split():
        assert getattr(moved, name) == getattr(quote, name)


@given(sales(gifts=False), st.booleans())
@examples(100, 5_000)
def test_all_of_it_off_is_nothing_to_pay(sale: Sale, in_percent: bool) -> None:
    kind = {"percent": WHOLE} if in_percent else {"amount": LARGEST, "currency": sale.currency}
    everything = Rule("coupon", "cpn_ALL", "ALL", "", **kind)
    quote = price(replace(sale, codes=(Given("ALL", everything),), offers=(), reward=None))
    assert (quote.amount, quote.due, quote.tax_amount) == (0, 0, 0)
    assert quote.verdicts[0].valid == bool(quote.order_amount)


@given(sales())
@examples(200, 3_000)
def test_each_verdict_says_what_its_code_does(sale: Sale) -> None:
    quote = price(sale)
    done = {discount.code: (discount.amount, 0) for discount in quote.discounts}
    done |= {draw.code: (draw.amount, draw.forfeited) for draw in quote.vouchers}
    done |= {grant.code: (0, 0) for grant in quote.grants}
    for given_code, verdict in zip(sale.codes, quote.verdicts, strict=True):
        assert (verdict.amount, verdict.forfeited) == done.get(given_code.code, (0, 0))
        assert verdict.valid == (given_code.code in done) == (verdict.reason is None)
        unmet = [condition.name for condition in verdict.details if not condition.met]
        assert verdict.reason == (unmet[0] if unmet else None)
    for draw in quote.vouchers:
        target = next(code.target for code in sale.codes if code.code == draw.code)
        assert isinstance(target, StoredValue)
        assert target.kind == "money"
        assert draw.amount + draw.forfeited + draw.left == target.available
        assert not draw.forfeited or target.single_use


@given(sales())
@examples(100, 5_000)
def test_trying_one_more_code_is_what_entering_it_leads_to(sale: Sale) -> None:
    if not sale.codes:
        return
    basket = replace(sale, codes=sale.codes[:-1])
    verdict, quote = with_code(basket, sale.codes[-1])
    if verdict.valid:
        assert quote == price(sale)
        assert {other.code for other in price(basket).verdicts if other.valid} <= {
            other.code for other in quote.verdicts if other.valid or other.kind == "voucher"
        }
    else:
        assert quote == price(basket)


TENDERS = st.lists(
    st.builds(TenderRequest, st.just("cash"), st.none() | st.integers(0, 30_000), st.none() | st.integers(0, 30_000))
    | st.builds(TenderRequest, st.sampled_from(["card", "terminal"]), st.none() | st.integers(1, 30_000)),
    max_size=4,
)


@given(st.integers(0, 30_000), TENDERS, COINS)
@examples(300, 3_000)
def test_any_mix_of_tenders_balances(due: int, tenders: list[TenderRequest], coin: int) -> None:
    try:
        paid = settle(due, tenders, coin)
    except InvalidInput:
        return
    assert sum(tender.amount for tender in paid.tenders) + paid.left == due + paid.rounding
    assert paid.left >= 0
    assert abs(paid.rounding) * 2 <= coin
    assert paid.change == sum(tender.change for tender in paid.tenders)
    for tender in paid.tenders:
        assert tender.tendered == tender.amount + tender.change
        assert min(tender.amount, tender.change) >= 0
        assert tender.kind == "cash" or not tender.change
    if not any(tender.kind == "cash" for tender in paid.tenders):
        assert paid.rounding == 0


@given(st.integers(0, LARGEST), COINS)
@examples(100, 2_000)
def test_rounding_finds_the_nearest_coin_and_the_upper_of_two(amount: int, coin: int) -> None:
    coins = rounded(amount, coin)
    assert coins % coin == 0
    assert min(amount - coin, 0) <= 2 * (coins - amount) - coin <= 0 or 2 * abs(coins - amount) <= coin
    assert 2 * (amount - coins) < coin


# -- the same figures from the preview and from the commit, on a real database -----------------------------------


@pytest.fixture(scope="module", params=["EUR", "JPY", "KWD"])
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    file = tmp_path_factory.mktemp("real") / "shop.db"
    store = Store.open(
        f"sqlite:///{file}",
        currency=request.param,
        smallest_coin=5,
        prices_include_tax=request.param == "EUR",
        clock=FixedClock(NOON),
    )
    for number, sku in enumerate(SKUS):
        store.products.create(
            sku=sku,
            name=sku,
            price=[333, 1999, 1, 25_000][number],
            tax_rate=[0, 700, 1900, 550][number],
            category="food",
        )
    store.products.create(sku="gift", name="Gift", price=2500, voucher_value=2500)
    for number, terms in enumerate(
        [{"percent_off": "12.5"}, {"percent_off": 100}, {"amount_off": 700, "product_ids": ["a", "b"]}]
    ):
        store.coupons.create(code=f"COUPON{number}", stackable=True, **terms)  # type: ignore[arg-type]
    yield store
    assert store.audit() == []
    store.close()


ITEMS = st.lists(
    st.builds(Item, st.sampled_from([*SKUS, "gift"]), st.integers(1, 3))
    | st.builds(Item, st.sampled_from(SKUS), st.integers(1, 3), PRICES)
    | st.builds(Item, st.none(), st.integers(1, 3), PRICES, st.just("Repair")),
    min_size=1,
    max_size=5,
).map(tuple)


@given(
    items=ITEMS, coupons=st.sets(st.integers(0, 2)), stored=st.none() | st.integers(1, 9000), single_use=st.booleans()
)
@examples(40, 2_000)
def test_the_preview_is_the_commit(
    real: Store, items: tuple[Item, ...], coupons: set[int], stored: int | None, single_use: bool
) -> None:
    codes = [f"coupon {number}" for number in sorted(coupons)]
    if stored is not None:
        codes.append(real.vouchers.issue(value=stored, single_use=single_use).code)
    basket = Basket(items, tuple(codes))
    asked = real.quote(basket)
    basket = replace(basket, codes=tuple(verdict.code for verdict in asked.verdicts if verdict.valid))
    quote, done = real.quote(basket), real.payments.create(basket=basket, tender="cash", expected_due=None)
    for name in "currency order_amount discount_amount tax_amount amount due prices_include_tax".split():
        assert getattr(done, name) == getattr(quote, name) == getattr(asked, name), name
    for one, other in zip(done.lines, quote.lines, strict=True):
        assert (one.gross, one.discount, one.tax, one.total) == (other.gross, other.discount, other.tax, other.total)
        assert sorted(amount for _, amount in one.discounts) == sorted(filter(None, other.shares))
    assert [asdict(tax) for tax in done.taxes] == [asdict(tax) for tax in quote.taxes]
    drawn = [(use.target, use.amount, use.forfeited) for use in done.redemptions if use.kind == "voucher"]
    assert drawn == [(draw.id, draw.amount, draw.forfeited) for draw in quote.vouchers]
    assert [use.amount for use in done.redemptions if use.kind == "coupon"] == [
        discount.amount for discount in quote.discounts
    ]
    assert sum(tender.amount for tender in done.tenders) == rounded(quote.due, 5)


def test_every_order_of_three_stacked_coupons_comes_to_the_same() -> None:
    given_codes = [
        Given("HUNDRED", Rule("coupon", "1", "HUNDRED", "", amount=100, currency="EUR", stackable=True)),
        Given("TEN", Rule("coupon", "2", "TEN", "", percent=1000, stackable=True, priority=1)),
        Given("TWENTY", Rule("coupon", "3", "TWENTY", "", percent=2000, stackable=True, priority=2)),
    ]
    for codes in itertools.permutations(given_codes):
        quote = price(Sale((Line("a", "A", 1, 1000),), "EUR", NOON, codes=codes))
        assert ([discount.amount for discount in quote.discounts], quote.due) == ([100, 90, 162], 648)
