"""The till in a real terminal: bursts of a scanner, a cut line, a killed process, and what a key costs."""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from posconsole import Store
from posconsole.engine.quoting.rung import Basket, Item
from tests.terminal import KEYS, Terminal

if TYPE_CHECKING:
    from pathlib import Path

COFFEE, BUN, BOOK, PEN, JAM = (f"20000000000{tail}" for tail in ("15", "22", "39", "46", "53"))
READY = "scan or type"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


def till(file: Path, *more: str, columns: int = 80, rows: int = 24) -> Terminal:
    return Terminal([sys.executable, "-m", "tests.tui.till", str(file), *more], columns=columns, rows=rows)


def opened(terminal: Terminal) -> Terminal:
    terminal.until(lambda text: "Corner Shop" in text and "opening" not in text)
    return terminal


def draft(file: Path) -> Basket | None:
    """Return the basket that was left open at till 1."""
    store = Store.open(f"sqlite:///{file}").sign_in(till="1", operator="audit")
    try:
        return store.baskets.open()
    finally:
        store.close()


def sold(file: Path) -> list[int]:
    """Return the number of pieces of each captured sale, after checking the books."""
    store = Store.open(f"sqlite:///{file}")
    try:
        assert store.audit() == []
        payments = store.payments.list(limit=100).data
        return [sum(line.quantity for line in p.lines) for p in payments if p.status == "captured"]
    finally:
        store.close()


def test_fifteen_scans_in_one_write_are_fifteen_articles(file: Path) -> None:
    with opened(till(file)) as terminal:
        terminal.send("".join(f"{code}\r" for code in [COFFEE, BUN, BOOK, PEN, JAM] * 3))
        terminal.until(lambda text: text.count("3 ×") == 5 and "58.05" in text)
        terminal.press("ctrl+q")
        assert terminal.wait_for_end() == 0
    assert draft(file) == Basket(tuple(Item(sku, 3) for sku in ("coffee", "bun", "book", "pen", "jam")))


def test_scans_with_line_feeds_and_codes_among_them_are_exact(file: Path) -> None:
    with opened(till(file)) as terminal:
        terminal.send(f"{BUN}\r\n2*{BUN}\r\nspring15\r\n{PEN}\r\nnonsense\r\n{PEN}\r\n")
        terminal.until(lambda text: "3 × Croissant" in text and "2 × Highlighter" in text and "✓ SPRING15" in text)
        assert "‘nonsense’" in terminal.settled()


def test_scans_into_the_pay_panel_are_no_amount_and_pay_nothing(file: Path) -> None:
    with opened(till(file)) as terminal:
        terminal.send(f"{BUN}\r")
        terminal.until("1 × Croissant")
        terminal.press("f9", "c")
        terminal.until("Change")
        terminal.send(f"{BOOK}\r{BOOK}\r")
        terminal.until("Scanned 2000000000039")
        assert "F9 Take 2.80" in terminal.settled()
        terminal.press("f9")
        terminal.until("Sale done")
        terminal.settled()
        terminal.send(f"{PEN}\r{PEN}\r")
        terminal.until("2 × Highlighter")
    assert sold(file) == [1]


def test_a_scan_into_the_palette_is_the_article_and_no_command(file: Path) -> None:
    with opened(till(file)) as terminal:
        for key in ("ctrl+p", "f7", "ctrl+p"):
            terminal.press(key)
            terminal.until("scan, or type" if key == "f7" else "Search for")
        terminal.until("Save money")
        terminal.send(f"{BUN}\r{BOOK}\r")
        terminal.until(lambda text: "1 × Croissant" in text and "1 × Notebook" in text)


def test_scans_right_behind_f9_are_refused_not_lost_in_an_amount(file: Path) -> None:
    with opened(till(file)) as terminal:
        terminal.send(f"{BUN}\r\x1b[20~c{BOOK}\r")
        terminal.until("Scanned")
        assert "280" not in terminal.settled().replace("2.80", "")
    assert sold(file) == []


