"""Payments, one a row: the latest sales to refund, or those whose outcome isn't known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.printing.receipt import counted
from posconsole.tui.safe import fit, line, right
from posconsole.tui.widgets.choice_list import ChoiceList
from posconsole.tui.words import money, state, tried, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posconsole.engine.views import PaymentView, ShopView


ROOM = 24
"""Columns on the right from which on the articles are named."""


class PaymentList(ChoiceList):
    """A payment a row: when, its number or till, how much, and what it was; `empty` is said of an empty list."""

    def __init__(self, shop: ShopView, title: str, empty: str) -> None:
        super().__init__(id="payments")
        self.shop, self._title, self._empty = shop, title, empty
        self._payments: Sequence[PaymentView] = ()

    def show(self, payments: Sequence[PaymentView], at: int) -> None:
        """Show these, one of them chosen; paints only when something differs."""
        if (payments, at) != (self._payments, self.at):
            self._payments, self.count, self.at = payments, len(payments), at
            self.refresh()

    def heading(self) -> str:
        """Return the list's title, or what it means that there is none."""
        return f"   {self._title if self.count else self._empty}"

    def row(self, index: int) -> tuple[str, str]:
        """Return when, which, how much and what; the state in words where it isn't simply paid."""
        payment = self._payments[index]
        time = fit(when(payment.captured_at or payment.created, self.shop), 12)
        which = payment.receipt_number or f"till {line(payment.till)}"
        amount = money(payment.amount if payment.receipt_number else tried(payment), self.shop)
        words, style = state(payment)
        room = max(4, self.size.width - 37)
        said = words if room < ROOM else f"{fit(words, 13)}{fit(_articles(payment), room - 14)}"
        return f"   {time} {fit(which, 9)}{right(amount, 10)}  {fit(said, room)}", style


def _articles(payment: PaymentView) -> str:
    return ", ".join(counted(sold.quantity, line(sold.name)) for sold in payment.lines[:9])
