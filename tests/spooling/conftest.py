"""A shop on a file, a till in it, and a printer that can be told what to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole.clock import FixedClock
from tests.engine.shop import NOON, open_shop
from tests.printing.standin import Standin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posconsole import Store


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def office(tmp_path: Path, clock: FixedClock) -> Iterator[Store]:
    store = open_shop(tmp_path, clock, name="Corner Shop")
    yield store
    assert store.audit() == []
    store.close()


@pytest.fixture
def till(office: Store) -> Iterator[Store]:
    store = office.sign_in(till="1", operator="Ana")
    yield store
    store.close()


@pytest.fixture
def printer() -> Iterator[Standin]:
    with Standin() as standin:
        yield standin
