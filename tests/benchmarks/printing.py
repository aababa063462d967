"""Paper: vouchers with their whole artwork on A4, beside pictures of bare QR codes that fpdf2 places."""

from __future__ import annotations

import gc
import resource
import statistics
import time
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from posconsole.codes import mint_many
from posconsole.printing.artwork import artwork
from posconsole.printing.sheets import A4, SHEETS, print_sheets
from posconsole.printing.voucher import VoucherPaper
from tests.benchmarks.report import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from posconsole.printing.drawing import Drawing

COUNT, ROUNDS, QUICK_ROUNDS = 1_000, 7, 3
MANY, QUICK_MANY = 100_000, 10_000
EACH = 24
GOAL = 0.25
MOST = 32
"""Megabytes that so many may take more than the first thousand."""


class Taken(NamedTuple):
    """Seconds by the clock, and of the processor: on a busy machine the first says more of the others."""

    wall: float
    cpu: float


def rows(folder: Path, *, quick: bool) -> tuple[list[Row], str]:
    """Return the rows of a thousand vouchers and of very many."""
    many = QUICK_MANY if quick else MANY
    # First of all: what the floor keeps in memory would hide what we do.
    _ours(folder / "warm.pdf", COUNT)
    before = _largest()
    long = _taken(partial(_ours, folder / "many.pdf", many))
    grown = (_largest() - before) / 1024
    ours, floor = [], []
    _floor(folder / "warm floor.pdf", 50)
    for no in range(QUICK_ROUNDS if quick else ROUNDS):
        floor.append(_taken(partial(_floor, folder / f"floor {no}.pdf", COUNT)))
        ours.append(_taken(partial(_ours, folder / f"ours {no}.pdf", COUNT)))
    return [
        *(_ratio(ours, floor, side) for side in Taken._fields),
        Row(f"{many:,} vouchers", f"{long.wall:.0f} s, {many / long.wall:,.0f} a second; processor {long.cpu:.0f} s"),
        Row(
            "  memory beyond that of 1,000",
            f"{grown:+.0f} MB, {before / 1024 + grown:.0f} MB in all",
            goal=f"≤ {MOST} MB",
            met=grown <= MOST,
        ),
        Row("  the file", f"{(folder / 'many.pdf').stat().st_size / many:.0f} bytes each"),
    ], ""


def _ratio(ours: list[Taken], floor: list[Taken], side: str) -> Row:
    pairs = [(getattr(our, side), getattr(its, side)) for our, its in zip(ours, floor, strict=True)]
    ratio = statistics.median(our / its for our, its in pairs)
    took, its = (statistics.median(column) for column in zip(*pairs, strict=True))
    what = (
        "  by the processor's time" if side == "cpu" else f"{COUNT:,} QR vouchers on A4, artwork and all; floor: fpdf2"
    )
    return Row(what, f"{took:.2f} s", f"{its:.2f} s", f"{ratio:.3f}", f"≤ {GOAL}", ratio <= GOAL)


def _taken(call: Callable[[], object]) -> Taken:
    gc.collect()
    begun, cpu = time.perf_counter(), time.process_time()
    call()
    return Taken(time.perf_counter() - begun, time.process_time() - cpu)


def _largest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _codes(count: int) -> Iterator[str]:
    for _ in range(0, count, COUNT):
        yield from mint_many("GIFT", COUNT).values()


def _ours(path: Path, count: int) -> None:
    template, size = artwork("label"), SHEETS[EACH].room

    def drawings(_: int) -> Iterator[Drawing]:
        for code in _codes(count):
            said = VoucherPaper("Café", "money", "€25.00", "", code, code, "31 December 2027", "", False, "", False)
            yield template.draw(said, size)

    print_sheets(path, drawings, EACH, job="benchmark")


def _floor(path: Path, count: int) -> None:
    """Make a picture of each code, and let fpdf2 put it on the page with the code below."""
    import qrcode
    from fpdf import FPDF

    across, down = SHEETS[EACH].room
    pdf = FPDF(format=A4)
    pdf.set_font("helvetica", size=9)
    for no, code in enumerate(_codes(count)):
        if no % EACH == 0:
            pdf.add_page()
        row, column = divmod(no % EACH, SHEETS[EACH].columns)
        picture = BytesIO()
        qrcode.make(code).save(picture, "PNG")
        pdf.image(picture, 7 + column * across, 13 + row * down, 25, 25)
        pdf.text(7 + column * across, 13 + row * down + 28, code)
    pdf.output(str(path))
