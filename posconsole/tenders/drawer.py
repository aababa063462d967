"""The cash drawer below the till."""

from __future__ import annotations

from typing import Protocol


class CashDrawer(Protocol):
    """What opens a drawer."""

    def open(self) -> None:
        """Push the drawer open."""


class NoDrawer:
    """A drawer that opens by hand: nothing has to be pushed."""

    def open(self) -> None:
        """Leave it to the hand."""
