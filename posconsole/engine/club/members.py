"""The verbs of known customers. A merged member stands for the one who lives on, whatever is done with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, func, or_, select

from posconsole.codes import identifier
from posconsole.engine import listing
from posconsole.engine.arguments import LARGEST, optional, text, whole
from posconsole.engine.club import accounts, memberrows, merging
from posconsole.engine.club import points as balances
from posconsole.engine.club.memberrows import phone_key
from posconsole.engine.context import Request
from posconsole.engine.db.database import one_of
from posconsole.engine.staff.access import needs, require
from posconsole.engine.views import LedgerRow, MemberView, Page
from posconsole.errors import InvalidInput, NotAllowed
from posconsole.models import LedgerEntry, Member, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from posconsole.engine.club.memberrows import Details
    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row, Transaction

_MEMBER, _ENTRY = table(Member), table(LedgerEntry)
_HAS_CARD = _MEMBER.c.card == bindparam("text")
# Should one member's card be another's phone number, the card wins. What a duplicate had still finds its owner.
_HOLDER = (
    select(func.coalesce(_MEMBER.c.merged_into, _MEMBER.c.id))
    .where(or_(_HAS_CARD, _MEMBER.c.phone_key == bindparam("phone")))
    .order_by(case((_HAS_CARD, 0), else_=1))
    .limit(1)
    .correlate(None)
    .scalar_subquery()
)
_BY_CARD_OR_PHONE = select(_MEMBER).where(_MEMBER.c.id == _HOLDER)
LIVING = _MEMBER.c.merged_into.is_(None)
"""The condition under which a member is one to find: not a duplicate."""


def show(row: Row) -> MemberView:
    """Return the view of a member's row."""
    return MemberView(
        id=row.id,
        name=row.name,
        phone=row.phone,
        card=row.card,
        email=row.email,
        account=row.account_id,
        points=row.points,
        points_debt=row.points_debt,
        tier=row.tier,
        metadata=json.loads(row.attributes),
        created=row.created_at,
    )


def exact(transaction: Transaction, wanted: str) -> MemberView | None:
    """Return the member with this card or phone number."""
    row = transaction.first(_BY_CARD_OR_PHONE, text=wanted.strip().upper(), phone=phone_key(wanted))
    return None if row is None else show(row)


