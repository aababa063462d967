"""What Enter does with the text in the field: find out what it is, and do it to the sale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.codes import fold
from posconsole.engine.quoting.found import CodeTried, MemberFound, NothingFound, ProductFound, ProductView, Suggestions
from posconsole.tui import describe, ringing
from posconsole.tui.keys import BACK, UNDO
from posconsole.tui.safe import line
from posconsole.tui.standing import Question
from posconsole.tui.widgets.chooser import member_line
from posconsole.tui.widgets.preview_row import BAD, GOOD, WARN, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.engine.quoting.quotes import Quote, Verdict
    from posconsole.engine.views import MemberView
    from posconsole.tui.keys import Key
    from posconsole.tui.sale import Sale
    from posconsole.tui.standing import Standing


def closing() -> str:
    """Hint at the key that deals with a refusal."""
    return f"{BACK} puts it away"


def not_entered(typed: str, key: Key) -> Said:
    """Say why `key` does nothing: what is `typed` could be meant for the sale."""
    return Said(f"‘{line(typed)[:30]}’ is typed, not entered: Enter or {BACK} first, then {key}.", WARN, closing())


def yes() -> str:
    """Hint at the keys that answer a question."""
    return f"Enter yes, {BACK} no"


def undoes() -> str:
    """Hint at the key that takes a change back."""
    return f"{UNDO} undoes"


class Entering:
    """Turns entered text into changes of the sale. `several` is called with hits that a person has to choose from."""

    def __init__(self, sale: Sale, standing: Standing) -> None:
        self.sale, self.standing = sale, standing
        self.several: Callable[[str, Suggestions], None] = lambda _text, _found: None

    async def preview(self, text: str) -> Said:
        """Say what Enter on this text would do to the basket as it is now."""
        change = self._quantity(text)
        if change is not None:
            name, before, after = change
            return describe.quantity_change(name, before, after)
        session = self.sale.session
        found = await session.call(session.store.look, text, self.sale.basket)
        return describe.look(found, session.shop)

    async def enter(self, text: str) -> None:
        """Do what the text asks for, or refuse it."""
        self.standing.question = None
        change = self._quantity(text)
        if change is not None:
            self.set_quantity(change[2])
            return
        session = self.sale.session
        found = await session.call(session.store.look, text, self.sale.basket)
        if isinstance(found, Suggestions) and len(found.products) + len(found.members) == 1 and not found.more:
            found = describe.only(found)
        match found:
            case ProductFound(product, quantity):
                self.add(product, quantity)
            case MemberFound(member):
                self.attach(member)
            case CodeTried(verdict, quote):
                self._code(text, verdict, quote)
            case Suggestions():
                self.several(text, found)
            case NothingFound():
                said = describe.nothing(text)
                self.standing.refuse(Said(said.text, BAD, closing()))

    async def confirm(self) -> None:
        """Enter on the empty field: yes to the open question, or the refusal has been read."""
        question, self.standing.question = self.standing.question, None
        if question:
            await question.yes()
        else:
            self.standing.put_away()

    def add(self, product: ProductView, quantity: int = 1) -> None:
        """Ring up a product."""
        before = sum(item.quantity for item in self.sale.basket.items if item.id == product.sku and item.price is None)
        if before + quantity > ringing.MOST:
            self._too_many(before + quantity, product.name)
            return
        basket, index = ringing.add(self.sale.basket, product.sku, quantity)
        self.sale.put(basket, chosen=index)
        self.standing.say(Said(f"Added {describe.product_line(product, quantity, self.sale.session.shop)}", GOOD))

    def attach(self, member: MemberView) -> None:
        """Put a member on the sale."""
        self.sale.put(ringing.with_member(self.sale.basket, member.id))
        self.standing.say(Said(f"{member_line(member)} is on the sale", GOOD))

    def pick(self, hit: ProductView | MemberView, quantity: int = 1) -> None:
        """Take a hit that a person chose from several."""
        if isinstance(hit, ProductView):
            self.add(hit, quantity)
        else:
            self.attach(hit)

    def _code(self, text: str, verdict: Verdict, quote: Quote) -> None:
        said = describe.verdict(verdict, quote, self.sale.session.shop)
        if not verdict.valid:
            self.standing.refuse(Said(said, BAD, closing()), fold(text))
        elif verdict.forfeited:

            async def apply() -> None:
                self._apply(text, said)

            self.standing.ask(Question(Said(said, WARN, f"Enter again, or {BACK}"), apply))
        else:
            self._apply(text, said)

    def _apply(self, code: str, said: str) -> None:
        basket = ringing.with_code(self.sale.basket, code.strip())
        self.sale.put(basket)
        self.standing.overcome(fold(code))
        self.standing.say(Said(said, GOOD))

    def _quantity(self, text: str) -> tuple[str, int, int] | None:
        index = self.sale.chosen_item
        if index is None or index >= len(self.sale.basket.items):
            return None
        before = self.sale.basket.items[index].quantity
        after = ringing.requested(text, before)
        return None if after is None else (self.name_of(index), before, after)

    def set_quantity(self, quantity: int) -> None:
        """Set the chosen line's quantity; none of it takes the line out."""
        index = self.sale.chosen_item
        if index is None or index >= len(self.sale.basket.items):
            return
        name, before = self.name_of(index), self.sale.basket.items[index].quantity
        if quantity > ringing.MOST:
            self._too_many(quantity, name)
            return
        self.sale.put(ringing.with_quantity(self.sale.basket, index, quantity))
        said = f"{line(name)}: {before} → {quantity}" if quantity > 0 else f"Voided {before} × {line(name)}"
        self.standing.say(Said(said, GOOD, "" if quantity > 0 else undoes()))

    def _too_many(self, quantity: int, name: str) -> None:
        said = f"{quantity} of {line(name)} is more than a line can take: {ringing.MOST} at most."
        self.standing.refuse(Said(said, BAD, closing()))

    async def step(self, by: int) -> None:
        """Make it one more or one fewer of the chosen line."""
        index = self.sale.chosen_item
        if index is not None and index < len(self.sale.basket.items):
            self.set_quantity(self.sale.basket.items[index].quantity + by)

    async def detach(self) -> None:
        """Take the member off the sale."""
        self.sale.put(ringing.with_member(self.sale.basket, None))
        self.standing.say(Said("The member is off the sale", GOOD, undoes()))

    async def undo(self) -> None:
        """Take the last change of the basket back."""
        if not self.sale.undo():
            self.standing.say(Said("Nothing to undo", WARN))
            return
        self.standing.say(Said("Undone", GOOD))

    async def clear(self) -> None:
        """Put the whole basket away."""
        self.sale.put(ringing.NONE)
        self.standing.say(Said("The basket is empty", GOOD, undoes()))

    async def void(self) -> None:
        """Take the chosen line, code or reward out."""
        code = self.sale.chosen_code
        if self.sale.reward_chosen:
            self.sale.put(ringing.with_reward(self.sale.basket, None))
            self.standing.say(Said("The reward is off the sale: its points are kept", GOOD, undoes()))
        elif code is not None:
            name = self._code_name(code)
            self.sale.put(ringing.without_codes(self.sale.basket, code))
            self.standing.say(Said(f"{name} is off the sale", GOOD, undoes()))
        elif self.sale.basket.items:
            self.set_quantity(0)
        else:
            self.standing.say(Said("There is no line to void yet", WARN))

    def _code_name(self, code: str) -> str:
        verdicts = self.sale.quote.verdicts if self.sale.priced and self.sale.quote else ()
        known = (describe.code_of(verdict) for verdict in verdicts if fold(verdict.code) == fold(code))
        return next(known, "The code")

    def name_of(self, index: int) -> str:
        """Return what a line is called: as priced, or its sku before that."""
        quote = self.sale.quote
        if self.sale.priced and quote is not None and index < len(quote.lines):
            return quote.lines[index].line.name
        item = self.sale.basket.items[index]
        return item.name or item.id or ""
