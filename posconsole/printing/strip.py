"""A strip of paper that rows are added to, in the shop's currency, language and time.

The rows are the one description of it: a terminal shows their text, a printer also their weight and symbols.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from posconsole.clock import local
from posconsole.printing.paper import cells, centred, clean, pair, wrapped
from posconsole.printing.typeface import sayable

if TYPE_CHECKING:
    from posconsole.engine.views import ShopView

WIDTH = 40
INDENT = "    "
WORLDWIDE = "en_150"
"""How English of no country is written: with the day first, and hours up to 24."""


def moment(at: int, shop: ShopView) -> str:
    """Write a point in time on the shop's clock and as it writes: `22 Jul 2026 14:02`, `Jul 22, 2026 2:02 PM`."""
    from babel.dates import format_date, format_time

    then, locale = local(at, shop.timezone), WORLDWIDE if shop.locale == "en" else shop.locale
    day, time = format_date(then, "medium", locale=locale), format_time(then, "short", locale=locale)
    text = clean(f"{day} {time}")
    # Months of an alphabet that no font here has are numbers.
    return text if sayable(text) else f"{then:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a strip: a text that is laid out and cleaned, or a symbol (its kind and its text) that is centred.

    `figure` is how many characters at the text's end are an amount, which no name before it may move.
    """

    text: str = ""
    bold: bool = False
    tall: bool = False
    figure: int = 0
    symbol: tuple[str, str] | None = None


class Paper:
    """A strip that rows are added to; text from data is cleaned on its way in."""

    def __init__(self, shop: ShopView, width: int) -> None:
        self.shop, self.width = shop, width
        self.rows: list[Row] = []

    @property
    def lines(self) -> list[str]:
        """Return the strip as plain text, `width` columns wide; symbols are for paper only."""
        return [row.text for row in self.rows if row.symbol is None]

    def head(self, titles: tuple[str, ...], till: str, operator: str, at: int, *, copy: bool = False) -> None:
        """Write whose paper this is, what it is, and where and when it was made."""
        for line in self._wrapped(self.shop.name, self.width) if self.shop.name else ():
            self.centre(line.strip(), bold=True)
        for line in self.shop.head:
            self.centre(line)
        if copy:
            self.centre("COPY", bold=True, tall=True)
        for title in titles:
            self.centre(title, bold=True)
        self.centre(f"{moment(at, self.shop)} · till {till}")
        if operator:
            self.centre(operator)
        self.gap()

    def money(self, amount: int) -> str:
        """Write an amount in the shop's currency and language."""
        return self.shop.currency.format(amount, self.shop.locale)

    def percent(self, rate: int) -> str:
        """Write basis points as people of the shop's language do: 1900 → `19 %`, 750 → `7.5 %` or `7,5 %`."""
        from babel.numbers import format_decimal

        return f"{format_decimal(Decimal(rate).scaleb(-2), locale=self.shop.locale)} %"

    def points(self, text: str, amount: int) -> None:
        """A text on the left, and a number of points on the right."""
        from babel.numbers import format_decimal

        self.figure(text, str(format_decimal(amount, locale=self.shop.locale)))

    def amount(self, text: str, amount: int, *, bold: bool = False, tall: bool = False) -> None:
        """A text on the left, which may take two lines, and an amount on the right of the last one."""
        self.figure(text, self.money(amount), bold=bold, tall=tall)

    def figure(self, text: str, figure: str, *, bold: bool = False, tall: bool = False) -> None:
        """A text on the left, which may take two lines, and a figure that is written already on the right."""
        *above, last = self._wrapped(text, self.width - cells(figure) - 1)
        self.rows += [Row(line, bold, tall) for line in above]
        self.rows.append(Row(pair(last, figure, self.width), bold, tall, len(figure)))

    def text(self, text: str) -> None:
        """Set a text on the left, in two lines at most."""
        self.rows += map(Row, self._wrapped(text, self.width))

    def centre(self, text: str, *, bold: bool = False, tall: bool = False) -> None:
        """Set a text in the middle."""
        self.rows.append(Row(centred(clean(text), self.width), bold, tall))

    def symbol(self, kind: str, text: str) -> None:
        """Set what a scanner reads in the middle: a `qr` or a `code128`."""
        self.rows.append(Row(symbol=(kind, text)))

    def rule(self, symbol: str = "-") -> None:
        """Draw a line across."""
        self.rows.append(Row(symbol * self.width))

    def gap(self) -> None:
        """Leave a line free."""
        self.rows.append(Row())

    def _wrapped(self, text: str, room: int) -> list[str]:
        indent = INDENT if text.startswith(INDENT) else ""
        return [indent + line for line in wrapped(clean(text), max(3, room - len(indent)))]
