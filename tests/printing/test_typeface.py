"""Texts of any alphabet stand in their places: in the right order, joined, measured, and cut only at the very last."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import bidi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posconsole.printing.layout_text import Area, Manner, set_text
from posconsole.printing.typeface import STYLES, ink, isolated, outline, right_to_left, sayable, shape, subset
from posconsole.printing.voucher import grouped, plain, voucher_paper
from tests.examples import examples
from tests.printing.facts import NEW_YEAR, paper, shop, voucher

if TYPE_CHECKING:
    from posconsole.printing.drawing import Label

ALPHABETS = "aZéßŁÐǻỗ  .,-()&ΩЖщ שלםיּ مرحباًٌّ ﷽ 0٣ 日€₪\u0301\u0316"
HOSTILE = "\u202e\u2066\u2068\u2069\u200f\u200d\u0000\x1b\x9b\u2028\ufeff\u00ad\ufffc"
# Whole words make lines, single signs make trouble.
NAMES = st.text(st.sampled_from(ALPHABETS + HOSTILE) | st.characters(exclude_categories=["Cs"]), max_size=90)
WORDS = st.lists(
    st.sampled_from(["Kaffeehaus", "Müller", "בית", "קפה", "مقهى", "الفجر", "&", "1874"]), max_size=16
).map(" ".join)


@examples(150, 5000)
@given(NAMES | WORDS, st.sampled_from(sorted(STYLES)), st.integers(1, 3), st.floats(4, 60), st.floats(1.5, 12))
def test_no_text_leaves_its_place(name: str, style: str, lines: int, width: float, height: float) -> None:
    area = Area(5, 7, width, height)
    for align in ("start", "centre", "right"):
        labels = set_text(plain(name), area, Manner(style, 5, 1.6, lines, align, "top", 0.05))
        assert all(label.size <= 5 for label in labels)
        for label in labels:
            left, top, right, bottom = blackened(label)
            assert left >= area.x - 1e-6
            assert right <= area.x + area.width + 1e-6
            assert top >= area.y - 1e-6
            assert bottom <= area.y + area.height + 1e-6


def blackened(label: Label) -> tuple[float, float, float, float]:
    left, bottom, right, top = (edge * label.size / 1000 for edge in ink([label.run]))
    return label.x + left, label.y - top, label.x + right, label.y - bottom


@examples(150, 5000)
@given(NAMES)
def test_every_character_is_set_once_and_none_that_steers(name: str) -> None:
    text = plain(name)
    assert not set(text) & set(HOSTILE) - {"\ufffc"}
    assert text.isprintable()
    for given_ in (text, isolated(text)):
        glyphs = [glyph for run in shape(given_) for glyph in run.glyphs]
        assert Counter("".join(glyph.text for glyph in glyphs)) == Counter(text)


def test_what_is_read_from_the_right_is_turned_and_joined() -> None:
    assert [run.text for run in shape("שלום 25 EUR")] == ["EUR", " ", "25", "שלום "]
    (arabic,) = shape("مرحبا")
    assert arabic.glyphs[0].text == "ا"
    alone = {glyph.gid for letter in "مرحبا" for run in shape(letter) for glyph in run.glyphs}
    assert not {glyph.gid for glyph in arabic.glyphs} <= alone
    assert right_to_left("1. בית Café")
    assert not right_to_left("Café בית")


@examples(300, 10000)
@given(st.text(st.sampled_from("אבשABc12 ()[]().,&-"), max_size=16).map(str.strip))
def test_brackets_and_figures_stand_where_another_program_puts_them(text: str) -> None:
    shown = "".join(glyph.text for run in shape(text) for glyph in run.glyphs)
    assert shown == bidi.get_display(text)


def test_a_receipt_has_all_its_signs_in_every_weight() -> None:
    for style in ("regular", "bold"):
        ((missing,),) = (run.glyphs for run in shape("\ufffd", style))
        shown = [glyph for run in shape("−9.99 × · … € – 5 %", style) for glyph in run.glyphs]
        assert missing.gid not in {glyph.gid for glyph in shown}


def test_a_date_from_the_right_stands_as_a_whole_behind_words_from_the_left() -> None:
    bare, kept = ([run.text for run in shape(f"Until {date}")] for date in ("31 במאי 2027", isolated("31 במאי 2027")))
    assert bare[0] == "Until 31 "
    assert kept[:2] == ["Until ", "2027"]


def test_a_long_name_is_set_smaller_then_in_lines_then_cut() -> None:
    place, manner = Area(0, 0, 40, 8), Manner("bold", 4, 2.4, 2)
    short, longer, longest = (
        set_text(text, place, manner) for text in ("Kiosk", "Zum alten " * 4, "Zum alten Hafen " * 9)
    )
    assert [label.run.text for label in short] == ["Kiosk"]
    assert short[0].size == 4
    assert 2.4 <= longer[0].size < 4
    assert len(longer) == 2
    assert longest[1].run.text.endswith("…")
    assert longest[0].size == 2.4


@pytest.mark.parametrize("font", sorted({font for fonts in STYLES.values() for font in fonts}))
def test_a_font_cut_down_keeps_the_numbers_and_the_shapes_of_its_glyphs(font: str) -> None:
    import uharfbuzz

    part = uharfbuzz.Font(uharfbuzz.Face(subset(font, [5, 20])))
    part.scale = (1000, 1000)
    drawn: list[str] = []
    pen = uharfbuzz.DrawFuncs()
    pen.set_move_to_func(lambda x, y, to: to.append("M"))
    part.draw_glyph(20, pen, drawn)
    assert len(drawn) == [command for command, _ in outline(font, 20)].count("M")


@pytest.mark.parametrize(
    ("currency", "locale", "amount", "written"),
    [
        ("EUR", "en_GB", 2500, "€25.00"),
        ("EUR", "de", 100000, "1.000,00 €"),
        ("JPY", "en", 2500, "¥2,500"),
        ("JPY", "ja_JP", 2500, "¥2,500"),
        ("KWD", "en", 2500, "KWD 2.500"),
        ("ILS", "he", 2500, "25.00 ₪"),
        ("BDT", "bn", 2500, "BDT 25.00"),
    ],
)
def test_a_value_is_written_as_the_shop_writes(currency: str, locale: str, amount: int, written: str) -> None:
    bought = voucher(initial_value=amount, balance=amount, currency=currency)
    told = voucher_paper(bought, shop(currency=currency, locale=locale), copy=False)
    assert told.value == written
    assert all(sayable(said) for said in (told.value, told.expires))


def test_a_voucher_that_is_partly_spent_says_what_is_left_and_of_how_much() -> None:
    assert (paper(balance=1050).value, paper(balance=1050).initial) == ("€10.50", "€25.00")
    assert (paper().initial, paper(status="void", balance=0).value) == ("", "€25.00")
    assert paper(expires_at=NEW_YEAR).expires == "31 December 2027"
    assert paper(expires_at=NEW_YEAR - 6 * 3600).expires == "31 December 2027, 17:59"


def test_a_code_is_grouped_to_be_read_out() -> None:
    assert [grouped(code) for code in ("GIFT-7K2P-9QXM", "SPRING15", "WELCOME2026X")] == [
        "GIFT-7K2P-9QXM",
        "SPRING15",
        "WELC-OME2-026X",
    ]
