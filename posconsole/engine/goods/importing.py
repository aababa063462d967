"""Reading a product list out of a CSV file: which rows are goods, at what price, and why the others are not.

Pure: it reads text and knows no database. A till's own product list and a shop's old invoices both do; of
invoices the latest price counts, and rows for postage, fees and adjustments are told from goods.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from posconsole.engine.views import Refused
from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from posconsole.money import Currency

# Per field the column names it goes by, folded to letters and digits; the first one present is taken.
COLUMNS = {
    "sku": ("sku", "stockcode", "productcode", "articlenumber", "itemnumber", "productid", "id"),
    "name": ("name", "productname", "description", "title", "product"),
    "price": ("price", "unitprice", "saleprice", "retailprice"),
    "barcode": ("barcode", "ean", "ean13", "gtin", "upc"),
    "tax": ("tax", "taxrate", "taxpercent", "vat", "vatrate"),
    "category": ("category", "department", "group"),
    "invoice": ("invoiceno", "invoice", "invoicenumber"),
    "date": ("invoicedate",),
    "quantity": ("quantity",),
}
NEEDED = ("sku", "name", "price")
DELIMITERS = ";,\t|"
LONGEST = {"sku": 64, "name": 200, "category": 64}

# C0, C1 and DEL; bidi marks, embeddings and isolates; line separators, zero-width space, byte order mark.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd]")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([., '’])\d{3})(?:\1\d{3})*([.,])\d{1,2}", re.ASCII)
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_EXCEL_HINT = re.compile(r"sep=.\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product as its file has it: `price` in minor units, `tax_rate` in basis points, `line` in the file.

    None means that the file says nothing about it.
    """

    sku: str
    name: str
    price: int
    barcode: str | None
    tax_rate: int | None
    category: str | None
    line: int


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What a file holds: one row per product, the lines that are none and why, how many lines were read."""

    rows: tuple[ProductRow, ...]
    refused: tuple[Refused, ...]
    lines: int


def read_products(source: Path | str, currency: Currency) -> ParsedFile:
    """Read products from a file (`Path`) or from CSV text (`str`), prices in whole units of `currency`.

    Raises `InvalidInput` when the whole can't be read: no such file, a needed column missing (`field` names
    it), text that is no CSV. A single bad line is refused and the rest goes on.
    """
    text = _decoded(source) if isinstance(source, Path) else source.removeprefix("\ufeff")
    header, delimiter, skipped = _header(text)
    columns = _columns(header)
    latest: dict[str, tuple[tuple[bool, datetime, int], ProductRow]] = {}
    refused: list[Refused] = []
    read = 0
    for line, cells in _records(text, delimiter, skipped):
        read += 1
        try:
            rank, row = _product(cells, columns, len(header), currency, line)
        except InvalidInput as refusal:
            refused.append(Refused(line, _shown(cells, columns), refusal.message))
            continue
        if row.sku not in latest or rank > latest[row.sku][0]:
            latest[row.sku] = rank, row
    rows, doubled = _one_barcode_each([row for _, row in latest.values()])
    return ParsedFile(tuple(rows), tuple(sorted(refused + doubled, key=lambda it: it.line)), read)


def _decoded(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"it can't be read: {(error.strerror or str(error)).lower()}", field="file") from None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _header(text: str) -> tuple[list[str], str, int]:
    """Return the header's cells, the delimiter that finds most known columns in it, and its line number."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if not line.strip() or _EXCEL_HINT.fullmatch(line):
            continue
        guesses = {mark: next(_reader(line, mark), []) for mark in DELIMITERS}
        best = max(guesses, key=lambda mark: (len(_found(guesses[mark])), len(guesses[mark])))
        return guesses[best], best, number
    raise InvalidInput("the file is empty: it needs a line of column names first", field="file")


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise InvalidInput(f"the file is not CSV: {error}", field="file") from None


def _found(header: Sequence[str]) -> dict[str, int]:
    folded = ["".join(filter(str.isalnum, cell.casefold())) for cell in header]
    known = ((field, next((name for name in names if name in folded), None)) for field, names in COLUMNS.items())
    return {field: folded.index(name) for field, name in known if name}


def _columns(header: Sequence[str]) -> Mapping[str, int]:
    columns = _found(header)
    for field in NEEDED:
        if field not in columns:
            there = ", ".join(_clean(cell)[:20] for cell in header[:12])
            usual = " or ".join(COLUMNS[field][:3])
            raise InvalidInput(f"no column for the {field} (usually {usual}); there are: {there}", field=field)
    return columns


