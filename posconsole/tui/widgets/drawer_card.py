"""The drawer's cash, large: what the amount is, what it is made of, and what a count of it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.tui.day_words import difference, drawer
from posconsole.tui.widgets.figures import columns
from posconsole.tui.widgets.steady import Steady
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from posconsole.engine.day.shiftviews import ShiftView
    from posconsole.engine.views import ShopView
    from posconsole.tui.widgets.figures import Part


class DrawerCard(Vertical):
    """An amount with its caption, in `shop`'s currency."""

    def __init__(self, shop: ShopView) -> None:
        super().__init__(classes="aside")
        self.shop = shop

    def compose(self) -> ComposeResult:
        """Lay out the caption, the amount, its parts, and what is said of it."""
        yield Steady(id="caption", classes="caption")
        yield Digits("", id="figure")
        yield Steady(id="parts", classes="figures")
        yield Steady(id="said")

    def show(self, caption: str, amount: int, parts: Sequence[Part] = (), said: tuple[str, str] = ("", "")) -> None:
        """Show an amount in minor units; `said` is a sentence and its style."""
        self.query_one("#caption", Static).update(caption)
        self.query_one(Digits).update(money(amount, self.shop))
        self.query_one("#parts", Static).update(columns(parts, self.shop) if parts else Content(""))
        self.query_one("#said", Static).update(Content.styled(*said))

    def show_shift(self, shift: ShiftView) -> None:
        """Show what should be in the drawer, or of a closed shift how its count differed."""
        if shift.difference is not None:
            self.show_difference(shift.counted or 0, shift.expected)
        else:
            said = f"{money(shift.takings.net, self.shop)} net in this shift"
            self.show("SHOULD BE IN THE DRAWER", shift.expected, drawer(shift), (said, "$dim"))

    def show_difference(self, counted: int, expected: int, parts: Sequence[Part] = ()) -> None:
        """Show how a count differs from what should be there, and of what `parts` that is made up."""
        off = counted - expected
        sums: list[Part] = [(counted, "counted"), (expected, "should be there:" if parts else "should be there")]
        self.show("DIFFERENCE", off, [*sums, *parts], (difference(off, self.shop), "$warn" if off else "$good"))
