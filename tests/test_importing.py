"""A product file is read row by row: goods come in, everything else is refused with its line and a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posconsole.engine.goods.importing import ParsedFile, read_products
from posconsole.errors import InvalidInput
from posconsole.money import LARGEST, Currency

EUR = Currency.of("EUR")

# Lines of the Online Retail data set (Daqing Chen, UCI Machine Learning Repository, CC BY 4.0), some shortened.
INVOICES = """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536370,POST,POSTAGE,3,2010-12-01 08:45:00,18.0,12583.0,France
C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom
536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom
536540,C2,CARRIAGE,1,2010-12-01 14:05:00,50.0,14911.0,EIRE
536941,22734,amazon,20,2010-12-03 12:08:00,0.0,,United Kingdom
537226,22811,SET OF 6 T-LIGHTS CACTI ,6,2010-12-06 08:34:00,2.95,15987.0,United Kingdom
536569,85123a,WHITE HANGING HEART T-LIGHT HOLDER,1,2010-12-02 15:35:00,5.91,,United Kingdom
C537444,85123A,WHITE HANGING HEART T-LIGHT HOLDER,-8,2010-12-07 08:42:00,2.10,14850.0,United Kingdom
"""
REAL = Path(__file__).parents[2] / "shared" / "data" / "online-retail"


def only(field: str, cell: str, currency: Currency = EUR) -> ParsedFile:
    """Read one product of which everything but this cell is right."""
    cells = {"sku": "MUG", "name": "Mug", "price": "4.50", "barcode": "", "tax": "19", "category": "Home"} | {
        field: cell
    }
    return read_products(";".join(cells) + "\n" + ";".join(cells.values()), currency)


def test_invoices_become_a_price_list() -> None:
    parsed = read_products(INVOICES, Currency.of("GBP"))
    assert [(row.sku, row.name, row.price, row.line) for row in parsed.rows] == [
        ("22811", "SET OF 6 T-LIGHTS CACTI", 295, 8),
        ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER", 591, 9),
    ]
    assert [(it.line, it.sku, it.reason) for it in parsed.refused] == [
        (3, "POST", "POST has no stock number: a service or an adjustment, not goods"),
        (4, "D", "D has no stock number: a service or an adjustment, not goods"),
        (5, "22139", "the name is blank"),
        (6, "C2", "C2 has no stock number: a service or an adjustment, not goods"),
        (7, "22734", "the price is zero"),
    ]
    assert parsed.lines == 9


@pytest.mark.skipif(not REAL.is_dir(), reason="the Online Retail files are not beside this checkout")
def test_six_real_days_come_in_as_they_are() -> None:
    days = [read_products(path, Currency.of("GBP")) for path in sorted(REAL.glob("*.csv"))]
    assert [(day.lines, len(day.rows), len(day.refused)) for day in days] == [
        (3108, 1338, 19),
        (2109, 932, 4),
        (2202, 1116, 48),
        (2725, 1148, 14),
        (3878, 1469, 25),
        (2963, 1250, 90),
    ]


@pytest.mark.parametrize(
    ("cell", "price"),
    [("4.50", 450), ("4,5", 450), ("4", 400), ("1,234.50", 123_450), ("1.234.567,89", 123_456_789), ("0.500", 50)],
)
def test_prices_are_read_as_people_write_them(cell: str, price: int) -> None:
    (row,) = only("price", cell).rows
    assert row.price == price


@pytest.mark.parametrize(
    ("field", "cell", "reason"),
    [
        ("price", "", "the price is blank"),
        ("price", "0.00", "the price is zero"),
        ("price", "-4.50", "the price is negative"),
        ("price", "4.505", "the price 4.505 could mean thousands or decimals"),
        ("price", "1.000", "the price 1.000 could mean thousands or decimals"),
        ("price", "0.505", "the price 0.505 has more than 2 decimals, which EUR does not have"),
        ("price", "NaN", "the price 'NaN' is not an amount"),
        ("price", "1e309", "the price '1e309' is not an amount"),
        ("price", "٣", "the price '٣' is not an amount"),
        ("price", str(2**63), "the price '922337203685' is not an amount"),
        ("price", str(LARGEST // 100 + 1), "the price 10000000001 is more than a till can take"),
        ("sku", " ", "the sku is blank"),
        ("sku", "12٣", "the sku has digits other than 0 to 9"),
        ("sku", "=1+1", "the sku begins with =: a spreadsheet would run it"),
        ("name", "  ", "the name is blank"),
        ("name", "Mug\x1b[2J", "the name holds a control character"),
        ("name", "Mug\u202egum", "the name holds a control character"),
        ("name", "@SUM(A1)", "the name begins with @: a spreadsheet would run it"),
        ("name", "M" * 201, "the name is longer than 200 characters"),
        ("name", '"Mug\nPlate"', "the name runs over several lines: a quotation mark left open?"),
        ("barcode", "4006381333932", "the barcode's check digit is wrong"),
        ("barcode", "4.00638E+12", "the barcode is not an EAN: 8, 12, 13 or 14 digits"),
        ("tax", "101", "the tax is above 100 %"),
        ("tax", "0.19", "the tax 0.19 could be a fraction: write it with a % sign"),
        ("tax", "19.005", "the tax is not a percentage like 19 or 5.5"),
        ("category", "Home;Garden", "has 7 cells where the header has 6: a separator in the text?"),
    ],
)
def test_an_odd_row_is_refused_with_its_reason(field: str, cell: str, reason: str) -> None:
    parsed = only(field, cell)
    assert [it.reason for it in parsed.refused] == [reason]
    assert (parsed.refused[0].line, parsed.rows) == (2, ())


@pytest.mark.parametrize("barcode", ["96385074", "036000291452", "4006381333931", "10012345678902"])
def test_barcodes_of_every_length_are_kept(barcode: str) -> None:
    (row,) = only("barcode", barcode).rows
    assert row.barcode == barcode


@pytest.mark.parametrize(("cell", "rate"), [("", None), ("0", 0), ("19", 1900), ("5,5 %", 550), ("0.5%", 50)])
def test_tax_is_a_percentage(cell: str, rate: int | None) -> None:
    (row,) = only("tax", cell).rows
    assert row.tax_rate == rate


def test_a_price_list_may_call_its_goods_what_it_likes() -> None:
    assert [row.sku for row in only("sku", "POST").rows] == ["POST"]


def test_a_currency_without_decimals_takes_none() -> None:
    assert only("price", "450", Currency.of("JPY")).rows[0].price == 450
    assert only("price", "1,000", Currency.of("JPY")).rows == ()


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffSKU;Description;Unit Price;EAN\nK1;Käse;2,50;\n".encode(),
        "sep=;\r\n\r\nsku;name;price\r\nK1;Käse;2,50\r\n".encode("cp1252"),
        "Price\tStockCode\tName\n2.50\tK1\tKäse\n".encode("utf-16"),
        'name,sku,price\n"Käse",K1,"2,50"\n'.encode("latin-1"),
    ],
)
def test_files_are_read_as_tills_and_spreadsheets_write_them(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "products.csv"
    path.write_bytes(data)
    (row,) = read_products(path, EUR).rows
    assert (row.sku, row.name, row.price) == ("K1", "Käse", 250)


def test_without_dates_the_last_row_wins() -> None:
    parsed = read_products("sku,name,price\nK1,Cheese,2.50\nK1,Cheese,2.40\n", EUR)
    assert [row.price for row in parsed.rows] == [240]


def test_a_second_product_with_the_same_barcode_is_refused() -> None:
    parsed = read_products("sku,name,price,ean\nA,Soap,1,036000291452\nB,Salt,1,0036000291452\n", EUR)
    assert [row.sku for row in parsed.rows] == ["A"]
    assert [(it.line, it.reason) for it in parsed.refused] == [(3, "line 2 (A) has the same barcode")]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "file"),
        ("name,price\nMug,4.50\n", "sku"),
        ("sku,price\nMUG,4.50\n", "name"),
        ("sku,name,cost\nMUG,Mug,4.50\n", "price"),
        ("sku,name,price\nMUG," + "M" * 140_000 + ",1\n", "file"),
    ],
)
def test_a_file_that_can_not_be_read_names_what_is_wrong(text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_products(text, EUR)
    assert refusal.value.field == field


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="it can't be read: no such file"):
        read_products(tmp_path / "none.csv", EUR)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    parsed = read_products("sku,name,price\n" + text, EUR)
    assert len(parsed.rows) + len(parsed.refused) <= parsed.lines
    assert all(0 < row.price <= LARGEST for row in parsed.rows)