def test_the_open_basket_survives_a_kill(file: Path) -> None:
    with opened(till(file)) as terminal:
        terminal.send(f"{BUN}\r{COFFEE}\rspring15\r")
        terminal.until("✓ SPRING15")
        terminal.settled()
        terminal.signal(signal.SIGKILL)
        assert terminal.wait_for_end() == -signal.SIGKILL
    with till(file) as terminal:
        terminal.until("A basket of 2 lines, 6.20, was open")
        terminal.press("enter")
        terminal.until(lambda text: "Croissant" in text and "Flat white" in text and "✓ SPRING15" in text)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_lost_line_parks_the_basket_at_once(file: Path, number: int) -> None:
    with opened(till(file)) as terminal:
        terminal.send(f"{BUN}\r")
        terminal.until("1 × Croissant")
        began = time.monotonic()
        terminal.signal(number)
        assert terminal.wait_for_end() == 0
        assert time.monotonic() - began < 3
    assert draft(file) == Basket((Item("bun"),))


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_line_lost_in_mid_payment_finishes_the_commit(file: Path, number: int) -> None:
    with opened(till(file, "slow")) as terminal:
        terminal.send(f"{BUN}\r")
        terminal.until("1 × Croissant")
        terminal.press("f9", "c", "f9")
        terminal.until("taking the money")
        terminal.signal(number)
        assert terminal.wait_for_end() == 0
    assert sold(file) == [1]
    assert draft(file) is None


def test_a_key_costs_little_and_an_idle_till_nothing(file: Path) -> None:
    with opened(till(file)) as terminal:
        terminal.send(f"{BUN}\r{COFFEE}\r")
        terminal.until("1 × Flat white")
        terminal.settled()
        costs = []
        for sign in "spring15":
            before = terminal.written
            terminal.send(sign)
            terminal.until(lambda _, before=before: terminal.written > before)  # type: ignore[misc]
            terminal.settled(0.1)
            costs.append(terminal.written - before)
        # The clock may turn its minute during one of them, and while nothing is pressed.
        assert sorted(costs)[-2] <= 700
        idle = []
        for _ in range(3):
            before = terminal.written
            terminal.pump(0.7)
            idle.append(terminal.written - before)
        assert min(idle) == 0


def test_a_megabyte_pasted_leaves_a_till_that_works(file: Path) -> None:
    with opened(till(file)) as terminal:
        terminal.send("\x1b[200~")
        for _ in range(256):
            terminal.send("x" * 4096)
            terminal.pump(0)
        terminal.send("\x1b[201~")
        terminal.settled(0.5)
        terminal.press("f7")
        terminal.settled(0.3)
        terminal.send(f"{BUN}\r")
        terminal.until("1 × Croissant")


@pytest.mark.parametrize(
    "leaving",
    [
        ("ctrl+r", "f7", "f7"),
        ("f5", "f7", "f7", "f7"),
        ("ctrl+r", "enter", "f7", "f7"),
        ("ctrl+p", "pagedown", "enter", "enter", "f7"),
    ],
)
def test_function_keys_held_down_leave_a_till_that_works(file: Path, leaving: tuple[str, ...]) -> None:
    with opened(till(file)) as terminal:
        terminal.send("".join(KEYS[key] for key in leaving) * 10)
        terminal.settled()
        terminal.press("f7", "f7")
        terminal.send(f"{BUN}\r")
        terminal.until("1 × Croissant")


@pytest.mark.parametrize("size", [(20, 5), (1, 1)])
def test_a_tiny_window_does_not_end_the_till(file: Path, size: tuple[int, int]) -> None:
    with opened(till(file)) as terminal:
        terminal.send(f"{BUN}\r")
        terminal.until("1 × Croissant")
        terminal.resize(*size)
        terminal.signal(signal.SIGWINCH)
        terminal.settled()
        terminal.press("f9", "c", "f9")
        terminal.settled()
        terminal.resize(80, 24)
        terminal.signal(signal.SIGWINCH)
        terminal.until("1 × Croissant")
    assert sold(file) == []
