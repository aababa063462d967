"""A monkey at the demo's till: whatever keys come, in whatever bursts and windows, it lives and its books are sound.

`POSCONSOLE_MONKEY` says how many bursts each seed gets; the usual few are for every push, thousands for a night.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from posconsole import Store
from posconsole.demo import MIRAS, ONCE, PARTLY, PLAIN, VOID
from posconsole.demo.furnishing import barcode
from tests.terminal import KEYS, PATIENCE, Terminal
from tests.tui.places import HOME

if TYPE_CHECKING:
    from pathlib import Path

BURSTS = int(os.environ.get("POSCONSOLE_MONKEY", "60"))
SEEDS = range(2 if BURSTS <= 60 else 8)
PRESSED = [name for name in KEYS if name != "ctrl+q"]
TYPED = [
    *(f"{barcode(sku)}\r" for sku in ("102", "205", "601", "901")),
    *(f"{code}\r" for code in ("spring15", "breakfast", PLAIN, PARTLY, ONCE, MIRAS, VOID)),
    *("102\r", "3*205\r", "mira\r", "knot", "1-000012\r", "1000", "2000\r", "-50 wrong sale", "2026-11-20\r"),
    "[bold]\r",
    *(f"{key}" for key in "acdkt0123456789 +-*"),
]  # fmt: skip
NOTHING = "zzzz"
SIZES = [(80, 24), (120, 40), (72, 20), (40, 10), (5, 3), (1, 1)]
LIKELY = ["enter", "f9", "f7", "down", "f2", "f6"] * 3


def burst(chance: random.Random) -> str:
    """Return what a cat, a child or a scanner sends in one go."""
    keys = [
        chance.choice(TYPED) if chance.random() < 0.5 else KEYS[chance.choice([*PRESSED, *LIKELY])]
        for _ in range(chance.randint(1, 6))
    ]
    return "".join(keys * chance.choice([1, 1, 1, 3]))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_key_ends_the_till_or_upsets_its_books(tmp_path: Path, seed: int) -> None:
    file, chance = tmp_path / "shop.db", random.Random(seed)
    with Terminal([sys.executable, "-m", "tests.tui.till", str(file), "demo"]) as terminal:
        terminal.until(lambda text: HOME in text and "opening" not in text)
        for number in range(BURSTS):
            if chance.random() < 0.05:
                terminal.resize(*chance.choice(SIZES))
                terminal.signal(signal.SIGWINCH)
            sent = burst(chance)
            terminal.send(sent)
            terminal.pump(chance.choice([0, 0.02, 0.2]))
            assert lives(terminal), f"burst {number} of seed {seed}: {sent!r}\n{terminal.text}"
        terminal.resize(80, 24)
        terminal.signal(signal.SIGWINCH)
        serves(terminal)
        terminal.press("ctrl+q")
        assert terminal.wait_for_end() == 0
    with closing(Store.open(f"sqlite:///{file}")) as store:
        assert store.audit() == []


def lives(terminal: Terminal) -> bool:
    """Say whether the program still runs and has written no traceback."""
    ended, _ = os.waitpid(terminal.pid, os.WNOHANG)
    return not ended and "Traceback" not in terminal.text


def serves(terminal: Terminal) -> None:
    """Get home from wherever it is, and find that it hears what is entered there."""
    end = time.monotonic() + 4 * PATIENCE
    while f"‘{NOTHING}’" not in terminal.text:
        assert time.monotonic() < end, terminal.text
        # A device whose answer was never said is asked about until it is.
        terminal.send("d" + KEYS["f9"] if "ON THE TERMINAL" in terminal.text else KEYS["f7"] * 8)
        terminal.pump(0.5)
        if HOME in terminal.text:
            terminal.send(f"{NOTHING}\r")
            terminal.pump(1)
