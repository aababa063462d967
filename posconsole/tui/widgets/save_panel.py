"""Saving money, in the right column: what the member could use today, each thing on or off, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from posconsole.tui.safe import fit, line, right
from posconsole.tui.widgets.choice_list import ChoiceList
from posconsole.tui.widgets.preview_row import wrap
from posconsole.tui.widgets.totals import BigAmount
from posconsole.tui.words import money, points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from posconsole.engine.quoting.advising import Advice
    from posconsole.engine.views import ShopView
    from posconsole.tui.choices import Choice


class Choices(ChoiceList):
    """A row for each choice, with a sign for on and off."""

    def __init__(self) -> None:
        super().__init__(id="choices")
        self._choices: Sequence[Choice] = ()

    def show(self, choices: Sequence[Choice], at: int) -> None:
        """Show these, one of them chosen."""
        self._choices, self.count, self.at = choices, len(choices), at
        self.styles.height = len(choices) + 1
        self.refresh()

    def heading(self) -> str:
        """Return what the rows are."""
        return " What could be saved today"

    def row(self, index: int) -> tuple[str, str]:
        """Return a choice with its sign, and what it does."""
        choice = self._choices[index]
        room = self.size.width - len(choice.effect) - 6
        sign, style = ("✓", "$good") if choice.taken else ("○", "$dim")
        return f"  {sign} {fit(choice.name, room)} {right(choice.effect, len(choice.effect))} ", style


class SavePanel(Vertical):
    """The choices, what they come to, and what would be left to pay."""

    def __init__(self) -> None:
        super().__init__(id="save")
        self.choices: tuple[Choice, ...] = ()
        self.at = self.due = 0
        self._why: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the list, the sums, how the price comes about, and the amount."""
        yield Choices()
        yield Static("", id="saves", markup=False)
        yield Static("", id="why-so", markup=False)
        yield BigAmount("TO PAY THEN", id="to-pay-then")

    @property
    def chosen(self) -> Choice | None:
        """Return the choice that the keys act on."""
        return self.choices[self.at] if self.choices else None

    def move(self, by: int) -> None:
        """Choose another row, stopping at the ends."""
        self.at = max(0, min(len(self.choices) - 1, self.at + by))
        self.query_one(Choices).show(self.choices, self.at)

    def show(self, choices: tuple[Choice, ...], advice: Advice, why: tuple[str, ...], shop: ShopView) -> None:
        """Show what could be done and what it comes to; the chosen row stays the same thing where it still is."""
        before = self.chosen.id if self.chosen else ""
        self.choices, self.due, self._why = choices, advice.quote.due, why
        self.at = next((i for i, choice in enumerate(choices) if choice.id == before), 0)
        self.move(0)
        self.query_one("#saves", Static).update(_sums(advice, shop))
        self.query_one(BigAmount).show("TO PAY THEN", money(self.due, shop))
        self._explain()

    def on_resize(self) -> None:
        """Break the explanation anew."""
        self._explain()

    def _explain(self) -> None:
        rows = [row for step in self._why for row in wrap(line(step), max(20, self.size.width - 3), 3)]
        self.query_one("#why-so", Static).update(Content("\n").join(Content.styled(f" {row}", "$dim") for row in rows))


def _sums(advice: Advice, shop: ShopView) -> Content:
    """Say what it saves beyond what is on the sale already, and what it costs in points."""
    cost = -sum(step.points for step in advice.steps if step.points < 0)
    saves = money(advice.saves, shop) if advice.saves else "nothing more"
    rows = [Content(""), Content.assemble((" saves  ", "$dim"), (saves, "bold $good"))]
    if cost:
        rows.append(Content.assemble((" costs  ", "$dim"), (points(cost, shop), "$ink")))
    return Content("\n").join(rows)