class Members:
    """What can be done with members. They are named by id or by loyalty account."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("members.create")
    def create(
        self,
        *,
        name: str,
        phone: str | None = None,
        card: str | None = None,
        email: str | None = None,
        tier: str | None = None,
        metadata: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> MemberView:
        """Enrol a member with an account; only a manager gives a tier or metadata.

        Raises `Conflict` when the phone number or the card has an account already.
        """
        if tier or metadata:
            require("members.classify", self._context)
        given = {"name": name, "phone": phone, "card": card, "email": email, "tier": tier, "metadata": metadata or {}}
        fields = memberrows.read(given)
        request = Request.of("member", idempotency_key, **fields)
        row = memberrows.new(fields)

        def work(unit: Unit) -> str:
            earlier = unit.once(request, row["id"])
            if earlier is None:
                memberrows.insert(unit, row)
            return earlier or row["id"]

        return self.get(self._context.write(work))

    @needs("members.update")
    def update(self, member: str, *, idempotency_key: str | None = None, **details: Unpack[Details]) -> MemberView:
        """Change the details that are named; None takes one away, `metadata` is written anew as a whole.

        Only a manager changes tier and metadata. Raises `Conflict` like `create`.
        """
        if details.keys() & {"tier", "metadata"}:
            require("members.classify", self._context)
        whom, fields = text(member, "customer"), memberrows.read(details)
        request = Request.of("member.update", idempotency_key, member=whom, **fields)

        def work(unit: Unit) -> str:
            row = accounts.take(unit.transaction, whom)
            if unit.once(request, row.id) is None:
                memberrows.tell(unit, "member.updated", memberrows.change(unit, row._asdict(), **fields))
            return str(row.id)

        return self.get(self._context.write(work))

    @needs("members.get")
    def get(self, member: str) -> MemberView:
        """Return a member, of a merged one the member who lives on; `NotFound` when there is none."""
        whom = text(member, "customer")
        return show(self._context.read(lambda transaction: accounts.get(transaction, whom)))

    @needs("members.get")
    def find(self, text: str, limit: int = 50) -> Page[MemberView]:
        """Return members with every word of `text` in their name, phone, e-mail or card, by name."""
        conditions = (LIVING, listing.contains(_MEMBER.c.search, text))
        return listing.page(self._context, _MEMBER, conditions, (_MEMBER.c.name, _MEMBER.c.id), show, limit=limit)

    @needs("members.merge")
    def merge(self, *, keep: str, duplicate: str, idempotency_key: str | None = None) -> MemberView:
        """Make two accounts of one person one, and return it.

        Points, debt, vouchers, segments, activations and counted uses follow; what the one that is kept lacks (a
        phone number, card, e-mail address, tier, metadata) it gets. Done twice it is done once.
        """
        one, other = text(keep, "keep"), text(duplicate, "duplicate")
        if one == other:
            raise InvalidInput("It takes two members to merge them", field="duplicate")
        request = Request.of("member.merge", idempotency_key, keep=one, duplicate=other)

        def work(unit: Unit) -> str:
            kept: str = accounts.get(unit.transaction, one).id
            return kept if unit.once(request, kept) else merging.merge(unit, one, other)

        return self.get(self._context.write(work))

    @needs("members.get")
    def points(self, member: str, limit: int = 10, offset: int = 0) -> Page[LedgerRow]:
        """Return a member's ledger, newest first, with that of those merged into them.

        The amounts of the account `points` sum to the balance, those of `points_debt` to the debt, negative.
        """
        whom = self.get(member).id
        conditions = (
            one_of(_ENTRY.c.account, "points", "points_debt"),
            _ENTRY.c.subject.in_(accounts.EVERYONE.params(member=whom)),
        )
        order = (_ENTRY.c.seq.desc(),)
        return listing.page(self._context, _ENTRY, conditions, order, _transaction, limit=limit, offset=offset)

    @needs("members.adjust")
    def adjust(self, member: str, *, points: int, reason: str, idempotency_key: str | None = None) -> MemberView:
        """Give a member points, or take some; with the same key it is done once.

        Raises `NotAllowed` with the code `insufficient_points` when there are fewer than are to be taken.
        """
        whom, amount, why = text(member, "customer"), whole(points, "points", -LARGEST), optional(reason, "reason")
        if not amount:
            raise InvalidInput("Say how many points to give, or, negative, to take", field="points")
        if why is None:
            raise InvalidInput("Say why the points are changed", field="reason")
        request = Request.of("points", idempotency_key, member=whom, points=amount, reason=why)

        def work(unit: Unit) -> None:
            cause = identifier("adj")
            if unit.once(request, cause) is None:
                _adjust(unit, cause, whom, amount, why)

        self._context.write(work)
        return self.get(whom)


def _transaction(row: Row) -> LedgerRow:
    return LedgerRow(f"ptx_{row.seq}", row.account, row.kind, row.amount, row.unit, row.cause, row.at)


def _adjust(unit: Unit, cause: str, member: str, amount: int, reason: str) -> None:
    if amount > 0:
        moved = balances.give(unit, cause, member, amount, "adjusted")
    else:
        taken = balances.spend(unit, cause, member, -amount, "adjusted")
        if taken is None:
            left = balances.take_row(unit, member).points
            words = f"There are {left} points on this account, fewer than the {-amount} to take."
            raise NotAllowed(words, code="insufficient_points", field="points")
        moved = taken
    posted = unit.post(cause, moved)
    unit.journal.record("member.adjusted", cause, points=amount, reason=reason, **unit.booked(posted))
