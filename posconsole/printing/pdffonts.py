"""Fonts and pictures as PDF objects: subsets whose glyphs can be copied as text, and PNG files unpacked."""

from __future__ import annotations

import zlib
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from posconsole.printing.typeface import metrics, subset, width

if TYPE_CHECKING:
    from collections.abc import Callable

_AT_ONCE = 100
# A file of a fifth more in half of the time.
_LEVEL = 4


def stream(data: bytes, head: str = "") -> bytes:
    """Return the body of a compressed stream object."""
    packed = zlib.compress(data, _LEVEL)
    return b"<< /Length %d /Filter /FlateDecode%s >>\nstream\n%s\nendstream" % (len(packed), head.encode(), packed)


def font(name: str, glyphs: dict[int, str], add: Callable[[bytes], int]) -> int:
    """Write a font with only these glyphs, given with the characters that they stand for; return its number.

    `add` writes an object's body and returns the object's number.
    """
    file = subset(name, glyphs)
    # The six letters tell apart the subsets of one font in several files.
    letters = "".join(chr(65 + byte % 26) for byte in sha256(file).digest()[:6])
    base = f"/{letters}+{name}"
    measures = metrics(name)
    program = add(stream(file, f" /Length1 {len(file)}"))
    descriptor = add(
        f"<< /Type /FontDescriptor /FontName {base} /Flags 4 /ItalicAngle 0 /StemV 80"
        f" /FontBBox [{' '.join(f'{side:.0f}' for side in measures.box)}] /Ascent {measures.ascent:.0f}"
        f" /Descent {measures.descent:.0f} /CapHeight {measures.capital:.0f} /FontFile2 {program} 0 R >>".encode()
    )
    widths = " ".join(f"{gid} [{width(name, gid):.0f}]" for gid in sorted(glyphs))
    descendant = add(
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont {base} /FontDescriptor {descriptor} 0 R"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
        f" /CIDToGIDMap /Identity /W [{widths}] >>".encode()
    )
    characters = add(stream(_characters(glyphs)))
    return add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont {base} /Encoding /Identity-H"
        f" /DescendantFonts [{descendant} 0 R] /ToUnicode {characters} 0 R >>".encode()
    )


def picture(png: bytes, add: Callable[[bytes], int]) -> int:
    """Write a picture, what is transparent in it as a mask of its own; return its number."""
    from PIL import Image

    with Image.open(BytesIO(png)) as opened:
        whole = opened.convert("RGBA")
    head = f" /Type /XObject /Subtype /Image /Width {whole.width} /Height {whole.height} /BitsPerComponent 8"
    opaque = whole.getchannel("A")
    mask = add(stream(opaque.tobytes(), f"{head} /ColorSpace /DeviceGray"))
    return add(stream(whole.convert("RGB").tobytes(), f"{head} /ColorSpace /DeviceRGB /SMask {mask} 0 R"))


def _characters(glyphs: dict[int, str]) -> bytes:
    """Return the map by which a reader copies glyphs as text."""
    known = [(gid, text.encode("utf-16-be").hex()) for gid, text in sorted(glyphs.items()) if text]
    lines = []
    for at in range(0, len(known), _AT_ONCE):
        some = known[at : at + _AT_ONCE]
        lines += [f"{len(some)} beginbfchar", *(f"<{gid:04x}> <{text}>" for gid, text in some), "endbfchar"]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <0000> <ffff> endcodespacerange",
            *lines,
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    ).encode()
