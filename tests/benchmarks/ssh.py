"""Ten people at the demo over SSH at once, by the README's recipe: is it usable, what does it take, does it let go?"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.benchmarks.report import Row
from tests.benchmarks.timing import percentile
from tests.benchmarks.watching import Timed
from tests.sshd import INSTALLED, Sshd

if TYPE_CHECKING:
    from pathlib import Path

CONNECTIONS, QUICK_CONNECTIONS = 10, 3
USABLE = 200
"""Goal: milliseconds to a key's last paint, p95, while the others type too."""
GONE = 1.0
"""Goal: seconds from a cut link to the end of its process."""
QUIET = 0.25


def rows(folder: Path, *, quick: bool) -> tuple[list[Row], str]:
    """Connect, type in turns, cut the links."""
    if not INSTALLED:
        return [], "ssh: no sshd is installed"
    count = QUICK_CONNECTIONS if quick else CONNECTIONS
    with Sshd(folder) as server, ExitStack() as stack:
        begun = time.perf_counter()
        tills = [stack.enter_context(Timed(server.ssh("-tt"))) for _ in range(count)]
        for till in tills:
            till.until(lambda text: "Things to try" in text and "opening" not in text, 120)
        opened = time.perf_counter() - begun
        waits = [_typed(tills, sign) for sign in "flat white"]
        ends = [_cut(server, till) for till in tills]
    seconds = [second for some in waits for second in some]
    half, slow = (percentile(seconds, part) * 1e3 for part in (50, 95))
    return [
        Row(f"{count} connections by SSH: to the last open shop", f"{opened:.1f} s"),
        Row(
            "  a key at all of them at once, to last paint, p50 / p95",
            f"{half:.0f} / {slow:.0f} ms",
            goal=f"p95 ≤ {USABLE} ms",
            met=slow <= USABLE,
        ),
        Row(
            "  a cut link to the end of its shop, slowest",
            f"{max(ends):.2f} s",
            goal=f"≤ {GONE:.0f} s",
            met=max(ends) <= GONE,
        ),
    ], ""


def _typed(tills: list[Timed], sign: str) -> list[float]:
    """Type a sign at all of them and return the seconds to each one's last paint."""
    begun = time.perf_counter()
    for till in tills:
        till.last = begun
        till.send(sign)
    end = begun + QUIET
    while time.perf_counter() < end:
        for till in tills:
            written = till.written
            till.pump(0.002)
            if till.written != written:
                end = time.perf_counter() + QUIET
    return [till.last - begun for till in tills]


def _cut(server: Sshd, till: Timed) -> float:
    """Kill the client as a lost link does and return the seconds until its shop is gone."""
    before, begun = server.open_shops(), time.perf_counter()
    till.signal(9)
    while server.open_shops() == before and time.perf_counter() < begun + 30:
        time.sleep(0.005)
    return time.perf_counter() - begun
