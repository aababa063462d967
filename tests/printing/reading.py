"""A scanner that owes the program nothing: zxing-cpp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import zxingcpp
from PIL import Image

if TYPE_CHECKING:
    from posconsole.printing.symbols import Symbol

FORMATS = (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.EAN13)


def read(picture: Any) -> list[str]:
    """Return the texts of all symbols of a PIL image or an array, from the top left."""
    found = [
        each for each in zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain) if each.format in FORMATS
    ]
    return [each.text for each in sorted(found, key=lambda it: (it.position.top_left.y, it.position.top_left.x))]


def drawn(symbol: Symbol, dots: int = 3) -> Image.Image:
    """Return a symbol in so many dots to a module with its quiet zones and nothing else."""
    rows = symbol.rows if len(symbol.rows) > 1 else symbol.rows * 40
    across, down = len(rows[0]) + 2 * symbol.quiet, len(rows) + 2 * symbol.quiet
    picture = Image.new("L", (across, down), 255)
    for y, row in enumerate(rows, symbol.quiet):
        picture.paste(Image.frombytes("L", (len(row), 1), bytes(0 if dark else 255 for dark in row)), (symbol.quiet, y))
    return picture.resize((across * dots, down * dots), Image.Resampling.NEAREST)
