"""Taking money: a 5-line sale with a coupon and a voucher, against the bare driver saying the same statements."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks import shop
from tests.benchmarks.recording import Recorder, bare, by_table, driver, say_again
from tests.benchmarks.report import Row
from tests.benchmarks.timing import Both, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from posconsole import Store
    from tests.benchmarks.recording import Statement

GOAL = 0.45
BATCH = 50
ROUNDS, QUICK_ROUNDS = 30, 6


def rows(folder: Path, *, quick: bool) -> tuple[list[Row], str]:
    """Return the rows of capture, and the list of its statements by table."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    codes = shop.furnish(folder / "shop.db", vouchers=(rounds + 1) * BATCH)
    recorded_on, ours_on, floor_on = shop.copies(folder / "shop.db", "recorded.db", "ours.db", "floor.db")
    recorded, ours, cursor = shop.till(recorded_on), shop.till(ours_on), bare(str(floor_on))
    recorder = Recorder()
    recorder.listen_to(recorded)
    both = Both()
    said: list[list[Statement]] = []
    for at in range(0, len(codes), BATCH):
        batch = codes[at : at + BATCH]
        said = [recorder.during(sale) for sale in sales(recorded, batch)]
        both.floor.take(partial(say_again, cursor, one) for one in said)
        both.ours.take(sales(ours, batch))
    both.warmed_up()
    for store in (recorded, ours):
        store.close()
    cursor.connection.close()
    _same_work(ours_on, floor_on)
    return written("capture: 5 lines, coupon, voucher, cash", GOAL, both, said[-1])


def sales(store: Store, vouchers: list[str]) -> Iterator[Callable[[], object]]:
    """Yield a sale for each of some vouchers."""
    basket = shop.basket(5)
    for voucher in vouchers:
        yield partial(
            store.payments.create,
            basket=basket,
            coupon=shop.COUPON,
            vouchers=[voucher],
            tender="cash",
            idempotency_key=f"sale-{voucher}",
        )


def _same_work(ours: Path, floor: Path) -> None:
    """Make sure that the floor did what we did: as many rows in every table."""
    counts = []
    for path in (ours, floor):
        cursor = driver.connect(str(path)).cursor()
        tables = [name for (name,) in cursor.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        counts.append({name: cursor.execute(f"SELECT count(*) FROM {name}").fetchone() for name in tables})  # noqa: S608
        cursor.connection.close()
    if counts[0] != counts[1]:
        raise RuntimeError(f"the replay did something else: {counts}")


def written(what: str, goal: float, both: Both, statements: list[Statement]) -> tuple[list[Row], str]:
    """Return the rows of what was measured, and the list of its statements by table."""
    counted, ratio = by_table(statements), both.throughput()
    reads = sum(count for does, count in counted.items() if does.startswith("SELECT"))
    inserts = [count for does, count in counted.items() if does.startswith("INSERT")]
    writes = sum(counted.values()) - reads
    return [
        Row(
            what,
            f"{both.ours.per_second:,.0f} a second",
            f"{both.floor.per_second:,.0f} a second",
            f"{ratio:.2f}",
            f"≥ {goal}",
            ratio >= goal,
        ),
        Row("  p50 / p99", spread(both.ours.all), spread(both.floor.all)),
        Row("  in CPU time", spread(both.ours.cpu), spread(both.floor.cpu)),
        Row(
            "  statements",
            f"{reads} reads, {writes} writes",
            goal="1 INSERT a table",
            met=max(inserts) == 1,
        ),
    ], "\n".join(f"{count} × {does}" for does, count in counted.items())
