"""Processes as a shop starts them: with compiled modules, whatever this machine is set to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def compiled_once(folder: Path) -> dict[str, str]:
    """Return the variables with which modules are compiled at the first start and kept, all in `folder`."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled"), "TMPDIR": str(folder)}
