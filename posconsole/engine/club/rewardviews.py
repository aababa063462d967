"""What the store hands out about rewards: the catalogue's entries, and what became of those that were claimed.

Amounts are integers in minor units, percentages basis points, times epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RewardView:
    """What points buy; `kind` is discount, item or credit. `stock` None: as many as are asked for.

    `status` is active, inactive, sold_out or deleted. `shipping`: the item is sent and not handed over.
    """

    id: str
    name: str
    kind: str
    points: int
    percent_off: int | None
    amount_off: int | None
    max_discount: int | None
    min_order_value: int | None
    product_ids: tuple[str, ...]
    categories: tuple[str, ...]
    credit_value: int | None
    stock: int | None
    shipping: bool
    status: str
    created: int


@dataclass(frozen=True, slots=True)
class RewardDiscount:
    """What a discount reward takes off: either `amount` or `percent`. `code` names it at a till."""

    amount: int | None
    percent: int | None
    currency: str
    code: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fulfillment:
    """How an item gets to its member: sent to `shipping`, or handed over at the till when that is None."""

    shipping: dict[str, str] | None
    tracking: str | None


@dataclass(frozen=True, slots=True)
class RewardCredit:
    """The voucher that a credit reward gave; its balance is the voucher's."""

    id: str
    code: str = field(repr=False)
    value: int


@dataclass(frozen=True, slots=True)
class RewardRedemptionView:
    """A reward that was claimed for `points`, and what its member has of it: a discount, an item, or credit.

    `status` is pending, applied, released, reversed, fulfillment_pending or fulfilled.
    """

    id: str
    reward: str
    name: str
    account: str | None
    customer: str | None
    points: int
    status: str
    payment: str | None
    discount: RewardDiscount | None
    fulfillment: Fulfillment | None
    voucher: RewardCredit | None
    created: int
