"""What the pages of the tray share: what waits in a list, beside it the chosen thing, and a question about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import work
from textual.containers import Horizontal, Vertical
from textual.widgets import Digits, Static

from posconsole.tui.keys import BACK, TRAY, Key
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import DeskScreen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.widget import Widget

    from posconsole.tui.session import Session

T = TypeVar("T")
MOVES = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}


class TrayScreen(DeskScreen, Generic[T]):
    """A page of the tray. `QUESTION` are the keys while its question is open."""

    NAME: ClassVar[str] = ""
    QUESTION: ClassVar[tuple[Key, ...]] = ()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.things: tuple[T, ...] = ()
        self.at = 0

    @property
    def chosen(self) -> T | None:
        """Return the thing that the keys act on."""
        return self.things[self.at] if self.things else None

    @property
    def asking(self) -> bool:
        """Say whether the question about the chosen thing is open."""
        raise NotImplementedError

    def listing(self) -> Widget:
        """Give the list of what waits."""
        raise NotImplementedError

    async def fetch(self) -> None:
        """Read what waits, and show it."""
        raise NotImplementedError

    def show(self) -> None:
        """Bring the list, and what stands beside it, up to date."""
        raise NotImplementedError

    def leave_question(self) -> None:
        """Ask no longer."""
        raise NotImplementedError

    def take_up(self, thing: T) -> None:
        """Do what Enter means for the chosen thing."""
        raise NotImplementedError

    def turn(self) -> None:
        """Go to the tray's next page."""
        raise NotImplementedError

    def middle(self) -> Iterable[Widget]:
        """Give what waits and, beside it, the chosen thing."""
        with Horizontal(classes="body"):
            yield self.listing()
            with Vertical(classes="aside"):
                yield Static(id="about", classes="caption", markup=False)
                yield Digits("", id="figure")
                yield Static(id="question", markup=False)

    def on_mount(self) -> None:
        """Fetch what waits."""
        super().on_mount()
        self.head(self.NAME)
        self.load()

    @work(exclusive=True, group="tray", exit_on_error=False)
    async def load(self) -> None:
        """Fetch what waits."""
        await self.fetch()

    def show_tray_keys(self) -> None:
        """Show the keys that act now: with nothing there, those that lead on."""
        keys = self.QUESTION if self.asking else self.KEYS
        self.show_keys(keys if self.things else [key for key in keys if key.name in (TRAY.name, BACK.name)])

    def choose(self, at: int) -> None:
        """Choose another thing, stopping at the ends."""
        self.at = max(0, min(len(self.things) - 1, at))
        self.show()

    def pressed(self, event: events.Key) -> bool:
        """Choose a thing; while the question is open or something is typed, the keys are the field's."""
        if self.asking or self.field.value:
            return False
        if by := MOVES.get(event.key):
            self.choose(self.at + by)
            return True
        return self.lettered(event.key.lower())

    def lettered(self, key: str) -> bool:  # noqa: ARG002 - for those who override it
        """Open the question that a letter stands for; False when it stands for none."""
        return False

    def entered(self, text: str) -> None:
        """Take the chosen thing up. Enter never answers the question: a scanner presses it too."""
        if self.asking:
            return
        if text.strip():
            self.refuse(f"‘{line(text.strip())[:30]}’ is nothing for this tray. {BACK} goes back to the sale.")
        elif self.refused:
            self.dealt_with()
        elif self.chosen is not None:
            self.take_up(self.chosen)

    def action_tray(self) -> None:
        """Turn to the tray's next page."""
        if self.is_current and not self.asking:
            self.turn()

    def action_back(self) -> None:
        """Put a refusal away, leave the question, clear what is typed, leave the tray: the first that applies."""
        if self.refused:
            self.dealt_with()
        elif self.asking:
            self.leave_question()
        elif not self.clear():
            self.dismiss()
