"""The command palette, safe from keys that come faster than it leaves, and no place for a scan to end in."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette

from posconsole.tui.keys import BACK
from posconsole.tui.scans import RUN

if TYPE_CHECKING:
    from textual import events

    from posconsole.tui.app import PosApp


class TillPalette(CommandPalette):
    """Textual's palette, which ends the program on a second Enter and on a page key over an unready list.

    Its field takes a scan's keys as any others, and the scan's Enter would run the first command: who scans with
    the palette open gets the article.
    """

    # Textual's sign before the field is an emoji, which a terminal may have no room or no font for.
    DEFAULT_CSS = """
    TillPalette SearchIcon { display: none; }
    TillPalette CommandInput { padding-left: 1; }
    TillPalette CommandList { scrollbar-size-vertical: 1; scrollbar-color: $faint; scrollbar-background: $background; }
    TillPalette CommandList > .option-list--option-highlighted { background: $row; color: $ink; text-style: bold; }
    """
    BINDINGS: ClassVar = [BACK.but("Close", "Leave the commands.", "escape").binding()]

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._burst: list[events.Key] = []

    @property
    def _till(self) -> PosApp:
        return cast("PosApp", self.app)

    def take_key(self, event: events.Key) -> bool:
        """Note what comes as fast as a scanner sends it; its Enter gives it to the checkout."""
        if event.key == "enter" and self._scanned:
            burst, self._burst = self._burst, []
            self._till.scan_beneath("".join(key.character or "" for key in burst))
            return True
        if not (event.is_printable and event.character):
            self._burst = []
        else:
            self._burst = [*self._burst, event] if self._till.router.quick else [event]
        return False

    @property
    def _scanned(self) -> bool:
        return self._till.router.scanning and len(self._burst) >= RUN

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Leave, once. A scan that has begun meanwhile stays together: its first keys go where the others will."""
        if not self.is_current:
            return AwaitComplete()
        leaving, begun = super().dismiss(result), self._burst if self._till.router.quick else []
        for event in begun:
            self._till.offer(event)
        return leaving

    def _action_command_list(self, action: str) -> None:
        # A list that isn't laid out yet has no lines to page over.
        with suppress(KeyError):
            super()._action_command_list(action)
