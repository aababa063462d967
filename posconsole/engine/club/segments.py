"""Named groups of members: lists, and rules that are judged whenever they are asked.

A rule is a JSON object of conditions that all have to pass; a merged member's purchases are those of the one who
lives on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, select, true

from posconsole.clock import moment
from posconsole.codes import identifier
from posconsole.engine.arguments import optional, text, texts, whole
from posconsole.engine.club import accounts, members
from posconsole.engine.context import Request
from posconsole.engine.db.database import among, one_of, values
from posconsole.engine.journal.events import canonical
from posconsole.engine.listing import MOST
from posconsole.engine.staff.access import needs
from posconsole.engine.views import Page, SegmentView
from posconsole.errors import Conflict, InvalidInput, NotFound
from posconsole.models import Member, Order, Payment, Segment, SegmentMember, table
from posconsole.money import minor_units

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from sqlalchemy import ColumnElement, Select, Subquery

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.views import MemberView

_SEGMENT, _PLACE, _MEMBER = table(Segment), table(SegmentMember), table(Member)
_ORDER, _PAYMENT = table(Order), table(Payment)
_BUYER = _MEMBER.alias("buyer")
DAY = 86_400
_FAR = 36_500

_NAMED = (
    select(_SEGMENT.c.name, _SEGMENT.c.kind, _SEGMENT.c.rule, _PLACE.c.member_id)
    .select_from(_SEGMENT)
    .outerjoin(_PLACE, and_(_PLACE.c.segment_id == _SEGMENT.c.id, _PLACE.c.member_id == accounts.LIVES_ON))
    .where(among(_SEGMENT.c.name, bindparam("names")))
)
_GET = select(_SEGMENT).where((_SEGMENT.c.id == bindparam("segment")) | (_SEGMENT.c.name == bindparam("segment")))
_LIST = select(_SEGMENT).order_by(_SEGMENT.c.created_at.desc(), _SEGMENT.c.id.desc())
_LISTED = (
    select(_PLACE.c.member_id)
    .join(_MEMBER, _MEMBER.c.id == _PLACE.c.member_id)
    .where(_PLACE.c.segment_id == bindparam("segment"))
    .order_by(_MEMBER.c.name, _MEMBER.c.id)
)
_SIZES = select(_PLACE.c.segment_id, func.count()).group_by(_PLACE.c.segment_id)
_MEMBERS = select(_MEMBER).where(among(_MEMBER.c.id, bindparam("members"))).order_by(_MEMBER.c.name, _MEMBER.c.id)
_REMOVE = delete(_PLACE).where(_PLACE.c.segment_id == bindparam("segment"), _PLACE.c.member_id == bindparam("member"))
_OF_BUYER = func.coalesce(_BUYER.c.merged_into, _BUYER.c.id).label("member_id")
_BOUGHT = (
    select(
        func.max(_PAYMENT.c.captured_at).label("last_purchase"),
        func.sum(_PAYMENT.c.amount - _PAYMENT.c.refunded_amount).label("spend"),
    )
    .select_from(_ORDER.join(_PAYMENT, _PAYMENT.c.order_id == _ORDER.c.id))
    .where(one_of(_PAYMENT.c.status, "captured", "partially_refunded"))
)
_BY_ONE = _BOUGHT.where(_ORDER.c.member_id.in_(accounts.EVERYONE)).subquery()
_BY_EACH = (
    _BOUGHT.add_columns(_OF_BUYER)
    .join(_BUYER, _BUYER.c.id == _ORDER.c.member_id)
    .group_by(_OF_BUYER.element)
    .subquery()
)


def _states(bought: Subquery, which: ColumnElement[bool]) -> Select[Any]:
    """Select what rules are judged on: of members, and of what they bought and kept."""
    known = (_MEMBER.c.id, _MEMBER.c.tier, _MEMBER.c.created_at, bought.c.last_purchase)
    return select(*known, func.coalesce(bought.c.spend, 0).label("spend")).select_from(_MEMBER.outerjoin(bought, which))


_ONE = _states(_BY_ONE, true()).where(_MEMBER.c.id == accounts.LIVES_ON)
_EVERYBODY = (
    _states(_BY_EACH, _BY_EACH.c.member_id == _MEMBER.c.id)
    .where(_MEMBER.c.merged_into.is_(None))
    .order_by(_MEMBER.c.name, _MEMBER.c.id)
)
TERMS = ("id", "name", "kind", "rule")
"""A segment's terms: never changed after it was made, and covered by the digest of the event that made it."""

