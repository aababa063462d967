"""What the back office's screens share: whose rights they use, one thing done at a time, a list to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual import work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from posconsole.errors import PosError
from posconsole.tui.keys import BACK, DO, MORE, SCREEN_HELP, Key, told
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import DeskScreen
from posconsole.tui.widgets.preview_row import GOOD, PLAIN, WARN
from posconsole.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.engine.views import Page
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.row_list import Row

T = TypeVar("T")
STEPS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}
LEAVE = BACK.but("Back", "Put a refusal away, say no, clear what is typed, go back. Esc does it too.")


class OfficeDesk(DeskScreen):
    """A screen of the back office. `store` acts with a manager's rights, who may only stand by."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss", "office.tcss"]

    def __init__(self, session: Session, store: Store) -> None:
        super().__init__(session)
        self.store = store
        self.busy = False
        self._question: Callable[[], None] | None = None

    def head(self, what: str, whose: str = "") -> None:
        """Say what this is about, and who is at it."""
        super().head(what, whose or f"{line(self.store.operator)} · till {line(self.store.till)}")

    def ask(self, sentence: str, yes: Callable[[], None]) -> None:
        """Put a question that F9 says yes to and F7 no."""
        self._question = yes
        self.dealt_with()
        self.say(sentence, WARN)
        self.show_keys((DO, LEAVE))

    def action_do(self) -> None:
        """Say yes to the question, once."""
        yes, self._question = self._question, None
        if yes is not None and not self.busy and not self.small:
            self.show_keys()
            yes()

    def do(self, verb: Callable[[], T], said: Callable[[T], str]) -> None:
        """Do a thing in the store off the loop; nothing cancels it. `said` puts in words what was done."""
        if self.busy:
            return
        self.busy = True
        self.dealt_with()
        self.say("one moment…", WARN)
        self.session.commit(self._done(verb, said))

    async def _done(self, verb: Callable[[], T], said: Callable[[T], str]) -> None:
        try:
            result = await self.session.call(verb)
        except Exception as error:  # whatever it was, it has to be on the screen
            self.say("")
            self.failed(error)
        else:
            self.say(said(result), GOOD)
        finally:
            self.busy = False
        self.renew()

    def tell(self, sentence: str) -> None:
        """Say what was done on a screen before this one."""
        self.say(sentence, GOOD)

    def renew(self) -> None:
        """Fetch again what the screen shows."""

    def action_back(self) -> None:
        """Put a refusal away, say no to the question, clear what is typed, go back: the first that applies."""
        if self.busy:
            return
        if self.refused:
            self.dealt_with()
        elif self._question is not None:
            self._question = None
            self.say("", PLAIN)
            self.show_keys()
        elif not self.clear():
            self.dismiss()

    def action_help(self) -> None:
        """Show this screen's keys."""
        from posconsole.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(dict.fromkeys((*self.KEYS, *self.BOUND))))

    def on_screen_resume(self) -> None:
        """Fetch again what may have changed on another screen."""
        self.renew()


class ListDesk(OfficeDesk, Generic[T]):
    """Things in a list, newest first, and beside it what there is to know about the chosen one."""

    NAME: ClassVar[str] = ""
    EMPTY: ClassVar[str] = ""
    MOST: ClassVar[int] = 50

    def __init__(self, session: Session, store: Store) -> None:
        super().__init__(session, store)
        self.things: tuple[T, ...] = ()
        self.total = 0
        self.at = 0
        self.rows = RowList()

    def fetch(self) -> Page[T]:
        """Read the things from the store; called off the loop."""
        raise NotImplementedError

    def row(self, thing: T, width: int) -> Row:
        """Write a thing's row for so many cells."""
        raise NotImplementedError

    def about(self, thing: T) -> Content:
        """Write what stands beside the list about the chosen thing."""
        raise NotImplementedError

    @property
    def chosen(self) -> T | None:
        """Return the thing that the keys act on."""
        return self.things[self.at] if self.things else None

    def middle(self) -> Iterable[Widget]:
        """Give the list and what stands beside it."""
        with Horizontal(classes="body"):
            yield self.rows
            with Vertical(classes="aside"):
                yield Static(id="about", markup=False)

    def on_mount(self) -> None:
        """Say what this is."""
        super().on_mount()
        self.head(self.NAME)

    @work(exclusive=True, group="things", exit_on_error=False)
    async def renew(self) -> None:  # type: ignore[override]  # a worker, as it is called
        """Fetch the list; a later call overtakes an earlier one."""
        try:
            page = await self.session.call(self.fetch)
        except PosError as error:
            self.refuse(error.message)
            return
        self.things, self.total = page.data, page.total
        self.at = max(0, min(self.at, len(self.things) - 1))
        self.fetched()
        self.show()

    def fetched(self) -> None:
        """Say what there is to say of a list that has just been fetched."""

    def show(self) -> None:
        """Bring the list and what stands beside it up to date."""
        count = len(self.things)
        of_many = f" · {count} of {self.total:,}" if self.total > count else ""
        title = f"newest first{of_many}" if count else told(self.EMPTY)
        self.rows.show(title, lambda width: [self.row(thing, width - 3) for thing in self.things], count, self.at)
        self.query_one("#about", Static).update(self.about(self.chosen) if self.chosen is not None else Content(""))

    def pressed(self, event: events.Key) -> bool:
        """Choose in the list."""
        by = STEPS.get(event.key)
        if by is None:
            return False
        self.at = max(0, min(len(self.things) - 1, self.at + by))
        if self.things:
            self.show()
        return True

    def entered(self, text: str) -> None:
        """Open what was typed or scanned; with nothing typed, what is chosen."""
        if self.busy:
            return
        if text.strip():
            self.dealt_with()
            self.look_up(text.strip())
        elif self.refused:
            self.dealt_with()
        elif self.chosen is not None:
            self.open(self.chosen)

    def look_up(self, text: str) -> None:
        """Find what was typed or scanned."""

    def open(self, thing: T) -> None:
        """Open the chosen thing."""


SHARED: tuple[Key, ...] = (DO, LEAVE, SCREEN_HELP, MORE)
"""What every screen of the office binds beside its own keys."""


def all_keys(*keys: Key) -> tuple[Key, ...]:
    """Return a screen's own keys and the shared ones."""
    return (*keys, *SHARED)


def facts(*rows: tuple[Any, str] | None) -> Content:
    """Set lines under each other, each with its style; None leaves one out."""
    return Content("\n").join([Content.styled(str(text), style) for text, style in filter(None, rows)])