def _records(text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Give each record below the header with the number of the line on which it starts."""
    lines = io.StringIO(text, newline="")
    for _ in range(skipped):
        next(lines)
    reader = csv.reader(lines, delimiter=delimiter)
    start = skipped + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = skipped + reader.line_num + 1
    except csv.Error as error:
        raise InvalidInput(f"line {start} is not CSV: {error}", field="file") from None


def _product(
    cells: Sequence[str], columns: Mapping[str, int], width: int, currency: Currency, line: int
) -> tuple[tuple[bool, datetime, int], ProductRow]:
    """Read one record; the rank says which of several records of one sku has the price that counts."""
    cell = {field: cells[at].strip() if at < len(cells) else "" for field, at in columns.items()}
    if any(extra.strip() for extra in cells[width:]):
        raise InvalidInput(f"has {len(cells)} cells where the header has {width}: a separator in the text?")
    invoiced = "invoice" in columns or "date" in columns
    row = ProductRow(
        sku=_sku(cell["sku"], invoiced=invoiced),
        name=_text("name", cell["name"]),
        price=_price(cell["price"], currency),
        barcode=_barcode(cell.get("barcode", "")),
        tax_rate=_tax(cell.get("tax", "")),
        category=_text("category", cell["category"]) if cell.get("category") else None,
        line=line,
    )
    # A return carries the price of the day it was sold: it counts only where there is nothing better.
    sold = not cell.get("quantity", "").startswith("-")
    return (sold, _date(cell["date"]) if "date" in cell else datetime.min, line), row


def _text(field: str, text: str) -> str:
    if not text:
        raise InvalidInput(f"the {field} is blank", field=field)
    if "\n" in text or "\r" in text:
        raise InvalidInput(f"the {field} runs over several lines: a quotation mark left open?", field=field)
    if _UNPRINTABLE.search(text):
        raise InvalidInput(f"the {field} holds a control character", field=field)
    if text[0] in "=+-@":
        raise InvalidInput(f"the {field} begins with {text[0]}: a spreadsheet would run it", field=field)
    if len(text) > LONGEST[field]:
        raise InvalidInput(f"the {field} is longer than {LONGEST[field]} characters", field=field)
    return " ".join(text.split())


def _sku(text: str, *, invoiced: bool) -> str:
    sku = _text("sku", text)
    if any(sign.isdigit() and not sign.isascii() for sign in unicodedata.normalize("NFC", sku)):
        raise InvalidInput("the sku has digits other than 0 to 9", field="sku")
    # Invoices mix goods with postage (POST, C2), fees and adjustments (M, D); goods there have a stock number.
    # In a product list a sku is whatever the shop says it is.
    if invoiced and sum(map(str.isdigit, sku)) < 2:
        raise InvalidInput(f"{sku} has no stock number: a service or an adjustment, not goods", field="sku")
    # Whoever keyed the invoices wrote 85123A and 85123a for one thing.
    return sku.upper() if invoiced else sku


def _price(text: str, currency: Currency) -> int:
    if not text:
        raise InvalidInput("the price is blank", field="price")
    if text[0] in "-\N{MINUS SIGN}":
        raise InvalidInput("the price is negative", field="price")
    if currency.decimals != 3 and _AMBIGUOUS.fullmatch(text):
        raise InvalidInput(f"the price {text} could mean thousands or decimals", field="price")
    grouped = _GROUPED.fullmatch(text)
    if grouped and grouped[1] != grouped[2]:
        text = text.replace(grouped[1], "")
    try:
        price = currency.parse(text)
    except InvalidInput as refusal:
        raise InvalidInput(f"the price {_clean(refusal.message)}", field="price") from None
    if not price:
        raise InvalidInput("the price is zero", field="price")
    return price


def _barcode(text: str) -> str | None:
    """Return an EAN-8, UPC, EAN-13 or GTIN-14 whose check digit is right."""
    if not text:
        return None
    if not re.fullmatch(r"\d{8}|\d{12,14}", text, re.ASCII):
        raise InvalidInput("the barcode is not an EAN: 8, 12, 13 or 14 digits", field="barcode")
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text)))
    if weighed % 10:
        raise InvalidInput("the barcode's check digit is wrong", field="barcode")
    return text


@lru_cache(maxsize=256)
def _tax(text: str) -> int | None:
    """Return a tax rate in basis points: `19`, `19 %` and `5,5` are per cent."""
    if not text:
        return None
    digits = text.removesuffix("%").strip().replace(",", ".")
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2}0*)?", digits, re.ASCII):
        raise InvalidInput("the tax is not a percentage like 19 or 5.5", field="tax")
    whole, _, part = digits.partition(".")
    rate = int(whole) * 100 + int((part + "00")[:2])
    if rate > 10_000:
        raise InvalidInput("the tax is above 100 %", field="tax")
    if 0 < rate < 100 and "%" not in text:
        raise InvalidInput(f"the tax {digits} could be a fraction: write it with a % sign", field="tax")
    return rate


@lru_cache(maxsize=4096)
def _date(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    try:
        # Spreadsheets turned the well-known copies of such files into American dates.
        return datetime.strptime(text, "%m/%d/%Y %H:%M")
    except ValueError:
        raise InvalidInput("the invoice date can't be read: a date like 2026-06-30 12:00:00", field="date") from None


def _one_barcode_each(rows: Sequence[ProductRow]) -> tuple[list[ProductRow], list[Refused]]:
    """Refuse each row whose barcode an earlier product of the file already has."""
    owner: dict[str, ProductRow] = {}
    kept: list[ProductRow] = []
    refused: list[Refused] = []
    for row in sorted(rows, key=lambda it: it.line):
        # A twelve-digit UPC is the EAN-13 with a leading zero, and scanners send either.
        first = owner.setdefault(row.barcode.zfill(14), row) if row.barcode else row
        if first is row:
            kept.append(row)
        else:
            refused.append(Refused(row.line, row.sku, f"line {first.line} ({first.sku}) has the same barcode"))
    return kept, refused


def _shown(cells: Sequence[str], columns: Mapping[str, int]) -> str:
    at = columns["sku"]
    return _clean(cells[at].strip())[:40] if at < len(cells) else ""


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
