"""Vouchers are laid out from small files, the program's and a shop's own, and every symbol on them can be read."""

from __future__ import annotations

import os
import re
from io import BytesIO
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
import resvg_py
from PIL import Image, ImageChops

from posconsole.errors import InvalidInput, NotFound
from posconsole.money import LARGEST
from posconsole.printing.artwork import artwork, names
from posconsole.printing.assets import assets
from posconsole.printing.blocks import half_blocks
from posconsole.printing.drawing import Image as Logo
from posconsole.printing.drawing import Label, Modules
from posconsole.printing.png import picture, png
from posconsole.printing.sheets import SHEETS
from posconsole.printing.svg import svg
from posconsole.printing.symbols import symbol
from posconsole.printing.typeface import ink
from posconsole.printing.voucher import voucher_paper
from tests.printing.facts import CODE, paper, said, shop, voucher
from tests.printing.pictures import ASSETS, drawn
from tests.printing.reading import read

if TYPE_CHECKING:
    from pathlib import Path

    Edges = tuple[float, float, float, float]
    """Left, top, right and bottom."""

CODES = (CODE, "CHRISTMAS25-0000-0000-0011", "SPRING15")
CARD = (assets() / "artwork" / "card.toml").read_text(encoding="utf-8")


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("L")


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("name", ["card", "label", "strip"])
def test_a_scanner_reads_the_code_off_each_artwork(name: str, dpi: int) -> None:
    for code in CODES:
        drawing = artwork(name).draw(paper(code=code), dpi=dpi)
        assert read(opened(png(drawing, dpi))) == [code]
        assert read(opened(resvg_py.svg_to_bytes(svg_string=svg(drawing), dpi=dpi))) == [code]


@pytest.mark.parametrize("each", SHEETS)
@pytest.mark.parametrize("name", ["card", "label"])
def test_an_artwork_fills_the_places_of_a_sheet(name: str, each: int) -> None:
    drawing = artwork(name).draw(paper(status="void"), SHEETS[each].room, correction="H")
    assert (drawing.width, drawing.height) == SHEETS[each].room
    assert read(picture(drawing, 203)) == [CODE]


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_the_modules_of_a_picture_are_whole_pixels(dpi: int) -> None:
    drawing = artwork("card").draw(paper(), dpi=dpi)
    (mark,) = (mark for mark in drawing.marks if isinstance(mark, Modules))
    pixels = mark.module * dpi / 25.4
    assert round(pixels) == pytest.approx(pixels)
    left, top, side = round(mark.x * dpi / 25.4), round(mark.y * dpi / 25.4), round(pixels) * len(mark.symbol.rows)
    found = picture(drawing, dpi).convert("L").crop((left, top, left + side, top + side))
    small = found.resize((len(mark.symbol.rows),) * 2, Image.Resampling.NEAREST)
    assert found.tobytes() == small.resize(found.size, Image.Resampling.NEAREST).tobytes()
    assert [bytes(value < 128 for value in row) for row in _rows(small)] == list(mark.symbol.rows)


def _rows(small: Image.Image) -> list[bytes]:
    flat = small.tobytes()
    return [flat[at : at + small.width] for at in range(0, len(flat), small.width)]


@pytest.mark.parametrize("quiet", [None, 1])
def test_a_phone_reads_half_blocks(quiet: int | None) -> None:
    lines = half_blocks(symbol("qr", CODE, "L"), quiet)
    halves = [[block in above for block in line] for line in lines for above in ("▀█", "▄█")]
    shown = Image.frombytes(
        "L", (len(lines[0]), len(halves)), bytes(0 if dark else 255 for row in halves for dark in row)
    )
    assert read(shown.resize((shown.width * 4, shown.height * 4), Image.Resampling.NEAREST)) == [CODE]


def test_a_paper_says_what_it_is_and_why_it_is_no_good() -> None:
    for name in names():
        good = " ".join(said(artwork(name).draw(paper())))
        for text in ("Kaffeehaus Morgenrot", "Gift voucher", "€25.00", CODE, "Valid until 31 December 2027"):
            assert text in good
        bad = said(artwork(name).draw(paper(copy=True, status="expired", kind="points")))
        assert {"COPY", "Expired · Points voucher", "2,500"} <= set(bad)
        assert "COPY" not in good
        assert "·" not in good


