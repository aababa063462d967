"""Minting: a million vouchers with their ledger and proof, beside one table filled by a plain `executemany`."""

from __future__ import annotations

import os
import resource
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from posconsole import Store
from posconsole.codes import mint, mint_many
from posconsole.engine.sale.salerows import new_voucher
from tests.benchmarks import shop
from tests.benchmarks.recording import driver
from tests.benchmarks.report import Row
from tests.benchmarks.timing import spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CODES, QUICK_CODES = 1_000_000, 100_000
ALONE = 200
SOLD_BESIDE = 20_000
"""Codes that are minted while a till of the same process sells as fast as it can."""
GOAL = 0.75
LONGEST = 30.0
"""Milliseconds that a till waits."""
VALUE = 2500


def rows(folder: Path, *, quick: bool) -> tuple[list[Row], str]:
    """Return the rows of making codes, of a batch and its streaming, and of a till that sells beside one."""
    count = QUICK_CODES if quick else CODES
    shop.furnish(folder / "minted.db")
    (bare,) = shop.copies(folder / "minted.db", "floor.db")
    office = Store.open(f"sqlite:///{folder / 'minted.db'}")
    # First of all: what the floor keeps in memory would hide what we do.
    before = _largest()
    ours = _seconds(lambda: _minted(office, count))
    written = _seconds(lambda: _streamed(office))
    grown = (_largest() - before) / 1024
    till = shop.till(folder / "minted.db")
    alone = [_seconds(partial(_sell, till)) for _ in range(ALONE)]
    waits = list(_sales_beside(office, till))
    till.close()
    office.close()
    one_by_one, by_columns = _seconds(lambda: [mint("GIFT") for _ in range(50_000)]), _made(count)
    floor = _floor(bare, count)
    ratio, longest = ours / floor, max(waits) * 1e3
    return [
        Row(
            f"{count:,} codes with check symbols, in memory",
            f"{by_columns:.2f} s",
            f"{one_by_one * count / 50_000:.1f} s one by one",
        ),
        Row(
            f"{count:,} vouchers, ledger and proof; floor: one table",
            f"{ours:.1f} s, {count / ours:,.0f} a second",
            f"{floor:.1f} s",
            f"{ratio:.2f}",
            f"≤ {GOAL}",
            ratio <= GOAL,
        ),
        Row("  as CSV", f"{written:.1f} s, {count / written:,.0f} a second"),
        Row("  memory", f"{grown:+.0f} MB"),
        Row(
            f"a sale while codes are minted, p50 / p99 of {len(waits)}",
            spread(waits),
            f"{spread(alone)} alone",
            goal=f"longest ≤ {LONGEST:.0f} ms",
            met=longest <= LONGEST,
        ),
        Row("  the longest", f"{longest:.0f} ms", f"{max(alone) * 1e3:.0f} ms alone"),
    ], ""


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _made(count: int) -> float:
    return _seconds(lambda: mint_many("GIFT", count))


def _largest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _floor(path: Path, count: int) -> float:
    """Fill the table of vouchers with a plain `executemany`, in one transaction; the codes are there before."""
    connection = driver.connect(str(path), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    common: dict[str, Any] = new_voucher("", "EUR", VALUE, 0, active=True)
    text = f"INSERT INTO voucher ({', '.join(common)}) VALUES ({', '.join(f':{name}' for name in common)})"  # noqa: S608
    codes = mint_many("GIFT", count)

    def fill() -> None:
        connection.execute("BEGIN IMMEDIATE")
        given = (common | {"id": f"vch_{key.lower()}", "code": code, "code_key": key} for key, code in codes.items())
        connection.executemany(text, given)
        connection.execute("COMMIT")

    taken = _seconds(fill)
    connection.close()
    path.unlink()
    return taken


def _minted(office: Store, count: int) -> None:
    batch = office.vouchers.create_batch(count=count, value=VALUE)
    office._context.background.wait(batch.id)


def _streamed(office: Store) -> None:
    (batch,) = office.batches.list().data
    with open(os.devnull, "w", newline="") as file:  # noqa: PTH123 - not a file
        office.batches.csv(batch.id, file)


def _sell(till: Store) -> None:
    till.payments.create(basket=shop.basket(5), tender="cash")


def _sales_beside(office: Store, till: Store) -> Iterator[float]:
    """Sell as fast as one till can until a batch is minted, and give the seconds of each sale."""
    batch = office.vouchers.create_batch(count=SOLD_BESIDE, value=VALUE)
    while office.batches.get(batch.id).status == "running":
        yield _seconds(partial(_sell, till))
