"""Every action of the till by name, for the command palette."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Provider
from textual.content import Content

from posconsole.tui.keys import CHECKOUT, MORE, PALETTE

if TYPE_CHECKING:
    from textual.command import Hits

    from posconsole.tui.keys import Key


class TillCommands(Provider):
    """Offers what the keys of the screen in front do."""

    def _entries(self) -> list[tuple[str, Key]]:
        keys: tuple[Key, ...] = getattr(self.screen, "bound", CHECKOUT)
        return [(f"{key.label} ({key.display})", key) for key in keys if key not in (MORE, PALETTE)]

    async def discover(self) -> Hits:
        """Offer everything while nothing is typed."""
        for name, key in self._entries():
            yield DiscoveryHit(Content(name), partial(self._run, key), text=name, help=key.help)

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        for name, key in self._entries():
            score = max(matcher.match(name), matcher.match(key.help) / 2)
            if score > 0:
                yield Hit(score, Content(name), partial(self._run, key), text=name, help=key.help)

    async def _run(self, key: Key) -> None:
        await self.app.run_action(key.action, self.screen)
