"""The questions of a form: what may be typed, what it means, and how that is shown back before anything is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from posconsole.clock import local, moment
from posconsole.errors import InvalidInput
from posconsole.money import hundredths
from posconsole.tui.safe import line
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posconsole.engine.views import ShopView

YES, NO = "yes", "no"
CHOOSES = "Space or ← → choose, or the first letter."


@dataclass(frozen=True, slots=True)
class Ask:
    """A question. `name` is the verb's argument, which a refusal names too; `help` says what may be typed.

    `read` turns the text into the argument and raises `InvalidInput`, `shown` says what has been understood. `choices`
    are all the answers that there are. `empty` says what it means when nothing is typed; without it that is refused.
    `scanned` says that what has a barcode is asked for.
    """

    name: str
    label: str
    help: str
    read: Callable[[str], Any] = str
    shown: Callable[[Any], str] = str
    empty: str = ""
    first: str = ""
    choices: tuple[str, ...] = ()
    hidden: bool = field(default=False)
    scanned: bool = field(default=False)

    def value(self, typed: str) -> Any:
        """Return the argument, None for nothing. Raises `InvalidInput` with this question's name."""
        text = typed.strip()
        if not text:
            if not self.empty:
                raise InvalidInput("Not filled in yet.", field=self.name)
            return None
        try:
            return self.read(text)
        except InvalidInput as error:
            raise InvalidInput(error.message, field=self.name) from None

    def understood(self, typed: str) -> str:
        """Return what stands in the form's row: what was understood, or what was typed when it can't be."""
        if not typed.strip():
            return self.empty
        if self.hidden:
            return "•" * len(typed.strip())
        try:
            return line(self.shown(self.value(typed)))
        except InvalidInput:
            return line(typed)

    def begun(self, now: str, text: str) -> tuple[str, str]:
        """Return the choice whose beginning is typed, the present one first, and what of the text that is.

        Letters that don't go on with a beginning before them begin anew. Without a choice: "", and what begins none.
        """
        at = self.choices.index(now)
        turned = self.choices[at:] + self.choices[:at]
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(text.lower(), now.lower(), strict=False))
        behind = text[len(list(alike)) :]
        for typed, choices in ((text, turned), (behind, (*turned[1:], now))):
            for one in choices:
                if one.lower().startswith(typed.lower()):
                    return one, typed
        return "", behind


def amount(name: str, label: str, shop: ShopView, *, empty: str = "", signed: bool = False) -> Ask:
    """Ask for an amount, keyed without a point; a `signed` one may be taken off."""

    def read(text: str) -> int:
        off = signed and text[0] in "-−"
        number = shop.currency.keyed(text[1:] if signed and text[0] in "+-−" else text)
        return -number if off else number

    example = f"{money(2500, shop)} is keyed 2500"
    return Ask(name, label, f"{example}; -2500 takes it off." if signed else f"{example}.", read, _sum(shop), empty)


def _sum(shop: ShopView) -> Callable[[int], str]:
    return lambda value: money(value, shop)


def whole(name: str, label: str, help: str, *, empty: str = "", first: str = "", signed: bool = False) -> Ask:  # noqa: A002
    """Ask for a whole number."""

    def read(text: str) -> int:
        digits = text[1:] if signed and text[0] in "+-−" else text
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
            raise InvalidInput("That is no whole number.")
        return -int(digits) if signed and text[0] in "-−" else int(digits)

    return Ask(name, label, help, read, lambda value: f"{value:,}", empty, first)


def number(name: str, label: str, help: str, most: int, unit: str, *, empty: str = "") -> Ask:  # noqa: A002
    """Ask for a number with two decimals at most, which goes on as it is written: a percentage, a multiplier."""

    def read(text: str) -> str:
        written = text.removesuffix(unit).strip().replace(",", ".")
        hundredths(written, name, most=most)
        return written

    return Ask(name, label, help, read, lambda value: f"{value} {unit}", empty)


def day(name: str, label: str, shop: ShopView, *, empty: str) -> Ask:
    """Ask for a day."""
    from babel.dates import format_date

    def read(text: str) -> str:
        moment(text, shop.timezone, name)
        return text

    def shown(text: str) -> str:
        at = local(moment(text, shop.timezone, name) or 0, shop.timezone)
        return str(format_date(at, "EEE d MMM y", locale=shop.locale))

    return Ask(name, label, "A day as 2026-12-31; it counts to its last second.", read, shown, empty)


def written(
    name: str,
    label: str,
    help: str,  # noqa: A002
    *,
    empty: str = "",
    first: str = "",
    hidden: bool = False,
    scanned: bool = False,
) -> Ask:
    """Ask for a text."""
    return Ask(name, label, help, empty=empty, first=first, hidden=hidden, scanned=scanned)


def listed(name: str, label: str, help: str, *, empty: str) -> Ask:  # noqa: A002
    """Ask for several texts, with commas between them."""

    def read(text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())

    return Ask(name, label, help, read, ", ".join, empty)


def choice(name: str, label: str, choices: Sequence[str], *, first: str = "", help: str = "") -> Ask:  # noqa: A002
    """Ask for one of a few answers."""
    return Ask(name, label, help or CHOOSES, first=first or choices[0], choices=tuple(choices))


def yes_no(name: str, label: str, *, first: str = NO, help: str = "") -> Ask:  # noqa: A002
    """Ask for yes or no."""
    said = help or CHOOSES
    return Ask(name, label, said, lambda text: text == YES, lambda v: YES if v else NO, "", first, (NO, YES))
