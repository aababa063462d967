"""A receipt printer made of paper: it walks every byte that it is sent, and fails on any that it doesn't know.

It owes the program nothing: the commands and the code pages' numbers are those of Epson's reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image

PAGES = {0: "cp437", 2: "cp850", 13: "cp857", 14: "cp737", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858"}
PAGES |= {33: "cp775", 45: "cp1250", 46: "cp1251", 47: "cp1253", 48: "cp1254", 51: "cp1257"}
TALL, BOLD = 0x10, 0x08


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    bold: bool
    tall: bool


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code that the printer makes itself."""

    text: str
    correction: str
    module: int


@dataclass(slots=True)
class Printed:
    """What came out: lines, codes and pictures in their order, and whether the drawer opened and the knife cut."""

    came: list[Line | Code | Image.Image] = field(default_factory=list)
    kicks: int = 0
    cuts: int = 0
    kanji: bool = True

    @property
    def lines(self) -> list[str]:
        return [one.text for one in self.came if isinstance(one, Line)]

    @property
    def codes(self) -> list[Code]:
        return [one for one in self.came if isinstance(one, Code)]

    @property
    def pictures(self) -> list[Image.Image]:
        return [one for one in self.came if isinstance(one, Image.Image)]


class Reader:
    """Paper so many columns and dots wide. `read` returns what the bytes put on it."""

    def __init__(self, columns: int = 48, dots: int = 576) -> None:
        self.columns, self.dots = columns, dots

    def read(self, data: bytes) -> Printed:
        self.data, self.at, self.out = data, 0, Printed()
        self.text, self.page, self.mode, self.bold, self.centred = "", "ascii", 0, False, False
        self.stored, self.module, self.correction = "", 0, ""
        self.bands: list[Image.Image] = []
        assert data[:2] == b"\x1b@", "a job begins with a clean printer"
        while self.at < len(data):
            byte = self.take(1)[0]
            if byte in COMMANDS:
                COMMANDS[byte](self)
            elif byte == 0x0A:
                self.line()
            else:
                self.say(byte)
        assert not self.text, "text that was never printed"
        assert (self.mode & (TALL | BOLD), self.bold, self.centred) == (0, False, False), "a style left on"
        self.picture()
        return self.out

    def take(self, count: int) -> bytes:
        taken = self.data[self.at : self.at + count]
        assert len(taken) == count, "cut short"
        self.at += count
        return taken

    def number(self, size: int = 2) -> int:
        return int.from_bytes(self.take(size), "little")

    def say(self, byte: int) -> None:
        assert byte >= 0x20, f"unknown control {byte:#04x} at {self.at}"
        assert byte < 0x80 or self.page != "ascii", "an accent without a code page"
        self.text += bytes((byte,)).decode(self.page)

    def line(self) -> None:
        assert len(self.text) <= self.columns, f"{self.text!r} is wider than the paper"
        self.picture()
        self.out.came.append(Line(self.text, self.bold or bool(self.mode & BOLD), bool(self.mode & TALL)))
        self.text = ""

    def picture(self) -> None:
        """Bands that come one behind the other are one picture."""
        if self.bands:
            whole = Image.new("L", (self.bands[0].width, sum(band.height for band in self.bands)), 255)
            top = 0
            for band in self.bands:
                whole.paste(band, (0, top))
                top += band.height
            self.out.came.append(whole)
            self.bands = []

    def escape(self) -> None:
        match self.take(1):
            case b"@":
                self.page, self.mode, self.bold = "ascii", 0, False
            case b"!":
                self.mode, self.bold = self.take(1)[0], False
                assert self.mode & ~(TALL | BOLD) == 0
            case b"E":
                self.bold = bool(self.take(1)[0] & 1)
            case b"a":
                assert not self.text
                self.centred = {0: False, 1: True}[self.take(1)[0]]
            case b"t":
                self.page = PAGES[self.take(1)[0]]
            case b"d":
                self.take(1)
                self.picture()
            case b"p":
                assert self.take(1) in (b"\0", b"\1")
                self.take(2)
                self.out.kicks += 1
            case other:
                raise AssertionError(f"unknown ESC {other!r} at {self.at}")

    def group(self) -> None:
        match self.take(1):
            case b"v":
                self.raster()
            case b"(":
                self.qr()
            case b"V":
                assert self.take(1) in (b"\0", b"\1")
                self.out.cuts += 1
            case other:
                raise AssertionError(f"unknown GS {other!r} at {self.at}")

    def file(self) -> None:
        assert self.take(1) == b".", "the only FS there is ends Chinese"
        self.out.kanji = False

    def raster(self) -> None:
        assert self.take(2) == b"0\0"
        assert not self.text
        across, down = self.number(), self.number()
        assert across * 8 - 7 <= self.dots, "wider than the paper"
        assert down <= 128, "more rows than a cheap printer holds"
        burnt = Image.frombytes("1", (across * 8, down), bytes(255 - byte for byte in self.take(across * down)))
        self.bands.append(burnt.convert("L"))

    def qr(self) -> None:
        assert self.take(1) == b"k"
        body = self.take(self.number())
        assert body[:1] == b"1", "no QR code"
        function, rest = body[1], body[2:]
        if function == 65:
            assert rest == b"2\0", "model 2"
        elif function == 67:
            self.module = rest[0]
        elif function == 69:
            self.correction = "LMQH"[rest[0] - 48]
        elif function == 80:
            assert rest[:1] == b"0"
            self.stored = rest[1:].decode()
        elif function == 81:
            assert rest == b"0"
            assert self.stored
            assert self.correction
            assert 1 <= self.module <= 16
            self.picture()
            self.out.came.append(Code(self.stored, self.correction, self.module))
        else:
            raise AssertionError(f"unknown QR function {function}")


COMMANDS = {0x1B: Reader.escape, 0x1D: Reader.group, 0x1C: Reader.file}
