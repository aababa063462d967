"""A list whose rows somebody else writes: vouchers, batches, coupons, the questions of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.tui.widgets.choice_list import ChoiceList

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.content import Content

Row = tuple[str, str]
"""A row's text, three cells left free for the mark, and its style."""


class RowList(ChoiceList):
    """Rows for the width there is, one of them chosen."""

    def __init__(self) -> None:
        super().__init__(id="rows")
        self.title = ""
        self._rows: Callable[[int], Sequence[Row]] = lambda _: ()
        self._written: Sequence[Row] = ()

    def show(self, title: str, rows: Callable[[int], Sequence[Row]], count: int, at: int) -> None:
        """Show `count` rows, which `rows` writes for a width of so many cells."""
        self.title, self._rows, self.count, self.at = title, rows, count, at
        self.repaint()

    def heading(self) -> str:
        """Return the list's title."""
        return f"   {self.title}"

    def lines(self) -> list[Content]:
        """Write all rows once, then draw what fits."""
        self._written = self._rows(self.size.width)
        return super().lines()

    def row(self, index: int) -> Row:
        """Return a row as it is written for this width."""
        text, style = self._written[index]
        return f"   {text}", style
