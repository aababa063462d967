"""What a receipt printer is sent, read byte by byte by a printer of our own, its symbols by a scanner."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from posconsole.engine.day.shiftviews import ShiftView, Takings, TenderTotal
from posconsole.engine.quoting.quotes import TaxLine
from posconsole.errors import InvalidInput
from posconsole.printing import escpos
from posconsole.printing.artwork import artwork
from posconsole.printing.codepages import plain
from posconsole.printing.drawing import Label
from posconsole.printing.png import picture
from posconsole.printing.raster import lettered
from posconsole.printing.receipt import refund_receipt, sale_receipt
from posconsole.printing.roll import rolled
from posconsole.printing.shift import shift_report
from posconsole.printing.strip import Paper
from posconsole.printing.voucher import voucher_paper
from tests.examples import examples
from tests.printing.escpos_reader import Code, Line, Printed, Reader
from tests.printing.reading import read
from tests.test_receipt_text import AT, REFUND, SALE, SHOP

NARROW, WIDE = escpos.model("simple", 58), escpos.model("default", 80)
"""The one has no knife, no QR codes and one code page, the other all that there is."""
MODELS = pytest.mark.parametrize("model", [NARROW, WIDE, escpos.model("TM-T88V")], ids=lambda model: model.profile)
UNABLE = {"AF-240", "OCD-100", "OCD-300", "NT-80-V-UL", "TM-U220", "TM-U220B"}
"""Line displays, needle printers, and one whose profile has 12 columns."""


def printed(paper: Paper, model: escpos.Model = WIDE) -> Printed:
    return Reader(model.columns, model.dots).read(escpos.printed(paper, model))


def strip(*texts: str, model: escpos.Model = WIDE) -> Paper:
    paper = Paper(SHOP, model.columns)
    for text in texts:
        paper.amount(text, 1250)
    return paper


@MODELS
def test_a_printer_puts_on_paper_what_a_terminal_shows(model: escpos.Model) -> None:
    for paper in (sale_receipt(SALE, SHOP, model.columns), refund_receipt(REFUND, SALE, SHOP, model.columns)):
        out = printed(paper, model)
        # The first code page of all lacks these two: the row is a picture then.
        said = [row for row in paper.rows if model is not NARROW or not set(row.text) & set("…×")]
        assert [one for one in out.came if isinstance(one, Line)] == [
            Line(plain(row.text), row.bold, row.tall) for row in said if not row.symbol
        ]
        assert out.cuts == int(model is not NARROW)
        assert out.kicks == 0


@MODELS
def test_x_and_z_reports_are_printed_and_a_copy_says_so(model: escpos.Model) -> None:
    tax, cash = TaxLine(1900, 4357, 828), TenderTotal("cash", 3185, 500)
    took = Takings(1, 1, 5520, 335, 5185, 899, 4286, (tax,), 2500, (cash,), -1, 31, 9)
    open_shift = ShiftView("shf_1", "1", 7, "Ana", AT, 10000, 141, 143, took, 0, 0, 12685, 99999)
    counted = replace(open_shift, closed_by="Ben", closed_at=AT, counted=12680, counts={5000: 2})
    closed = replace(counted, journal_head="5ea1" * 16)
    out = printed(shift_report(open_shift, SHOP, model.columns), model)
    assert "X REPORT" in out.lines[1]
    out = printed(shift_report(closed, SHOP, model.columns, copy=True), model)
    assert [line.strip() for line in out.lines[1:3]] == ["COPY", "Z REPORT 1-7"]
    bold = [one.text.split("  ")[0] for one in out.came if isinstance(one, Line) and one.bold]
    assert bold[3:] == ["NET EUR", "SHOULD BE IN THE DRAWER", "COUNTED", "DIFFERENCE"]
    assert "Journal 5ea15ea15ea15ea1" in out.lines


@MODELS
def test_a_scanner_reads_the_receipt_number_and_the_code_of_a_voucher_that_was_sold(model: escpos.Model) -> None:
    out = printed(sale_receipt(SALE, SHOP, model.columns), model)
    assert [text for picture in out.pictures for text in read(picture)] + [code.text for code in out.codes] == [
        "1-000142",
        "GIFT-7K2P-9QXM-4TRB",
    ]
    assert len(out.codes) == int(model is not NARROW)


@pytest.mark.parametrize("model", [NARROW, WIDE], ids=lambda model: model.profile)
def test_a_voucher_is_printed_as_its_artwork_and_scans(model: escpos.Model) -> None:
    template = artwork("strip")
    size = (model.width, template.size[1] * model.width / template.size[0])
    drawing = template.draw(voucher_paper(SALE.vouchers_sold[0], SHOP, copy=False), size, dpi=model.dpi)
    out = Reader(model.columns, model.dots).read(escpos.drawn(drawing, model))
    assert [read(picture) for picture in out.pictures] == [["GIFT-7K2P-9QXM-4TRB"]]
    with pytest.raises(InvalidInput, match="paper takes 48 mm"):
        escpos.drawn(replace(drawing, width=60), NARROW)


def test_a_code_page_says_what_it_can_and_chinese_is_off_before_it_does() -> None:
    names = ["Crème brûlée 5 €", "Łódź źdźbło", "Жанна", "Καφές", "Größe é Ł", "Naïve Ω Ж"]
    out = printed(strip(*names))
    assert [line.split("  ")[0] for line in out.lines] == names
    assert not out.pictures
    assert not out.kanji
    assert printed(strip("Größe"), escpos.model("TM-T20II")).kanji, "Epson's own would print the dot of it"
    assert printed(strip("Tea")).kanji


@pytest.mark.parametrize("name", ["قهوة عربية", "קפה שחור", "フラットホワイト", "☕ for two", "e\u0329\u0323 marked"])
def test_what_no_code_page_says_is_drawn_with_its_amount_at_the_edge(name: str) -> None:
    out = printed(strip(name))
    assert out.lines == []
    (picture,) = out.pictures
    dark = picture.point(lambda shade: 255 - shade).getbbox()
    assert dark is not None
    column = WIDE.dots / WIDE.columns
    assert dark[0] < column
    assert WIDE.dots - column < dark[2] <= WIDE.dots
    assert picture.height == 30


def test_no_name_that_is_read_from_the_right_moves_its_amount() -> None:
    (row,) = strip("ق" * 60).rows
    assert row.text.endswith("ق… 12.50")
    drawing = lettered(row, WIDE.columns, WIDE.width, 4)
    (*_, amount) = (mark for mark in drawing.marks if isinstance(mark, Label))
    assert amount.run.text == "12.50"
    assert amount.x + amount.width == pytest.approx(WIDE.width)


def test_what_stands_in_the_middle_stays_there_when_it_is_drawn() -> None:
    paper = Paper(SHOP, WIDE.columns)
    paper.centre("متجر الزاوية", bold=True, tall=True)
    (picture,) = printed(paper).pictures
    left, _, right, _ = picture.point(lambda shade: 255 - shade).getbbox() or (0, 0, 0, 0)
    assert abs(left - (WIDE.dots - right)) < WIDE.dots / WIDE.columns
    assert picture.height == 60


def test_a_till_whose_name_is_too_long_for_a_bar_code_gets_a_qr_code() -> None:
    number = "ground floor, left of the door-000142"
    receipt = sale_receipt(replace(SALE, receipt_number=number, vouchers_sold=()), SHOP, 32)
    assert [text for one in printed(receipt, NARROW).pictures for text in read(one)] == [number]
    assert read(picture(rolled(receipt), 203)) == [number]
    strong = escpos.model("default", 80, "H")
    assert printed(sale_receipt(SALE, SHOP, 48), strong).codes == [Code("GIFT-7K2P-9QXM-4TRB", "H", 7)]


@examples(40, 5000)
@example("\u0301")
@example("\u0301\u0489\u0e31" * 200)
@example("\u0644\u0651" * 90 + "\u202e12.50")
@example("\ufffd\u00ad\u200d\x1b@\x00?")
@given(st.text(max_size=60))
def test_no_name_steers_a_printer(name: str) -> None:
    out = printed(strip(name, "Tea"))
    assert len(out.lines) + len(out.pictures) >= 2
    assert "?" not in "".join(out.lines) or "?" in name


def test_the_drawer_opens_before_the_paper_comes() -> None:
    data = escpos.printed(strip("Tea"), WIDE, kick=True)
    assert data.index(b"\x1bp") < data.index(b"Tea")
    assert Reader().read(data).kicks == Reader().read(escpos.kicked()).kicks == 1
    assert Reader().read(escpos.kicked()).cuts == 0


def test_a_profile_knows_its_paper_or_is_refused() -> None:
    for profile in sorted(set(escpos.profiles()) - UNABLE):
        model = escpos.model(profile, 58)
        assert model.columns >= 24
        assert model.columns * 12 <= model.dots * 1.01, profile
        assert model.pages


@pytest.mark.parametrize(
    ("profile", "paper"), [("TM-T1000", 80), ("default", 57), *((name, 80) for name in sorted(UNABLE))]
)
def test_a_printer_or_paper_that_is_not_known_is_refused(profile: str, paper: int) -> None:
    with pytest.raises(InvalidInput):
        escpos.model(profile, paper)
