"""Finds the scans among what is keyed while a sale is being paid: a barcode is never an amount."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posconsole.tui.scans import PATIENCE, QUICK, RUN

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events


@dataclass(slots=True)
class Strays:
    """Follows the keys of the pay panel.

    `begun` is called when a run of keys begins: what was before it can be had back. `undone` says that the run was a
    scanner's, `emptied` that a barcode stands in the amount however slowly it came; `strayed` gets each scan's text.
    """

    begun: Callable[[], None]
    undone: Callable[[], None]
    emptied: Callable[[], None]
    strayed: Callable[[str], None]
    _text: str = ""
    _run: int = 0
    _last: float = 0.0
    _swallowing: bool = False

    def forget(self) -> None:
        """Begin anew."""
        self._text, self._run, self._swallowing = "", 0, False

    def follow(self, event: events.Key, amount: str | None) -> bool:
        """Note a key; say whether it belongs to a scan. `amount` is what stands in the amount's field, if it is open.

        A scan that is found out is undone from its first key.
        """
        waited, self._last = event.time - self._last, event.time
        self._run = self._run + 1 if waited < QUICK else 1
        if self._run == 1:
            self.begun()
        if waited > (PATIENCE if self._swallowing else QUICK):
            self._text, self._swallowing = "", False
        if event.key == "enter":
            return self._end()
        if not event.is_printable:
            return False
        self._text += event.character or ""
        if not self._swallowing and amount is not None:
            self._swallow_barcode(amount + (event.character or ""))
        return self._swallowing

    def _end(self) -> bool:
        """Look back from an Enter: were the keys before it a scanner's? Then they never happened."""
        text, swallowed, quick = self._text, self._swallowing, self._run > RUN
        self._text, self._swallowing = "", False
        if not text or not (swallowed or quick):
            return False
        if not swallowed:
            self.undone()
        self.strayed(text)
        return True

    def _swallow_barcode(self, amount: str) -> None:
        """Take eight figures for the barcode that they are, however slowly they came."""
        if re.fullmatch(r"\d{8,}", amount):
            self._text, self._swallowing = amount, True
            self.emptied()
            self.strayed(amount)
