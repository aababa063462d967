"""Where the files are that come with the program: fonts, artwork, pictures."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def assets() -> Path:
    """Return their folder: inside the package where it was installed, beside it in a clone."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "assets"
    return installed if installed.is_dir() else package.parent / "assets"
