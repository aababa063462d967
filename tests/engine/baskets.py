"""Sales at random, for what has to hold for all of them: lines, coupons, vouchers, and how they were paid."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from posconsole.engine.quoting.pricing import price
from posconsole.engine.quoting.terms import WHOLE, Gift, Given, Incentive, Line, Rule, Sale, StoredValue
from posconsole.engine.sale import salerows
from posconsole.engine.sale.salerows import Draft, SaleRows
from posconsole.engine.sale.tendering import Settlement, TenderRequest, settle
from tests.engine.shop import NOON

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
SKUS = ["a", "b", "c", "d"]
PRICES = st.sampled_from([0, 1, 3, 333, 1999]) | st.integers(0, 100_000)
LINES = st.lists(
    st.builds(
        Line,
        sku=st.sampled_from([*SKUS, None]),
        name=st.just("x"),
        quantity=st.integers(1, 7),
        unit_price=PRICES,
        tax_rate=st.sampled_from([0, 700, 1900, 550, WHOLE]),
        category=st.sampled_from([None, "food", "home"]),
    )
    | st.builds(Line, st.just("gift"), st.just("Gift"), st.integers(1, 2), PRICES, voucher_value=st.integers(1, 9999)),
    min_size=1,
    max_size=6,
).map(tuple)


def skus() -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from([*SKUS, "gift"]), max_size=2)


BUDGET = 1500
"""What is left of the one campaign's budget."""
GIFTS = st.sampled_from([Gift("rwd_1", "Tote", 1), Gift("rwd_2", "Mug", None), Gift("rwd_3", "Pen", 0)])
MEMBERS = st.sampled_from([None, "cust_1", "cust_1"])


@st.composite
def offers(draw: st.DrawFn) -> tuple[Rule, ...]:
    """Draw the discount offers that a member may have."""
    names = draw(st.sets(st.sampled_from("XYZ"), max_size=3))
    percent, most = st.sampled_from([1, 500, 3333, WHOLE]), st.none() | st.integers(1, 900)
    return tuple(
        Rule("offer", f"ofr_{name}", name, name, percent=draw(percent), max_discount=draw(most))
        for name in sorted(names)
    )


@st.composite
def incentives(draw: st.DrawFn) -> tuple[Incentive, ...]:
    """Draw what other offers give a member: multipliers, points and gifts."""
    made = [
        st.builds(Incentive, st.just(f"inc_{no}"), st.just(f"Offer {no}"), st.sampled_from([15_000, 20_000, 10_001]))
        | st.builds(Incentive, st.just(f"inc_{no}"), st.just(f"Offer {no}"), points=st.integers(1, 500))
        | st.builds(Incentive, st.just(f"inc_{no}"), st.just(f"Offer {no}"), gift=GIFTS)
        for no in range(4)
    ]
    return tuple(draw(one) for one in made[: draw(st.integers(0, 4))])


@st.composite
def rewards(draw: st.DrawFn, currency: str) -> Rule:
    """Draw a reward discount, affordable or not, bought now or before."""
    claimed = draw(st.booleans())
    return Rule(
        kind="reward",
        id="rwd_D",
        code="Five off",
        name="Five off",
        amount=draw(st.integers(1, 900)),
        currency=currency,
        min_order_value=draw(st.none() | st.integers(0, 5000)),
        products=draw(skus()),
        members_only=True,
        cost=0 if claimed else draw(st.integers(1, 700)),
        redemption="rdm_1" if claimed else None,
        owns=draw(st.sampled_from(["cust_1", "cust_2"])) if claimed else None,
    )