@pytest.mark.parametrize("name", ["card", "label", "strip"])
def test_no_text_runs_into_another_or_into_the_symbol_however_long_it_is(name: str) -> None:
    most = {"initial_value": LARGEST, "balance": LARGEST - 1, "holder": "Ann " * 30, "status": "issued"}
    for currency, locale in (("KWD", "ar_KW"), ("JPY", "de_CH"), ("BHD", "fr")):
        told = voucher_paper(voucher(currency=currency, **most), shop("Shop " * 30, currency, locale), copy=True)
        drawing = artwork(name).draw(told)
        assert not any("999" in text and "…" in text for text in said(drawing))
        labels = [mark for mark in drawing.marks if isinstance(mark, Label)]
        boxes = {label: edges(label) for label in labels}
        for one, other in combinations(labels, 2):
            assert one.y == other.y or apart(boxes[one], boxes[other]), (one.run.text, other.run.text)
        (symbol,) = (mark for mark in drawing.marks if isinstance(mark, Modules))
        (badge,) = (area.on(*artwork(name).size) for area in artwork(name).page.area if area.when == "copy")
        quiet, side = symbol.symbol.quiet * symbol.module, symbol.symbol.across * symbol.module
        light = (symbol.x - quiet, symbol.y - quiet, symbol.x - quiet + side, symbol.y - quiet + side)
        kept = (badge.x, badge.y, badge.x + badge.width, badge.y + badge.height)
        for label in labels:
            assert apart(boxes[label], light), label.run.text
            assert label.run.text == "COPY" or apart(boxes[label], kept), label.run.text


def test_an_amount_and_a_code_are_whole_however_small_their_place_is(tmp_path: Path) -> None:
    narrow = CARD.replace("right = 37\ntop = 18.2", "width = 9\ntop = 18.2").replace("right = 33.5", "width = 9")
    (tmp_path / "narrow.toml").write_text(narrow, encoding="utf-8")
    texts = said(artwork("narrow", tmp_path).draw(paper(initial_value=LARGEST, balance=LARGEST)))
    assert {"€10,000,000,000.00", CODE} <= set(texts)


def edges(label: Label) -> Edges:
    left, bottom, right, top = (edge * label.size / 1000 for edge in ink([label.run]))
    return label.x + left, label.y - top, label.x + right, label.y - bottom


def apart(one: Edges, other: Edges) -> bool:
    return one[2] <= other[0] or one[0] >= other[2] or one[3] <= other[1] or one[1] >= other[3]


def test_a_terminal_shows_what_the_strip_says_from_the_top_down() -> None:
    told = paper("בית קפה", copy=True, balance=1050, holder="Zoë", single_use=True)
    assert [line.strip() for line in artwork("strip").lines(told, 32)] == [
        "בית קפה",
        "Gift voucher",
        "€10.50",
        "left of €25.00",
        "COPY",
        CODE,
        "Zoë",
        "Valid until 31 December 2027",
        "For one purchase: what is left",
        "of it is forfeited.",
    ]


def test_a_bar_code_that_has_no_room_is_refused_and_not_squeezed(tmp_path: Path) -> None:
    (tmp_path / "bars.toml").write_text(CARD.replace('kind = "qr"', 'kind = "code128"'), encoding="utf-8")
    bars = artwork("bars", tmp_path)
    with pytest.raises(InvalidInput, match=r"needs \d+\.\d mm at 203 dpi, and there are 25\.6 mm") as refused:
        bars.draw(paper())
    assert refused.value.code == "symbol_too_wide"
    needed = float(re.findall(r"needs (\S+) mm", refused.value.message)[0])
    wide = CARD.replace('kind = "qr"', 'kind = "code128"').replace("width = 25.6", f"width = {needed}")
    (tmp_path / "bars.toml").write_text(wide.replace("width = 85", "width = 170"), encoding="utf-8")
    assert read(picture(artwork("bars", tmp_path).draw(paper()), 203)) == [CODE]


