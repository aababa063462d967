"""A PDF file that is written page by page, and that the next program goes on with after a kill.

reportlab and fpdf2 keep every page until the end, and cairo has no wheel: hence this writer, which keeps of a page only
where its objects are. What it has to know beside them (new glyphs, pictures) stands before each page as a comment with
a checksum, so a half-written file tells all that is needed to continue it: the same input gives the same bytes.
"""

from __future__ import annotations

import json
import zlib
from array import array
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from posconsole.errors import InvalidInput
from posconsole.files import Draft, explained
from posconsole.printing.drawing import Label
from posconsole.printing.pdffonts import font, picture, stream
from posconsole.printing.pdfmarks import POINTS, content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from posconsole.printing.drawing import Drawing

CATALOG, TREE, RESOURCES, FIRST = range(1, 5)
"""The numbers of the objects that come last and that all others point to, and the first of the others."""
PER_NODE = 256
_PAGE = b"%page "
_LONGEST = 1 << 20
_ENTRIES = 1000


class _Part:
    """Objects that are written together: their bytes, and at which of these each number begins."""

    def __init__(self, following: int) -> None:
        self.following = following
        self.body = bytearray()
        self.begins: list[tuple[int, int]] = []

    def reserve(self) -> int:
        """Return the next free number."""
        self.following += 1
        return self.following - 1

    def add(self, body: bytes, number: int = 0) -> int:
        """Write an object under a reserved number, or under the next one; return it."""
        number = number or self.reserve()
        self.begins.append((number, len(self.body)))
        self.body += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        return number


