"""How an amount is paid: which tender takes how much, the change, and the rounding to the smallest coin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posconsole.errors import InvalidInput
from posconsole.money import half_up, minor_units

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("cash", "card", "terminal")
"""Cash; the sandbox card; the bank's own device, whose answer the cashier keys in."""


@dataclass(frozen=True, slots=True)
class TenderRequest:
    """What the customer offers. `amount` None takes what is left; `tendered` is the cash handed over.

    Cash with an amount and nothing tendered was handed over as it is.
    """

    kind: str
    amount: int | None = None
    tendered: int | None = None
    number: str | None = None

    def __repr__(self) -> str:
        """Leave the card's number out: a repr ends up in logs."""
        return f"TenderRequest(kind={self.kind!r}, amount={self.amount!r}, tendered={self.tendered!r})"


@dataclass(frozen=True, slots=True)
class SettledTender:
    """What one tender pays, what was handed over, and the change for it."""

    kind: str
    amount: int
    tendered: int
    change: int
    number: str | None = None

    def __repr__(self) -> str:
        """Leave the card's number out: a repr ends up in logs."""
        return f"SettledTender(kind={self.kind!r}, amount={self.amount!r})"


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a due amount is covered. `left` is what is still to pay; `rounding` what the coins add or drop."""

    tenders: tuple[SettledTender, ...]
    rounding: int
    change: int
    left: int


def rounded(amount: int, smallest_coin: int) -> int:
    """Round an amount to what coins can pay: 1992 with 5-cent coins is 1990."""
    return half_up(amount, smallest_coin) * smallest_coin


def settle(due: int, tenders: Sequence[TenderRequest], smallest_coin: int = 1) -> Settlement:
    """Let the tenders pay `due` in their order. Only the cash that covers the rest is rounded.

    Raises `InvalidInput` for an unknown kind, a card amount above what is left, or a tender with nothing to pay.
    """
    left, rounding, settled = due, 0, []
    for tender in tenders:
        if tender.kind not in KINDS:
            raise InvalidInput(f"{tender.kind!r} is not a tender: one of {', '.join(KINDS)}", field="tenders")
        if left <= 0:
            raise InvalidInput("Nothing is left for another tender to pay", field="tenders")
        if tender.kind == "cash":
            paid, adjustment = _cash(left, tender, smallest_coin)
            rounding += adjustment
        else:
            paid, adjustment = _card(left, tender), 0
        left -= paid.amount - adjustment
        settled.append(paid)
    return Settlement(tuple(settled), rounding, sum(paid.change for paid in settled), left)


def _cash(left: int, tender: TenderRequest, coin: int) -> tuple[SettledTender, int]:
    to_pay = rounded(left, coin)
    asked = to_pay if tender.amount is None else minor_units(tender.amount, "amount")
    handed = asked if tender.tendered is None else minor_units(tender.tendered, "tendered")
    if tender.tendered is not None and asked < to_pay:
        if handed < asked:
            raise InvalidInput("Less cash was handed over than it is to pay", field="tendered")
        return SettledTender("cash", asked, handed, handed - asked), 0
    if handed < to_pay:
        return SettledTender("cash", handed, handed, 0), 0
    return SettledTender("cash", to_pay, handed, handed - to_pay), to_pay - left


def _card(left: int, tender: TenderRequest) -> SettledTender:
    amount = left if tender.amount is None else minor_units(tender.amount, "amount", least=1)
    if amount > left:
        raise InvalidInput("A card can't pay more than what is left", field="amount")
    return SettledTender(tender.kind, amount, amount, 0, tender.number)
