"""Every screen that has a field, in a real terminal: a burst of scans is an answer to nothing, in any window."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from posconsole import Store
from tests.terminal import Terminal
from tests.tui.places import BURST, HOME, OFFICE, RUNG, SCANNED, SHOP, TILL, Walker

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.places import Place


@pytest.mark.parametrize("places", [TILL, SHOP, OFFICE], ids=["till", "shop", "office"])
def test_a_burst_of_scans_on_any_screen_is_rung_up_or_refused_and_is_no_answer(
    tmp_path: Path, places: list[Place]
) -> None:
    file = tmp_path / "shop.db"
    with Terminal([sys.executable, "-m", "tests.tui.till", str(file), "demo"]) as terminal:
        walker = Walker(terminal)
        terminal.until(lambda text: HOME in text and "opening" not in text)
        before = tables(file)
        for place in places:
            walker.go(place)
            walker.resized(60, 14, place.small)
            walker.resized(80, 24, place.shows)
            terminal.send(BURST)
            terminal.until(place.then)
            if place.then == RUNG:
                terminal.until(lambda text: all(name in text for name in SCANNED.values()))
            walker.home()
        terminal.press("ctrl+q")
        assert terminal.wait_for_end() == 0
    assert tables(file) == before


def tables(file: Path) -> tuple[int, ...]:
    """Count what a scan could have made, after checking the books."""
    with closing(Store.open(f"sqlite:///{file}")) as store:
        assert store.audit() == []
        members = store.members.find("", limit=1).total or 0
        return (
            members,
            len(store.payments.list(limit=100).data),
            *(
                of(limit=1).total
                for of in (
                    store.vouchers.list,
                    store.coupons.list,
                    store.campaigns.list,
                    store.offers.list,
                    store.batches.list,
                )
            ),
        )
