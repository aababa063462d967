"""Opening the store: in a process of its own, the engine's import apart from the opening."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.benchmarks import shop
from tests.benchmarks.processes import compiled_once
from tests.benchmarks.report import Row
from tests.benchmarks.timing import percentile

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS, QUICK_ROUNDS = 9, 3
_IMPORT = "import posconsole.engine.store"
_OPEN = "from posconsole import Store; Store.open({url!r}).close()"
_FLOOR = "import sqlmodel"
_TIMED = "import time; begun = time.perf_counter(); {what}; print(time.perf_counter() - begun)"
_PREPARED = "{before}; " + _TIMED


def rows(folder: Path, *, quick: bool) -> tuple[list[Row], str]:
    """Return the rows of importing the engine, and of opening a database that is there and one that isn't."""
    shop.furnish(folder / "there.db")
    environ = {**os.environ, **compiled_once(folder)}
    floor, imported, there, new = [], [], [], []
    for number in range(1 + (QUICK_ROUNDS if quick else ROUNDS)):
        floor.append(_seconds(environ, "pass", _FLOOR))
        imported.append(_seconds(environ, "pass", _IMPORT))
        there.append(_seconds(environ, _IMPORT, _OPEN.format(url=f"sqlite:///{folder / 'there.db'}")))
        new.append(_seconds(environ, _IMPORT, _OPEN.format(url=f"sqlite:///{folder / f'new-{number}.db'}")))
    for taken in (floor, imported, there, new):
        del taken[0]  # compiling
    ratio = percentile(imported, 50) / percentile(floor, 50)
    return [
        Row("import of the engine (floor: of sqlmodel)", _median(imported), _median(floor), f"{ratio:.2f}"),
        Row("Store.open, a database that is there", _median(there)),
        Row("Store.open, a new database", _median(new)),
    ], ""


def _seconds(environ: dict[str, str], before: str, what: str) -> float:
    program = _PREPARED.format(before=before, what=what)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environ)
    return float(ran.stdout)


def _median(seconds: list[float]) -> str:
    return f"{percentile(seconds, 50) * 1e3:.0f} ms"
