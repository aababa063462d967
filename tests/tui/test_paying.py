"""The pay panel's arithmetic and its keys: amounts as keyed, quick amounts, and scans that must never be one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from posconsole.errors import InvalidInput
from posconsole.money import Currency
from posconsole.tui.paying import RESTRICT, Paying

if TYPE_CHECKING:
    from posconsole.engine.sale.tendering import TenderRequest

EUR, JPY, KWD = Currency.of("EUR"), Currency.of("JPY"), Currency.of("KWD")


def keyed(kind: str, typed: str, *, due: int = 2452, tenders: tuple[TenderRequest, ...] = ()) -> Paying:
    return Paying(due, EUR, 1, tenders, kind, typed)


@pytest.mark.parametrize("typed", ["3000", "30.00", "30,00", "30."])
def test_an_amount_is_keyed_with_or_without_its_point(typed: str) -> None:
    assert keyed("cash", typed).with_offer().change == 548


def test_no_amount_is_all_that_is_left() -> None:
    assert keyed("cash", "").with_offer().left == 0
    assert keyed("terminal", "").with_offer().tenders[-1].amount == 2452


def test_tenders_add_up_until_all_is_covered() -> None:
    first = keyed("terminal", "1000").take_down()
    assert (first.left, first.kind, first.typed) == (1452, None, "")
    second = first.begin("cash").take_down()
    assert second.left == 0
    assert second.without_last() == first


def test_more_cash_is_the_same_cash() -> None:
    again = keyed("cash", "1000").take_down().begin("cash")
    paid = Paying(again.due, EUR, 1, again.tenders, "cash", "2000").with_offer()
    assert [(tender.kind, tender.tendered, tender.change) for tender in paid.tenders] == [("cash", 3000, 548)]


@pytest.mark.parametrize(("kind", "typed"), [("cash", "0"), ("terminal", "2453"), ("card", "2500"), ("cash", "1.234")])
def test_what_cannot_be_paid_is_said(kind: str, typed: str) -> None:
    with pytest.raises(InvalidInput):
        keyed(kind, typed).with_offer()


@pytest.mark.parametrize(
    ("due", "currency", "coin", "amounts"),
    [
        (2452, EUR, 1, (2452, 2500, 3000, 4000, 5000)),
        (452, EUR, 5, (450, 500, 1000, 2000, 5000)),
        (5000, EUR, 1, (5000, 6000, 10000, 20000, 50000)),
        (3333, JPY, 1, (3333, 3500, 4000, 5000, 10000)),
        (4500, KWD, 5, (4500, 5000, 10000, 20000, 50000)),
    ],
)
def test_quick_amounts_are_what_a_customer_hands_over(
    due: int, currency: Currency, coin: int, amounts: tuple[int, ...]
) -> None:
    assert Paying(due, currency, coin).quick() == amounts


@pytest.mark.parametrize("scan", ["4006381333931", "20000015", "GIFT-7K2P-9QXM-4TRX"])
def test_no_barcode_fits_into_an_amount(scan: str) -> None:
    assert not re.fullmatch(RESTRICT, scan)


def test_a_card_number_is_not_in_what_gets_logged() -> None:
    paying = Paying(100, EUR, kind="card", number="4242424242424242")
    offer = paying.offer()
    assert offer is not None
    assert offer.number == "4242424242424242"
    assert "4242" not in repr(paying) + repr(offer) + repr(paying.take_down())
