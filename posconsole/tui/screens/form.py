"""A form with one field: questions in a list, the one that is being answered in the field, what it comes to beside."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static
from textual.widgets.input import Selection

from posconsole.errors import InvalidInput, PosError
from posconsole.tui.keys import BACK, DO, MORE, SCREEN_HELP, Key
from posconsole.tui.looking import PAUSE
from posconsole.tui.safe import fit, line
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.office_desk import LEAVE, OfficeDesk
from posconsole.tui.widgets.preview_row import WARN
from posconsole.tui.widgets.row_list import RowList
from posconsole.tui.widgets.steady import Steady

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from textual import events
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.tui.app import PosApp
    from posconsole.tui.asking import Ask
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.row_list import Row

TURNS = {"space": 1, "right": 1, "left": -1}
MOVES = {"up": -1, "down": 1, "backtab": -1, "tab": 1}
LABELS = 17
CHOOSING = "Choose among few answers, or type how one begins. Figures that begin none are the next question's."


class FormScreen(OfficeDesk):
    """Questions about one thing that F9 does then, once. Enter goes to the next question and does nothing else.

    A refusal that names a question goes to it, marks it, and stays until the answer is another one.
    """

    WHAT: ClassVar[str] = ""
    KEYS: ClassVar[tuple[Key, ...]] = (
        DO.but("Do it", "Do what the form is about, as it is filled in."),
        Key("next", "enter", "Next question", "Go to the next question. It does nothing else.", "next", "Enter ↑ ↓"),
        LEAVE,
        SCREEN_HELP,
        MORE,
    )
    ELSE = (Key("choose", "space", "Choose", CHOOSING, "choose", "Space ← →"),)
    BOUND = (KEYS[0], *KEYS[2:])
    BINDINGS: ClassVar = bindings(BOUND)

    def __init__(self, session: Session, store: Store, then: Callable[[Any], None]) -> None:
        super().__init__(session, store)
        self.then = then
        self.rows = RowList()
        self.typed: dict[str, str] = {}
        self.at = 0
        self._heard = ""
        self._stood: tuple[int, dict[str, str]] = (0, {})
        self._wrong = ""
        self._leaving = False
        self.key = ""

    @property
    def bound(self) -> tuple[Key, ...]:
        """Return the keys that run an action, with what the first one does in this form."""
        return (self.KEYS[0], *self.BOUND[1:])

    def asks(self) -> Sequence[Ask]:
        """Return the questions, which may depend on what has been answered."""
        raise NotImplementedError

    def act(self, values: dict[str, Any]) -> Any:
        """Do it; called off the loop with every question's answer. The same `key` does it once."""
        raise NotImplementedError

    def comes_to(self, values: dict[str, Any]) -> Content:
        """Write what the answers so far come to; called off the loop. `KeyError` names one that it needs."""
        raise NotImplementedError

    def middle(self) -> Iterable[Widget]:
        """Give the questions, and beside them what the answers come to."""
        with Horizontal(classes="body"):
            yield self.rows
            with Vertical(classes="aside"):
                yield Steady(id="about")

    def on_mount(self) -> None:
        """Begin with the first question."""
        super().on_mount()
        self.head(self.WHAT)
        self._go(0)

    @property
    def current(self) -> Ask:
        """Return the question that is being answered."""
        return self.asks()[self.at]

    def answer(self, ask: Ask) -> str:
        """Return what is typed to a question."""
        return self.typed.get(ask.name, ask.first)

    def _go(self, to: int) -> None:
        self.at = max(0, min(len(self.asks()) - 1, to))
        ask = self.current
        self._put("" if ask.choices else self.answer(ask))
        # What is typed takes the place of the answer that stands there; the arrows edit it.
        self.field.selection = Selection(0, len(self.field.value))
        self.field.password = ask.hidden
        self.field.placeholder = "space chooses" if ask.choices else ""
        self.prompt(f"{ask.label} ›")
        self.say(ask.help)
        self._show()

    def _put(self, text: str) -> None:
        self._heard = self.field.value = text
        self.field.selection = Selection.cursor(len(text))

    def on_input_changed(self) -> None:
        """Take what is typed as the answer; another answer deals with a refusal of the one before."""
        self._hear()

    def _hear(self) -> bool:
        """Take what stands in the field as the answer. False where a choice has no such one: that is said."""
        ask, text = self.current, self.field.value
        if ask.choices:
            return self._choose(ask, text) if text or self._heard else True
        if text != self.answer(ask):
            self._take(ask, text)
        return True

    @property
    def _types_next(self) -> bool:
        return any(not ask.choices for ask in self.asks()[self.at + 1 : self.at + 2])

    def _choose(self, ask: Ask, text: str) -> bool:
        """Choose by the first letters. What can't be letters goes on to the next question, where that takes it."""
        found, typed = ask.begun(self.answer(ask), text)
        if found:
            self._put(typed)
            self._take(ask, found)
        elif not typed[:1].isalpha() and self._types_next:
            self._go(self.at + 1)
            self._put(typed)
            self._take(self.current, typed)
        else:
            self._heard, self._wrong = text, ask.name
            self.refuse(f"{ask.label}: nothing there begins with ‘{line(typed)[:20]}’. Space or ← → choose.")
            self._show()
            return False
        return True

    def _take(self, ask: Ask, text: str) -> None:
        self.typed[ask.name] = text
        self._leaving = False
        if self._wrong in (ask.name, "*"):
            self._wrong = ""
            self.dealt_with()
        self._show()

    def take_key(self, event: events.Key) -> bool:
        """Hear each sign by itself, and know where a scan began: its figures may go on to another question."""
        router = cast("PosApp", self.app).router
        if router.begins:
            self._stood = self.at, dict(self.typed)
        if event.key == "enter" and router.barcode and not self.wants_scans:
            at, self.typed = self._stood
            self._go(at)
        taken = super().take_key(event)
        if event.is_printable:
            self._hear()
        return taken

    def pressed(self, event: events.Key) -> bool:
        """Move among the questions, and among the answers of one that has few."""
        if by := MOVES.get(event.key):
            if self._hear():
                self._go(self.at + by)
            return True
        ask, turn = self.current, TURNS.get(event.key)
        if not ask.choices or not turn or self._types(ask, event):
            return False
        at = ask.choices.index(self.answer(ask)) + turn
        self._put("")
        self._take(ask, ask.choices[at % len(ask.choices)])
        return True

    def _types(self, ask: Ask, event: events.Key) -> bool:
        """Say whether a space stands within the answer that is being typed."""
        text = f"{self.field.value} "
        return event.key == "space" and ask.begun(self.answer(ask), text) in [(one, text) for one in ask.choices]

    @property
    def wants_scans(self) -> bool:
        """Take a scan where the question asks for what has a barcode."""
        return self.current.scanned

    def entered(self, text: str) -> None:
        """Go on to the next question: nothing is done by Enter."""
        self._put(text)
        if not self._hear():
            return
        last = self.at == len(self.asks()) - 1
        self._go(self.at + 1)
        if last:
            self.say(f"That was the last question. {DO}: {self.KEYS[0].label.lower()}.")

    def _show(self) -> None:
        self.rows.show(f"fill in, then {DO}: {self.KEYS[0].label.lower()}", self._rows, len(self.asks()), self.at)
        self._work_out()

    def _rows(self, width: int) -> list[Row]:
        rows = []
        for ask in self.asks():
            wrong = ask.name == self._wrong
            said = ask.understood(self.answer(ask))
            style = "$bad" if wrong else "$ink" if self.answer(ask).strip() else "$dim"
            said = f"‹ {said} ›" if ask.choices else said
            rows.append((f"{fit(ask.label, LABELS)}{'✗' if wrong else ' '} {fit(said, width - LABELS - 5)}", style))
        return rows

    def values(self) -> dict[str, Any]:
        """Return every question's answer; `InvalidInput` names the one that can't be."""
        return {ask.name: ask.value(self.answer(ask)) for ask in self.asks()}

    @work(exclusive=True, group="comes-to", exit_on_error=False)
    async def _work_out(self) -> None:
        await asyncio.sleep(PAUSE)
        try:
            shown = await self.session.call(self.comes_to, self._so_far())
        except KeyError as missing:
            (ask,) = (ask for ask in self.asks() if ask.name == missing.args[0])
            typed = self.answer(ask).strip()
            shown = Content.styled(f"… {ask.label} {'can’t be that' if typed else 'is still needed'}", "$dim")
        except PosError as error:
            shown = Content.styled(f"! {self._named(error)}", "$warn")
        self.query_one("#about", Static).update(shown)

    def _so_far(self) -> dict[str, Any]:
        """Return the answers that can be understood."""
        found = {}
        for ask in self.asks():
            with suppress(InvalidInput):
                found[ask.name] = ask.value(self.answer(ask))
        return found

    def _named(self, error: PosError) -> str:
        labels: Mapping[str | None, str] = {ask.name: ask.label for ask in self.asks()}
        label = labels.get(error.field)
        return f"{label}: {line(error.message)}" if label else line(error.message)

    def failed(self, error: Exception) -> None:
        """Go to the question that a refusal names, and mark it."""
        names = [ask.name for ask in self.asks()]
        if isinstance(error, PosError) and error.field in names:
            self._wrong = error.field
            self._go(names.index(error.field))
            self.refuse(self._named(error))
        else:
            self._wrong = "*"
            super().failed(error)

    def action_do(self) -> None:
        """Do it, as it is filled in."""
        if self.small:
            return
        # What was typed right before the key may not have been told yet.
        if not self._hear():
            return
        try:
            values = self.values()
        except InvalidInput as error:
            self.failed(error)
            return
        # The same answers sent again, after a failure that may have come late, are done once.
        self.key = self.intent.key(values)
        self._wrong = ""
        self.begin(self._submit(values))

    async def _submit(self, values: dict[str, Any]) -> None:
        try:
            result = await self.session.call(self.act, values)
        except Exception as error:  # whatever it was, it has to be on the screen
            self.say(self.current.help)
            self.failed(error)
            return
        self.dismiss()
        self.then(result)

    def action_back(self) -> None:
        """Put a refusal away; leave, and ask once more where something is filled in."""
        if self.refused:
            self._wrong = ""
            self.dealt_with()
            if self.current.choices:
                self._put("")
            self._show()
        elif any(self.answer(ask) != ask.first for ask in self.asks()) and not self._leaving:
            self._leaving = True
            self.say(f"Leave without doing it? {BACK} again leaves, Enter goes on.", WARN)
        else:
            self.dismiss()
