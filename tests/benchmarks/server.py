"""Taking money on a PostgreSQL server that keeps what it commits: the same sale, against bare psycopg."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING
from unittest.mock import patch

import psycopg

from tests.benchmarks import shop
from tests.benchmarks.capture import BATCH, QUICK_ROUNDS, sales, written
from tests.benchmarks.recording import Recorder, say_again
from tests.benchmarks.timing import Both
from tests.postgresql import Server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.recording import Statement
    from tests.benchmarks.report import Row

GOAL = 0.6
"""What Core statements keep of bare psycopg: round trips decide, and both make the same."""
ROUNDS = 15
KEY = {"POSCONSOLE_JOURNAL_KEY": "one key for the copies of one shop"}


def rows(folder: Path, *, quick: bool) -> tuple[list[Row], str]:
    """Return the rows of capture on a server, and the list of its statements by table."""
    server = Server(folder, settings="")
    server.start()
    try:
        with patch.dict(os.environ, KEY | {"XDG_DATA_HOME": str(folder)}):
            both, said = _measured(server, QUICK_ROUNDS if quick else ROUNDS)
    finally:
        server.stop()
    return written("capture on PostgreSQL", GOAL, both, said)


def _measured(server: Server, rounds: int) -> tuple[Both, list[Statement]]:
    codes = shop.furnish(server.create("furnished"), vouchers=(rounds + 1) * BATCH)
    recorded, ours = (shop.till(server.create(name, template="furnished")) for name in ("recorded", "ours"))
    floor = server.create("floor", template="furnished").replace("+psycopg", "", 1)
    recorder, both = Recorder(), Both()
    recorder.listen_to_a_server(recorded)
    said: list[list[Statement]] = []
    with psycopg.connect(floor, autocommit=True, prepare_threshold=2) as connection:
        connection.prepared_max = 1000
        for at in range(0, len(codes), BATCH):
            batch = codes[at : at + BATCH]
            said = [recorder.during(sale) for sale in sales(recorded, batch)]
            both.floor.take(partial(say_again, connection.cursor(), one) for one in said)
            both.ours.take(sales(ours, batch))
    both.warmed_up()
    for store in (recorded, ours):
        store.close()
    return both, said[-1]
