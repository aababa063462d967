"""What was rung up, before anybody has looked up or priced it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Item:
    """One thing as rung up: `id` is a sku; `price` only for what isn't in the catalogue, or to override it."""

    id: str | None
    quantity: int = 1
    price: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Basket:
    """What the customer wants to buy, the codes they brought, and who they are (a member's id).

    `reward` is the one reward discount: a reward to be bought with points, or a redemption made before.
    """

    items: tuple[Item, ...] = ()
    codes: tuple[str, ...] = field(default=(), repr=False)
    member: str | None = None
    reward: str | None = None
