"""Finding out before there is a screen whether it has to ask who is at the till."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

from posconsole.cli.opening import SQLITE, store
from posconsole.config import Settings
from posconsole.errors import PosError


def asked(chosen: Settings) -> bool:
    """Say whether this shop asks who signs in. Where that can't be told, opening it will say why."""
    with suppress(PosError, OSError):
        if chosen.database_url.startswith(SQLITE):
            return _has_operators(chosen.database_url.removeprefix(SQLITE))
        with closing(store(chosen, new=False)) as shop:
            return shop.asks_for_pin
    return False


def _has_operators(file: str) -> bool:
    """Look into the file without the engine: a shop that asks nobody has its first frame before that is loaded."""
    import sqlite3

    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{Path(file).as_uri()}?mode=ro", uri=True)) as database:
        return database.execute("SELECT 1 FROM operator LIMIT 1").fetchone() is not None
    return False


def expected(operator: str) -> str:
    """Return who is expected at the till: whom the settings name, or nobody in particular."""
    return "" if operator == Settings.model_fields["operator"].default else operator