_PASSES: dict[str, Callable[[Any, Row, int], bool]] = {
    "days_since_purchase": lambda days, member, now: (
        member.last_purchase is not None and member.last_purchase <= now - days * DAY
    ),
    "spend_at_least": lambda amount, member, _: member.spend >= amount,
    "tier": lambda tier, member, _: member.tier == tier,
    "enrolled_before": lambda end, member, _: member.created_at < end,
}
"""For each condition of a rule whether a member, with what they bought and kept, meets it."""


def matching(transaction: Transaction, member: str, names: Collection[str], now: int) -> frozenset[str]:
    """Return in which of the named segments a member is, judged on the purchases that are captured by now."""
    rows = transaction.all(_NAMED, member=member, names=values(sorted(names)))
    state = transaction.first(_ONE, member=member) if any(row.kind == "rule" for row in rows) else None
    return frozenset(
        row.name
        for row in rows
        if row.member_id is not None or (row.kind == "rule" and state and _passes(json.loads(row.rule), state, now))
    )


def everyone_in(transaction: Transaction, names: Collection[str], now: int) -> frozenset[str]:
    """Return the ids of the members who are in one of the named segments. Raises `NotFound` for one that isn't."""
    found = [_found(transaction, name) for name in sorted(names)]
    return frozenset(member for segment in found for member in _ids(transaction, segment, now))


def _ids(transaction: Transaction, segment: Row, now: int) -> list[str]:
    """Return who is in a segment, by name."""
    if segment.kind == "list":
        return transaction.scalars(_LISTED, segment=segment.id)
    rule = json.loads(segment.rule)
    return [state.id for state in transaction.all(_EVERYBODY) if _passes(rule, state, now)]


def _passes(rule: Mapping[str, Any], member: Row, now: int) -> bool:
    return all(_PASSES[name](wanted, member, now) for name, wanted in rule.items())


class Segments:
    """What can be done with segments. They are named by id or by name."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("segments.create")
    def create(
        self,
        name: str,
        *,
        members: Iterable[str] = (),
        rule: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> SegmentView:
        """Name a group of members: a list, or a `rule`.

        A rule's conditions: `days_since_purchase` (the last one is at least so many days ago), `spend_at_least`
        (minor units, less refunds), `tier`, `enrolled_before` (a point in time). Raises `Conflict` for a name that
        is taken.
        """
        called, listed = optional(name, "name"), sorted(set(texts(members, "members")))
        if called is None:
            raise InvalidInput("A segment needs a name", field="name")
        if listed and rule is not None:
            raise InvalidInput("A segment is a list of members or a rule, not both", field="rule")
        row = {
            "id": identifier("seg"),
            "name": called,
            "kind": "list" if rule is None else "rule",
            "rule": "{}" if rule is None else canonical(self._rule(rule)),
        }
        request = Request.of("segment", idempotency_key, name=called, members=listed, rule=row["rule"])

        def work(unit: Unit) -> str:
            earlier = unit.once(request, row["id"])
            if earlier is None:
                _insert(unit, row, listed)
            return earlier or row["id"]

        return self.get(self._context.write(work))

    def _rule(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        wanted = {name: value for name, value in rule.items() if value is not None} if isinstance(rule, Mapping) else {}
        if not wanted or not wanted.keys() <= _PASSES.keys():
            raise InvalidInput(f"A rule has one or more of {', '.join(_PASSES)}", field="rule")
        read: dict[str, Callable[[Any], Any]] = {
            "days_since_purchase": lambda days: whole(days, "days_since_purchase", 0, _FAR),
            "spend_at_least": lambda amount: minor_units(amount, "spend_at_least"),
            "tier": _tier,
            "enrolled_before": lambda end: moment(end, self._context.shop.timezone, "enrolled_before"),
        }
        return {name: read[name](value) for name, value in wanted.items()}

    @needs("segments.update")
    def add(self, segment: str, member: str, *, idempotency_key: str | None = None) -> SegmentView:
        """Put a member on a segment's list."""
        return self._change(segment, member, _add, "added", idempotency_key)

    @needs("segments.update")
    def remove(self, segment: str, member: str, *, idempotency_key: str | None = None) -> SegmentView:
        """Take a member off a segment's list."""
        return self._change(segment, member, _remove, "removed", idempotency_key)

    def _change(
        self, segment: str, member: str, step: Callable[[Unit, str, str], bool], told: str, key: str | None
    ) -> SegmentView:
        whom = text(member, "customer")
        request = Request.of(f"segment.{told}", key, segment=segment, member=whom)

        def work(unit: Unit) -> str:
            found = _found(unit.transaction, segment)
            if found.kind == "rule":
                raise InvalidInput("Who is in this segment follows from its rule", field="segment")
            taken = accounts.take(unit.transaction, whom)
            if unit.once(request, found.id) is None and step(unit, found.id, taken.id):
                unit.journal.record("segment.updated", found.id, **{told: [taken.id]})
            return str(found.id)

        return self.get(self._context.write(work))

    @needs("segments.get")
    def get(self, segment: str) -> SegmentView:
        """Return a segment and how many members are in it now; `NotFound` when there is none."""
        now = self._context.clock.now()
        return self._context.read(lambda tx: _shown(tx, [_found(tx, segment)], now)[0])

    @needs("segments.get")
    def of(self, member: str) -> tuple[str, ...]:
        """Return the names of the segments that a member is in now."""
        whom, now = text(member, "customer"), self._context.clock.now()

        def work(transaction: Transaction) -> tuple[str, ...]:
            names = [row.name for row in transaction.all(_LIST)]
            return tuple(sorted(matching(transaction, whom, names, now)))

        return self._context.read(work)

    @needs("segments.get")
    def list(self, limit: int = 10, offset: int = 0) -> Page[SegmentView]:
        """Return segments, newest first."""
        now = self._context.clock.now()

        def work(transaction: Transaction) -> Page[SegmentView]:
            rows = transaction.all(_LIST)
            return _page(_shown(transaction, _cut(rows, limit, offset), now), len(rows), offset)

        return self._context.read(work)

    @needs("segments.members")
    def members(self, segment: str, limit: int = 10, offset: int = 0) -> Page[MemberView]:
        """Return the members who are in a segment now, by name."""
        now = self._context.clock.now()

        def work(transaction: Transaction) -> Page[MemberView]:
            found = _found(transaction, segment)
            ids = _ids(transaction, found, now)
            rows = transaction.all(_MEMBERS, members=values(_cut(ids, limit, offset)))
            return _page([members.show(row) for row in rows], len(ids), offset)

        return self._context.read(work)

    @needs("segments.members")
    def count(self, rule: Mapping[str, Any]) -> int:
        """Return how many members would be in a segment with this rule now."""
        conditions, now = self._rule(rule), self._context.clock.now()
        states = self._context.read(lambda transaction: transaction.all(_EVERYBODY))
        return sum(_passes(conditions, state, now) for state in states)


