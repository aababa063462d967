"""What an artwork file may say: the parts of a page and where they stand. All lengths are millimetres."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from posconsole.printing.drawing import BLACK, Outline
from posconsole.printing.layout_text import Area, Manner

FIELDS = ("shop", "logo", "title", "value", "initial", "code", "expires", "holder", "use", "terms", "status", "copy")
"""What a text can hold in braces, and what `when` and `unless` can name."""
WHOLE = {"value", "initial", "code"}
"""Fields that are worth nothing when something of them is cut off: their text is rather set smaller still."""
LARGEST, SMALLEST = 420.0, 0.5
WHITE = "#ffffff"
CONTRAST = 0.55
"""How much lighter than a symbol its ground is at least, of 1 between black and white."""
_FIELD = re.compile(r"\{([^{}]*)\}")
_COMMAND = re.compile(r"([MLCZ])((?:[\s,]*-?\d*\.?\d+)*)[\s,]*")
_TAKES = {"M": 2, "L": 2, "C": 6, "Z": 0}

Length = Annotated[float, Field(ge=0, le=LARGEST)]
Extent = Annotated[float, Field(gt=0, le=LARGEST)]
Named = Literal[FIELDS]  # type: ignore[valid-type]


class Part(BaseModel):
    """A table of the file; a key that isn't known is refused, not passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(Part):
    """Where a part stands: two of left, right and width, or a width alone for the middle; likewise down the page.

    `when` and `unless` name a field: the part is left out where that is empty, or isn't.
    """

    left: Length | None = None
    right: Length | None = None
    width: Extent | None = None
    top: Length | None = None
    bottom: Length | None = None
    height: Extent | None = None
    when: Named | None = None
    unless: Named | None = None

    @model_validator(mode="after")
    def _settled(self) -> Place:
        for kind, start, end, extent in (
            ("left, right and width", self.left, self.right, self.width),
            ("top, bottom and height", self.top, self.bottom, self.height),
        ):
            given = [length for length in (start, end, extent) if length is not None]
            if len(given) != 2 and not (len(given) == 1 and extent is not None):
                raise ValueError(f"say two of {kind}; the last of them alone stands in the middle")
        return self

    def on(self, width: float, height: float, scale: float = 1.0) -> Area:
        """Return the place on a page of that size, both of them so many times as large."""
        x, across = _stretch(self.left, self.right, self.width, width)
        y, down = _stretch(self.top, self.bottom, self.height, height)
        return Area(x * scale, y * scale, across * scale, down * scale)


class AreaPart(Place):
    """A filled area: a rectangle with round corners, or a `path` of M, L, C and Z in mm from its place's corner."""

    colour: str
    radius: Length = 0.0
    path: str = ""

    @model_validator(mode="after")
    def _drawn(self) -> AreaPart:
        outline(self.path)
        return self


class TextPart(Place):
    """A text with fields in braces; it is left out where one of them is empty."""

    text: Annotated[str, Field(max_length=1000)]
    style: Literal["regular", "bold", "display", "code"] = "regular"
    size: Annotated[float, Field(ge=SMALLEST, le=60)]
    least: Annotated[float, Field(ge=SMALLEST, le=60)] = 1.6
    lines: Annotated[int, Field(ge=1, le=12)] = 1
    align: Literal["start", "centre", "end", "left", "right"] = "start"
    rise: Literal["top", "middle", "bottom"] = "middle"
    spacing: Annotated[float, Field(ge=0, le=1)] = 0.0
    leading: Annotated[float, Field(ge=1, le=3)] = 1.3
    colour: str = BLACK

    @model_validator(mode="after")
    def _known(self) -> TextPart:
        for name in self.fields:
            if name not in FIELDS:
                raise ValueError(f"there is no {{{name}}}: take one of {', '.join(FIELDS)}")
        return self

    @property
    def fields(self) -> list[str]:
        """The names in braces."""
        return _FIELD.findall(self.text)

    def filled(self, fields: dict[str, str]) -> str:
        """Return the text with its fields; empty where one of them is."""
        if not all(fields[name] for name in self.fields):
            return ""
        return _FIELD.sub(lambda found: fields[found[1]], self.text)

    def manner(self, colour: str, scale: float = 1.0) -> Manner:
        """Return how it is set, so many times as large."""
        least = SMALLEST if WHOLE.intersection(self.fields) else min(self.least, self.size)
        size, least = self.size * scale, least * scale
        return Manner(self.style, size, least, self.lines, self.align, self.rise, self.spacing, self.leading, colour)


