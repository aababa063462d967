"""Every screen under the fingers: what a key costs on it, in bytes, in time to its last paint, and of the processor."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.benchmarks import bare_app
from tests.benchmarks.processes import compiled_once
from tests.benchmarks.report import Row
from tests.benchmarks.screen import BARE, BYTES, PAINT
from tests.benchmarks.timing import percentile
from tests.benchmarks.watching import Timed, Watched
from tests.tui.places import HOME, OFFICE, SHOP, TILL, Walker

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.places import Place

QUIET = 0.12
ROUNDS, QUICK_ROUNDS = 5, 1
TYPED = ("9", "8", "\x7f", "\x7f")
"""Figures, which choose nothing anywhere, and back again."""


def rows(folder: Path, *, quick: bool) -> tuple[list[Row], str]:
    """Return a row for each screen: milliseconds at the 95th percentile, the processor's and the bytes of a key."""
    env, found = compiled_once(folder), []
    # A shop for each: what one walk leaves behind is on the way of the next.
    for number, places in enumerate((TILL, SHOP, OFFICE)):
        command = [sys.executable, "-m", "tests.tui.till", str(folder / f"shop{number}.db"), "demo"]
        with Timed(command, env=env) as till, Watched(BARE, env) as bare:
            bare.written_at(bare_app.MARK)
            till.until(lambda text: HOME in text and "opening" not in text, 60)
            found += [_row(Walker(till), bare, place, quick=quick) for place in places if place.typed]
    return found, ""


def _row(walker: Walker, floor: Watched, place: Place, *, quick: bool) -> Row:
    walker.go(place)
    till = walker.terminal
    if not isinstance(till, Timed):
        raise TypeError("only a timed terminal tells what a key costs")
    till.still(QUIET)
    begun = till.cpu
    ours = [till.key(key, QUIET) for key in TYPED * (QUICK_ROUNDS if quick else ROUNDS)]
    bare = [floor.key(key, QUIET) for key in TYPED]
    cpu = (till.cpu - begun) / len(ours) * 1e3
    walker.home()
    (half, slow), (bare_half, bare_slow) = (
        [percentile([seconds for seconds, _ in taken], part) * 1e3 for part in (50, 95)] for taken in (ours, bare)
    )
    # The mean of the bytes: the clock in the title may turn its minute under one of the keys.
    written, floor_written = (sum(count for _, count in taken) / len(taken) for taken in (ours, bare))
    sys.stderr.write(f"  {place.name}: {slow:.0f} ms, {cpu:.1f} ms, {written:.0f}\n")
    return Row(
        f"{place.name}: p50 / p95, CPU, bytes a key",
        f"{half:.0f} / {slow:.0f} ms, {cpu:.1f} ms, {written:.0f}",
        f"{bare_half:.0f} / {bare_slow:.0f} ms, {floor_written:.0f}",
        f"{half / bare_half:.2f}",
        f"p95 ≤ {PAINT} ms, ≤ {BYTES}",
        slow <= PAINT and written <= BYTES,
    )
