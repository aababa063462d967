"""Every screen that has a field: by what keys one gets there in a real terminal, and home again."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posconsole.demo.furnishing import barcode
from tests.terminal import KEYS

if TYPE_CHECKING:
    from tests.terminal import Terminal

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

    @property
    def typed(self) -> bool:
        """Say whether one types here, rather than pass through."""
        return self.name != "the help"


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
    Place("vouchers", "1", "GIFT-TAKE", "There is no such voucher", "the office"),
    Place("a voucher", "enter", "another voucher", "There is no such voucher", "vouchers"),
    Place("its amount", "f2", "Change ›", beyond="a voucher"),
    Place("its end", "f8", "Reason ›", beyond="a voucher"),
    Place("a new voucher", "f2", "Holds ›", beyond="vouchers"),
    Place("a batch of vouchers", "f3", "How many ›", beyond="vouchers"),
    Place("coupons", "2", "CLUB100", "There is no coupon", "the office"),
    Place("a coupon", "enter", "fill in", beyond="coupons"),
    Place("a new coupon", "f2", "Code ›", beyond="coupons"),
    Place("a batch of coupons", "f3", "How many ›", beyond="coupons"),
    Place("campaigns", "3", "Harbour festival", UNKNOWN, "the office"),
    Place("a campaign", "enter", "Table", UNKNOWN, "campaigns"),
    Place("a new campaign", "f2", "Name ›", beyond="campaigns"),
    Place("offers", "4", "Autumn 5 %", UNKNOWN, "the office"),
    Place("a new offer", "f2", "Name ›", beyond="offers"),
    Place("batches", "5", "its codes begin", UNKNOWN, "the office"),
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
