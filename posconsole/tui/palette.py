"""The command palette, safe from keys that come faster than it leaves."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette


class TillPalette(CommandPalette):
    """Textual's palette, which ends the program on a second Enter and on a page key over an unready list."""

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Leave, once."""
        return super().dismiss(result) if self.is_current else AwaitComplete()

    def _action_command_list(self, action: str) -> None:
        # A list that isn't laid out yet has no lines to page over.
        with suppress(KeyError):
            super()._action_command_list(action)