def test_a_shop_adds_an_artwork_its_words_and_its_logo(tmp_path: Path) -> None:
    german = CARD.replace('money = "Gift voucher"', 'money = "Geschenkgutschein für ein Abendessen zu zweit"')
    (tmp_path / "karte.toml").write_text(german, encoding="utf-8")
    Image.new("RGB", (300, 100), "#cc3333").save(tmp_path / "logo.png")
    assert names(tmp_path) == ["card", "karte", "label", "strip"]
    # However long its words are, why it is no good is not what is cut off.
    assert any(text.startswith("Expired") for text in said(artwork("karte", tmp_path).draw(paper(status="expired"))))
    drawing = artwork("karte", tmp_path).draw(paper())
    assert any(text.startswith("Geschenkgutschein") for text in said(drawing))
    assert not any("Kaffeehaus" in text for text in said(drawing))
    (logo,) = (mark for mark in drawing.marks if isinstance(mark, Logo))
    assert logo.width / logo.height == pytest.approx(3)
    at = (round((logo.x + logo.width / 2) * 203 / 25.4), round((logo.y + logo.height / 2) * 203 / 25.4))
    assert picture(drawing, 203).getpixel(at) == (0xCC, 0x33, 0x33)
    assert opened(resvg_py.svg_to_bytes(svg_string=svg(drawing), dpi=203)).getpixel(at) == opened(
        png(drawing, 203)
    ).getpixel(at)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("width = 85", "width = ", r"not TOML: .*line \d+"),
        ("width = 85", "", r"line 1: width: is missing"),
        ("size = 11.5", "sice = 11.5", r"line {}: sice: is not known here"),
        ("size = 11.5", "size = 1150", r"line {}: size: .*less than or equal to 60"),
        ('style = "display"', 'style = "fancy"', r"line {}: style: .*'regular', 'bold', 'display' or 'code'"),
        ('green = "#173f39"', 'green = "173f39"', r"line {}: green: "),
        (
            '[[text]]\ntext = "{value}"',
            '[[text]]\ntext = "{wert}"',
            r"line {}: there is no \{{wert\}}: take one of shop",
        ),
        ('[symbol]\nkind = "qr"', "[symbol]\ntop = 3", r"line {}: say two of top, bottom and height"),
        ('colour = "alarm"', 'colour = "alram"', r"'alram' is neither like #c08040 nor one of \[colours\]: green"),
        ('kind = "qr"', 'colour = "gold"', r"no scanner reads a symbol in these colours"),
        ('path = "M0 9 C12', 'path = "M0 9 Q12', r"line \d+: a path is M x y"),
    ],
)
def test_a_mistake_in_an_artwork_is_told_with_its_line(was: str, now: str, told: str, tmp_path: Path) -> None:
    before, found, behind = CARD.partition(was)
    assert found
    (tmp_path / "mine.toml").write_text(before + now + behind, encoding="utf-8")
    with pytest.raises(InvalidInput, match=told.format(before.count("\n") + 1)) as refused:
        artwork("mine", tmp_path)
    assert refused.value.message.startswith(str(tmp_path / "mine.toml"))


def test_what_is_no_artwork_and_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    for name in ("../card", "pipe"):
        with pytest.raises(NotFound, match="take one of card, label, strip"):
            artwork(name, tmp_path)
    (tmp_path / "logo.png").write_text("no picture", encoding="utf-8")
    with pytest.raises(InvalidInput, match="save it as PNG"):
        artwork("card", tmp_path)


def test_vouchers_look_as_they_did_when_they_were_looked_at() -> None:
    """The pictures in `assets/` come from `python -m tests.printing.pictures`, to be looked at before they are kept."""
    for name, now in drawn().items():
        kept = Image.open(ASSETS / f"{name}.png").convert("L")
        assert now.size == kept.size
        apart = ImageChops.difference(kept.reduce(2), now.convert("L").reduce(2)).histogram()
        assert sum(apart[48:]) <= sum(apart) / 500, name
