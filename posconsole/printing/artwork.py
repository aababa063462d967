"""The artworks of vouchers: those that come along and a shop's own, small TOML files that people write.

A shop's folder holds `NAME.toml` files and perhaps a `logo.png`, which every artwork uses. A file there that is called
like one that comes along takes its place.
"""

from __future__ import annotations

import re
import tomllib
from io import BytesIO
from typing import TYPE_CHECKING

from pydantic import ValidationError

from posconsole.errors import InvalidInput, NotFound
from posconsole.printing.assets import assets
from posconsole.printing.layout import Template
from posconsole.printing.layout_parts import Page

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

LOGO = "logo.png"
LOGO_PIXELS = 1200
LARGEST_FILE = 100_000
LARGEST_LOGO = 20_000_000


def names(folder: Path | None = None) -> list[str]:
    """Return what artworks there are: the program's and those in the shop's own `folder`, by name."""
    return sorted(_files(folder))


def artwork(name: str, folder: Path | None = None) -> Template:
    """Return an artwork by its name, the shop's own first.

    Raises `NotFound` for a name that there isn't, and `InvalidInput` that says the file, the line and what to do.
    """
    files = _files(folder)
    if name not in files:
        raise NotFound(f"There is no artwork {name[:40]!r}: take one of {', '.join(sorted(files))}.", field="artwork")
    return Template(name, _page(files[name]), _logo(folder))


def _files(folder: Path | None) -> dict[str, Path]:
    """Return the files by the names of their artworks."""
    folders = [assets() / "artwork", *([folder] if folder and folder.is_dir() else [])]
    # What isn't a file, a pipe or a device, may have no end.
    return {path.stem: path for where in folders for path in where.glob("*.toml") if path.is_file()}


def _page(path: Path) -> Page:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InvalidInput(f"{path} is too large for an artwork: 100 kB at most", field="artwork")
        source = path.read_text(encoding="utf-8")
        return Page.model_validate(tomllib.loads(source))
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}", field="artwork") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is not TOML: {error}", field="artwork") from None
    except ValidationError as error:
        # A key that isn't known is often one that is missed.
        first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        raise InvalidInput(f"{path}, {_said(first, source)}", field="artwork") from None


def _said(error: ErrorDetails, source: str) -> str:
    """Say where in a file something is wrong, what, and what to do about it."""
    *tables, key = error["loc"] or ("",)
    if isinstance(key, int) or re.search(rf"^\s*\[\s*{re.escape(key)}\s*\]", source, re.MULTILINE):
        tables, key = [*tables, key], ""
    line = _line(source, tables, key)
    said = {
        "missing": "is missing: add it",
        "extra_forbidden": "is not known here: take it out, or look at the artworks that come along for its name",
    }.get(error["type"], error["msg"].removeprefix("Value error, "))
    return f"line {line}: {f'{key}: ' if key else ''}{said}"


def _line(source: str, tables: list[str | int], key: str) -> int:
    """Return the line of a key in the n-th table of a name, or that table's own line, counted from 1."""
    rows = source.splitlines()
    at = 0
    if tables:
        heads = [no for no, row in enumerate(rows) if re.match(rf"\s*\[+\s*{tables[0]}\s*\]+", row)]
        number = next((step for step in tables if isinstance(step, int)), 0)
        at = heads[number] if number < len(heads) else 0
    for no, row in enumerate(rows[at + bool(tables) :], at + bool(tables)):
        if row.lstrip().startswith("["):
            break
        if key and re.match(rf"\s*{re.escape(key)}\s*=", row):
            return no + 1
    return at + 1


def _logo(folder: Path | None) -> bytes:
    """Return the shop's logo as PNG of a size that paper can use; empty where there is none."""
    from PIL import Image, UnidentifiedImageError

    path = folder / LOGO if folder else None
    if path is None or not path.is_file():
        return b""
    try:
        if path.stat().st_size > LARGEST_LOGO:
            raise InvalidInput(f"{path} is too large: 20 MB at most", field="logo")
        with Image.open(path, formats=["PNG", "JPEG"]) as picture:
            picture.draft("RGB", (LOGO_PIXELS, LOGO_PIXELS))
            logo = picture.convert("RGBA")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        raise InvalidInput(f"{path} can't be read as a picture: save it as PNG", field="logo") from None
    logo.thumbnail((LOGO_PIXELS, LOGO_PIXELS))
    kept = BytesIO()
    logo.save(kept, "PNG")
    return kept.getvalue()
