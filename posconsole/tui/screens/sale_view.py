"""What the checkout shows of its sale: one place decides what stands under the field and in the key bar."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.widgets import Static

from posconsole.tui import keys
from posconsole.tui.safe import line
from posconsole.tui.screens.sale_keys import SaleKeys
from posconsole.tui.widgets.preview_row import CHECKING, NOTHING, Said

if TYPE_CHECKING:
    from posconsole.tui.looking import LookAhead
    from posconsole.tui.widgets.basket_list import BasketList
    from posconsole.tui.widgets.pay_panel import PayPanel
    from posconsole.tui.widgets.preview_row import PreviewRow
    from posconsole.tui.widgets.title_bar import TitleBar
    from posconsole.tui.widgets.totals import Totals

HOME = "scan, or type a product, a code, a member"


class SaleView(SaleKeys):
    """A checkout that is painted. `change` is what the customer before got back, until something is rung up."""

    title_bar: TitleBar
    basket: BasketList
    totals: Totals
    panel: PayPanel
    preview: PreviewRow
    ahead: LookAhead
    change: int | None = None

    def look_ahead(self) -> None:
        """Ask what Enter would do with what is typed."""
        if not (self.parking.on or self.price_check.on):
            self.ahead.ask()
        self.show_said()

    def repaint(self) -> None:
        """Bring everything up to date with the sale; what did not change is not painted."""
        if not self.is_mounted:
            return
        shop = self.session.shop if self.session.opened.is_set() else None
        if shop is not None:
            self.title_bar.show(shop=line(shop.name), time=self.till.clock(shop.timezone))
        self.saving.follow()
        self.set_class(self.sale.empty, "-empty")
        self.basket.show(self.sale.quote, self.sale.chosen, shop, () if self.sale.quote else self.sale.waits)
        self.totals.show(self.sale.quote, self.sale.club if self.sale.member else None, shop)
        if self.change is not None and shop is not None:
            self.totals.show_change(self.change, shop)
        self.show_keys()
        if self.field.value and self.ahead.said is not CHECKING:
            self.look_ahead()
        self.show_said()

    def show_said(self) -> None:
        """Show what Enter would do or what was done, and what stands refused."""
        typing = bool(self.field.value.strip()) or self.finding.on
        waiting = self.sale.waiting if not self.session.opened.is_set() or self.resuming.asking else 0
        if self.parking.on or self.price_check.on:
            typing, standing = False, (self.parking if self.parking.on else self.price_check).said()
        else:
            standing = self.saving.said() if self.saving.on else self.standing.standing
        answer = self.ahead.said if typing and not waiting else standing
        if waiting:
            scans = "1 entry waits" if waiting == 1 else f"{waiting} entries wait"
            answer = Said(f"{answer.text} ({scans})", answer.tone, answer.hint)
        refusals = self.standing.refusals
        if self.cashing.on:
            answer = NOTHING
        if self.standing.question or self.cashing.on:
            refusals = [replace(refusal, hint="") for refusal in refusals]
        self.preview.show(answer, refusals)

    def show_keys(self) -> None:
        """Show the keys that act now, the likeliest first."""
        if self.cashing.on:
            verb, ways = self.panel.verb(), self.panel.ways()
            back = self.panel.way_back()
            shown = [*([(keys.PAY.display, verb)] if verb else []), *ways]
            shown += [(keys.BACK.display, back)] if back else []
            self.key_bar.show([*shown, (keys.HELP.display, "Help")])
            return
        if asking := next((one for one in (self.parking, self.price_check, self.saving) if one.on), None):
            self.key_bar.show(asking.keys())
            return
        first = (keys.TRAY,) if self.cashing.aside else (keys.FIND, keys.MEMBER) if self.sale.empty else (keys.PAY,)
        rest = [key for key in keys.CHECKOUT if key not in first and key is not keys.MORE]
        self.key_bar.show([(key.display, key.label) for key in (*first, *rest)])

    def show_prompt(self, sign: str, placeholder: str) -> None:
        """Say before and in the field what it takes now."""
        self.query_one("#prompt", Static).update(sign)
        self.field.placeholder = placeholder
        self.show_keys()
