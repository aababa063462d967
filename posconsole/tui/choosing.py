"""Between the hits and the sale: what is looked for by F2 and F3 or by a typed name, and what is taken of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.engine.quoting.found import ProductView, Suggestions
from posconsole.tui import describe
from posconsole.tui.entering import closing
from posconsole.tui.widgets.preview_row import BAD, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.tui.entering import Entering
    from posconsole.tui.finding import Finding


class Choosing:
    """Opens and closes the list of hits. `begun` and `ended` are called with it, `text` returns what is typed."""

    def __init__(self, entering: Entering, finding: Finding, text: Callable[[], str]) -> None:
        self._entering, self._finding, self._text = entering, finding, text
        self.begun: Callable[[], object] = lambda: None
        self.ended: Callable[[], object] = lambda: None

    @property
    def ready(self) -> bool:
        """Say whether Enter on the empty field takes a hit."""
        return self._finding.on and self._finding.chooser.hit is not None

    def find(self, kind: str) -> None:
        """Look for products or members as they are typed."""
        self._finding.begin(kind)
        self.begun()

    def several(self, text: str, found: Suggestions) -> None:
        """Let a person choose among what a typed name means."""
        self._finding.offer(text, found)
        self.begun()

    def end(self) -> None:
        """Stop choosing."""
        self._finding.end()
        self.ended()

    def typed_on(self) -> None:
        """Stop choosing among what a name meant once it is another one: typing on is no choice."""
        if self._finding.kind == "both" and self._text() not in ("", self._finding.text):
            self.end()

    async def open_hits(self, text: str) -> None:
        """Bring the hits up that the row under the field names."""
        session = self._finding.session
        found = await session.call(session.store.look, text, self._entering.sale.basket)
        if text == self._text() and isinstance(found, Suggestions):
            self.several(text, found)

    async def choose(self, text: str) -> None:
        """Take the chosen hit of those for this text."""
        await self._finding.look(text.strip())
        hit = self._finding.chooser.hit
        if hit is None:
            self._entering.standing.refuse(Said(describe.nothing(text).text, BAD, closing()))
        else:
            self._entering.pick(hit, self._finding.quantity if isinstance(hit, ProductView) else 1)
        self.end()
