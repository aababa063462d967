"""What the cashier waits for: the first frame, the open till, the paint after a key. In real ptys of 80x24."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from posconsole.demo import SHOP
from tests.benchmarks import bare_app, shop
from tests.benchmarks.processes import compiled_once
from tests.benchmarks.report import Row
from tests.benchmarks.timing import percentile
from tests.benchmarks.watching import Watched

if TYPE_CHECKING:
    from collections.abc import Sequence

START, PAINT, BYTES = 1.6, 60, 700
"""Goals: times the bare app's start; milliseconds to the last paint, p95; bytes a keystroke."""
STARTS, QUICK_STARTS = 11, 4
# The key bar is the last line that the first frame paints; the title shows the shop's name once the store is open.
FIRST_FRAME = "F12 ›"
QUIET = 0.25
"""Seconds without a write after which a key's last paint is over."""
TYPED = ("flat white", "spring15", "2000000000015", "massk3y0", "article 7")
BARE = [sys.executable, bare_app.__file__]
TILL = [str(Path(sys.executable).with_name("posconsole"))]
DEMO = [*TILL, "demo"]


def rows(folder: Path, *, quick: bool) -> tuple[list[Row], str]:
    """Return the rows of starting and of typing."""
    shop.furnish(folder / "shop.db")
    env = {**compiled_once(folder), "POSCONSOLE_DATABASE_URL": f"sqlite:///{folder / 'shop.db'}"}
    return _starting(env, quick=quick) + _typing(env, quick=quick), ""


def _starting(env: dict[str, str], *, quick: bool) -> list[Row]:
    """Start the bare app, the demo and the till in turns; the first turn compiles, and doesn't count."""
    turns = [
        (
            _seconds(BARE, env, bare_app.MARK, bare_app.MARK)[0],
            *_seconds(DEMO, env, FIRST_FRAME, SHOP),
            *_seconds(TILL, env, FIRST_FRAME, shop.NAME),
        )
        for _ in range(1 + (QUICK_STARTS if quick else STARTS))
    ]
    bare, demo, demo_open, till, till_open = zip(*turns[1:], strict=True)
    return [
        _start("process start to first frame, `posconsole`", till, bare),
        Row("  from there to the open till", _median(till_open)),
        _start("process start to first frame, `posconsole demo`", demo, bare),
        Row("  from there to the furnished shop", _median(demo_open)),
    ]


def _seconds(command: Sequence[str], env: dict[str, str], first: str, then: str) -> tuple[float, float]:
    """Return the seconds from the start to one text, and from there to another."""
    with Watched(command, env) as program:
        begun = program.written_at(first)
        return begun, program.written_at(then) - begun


def _start(what: str, ours: Sequence[float], floor: Sequence[float]) -> Row:
    ratio = percentile([one / other for one, other in zip(ours, floor, strict=True)], 50)
    return Row(what, _median(ours), _median(floor), f"{ratio:.2f}", f"≤ {START}", ratio <= START)


def _median(seconds: Sequence[float]) -> str:
    return f"{percentile(seconds, 50) * 1e3:.0f} ms"


def _typing(env: dict[str, str], *, quick: bool) -> list[Row]:
    """Type into both in turns, one key at a time, the preview after each included."""
    bare, ours = [], []
    with Watched(BARE, env) as floor, Watched(TILL, env) as till:
        floor.written_at(bare_app.MARK)
        till.written_at(shop.NAME)
        for sku in shop.SKUS[:3]:
            till.still(QUIET)
            till.send(f"{sku}\r")
        for text in TYPED[: 2 if quick else None]:
            till.still(QUIET)
            for key in text:
                bare.append(floor.key(key, QUIET))
                ours.append(till.key(key, QUIET))
            for program in (floor, till):
                program.send("\x15")
    return [_last_paint(ours, bare), _bytes(ours, bare)]


def _last_paint(ours: Sequence[tuple[float, int]], floor: Sequence[tuple[float, int]]) -> Row:
    (median, slow), (bare_median, bare_slow) = (
        [percentile([seconds for seconds, _ in taken], part) * 1e3 for part in (50, 95)] for taken in (ours, floor)
    )
    return Row(
        "key to last paint, its preview included, p50 / p95",
        f"{median:.0f} / {slow:.0f} ms",
        f"{bare_median:.0f} / {bare_slow:.0f} ms",
        f"{median / bare_median:.2f}",
        f"p95 ≤ {PAINT} ms",
        slow <= PAINT,
    )


def _bytes(ours: Sequence[tuple[float, int]], floor: Sequence[tuple[float, int]]) -> Row:
    mean, bare = (sum(count for _, count in taken) / len(taken) for taken in (ours, floor))
    return Row(
        "  bytes a keystroke, mean",
        f"{mean:.0f}",
        f"{bare:.0f}",
        f"{mean / bare:.2f}",
        f"≤ {BYTES}",
        mean <= BYTES,
    )
