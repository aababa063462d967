"""The journal as a person looks something up in it: newest first, by who, what, which and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import FixedClock

DAY = 86_400


@pytest.fixture
def written(office: Store, till: Store, clock: FixedClock) -> Store:
    """Open and move cash today; put some more in tomorrow."""
    till.shifts.open(10_000)
    till.shifts.cash_in(500, "change")
    clock.at += DAY
    till.shifts.cash_out(200, "stamps")
    return office


def told(store: Store, words: str = "", **filters: object) -> list[str]:
    return [event.type for event in store.events.latest(words, **filters).data]  # type: ignore[arg-type]


def test_the_newest_is_first(written: Store) -> None:
    assert told(written)[:3] == ["cash.moved", "cash.moved", "shift.opened"]


@pytest.mark.parametrize(
    ("words", "types"),
    [
        ("moved", ["cash.moved"] * 2),
        ("ana shift", ["shift.opened"]),
        ("ANA CASH", ["cash.moved"] * 2),
        ("ana founded", []),
        ("office founded", ["shop.founded"]),
        ("100%", []),
    ],
)
def test_words_narrow_it_down(written: Store, till: Store, words: str, types: list[str]) -> None:
    assert till.operator == "Ana"
    assert told(written, words) == types


def test_a_day_is_whole_and_an_id_finds_its_own(written: Store, till: Store) -> None:
    opened = till.shifts.x_report().id
    assert told(written, opened) == ["shift.opened"]
    assert told(written, "cash", until="2026-07-22") == ["cash.moved"]
    assert told(written, "cash", since="2026-07-23") == ["cash.moved"]


def test_it_goes_on_where_it_stopped(written: Store) -> None:
    first = written.events.latest("cash", limit=1)
    assert first.next is not None
    second = written.events.latest("cash", limit=1, before=int(first.next))
    assert [event.data["reason"] for event in (*first.data, *second.data)] == ["stamps", "change"]
    assert second.next is None
