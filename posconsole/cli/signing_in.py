"""Asking at the terminal who is at the till, before there is a screen."""

from __future__ import annotations

import sys
from contextlib import closing, suppress
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from posconsole.cli.opening import SQLITE, store
from posconsole.config import Settings
from posconsole.errors import NotAllowed, PosError

if TYPE_CHECKING:
    from posconsole import Store

AGAIN = ("pin_needed", "pin_wrong", "too_many_guesses")


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


def signed_in(chosen: Settings, number: str, operator: str) -> Store:
    """Ask for a name, unless the settings give one, and a PIN until they are an operator's; end when told to."""
    shop, named = store(chosen), "" if operator == Settings().operator else operator
    while True:
        try:
            name = named or input("Operator: ")
            return shop.sign_in(till=number, operator=name, pin=getpass("PIN: "))
        except (EOFError, KeyboardInterrupt):
            sys.stderr.write("\n")
            sys.exit(1)
        except NotAllowed as refused:
            if refused.code not in AGAIN:
                raise
            sys.stderr.write(f"{refused.message}\n")
            named = ""
