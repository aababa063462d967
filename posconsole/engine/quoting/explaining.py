"""The trace of a quote in words: the same story for the screen, the receipt and whoever checks it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from posconsole.engine.quoting.reasons import percentage

if TYPE_CHECKING:
    from posconsole.engine.quoting.quotes import Quote, Step
    from posconsole.money import Currency

_HOW = {
    "exact": "",
    "half_up": ", rounded half up",
    "floored": ", rounded down",
    "capped": ", which is the most it takes",
    "cut": ", which is all there is",
}


def explained(quote: Quote, currency: Currency, locale: str) -> tuple[str, ...]:
    """Return a sentence for each step of a quote: which rule, on which base, how rounded, what it left."""
    start = f"The goods come to {currency.format(quote.order_amount, locale)}."
    return (start, *(_sentence(step, quote, currency, locale) for step in quote.trace))


def _sentence(step: Step, quote: Quote, currency: Currency, locale: str) -> str:
    def money(amount: int) -> str:
        return currency.format(amount, locale)

    how = _HOW[step.how]
    if step.what == "tax":
        verb = "contains" if quote.prices_include_tax else "adds"
        rate = percentage(step.rate or 0, locale)
        return f"Tax of {rate} on {money(step.base)} {verb} {money(step.amount)}{how}."
    if step.what == "voucher":
        return f"Voucher {step.name} pays {money(step.amount)} of {money(step.base)}; {money(step.left)} is left."
    if step.what == "points":
        return f"{money(step.base)} earns {step.amount} points{how}."
    if step.what == "multiplier":
        times = f"{Decimal(step.rate or 0).scaleb(-4).normalize():f}"
        return f"{step.name} counts them {times} times: {step.amount} points more{how}, {step.left} in all."
    if step.what == "award":
        return f"{step.name} gives {step.amount} points, {step.left} in all."
    rate = "" if step.rate is None else f"{percentage(step.rate, locale)} of {money(step.base)} is "
    return f"{step.name}: {rate}{money(step.amount)} off{how}; {money(step.left)} is left."
