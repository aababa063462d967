"""A coupon's terms, read from what its maker wrote, in this program's words or in those of the source documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from posconsole.clock import moment
from posconsole.codes import fold, identifier
from posconsole.engine.arguments import LARGEST, flag, optional, text, texts, whole
from posconsole.engine.codes import campaigns
from posconsole.engine.db.database import values
from posconsole.errors import InvalidInput, NotFound
from posconsole.models import Reward, table
from posconsole.money import Currency, minor_units, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.sale.salerows import Fields
    from posconsole.engine.views import ShopView

_REWARD = table(Reward)
_KNOWN_REWARD = select(_REWARD.c.id).where(_REWARD.c.id == bindparam("reward"), _REWARD.c.deleted_at.is_(None))

VALUES = {"percentage": "percent_off", "fixed": "amount_off", "points": "points", "reward": "reward_id"}
"""The types of coupon, and the column in which each has its value."""
CONDITIONS = (
    "min_order_value max_discount valid_from valid_until customer_limit product_ids excluded_product_ids categories"
).split()
TERMS = [
    *"id code_key currency duration duration_in_months stackable priority campaign_id batch_id batch_no".split(),
    *VALUES.values(),
    *CONDITIONS,
]
"""A coupon's terms: changed by `revise` alone, and covered by the digest of the event that made or revised it."""

_THEIRS = {"max_uses": "max_redemptions", "expires_at": "valid_until", "reward": "reward_id", "campaign": "campaign_id"}
_DURATIONS = ("once", "repeating", "forever")
_LONGEST_MONTHS = 1200


def spelled(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return terms under the names of their columns, each once, whatever document they were written after.

    `discount={"type", "value"}` or `type=, value=` stand for the value, `conditions={…}` for the conditions in it,
    `max_uses` for `max_redemptions`, `expires_at` for `valid_until`, `category` for one of `categories`.
    """
    pairs = [pair for name, value in written.items() for pair in _unfolded(name, value)]
    found: dict[str, Any] = {}
    for name, value in pairs:
        column = _THEIRS.get(name, name)
        if column in found and value is not None and found[column] is not None:
            raise InvalidInput(f"{name} is given twice", field=name)
        if found.get(column) is None:
            found[column] = value
    if found.get("category") is not None:
        found["categories"] = [*texts(found.get("categories") or (), "categories"), found["category"]]
    found.pop("category", None)
    if "type" in found or "value" in found:
        found[column_of(found.pop("type", None))] = found.pop("value", None)
    return found


def _unfolded(name: str, value: Any) -> list[tuple[str, Any]]:
    if name not in ("conditions", "discount"):
        return [(name, value)]
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{name} has to be a mapping of names to values", field=name)
    return [(text(inner, name), one) for inner, one in value.items()]


def column_of(kind: object) -> str:
    """Return the column in which a type of coupon has its value."""
    if not isinstance(kind, str) or kind not in VALUES:
        raise InvalidInput(f"A coupon's type is one of {', '.join(VALUES)}", field="type")
    return VALUES[kind]


def read(written: Mapping[str, Any], shop: ShopView) -> Fields:
    """Return the columns that a coupon's maker decides on, checked; JSON can hold them.

    Raises `InvalidInput` with the field for what can't be, and for what no coupon has.
    """
    terms = {name: value for name, value in spelled(written).items() if value is not None}
    row: Fields = dict.fromkeys((*VALUES.values(), "duration_in_months", "max_redemptions", "campaign_id"))
    row |= {"name": "", "duration": "forever", "stackable": False, "priority": 0, "active": True}
    row |= dict.fromkeys(CONDITIONS) | dict.fromkeys(_LISTS, "[]")
    currency = Currency.of(text(terms.pop("currency", shop.currency.code), "currency")).code
    row |= {name: read_one(name, value, shop.timezone) for name, value in terms.items()}
    row["currency"] = None if row["amount_off"] is None else currency
    check(row)
    return row


def read_one(name: str, value: Any, timezone: str) -> Any:
    """Return the value of one of a coupon's columns as it is kept."""
    if name in ("valid_from", "valid_until"):
        return moment(value, timezone, name, end=name == "valid_until")
    reader = _READERS.get(name)
    if reader is None:
        raise InvalidInput(f"A coupon has no {name[:40]}", field=name[:40])
    return None if value is None and name not in _NEVER_NONE else reader(value, name)


def check(row: Fields) -> None:
    """Check what several of a coupon's columns have to be together."""
    if sum(row[column] is not None for column in VALUES.values()) != 1:
        raise InvalidInput("A coupon takes either a percentage, an amount off, points or a reward", field="percent_off")
    if None not in (row["valid_from"], row["valid_until"]) and row["valid_from"] > row["valid_until"]:
        raise InvalidInput("It ends before it starts", field="valid_until")
    if (row["duration"] == "repeating") != (row["duration_in_months"] is not None):
        raise InvalidInput("A repeating coupon, and no other, says for how many months", field="duration_in_months")


def type_of(row: Row) -> str:
    """Return which of the types a coupon's row is."""
    return next(kind for kind, column in VALUES.items() if getattr(row, column) is not None)


def check_reward(transaction: Transaction, reward: str | None) -> None:
    """Check that a reward which a coupon gives is in the catalogue."""
    if reward is not None and transaction.scalar(_KNOWN_REWARD, reward=reward) is None:
        raise NotFound("There is no such reward in the catalogue", field="reward")


def check_targets(transaction: Transaction, row: Fields) -> None:
    """Check that the reward and the campaign which a coupon names are there."""
    check_reward(transaction, row["reward_id"])
    campaigns.check(transaction, row["campaign_id"])


def new_coupon(code: str, terms: Fields, now: int, batch: str | None = None, number: int | None = None) -> Fields:
    """Return the row of a new coupon with these terms, one of a batch or by itself."""
    return terms | {
        "id": identifier("cpn"),
        "code": code,
        "code_key": fold(code),
        "batch_id": batch,
        "batch_no": number,
        "revision": 0,
        "expired_told": False,
        "times_redeemed": 0,
        "held": 0,
        "created_at": now,
        "updated_at": now,
        "deleted_at": None,
    }


def _count(value: Any, field: str) -> int:
    return whole(value, field, 1)


def _listed(ids: Any, field: str) -> str:
    return values(sorted(set(texts(() if ids is None else ids, field))))


def _duration(value: Any, field: str) -> str:
    if value not in _DURATIONS:
        raise InvalidInput("A coupon's duration is once, repeating or forever", field=field)
    return str(value)


_LISTS = ("product_ids", "excluded_product_ids", "categories")
_NEVER_NONE = (*_LISTS, "name")
_READERS: dict[str, Callable[[Any, str], Any]] = {
    "name": lambda value, field: optional(value, field) or "",
    "percent_off": percent,
    "amount_off": lambda value, field: minor_units(value, field, least=1),
    "points": _count,
    "reward_id": lambda value, _: text(value, "reward"),
    "campaign_id": lambda value, _: text(value, "campaign"),
    "max_redemptions": _count,
    "duration": _duration,
    "duration_in_months": lambda value, field: whole(value, field, 1, _LONGEST_MONTHS),
    "active": flag,
    "stackable": flag,
    "priority": lambda value, field: whole(value, field, -LARGEST),
    "min_order_value": minor_units,
    "max_discount": lambda value, field: minor_units(value, field, least=1),
    "customer_limit": _count,
    **dict.fromkeys(_LISTS, _listed),
}
WRITTEN = (*_READERS, *_THEIRS, *"conditions discount type value category currency valid_from valid_until".split())
"""Every word that may stand in a coupon's terms."""
