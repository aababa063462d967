"""Two accounts of one person become one: what the duplicate has follows to the one that is kept.

Orders, redemptions and ledger entries stay as they were written; who reads by member reads those of both.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, text, update

from posconsole.engine.club import accounts, memberrows, points
from posconsole.engine.db.database import Raced
from posconsole.engine.journal.events import canonical
from posconsole.models import Member, Voucher, table

if TYPE_CHECKING:
    from posconsole.engine.club.memberrows import Fields
    from posconsole.engine.context import Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.journal.ledger import Entry

_MEMBER, _VOUCHER = table(Member), table(Voucher)
# In the order of their ids, so that two who merge the same two the other way round don't wait for each other.
_TAKE_BOTH = (
    select(_MEMBER)
    .where(or_(_MEMBER.c.id == bindparam("kept"), _MEMBER.c.id == bindparam("other")), _MEMBER.c.merged_into.is_(None))
    .order_by(_MEMBER.c.id)
    .with_for_update()
)
_EARLIER = select(_MEMBER).where(_MEMBER.c.merged_into == bindparam("other")).order_by(_MEMBER.c.id)
_FOLLOW = (
    # Portable SQL that Core has no portable construct for.
    text(
        "INSERT INTO member_use (subject, member_id, uses)"
        " SELECT subject, :kept, uses FROM member_use WHERE member_id = :other"
        " ON CONFLICT (subject, member_id) DO UPDATE SET uses = member_use.uses + excluded.uses"
    ),
    text("DELETE FROM member_use WHERE member_id = :other"),
    text(
        "INSERT INTO segment_member (segment_id, member_id)"
        " SELECT segment_id, :kept FROM segment_member WHERE member_id = :other ON CONFLICT DO NOTHING"
    ),
    text("DELETE FROM segment_member WHERE member_id = :other"),
    text(
        "INSERT INTO offer_activation (offer_id, member_id, activated_at)"
        " SELECT offer_id, :kept, activated_at FROM offer_activation WHERE member_id = :other ON CONFLICT DO NOTHING"
    ),
    text("DELETE FROM offer_activation WHERE member_id = :other"),
    update(_VOUCHER).where(_VOUCHER.c.member_id == bindparam("other")).values(member_id=bindparam("kept")),
)
_LACKING = ("phone", "phone_key", "card", "email", "tier")


def merge(unit: Unit, keep: str, duplicate: str) -> str:
    """Merge two members and return the id of the one who lives on; nothing happens when they are one already."""
    kept, other = (accounts.get(unit.transaction, member).id for member in (keep, duplicate))
    if kept != other:
        both = {row.id: row for row in unit.transaction.all(_TAKE_BOTH, kept=kept, other=other)}
        if len(both) != 2:
            raise Raced
        _join(unit, both[kept], both[other])
    return str(kept)


def _join(unit: Unit, kept: Row, other: Row) -> None:
    entries = unit.post(kept.id, _points(unit, kept.id, other))
    for statement in _FOLLOW:
        unit.transaction.change(statement, kept=kept.id, other=other.id)
    moved = {name: getattr(other, name) for name in _LACKING if getattr(kept, name) is None}
    attributes = canonical(json.loads(other.attributes) | json.loads(kept.attributes))
    # First of all the duplicate lets go of what can be only one member's.
    gone = memberrows.change(unit, other._asdict(), **dict.fromkeys(moved), merged_into=kept.id)
    now = memberrows.change(unit, kept._asdict(), **moved, attributes=attributes)
    memberrows.tell(unit, "member.merged", now, duplicate=other.id, **unit.booked(entries))
    for row in (gone, *_earlier(unit, kept.id, other.id)):
        memberrows.tell(unit, "member.updated", row, merged_into=kept.id)


def _points(unit: Unit, kept: str, other: Row) -> list[Entry]:
    """Move the balance and the debt; of the two that meet, one works off the other."""
    return [
        *(points.spend(unit, kept, other.id, other.points, "merged") or ()),
        *points.give(unit, kept, kept, other.points, "merged"),
        *points.give(unit, kept, other.id, other.points_debt, "merged"),
        *points.take_back(unit, kept, kept, other.points_debt, "merged"),
    ]


def _earlier(unit: Unit, kept: str, other: str) -> list[Fields]:
    """Let those who were merged into the duplicate point to the one who lives on: nobody has to ask twice."""
    rows = [row._asdict() for row in unit.transaction.all(_EARLIER, other=other)]
    return [memberrows.change(unit, row, merged_into=kept) for row in rows]
