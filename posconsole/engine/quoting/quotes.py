"""What pricing answers: a quote with its verdicts, and the trace of how it came about.

Amounts are integers in minor units, percentages, multipliers and tax rates basis points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posconsole.engine.quoting.terms import Gift, Line, Rule


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a code by the reason it would be refused for; `figure` is what it lacks or its date."""

    name: str
    met: bool
    figure: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a code does to this sale, or the first reason that forbids it.

    `amount` is the discount or the draw, `points` what the member is given, `gift` the name of what they get,
    `available` what a voucher holds.
    """

    code: str = field(repr=False)
    kind: str | None
    name: str
    valid: bool
    reason: str | None = None
    amount: int = 0
    percent: int | None = None
    forfeited: int = 0
    available: int | None = None
    missing: int | None = None
    at: int | None = None
    details: tuple[Condition, ...] = ()
    points: int = 0
    gift: str | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount that applies, by the terms that gave it; `shares` has one part for each line, summing to `amount`."""

    rule: Rule
    amount: int
    shares: tuple[int, ...]

    @property
    def kind(self) -> str:
        """Return coupon, offer or reward."""
        return self.rule.kind

    @property
    def id(self) -> str:
        """Return the id of what gave it."""
        return self.rule.id

    @property
    def code(self) -> str:
        """Return the code of what gave it."""
        return self.rule.code

    @property
    def name(self) -> str:
        """Return the name of what gave it."""
        return self.rule.name


@dataclass(frozen=True, slots=True)
class Grant:
    """What a coupon, a points voucher or an offer gives the member besides a discount: points, or a gift."""

    kind: str
    id: str
    code: str = field(repr=False)
    name: str
    points: int = 0
    multiplier: int | None = None
    gift: Gift | None = None
    campaign: str | None = None
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class VoucherDraw:
    """What a voucher pays, what a single-use one forfeits with it, and what is left on it."""

    id: str
    code: str = field(repr=False)
    amount: int
    forfeited: int
    left: int
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax of one rate: `base` is net of it."""

    rate: int
    base: int
    tax: int


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A line with its discount, its part of its rate's tax, and what the customer pays for it."""

    line: Line
    gross: int
    discount: int
    tax: int
    total: int
    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the calculation: which rule, on which base, how rounded, what it gave and what it left.

    `what` is offer, coupon, reward, tax, voucher, points, multiplier or award. `rate` is in basis points. `how` says
    exact, half_up or floored; capped when the rule's largest amount cut it, cut when no more was there. `left` is
    what is still to pay after it, or for points the points so far.
    """

    what: str
    name: str
    base: int
    rate: int | None
    amount: int
    how: str
    left: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of a sale. `amount` is after discounts and tax, `due` what the vouchers leave to pay.

    `points` is what the member will earn with it, `offers_out` the names of gifts that are out of stock.
    """

    currency: str
    lines: tuple[QuoteLine, ...]
    discounts: tuple[Discount, ...]
    vouchers: tuple[VoucherDraw, ...]
    taxes: tuple[TaxLine, ...]
    order_amount: int
    discount_amount: int
    tax_amount: int
    amount: int
    due: int
    points_base: int
    verdicts: tuple[Verdict, ...]
    prices_include_tax: bool = True
    reward: Verdict | None = None
    grants: tuple[Grant, ...] = ()
    points: int = 0
    points_rate: int = 0
    offers_out: tuple[str, ...] = ()
    trace: tuple[Step, ...] = ()

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """Return the verdicts of the codes, and of the reward, that don't apply."""
        asked = self.verdicts if self.reward is None else (*self.verdicts, self.reward)
        return tuple(verdict for verdict in asked if not verdict.valid)
