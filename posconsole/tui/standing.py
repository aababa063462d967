"""What has been said and asked across the counter, and is still standing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posconsole.tui.keys import TRAY
from posconsole.tui.widgets.preview_row import NOTHING, Said

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TYPED = "what is typed"
"""What a refusal is about that stands only while something is typed and not entered."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that Enter on the empty field says yes to, and F7 no."""

    said: Said
    yes: Callable[[], Awaitable[None]]
    no: Callable[[], Awaitable[None]] | None = None


class Standing:
    """The last answer, the open question, and the refusals that nobody has dealt with yet."""

    def __init__(self) -> None:
        self.answer = NOTHING
        self.question: Question | None = None
        self.refusals: list[Said] = []
        self._about: dict[str, Said] = {}

    def say(self, said: Said) -> None:
        """Answer what was done; an open question is off the table."""
        self.answer, self.question = said, None

    def ask(self, question: Question) -> None:
        """Put a question."""
        self.answer, self.question = NOTHING, question

    def refuse(self, said: Said, about: str = "") -> None:
        """Refuse, for as long as it takes to be dealt with. What is refused twice stands once.

        `about` is what was refused, a folded code: should it do after all, `overcome` puts the refusal away.
        """
        self.answer, self.question = NOTHING, None
        if about:
            self.overcome(about)
            self._about[about] = said
        if said in self.refusals:
            self.refusals.remove(said)
        self.refusals.append(said)

    def overcome(self, about: str) -> None:
        """Put away the refusal of something that does now."""
        earlier = self._about.pop(about, None)
        if earlier in self.refusals:
            self.refusals.remove(earlier)

    def all_settled(self) -> None:
        """Put away what the tray has answered."""
        self.refusals = [refusal for refusal in self.refusals if refusal.hint != TRAY.display]

    def put_away(self) -> bool:
        """Deal with the latest refusal, the one on show. False when there was none."""
        if self.refusals:
            self.refusals.pop()
            return True
        return False

    @property
    def standing(self) -> Said:
        """Return what the upper row shows while nothing is typed."""
        return self.question.said if self.question else self.answer