class LogoPart(Place):
    """The shop's logo, `logo.png` in its folder: as large as its place allows, and left out where there is none."""

    align: Literal["left", "centre", "right"] = "left"


class SymbolPart(Place):
    """The symbol of the code, its quiet zones within its place; scanners want it dark on a `ground` that is light."""

    kind: Literal["qr", "code128"] = "qr"
    colour: str = BLACK
    ground: str = WHITE


class Words(Part):
    """What the fields say that aren't data; a shop writes them in its own language."""

    money: str = "Gift voucher"
    points: str = "Points voucher"
    expires: str = "Valid until"
    initial: str = "left of"
    use: str = "For one purchase: what is left of it is forfeited."
    terms: str = ""
    copy_: str = Field(default="COPY", alias="copy")
    issued: str = "Not yet paid"
    spent: str = "Spent"
    void: str = "Void"
    expired: str = "Expired"


class Page(Part):
    """A whole file. `width` and `height` are what it is drawn for; areas lie under the logo, the symbol and texts."""

    width: Annotated[float, Field(ge=20, le=LARGEST)]
    height: Annotated[float, Field(ge=15, le=LARGEST)]
    colours: dict[str, Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")]] = {}
    words: Words = Words()
    area: tuple[AreaPart, ...] = ()
    logo: LogoPart | None = None
    symbol: SymbolPart
    text: tuple[TextPart, ...] = ()

    @model_validator(mode="after")
    def _coloured(self) -> Page:
        used = [*(area.colour for area in self.area), *(text.colour for text in self.text)]
        for name in [*used, self.symbol.colour, self.symbol.ground]:
            if not re.fullmatch("#[0-9a-fA-F]{6}", self.colour(name)):
                known = ", ".join(self.colours) or "none is given"
                raise ValueError(f"{name!r} is neither like #c08040 nor one of [colours]: {known}")
        if _light(self.colour(self.symbol.ground)) - _light(self.colour(self.symbol.colour)) < CONTRAST:
            raise ValueError("no scanner reads a symbol in these colours: take a darker one, or a lighter ground")
        return self

    def colour(self, name: str) -> str:
        """Return a colour by its name in the file, or as it is."""
        return self.colours.get(name, name)


def outline(path: str, x: float = 0.0, y: float = 0.0, scale: float = 1.0) -> Outline:
    """Read a path whose coordinates count from `x`, `y`, `scale` times as large; `ValueError` when it isn't one."""
    commands: list[tuple[str, tuple[float, ...]]] = []
    at = 0
    while found := _COMMAND.match(path, at):
        numbers = [float(number) for number in re.findall(r"-?\d*\.?\d+", found[2])]
        takes = _TAKES[found[1]]
        if len(numbers) != takes or (not commands and found[1] != "M"):
            raise ValueError(f"{found[1]} takes {takes} numbers, and a path begins with M")
        commands.append(
            (found[1], tuple(number * scale + (y if axis % 2 else x) for axis, number in enumerate(numbers)))
        )
        at = found.end()
    if path[at:].strip() or (commands and commands[-1][0] != "Z"):
        raise ValueError("a path is M x y, L x y, C x1 y1 x2 y2 x y and ends with Z")
    return tuple(commands)


def _light(colour: str) -> float:
    """Return how light a colour is to a scanner, from 0 to 1."""
    red, green, blue = bytes.fromhex(colour[1:])
    return (0.3 * red + 0.59 * green + 0.11 * blue) / 255


def _stretch(start: float | None, end: float | None, extent: float | None, whole: float) -> tuple[float, float]:
    """Return where a part begins and how far it reaches on a page that is `whole` wide or high."""
    if extent is None:
        return start or 0.0, max(0.1, whole - (start or 0.0) - (end or 0.0))
    if start is not None:
        return start, extent
    return (whole - end - extent if end is not None else (whole - extent) / 2), extent
