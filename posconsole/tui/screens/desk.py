"""What the screens beside the sale have in common: a heading, the work, the field, what it says, the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.await_complete import AwaitComplete
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static
from textual.widgets.input import Selection

from posconsole.errors import PosError
from posconsole.tui.intent import Intent
from posconsole.tui.keys import BACK, MORE, SCREEN_HELP
from posconsole.tui.safe import line
from posconsole.tui.widgets.key_bar import KeyBar
from posconsole.tui.widgets.preview_row import BAD, PLAIN, WARN, PreviewRow, Said
from posconsole.tui.widgets.scan_field import ScanField

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from pathlib import PurePath

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from posconsole.tui.app import PosApp
    from posconsole.tui.keys import Key
    from posconsole.tui.session import Session


SMALLEST, WIDE = (72, 20), 110
"""The same as at the checkout: columns and rows that show everything, and columns that give air."""
TOO_SMALL = "This window is too small to show what is to move.\nMake it 72 × 20 or larger."


def bindings(keys: Iterable[Key]) -> list[BindingType]:
    """Return the bindings of a screen's keys."""
    return [key.binding() for key in keys]


class DeskField(ScanField):
    """The screen's field. `pressed` sees every key first and says whether it has dealt with it.

    It sees the function keys too: a binding that goes first would overtake a quantity typed just before it.
    """

    def __init__(self) -> None:
        super().__init__(id="scan")
        self.pressed: Callable[[events.Key], bool] = lambda _: False

    def take_key(self, event: events.Key) -> bool:
        """Let the screen have the key first."""
        return self.pressed(event) or super().take_key(event)


