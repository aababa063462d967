"""Asking somebody for their name and PIN: to sign in, or to approve. No scan is taken for either."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from posconsole.engine.quoting.refusals import TooManyGuesses
from posconsole.errors import NotAllowed, PosError
from posconsole.tui.keys import BACK, QUIT, Key
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.widgets.preview_row import GOOD, PLAIN, WARN
from posconsole.tui.widgets.steady import Steady

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole.tui.session import Session

MOST = 12
"""The most digits of a PIN."""
NAME_ASKED, PIN_ASKED = "name", "PIN"


class IdentifyScreen(DeskScreen):
    """One field: the name and Enter, the PIN and Enter. `names` are offered by ↑ and ↓."""

    NEXT = Key("next", "enter", "Next", "Go on from the name to the PIN, and from there.", "next", "Enter")
    LEAVE = BACK.but("Back", "Clear what is typed, go back to the name, leave.")
    KEYS: ClassVar[tuple[Key, ...]] = (NEXT, LEAVE)
    BOUND = (LEAVE,)
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss", "identify.tcss"]
    shut = True

    def __init__(self, session: Session, name: str = "", names: Iterable[str] = ()) -> None:
        super().__init__(session)
        self.called, self._names = name, tuple(names)
        self._blocked_until = 0.0

    # What those who ask say.

    def heading(self) -> str:
        """Return what this is about."""
        raise NotImplementedError

    def told(self) -> str:
        """Return what is said in the middle, between the question and the PIN."""
        return ""

    def asked(self) -> str:
        """Return how the name is asked for."""
        if not self._names:
            return "Your name, then Enter."
        return f"Your name, then Enter. ↑ ↓ chooses: {', '.join(line(name) for name in self._names)}"

    async def admit(self, name: str, pin: str | None) -> None:
        """Let the engine judge name and PIN. Raises what it raises."""
        raise NotImplementedError

    def admitted(self) -> None:
        """Go on: name and PIN were right."""
        raise NotImplementedError

    def left_alone(self) -> None:
        """Nobody has touched a key for long."""
        raise NotImplementedError

    def can_leave(self) -> bool:
        """Say whether one may leave without a PIN."""
        return True

    # What they have in common.

    def middle(self) -> Iterable[Widget]:
        """Give who it is, and a dot for each figure."""
        with Vertical(classes="body"):
            yield Steady(id="who")

    def on_mount(self) -> None:
        """Ask for the name, or for the PIN of whoever is expected."""
        super().on_mount()
        self.set_interval(1.0, self._count_down)
        self._ask()

    @property
    def _pin_asked(self) -> bool:
        return bool(self.called)

    def _ask(self) -> None:
        self.field.value = ""
        self.field.password = self._pin_asked
        self.prompt(f"{PIN_ASKED if self._pin_asked else NAME_ASKED} ›")
        self.show_keys((self.NEXT, self.LEAVE if self._pin_asked or self.can_leave() else QUIT))
        self.head(self.heading(), self.session.shop.name if self.session.loaded.is_set() else "")
        if self._pin_asked:
            self.say(f"The PIN, then Enter. {BACK} if it is somebody else.")
        else:
            self.say(self.asked())
        self._draw()

    def _draw(self) -> None:
        dots = " ".join("●" * len(self.field.value)) if self._pin_asked else ""
        rows = [
            Content.styled(line(self.called) if self._pin_asked else "Who is it?", "bold $ink"),
            Content(""),
            Content.styled(dots, "$here"),
            Content(""),
            Content.styled(self.told(), "$dim"),
        ]
        self.query_one("#who", Static).update(Content("\n").join(rows))

    def on_input_changed(self) -> None:
        """Show a dot for each figure."""
        self._draw()

    def pressed(self, event: events.Key) -> bool:
        """Take figures only for a PIN; choose among the names."""
        if self._pin_asked:
            letter = event.is_printable and not (event.character or "").isdecimal()
            if letter:
                self.say(f"A PIN is figures. {BACK} if it is somebody else.", WARN)
            long = event.is_printable and len(self.field.value) >= 2 * MOST
            return letter or long or event.key in ("up", "down")
        if by := {"up": -1, "down": 1}.get(event.key):
            self._offer(by)
            return True
        return False

    def _offer(self, by: int) -> None:
        if self._names:
            at = self._names.index(self.field.value) + by if self.field.value in self._names else min(by, 0)
            self.field.value = self._names[at % len(self._names)]
            self.field.action_end()

    @property
    def wants_scans(self) -> bool:
        """Take no scan for a name or a PIN."""
        return False

    def take_scan(self, text: str) -> None:  # noqa: ARG002 - a scan is nothing here, whatever it says
        """Refuse a scan."""
        self.refuse("That was a scan: not taken here. Name and PIN first.")

    def entered(self, text: str) -> None:
        """Go on to the PIN, or have it judged."""
        text = text.strip()
        if not text:
            self.dealt_with()
        elif self._pin_asked:
            self._judge(text)
        elif text.isdecimal():
            self.refuse("That is a number. First the name, then the PIN.")
        else:
            self.dealt_with()
            self._go_on_as(text)

    def _go_on_as(self, name: str) -> None:
        self.called = name
        if self.session.loaded.is_set() and not self.session.asks:
            self._judge(None)
        else:
            self._ask()

    def _judge(self, pin: str | None) -> None:
        if not self._seconds_left():
            self.busy = True
            self.dealt_with()
            self.say("checking…" if self.session.loaded.is_set() else "opening the till…")
            self._judge_once_open(pin)

    @work(group="judge", exit_on_error=False)
    async def _judge_once_open(self, pin: str | None) -> None:
        await self.session.loaded.wait()
        # Nothing may cancel it: who is let in has the till.
        self.session.commit(self._admit(self.called, pin))

    async def _admit(self, name: str, pin: str | None) -> None:
        try:
            await self.admit(name, pin)
        except Exception as error:  # whatever it was, it has to be on the screen
            self._refused(error)
            self.busy = False
        else:
            self.say(f"{line(name)}", GOOD)
            self.admitted()

    def _refused(self, error: Exception) -> None:
        if isinstance(error, NotAllowed) and error.code == "manager_needed":
            self.called = ""
        self._ask()
        if isinstance(error, TooManyGuesses):
            self._blocked_until = time.monotonic() + error.seconds
            self._count_down()
        elif isinstance(error, PosError):
            self.refuse(f"{error.message.rstrip('.')}. Try again.")
        else:
            self.failed(error)

    def _seconds_left(self) -> int:
        return max(0, round(self._blocked_until - time.monotonic()))

    def _count_down(self) -> None:
        """Say how long it takes until the next guess is heard."""
        if not self._blocked_until:
            return
        if left := self._seconds_left():
            shown = f"{left // 60}:{left % 60:02} minutes" if left >= 60 else f"{left} second{'s' if left > 1 else ''}"
            self.say(f"Too many wrong guesses. The next PIN is taken in {shown}; until then none is.", WARN)
        else:
            self._blocked_until = 0.0
            self.say("The PIN can be tried again.", PLAIN)

    def action_back(self) -> None:
        """Clear, go back to the name, leave: whatever is nearest."""
        if self.clear():
            return
        if self._pin_asked:
            self.called = ""
            self._ask()
        elif self.can_leave():
            self.leave()

    def leave(self) -> None:
        """Leave without a PIN."""
        self.dismiss()
