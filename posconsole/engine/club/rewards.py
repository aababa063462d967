"""The verbs of the catalogue of what points buy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, or_, select, update

from posconsole.codes import identifier
from posconsole.engine import listing
from posconsole.engine.arguments import LARGEST, flag, optional, text, texts, whole
from posconsole.engine.club.rewardviews import RewardView
from posconsole.engine.context import Request
from posconsole.engine.db.database import values
from posconsole.engine.staff.access import needs
from posconsole.errors import InvalidInput, NotAllowed, NotFound
from posconsole.models import Reward, table
from posconsole.money import minor_units, percent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.sale.salerows import Fields
    from posconsole.engine.views import Page

    Conditions = list[ColumnElement[bool]]

_REWARD = table(Reward)
_IS = _REWARD.c.id == bindparam("reward")
_BY_ID = select(_REWARD).where(_IS)
_DELTA = bindparam("delta", type_=_REWARD.c.stock.type)
_UPDATE = (
    update(_REWARD)
    .where(_IS, _REWARD.c.deleted_at.is_(None), or_(_DELTA == 0, _REWARD.c.stock + _DELTA >= 0))
    .values(
        name=func.coalesce(bindparam("called"), _REWARD.c.name),
        active=func.coalesce(bindparam("on"), _REWARD.c.active),
        stock=_REWARD.c.stock + _DELTA,
    )
)
_DELETE = update(_REWARD).where(_IS, _REWARD.c.deleted_at.is_(None)).values(deleted_at=bindparam("now"))
TERMS = (
    "id kind points percent_off amount_off max_discount min_order_value product_ids categories credit_value shipping"
).split()
"""A reward's terms: never changed after it was made, and covered by the digest of the event that made it."""

_KINDS = {"percent_off": "discount", "amount_off": "discount", "item": "item", "credit_value": "credit"}
_TERMS_OF = {
    **dict.fromkeys(("max_discount", "min_order_value", "product_ids", "categories"), "discount"),
    **dict.fromkeys(("stock", "shipping"), "item"),
}
_A = {"discount": "a discount", "item": "an item"}


def status(row: Row) -> str:
    """Derive a reward's state: active, inactive, sold_out or deleted."""
    if row.deleted_at is not None:
        return "deleted"
    if not row.active:
        return "inactive"
    return "sold_out" if row.stock == 0 else "active"


def show(row: Row) -> RewardView:
    """Return the view of a reward's row."""
    return RewardView(
        id=row.id,
        name=row.name,
        kind=row.kind,
        points=row.points,
        percent_off=row.percent_off,
        amount_off=row.amount_off,
        max_discount=row.max_discount,
        min_order_value=row.min_order_value,
        product_ids=tuple(json.loads(row.product_ids)),
        categories=tuple(json.loads(row.categories)),
        credit_value=row.credit_value,
        stock=row.stock,
        shipping=bool(row.shipping),
        status=status(row),
        created=row.created_at,
    )


