"""The lines of a sale, and how many of each are to come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.tui.safe import fit, line, right
from posconsole.tui.widgets.choice_list import ChoiceList
from posconsole.tui.words import money

if TYPE_CHECKING:
    from posconsole.engine.views import LineView, ShopView
    from posconsole.tui.selection import Selection

BACK, FIGURE = 13, 10
ROOMY = 64
"""From this width on there is room for the price of one and for what was discounted."""


class RefundLines(ChoiceList):
    """One row a line: how many come back of how many, the article, what was paid for it."""

    def __init__(self, shop: ShopView) -> None:
        super().__init__(id="lines")
        self.shop = shop
        self._shown: Selection | None = None

    def show(self, selection: Selection) -> None:
        """Show what is selected; paints only when it differs."""
        if selection != self._shown:
            self._shown, self.count, self.at = selection, len(selection.lines), selection.at
            self.repaint()

    def heading(self) -> str:
        """Return the columns' names."""
        figures = ("each", "discount", "paid") if self.size.width >= ROOMY else ("paid",)
        return self._columns("  back", "article", figures)

    def row(self, index: int) -> tuple[str, str]:
        """Return a line: green with ✓ when some of it comes back, grey when nothing of it can any more."""
        if self._shown is None:
            return "", ""
        sold, chosen, left = self._shown.lines[index], self._shown.chosen[index], self._shown.left(index)
        back = f"{'✓' if chosen else ' '} {chosen} of {left}" if left else "✗ refunded"
        name = sold.name
        if left and sold.refunded and self.size.width >= ROOMY:
            name = f"{line(sold.name)} ({sold.refunded} came back)"
        return self._columns(back, name, self._figures(sold)), "$good" if chosen else "$ink" if left else "$dim"

    def _figures(self, sold: LineView) -> tuple[str, ...]:
        paid = money(sold.total, self.shop)
        if self.size.width < ROOMY:
            return (paid,)
        off = money(-sold.discount, self.shop) if sold.discount else ""
        return money(sold.unit_price, self.shop), off, paid

    def _columns(self, back: str, name: str, figures: tuple[str, ...]) -> str:
        sums = "".join(right(figure, FIGURE) for figure in figures)
        return f"{fit('   ' + back, BACK + 3)}{fit(name, max(4, self.size.width - BACK - len(sums) - 4))}{sums} "
