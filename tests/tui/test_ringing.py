"""What ringing up does to a basket, and the grammar of quantities."""

from __future__ import annotations

import pytest

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.tui import ringing

TWO = Basket((Item("bun", 2), Item("pen")))


def test_the_same_article_goes_onto_its_line() -> None:
    basket, index = ringing.add(TWO, "bun", 3)
    assert (basket.items, index) == ((Item("bun", 5), Item("pen")), 0)


def test_an_overridden_price_keeps_its_own_line() -> None:
    basket, index = ringing.add(Basket((Item("bun", 1, price=100),)), "bun", 1)
    assert (len(basket.items), index) == (2, 1)


@pytest.mark.parametrize("quantity", [0, -3])
def test_none_of_it_takes_the_line_out(quantity: int) -> None:
    assert ringing.with_quantity(TWO, 0, quantity).items == (Item("pen"),)


def test_a_code_counts_once_however_it_is_written() -> None:
    basket = ringing.with_code(ringing.with_code(TWO, "spring-15"), "SPRING 15")
    assert basket.codes == ("spring-15",)
    assert ringing.without_codes(basket, "SPR1NG15") == TWO


@pytest.mark.parametrize(
    ("text", "quantity"),
    [("5*", 5), ("12 x", 12), ("0*", 0), ("+", 3), ("+++", 5), ("--", 0), ("+49170", None), ("-4", None), ("*", None)],
)
def test_a_quantity_is_told_from_a_phone_number(text: str, quantity: int | None) -> None:
    assert ringing.requested(text, 2) == quantity
