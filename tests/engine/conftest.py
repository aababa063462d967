"""The shop of `shop.py` for each test; the books must balance when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole.clock import FixedClock
from tests.engine.shop import NOON, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posconsole import Store


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def office(tmp_path: Path, clock: FixedClock) -> Iterator[Store]:
    """Give the shop as its back office sees it."""
    store = open_shop(tmp_path, clock)
    yield store
    store.close()


@pytest.fixture
def till(office: Store) -> Iterator[Store]:
    """Give the shop as till 1 sees it with Ana at it; afterwards the audit has to find nothing."""
    store = office.sign_in(till="1", operator="Ana")
    yield store
    assert store.audit() == []
    store.close()
