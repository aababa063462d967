"""The keys that lead from the checkout to other screens; each of these is loaded when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen

from posconsole.errors import PosError

if TYPE_CHECKING:
    from posconsole.tui.app import PosApp
    from posconsole.tui.cashing import Cashing
    from posconsole.tui.parking import Parking
    from posconsole.tui.sale import Sale
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.scan_field import ScanField


class Doors(Screen[None]):
    """A checkout that other screens are opened from. The sale stays as it is meanwhile."""

    till: PosApp
    session: Session
    sale: Sale
    cashing: Cashing
    parking: Parking
    field: ScanField

    @property
    def at_home(self) -> bool:
        """Say whether the till is open and no sale is being paid: then something else may be done."""
        return self.session.opened.is_set() and not self.cashing.on

    def refuse(self, message: str) -> None:
        """Say no, for as long as it takes to be dealt with."""
        raise NotImplementedError

    def action_members(self) -> None:
        """Turn to the members: to the one on the sale, or to those called as is typed."""
        if self.at_home:
            from posconsole.tui.screens.members import MembersScreen

            first = self.field.value or (self.sale.member.name if self.sale.member else "")
            self.field.value = ""
            self.app.push_screen(MembersScreen(self.session, first))

    def action_operator(self) -> None:
        """Let somebody else take over."""
        if self.at_home:
            self.till.ask_who()

    def action_day(self) -> None:
        """Turn to the day: the shift, its cash and its reports."""
        if self.at_home:
            from posconsole.tui.screens.day import DayScreen

            self.app.push_screen(DayScreen(self.session))

    def action_printer(self) -> None:
        """Turn to what waits for the printer."""
        if self.at_home:
            from posconsole.tui.screens.printer import PrinterScreen

            self.app.push_screen(PrinterScreen(self.session))

    def action_help(self) -> None:
        """Show the keys."""
        from posconsole.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())

    def action_office(self) -> None:
        """Turn to what a manager does."""
        if self.at_home:
            self._to_office()

    @work(group="office", exclusive=True, exit_on_error=False)
    async def _to_office(self) -> None:
        from posconsole.tui.screens.office import enter

        await enter(self.app, self.session)

    def recall(self, instead: Screen[None] | None = None) -> None:
        """Show what is parked; from another page of the tray in its place."""
        from posconsole.tui.screens.recall import RecallScreen

        if instead is None:
            self.app.push_screen(RecallScreen(self.session, self.parking.recalled, latest=True))
        else:
            self.app.switch_screen(RecallScreen(self.session, self.parking.recalled))

    def action_tray(self) -> None:
        """Look at what waits: parked sales, and payments whose outcome isn't known."""
        if self.at_home:
            self.recall()

    def action_receipt(self) -> None:
        """Show a receipt again: the one whose number is typed, else this till's last one."""
        if self.at_home:
            number, self.field.value = self.field.value.strip(), ""
            self._show_receipt(number)

    @work(group="receipt", exclusive=True, exit_on_error=False)
    async def _show_receipt(self, number: str) -> None:
        from posconsole.tui.reprinting import receipt_of
        from posconsole.tui.screens.receipt import ReceiptScreen

        try:
            payment = await self.session.call(receipt_of, self.session.store, number)
        except PosError as error:
            self.refuse(error.message)
        else:
            if self.is_current:
                self.app.push_screen(ReceiptScreen(self.session, payment, copy=True))

    def action_refund(self) -> None:
        """Give money back for an earlier receipt."""
        if self.at_home:
            from posconsole.tui.screens.refund import RefundScreen

            self.app.push_screen(RefundScreen(self.session))
