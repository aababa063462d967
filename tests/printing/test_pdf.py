"""PDFs as they are printed: read by pdfium, scanned by zxing-cpp, killed and gone on with."""

from __future__ import annotations

import os
import re
import resource
import signal
import stat
import subprocess
import sys
import time
import tracemalloc
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
from PIL import Image as Pictures
from PIL import ImageChops, ImageFilter, ImageStat

from posconsole.codes import seal
from posconsole.errors import InvalidInput, NotAllowed, StorageError
from posconsole.printing.artwork import artwork
from posconsole.printing.drawing import Box, Drawing, Image, Label, Modules
from posconsole.printing.png import picture
from posconsole.printing.sheets import SHEETS, crop_marks, print_sheets
from posconsole.printing.symbols import fitted, symbol
from posconsole.printing.typeface import shape
from posconsole.printing.voucher import VoucherPaper
from tests.printing.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from posconsole.printing.layout import Template

PAGES = int(os.environ.get("POSCONSOLE_PRINTED_PAGES", "1"))
"""How many pages of each kind are scanned; with 40 it is some thousand vouchers and takes minutes."""
DPI = (203, 300)


def code(no: int) -> str:
    return seal("GIFT", f"{no:011}")


def voucher(template: Template, no: int, size: tuple[float, float] | None = None) -> Drawing:
    """Draw a voucher with accents, a currency sign and letters from right to left."""
    holder = "Zoë Ångström" if no % 2 else "שלום مرحبا"
    said = VoucherPaper(
        "Café Müller", "money", "€25.00", "", code(no), code(no), "31.12.2027", holder, False, "", False
    )
    return template.draw(said, size)


def spot(no: int, size: tuple[float, float] = (60.0, 30.0)) -> Drawing:
    """Draw something of one's own per number that takes no time."""
    runs = shape(f"No {no}")
    return Drawing(*size, (Box(0, 0, no % 50 + 1, 3, "#8c1c3a", 1), Label(2, 9, runs[0], 4)))


def spots(count: int, made: Callable[[int], Drawing] = spot) -> Callable[[int], Iterable[Drawing]]:
    return lambda done: (made(no) for no in range(done, count))


def scanned(path: Path, dpi: int) -> list[str]:
    return [text for page in pages(path, dpi) for text in read(page)]


def pages(path: Path, dpi: float) -> Iterator[Any]:
    document = pypdfium2.PdfDocument(path)
    for page in document:
        yield page.render(scale=dpi / 72).to_pil()
    document.close()


def copied(path: Path) -> str:
    """Return what a reader copies as text."""
    document = pypdfium2.PdfDocument(path)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


@pytest.mark.parametrize(
    ("name", "each", "size"),
    [
        ("label", 24, SHEETS[24].room),
        ("label", 8, SHEETS[8].room),
        ("card", 10, None),
        ("card", 1, None),
        ("strip", 1, None),
    ],
)
def test_every_symbol_of_every_page_is_read_at_203_and_300_dpi(
    tmp_path: Path, name: str, each: int, size: tuple[float, float] | None
) -> None:
    template, path = artwork(name), tmp_path / "vouchers.pdf"
    count = each * (PAGES - 1) + (each + 2) // 2
    assert print_sheets(path, spots(count, lambda no: voucher(template, no, size)), each, job="b1") == count
    for dpi in DPI:
        assert sorted(scanned(path, dpi)) == sorted(map(code, range(count)))
    text = copied(path)
    assert all(code(no) in text for no in range(count))
    assert "€25.00" in text


def test_bar_codes_on_paper_are_read_with_their_quiet_zones(tmp_path: Path) -> None:
    texts = {"code128": "1-000142", "ean13": "2000000000015"}
    marks: list[Any] = []
    for row, (kind, text) in enumerate(texts.items()):
        made = symbol(kind, text)
        module = fitted(made, 80.0)
        marks.append(Modules(made.quiet * module, 5 + 20 * row, module, made, height=12.0))
        # Ink right up to where the quiet zones begin and end.
        marks += [Box(made.across * module, 5 + 20 * row, 1, 12, "#000000")]
    print_sheets(tmp_path / "a.pdf", lambda _: [Drawing(82, 50, tuple(marks))], 1, job="a")
    for dpi in DPI:
        assert scanned(tmp_path / "a.pdf", dpi) == list(texts.values())


