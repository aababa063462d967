"""A shop to measure in: goods, a coupon, vouchers, and copies of its database in the same state."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from typing import TYPE_CHECKING

from posconsole import Store
from posconsole.codes import ALPHABET, fold, seal
from posconsole.engine.quoting.rung import Basket, Item
from tests.benchmarks.recording import driver

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Benchmark"
SKUS = [f"sku{number:03d}" for number in range(40)]
COUPON = "SPRING15"


def address(place: Path | str) -> str:
    """Return the address of a database: a file's, or what is one already."""
    return place if isinstance(place, str) else f"sqlite:///{place}"


def furnish(place: Path | str, vouchers: int = 0) -> list[str]:
    """Make a shop with 40 products, 300 coupons, a till and some vouchers of 25.00; return the vouchers' codes."""
    office = Store.open(address(place), name=NAME, smallest_coin=5)
    for number, sku in enumerate(SKUS):
        office.products.create(
            sku=sku,
            name=f"Article {number} of the range",
            price=499 + 250 * (number % 9),
            barcode=f"20000000{number:05d}",
            tax_rate=1900 if number % 3 else 700,
            category=f"c{number % 4}",
        )
    office.coupons.create(code=COUPON, name="Spring", percent_off=15, min_order_value=2500, max_redemptions=10**6)
    for number in range(299):
        office.coupons.create(
            code=f"COUPON{number}",
            percent_off=1 + number % 50,
            min_order_value=1000 if number % 2 else None,
            categories=(f"c{number % 4}", "c9") if number % 3 else (),
            valid_until="2099-12-31",
        )
    codes = [office.vouchers.issue(value=2500).code for _ in range(vouchers)]
    office.sign_in(till="1", operator="Ana").close()
    office.close()
    return codes


def copies(path: Path, *names: str) -> list[Path]:
    """Copy a closed shop, its journal's key with it."""
    made = [path.with_name(name) for name in names]
    for copy in made:
        shutil.copy(path, copy)
        shutil.copy(f"{path}.key", f"{copy}.key")
    return made


def till(place: Path | str) -> Store:
    """Open a shop at its till."""
    return Store.open(address(place)).sign_in(till="1", operator="Ana")


def basket(lines: int) -> Basket:
    """Return a basket of so many lines."""
    return Basket(tuple(Item(sku, 1 + number % 3) for number, sku in enumerate(SKUS[:lines])))


def fill_with_codes(path: Path, count: int, wanted: int) -> list[str]:
    """Put `count` vouchers straight into the tables and return some of their codes at random."""
    bodies = secrets.token_bytes(11 * count).translate(bytes.maketrans(bytes(range(256)), (ALPHABET * 8).encode()))
    codes = [seal("MASS", bodies[at : at + 11].decode()) for at in range(0, len(bodies), 11)]
    connection = driver.connect(str(path), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT OR IGNORE INTO code_series VALUES ('MASS', 'voucher')")
    rows = sorted((fold(code), code) for code in codes)
    for at in range(0, count, 20_000):
        connection.execute(_FILL, {"rows": json.dumps(rows[at : at + 20_000]), "now": int(time.time())})
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    # Not all of them: a collector that has to walk through a million would be measured too.
    return secrets.SystemRandom().sample(codes, wanted)


_FILL = """
INSERT INTO voucher (id, code, code_key, kind, currency, initial_value, balance, held, adjusted, single_use, status,
    expired_told, created_at)
SELECT 'vch_' || lower(value ->> 0), value ->> 1, value ->> 0, 'money', 'EUR', 2500, 2500, 0, 0, false, 'active',
    false, :now
FROM json_each(:rows)
"""
