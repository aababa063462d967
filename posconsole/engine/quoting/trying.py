"""What a coupon that isn't made yet would do: its terms tried on a sale of what it is for. Touches no row."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from posconsole.engine.arguments import each, text
from posconsole.engine.codes import couponterms
from posconsole.engine.quoting import rules
from posconsole.engine.quoting.pricing import price
from posconsole.engine.quoting.terms import Given, Line, Sale
from posconsole.money import minor_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posconsole.engine.quoting.quotes import Verdict
    from posconsole.engine.views import ShopView

NOBODY = "cust_anybody"
"""Stands for the member whom some coupons need."""


def coupon(
    shop: ShopView, code: str, terms: Mapping[str, Any], amounts: Iterable[int], now: int
) -> tuple[Verdict, ...]:
    """Return what a coupon of these terms does to a sale of each of the amounts, on the first day that it is good.

    A reward's value isn't looked up: such a coupon gives nothing here. Raises what making the coupon would, but for
    what is missing in the database.
    """
    row = couponterms.read(terms, shop)
    text(code, "code")
    # Its campaign and its reward stay out of it, and it counts as never used.
    made = couponterms.new_coupon(code, row | {"campaign_id": None}, now)
    rule = rules.coupon(SimpleNamespace(**made))
    at = max(now, rule.valid_from or now)
    sku = min(rule.products, default=None)
    category = None if sku else min(rule.categories, default=None)
    return tuple(
        price(
            Sale(
                lines=(Line(sku, "", 1, amount, category=category),),
                currency=shop.currency.code,
                now=at,
                prices_include_tax=shop.prices_include_tax,
                member=NOBODY,
                codes=(Given(code, rule),),
            )
        ).verdicts[0]
        for amount in each(amounts, "amounts", lambda amount: minor_units(amount, "amounts"))
    )