def test_a_page_looks_as_its_picture_does(tmp_path: Path) -> None:
    card = voucher(artwork("card"), 2)
    # A picture's modules are whole pixels, a page's are not.
    drawing = replace(card, marks=tuple(mark for mark in card.marks if not isinstance(mark, Modules)))
    print_sheets(tmp_path / "a.pdf", lambda _: [drawing], 1, job="a")
    (page,) = pages(tmp_path / "a.pdf", 150)
    other = picture(drawing, 150).convert("RGB").resize(page.size)
    # Edges are smoothed in another way each: a blur forgives that, it doesn't forgive a letter.
    blur = ImageFilter.GaussianBlur(2)
    apart = ImageChops.difference(page.filter(blur), other.filter(blur))
    assert max(most for _, most in ImageStat.Stat(apart).extrema) < 48


def test_what_is_drawn_beyond_an_edge_is_not_on_the_next_label(tmp_path: Path) -> None:
    over = [Drawing(60, 30, (Box(-50, -50, 200, 200, "#cc3333"),)), Drawing(60, 30, ())]
    print_sheets(tmp_path / "over.pdf", lambda done: over[done:], 8, job="over")
    sheet = next(iter(pages(tmp_path / "over.pdf", 100)))
    left, top = SHEETS[8].places((60, 30))[1]
    spots = [(round((left + x) / 0.254), round((top + 15) / 0.254)) for x in (-2, 30)]
    assert [sheet.getpixel(each)[:3] for each in spots] == [(255, 255, 255)] * 2


def test_a_picture_is_in_the_file_once_and_lets_the_ground_through(tmp_path: Path) -> None:
    logo = BytesIO()
    whole = Pictures.new("RGBA", (20, 20), (0, 0, 0, 0))
    whole.paste((0, 0, 255, 255), (10, 0, 20, 20))
    whole.save(logo, "PNG")
    drawing = Drawing(60, 30, (Box(0, 0, 60, 30, "#ff0000"), Image(10, 10, 10, 10, logo.getvalue())))
    print_sheets(tmp_path / "a.pdf", lambda done: [drawing] * (30 - done), 24, job="a")
    assert (tmp_path / "a.pdf").read_bytes().count(b"/Subtype /Image") == 2  # the colours, and what shows through
    print_sheets(tmp_path / "b.pdf", lambda _: [drawing], 1, job="a")
    (page,) = pages(tmp_path / "b.pdf", 25.4 * 4)
    assert [page.getpixel((4 * x, 60)) for x in (5, 12, 18, 25)] == [(255, 0, 0)] * 2 + [(0, 0, 255), (255, 0, 0)]


def test_crop_marks_stand_outside_all_labels() -> None:
    for sheet in SHEETS.values():
        for size in (sheet.room, (60.0, 30.0)):
            marks = [mark for mark in crop_marks(sheet, size).marks if isinstance(mark, Box)]
            assert len(marks) >= 2 * (sheet.columns + sheet.rows)
            for x, y in sheet.places(size):
                assert not any(
                    mark.x < x + size[0]
                    and x < mark.x + mark.width
                    and mark.y < y + size[1]
                    and y < mark.y + mark.height
                    for mark in marks
                )
            assert all(0 < mark.x < 210 - mark.width and 0 < mark.y < 297 - mark.height for mark in marks)


def test_a_file_cut_off_anywhere_is_gone_on_with_to_the_same_bytes(tmp_path: Path) -> None:
    path, part = tmp_path / "a.pdf", tmp_path / "a.pdf.part"
    whole = print_whole(path, 700)
    assert len(pypdfium2.PdfDocument(whole)) == 700
    begins = [found.start() for found in re.finditer(rb"^%page ", whole, re.MULTILINE)]
    cuts = {0, 10, len(whole) - 1, len(whole) - 3000}
    cuts |= {
        begin + shift for begin in (begins[0], begins[255], begins[256], begins[-1]) for shift in (-1, 0, 3, 60, 400)
    }
    for cut in sorted(cuts):
        path.unlink()
        part.write_bytes(whole[:cut])
        assert print_whole(path, 700) == whole, cut
    path.unlink()
    spoilt = bytearray(whole[: begins[500]])
    spoilt[begins[300] + 200 :] = bytes(len(spoilt) - begins[300] - 200)
    part.write_bytes(spoilt)
    assert print_whole(path, 700) == whole


