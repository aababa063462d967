"""Every screen that has a field, in a real terminal: a burst of scans is an answer to nothing, in any window."""

from __future__ import annotations

import signal
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from posconsole import Store
from posconsole.demo.furnishing import barcode
from tests.terminal import KEYS, Terminal

if TYPE_CHECKING:
    from pathlib import Path

SCANNED = {barcode("102"): "Flat white", barcode("205"): "Harbour master", barcode("601"): "Enamel mug"}
BURST = "".join(f"{code}\r" for code in SCANNED)
LAST = list(SCANNED)[-1]
HOME = "scan, or type a product"
RUNG = "✓ Added Enamel mug"
REFUSED, UNKNOWN = f"Scanned {LAST}", f"‘{LAST}’"


@dataclass(frozen=True)
class Place:
    """A screen: from which one and by what keys one gets there, what it shows then, and what after the scans."""

    name: str
    keys: str = ""
    shows: str = HOME
    then: str = REFUSED
    beyond: str = "the till"
    small: str = "too small"


TILL = [
    Place("the till", then=RUNG),
    Place("finding a product", "f3", "Find", RUNG),
    Place("half a name", "f l a", "Flat white", RUNG),
    Place("finding a member", "f2", "Mira", RUNG),
    Place("a price", "ctrl+t", "the price of", "✓ Added Enamel"),
    Place("the help", "f1", "Scroll", RUNG, small="Scroll"),
    Place("the commands", "ctrl+p", "Save money", RUNG, small="Search for"),
    Place("a sale", "1 0 2 enter", "✓ Added Flat white", RUNG),
    Place("the name of a parked sale", "f4", "Park it", RUNG, "a sale"),
    Place("a member's sale", f"{barcode('117', '8')} enter", "Mira Olsen", RUNG, "a sale"),
    Place("savings", "f6", "Leave it", "Enamel mug", "a member's sale"),
    Place("paying", "f9", "C Cash", beyond="a sale"),
    Place("cash", "c", "Change", beyond="paying"),
    Place("a card", "k", "approves", beyond="paying"),
    Place("a device", "t", "By card", beyond="paying"),
    Place("a receipt", "ctrl+l", "Copy of receipt", RUNG),
    Place("parked sales", "f4 x enter f5", "Take it up", UNKNOWN, "a sale"),
]
SHOP = [
    Place("unsettled payments", "f5", "asks the bank again", REFUSED),
    Place("an approval code", "a", "approval code ›", REFUSED, "unsettled payments"),
    Place("owed refunds", "f5", "Refunds that a card", REFUSED, "unsettled payments"),
    Place("settled payments", "d f9", "Nothing is unsettled", REFUSED, "unsettled payments"),
    Place("refunding", "ctrl+r", "receipt number", "There is no sale"),
    Place("lines of a receipt", "1 - 0 0 0 0 1 2 enter", "GOES BACK", "is not on receipt", "refunding"),
    Place("a reason", "f4", "why ›", "is not on receipt", "lines of a receipt"),
    Place("no receipt", "f3", "nothing yet", "Enamel mug", "refunding"),
    Place("its reason", "f4", "why ›", "Enamel mug", "no receipt"),
    Place("members", "ctrl+e", " members", RUNG),
    Place("a member", "f9", "what is theirs", beyond="members"),
    Place("a new member", "f3", "Name ›", beyond="members"),
    Place("signing in", "ctrl+o", "name ›", "That was a scan"),
    Place("the day", "ctrl+d", "float ›"),
    Place("sales by hour", "f4", "Sales by hour", "is no day", "the day"),
    Place("the journal", "f5", "entries", "no entry about", "the day"),
    Place("the audit", "f6", "books are sound", "books are sound", "the day"),
    Place("a shift to open", "1 0 0 0 f9", "Cash in", REFUSED, "the day"),
    Place("an open shift", "ctrl+d", "SHOULD BE IN"),
    Place("cash in", "f2", "amount ›", beyond="an open shift"),
    Place("why cash comes in", "5 0 0 enter", "why ›", beyond="cash in"),
    Place("the count", "f9", "how many ›", beyond="an open shift"),
    Place("its note", "f9", "note ›", beyond="the count"),
]
OFFICE = [
    Place("the office", "f10", "what is to be done"),
    Place("vouchers", "1", "newest first", "There is no such voucher", "the office"),
    Place("a voucher", "enter", "another voucher", "There is no such voucher", "vouchers"),
    Place("its amount", "f2", "Change ›", beyond="a voucher"),
    Place("its end", "f8", "Reason ›", beyond="a voucher"),
    Place("a new voucher", "f2", "Holds ›", beyond="vouchers"),
    Place("a batch of vouchers", "f3", "How many ›", beyond="vouchers"),
    Place("coupons", "2", "a coupon's code", "There is no coupon", "the office"),
    Place("a coupon", "enter", "fill in", beyond="coupons"),
    Place("a new coupon", "f2", "Code ›", beyond="coupons"),
    Place("a batch of coupons", "f3", "How many ›", beyond="coupons"),
    Place("campaigns", "3", "newest first", UNKNOWN, "the office"),
    Place("a campaign", "enter", "Table", UNKNOWN, "campaigns"),
    Place("a new campaign", "f2", "Name ›", beyond="campaigns"),
    Place("offers", "4", "newest first", UNKNOWN, "the office"),
    Place("a new offer", "f2", "Name ›", beyond="offers"),
    Place("batches", "5", "Batches", UNKNOWN, "the office"),
]
BY_NAME = {place.name: place for place in (*TILL, *SHOP, *OFFICE)}


class Walker:
    """Walks to a place, and home again."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def go(self, place: Place) -> None:
        if place.keys:
            self.go(BY_NAME[place.beyond])
            self.terminal.press(*place.keys.split())
        self.terminal.until(place.shows)

    def resized(self, columns: int, rows: int, shown: str) -> None:
        self.terminal.resize(columns, rows)
        self.terminal.signal(signal.SIGWINCH)
        self.terminal.until(shown)

    def home(self) -> None:
        """Leave by F7, however often it takes; throw the sale away."""
        terminal = self.terminal
        terminal.send(KEYS["f7"] * 8)
        terminal.pump(0.2)
        while HOME not in terminal.text or "Leave it" in terminal.text:
            terminal.send(KEYS["f7"] * 8)
            terminal.pump(0.2)
        if "▸" in terminal.text:
            terminal.press("ctrl+n")
            terminal.until("Put the whole basket away?")
            terminal.pump(0.1)
            terminal.press("enter")
            terminal.until("The basket is empty")
        terminal.press("f7", "f7")


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
