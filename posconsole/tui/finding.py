"""Choosing among hits: products by F3, members by F2, or whatever a typed name turned out to mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.engine.quoting.found import ProductView
from posconsole.tui.describe import product_line
from posconsole.tui.keys import BACK
from posconsole.tui.safe import line
from posconsole.tui.widgets.chooser import member_line
from posconsole.tui.widgets.preview_row import PLAIN, WARN, Said

if TYPE_CHECKING:
    from posconsole.engine.views import MemberView, Page, Suggestions
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.chooser import Chooser

LIMIT = 50
WHAT = {"products": ("product", "products"), "members": ("member", "members"), "both": ("hit", "hits")}


class Finding:
    """What is being looked for, and the hits for the text they were found with."""

    def __init__(self, session: Session, chooser: Chooser) -> None:
        self.session, self.chooser = session, chooser
        self.kind: str | None = None
        self.text: str | None = None
        self.quantity = 1

    @property
    def on(self) -> bool:
        """Say whether hits are being chosen from."""
        return self.kind is not None

    def begin(self, kind: str) -> None:
        """Look for products or members as they are typed."""
        self.kind, self.text, self.quantity = kind, None, 1
        self.chooser.show((), f"Type any part of a {WHAT[kind][0]}’s name", self.session.shop)

    def offer(self, text: str, found: Suggestions) -> None:
        """Let a person choose among what a typed name means."""
        self.kind, self.text, self.quantity = "both", text, found.quantity
        hits: list[ProductView | MemberView] = [*found.products, *found.members]
        self.chooser.show(hits, self._heading(len(hits), more=found.more), self.session.shop)

    def end(self) -> None:
        """Stop choosing."""
        self.kind = self.text = None

    async def look(self, text: str) -> None:
        """Find what the text is part of the name of. A stale answer is dropped."""
        kind, store = self.kind, self.session.store
        if kind not in ("products", "members") or text == self.text:
            return
        find = store.products.find if kind == "products" else store.members.find
        page: Page[ProductView] | Page[MemberView] = await self.session.call(find, text, limit=LIMIT)
        if self.kind == kind:
            self.text = text
            self.chooser.show(
                page.data, self._heading(len(page.data), more=page.has_more, total=page.total), self.session.shop
            )

    def _heading(self, count: int, *, more: bool, total: int | None = None) -> str:
        one, many = WHAT[self.kind or "both"]
        if self.kind == "both":
            return f"{count}{' and more' if more else ''} {many} for ‘{line(self.text)}’"
        if not count:
            return f"No {one} is called that"
        if more:
            return f"{count} of {total if total else 'many'} {many}: type more of the name"
        return f"{count} {one if count == 1 else many}"

    def said(self) -> Said:
        """Say what the keys do while choosing."""
        if not self.chooser.hits:
            return Said("Nothing to choose from" if self.text else "", WARN, f"{BACK} leaves")
        hit = self.chooser.hit
        if isinstance(hit, ProductView):
            return Said(product_line(hit, self.quantity, self.session.shop), PLAIN, "↑ ↓ choose, Enter adds it")
        return Said(member_line(hit), PLAIN, "↑ ↓ choose, Enter takes them")
