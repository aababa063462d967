"""`posconsole check`: what a code would do to a basket that is only described."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from posconsole import Store
    from posconsole.engine.quoting.quotes import Condition, Quote, Verdict

# What only a basket can answer: without one these conditions stay open.
OF_A_BASKET = frozenset({"below_minimum", "no_eligible_items", "member_required"})
CONDITIONS = {
    "not_found": "known here",
    "mistyped": "typed right",
    "inactive": "active",
    "not_started": "has started",
    "expired": "not expired",
    "limit_reached": "uses left",
    "customer_limit": "uses left for this member",
    "member_required": "with a member",
    "below_minimum": "basket large enough",
    "no_eligible_items": "something in the basket it applies to",
    "currency_mismatch": "in the shop's currency",
    "insufficient_balance": "money left on it",
    "not_combinable": "goes with the other codes",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on a code and the quote it was judged in. Without a basket (`bare`) its conditions stay open."""

    verdict: Verdict
    quote: Quote
    message: str
    bare: bool

    @property
    def valid(self) -> bool:
        """Say whether the code can be used, as far as was asked."""
        return all(condition.met for condition in self.verdict.details if not self.open(condition))

    def open(self, condition: Condition) -> bool:
        """Say whether this condition waits for a basket that wasn't described."""
        return self.bare and not condition.met and condition.name in OF_A_BASKET

    def as_json(self) -> dict[str, object]:
        """Return plain values: amounts in minor units, times in epoch seconds."""
        verdict, quote = self.verdict, self.quote
        return {
            "code": verdict.code,
            "kind": verdict.kind,
            "name": verdict.name,
            "valid": self.valid,
            "reason": None if self.valid else verdict.reason,
            "message": self.message,
            "currency": quote.currency,
            "order_amount": quote.order_amount,
            "discount_amount": quote.discount_amount,
            "voucher_amount": quote.amount - quote.due,
            "forfeited": verdict.forfeited,
            "final_amount": quote.due,
            "missing": verdict.missing,
            "conditions": [asdict(it) | {"open": self.open(it)} for it in verdict.details],
        }

    def rows(self, store: Store) -> Iterator[str]:
        """Write the answer as lines for a person."""
        shop = store.shop
        yield ("✓ " if self.valid else "✗ ") + self.message
        if not self.bare:
            amounts = {"Basket": self.quote.order_amount, "To pay": self.quote.due}
            for label, amount in amounts.items():
                yield f"  {label:<8}{shop.currency.format(amount, shop.locale):>12}"
        for it in self.verdict.details:
            sign = "·" if self.open(it) else "✓" if it.met else "✗"
            yield f"  {sign} {CONDITIONS.get(it.name, it.name)}"


def answer(store: Store, code: str, amount: str | None, items: Sequence[str], member: str | None) -> Answer:
    """Price the described basket with the code on it. Raises `InvalidInput`, or `NotFound` for the member."""
    if not code.strip():
        raise InvalidInput("the code is blank", field="code")
    basket = tuple(_item(word) for word in items)
    if amount is not None:
        basket += (Item(None, price=store.shop.currency.parse(amount), name="Goods"),)
    quote = store.quote(Basket(basket, (code,), _member(store, member)))
    verdict = quote.verdicts[0]
    return _worded(store, verdict, quote, bare=not basket)


def _worded(store: Store, verdict: Verdict, quote: Quote, *, bare: bool) -> Answer:
    unknown = verdict.reason == "not_found"
    message = f"There is no code {verdict.code[:40]} in this shop." if unknown else store.say(verdict)
    found = Answer(verdict, quote, message, bare)
    if not (bare and found.valid):
        return found
    return Answer(verdict, quote, f"{verdict.code} can be used: say --amount to see what it would do", bare)


def _item(word: str) -> Item:
    quantity, star, sku = word.partition("*")
    if not star:
        return Item(word)
    if not (quantity.isascii() and quantity.isdigit() and int(quantity)):
        raise InvalidInput(f"{word!r} is not an item: a sku, or 3*SKU", field="item")
    return Item(sku, int(quantity))


def _member(store: Store, text: str | None) -> str | None:
    if text is None:
        return None
    found = store.members.find(text, limit=2)
    if found.total != 1:
        problem = f"{found.total} members are called" if found.total else "no member is called"
        raise NotFound(f"{problem} {text!r}", field="member")
    return found.data[0].id
