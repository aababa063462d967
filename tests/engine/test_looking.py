"""What a typed text would do: the till's one input, previewed without writing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole.engine.quoting.looking import split
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.views import CodeTried, MemberFound, NothingFound, ProductFound, Suggestions
from tests.engine.shop import LAMP

if TYPE_CHECKING:
    from posconsole import Store

EMPTY = Basket()
LAMPS = Basket((Item(LAMP, 2),))


@pytest.mark.parametrize(
    ("text", "quantity", "rest"),
    [
        ("3*2000000000015", 3, "2000000000015"),
        (" 12 * flat white", 12, "flat white"),
        ("3×tea", 3, "tea"),
        ("*tea", 1, "*tea"),
        ("99999*tea", 1, "99999*tea"),
        ("0*tea", 1, "0*tea"),
        ("03*tea", 3, "tea"),
        ("٣*tea", 1, "٣*tea"),
    ],
)
def test_a_quantity_comes_before_what_it_counts(text: str, quantity: int, rest: str) -> None:
    assert split(text) == (quantity, rest)


def test_a_barcode_and_a_sku_name_the_product(till: Store) -> None:
    till.products.create(sku="85123A", name="Heart", price=255, barcode="036000291452")
    for text in ("85123a", "0036000291452", "036000291452"):
        assert till.look(text, EMPTY) == ProductFound(till.products.get("85123A"))
    for text in ("2000000000015", "lamp"):
        found = till.look(f"3*{text}", EMPTY)
        assert isinstance(found, ProductFound)
        assert (found.product.sku, found.quantity) == (LAMP, 3)


def test_a_coupon_shows_the_basket_with_it_and_writes_nothing(till: Store) -> None:
    till.coupons.create(code="SPRING15", percent_off=15)
    found = till.look("spring15", LAMPS)
    assert isinstance(found, CodeTried)
    assert (found.verdict.amount, found.quote.due) == (600, 3398)
    assert till.say(found.verdict) == "SPRING15 takes 15% off: −6.00"
    assert till.coupons.get("SPRING15").times_redeemed == 0


def test_a_voucher_says_what_it_pays_and_what_is_lost(till: Store) -> None:
    gift = till.vouchers.issue(value=5000, single_use=True)
    found = till.look(gift.code, LAMPS)
    assert isinstance(found, CodeTried)
    assert till.say(found.verdict) == f"…-{gift.code[-4:]} is single use: pays 39.98, the other 10.02 is lost"


def test_a_mistyped_voucher_is_told_from_an_unknown_one(till: Store) -> None:
    code = till.vouchers.issue(value=5000).code
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    found = till.look(wrong, LAMPS)
    assert isinstance(found, CodeTried)
    assert found.verdict.reason == "mistyped"


def test_names_that_begin_with_the_text_come_first(till: Store) -> None:
    till.products.create(sku="b1", name="A red lamp", price=100)
    till.products.create(sku="b2", name="Red ink", price=100)
    found = till.look("red", EMPTY)
    assert isinstance(found, Suggestions)
    assert [one.name for one in found.products] == ["Red ink", "A red lamp"]


@pytest.mark.parametrize("text", ["m-0042", "+47 22 33 44 55", "4722334455"])
def test_a_member_is_found_by_card_and_by_phone(till: Store, text: str) -> None:
    mira = till.members.create(name="Mira Olsen", phone="+47 22334455", card="M-0042")
    assert till.look(text, EMPTY) == MemberFound(mira)


def test_a_card_comes_before_somebody_elses_phone(till: Store) -> None:
    till.members.create(name="Juno", phone="4722334455", card="", email=" ")
    mira = till.members.create(name="Mira", card="4722334455")
    assert till.members.create(name="Another without a card", card="").card is None
    assert till.look("4722334455", EMPTY) == MemberFound(mira)


def test_a_part_of_a_name_suggests(till: Store) -> None:
    mira = till.members.create(name="Lamporecchio, Mira")
    found = till.look("2*LAM", EMPTY)
    assert isinstance(found, Suggestions)
    assert ([one.sku for one in found.products], found.members, found.quantity) == ([LAMP], (mira,), 2)


@pytest.mark.parametrize(
    "text", ["", "   ", "3*", "%", "_", "x" * 1_000_000, "'; DROP TABLE coupon; --", "\x00", "[/]", "\ud800"]
)
def test_hostile_texts_find_nothing_and_break_nothing(till: Store, text: str) -> None:
    assert isinstance(till.look(text, LAMPS), NothingFound)


def test_the_open_basket_closes_with_its_sale_and_no_sooner(till: Store) -> None:
    till.baskets.save(LAMPS)
    pending = till.payments.open(basket=LAMPS, tender="terminal", closes_basket=True)
    assert till.baskets.open() is None
    till.payments.decline(pending.id)
    assert till.baskets.open() == LAMPS
    till.payments.create(basket=LAMPS, closes_basket=True)
    assert till.baskets.open() is None


def test_a_sale_set_aside_leaves_the_next_basket_alone(till: Store) -> None:
    till.baskets.save(LAMPS)
    pending = till.payments.open(basket=LAMPS, tender="terminal", closes_basket=True)
    following = Basket((Item("tea"),))
    till.baskets.save(following)
    till.payments.capture(pending.id, approval_code="1")
    assert till.baskets.open() == following


def test_the_open_basket_is_kept_and_cleared(till: Store) -> None:
    basket = Basket((Item(LAMP, 2), Item(None, 1, 450, "Loose tea")), ("SPRING15",), None)
    till.baskets.save(basket)
    assert till.baskets.open() == basket
    till.baskets.save(EMPTY)
    assert till.baskets.open() is None
