"""Members: found while one types, with what the shop knows of the chosen one beside the list."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.containers import Horizontal

from posconsole.errors import PosError
from posconsole.tui.keys import BACK, DO, MEMBERS_ENROL, MORE, Key
from posconsole.tui.looking import PAUSE
from posconsole.tui.profile import Entry, look_up, written
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.widgets.chooser import ending
from posconsole.tui.widgets.profile_card import ProfileCard
from posconsole.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole.engine.views import MemberView, Page
    from posconsole.tui.app import PosApp
    from posconsole.tui.session import Session

MOST = 50
STEPS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}


class MembersScreen(DeskScreen):
    """Who are the members called something like that; the chosen one can be put on the sale or opened."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("attach", "enter", "Put on the sale", "Put the chosen member on the open sale.", "attach", "Enter"),
        DO.but("Open", "All about the chosen member: offers, rewards, points, card."),
        MEMBERS_ENROL,
        BACK.but("Back to the sale", "Clear what is typed, then go back to the sale."),
        MORE,
    )
    BOUND = KEYS[1:]
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss"]

    def __init__(self, session: Session, first: str = "") -> None:
        super().__init__(session)
        self._first = first
        self._hits: tuple[MemberView, ...] = ()
        self._total = 0
        self._at = 0
        self._found = ""
        self.rows = RowList()
        self.card = ProfileCard(brief=True)

    def middle(self) -> Iterable[Widget]:
        """Give the hits and, beside them, the chosen member."""
        with Horizontal(classes="body"):
            yield self.rows
            yield self.card

    def on_mount(self) -> None:
        """Begin with whom the sale is about."""
        super().on_mount()
        self.head("Members", line(self.session.shop.name))
        self.field.placeholder = "a name, phone, e-mail or card"
        self.field.value = self._first
        self.field.action_end()
        self.card.show(None, self.session.shop)
        self._search()

    def on_screen_resume(self) -> None:
        """Look again at what was changed elsewhere."""
        if self.is_mounted:
            self._search()
            self._look_closer()

    @property
    def chosen(self) -> MemberView | None:
        """Return the member that the keys act on."""
        return self._hits[self._at] if self._hits else None

    def on_input_changed(self) -> None:
        """Search when there is a pause in typing."""
        self._search()

    @work(exclusive=True, group="search", exit_on_error=False)
    async def _search(self) -> None:
        await asyncio.sleep(PAUSE)
        await self._find(self.field.value)

    async def _find(self, text: str) -> None:
        try:
            page: Page[MemberView] = await self.session.call(self.session.store.members.find, text.strip(), limit=MOST)
        except PosError as error:
            self.refuse(error.message)
            return
        kept, before = self.chosen, (self._hits, self._total, self._at)
        self._hits, self._total, self._found = page.data, page.total or len(page.data), text
        self._at = next((at for at, hit in enumerate(self._hits) if kept and hit.id == kept.id), 0)
        # Who types on towards the same hits sees them stand still.
        if not self._hits or before != (self._hits, self._total, self._at):
            self._show(pause=0)

    def _show(self, pause: float = PAUSE) -> None:
        count = len(self._hits)
        of = f"{count} of {self._total:,}" if count < self._total else str(count)
        nobody = f"nobody is called ‘{line(self._found)[:30]}’" if self._found else "no member yet"
        title = f"{of} member{'' if count == 1 else 's'}" if count else nobody
        rows = [Entry(hit.name, ending(hit.card or hit.phone)) for hit in self._hits]
        self.rows.show(title, partial(written, rows), count, self._at)
        if count:
            self.say(f"Enter puts {line(self._hits[self._at].name)} on the sale, {DO} opens them.")
        else:
            less = " Or type less of the name." if self._found else ""
            self.say(f"{MEMBERS_ENROL} enrols a new member.{less}")
        self._look_closer(pause)

    @work(exclusive=True, group="closer", exit_on_error=False)
    async def _look_closer(self, pause: float = PAUSE) -> None:
        chosen, profile = self.chosen, None
        if chosen is not None:
            await asyncio.sleep(pause)
            try:
                profile = await self.session.call(look_up, self.session.store, chosen.id)
            except PosError as error:
                self.refuse(error.message)
        self.card.show(profile, self.session.shop)

    def pressed(self, event: events.Key) -> bool:
        """Choose among the hits."""
        by = STEPS.get(event.key)
        if by is None:
            return False
        self._at = max(0, min(len(self._hits) - 1, self._at + by))
        if self._hits:
            self._show()
        return True

    def take_scan(self, text: str) -> None:
        """Take a scan that the scanner marked as one back to the sale."""
        cast("PosApp", self.app).post_scan(text)

    def entered(self, text: str) -> None:
        """Put the member on the sale; of what was typed on top of the last search, first find them.

        A scan, a card's as an article's, is the checkout's.
        """
        till = cast("PosApp", self.app)
        if till.router.scanning and text.strip():
            till.post_scan(text)
        elif self.refused and not text.strip():
            self.dealt_with()
        else:
            self._take(text)

    @work(exclusive=True, group="attach", exit_on_error=False)
    async def _take(self, text: str) -> None:
        if text != self._found:
            await self._find(text)
        self.field.value = text
        chosen, till = self.chosen, cast("PosApp", self.app)
        if chosen is None:
            self.refuse(f"Nobody is called ‘{line(text.strip())[:30]}’. {MEMBERS_ENROL} enrols a new member.")
        elif self.is_current:
            put_on_sale(till, chosen)

    def action_do(self) -> None:
        """Open all about the chosen member."""
        from posconsole.tui.screens.member import MemberScreen

        if self.chosen is not None and self.is_current:
            self.app.push_screen(MemberScreen(self.session, self.chosen))

    def action_enrol(self) -> None:
        """Enrol somebody, beginning with what was searched for."""
        from posconsole.tui.screens.enrol import EnrolScreen

        if self.is_current:
            self.app.push_screen(EnrolScreen(self.session, self.field.value.strip(), self._enrolled))

    def _enrolled(self, member: MemberView) -> None:
        self.field.value = member.name
        self.field.action_end()
        self._hits, self._at = (member,), 0
        self.notify(f"{line(member.name)} is a member now", markup=False)

    def action_back(self) -> None:
        """Clear what is typed or a refusal; with neither, go back to the sale."""
        if not self.clear():
            self.dismiss()


def put_on_sale(till: PosApp, member: MemberView) -> None:
    """Go back to the sale, with the member on it."""
    till.home()
    till.checkout.sale.do(partial(_put, till, member))


async def _put(till: PosApp, member: MemberView) -> None:
    till.checkout.entering.attach(member)
