"""A day of sales in one process: what the till holds of memory must not grow with them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.benchmarks.report import Row
from tests.benchmarks.watching import Timed
from tests.terminal import KEYS
from tests.tui.places import HOME

if TYPE_CHECKING:
    from pathlib import Path

SALES, QUICK_SALES = 500, 100
SETTLED = 0.4
"""The part of the sales after which the caches are full."""
SLOPE = 4.0
"""Goal: KiB a sale. A day of 500 sales stays within 2 MiB."""
SCAN = "2000000000022"


def rows(folder: Path, *, quick: bool) -> tuple[list[Row], str]:
    """Sell an article as often as a busy day does, and fit a line through what the process held."""
    held, cpu = [], 0.0
    sales = QUICK_SALES if quick else SALES
    with Timed([sys.executable, "-m", "tests.tui.till", str(folder / "shop.db")]) as till:
        till.until(lambda text: HOME in text and "opening" not in text, 60)
        for number in range(sales):
            if number == sales // 10:
                cpu = till.cpu
            _sell(till)
            held.append(till.memory)
        each = (till.cpu - cpu) / (sales - sales // 10) * 1e3
    last = held[int(sales * SETTLED) :]
    slope = _slope(last) * 1024
    return [
        Row(
            f"memory over {sales} sales: at first, at the end; KiB a sale, the last {len(last)}",
            f"{held[0]:.0f}, {held[-1]:.0f} MiB; {slope:.1f}",
            goal=f"≤ {SLOPE:.0f} KiB a sale",
            # A few sales only fill the caches.
            met=None if quick else slope <= SLOPE,
        ),
        Row("  the processor's time for a sale by keys", f"{each:.0f} ms"),
    ], ""


def _sell(till: Timed) -> None:
    till.send(f"{SCAN}\r")
    till.until(lambda text: "1 × Croissant" in text and "Sale done" not in text and HOME in text)
    till.send(KEYS["f9"])
    till.until("Back to the basket")
    till.send("c")
    till.until("Given")
    till.send(KEYS["f9"])
    till.until("Sale done")


def _slope(values: list[float]) -> float:
    """Return what a value grows by from one to the next, by least squares."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    spread = sum((at - middle) ** 2 for at in range(len(values)))
    return sum((at - middle) * (value - mean) for at, value in enumerate(values)) / spread
