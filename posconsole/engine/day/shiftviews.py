"""A till's shift as its X and Z reports show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from posconsole.engine.quoting.quotes import TaxLine

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class TenderTotal:
    """What came in and went out by one way of paying; `voucher` is stored value that was drawn or restored."""

    kind: str
    taken: int
    given_back: int


@dataclass(frozen=True, slots=True)
class Takings:
    """What a shift's receipts come to, in minor units.

    `gross` is at list prices, `amount` what was charged after `discounts`, `net` that less what was `refunded`.
    `taxes` by rate and `vouchers_sold` are after refunds too: bases, taxes and vouchers sold come to `net`.
    """

    sales: int
    refunds: int
    gross: int
    discounts: int
    amount: int
    refunded: int
    net: int
    taxes: tuple[TaxLine, ...]
    vouchers_sold: int
    tenders: tuple[TenderTotal, ...]
    rounding: int
    points_earned: int
    points_taken_back: int

    @property
    def cash(self) -> int:
        """Return what the drawer gained: cash taken, without the change, less cash given back."""
        return sum(one.taken - one.given_back for one in self.tenders if one.kind == "cash")

    @staticmethod
    def read(written: Mapping[str, Any]) -> Takings:
        """Return takings as they were frozen: the fields of this class, as JSON."""
        taxes = tuple(TaxLine(**one) for one in written["taxes"])
        return Takings(**{**written, "taxes": taxes, "tenders": tuple(TenderTotal(**it) for it in written["tenders"])})


@dataclass(frozen=True, slots=True)
class Figures:
    """What a shift comes to: worked out from the rows while it is open, read as they were frozen once it is closed."""

    takings: Takings
    cash_in: int
    cash_out: int

    def expected(self, opening_float: int) -> int:
        """Return what should be in the drawer."""
        return opening_float + self.takings.cash + self.cash_in - self.cash_out


@dataclass(frozen=True, slots=True)
class ShiftView:
    """A till's shift: while it is open as of now (an X report), once it is closed as it was then (its Z report).

    It covers the till's receipts after `first_receipt` up to `last_receipt`. `expected` is what should be in the
    drawer, `counted` what was. `perpetual` is what the till ever took, `journal_head` the seal of its journal.
    """

    id: str
    till: str
    no: int
    opened_by: str
    opened_at: int
    opening_float: int
    first_receipt: int
    last_receipt: int
    takings: Takings
    cash_in: int
    cash_out: int
    expected: int
    perpetual: int
    closed_by: str | None = None
    closed_at: int | None = None
    counted: int | None = None
    counts: Mapping[int, int] = field(default_factory=dict)
    note: str = ""
    journal_head: str | None = None

    @property
    def difference(self) -> int | None:
        """Return how much more was counted than expected; negative when some is missing, None before the count."""
        return None if self.counted is None else self.counted - self.expected
