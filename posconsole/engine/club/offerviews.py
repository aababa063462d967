"""What the store hands out about offers: their terms and how far they are used, and how a member stands to each.

Amounts are integers in minor units, percentages and multipliers basis points, times epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posconsole.engine.quoting.quotes import Condition


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer. `status` is draft, published, paused or expired; `valid`: in its window, with slots left.

    `incentive` has its `type` and that type's terms: `multiplier`, `points`, `percent_off` and `max_discount`, or
    `reward`. `targeting` has the conditions that there are.
    """

    id: str
    name: str
    status: str
    valid: bool
    incentive: Mapping[str, Any]
    targeting: Mapping[str, Any]
    activation: str
    starts_at: int | None
    ends_at: int | None
    max_redemptions: int | None
    per_member_limit: int | None
    times_redeemed: int
    held: int
    activations: int
    campaign: str | None
    created: int


@dataclass(frozen=True, slots=True)
class ActivationView:
    """A member's claim to an offer, and for a bonus the `redemption` that awarded its `points`.

    `activated_at` is None for a claim that was given up since.
    """

    offer: str
    account: str
    customer: str
    activated_at: int | None
    redemption: str | None = None
    points: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands to a published offer.

    It `applies` to a sale now, or it is theirs once they activate it (`can_activate`), or there is a `reason` why not,
    put in words by `message`. `details` has every condition with met or not, `uses` how often they had it.
    """

    offer: str
    name: str
    incentive: Mapping[str, Any]
    activation: str
    activated: bool
    uses: int
    applies: bool
    can_activate: bool
    reason: str | None
    message: str
    details: tuple[Condition, ...]
