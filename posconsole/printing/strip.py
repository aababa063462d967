"""A strip of paper that lines are added to, in the shop's currency, language and time."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from posconsole.clock import local
from posconsole.printing.paper import centred, clean, pair, wrapped

if TYPE_CHECKING:
    from posconsole.engine.views import ShopView

WIDTH = 40
INDENT = "    "


def moment(at: int, shop: ShopView) -> str:
    """Write a point in time on the shop's clock and in its language: `22 Jul 2026 14:02`."""
    from babel.dates import format_datetime

    return str(format_datetime(local(at, shop.timezone), "d MMM y HH:mm", locale=shop.locale))


def percent(rate: int) -> str:
    """Write basis points as people do: 1900 → `19 %`, 750 → `7.5 %`."""
    return f"{Decimal(rate).scaleb(-2).normalize():f} %"


class Paper:
    """A strip that lines are added to; text from data is cleaned on its way in."""

    def __init__(self, shop: ShopView, width: int) -> None:
        self.shop, self.width = shop, width
        self.lines: list[str] = []

    def head(self, titles: tuple[str, ...], till: str, operator: str, at: int) -> None:
        """Write whose paper this is, what it is, and where and when it was made."""
        if self.shop.name:
            self.centre(self.shop.name)
        for title in titles:
            self.centre(title)
        self.centre(f"{moment(at, self.shop)} · till {till}")
        if operator:
            self.centre(operator)
        self.gap()

    def money(self, amount: int) -> str:
        """Write an amount in the shop's currency and language."""
        return self.shop.currency.format(amount, self.shop.locale)

    def amount(self, text: str, amount: int) -> None:
        """A text on the left, which may take two lines, and an amount on the right of the last one."""
        figure = self.money(amount)
        *above, last = self._wrapped(text, self.width - len(figure) - 1)
        self.lines += [*above, pair(last, figure, self.width)]

    def text(self, text: str) -> None:
        """Set a text on the left, in two lines at most."""
        self.lines += self._wrapped(text, self.width)

    def centre(self, text: str) -> None:
        """Set a text in the middle."""
        self.lines.append(centred(clean(text), self.width))

    def rule(self, symbol: str = "-") -> None:
        """Draw a line across."""
        self.lines.append(symbol * self.width)

    def gap(self) -> None:
        """Leave a line free."""
        self.lines.append("")

    def _wrapped(self, text: str, room: int) -> list[str]:
        indent = INDENT if text.startswith(INDENT) else ""
        return [indent + line for line in wrapped(clean(text), max(3, room - len(indent)))]
