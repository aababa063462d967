"""Parked sales, one a row: when, under what name, where, and how much was rung up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.tui.safe import fit, line, right
from posconsole.tui.widgets.choice_list import ChoiceList
from posconsole.tui.words import when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posconsole.engine.sale.baskets import ParkedView
    from posconsole.engine.views import ShopView


class ParkedList(ChoiceList):
    """A parked sale a row, oldest first."""

    def __init__(self, shop: ShopView) -> None:
        super().__init__(id="parked")
        self.shop = shop
        self._parked: Sequence[ParkedView] = ()

    def show(self, parked: Sequence[ParkedView], at: int) -> None:
        """Show these, one of them chosen; paints only when something differs."""
        if (parked, at) != (self._parked, self.at):
            self._parked, self.count, self.at = parked, len(parked), at
            self.refresh()

    def heading(self) -> str:
        """Return the list's title, or what it means that there is none."""
        return f"   {'parked sales' if self.count else '✓ No sale is parked.'}"

    def row(self, index: int) -> tuple[str, str]:
        """Return when, whose, where and how many lines."""
        parked = self._parked[index]
        lines = len(parked.basket.items)
        tail = f"till {line(parked.till)}{right(f'{lines} line' + ('' if lines == 1 else 's'), 9)} "
        time = fit(when(parked.parked_at, self.shop), 13)
        return f"   {time} {fit(parked.name, max(4, self.size.width - 18 - len(tail)))} {tail}", "$ink"
