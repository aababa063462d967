"""What was rung up, before anybody has looked up or priced it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from posconsole.engine.arguments import each, optional, text, texts, whole
from posconsole.errors import InvalidInput
from posconsole.money import minor_units

MOST = 9_999
"""The largest quantity on one line: more is a slip of the scanner."""
MOST_LINES = 1_000


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


def checked(basket: object) -> Basket:
    """Return a basket in which everything is of its kind, whoever made it. Nothing is looked up.

    Raises `InvalidInput` with the field.
    """
    if not isinstance(basket, Basket):
        raise InvalidInput("A basket has to be a Basket", field="basket")
    items = each(basket.items, "items", _item)
    if len(items) > MOST_LINES:
        raise InvalidInput(f"A sale has {MOST_LINES} lines at most", field="items")
    member, reward = optional(basket.member, "customer"), optional(basket.reward, "reward")
    return replace(basket, items=items, codes=texts(basket.codes, "codes"), member=member, reward=reward)


def _item(item: object) -> Item:
    if not isinstance(item, Item):
        raise InvalidInput("What is in a basket has to be an Item", field="items")
    for field_, value in (("id", item.id), ("name", item.name)):
        if value is not None:
            text(value, field_)
    whole(item.quantity, "quantity", 1, MOST)
    if item.price is not None:
        minor_units(item.price, "price")
    return item
