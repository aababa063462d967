"""The words of the back office: states with their signs, what a voucher holds, its history, bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.clock import local
from posconsole.tui.words import money

if TYPE_CHECKING:
    from datetime import date

    from posconsole.engine.views import ShopView, VoucherView

STATES = {
    "active": ("✓ active", "$good"),
    "published": ("✓ live", "$good"),
    "completed": ("✓ done", "$good"),
    "running": ("… minting", "$warn"),
    "issued": ("… not paid yet", "$warn"),
    "scheduled": ("… not yet", "$warn"),
    "draft": ("… draft", "$warn"),
    "inactive": ("! paused", "$warn"),
    "paused": ("! paused", "$warn"),
    "spent": ("– used up", "$dim"),
    "exhausted": ("– used up", "$dim"),
    "expired": ("✗ over", "$dim"),
    "ended": ("✗ over", "$dim"),
    "void": ("✗ void", "$bad"),
    "canceled": ("✗ stopped", "$bad"),
    "queued": ("… waits", "$warn"),
    "printing": ("… printing", "$warn"),
    "printed": ("✓ printed", "$good"),
    "failed": ("✗ not printed", "$bad"),
    "deleted": ("✗ deleted", "$bad"),
}
"""A state's sign and word, and its colour."""

MOVED = {
    "issue": "issued",
    "sale": "sold",
    "redeem": "paid with",
    "forfeit": "not used, lost",
    "refund": "given back",
    "adjust": "adjusted",
    "void": "voided",
}
"""What the rows of a voucher's ledger were."""


def state(status: str) -> tuple[str, str]:
    """Return a state's sign and word, and its colour."""
    return STATES.get(status, (status, "$ink"))


def held(voucher: VoucherView, amount: int, shop: ShopView) -> str:
    """Write an amount of what a voucher holds."""
    return f"{amount:,} pts" if voucher.kind == "points" else money(amount, shop)


def until(at: int | None, shop: ShopView) -> str:
    """Write the day that is somebody's last: `31 Dec 2026`."""
    return "" if at is None else day(local(at, shop.timezone), shop)


def day(date: date, shop: ShopView) -> str:
    """Write a day: `31 Dec 2026`."""
    from babel.dates import format_date

    return str(format_date(date, "d MMM y", locale=shop.locale))


def bar(part: int, whole: int, width: int) -> str:
    """Draw how much of a whole there is, in eighths of a cell: `█████▎    `."""
    eighths = 0 if whole <= 0 else min(width * 8, part * width * 8 // whole)
    full, rest = divmod(eighths, 8)
    drawn = "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")
    return drawn.ljust(width, "·")


def spaced(code: str) -> str:
    """Write a code large enough to be read out: its symbols apart, its groups further apart."""
    return "   ".join(" ".join(group) for group in code.split("-"))
