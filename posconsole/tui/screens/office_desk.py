"""What the back office's screens share: whose rights they use, one thing done at a time, a list to choose from."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import work
from textual.content import Content
from textual.worker import WorkerError

from posconsole.tui.keys import BACK, DO, MORE, SCREEN_HELP, Key
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import DeskScreen
from posconsole.tui.widgets.preview_row import GOOD, PLAIN, WARN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import PurePath

    from posconsole import Store
    from posconsole.tui.session import Session

T = TypeVar("T")
STEPS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}
LEAVE = BACK.but("Back", "Put a refusal away, say no, clear what is typed, go back. Esc does it too.")


class OfficeDesk(DeskScreen):
    """A screen of the back office. `store` acts with a manager's rights, who may only stand by."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss", "office.tcss"]

    def __init__(self, session: Session, store: Store) -> None:
        super().__init__(session)
        self.store = store
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
        if yes is not None and not self.small:
            self.show_keys()
            yes()

    def do(self, verb: Callable[[], T], said: Callable[[T], str]) -> None:
        """Do a thing in the store off the loop; nothing cancels it. `said` puts in words what was done."""
        self.begin(self._done(verb, said))

    async def _done(self, verb: Callable[[], T], said: Callable[[T], str]) -> None:
        try:
            result = await self.session.call(verb)
        except Exception as error:  # whatever it was, it has to be on the screen
            self.say("")
            self.failed(error)
            self.renew()
        else:
            self.intent.done()
            # Who reads that it is done goes on with what is on the screen then.
            with suppress(WorkerError):
                await self.renew().wait()
            self.say(said(result), GOOD)

    def tell(self, sentence: str) -> None:
        """Say what was done on a screen before this one."""
        self.say(sentence, GOOD)

    @work(exclusive=True, group="renew", exit_on_error=False)
    async def renew(self) -> None:
        """Fetch again what the screen shows; a later call overtakes an earlier one."""
        await self.look()

    async def look(self) -> None:
        """Fetch what the screen shows."""

    def action_back(self) -> None:
        """Put a refusal away, say no to the question, clear what is typed, go back: the first that applies."""
        if self.refused:
            self.dealt_with()
        elif self._question is not None:
            self._question = None
            self.say("", PLAIN)
            self.show_keys()
        elif not self.clear():
            self.dismiss()

    def on_screen_resume(self) -> None:
        """Fetch again what may have changed on another screen."""
        self.renew()


SHARED: tuple[Key, ...] = (DO, LEAVE, SCREEN_HELP, MORE)
"""What every screen of the office binds beside its own keys."""


def facts(*rows: tuple[Any, str] | None) -> Content:
    """Set lines under each other, each with its style; None leaves one out."""
    return Content("\n").join([Content.styled(str(text), style) for text, style in filter(None, rows)])
