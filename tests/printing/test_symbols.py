"""Symbols are read again by another program than the ones that made them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posconsole.codes import mint
from posconsole.errors import InvalidInput
from posconsole.printing.masks import Grid, masked, penalty
from posconsole.printing.symbols import CORRECTIONS, fitted, symbol
from tests.examples import examples
from tests.printing.reading import drawn, read

TEXTS = {
    "qr": ("GIFT-7K2P-9QXM-4TRB", "https://example.com/?c=ä€שלום", "7" * 200, "x", "A" * 800),
    "code128": ("1-000142", "GIFT-7K2P-9QXM-4TRB", "00123456789", "a7", " ~"),
    "ean13": ("2000000000015", "2912345678906"),
}
PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in TEXTS.items() for text in texts])
def test_a_scanner_reads_the_text_of_a_symbol(kind: str, text: str) -> None:
    assert read(drawn(symbol(kind, text))) == [text]


@examples(20, 2000)
@given(st.text(PRINTABLE, min_size=1, max_size=60), st.sampled_from(CORRECTIONS))
def test_any_text_comes_back_from_its_qr_code(text: str, correction: str) -> None:
    assert read(drawn(symbol("qr", text, correction))) == [text]


@examples(20, 2000)
@given(st.text(PRINTABLE, min_size=1, max_size=30))
def test_any_text_comes_back_from_its_code_128(text: str) -> None:
    assert read(drawn(symbol("code128", text))) == [text]


@pytest.mark.parametrize("correction", range(4))
@pytest.mark.parametrize("text", ["GIFT-7K2P-9QXM-4TRB", "https://example.com/" + "ab" * 80])
def test_the_mask_is_the_one_that_the_standard_rates_best(text: str, correction: int) -> None:
    from qrcode.main import QRCode
    from qrcode.util import lost_point

    lost = []
    for mask in range(8):
        code = QRCode(error_correction=correction, mask_pattern=mask)
        code.add_data(text)
        code.make()
        lost.append((lost_point(code.modules), tuple(bytes(row) for row in code.modules)))
        assert penalty(Grid.of(list(lost[-1][1])), code.modules_count) == lost[-1][0]
    assert masked(text, correction) == min(lost, key=lambda each: each[0])[1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2000000000014", "should be 5"),
        ("200000000001", "is 13 digits"),
        ("٢000000000015", "is 13 digits"),
        ("4006381333931", "begins with 20 to 29"),
        ("1999999999991", "begins with 20 to 29"),
    ],
)
def test_an_ean_13_is_whole_right_and_of_the_range_that_is_a_shops_own(text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        symbol("ean13", text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("code128", "Café"),
        ("code128", "a\n"),
        ("code128", ""),
        ("qr", "x" * 5000),
        ("aztec", "x"),
    ],
)
def test_what_a_symbol_cannot_hold_is_refused(kind: str, text: str) -> None:
    with pytest.raises(InvalidInput):
        symbol(kind, text)


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_module_is_a_whole_number_of_dots(dpi: int) -> None:
    made = symbol("code128", "1-000142")
    for room in (48.0, 60.0, 100.0):
        dots = fitted(made, room, dpi) * dpi / 25.4
        assert dots == pytest.approx(round(dots))
        assert made.across * dots <= room * dpi / 25.4 < made.across * (dots + 1)


def test_a_bar_code_too_wide_is_refused_with_the_width_that_fits() -> None:
    made = symbol("code128", mint("GIFT"))
    with pytest.raises(InvalidInput, match=r"there are 48\.0 mm") as refused:
        fitted(made, 48.0)
    assert refused.value.code == "symbol_too_wide"
    named = float(refused.value.message.split(" mm")[0].split()[-1])
    assert fitted(made, named) >= 0.3
    with pytest.raises(InvalidInput):
        fitted(made, named - 0.2)