class PdfFile:
    """A PDF on its way to `path`: a context in which pages are added, and after which the file is whole.

    Leaving it by an error keeps the pages in `NAME.part`, readable for its owner only. Who opens the same path with
    the same `job`, whatever words tell one job from another, finds them as `pages`, with `placed` drawings on them.
    Raises what `Draft` raises, and `InvalidInput` where no page was added.
    """

    def __init__(self, path: Path, job: str, *, replace: bool = False) -> None:
        self._draft = Draft(path, replace=replace)
        self._file = self._draft.file
        self._head = b"%%PDF-1.7\n%%\xe2\xe3\xcf\xd3\n%%job %s\n" % sha256(job.encode()).hexdigest().encode()
        self.pages = self.placed = 0
        self._offsets = array("Q", [0] * FIRST)
        self._nodes: list[tuple[int, int]] = []
        self._node, self._kids = 0, list[int]()
        self._glyphs: dict[str, dict[int, str]] = {}
        self._pictures: dict[str, int] = {}
        self._names: dict[bytes, str] = {}
        with explained(path):
            self._reread()

    def __enter__(self) -> PdfFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._draft.close()

    def page(
        self, size: tuple[float, float], placed: Sequence[tuple[float, float, Drawing]], under: Sequence[Drawing] = ()
    ) -> None:
        """Add a page of so many millimetres: drawings at their places, above those `under` them that fill the page."""
        part = _Part(len(self._offsets))
        node = self._node if self._kids else part.reserve()
        pictures: dict[str, int] = {}
        everything = [*((0.0, 0.0, drawing) for drawing in under), *placed]
        drawn = part.add(stream(content(size, everything, partial(self._picture, part, pictures))))
        box = " ".join(f"{length * POINTS:.3f}" for length in size)
        page = part.add(f"<< /Type /Page /Parent {node} 0 R /MediaBox [0 0 {box}] /Contents {drawn} 0 R >>".encode())
        if len(self._kids) + 1 == PER_NODE:
            part.add(_branch([*self._kids, page]), node)
        record = {
            "following": part.following,
            "begins": part.begins,
            "node": node,
            "page": page,
            "placed": len(placed),
            "pictures": pictures,
            "glyphs": self._new_glyphs(everything),
        }
        with explained(self._draft.path):
            self._write(part, record)

    def _picture(self, part: _Part, new: dict[str, int], png: bytes) -> str:
        """Return the name of a picture among the resources; it is written where it is first used."""
        name = self._names.get(png) or self._names.setdefault(png, sha256(png).hexdigest())
        number = self._pictures.get(name) or new.get(name)
        if number is None:
            number = new[name] = picture(png, part.add)
        return f"I{number}"

    def _new_glyphs(self, placed: Iterable[tuple[float, float, Drawing]]) -> dict[str, dict[int, str]]:
        """Return the glyphs that no page before has, and the characters that they stand for, by font."""
        new: dict[str, dict[int, str]] = {}
        for run in (mark.run for _, _, drawing in placed for mark in drawing.marks if isinstance(mark, Label)):
            known = self._glyphs.get(run.font, {})
            for glyph in run.glyphs:
                if not known.get(glyph.gid) and (glyph.text or glyph.gid not in known):
                    new.setdefault(run.font, {}).setdefault(glyph.gid, glyph.text)
        return new

    def _write(self, part: _Part, record: dict[str, Any]) -> None:
        """Add a page's objects to the file, behind what has to be known of them."""
        if not self.pages:
            self._file.write(self._head)
        told = json.dumps(record, separators=(",", ":")).encode()
        check = zlib.crc32(part.body, zlib.crc32(told))
        self._file.write(_PAGE + b"%08x %d %s\n" % (check, len(part.body), told))
        # Read back, so that a program that goes on knows exactly what this one did.
        self._take(json.loads(told), self._file.tell())
        self._file.write(part.body)

    def _reread(self) -> None:
        """Take what whole pages of the same job the file has, and cut off what is behind them."""
        good = len(self._head) if self._file.read(len(self._head)) == self._head else 0
        while good and (record := self._record()):
            self._take(record, good := self._file.tell() - record["length"])
            good += record["length"]
        self._file.seek(good if self.pages else 0)
        self._file.truncate()

    def _record(self) -> dict[str, Any] | None:
        """Read a page over and return what stands before it; none where it is not whole."""
        line = self._file.readline(_LONGEST)
        try:
            check, length, told = line.removeprefix(_PAGE).split(b" ", 2)
            body = self._file.read(int(length))
            if int(check, 16) != zlib.crc32(body, zlib.crc32(told.rstrip(b"\n"))):
                return None
            return {**json.loads(told), "length": int(length)}
        except ValueError:
            return None

    def _take(self, record: dict[str, Any], start: int) -> None:
        """Keep in mind a page whose objects start at a byte of the file."""
        self._offsets.extend([0] * (record["following"] - len(self._offsets)))
        self._locate(record["begins"], start)
        self._node = record["node"]
        self._kids.append(record["page"])
        if len(self._kids) == PER_NODE:
            self._nodes.append((self._node, PER_NODE))
            self._kids = []
        for name, glyphs in record["glyphs"].items():
            self._glyphs.setdefault(name, {}).update((int(gid), text) for gid, text in glyphs.items())
        self._pictures |= record["pictures"]
        self.pages += 1
        self.placed += record["placed"]

    def _locate(self, begins: Iterable[tuple[int, int]], start: int) -> None:
        for number, offset in begins:
            self._offsets[number] = start + offset

    def _finish(self) -> None:
        """Write what all pages share, and the table of all objects."""
        if not self.pages:
            raise InvalidInput("There is nothing to print.")
        part = _Part(len(self._offsets))
        if self._kids:
            self._nodes.append((part.add(_branch(self._kids), self._node), len(self._kids)))
        fonts = {name: font(name, glyphs, part.add) for name, glyphs in self._glyphs.items()}
        part.add(_resources(fonts, self._pictures), RESOURCES)
        part.add(_root(self._nodes), TREE)
        # A page is printed as large as it is, or symbols and labels miss their size.
        part.add(b"<< /Type /Catalog /Pages %d 0 R /ViewerPreferences << /PrintScaling /None >> >>" % TREE, CATALOG)
        with explained(self._draft.path):
            self._offsets.extend([0] * (part.following - len(self._offsets)))
            self._locate(part.begins, self._file.tell())
            self._file.write(part.body)
            table = self._file.tell()
            self._file.writelines(self._table())
            self._file.write(
                b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(self._offsets), CATALOG, table)
            )
        self._draft.finish()

    def _table(self) -> Iterator[bytes]:
        yield b"xref\n0 %d\n0000000000 65535 f \n" % len(self._offsets)
        for at in range(1, len(self._offsets), _ENTRIES):
            yield b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets[at : at + _ENTRIES])


def _branch(pages: list[int]) -> bytes:
    kids = " ".join(f"{page} 0 R" for page in pages)
    return f"<< /Type /Pages /Parent {TREE} 0 R /Count {len(pages)} /Kids [{kids}] >>".encode()


def _root(nodes: list[tuple[int, int]]) -> bytes:
    kids = " ".join(f"{node} 0 R" for node, _ in nodes)
    count = sum(count for _, count in nodes)
    return f"<< /Type /Pages /Count {count} /Kids [{kids}] /Resources {RESOURCES} 0 R >>".encode()


def _resources(fonts: dict[str, int], pictures: dict[str, int]) -> bytes:
    named = " ".join(f"/{name} {number} 0 R" for name, number in fonts.items())
    drawn = " ".join(f"/I{number} {number} 0 R" for number in pictures.values())
    return f"<< /Font << {named} >> /XObject << {drawn} >> >>".encode()
