"""What the function keys of the checkout do to the sale: each hands it to those whose work it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.tui.entering import closing, yes
from posconsole.tui.keys import told
from posconsole.tui.safe import line
from posconsole.tui.saving import DECIDE
from posconsole.tui.screens.doors import Doors
from posconsole.tui.standing import TYPED, Question
from posconsole.tui.widgets.preview_row import GOOD, NOTHING, WARN, Said

if TYPE_CHECKING:
    from posconsole.tui.choosing import Choosing
    from posconsole.tui.entering import Entering
    from posconsole.tui.finding import Finding
    from posconsole.tui.intent import Intent
    from posconsole.tui.price_check import PriceCheck
    from posconsole.tui.resuming import Resuming
    from posconsole.tui.saving import Saving
    from posconsole.tui.standing import Standing
    from posconsole.tui.widgets.key_bar import KeyBar


class SaleKeys(Doors):
    """The keys that act on the sale, and the one that leads back out of whatever is open."""

    standing: Standing
    entering: Entering
    finding: Finding
    choosing: Choosing
    resuming: Resuming
    saving: Saving
    price_check: PriceCheck
    key_bar: KeyBar
    intent: Intent

    def show_said(self) -> None:
        """Paint what is said and what stands refused."""
        raise NotImplementedError

    def show_keys(self) -> None:
        """Paint the keys that act now."""
        raise NotImplementedError

    def action_pay(self) -> None:
        """Open the pay panel; in it, confirm. Never while the total can't be seen."""
        if (
            self.has_class("-small")
            or self.cashing.held is not None
            or self.resuming.asking
            or not self.session.opened.is_set()
        ):
            return
        self._leave_question()
        if self.saving.on:
            self.standing.refuse(Said(told(DECIDE), WARN, closing()))
            self.show_said()
        else:
            self.cashing.press(self.field.value)
            self.show_keys()
            self.show_said()

    def action_void(self) -> None:
        """Void the chosen line or take the chosen code off."""
        if not self.cashing.on:
            self.sale.do(self.entering.void)

    def action_back(self) -> None:
        """Clear, leave or say no: whatever is nearest."""
        if self.resuming.asking:
            self.resuming.answer(take_up=False)
        elif self.cashing.on:
            self.cashing.leave()
            self.show_keys()
        elif self.parking.on or self.price_check.on:
            self._leave_question()
            self.field.value = ""
        elif self.finding.on:
            self.choosing.end()
            self.field.value = ""
        elif self.field.value:
            self.field.value = ""
            self.standing.overcome(TYPED)
        elif self.saving.on and not self.standing.refusals:
            self.saving.leave()
            self.show_keys()
        elif self.standing.question:
            self.standing.say(NOTHING)
        else:
            self.standing.put_away()
        self.show_said()

    def action_member(self) -> None:
        """Find a member, or take the one on the sale off."""
        member = self.sale.member
        if member is None:
            self._find("members")
            return

        said = Said(f"{line(member.name)} is on this sale. Take them off?", WARN, yes())
        self.standing.ask(Question(said, self.entering.detach))
        self.show_said()

    def action_find(self) -> None:
        """Find a product by its name."""
        self._find("products")

    def action_save(self) -> None:
        """Look what the member could save today; in the panel, take what is ticked."""
        if self.at_home and not self.till.router.quick:
            self.saving.press()

    def action_undo(self) -> None:
        """Take the last change of the basket back."""
        if not self.cashing.on:
            self.sale.do(self.entering.undo)

    def action_new(self) -> None:
        """Ask, then begin with an empty basket."""
        if not self.sale.empty and not self.cashing.on:
            self.standing.ask(Question(Said("Put the whole basket away?", WARN, yes()), self.entering.clear))
            self.show_said()

    def action_more(self) -> None:
        """Turn the key bar."""
        self.key_bar.turn()

    def action_park(self) -> None:
        """Ask under what name the sale is to be parked, or park it."""
        if self.at_home and not self.resuming.asking:
            typed, self.field.value = self.field.value, "" if self.parking.on else self.field.value
            self.price_check.leave()
            self.parking.press(typed)
            self.show_said()

    def action_price(self) -> None:
        """Tell what the next entry would cost."""
        if self.at_home and not self.resuming.asking:
            self.parking.leave()
            self.price_check.press()
            self.show_said()

    def action_drawer(self) -> None:
        """Open the cash drawer."""
        if self.at_home:
            self.sale.do(self._open_drawer)

    async def _open_drawer(self) -> None:
        await self.session.call(self.session.store.drawer.open, idempotency_key=self.intent.key("drawer"))
        self.intent.done()
        if self.session.paper.there:
            self.session.paper.put("drawer")
        self.standing.say(Said("The drawer is opened; the journal says by whom", GOOD))

    def _find(self, kind: str) -> None:
        if self.at_home:
            self._leave_question()
            self.choosing.find(kind)

    def _leave_question(self) -> None:
        self.parking.leave()
        self.price_check.leave()