class Rewards:
    """What can be done with rewards."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("rewards.create")
    def create(
        self,
        *,
        name: str,
        points: int,
        percent_off: object = None,
        amount_off: int | None = None,
        max_discount: int | None = None,
        min_order_value: int | None = None,
        product_ids: Iterable[str] = (),
        categories: Iterable[str] = (),
        item: bool = False,
        stock: int | None = None,
        shipping: bool = False,
        credit_value: int | None = None,
        idempotency_key: str | None = None,
    ) -> RewardView:
        """Offer something for `points`: a discount, an item (`item=True`), or credit of `credit_value` minor units.

        A discount may have `max_discount`, `min_order_value`, `product_ids` and `categories`; an item `stock`, which
        is endless without it, and `shipping`. Raises `InvalidInput`.
        """
        row: Fields = {
            "id": identifier("rwd"),
            "name": _name(name),
            "points": whole(points, "points", 1),
            "percent_off": None if percent_off is None else percent(percent_off),
            "amount_off": _money(amount_off, "amount_off"),
            "max_discount": _money(max_discount, "max_discount"),
            "min_order_value": _money(min_order_value, "min_order_value"),
            "product_ids": values(sorted(set(texts(product_ids, "product_ids")))),
            "categories": values(sorted(set(texts(categories, "categories")))),
            "stock": None if stock is None else whole(stock, "stock"),
            "shipping": flag(shipping, "shipping"),
            "credit_value": _money(credit_value, "credit_value"),
            "active": True,
            "deleted_at": None,
        }
        row["kind"] = _kind(row | {"item": flag(item, "item")})
        asked = {field: value for field, value in row.items() if field != "id"}
        request = Request.of("reward", idempotency_key, **asked)

        def work(unit: Unit) -> RewardView:
            earlier = unit.once(request, row["id"])
            if earlier is None:
                _insert(unit, row)
            return show(unit.transaction.first(_BY_ID, reward=earlier or row["id"]))

        return self._context.write(work)

    @needs("rewards.get")
    def get(self, reward: str) -> RewardView:
        """Return a reward by id, also a deleted one; `NotFound` when there never was one."""
        wanted = text(reward, "reward")
        row = self._context.read(lambda transaction: transaction.first(_BY_ID, reward=wanted))
        if row is None:
            raise NotFound("There is no such reward", field="reward")
        return show(row)

    @needs("rewards.get")
    def list(
        self,
        *,
        kind: str | None = None,
        affordable: int | None = None,
        limit: int = 10,
        offset: int = 0,
        starting_after: str | None = None,
    ) -> Page[RewardView]:
        """Return rewards, newest first: of a kind, or those that so many points can buy. Deleted ones are left out."""
        conditions: Conditions = [_REWARD.c.deleted_at.is_(None)]
        if kind is not None:
            conditions.append(_REWARD.c.kind == text(kind, "kind"))
        if affordable is not None:
            conditions.append(_REWARD.c.points <= whole(affordable, "affordable", most=2**63 - 1))
        return listing.newest(
            self._context,
            _REWARD,
            _REWARD,
            conditions,
            show,
            limit=limit,
            offset=offset,
            starting_after=starting_after,
        )

    @needs("rewards.update")
    def update(
        self,
        reward: str,
        *,
        name: str | None = None,
        active: bool | None = None,
        restock: int = 0,
        idempotency_key: str | None = None,
    ) -> RewardView:
        """Rename a reward, switch it on or off, or add `restock` to its stock; a negative one takes items out.

        With the same key it is done once. Raises `NotAllowed` for a deleted one, for one without a stock, and when
        there are fewer to take out.
        """
        found, called = self.get(reward), None if name is None else _name(name)
        told: dict[str, object] = {} if called is None else {"name": called}
        if active is not None:
            told["active"] = flag(active, "active")
        if whole(restock, "restock", -LARGEST):
            told["restock"] = restock
        request = Request.of("reward.update", idempotency_key, reward=found.id, **told)

        def work(unit: Unit) -> RewardView:
            if unit.once(request, found.id) is None:
                _update(unit, found.id, told)
            return show(unit.transaction.first(_BY_ID, reward=found.id))

        return self._context.write(work)

    @needs("rewards.delete")
    def delete(self, reward: str, *, idempotency_key: str | None = None) -> RewardView:
        """Take a reward out of the catalogue for good. What was claimed of it stays claimed."""
        found = self.get(reward)
        request = Request.of("reward.delete", idempotency_key, reward=found.id)

        def work(unit: Unit) -> None:
            if unit.once(request, found.id) is None and unit.transaction.change(_DELETE, reward=found.id, now=unit.now):
                unit.journal.record("reward.deleted", found.id)

        self._context.write(work)
        return self.get(found.id)


def _insert(unit: Unit, row: Fields) -> None:
    unit.transaction.insert(_REWARD, [row | {"created_at": unit.now}])
    told = {"name": row["name"], "stock": row["stock"], "rows": unit.digest([[row[name] for name in TERMS]])}
    unit.journal.record("reward.created", row["id"], **told)


def _update(unit: Unit, reward: str, changes: Fields) -> None:
    called, on, delta = changes.get("name"), changes.get("active"), changes.get("restock", 0)
    if not unit.transaction.change(_UPDATE, reward=reward, called=called, on=on, delta=delta):
        raise _unchanged(unit.transaction.first(_BY_ID, reward=reward))
    if changes:
        unit.journal.record("reward.updated", reward, **changes)


def _name(name: object) -> str:
    called = optional(name, "name")
    if called is None:
        raise InvalidInput("A reward needs a name", field="name")
    return called


def _kind(row: Fields) -> str:
    """Say what a reward is by the one thing that it gives, and refuse the terms of another kind."""
    given = [field for field in _KINDS if row[field]]
    if len(given) != 1:
        raise InvalidInput("A reward is one of a percentage off, an amount off, an item or credit", field="percent_off")
    kind = _KINDS[given[0]]
    for field, owner in _TERMS_OF.items():
        if owner != kind and row[field] not in (None, False, "[]"):
            raise InvalidInput(f"{field} belongs to a reward that is {_A[owner]}", field=field)
    return kind


def _money(value: int | None, field: str) -> int | None:
    return None if value is None else minor_units(value, field, least=1)


def _unchanged(row: Row) -> NotAllowed:
    if row.deleted_at is not None:
        return NotAllowed("This reward was taken out of the catalogue. Make a new one.", field="reward")
    if row.stock is None:
        return NotAllowed("This reward has no stock to count: there are as many as are asked for.", field="restock")
    return NotAllowed(f"There are only {row.stock} of them to take out.", field="restock")
