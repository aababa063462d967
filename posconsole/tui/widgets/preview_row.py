"""The rows under the field: what Enter would do, and below it what has been refused and not dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

from posconsole.tui.safe import fit, line

if TYPE_CHECKING:
    from collections.abc import Sequence

GOOD, BAD, WARN, DOUBT, PLAIN = ("✓", "$good"), ("✗", "$bad"), ("!", "$warn"), ("?", "$warn"), (" ", "$ink")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with its sign and colour, and the key that answers it."""

    text: str
    tone: tuple[str, str] = PLAIN
    hint: str = ""


NOTHING = Said("")
CHECKING = Said("checking…", (" ", "$dim"))


class PreviewRow(Widget):
    """Three still rows. The answer stands at the top, the latest refusal at the bottom; each may take two."""

    HEIGHT = 3

    def __init__(self) -> None:
        super().__init__(id="preview")
        self._answer = NOTHING
        self._refusals: tuple[Said, ...] = ()
        self._painted = [Content("")] * self.HEIGHT

    @property
    def answer(self) -> Said:
        """Return what stands in the upper row."""
        return self._answer

    @property
    def refusals(self) -> tuple[Said, ...]:
        """Return the refusals that stand."""
        return self._refusals

    def show(self, answer: Said | None = None, refusals: Sequence[Said] | None = None) -> None:
        """Change the answer or the refusals; only the rows that differ are painted."""
        self._answer = self._answer if answer is None else answer
        self._refusals = self._refusals if refusals is None else tuple(refusals)
        before, self._painted = self._painted, self._draw()
        for y, (old, new) in enumerate(zip(before, self._painted, strict=True)):
            if not old.is_same(new):
                self.refresh(Region(0, y, max(old.cell_length, new.cell_length), 1))

    def on_resize(self) -> None:
        """Break the sentences anew."""
        self._painted = self._draw()
        self.refresh()

    def render(self) -> Content:
        """Draw the rows."""
        return Content("\n").join(self._painted)

    def _draw(self) -> list[Content]:
        refusal = self._refusal()
        below = self._rows(refusal, 2) if refusal else []
        above = self._rows(self._answer, min(2, self.HEIGHT - min(len(below), 2)))
        below = below[: self.HEIGHT - len(above)]
        blank = [Content("")] * (self.HEIGHT - len(above) - len(below))
        return [*above, *blank, *below]

    def _refusal(self) -> Said | None:
        if not self._refusals:
            return None
        last, others = self._refusals[-1], len(self._refusals) - 1
        return Said(f"{last.text} (+{others}\N{NO-BREAK SPACE}more)", last.tone, last.hint) if others else last

    def _rows(self, said: Said, most: int) -> list[Content]:
        width = (self.size.width or 80) - 4
        hint = line(said.hint)
        room = width - (cell_len(hint) + 2 if hint else 0)
        words = wrap(line(said.text), room, most)
        sign, colour = said.tone
        rows = [Content.assemble((f" {sign} ", f"bold {colour}"), (words[0], colour))]
        if hint:
            rows[0] = Content.assemble(rows[0], " " * (room - cell_len(words[0]) + 2), (hint, "$here"))
        return rows + [Content.styled(f"   {word}", colour) for word in words[1:]]


def wrap(text: str, width: int, most: int) -> list[str]:
    """Break a sentence between words into at most `most` rows; what does not fit ends in an ellipsis."""
    rows, words = [""], text.split(" ")
    for index, word in enumerate(words):
        joined = f"{rows[-1]} {word}" if rows[-1] else word
        if cell_len(joined) <= width or not rows[-1]:
            rows[-1] = joined
        elif len(rows) < most:
            rows.append(word)
        else:
            rows[-1] = " ".join([rows[-1], *words[index:]])
            break
    return [row if cell_len(row) <= width else fit(row, width) for row in rows]