def _tier(tier: object) -> str:
    called = optional(tier, "tier")
    if called is None:
        raise InvalidInput("A tier has a name", field="tier")
    return called


def _found(transaction: Transaction, segment: str) -> Row:
    row = transaction.first(_GET, segment=text(segment, "segment"))
    if row is None:
        raise NotFound("There is no such segment", field="segment")
    return row


def _shown(transaction: Transaction, rows: list[Row], now: int) -> list[SegmentView]:
    sizes = dict(map(tuple, transaction.all(_SIZES)))
    states = transaction.all(_EVERYBODY) if any(row.kind == "rule" for row in rows) else []

    def size(row: Row, rule: Mapping[str, Any]) -> int:
        return sum(_passes(rule, state, now) for state in states) if row.kind == "rule" else sizes.get(row.id, 0)

    return [
        SegmentView(row.id, row.name, row.kind, rule, size(row, rule), row.created_at)
        for row in rows
        for rule in (json.loads(row.rule),)
    ]


def _cut(found: list[Any], limit: int, offset: int) -> list[Any]:
    start = whole(offset, "offset")
    return found[start : start + whole(limit, "limit", 1, MOST)]


def _page(data: list[Any], total: int, offset: int) -> Page[Any]:
    end = offset + len(data)
    return Page(tuple(data), end < total, total, str(end) if end < total else None)


def _insert(unit: Unit, row: dict[str, str], listed: list[str]) -> None:
    if unit.transaction.insert(_SEGMENT, [row | {"created_at": unit.now}], ignore=True) != 1:
        raise Conflict(f"There is a segment {row['name'][:40]} already. Take another name.", field="name")
    kept = sorted({accounts.take(unit.transaction, member).id for member in listed})
    unit.transaction.insert(_PLACE, [{"segment_id": row["id"], "member_id": member} for member in kept])
    rows = unit.digest([[row[name] for name in TERMS]])
    unit.journal.record("segment.created", row["id"], rows=rows, added=kept)


def _add(unit: Unit, segment: str, member: str) -> bool:
    return unit.transaction.insert(_PLACE, [{"segment_id": segment, "member_id": member}], ignore=True) == 1


def _remove(unit: Unit, segment: str, member: str) -> bool:
    return unit.transaction.change(_REMOVE, segment=segment, member=member) == 1
