"""A strip or a drawing as the bytes that a receipt printer understands: ESC/POS, by way of python-escpos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from posconsole.errors import InvalidInput
from posconsole.printing.codepages import PREFERRED, plain, spoken
from posconsole.printing.drawing import Drawing, Modules
from posconsole.printing.library import capabilities, escpos
from posconsole.printing.paper import LEAST
from posconsole.printing.raster import burnt, lettered
from posconsole.printing.symbols import INCH, QR, sized

if TYPE_CHECKING:
    from posconsole.printing.strip import Paper, Row

PAPERS = {58: (32, 384), 80: (48, 576)}
"""Columns and dots of a roll so many millimetres wide, where a printer's profile doesn't say."""
DPI = 203
LINE = 30
"""Dots from one line of text to the next."""
BAR, GAP = 8.0, 2.0
"""Millimetres that a bar code is high, and that stay free above and below it."""
BAND = 128
"""Rows of dots that go to the printer at a time: the cheapest ones hold few."""
CANCEL_KANJI = b"\x1c."


@dataclass(frozen=True, slots=True)
class Model:
    """What a printer can do: `columns` of text, `dots` across at `dpi`, its code pages, best first.

    `native_qr` says that it makes QR codes itself, `asian` that it may take accents for Chinese until told otherwise.
    """

    profile: str
    columns: int
    dots: int
    dpi: int
    pages: tuple[str, ...]
    native_qr: bool
    asian: bool
    correction: str

    @property
    def width(self) -> float:
        """How many millimetres it prints across."""
        return self.dots / self.dpi * INCH


def profiles() -> tuple[str, ...]:
    """Return the names of the printers that python-escpos knows; `default` and `simple` do for most others."""
    return tuple(capabilities())


def model(profile: str = "default", paper: int = 80, correction: str = "M") -> Model:
    """Return what the printer of a profile can do, with paper of 58 or 80 mm and QR codes of a correction L, M, Q or H.

    What the profile knows of its paper counts. Raises `InvalidInput` for one that isn't known, or that can't print a
    receipt.
    """
    if paper not in PAPERS:
        raise InvalidInput("Receipt paper is 58 or 80 mm wide", field="paper")
    known = capabilities().get(profile)
    if known is None:
        raise InvalidInput(f"No printer is called {profile[:30]!r}: `default` does for most", field="printer_profile")
    columns, dots = PAPERS[paper]
    if isinstance(told := known["media"]["width"].get("pixels"), int):
        columns, dots = known["fonts"]["0"]["columns"], told
    if columns < LEAST or not known["features"]["bitImageRaster"]:
        raise InvalidInput(f"{profile} can't print receipts: take the profile `default`", field="printer_profile")
    dpi = known["media"].get("dpi")
    pages = set(known["codePages"].values())
    return Model(
        profile,
        columns,
        dots,
        dpi if isinstance(dpi, int) else DPI,
        tuple(page for page in PREFERRED if page in pages),
        native_qr=bool(known["features"]["qrCode"]),
        asian=known["vendor"] != "Epson",
        correction=correction,
    )


def printed(paper: Paper, model: Model, *, kick: bool = False) -> bytes:
    """Return the bytes that print a strip of the model's columns and cut it; `kick` opens the drawer first."""
    writer = _Writer(model)
    if kick:
        writer.driver.cashdraw(2)
    for row in paper.rows:
        writer.row(row)
    return writer.cut()


def drawn(drawing: Drawing, model: Model) -> bytes:
    """Return the bytes that print a drawing in the middle of the paper and cut it; `InvalidInput` if it is too wide."""
    writer = _Writer(model)
    writer.burn(drawing)
    return writer.cut()


def kicked() -> bytes:
    """Return the bytes that open the drawer."""
    driver = _driver("default")
    driver.hw("INIT")
    driver.cashdraw(2)
    return bytes(driver.output)


class _Writer:
    """The bytes of one paper as they come."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.driver = _driver(model.profile)
        self.driver.hw("INIT")
        self._style = (False, False)

    def row(self, row: Row) -> None:
        """Print a row: its text if the printer can say it, else a picture of it; or its symbol."""
        if row.symbol:
            self._symbol(*row.symbol)
            return
        self._set(row.bold, row.tall)
        parts = spoken(plain(row.text), self.model.pages, self.driver.magic.encoder)
        if parts is None:
            height = LINE / self.model.dpi * INCH * (2 if row.tall else 1)
            self.burn(lettered(row, self.model.columns, self.model.width, height))
            return
        for page, part in parts:
            self._say(page, part)
        self.driver.control("LF")

    def burn(self, drawing: Drawing) -> None:
        """Print a drawing as rows of dots (GS v 0)."""
        picture = burnt(drawing, self.model.dpi, self.model.dots)
        for rows, band in picture.bands(BAND):
            self.driver._raw(b"\x1dv0\0" + picture.across.to_bytes(2, "little") + rows.to_bytes(2, "little") + band)

    def cut(self) -> bytes:
        """Feed the paper out, cut it where there is a knife, and return all the bytes."""
        self._set(bold=False, tall=False)
        self.driver.cut("PART")
        return bytes(self.driver.output)

    def _set(self, bold: bool, tall: bool) -> None:
        if (bold, tall) != self._style:
            self._style = (bold, tall)
            self.driver.set(bold=bold, double_height=tall, normal_textsize=not tall)

    def _say(self, page: str, text: str) -> None:
        magic = self.driver.magic
        if page and magic.encoding is None and self.model.asian:
            self.driver._raw(CANCEL_KANJI)
        if page:
            magic.write_with_encoding(page, text)
        else:
            self.driver._raw(text.encode("ascii"))

    def _symbol(self, kind: str, text: str) -> None:
        made, module = sized(kind, text, self.model.width, self.model.correction, self.model.dpi)
        if made.kind == QR and self.model.native_qr:
            self.driver.set(align="center")
            size = round(module * self.model.dpi / INCH)
            self.driver.qr(text, ec="LMQH".index(self.model.correction), size=min(size, 16), native=True)
            self.driver.set(align="left")
            return
        quiet = made.quiet * module
        above, height = (quiet, len(made.rows) * module) if made.kind == QR else (GAP, BAR)
        mark = Modules(quiet, above, module, made, height=None if made.kind == QR else BAR)
        self.burn(Drawing(made.across * module, height + 2 * above, (mark,)))


def _driver(profile: str) -> Any:
    """Return a printer of python-escpos that keeps what it is told."""
    return escpos().Dummy(profile=profile)
