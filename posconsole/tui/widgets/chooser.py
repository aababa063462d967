"""Hits to choose from: products, members or both, with the chosen one marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from posconsole.engine.quoting.found import ProductView
from posconsole.tui.safe import fit, line, right

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posconsole.engine.views import MemberView, ShopView

    Hit = ProductView | MemberView


class Chooser(Widget):
    """A list that the arrow keys move through while the field keeps the typing."""

    def __init__(self) -> None:
        super().__init__(id="chooser")
        self.hits: tuple[Hit, ...] = ()
        self.chosen = 0
        self._heading = ""
        self._shop: ShopView | None = None

    def show(self, hits: Sequence[Hit], heading: str, shop: ShopView) -> None:
        """Show these hits, the first one chosen."""
        self.hits, self._heading, self._shop, self.chosen = tuple(hits), heading, shop, 0
        self.refresh()

    def move(self, by: int) -> None:
        """Choose another hit, stopping at the ends."""
        self.chosen = max(0, min(len(self.hits) - 1, self.chosen + by))
        self.refresh()

    @property
    def hit(self) -> Hit | None:
        """Return the chosen hit."""
        return self.hits[self.chosen] if self.hits else None

    def render(self) -> Content:
        """Draw the heading and as many hits as fit around the chosen one."""
        height = max(1, self.size.height - 1)
        first = max(0, min(self.chosen - height // 2, len(self.hits) - height))
        rows = [Content.styled(fit(f"   {self._heading}", self.size.width), "$dim")]
        shown = range(first, min(first + height, len(self.hits)))
        code = max((cell_len(_code(self.hits[i])) for i in shown), default=0)
        rows += [self._row(i, self.hits[i], min(code, 14)) for i in shown]
        return Content("\n").join(rows)

    def _row(self, index: int, hit: Hit, widest: int) -> Content:
        width = self.size.width
        chosen = index == self.chosen
        mark, style = ("▸", "bold $ink on $row") if chosen else (" ", "$ink")
        if isinstance(hit, ProductView) and self._shop is not None:
            price = self._shop.currency.format(hit.price, self._shop.locale)
            text = f"{fit(hit.name, width - 3 - widest - 12)} {fit(_code(hit), widest)}{right(price, 10)} "
        else:
            text = fit(member_line(hit), width - 3)
        return Content.assemble((f" {mark} ", "bold $here on $row" if chosen else "$here"), (text, style))


def _code(hit: Hit) -> str:
    return line(hit.barcode or hit.sku) if isinstance(hit, ProductView) else ""


def member_line(member: object) -> str:
    """Tell members of one name apart: the end of the card's or the phone's number stands behind the name."""
    ends = ending(getattr(member, "card", None) or getattr(member, "phone", None))
    return f"{line(getattr(member, 'name', ''))}{f'  {ends}' if ends else ''}"


def ending(number: str | None) -> str:
    """Show the last four signs of a card's or a phone's number, however it is grouped: `…1254`."""
    signs = "".join(line(number or "").split())
    return f"…{signs[-4:]}" if signs else ""