class DeskScreen(Screen[None]):
    """A screen that does its work below a heading and keeps its field home.

    `KEYS` are shown in the key bar, likeliest first; `BOUND` are those that run an action, `ELSE` what some of them
    mean at other moments.
    """

    KEYS: ClassVar[tuple[Key, ...]] = ()
    ELSE: ClassVar[tuple[Key, ...]] = ()
    BOUND: ClassVar[tuple[Key, ...]] = ()
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss"]
    shut = False
    """Whether nothing leads past it but its own keys: neither a scan nor the palette nor help."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.field = DeskField()
        self.answers = PreviewRow()
        self.keys = KeyBar()
        # Held, not looked for: a till that is told to go takes its widgets away while a screen still comes.
        self._headline, self._byline = Static(id="what", markup=False), Static(id="whose", markup=False)
        self._prompt = Static("›", id="prompt", markup=False)
        self.intent = Intent()
        self.stands = self._busy = False
        self._refusal = ""
        self._before = ("", Selection.cursor(0))
        self._actions = {name: key.action for key in self.bound for name in key.keys.split(",")}

    @property
    def bound(self) -> tuple[Key, ...]:
        """Return the keys that run an action, help among them."""
        return self.BOUND if self.shut else tuple(dict.fromkeys((*self.BOUND, SCREEN_HELP)))

    def compose(self) -> ComposeResult:
        """Lay the rows out; `middle` gives what stands in the middle."""
        with Horizontal(id="heading"):
            yield self._headline
            yield self._byline
            if getattr(self.app, "demo", False):
                yield Static(" DEMO ", id="demo", markup=False)
        yield from self.middle()
        with Horizontal(id="entry"):
            yield self._prompt
            yield self.field
        yield self.answers
        self.show_keys()
        yield self.keys
        yield Static(TOO_SMALL, id="small", markup=False)

    def middle(self) -> Iterable[Widget]:
        """Give the widgets between the heading and the field."""
        return ()

    def on_resize(self, event: events.Resize) -> None:
        """Give the window's size its layout."""
        self.set_class(event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1], "-small")
        self.set_class(event.size.width >= WIDE, "-wide")
        # The row breaks its sentences anew once it knows its width, and paints only what it is told to.
        self.call_after_refresh(self.answers.refresh)

    @property
    def small(self) -> bool:
        """Say whether the window is too small to show what would move: then nothing may."""
        return self.has_class("-small")

    def on_mount(self) -> None:
        """Wire the field and show the keys."""
        self.field.entered = self.entered
        self.field.pressed = self._pressed
        self.field.focus()
        self.call_later(self._stand)

    def _stand(self) -> None:
        self.stands = True
        self.till.call_later(self.till.work_off)

    @property
    def till(self) -> PosApp:
        """Return the application."""
        return cast("PosApp", self.app)

    @property
    def busy(self) -> bool:
        """Say whether something is being done. Keys wait for its end, which a refusal is too."""
        return self._busy

    @busy.setter
    def busy(self, busy: bool) -> None:
        ended, self._busy = self._busy and not busy, busy
        if ended:
            self.till.call_later(self.till.work_off)

    def begin(self, work: Coroutine[None, None, None], said: str = "one moment…") -> None:
        """Do it: nothing cancels it. `work` shows what came of it; what it raises is shown as a refusal."""
        self.busy = True
        self.dealt_with()
        self.say(said, WARN)
        self.session.commit(self._carried_out(work))

    async def _carried_out(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception as error:  # whatever it was, it has to be on the screen
            self.failed(error)
        finally:
            self.busy = False

    def holds(self, event: events.Key) -> bool:  # noqa: ARG002 - for those who hold only some
        """Say whether a key has to wait: until the screen is laid out, or until what is being done is done."""
        return self.busy or not self.stands

    def repeats(self, event: events.Key) -> bool:
        """Say whether a key pressed again while something is being done is impatience and no second wish."""
        return self.busy and (event.key in self._actions or event.key == "enter")

    @property
    def wants_scans(self) -> bool:
        """Say whether a scan means something here now. Where not, it leaves what is typed as it was."""
        return True

    def take_key(self, event: events.Key) -> bool:
        """Take a key at the moment it comes."""
        router = self.till.router
        if router.begins:
            self._before = (self.field.value, self.field.selection)
        if event.key == "enter" and router.barcode and not self.wants_scans:
            self.field.value, self.field.selection = self._before
            self.take_scan(router.barcode)
            return True
        return self.field.take_key(event)

    def take_scan(self, text: str) -> None:
        """Take a scan that is known to be one."""
        if self.wants_scans:
            self.entered(text)
        else:
            self.refuse(f"Scanned {line(text)[:20]}: not taken here. Articles are scanned at the sale.")

    def entered(self, text: str) -> None:
        """Take what was typed or scanned, once Enter has come."""

    def _pressed(self, event: events.Key) -> bool:
        if action := self._actions.get(event.key):
            getattr(self, f"action_{action}")()
            return True
        return self.pressed(event)

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave, once: who presses the key again meanwhile finds nothing to leave."""
        self.busy = False
        return super().dismiss(result) if self.is_current else AwaitComplete()

    def pressed(self, event: events.Key) -> bool:  # noqa: ARG002 - for those who override it
        """See a key before the field does; True when it has been dealt with."""
        return False

    def show_keys(self, keys: Sequence[Key] | None = None) -> None:
        """Show the keys that act now: the screen's own unless others are given."""
        shown = [key for key in (self.KEYS if keys is None else keys) if key not in (MORE, SCREEN_HELP)]
        self.keys.show([(key.display, key.label) for key in (*shown, *(() if self.shut else (SCREEN_HELP,)))])

    def head(self, what: str, whose: str = "") -> None:
        """Say at the top what this is about."""
        self._headline.update(Content(line(what)))
        self._byline.update(Content(line(whose)))

    def prompt(self, text: str) -> None:
        """Say before the field what it takes now."""
        self._prompt.update(Content(line(text)))

    def say(self, text: str, tone: tuple[str, str] = PLAIN, hint: str = "") -> None:
        """Say what the keys would do now, or did."""
        self.answers.show(answer=Said(text, tone, hint))

    def refuse(self, text: str) -> None:
        """Say no; it stays until it is dealt with. The keys that waited were meant for something else."""
        if self.busy:
            self.till.forget_keys()
            self.busy = False
        self._refusal = text
        self.answers.show(refusals=[Said(text, BAD, f"{BACK} puts it away")])

    def failed(self, error: Exception) -> None:
        """Say what went wrong, in the engine's own words where it has any."""
        self.refuse(error.message if isinstance(error, PosError) else f"Nothing is known to be done: {error!r}")

    @property
    def refused(self) -> bool:
        """Say whether a refusal stands on the screen."""
        return bool(self._refusal)

    def dealt_with(self) -> None:
        """Put the refusal away."""
        self._refusal = ""
        self.answers.show(refusals=[])

    def clear(self) -> bool:
        """Clear what is typed or a refusal, whichever there is. False when there was neither."""
        if self.field.value:
            self.field.value = ""
        elif self.refused:
            self.dealt_with()
        else:
            return False
        return True

    def action_more(self) -> None:
        """Turn to the keys that did not fit."""
        self.keys.turn()

    def action_help(self) -> None:
        """Explain this screen's keys."""
        from posconsole.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(dict.fromkeys((*self.KEYS, *self.ELSE, *self.bound))))
