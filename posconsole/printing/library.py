"""python-escpos, imported when the first paper is printed."""

from __future__ import annotations

import logging
import shutil
from functools import cache
from typing import Any


@cache
def capabilities() -> dict[str, Any]:
    """Return what python-escpos knows of printers, by the names of their profiles.

    Its import leaves a folder behind and a log that writes to the screen: both are put away.
    """
    handlers = logging.getLogger().handlers
    before = list(handlers)
    from escpos import capabilities

    handlers[:] = before
    shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    known: dict[str, Any] = capabilities.CAPABILITIES["profiles"]
    return known


def escpos() -> Any:
    """Return python-escpos's printers, by their classes' names."""
    capabilities()
    from escpos import printer

    return printer
