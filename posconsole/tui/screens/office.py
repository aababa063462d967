"""The back office: what a manager can turn to from the till."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical

from posconsole.engine.staff.access import MANAGER
from posconsole.tui.approving import stood_by
from posconsole.tui.keys import BACK, MORE, SCREEN_HELP, Key
from posconsole.tui.safe import fit
from posconsole.tui.scans import QUICK
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.office_desk import LEAVE, STEPS, OfficeDesk
from posconsole.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.app import App
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.row_list import Row

PLACES: tuple[tuple[str, str, str], ...] = (
    ("Vouchers", "look one up, issue, adjust, void, show its QR code", "vouchers:VouchersScreen"),
    ("Coupons", "make one with a preview, revise, pause, delete", "coupons:CouponsScreen"),
    ("Campaigns", "windows and budgets, how each does, as pictures", "campaigns:CampaignsScreen"),
    ("Offers", "draft one and see how many it is for, publish, pause", "offers:OffersScreen"),
    ("Batches", "many codes at once: how far, as a file, stop", "batches:BatchesScreen"),
)
"""What there is: its name, what it is for, and where its screen is, which is loaded when it is opened."""
HOW = "↑ ↓ and Enter, or its number."


class OfficeScreen(OfficeDesk):
    """The way to everything that a manager does."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("open", "enter", "Open", "Open the chosen place.", "open", "Enter"),
        LEAVE,
        SCREEN_HELP,
        MORE,
    )
    BOUND = KEYS[1:]
    BINDINGS: ClassVar = bindings(BOUND)

    def __init__(self, session: Session, store: Store) -> None:
        super().__init__(session, store)
        self.rows = RowList()
        self.at = 0

    def middle(self) -> Iterable[Widget]:
        """Give the places."""
        with Vertical(classes="body"):
            yield self.rows

    def on_mount(self) -> None:
        """Say how to choose."""
        super().on_mount()
        self.head("Back office")
        self.say(HOW)
        self._show()

    def _show(self) -> None:
        self.rows.show("what is to be done?", _rows, len(PLACES), self.at)

    def pressed(self, event: events.Key) -> bool:
        """Choose a place; its number opens it at once."""
        if by := STEPS.get(event.key):
            self.at = max(0, min(len(PLACES) - 1, self.at + by))
            self._show()
        else:
            return False
        return True

    def on_input_changed(self) -> None:
        """Open a place by its number, unless that is the first figure of a scan."""
        self.set_timer(2 * QUICK, partial(self._numbered, self.field.value))

    def _numbered(self, typed: str) -> None:
        if typed == self.field.value and typed in {str(no) for no in range(1, len(PLACES) + 1)}:
            self.field.value = ""
            self._open(int(typed) - 1)

    @property
    def wants_scans(self) -> bool:
        """Take no scan: no place is called so."""
        return False

    def entered(self, text: str) -> None:
        """Open the chosen place."""
        if text.strip():
            self.refuse(f"‘{text.strip()[:20]}’ is no place here. {BACK}, then {BACK} again goes back to the till.")
        elif self.refused:
            self.dealt_with()
        else:
            self._open(self.at)

    def _open(self, at: int) -> None:
        self.at = at
        self._show()
        module, _, name = PLACES[at][2].partition(":")
        screen = getattr(import_module(f"posconsole.tui.screens.{module}"), name)
        if self.is_current:
            self.app.push_screen(screen(self.session, self.store))


async def enter(app: App[object], session: Session) -> None:
    """Open the office; to a cashier with a manager who stands by, or not at all."""
    store: Store | None = session.store
    if session.store.role != MANAGER:
        store = await stood_by(app, session, "work in the back office")
    if store is not None:
        app.push_screen(OfficeScreen(session, store))


def _rows(width: int) -> list[Row]:
    return [(fit(f"{no}  {fit(name, 14)}{what}", width - 3), "$ink") for no, (name, what, _) in enumerate(PLACES, 1)]
