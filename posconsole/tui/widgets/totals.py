"""The right column: who buys, how the sum comes about, and what is to pay, large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Digits, Static

from posconsole.codes import mask
from posconsole.tui.safe import fit, right
from posconsole.tui.widgets import club_words

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from posconsole.engine.quoting.quotes import Quote
    from posconsole.engine.views import ShopView
    from posconsole.tui.club import Club

ROOMY = 20
"""Rows from which on what the member can have is named one by one."""


class BigAmount(Vertical):
    """A word and an amount in large figures; in plain ones where the large don't fit."""

    def __init__(self, word: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._word, self._amount = word, ""

    def compose(self) -> ComposeResult:
        """Lay out the word above the figures."""
        yield Static(self._word, classes="word", markup=False)
        yield Digits("", classes="figures")

    def show(self, word: str, amount: str) -> None:
        """Show another word or amount; paints only what differs."""
        if word != self._word:
            self._word = word
            self.query_one(Static).update(Content(word))
        if amount != self._amount:
            self._amount = amount
            self.query_one(Digits).update(self._fitting(amount))

    def _fitting(self, amount: str) -> str:
        # A figure takes three cells, a point or comma one.
        needed = sum(3 if sign.isdigit() else 1 for sign in amount)
        return amount if needed <= self.size.width - 1 else amount.replace(",", "").replace("\N{NO-BREAK SPACE}", "")


class Figures(Widget):
    """The member, then each part of the sum on its own row."""

    def __init__(self) -> None:
        super().__init__(id="figures")
        self._shown: tuple[Quote | None, Club | None, ShopView | None] = (None, None, None)

    def show(self, quote: Quote | None, club: Club | None, shop: ShopView | None) -> None:
        """Show a quote and whose it is; paints only when something differs."""
        if (quote, club, shop) != self._shown:
            self._shown = (quote, club, shop)
            self.refresh()

    def render(self) -> Content:
        """Draw the rows; where they don't fit the last one says how many are missing."""
        quote, club, shop = self._shown
        if shop is None:
            return Content("")
        rows = club_words.card(club, quote, shop, self.size.width, roomy=self.size.height > ROOMY)
        if quote is not None:
            rows += self._sums(quote, shop)
        height = self.size.height
        if len(rows) > height:
            rows = [*rows[: height - 1], Content.styled(f" … and {len(rows) - height + 1} more", "$dim")]
        return Content("\n").join(rows)

    def _sums(self, quote: Quote, shop: ShopView) -> list[Content]:
        def row(what: str, amount: int, style: str = "$ink") -> Content:
            figure = shop.currency.format(amount, shop.locale)
            width = self.size.width
            return Content.styled(f" {fit(what, width - 2 - len(figure) - 1)} {right(figure, len(figure))} ", style)

        rows = [row("Subtotal", quote.order_amount)]
        rows += [row(discount.name or discount.code, -discount.amount, "$good") for discount in quote.discounts]
        word = "incl. tax" if quote.prices_include_tax else "plus tax"
        rows += [row(f"{word} {_rate(tax.rate)}", tax.tax, "$dim") for tax in quote.taxes if tax.tax]
        rows += [row(f"Voucher {mask(draw.code)}", -draw.amount, "$good") for draw in quote.vouchers]
        return rows


def _rate(points: int) -> str:
    return f"{points / 100:g} %"


class Totals(Vertical):
    """What the customer is charged, and for what."""

    def __init__(self) -> None:
        super().__init__(id="totals")

    def compose(self) -> ComposeResult:
        """Lay out the figures above what is to pay."""
        yield Figures()
        yield BigAmount("TO PAY", id="to-pay")

    def show(self, quote: Quote | None, club: Club | None, shop: ShopView | None) -> None:
        """Show a quote: nothing to pay yet when there is none."""
        self.query_one(Figures).show(quote, club, shop)
        if shop is not None:
            self.query_one("#to-pay", BigAmount).show(
                "TO PAY", shop.currency.format(quote.due if quote else 0, shop.locale)
            )

    def show_change(self, change: int, shop: ShopView) -> None:
        """Leave the change of the sale just made on show until the next one begins."""
        self.query_one("#to-pay", BigAmount).show("CHANGE", shop.currency.format(change, shop.locale))
