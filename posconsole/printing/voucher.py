"""A voucher as plain facts that paper can bear."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posconsole.clock import local
from posconsole.printing.paper import clean
from posconsole.printing.typeface import sayable

if TYPE_CHECKING:
    from posconsole.engine.views import ShopView, VoucherView

GROUP = 4
MARKS = 3


@dataclass(frozen=True, slots=True)
class VoucherPaper:
    """What a voucher's paper can say, cleaned and written as the shop writes; what there is nothing of is empty.

    `kind` is money or points. `value` is what it is worth, `initial` what it was worth at first where that was another
    figure. `code` is what a scanner reads, `groups` the same for people. `status` is why it can't be spent: issued (not
    yet paid for), spent, void, expired.
    """

    shop: str
    kind: str
    value: str
    initial: str
    code: str
    groups: str
    expires: str
    holder: str
    single_use: bool
    status: str
    copy: bool


def voucher_paper(voucher: VoucherView, shop: ShopView, *, copy: bool) -> VoucherPaper:
    """Say of a voucher what its paper says; `copy` where it isn't the first of its kind."""
    over = voucher.status in ("spent", "void", "expired")
    left = voucher.initial_value if over else voucher.balance
    return VoucherPaper(
        shop=plain(shop.name),
        kind=voucher.kind,
        value=_written(voucher, left, shop),
        initial=_written(voucher, voucher.initial_value, shop) if left != voucher.initial_value else "",
        code=voucher.code,
        groups=grouped(voucher.code),
        expires=_day(voucher.expires_at, shop) if voucher.expires_at is not None else "",
        holder=plain(voucher.holder or ""),
        single_use=voucher.single_use,
        status="" if voucher.status == "active" else voucher.status,
        copy=copy,
    )


def specimen(code: str) -> VoucherPaper:
    """Return what a voucher with this code says at least."""
    return VoucherPaper("", "money", "", "", code, grouped(code), "", "", single_use=False, status="", copy=False)


def plain(text: str) -> str:
    """Clean a text for a typeface: nothing that steers, no more marks on a letter than there are places for.

    Signs as wide as a Chinese one, such as the yen of a Japanese shop, are written as all others are.
    """
    kept, marks = "", 0
    for c in clean(text):
        marks = marks + 1 if unicodedata.combining(c) else 0
        usual = unicodedata.normalize("NFKC", c) if unicodedata.east_asian_width(c) == "F" else c
        kept += usual if marks <= MARKS else ""
    return kept


def grouped(code: str) -> str:
    """Write a code in groups that can be read out: as it was minted, or in fours where it is one long word."""
    code = plain(code)
    if len(code) <= 2 * GROUP or not code.isalnum():
        return code
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def _written(voucher: VoucherView, amount: int, shop: ShopView) -> str:
    """Write an amount for the eye: `€25.00`, and a points voucher's bare number."""
    from babel.numbers import format_decimal

    if voucher.kind == "points":
        return plain(str(format_decimal(amount, locale=shop.locale)))
    # A sign of letters, KWD, stands apart from the digits; not every year of the CLDR sees to it.
    text = re.sub(r"(?<=[^\W\d_])(?=\d)", " ", plain(shop.currency.format(amount, shop.locale, symbol=True)))
    return text if sayable(text, "display") else f"{shop.currency.code} {shop.currency.format(amount)}"


def _day(at: int, shop: ShopView) -> str:
    """Write a voucher's last day; its last minute, too, where that isn't the day's own."""
    from babel.dates import format_date, format_time

    then = local(at, shop.timezone)
    day = str(format_date(then, "long", locale=shop.locale))
    if (then.hour, then.minute) != (23, 59):
        day = f"{day}, {format_time(then, 'short', locale=shop.locale)}"
    day = plain(day)
    return day if sayable(day) else f"{then:%Y-%m-%d %H:%M}".removesuffix(" 23:59")