@st.composite
def rules(draw: st.DrawFn, currency: str) -> Rule:
    """Draw a coupon under whatever conditions, most of them met: a discount, points, or a gift."""
    percent = draw(st.none() | st.sampled_from([1, 1000, 1250, 9999, WHOLE]))
    gives = draw(st.sampled_from(["discount", "discount", "discount", "points", "gift"]))
    percent = percent if gives == "discount" else None
    fixed = gives == "discount" and percent is None
    name = draw(st.sampled_from("ABCDEFGH"))
    return Rule(
        kind="coupon",
        id=f"cpn_{name}",
        code=f"CODE{name}",
        name="",
        percent=percent,
        amount=draw(st.integers(1, 20_000)) if fixed else None,
        currency=draw(st.sampled_from([currency, currency, currency, "USD"])) if fixed else None,
        points=draw(st.integers(1, 500)) if gives == "points" else 0,
        gift=draw(GIFTS) if gives == "gift" else None,
        members_only=gives != "discount" or draw(st.booleans()),
        campaign="cmp_1" if (budget := draw(st.none() | st.integers(0, 3000))) is not None else None,
        budget=budget if budget is None else BUDGET,
        min_order_value=draw(st.none() | st.integers(0, 9000)),
        max_discount=draw(st.none() | st.integers(1, 900)),
        valid_until=draw(st.sampled_from([None, NOON, NOON - 1])),
        products=draw(skus()),
        excluded=draw(skus()),
        categories=draw(st.frozensets(st.sampled_from(["food", "home"]), max_size=1)),
        cap=draw(st.sampled_from([None, 0, 5])),
        stackable=draw(st.booleans()),
        priority=draw(st.integers(0, 1)),
    )


@st.composite
def vouchers(draw: st.DrawFn, currency: str) -> StoredValue:
    name = draw(st.sampled_from("PQRSTU"))
    kind = draw(st.sampled_from(["money", "money", "money", "points"]))
    return StoredValue(
        f"vch_{name}",
        f"GIFT-{name}",
        draw(st.sampled_from([currency, currency, currency, "USD"])) if kind == "money" else "PTS",
        draw(st.integers(0, 20_000)),
        draw(st.sampled_from(["active", "active", "active", "void"])),
        draw(st.booleans()) and kind == "money",
        draw(st.sampled_from([None, NOON + 5, NOON - 1])),
        kind,
    )


@st.composite
def sales(draw: st.DrawFn, *, gifts: bool = True) -> Sale:
    currency = draw(CURRENCIES)
    lines = draw(LINES)
    if not gifts:
        lines = tuple(replace(line, voucher_value=None) for line in lines)
    targets: list[Rule | StoredValue] = draw(st.lists(rules(currency) | vouchers(currency), max_size=5))
    codes = tuple(Given(target.code, target) for target in {target.id: target for target in targets}.values())
    member = draw(MEMBERS)
    return Sale(
        lines,
        currency,
        NOON,
        draw(st.booleans()),
        member,
        codes,
        draw(offers()) if member else (),
        draw(incentives()) if member else (),
        draw(st.none() | rewards(currency)),
        draw(st.integers(0, 700)) if member else 0,
        draw(st.sampled_from([0, 5000, WHOLE, 25_000])),
        {"EUR": 100, "JPY": 1, "KWD": 1000}[currency],
    )


COINS = st.sampled_from([1, 5, 10, 25, 50])


def sold(sale: Sale, settlement: Settlement) -> SaleRows:
    """Return the rows of a captured sale, as they stand in the database."""
    rows = salerows.compose(Draft("1", "Ana", None, price(sale), settlement, True, NOON), "pay_1", 1)
    assert not rows.sold or all(voucher["status"] == "active" for voucher in rows.sold)
    return rows


@st.composite
def paid(draw: st.DrawFn, *, gifts: bool) -> tuple[Sale, SaleRows, int]:
    """Draw a sale that was paid, with some mix of vouchers, card and cash."""
    sale, coin = draw(sales(gifts=gifts)), draw(COINS)
    # What is refused can't be sold.
    sale = replace(
        sale,
        codes=tuple(code for code, verdict in zip(sale.codes, price(sale).verdicts, strict=True) if verdict.valid),
        # A reward that was redeemed before has a row of its own in the database.
        reward=None if sale.reward and (sale.reward.redemption or price(sale).refused) else sale.reward,
    )
    due = price(sale).due
    mix = [TenderRequest(draw(st.sampled_from(["cash", "card"])))] if due else []
    if due > 3 * coin and draw(st.booleans()):
        mix.insert(0, TenderRequest(draw(st.sampled_from(["card", "terminal"])), draw(st.integers(1, due - 1))))
    return sale, sold(sale, settle(due, mix, coin)), coin
