"""The first frame waits for no database, no money formats and no data model."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"sqlmodel", "sqlalchemy", "babel", "alembic", "pydantic", "pysqlite3", "typer", "posconsole.engine.store"}

PROGRAM = f"""
import os, sys
from posconsole.tui.app import PosApp

def open_store():
    shown = app.checkout.field.region.width
    os.write(1, " ".join(["painted" if shown else "too early", *sorted({HEAVY!r} & set(sys.modules))]).encode())
    os._exit(0)

app = PosApp(None, "1", "Ana", open_store=open_store)
app.run(headless=True, size=(80, 24))
"""


def test_nothing_heavy_is_loaded_before_the_first_frame() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "painted"
