"""The basket: a row for each line, what was taken off it beneath, then the codes with what each of them does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from posconsole.codes import mask
from posconsole.engine.quoting.reasons import sentence
from posconsole.tui.safe import fit, line, right
from posconsole.tui.widgets.preview_row import wrap
from posconsole.tui.words import points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posconsole.engine.quoting.quotes import Quote, QuoteLine, Verdict
    from posconsole.engine.views import ShopView


@dataclass(frozen=True, slots=True)
class Row:
    """One row on the screen, and the index of what it belongs to: the lines first, then the codes."""

    owner: int
    content: Content


class BasketList(Widget):
    """What is being sold. The chosen line or code carries a mark and is kept in sight."""

    def __init__(self) -> None:
        super().__init__(id="basket")
        self._shown: tuple[Quote | None, int, ShopView | None, int] = (None, 0, None, 0)
        self._waiting: tuple[str, ...] = ()

    def show(self, quote: Quote | None, chosen: int, shop: ShopView | None, waiting: tuple[str, ...] = ()) -> None:
        """Show the quote's lines and codes, or without goods what is `waiting` for some; paints only what differs."""
        shown = (quote, chosen, shop, self.size.width)
        if waiting != self._waiting:
            self._waiting = waiting
            self.refresh()
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> Content:
        """Draw as many rows as fit, the chosen ones among them."""
        quote, chosen, shop, _ = self._shown
        if quote is None or shop is None:
            return Content("\n").join([self._waits(index, what) for index, what in enumerate(self._waiting)])
        rows = [row for index, sold in enumerate(quote.lines) for row in self._line(index, sold, quote, shop)]
        asked = quote.verdicts if quote.reward is None else (*quote.verdicts, quote.reward)
        given = self._given(quote, shop)
        if asked or given:
            rows.append(Row(-1, Content("")))
        for index, verdict in enumerate(asked, len(quote.lines)):
            rows += self._code(index, verdict, shop)
        rows += given
        return Content("\n").join(self._window(rows, chosen, len(quote.lines)))

    def _window(self, rows: Sequence[Row], chosen: int, lines: int) -> list[Content]:
        height = self.size.height
        if len(rows) <= height:
            return [row.content for row in rows]
        last = max((i for i, row in enumerate(rows) if row.owner == chosen), default=0)
        first = max(0, min(last - height + 3, len(rows) - height))
        shown = [row.content for row in rows[first : first + height]]
        if first:
            shown[0] = Content.styled(fit(f"   ↑ more of {lines} lines", self.size.width), "$dim")
        if first + height < len(rows):
            shown[-1] = Content.styled(fit("   ↓ more", self.size.width), "$dim")
        return shown

    def _line(self, index: int, sold: QuoteLine, quote: Quote, shop: ShopView) -> list[Row]:
        width = self.size.width
        unit, total = (shop.currency.format(n, shop.locale) for n in (sold.line.unit_price, sold.gross))
        price, sums = (9, 10) if width < 60 else (12, 14)
        name = width - 2 - 5 - price - sums - 1
        text = (
            f"{right(sold.line.quantity, 4)} × {fit(sold.line.name, name - 2)}{right(unit, price)}{right(total, sums)} "
        )
        rows = [Row(index, self._chosen(text, index))]
        for discount, share in zip(quote.discounts, sold.shares, strict=True):
            if share:
                off = shop.currency.format(-share, shop.locale)
                what = fit(discount.name or discount.code, width - 9 - sums - 1)
                rows.append(Row(index, Content.styled(f"         {what}{right(off, sums)} ", "$dim")))
        return rows

    def _chosen(self, text: str, index: int) -> Content:
        if index == self._shown[1]:
            return Content.assemble((" ▸", "bold $here on $row"), (text, "bold $ink on $row"))
        return Content.assemble("  ", (text, "$ink"))

    def _code(self, index: int, verdict: Verdict, shop: ShopView) -> list[Row]:
        width = self.size.width
        chosen = index == self._shown[1]
        back = " on $row" if chosen else ""
        mark = (" ▸" if chosen else "  ", f"bold $here{back}")
        if verdict.valid:
            code = mask(verdict.code) if verdict.kind == "voucher" else verdict.code
            what = {"voucher": "Voucher", "reward": "for points"}.get(verdict.kind or "", verdict.name)
            rows = [
                Row(index, self._does(mark, f"{code}  {what if what != code else ''}", _effect(verdict, shop), back))
            ]
            if verdict.forfeited:
                lost = shop.currency.format(verdict.forfeited, shop.locale)
                rows.append(Row(index, Content.styled(f"   ! single use: the other {lost} is lost", "$warn")))
            return rows
        why = line(sentence(verdict, shop.currency, shop.locale, shop.timezone))
        broken = wrap(why, width - 6, 3)
        first = Content.assemble(mark, (" ✗ ", f"bold $bad{back}"), (fit(broken[0], width - 5), f"$bad{back}"))
        return [Row(index, first)] + [Row(index, Content.styled(f"     {row}", "$bad")) for row in broken[1:3]]

    def _waits(self, index: int, what: str) -> Content:
        text = (fit(f"{what} waits for an article", self.size.width - 5), "$warn")
        mark = (" ▸", "bold $here") if index == self._shown[1] else ("  ", "$ink")
        return Content.assemble(mark, (" ! ", "bold $warn"), text)

    def _does(self, mark: tuple[str, str], what: str, effect: str, back: str = "") -> Content:
        room = max(11, cell_len(effect) + 1)
        text = fit(what, self.size.width - 5 - room - 1)
        return Content.assemble(mark, (" ✓ ", f"bold $good{back}"), (f"{text}{right(effect, room)} ", f"$ink{back}"))

    def _given(self, quote: Quote, shop: ShopView) -> list[Row]:
        """Say what offers give besides a discount; a gift that is out of stock is no trouble of this sale's."""
        rows = [
            self._does(
                ("  ", "$ink"), grant.name, grant.gift.name if grant.gift else points(grant.points, shop, signed=True)
            )
            for grant in quote.grants
            if grant.kind == "offer"
        ]
        out = [
            Content.styled(fit(f"   · {name}: out of stock, not given", self.size.width), "$dim")
            for name in quote.offers_out
        ]
        return [Row(-1, row) for row in (*rows, *out)]


def _effect(verdict: Verdict, shop: ShopView) -> str:
    """Say in a word or two what a code does."""
    if verdict.points:
        return points(verdict.points, shop, signed=True)
    if verdict.gift is not None:
        return f"gives {verdict.gift}"
    return shop.currency.format(-verdict.amount, shop.locale)
