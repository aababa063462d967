"""What a price depends on: the lines, the terms of codes, offers and rewards, the member. Frozen facts, no rows.

Amounts are integers in minor units, percentages, multipliers and tax rates basis points, times epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from posconsole.money import half_up

WHOLE = 10_000
"""A hundred per cent, or once, in basis points."""


Named = tuple[frozenset[str], frozenset[str]]
"""Products and categories by their names; with none of both it is everything."""


def _named(line: Line, named: Named) -> bool:
    products, categories = named
    return not (products or categories) or line.sku in products or line.category in categories


def earned(base: int, rate: int, minor: int) -> int:
    """Return the points on an amount, floored: `rate` basis points of a point per whole unit of `minor` units."""
    return base * rate // (WHOLE * minor)


def multiplied(points: int, multiplier: int) -> int:
    """Return what a multiplier adds to points that are earned anyway, floored: 1.5 × 85 is 127, which adds 42."""
    return points * multiplier // WHOLE - points


@dataclass(frozen=True, slots=True)
class Line:
    """An item with its catalogue facts. A `voucher_value` marks a line that sells vouchers."""

    sku: str | None
    name: str
    quantity: int
    unit_price: int
    tax_rate: int = 0
    category: str | None = None
    voucher_value: int | None = None

    @property
    def gross(self) -> int:
        """Return what the line costs before discounts."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Gift:
    """An item or store credit of the rewards catalogue that a coupon or an offer gives for nothing.

    `stock` None is as many as are asked for.
    """

    reward: str
    name: str
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """The terms of a coupon, an offer or a reward, and how much of them is used up.

    It gives a discount (`percent` or `amount`), `points`, or a `gift`. `campaign` and what is left of its `budget`
    bound the discount. `cost` is what a reward takes in points now; one that was claimed before has the id of its
    `redemption` and the member who `owns` it. `lapsed` says that the member's time with a repeating coupon is over,
    `revision` which writing of the terms this is. `within` is what the reward is for that a coupon gives.
    """

    kind: str
    id: str
    code: str
    name: str
    percent: int | None = None
    amount: int | None = None
    currency: str | None = None
    points: int = 0
    gift: Gift | None = None
    min_order_value: int | None = None
    max_discount: int | None = None
    valid_from: int | None = None
    valid_until: int | None = None
    products: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    cap: int | None = None
    used: int = 0
    customer_limit: int | None = None
    customer_used: int = 0
    lapsed: bool = False
    members_only: bool = False
    stackable: bool = False
    priority: int = 0
    active: bool = True
    revision: int = 0
    campaign: str | None = None
    budget: int | None = None
    cost: int = 0
    redemption: str | None = None
    owns: str | None = None
    within: Named = (frozenset(), frozenset())

    @property
    def key(self) -> str:
        """Return what tells this use from another: a reward may be claimed twice."""
        return self.redemption or self.id

    @property
    def discounts(self) -> bool:
        """Say whether it takes money off, rather than to give points or a gift."""
        return self.percent is not None or self.amount is not None

    def takes(self, line: Line) -> bool:
        """Say whether the discount may touch this line. Exclusion wins; vouchers on sale never are."""
        if line.voucher_value is not None or line.sku in self.excluded:
            return False
        return _named(line, (self.products, self.categories)) and _named(line, self.within)

    def off(self, base: int) -> int:
        """Return the discount on an eligible amount: percentages half up, never more than is there."""
        off = half_up(base * self.percent, WHOLE) if self.percent is not None else self.amount or 0
        return min(off, base, off if self.max_discount is None else self.max_discount)


@dataclass(frozen=True, slots=True)
class Incentive:
    """An offer that this member may have now and that is no discount: a `multiplier`, `points`, or a `gift`."""

    id: str
    name: str
    multiplier: int | None = None
    points: int = 0
    gift: Gift | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class StoredValue:
    """A voucher's terms. `available` is its balance less what other payments hold, in money or in points."""

    id: str
    code: str = field(repr=False)
    currency: str
    available: int
    status: str = "active"
    single_use: bool = False
    expires_at: int | None = None
    kind: str = "money"
    campaign: str | None = None
    has_pin: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """A code as the customer gave it, and what it turned out to be. Neither target: `not_found`."""

    code: str = field(repr=False)
    target: Rule | StoredValue | None = None
    mistyped: bool = False


@dataclass(frozen=True, slots=True)
class Sale:
    """All that a price depends on.

    `offers` are the discounts that the member may have, of which the best is taken, `incentives` what other offers
    give them. `points` is the member's balance, `points_rate` what a whole currency unit of `minor` minor units earns
    in basis points of a point.
    """

    lines: tuple[Line, ...]
    currency: str
    now: int
    prices_include_tax: bool = True
    member: str | None = None
    codes: tuple[Given, ...] = ()
    offers: tuple[Rule, ...] = ()
    incentives: tuple[Incentive, ...] = ()
    reward: Rule | None = None
    points: int = 0
    points_rate: int = 0
    minor: int = 100
