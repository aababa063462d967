"""Looking ahead: what a code would do to a 20-line basket, in a shop with a million codes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks import shop
from tests.benchmarks.recording import Recorder, bare, by_table, say_again
from tests.benchmarks.report import Row
from tests.benchmarks.timing import Both, percentile, spread

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posconsole import Store
    from tests.benchmarks.recording import Statement

MEDIAN, P99 = 0.5, 2.0
"""Milliseconds."""
CODES = 1_000_000
BATCH = 100
ROUNDS, QUICK_ROUNDS = 30, 6


def rows(folder: Path, *, quick: bool) -> tuple[list[Row], str]:
    """Return the rows of previews of vouchers and of coupons, and the lists of their statements by table."""
    path = folder / "million.db"
    shop.furnish(path)
    rounds = 1 + (QUICK_ROUNDS if quick else ROUNDS)
    vouchers = shop.fill_with_codes(path, CODES, rounds * BATCH)
    (recorded_on,) = shop.copies(path, "million-recorded.db")
    ours, recorded, cursor = shop.till(path), shop.till(recorded_on), bare(str(path))
    recorder = Recorder()
    recorder.listen_to(recorded)
    written, lists = [], []
    for kind, texts in (("voucher", vouchers), ("coupon", [shop.COUPON] * len(vouchers))):
        both = Both()
        said: list[list[Statement]] = []
        for at in range(0, len(texts), BATCH):
            batch = texts[at : at + BATCH]
            said = [recorder.during(look) for look in _looks(recorded, batch)]
            both.floor.take(partial(say_again, cursor, one) for one in said)
            both.ours.take(_looks(ours, batch))
        both.warmed_up()
        written += _written(kind, both)
        written.append(Row("  in CPU time, p50 / p99", spread(both.ours.cpu), spread(both.floor.cpu)))
        lists.append(f"{kind}: " + ", ".join(f"{count} × {does}" for does, count in by_table(said[-1]).items()))
    for store in (ours, recorded):
        store.close()
    cursor.connection.close()
    return written, "\n".join(lists)


def _looks(store: Store, texts: list[str]) -> list[Callable[[], object]]:
    basket = shop.basket(20)
    return [partial(store.look, text, basket) for text in texts]


def _written(kind: str, both: Both) -> list[Row]:
    found = []
    for part, name, goal in ((50, "median", MEDIAN), (99, "p99", P99)):
        found.append(
            Row(
                f"preview of a {kind}, 20 lines, {CODES:,} codes, {name}",
                _ms(both.ours.all, part),
                _ms(both.floor.all, part),
                f"{both.throughput():.2f}" if part == 50 else "",
                f"≤ {goal} ms",
                percentile(both.ours.all, part) * 1e3 <= goal,
            )
        )
    return found


def _ms(seconds: list[float], part: float) -> str:
    return f"{percentile(seconds, part) * 1e3:.3f} ms"