def print_whole(path: Path, count: int) -> bytes:
    print_sheets(path, spots(count), 1, job="a")
    return path.read_bytes()


def test_another_job_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pytest.raises(RuntimeError):
        print_sheets(path, stopping(60), 24, job="a")
    print_sheets(path, spots(3), 24, job="b")
    assert [found for found in copied(path).split() if found.isdigit()] == ["0", "1", "2"]


def stopping(count: int) -> Callable[[int], Iterator[Drawing]]:
    """Draw so many, then fail."""

    def drawings(done: int) -> Iterator[Drawing]:
        yield from spots(count)(done)
        raise RuntimeError

    return drawings


def test_a_program_killed_while_it_prints_is_followed_by_one_that_prints_the_rest(tmp_path: Path) -> None:
    path, part = tmp_path / "a.pdf", tmp_path / "a.pdf.part"
    slowly = (
        "import time; from pathlib import Path; from tests.printing.test_pdf import print_sheets, spots\n"
        f"print_sheets(Path({str(path)!r}), spots(240), 24, job='a', progress=lambda _: time.sleep(0.2))"
    )
    killed = subprocess.Popen([sys.executable, "-c", slowly], cwd=Path(__file__).parents[2])
    deadline = time.monotonic() + 120
    while not (part.exists() and part.stat().st_size > 8192):
        assert killed.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert stat.S_IMODE(part.stat().st_mode) == 0o600
    told: list[int] = []
    print_sheets(path, spots(240), 24, job="a", progress=told.append)
    assert 24 < told[0] <= told[-1] == 240
    print_sheets(tmp_path / "b.pdf", spots(240), 24, job="a")
    assert path.read_bytes() == (tmp_path / "b.pdf").read_bytes()
    numbers = [int(word) for word in copied(path).split() if word.isdigit()]
    assert sorted(numbers) == list(range(240))


def test_a_full_disk_is_told_of_and_what_is_there_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(StorageError, match="can't be written"):
            print_sheets(path, spots(200), 1, job="a")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    told: list[int] = []
    print_sheets(path, spots(200), 1, job="a", progress=told.append)
    assert 1 < told[0] < told[-1] == 200
    print_sheets(tmp_path / "b.pdf", spots(200), 1, job="a")
    assert path.read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_a_file_is_its_owners_and_replaces_none_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    print_sheets(path, spots(3), 24, job="a")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(NotAllowed, match="exists"):
        print_sheets(path, spots(4), 24, job="b")
    print_sheets(path, spots(4), 24, job="b", replace=True)
    assert "No 3" in copied(path)


@pytest.mark.parametrize(
    ("each", "drawings"), [(8, []), (9, [spot(1)]), (24, [spot(1, (64.0, 30.0))])], ids=["none", "nine", "too wide"]
)
def test_what_cannot_be_printed_leaves_nothing_behind(tmp_path: Path, each: int, drawings: list[Drawing]) -> None:
    with pytest.raises(InvalidInput):
        print_sheets(tmp_path / "a.pdf", lambda _: drawings, each, job="a")
    assert not list(tmp_path.iterdir())


def test_memory_does_not_grow_with_the_pages(tmp_path: Path) -> None:
    print_sheets(tmp_path / "warm.pdf", spots(600), 1, job="a")
    peaks = []
    for count in (500, 3000):
        tracemalloc.start()
        print_sheets(tmp_path / f"{count}.pdf", spots(count, lambda no: spot(no % 100)), 1, job="a")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Of a page its objects' places are kept, 16 bytes.
    assert peaks[1] - peaks[0] < 2500 * 100
