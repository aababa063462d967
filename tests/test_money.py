"""Amounts: what a cashier keys, what a file says, and what a reader of that locale sees."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posconsole.errors import InvalidInput
from posconsole.money import LARGEST, MINUS, Currency, half_up, minor_units, percent, spread
from tests.examples import examples

EUR, JPY, KWD = (Currency.of(code) for code in ("EUR", "JPY", "KWD"))


@pytest.mark.parametrize(
    ("currency", "text", "amount"),
    [
        (EUR, "1250", 1250),
        (EUR, "12.5", 1250),
        (EUR, "12,50", 1250),
        (EUR, "12.", 1200),
        (EUR, " 0012.50 ", 1250),
        (EUR, "12.5000", 1250),
        (EUR, "0", 0),
        (JPY, "1250", 1250),
        (JPY, "1250.0", 1250),
        (KWD, "1250", 1250),
        (KWD, "1.25", 1250),
        (KWD, "1.2345", None),
        (EUR, "12.505", None),
        (JPY, "12.5", None),
    ],
)
def test_an_amount_is_keyed_with_and_without_a_point(currency: Currency, text: str, amount: int | None) -> None:
    if amount is None:
        with pytest.raises(InvalidInput, match=f"decimals, which {currency.code} does not have"):
            currency.keyed(text)
    else:
        assert currency.keyed(text) == amount


@pytest.mark.parametrize(
    ("currency", "text", "amount"),
    [(EUR, "25", 2500), (EUR, 25, 2500), (EUR, Decimal("25.5"), 2550), (JPY, "25", 25), (KWD, "25", 25_000)],
)
def test_an_amount_in_a_file_is_in_whole_units(currency: Currency, text: str | int | Decimal, amount: int) -> None:
    assert currency.parse(text) == amount


HOSTILE = [
    *(
        "",
        " ",
        ".",
        ",",
        "-1",
        "−1",
        "+1",
        "- 1",
        "(1)",
        "1-",
        "1e3",
        "1E309",
        "1e309",
        "NaN",
        "nan",
        "inf",
        "Infinity",
    ),
    *("9223372036854775808", "18446744073709551616", "1.2.3", "1,2.3", "1,000.00", "1 000", "1_000", "0x10", "½", "1½"),
    *("٣", "١٢.٥", "１２．５", "１２", "12€", "€12", "12.５", "1\n2", "1\x002", "1\u202e2", "=1", "None", "True"),
    *("1" * 13, "0." + "1" * 7, "9" * 1_000_000, "1" + "0" * 999_999 + ".00"),
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
@pytest.mark.parametrize("currency", [EUR, JPY, KWD], ids=lambda currency: currency.code)
def test_what_is_no_amount_is_refused_and_the_field_named(currency: Currency, text: str) -> None:
    for read in (currency.keyed, currency.parse):
        with pytest.raises(InvalidInput) as refused:
            read(text)
        assert refused.value.field == "amount"
        assert len(refused.value.message) < 120


@given(st.text(max_size=30))
@examples(500, 50_000)
def test_any_text_is_an_amount_a_till_can_take_or_refused(text: str) -> None:
    for currency in (EUR, JPY, KWD):
        for read in (currency.keyed, currency.parse):
            try:
                amount = read(text)
            except InvalidInput:
                continue
            assert 0 <= amount <= LARGEST
            assert text.strip().isascii()


@pytest.mark.parametrize(
    "value", [-1, 2**63, LARGEST + 1, True, 1.0, float("nan"), float("inf"), "1", None, Decimal(1)]
)
def test_what_is_no_whole_number_of_minor_units_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        minor_units(value, "price")
    assert refused.value.field == "price"
    assert minor_units(LARGEST, "price") == LARGEST


@pytest.mark.parametrize(
    "value", [0, -1, 100.01, 101, "15.001", "NaN", "inf", "1e309", "٣%", "", None, True and "x", [], 1e309]
)
def test_what_is_no_percentage_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        percent(value)
    assert refused.value.field == "percent_off"


@pytest.mark.parametrize(("value", "points"), [(15, 1500), (12.5, 1250), ("0.01", 1), (100, 10_000), (33.33, 3333)])
def test_a_percentage_has_two_decimals(value: object, points: int) -> None:
    assert percent(value) == points


@pytest.mark.parametrize(
    ("currency", "locale", "plain", "signed"),
    [
        (EUR, "en", "1,234,567.89", "€1,234,567.89"),
        (EUR, "de", "1.234.567,89", "1.234.567,89\N{NO-BREAK SPACE}€"),
        (EUR, "ja", "1,234,567.89", "€1,234,567.89"),
        (JPY, "ja", "123,456,789", "￥123,456,789"),
        (JPY, "de", "123.456.789", "123.456.789\N{NO-BREAK SPACE}¥"),
        (KWD, "en", "123,456.789", "KWD123,456.789"),
        (KWD, "de", "123.456,789", "123.456,789\N{NO-BREAK SPACE}KWD"),
    ],
)
def test_an_amount_is_written_as_its_reader_would(currency: Currency, locale: str, plain: str, signed: str) -> None:
    assert currency.format(123456789, locale) == plain
    written = currency.format(123456789, locale, symbol=True)
    assert written.replace("KWD\N{NO-BREAK SPACE}1", "KWD1") == signed  # as the CLDR's year has it
    assert currency.format(-123456789, locale) == f"{MINUS}{plain}"


def test_arabic_is_written_with_its_currencys_decimals() -> None:
    assert KWD.format(1250, "ar").translate({ord("٫"): "."}) in ("1.250", "١.٢٥٠")
    assert "د.ك" in KWD.format(1250, "ar", symbol=True)


@given(
    st.integers(-LARGEST, LARGEST), st.sampled_from([EUR, JPY, KWD]), st.sampled_from(["en", "de", "ja", "fr", "de_CH"])
)
@examples(200, 10_000)
def test_no_digit_is_lost_in_writing(amount: int, currency: Currency, locale: str) -> None:
    for symbol in (False, True):
        written = currency.format(amount, locale, symbol=symbol)
        digits = "".join(character for character in written if character.isdigit())
        assert int(digits) == abs(amount)
        assert written.startswith(MINUS) == (amount < 0)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
@examples(300, 20_000)
def test_half_up_is_the_nearest_and_of_two_the_upper(numerator: int, denominator: int) -> None:
    twice = 2 * (half_up(numerator, denominator) * denominator - numerator)
    assert -denominator < twice <= denominator


def test_a_currency_is_three_letters() -> None:
    assert Currency.of(" eur ") == EUR
    assert [Currency.of(code).decimals for code in ("EUR", "JPY", "KWD", "USD", "CLP", "TND")] == [2, 0, 3, 2, 0, 3]
    for code in ("", "EU", "EURO", "E1R", "ＥＵＲ", "ÉUR", "€"):
        with pytest.raises(InvalidInput):
            Currency.of(code)


def test_the_documents_own_shares() -> None:
    assert spread(100, [333, 333, 333]) == [34, 33, 33]
    assert spread(350, [1999, 999, 501]) == [200, 100, 50]
    assert spread(0, [0, 0]) == [0, 0]
