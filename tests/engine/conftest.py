"""The shop of `shop.py` for each test, on both databases; the books must balance when it ends.

A test that takes `url`, `office` or `till` runs twice. A module whose subject is the file has a `url` of its own.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from posconsole.clock import FixedClock
from posconsole.engine.db.database import Database
from posconsole.engine.db.schema import upgrade
from tests.engine.shop import NOON, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posconsole import Store


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a file with the tables of a shop once: to make them takes longer than most tests."""
    file = tmp_path_factory.mktemp("empty") / "shop.db"
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a new database, its tables empty."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_file"), tmp_path / "shop.db")
        yield f"sqlite:///{tmp_path / 'shop.db'}"
    else:
        server = request.getfixturevalue("postgresql")
        address = server.lend()
        yield address
        server.take_back(address)


@pytest.fixture
def office(url: str, clock: FixedClock) -> Iterator[Store]:
    """Give the shop as its back office sees it."""
    store = open_shop(url, clock)
    yield store
    store.close()


@pytest.fixture
def till(office: Store) -> Iterator[Store]:
    """Give the shop as till 1 sees it with Ana at it; afterwards the audit has to find nothing."""
    store = office.sign_in(till="1", operator="Ana")
    yield store
    assert office.audit() == []
    store.close()
