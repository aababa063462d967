"""A QR code's modules under the best of its eight masks, as the standard rates them.

`qrcode` makes and rates all eight, which is 85 % of a code's time. But the eight codes of one size and correction
differ by the same modules whatever their text is: one is made, the others follow by XOR, and all are rated at once by
arithmetic on whole numbers that hold a module in each byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from posconsole.errors import InvalidInput

MASKS = range(8)


@dataclass(frozen=True, slots=True)
class Grid:
    """A square of modules as one number, by rows and by columns; a zero byte ends each of them."""

    rows: int
    columns: int

    @classmethod
    def of(cls, lines: list[bytes]) -> Grid:
        """Put the rows of a square into numbers."""
        turned = [bytes(column) for column in zip(*lines, strict=True)]
        return cls(*(int.from_bytes(b"\0".join([*way, b""]), "little") for way in (lines, turned)))

    def __xor__(self, other: Grid) -> Grid:
        return Grid(self.rows ^ other.rows, self.columns ^ other.columns)

    def lines(self, size: int) -> tuple[bytes, ...]:
        """Return the rows again."""
        flat = self.rows.to_bytes(size * (size + 1), "little")
        return tuple(flat[at : at + size] for at in range(0, len(flat), size + 1))


def masked(text: str, correction: int) -> tuple[bytes, ...]:
    """Return the rows of a text's QR code, a byte to a module, 1 for a dark one. Raises `InvalidInput`."""
    first = _made(text, correction, 0, None)
    size = len(first)
    grid = Grid.of(first)
    grids = [grid ^ other for other in _differences((size - 17) // 4, correction)]
    return min(grids, key=lambda each: penalty(each, size)).lines(size)


def penalty(dark: Grid, size: int) -> int:
    """Return how badly a code of `size` modules a side reads by the four rules of its standard."""
    light = dark ^ _full(size)
    down = 8 * (size + 1)
    lost = _finders(dark.rows, light.rows) + _finders(dark.columns, light.columns)
    for colour in (dark, light):
        pairs = colour.rows & colour.rows >> 8
        lost += _runs(colour.rows) + _runs(colour.columns) + 3 * (pairs & pairs >> down).bit_count()
    return lost + 10 * (abs(100 * dark.rows.bit_count() - 50 * size**2) // (5 * size**2))


def _runs(lines: int) -> int:
    """Rate runs of five modules and more: 3 for five, and 1 for each further one."""
    pairs = lines & lines >> 8
    fives = pairs & pairs >> 16 & lines >> 32
    return 3 * fives.bit_count() - 2 * (fives & fives >> 8).bit_count()


def _finders(dark: int, light: int) -> int:
    """Rate what looks like the corners by which a scanner finds the code: 1011101 beside four light modules."""
    corners = dark & light >> 8 & dark >> 16 & dark >> 24 & dark >> 32 & light >> 40 & dark >> 48
    if not corners:
        return 0
    fours = light & light >> 8
    fours &= fours >> 16
    return 40 * ((corners & fours >> 56).bit_count() + (corners & fours << 32).bit_count())


@cache
def _full(size: int) -> Grid:
    return Grid.of([b"\1" * size] * size)


@cache
def _differences(version: int, correction: int) -> list[Grid]:
    """Return by which modules the codes of one size and correction differ from the first under each mask."""
    grids = [Grid.of(_made("0", correction, mask, version)) for mask in MASKS]
    return [grid ^ grids[0] for grid in grids]


def _made(text: str, correction: int, mask: int, version: int | None) -> list[bytes]:
    from qrcode.main import QRCode

    code = QRCode(1, correction, mask_pattern=mask)
    code.add_data(text)
    code.version = version or _fitting(correction, *((part.mode, len(part)) for part in code.data_list))
    code.make(fit=False)
    return [bytes(row) for row in code.modules]


@lru_cache(maxsize=1024)
def _fitting(correction: int, *parts: tuple[int, int]) -> int:
    """Return the smallest version for data of such modes and lengths: `qrcode` encodes all of it to find out."""
    from qrcode.exceptions import DataOverflowError
    from qrcode.main import QRCode
    from qrcode.util import QRData

    code = QRCode(error_correction=correction)
    code.data_list = [QRData(b"0" * length, mode) for mode, length in parts]
    try:
        return int(code.best_fit())
    # A version of 41, which there isn't, is a ValueError before it is an overflow.
    except (DataOverflowError, ValueError):
        raise InvalidInput("No QR code holds so long a text: take less correction", field="symbol") from None
