"""How a sale is being paid, as keyed so far: pure, every key returns a new state."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from posconsole.engine.sale.tendering import Settlement, TenderRequest, settle
from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from posconsole.money import Currency

RESTRICT = r"\d{0,7}|\d{1,5}[.,]\d{0,3}"
"""What an amount may look like while it is keyed. Eight digits in a row are a barcode, never an amount."""
LONGEST = 9

SANDBOX = (
    ("4242424242424242", "approves"),
    ("4000000000000002", "declines"),
    ("4000000000000119", "no answer, taken"),
    ("4000000000000259", "never an answer"),
)
"""The sandbox's cards, picked by their place 1 to 4."""

_NOTES = (5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True)
class Paying:
    """The amounts due and offered. `kind` is the tender being keyed, `typed` its amount, `number` its card."""

    due: int
    currency: Currency
    coin: int = 1
    tenders: tuple[TenderRequest, ...] = ()
    kind: str | None = None
    typed: str = ""
    number: str = field(default="", repr=False)

    @property
    def listed(self) -> Settlement:
        """Return how far the tenders taken down so far go."""
        return settle(self.due, self.tenders, self.coin)

    @property
    def left(self) -> int:
        """Return what the tenders taken down so far leave to pay."""
        return self.listed.left

    def begin(self, kind: str) -> Paying:
        """Start keying a tender of this kind."""
        return replace(self, kind=kind, typed="", number="")

    def offer(self) -> TenderRequest | None:
        """Return the tender being keyed, None when no kind is chosen. An empty amount is all that is left.

        Raises `InvalidInput` for an amount that can't be read, is 0, or is above what a card may pay.
        """
        if self.kind is None:
            return None
        amount = self.currency.keyed(self.typed) if self.typed else None
        if amount == 0:
            raise InvalidInput("0 pays nothing. Key an amount, or none for all that is left.", field="amount")
        if self.kind == "cash":
            return TenderRequest("cash", tendered=amount)
        if self.kind == "terminal" and any(tender.kind == "terminal" for tender in self.tenders):
            raise InvalidInput("The card terminal is asked once a sale. Take the rest in cash.", field="tenders")
        if amount is not None and amount > self.left:
            raise InvalidInput("A card can't pay more than what is left.", field="amount")
        if amount == self.left:
            amount = None
        return TenderRequest(self.kind, amount, number=self.card if self.kind == "card" else None)

    @property
    def card(self) -> str | None:
        """Return the card's number: as typed, or picked by a single figure from 1 to 4."""
        if re.fullmatch("[1-4]", self.number):
            return SANDBOX[int(self.number) - 1][0]
        return self.number or None

    def with_offer(self) -> Settlement:
        """Return how far it goes with the tender being keyed. Raises as `offer` does."""
        return settle(self.due, self._joined(), self.coin)

    def take_down(self) -> Paying:
        """Put the tender being keyed with the others. Raises as `offer` does."""
        return replace(self, tenders=self._joined(), kind=None, typed="", number="")

    def _joined(self) -> tuple[TenderRequest, ...]:
        """Put the offer behind the others. More cash is the same cash: one tender, and the last."""
        offer = self.offer()
        if offer is None:
            return self.tenders
        if offer.kind != "cash":
            return (*self.tenders, offer)
        earlier = sum(tender.tendered or 0 for tender in self.tenders if tender.kind == "cash")
        if not earlier:
            return (*self.tenders, offer)
        more = self.quick()[0] if offer.tendered is None else offer.tendered
        others = tuple(tender for tender in self.tenders if tender.kind != "cash")
        return (*others, TenderRequest("cash", tendered=earlier + more))

    def without_last(self) -> Paying:
        """Take the last tender back off the list."""
        return replace(self, tenders=self.tenders[:-1])

    def quick(self) -> tuple[int, ...]:
        """Return the amounts a customer is likely to hand over: to the coin, then the next round ones."""
        exact = settle(self.left, [TenderRequest("cash")], self.coin).tenders[0].amount if self.left else 0
        unit = 10 ** (self.currency.decimals or 2)
        rounds = {-(-exact // (note * unit)) * note * unit for note in _NOTES}
        return (exact, *sorted(rounds - {exact})[:4])
