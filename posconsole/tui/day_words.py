"""What is said about a shift: where its cash came from, and what a count that differs means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.tui.keys import DO
from posconsole.tui.words import money

if TYPE_CHECKING:
    from posconsole.engine.day.shiftviews import ShiftView
    from posconsole.engine.views import ShopView
    from posconsole.tui.widgets.figures import Part


def drawer(shift: ShiftView) -> list[Part]:
    """Return what the cash that should be in the drawer is made of: amounts, and what each is."""
    parts = [
        (shift.opening_float, "opening float"),
        (shift.takings.cash, "cash from sales"),
        (shift.cash_in, "put in"),
        (-shift.cash_out, "taken out"),
    ]
    return [part for part in parts if part[0] or part[1] in ("opening float", "cash from sales")]


def difference(amount: int, shop: ShopView) -> str:
    """Say how a count differs from what should be there."""
    if not amount:
        return "✓ It is all there."
    return f"! {money(abs(amount), shop)} {'too much' if amount > 0 else 'missing'}"


def moved(amount: int, reason: str, shop: ShopView) -> str:
    """Say that cash was put in (a positive amount) or taken out, and why."""
    return f"{money(abs(amount), shop)} {'put in' if amount > 0 else 'taken out'}: {reason}"


def will_move(amount: int, reason: str, shop: ShopView) -> str:
    """Say what F9 does with cash that is to be put in (a positive amount) or taken out."""
    done = "puts {} in the drawer" if amount > 0 else "takes {} out of the drawer"
    return f"{DO} {done.format(money(abs(amount), shop))}: {reason}"
