"""A receipt as it leaves the printer: the bytes that it is sent, read by `escpos_reader` and painted."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from posconsole.printing import escpos
from posconsole.printing.drawing import Drawing, Label
from posconsole.printing.png import picture
from posconsole.printing.receipt import sale_receipt
from posconsole.printing.typeface import shape
from tests.printing.escpos_reader import Code, Line, Printed, Reader
from tests.test_receipt_text import SALE, SHOP, line

DPI, PITCH, EDGE = 203, 30, 24
MILLIMETRE = 25.4 / DPI


def receipt() -> Image.Image:
    """Return two copies of one receipt side by side, on the narrow paper of a cheap printer and on wide paper."""
    lines = (
        line(1, "Flat white", 3, 450, ("Weekend 10 %", 135)),
        line(2, "קרואסון חמאה", 1, 280),
        line(3, "قهوة عربية بالهيل", 2, 695, ("SPRING", 200)),
        line(4, "Łódź cream tea · 5 € off, crème brûlée", 1, 2500),
    )
    drawn = replace(SALE.redemptions[1], forfeited=0, left=500)
    told = replace(SALE, lines=lines, redemptions=(drawn,), points_earned=31, points_left=1350, member_name="Zoë Łęcka")
    papers = []
    for model in (escpos.model("simple", 58), escpos.model("default", 80)):
        data = escpos.printed(sale_receipt(told, SHOP, model.columns, copy=True), model)
        papers.append(painted(Reader(model.columns, model.dots).read(data), model))
    ground = Image.new(
        "L", (sum(it.width for it in papers) + 3 * EDGE, max(it.height for it in papers) + 2 * EDGE), 216
    )
    ground.paste(papers[0], (EDGE, EDGE))
    ground.paste(papers[1], (papers[0].width + 2 * EDGE, EDGE))
    return ground


def painted(out: Printed, model: escpos.Model) -> Image.Image:
    """Paint what came out, text in a font of its own."""
    parts = [_part(one, model) for one in out.came]
    paper = Image.new("L", (model.dots + 2 * EDGE, sum(part.height for part in parts) + 2 * EDGE), 255)
    top = EDGE
    for part in parts:
        paper.paste(part, (EDGE, top))
        top += part.height
    return paper


def _part(one: Line | Code | Image.Image, model: escpos.Model) -> Image.Image:
    if isinstance(one, Line):
        return _line(one, model)
    if isinstance(one, Code):
        return _line(Line(f"<the printer's own QR code: {one.text}>", bold=False, tall=False), model)
    return one.crop((0, 0, model.dots, one.height))


def _line(one: Line, model: escpos.Model) -> Image.Image:
    """Paint a line, a column to each character; a bold one is struck twice."""
    pitch = PITCH * MILLIMETRE
    marks = [
        Label(column * model.width / model.columns + struck * MILLIMETRE, 0.75 * pitch, run, 0.6 * pitch)
        for struck in range(2 if one.bold else 1)
        for column, character in enumerate(one.text)
        for run in shape(character, "code")
    ]
    made = picture(Drawing(model.width, pitch, tuple(marks)), DPI).convert("L")
    return made.resize((made.width, 2 * PITCH)) if one.tall else made
