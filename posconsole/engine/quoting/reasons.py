"""The one table of reasons for which a code is refused, and the sentence a cashier reads out for a verdict."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from posconsole.clock import local
from posconsole.codes import mask

if TYPE_CHECKING:
    from posconsole.engine.quoting.quotes import Verdict
    from posconsole.money import Currency

REASONS: dict[str, str] = {
    "not_found": "No product, code or member here is called {code}. Type it again, or find it by name.",
    "mistyped": "{code} looks mistyped: compare it with the card.",
    "inactive": "{code} is not active. Ask a manager?",
    "not_started": "{code} starts on {date}. Ask a manager?",
    "expired": "{code} expired on {date}. Ask a manager?",
    "limit_reached": "{code} is used up: every use it had is taken.",
    "customer_limit": "This member has used {code} as often as it allows.",
    "member_required": "{code} is for members. Look the member up first.",
    "below_minimum": "{code} needs a bigger basket; {missing} more qualifies.",
    "no_eligible_items": "Nothing in this basket can take {code}{name}.",
    "currency_mismatch": "{code} is in another currency than this shop's.",
    "insufficient_balance": "{code} is empty: nothing is left on it.",
    "already_applied": "{code} is on this sale already.",
    "not_combinable": "{code} can't be combined with the code that is there. Void that one first.",
    "not_eligible": "This member does not qualify for {code}.",
    "offer_limit_reached": "{code} has been claimed as often as it could be.",
    "reward_unavailable": "{code} is out of stock.",
    "insufficient_points": "{code} costs {missing} points more than there are.",
}
"""Stable identifiers, in the order in which the first that applies is *the* reason."""


def day(at: int, locale: str, timezone: str) -> str:
    """Write a moment as the day it falls on in the shop's zone: `30 June 2026` as the locale has it."""
    from babel.dates import format_date

    text: str = format_date(local(at, timezone).date(), format="long", locale=locale)
    return text


def sentence(verdict: Verdict, currency: Currency, locale: str, timezone: str) -> str:
    """Say in one sentence what a code does, or why it doesn't and what would help."""
    code = mask(verdict.code) if verdict.kind == "voucher" else verdict.code
    if verdict.kind == "voucher" and verdict.reason == "no_eligible_items":
        holds = f" It holds {currency.format(verdict.available, locale)}." if verdict.available else ""
        return f"Nothing is left for {code} to pay.{holds}"
    if verdict.reason is not None:
        return REASONS[verdict.reason].format(
            code=code,
            name=f" ({verdict.name})" if verdict.name else ": look what it is for",
            date="" if verdict.at is None else day(verdict.at, locale, timezone),
            missing=_missing(verdict, currency, locale),
        )
    if verdict.points:
        return f"{code} gives {verdict.points} points"
    if verdict.gift is not None:
        return f"{code} gives {verdict.gift} for nothing"
    amount = currency.format(verdict.amount, locale)
    if verdict.kind == "voucher":
        lost = f", the other {currency.format(verdict.forfeited, locale)} is lost" if verdict.forfeited else ""
        return f"{code} {'is single use: ' if verdict.forfeited else ''}pays {amount}{lost}"
    off = currency.format(-verdict.amount, locale)
    if verdict.percent is None:
        return f"{code} takes {amount} off"
    return f"{code} takes {percentage(verdict.percent, locale)} off: {off}"


def _missing(verdict: Verdict, currency: Currency, locale: str) -> str:
    if verdict.missing is None:
        return ""
    points = verdict.reason == "insufficient_points"
    return str(verdict.missing) if points else currency.format(verdict.missing, locale)


def percentage(points: int, locale: str) -> str:
    """Write basis points as a percentage: `12.5 %` as the locale has it."""
    from babel.numbers import format_percent

    return format_percent(Decimal(points).scaleb(-4), locale=locale, decimal_quantization=False)
