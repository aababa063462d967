"""Whose account an id stands for: of members that were merged it is the one who lives on.

A member is named by id or by loyalty account. Rows that came before a merger keep the id that they were written
with: who reads by member reads those of `EVERYONE`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, or_, select

from posconsole.engine.db.database import Raced
from posconsole.errors import NotFound
from posconsole.models import Member, table

if TYPE_CHECKING:
    from posconsole.engine.db.database import Row, Transaction

_MEMBER = table(Member)
_NAMED, _SAME = _MEMBER.alias("named"), _MEMBER.alias("same")

LIVES_ON = (
    select(func.coalesce(_NAMED.c.merged_into, _NAMED.c.id))
    .where(or_(_NAMED.c.id == bindparam("member"), _NAMED.c.account_id == bindparam("member")))
    .scalar_subquery()
)
"""The id of the member who lives on, of the one named by the parameter `member`; NULL without such a member."""

EVERYONE = select(_SAME.c.id).where(or_(_SAME.c.id == LIVES_ON, _SAME.c.merged_into == LIVES_ON))
"""The ids of the member named by the parameter `member` and of all with whom they were merged: for `IN`."""

_GET = select(_MEMBER).where(_MEMBER.c.id == LIVES_ON)
# Somebody may be merged while this waits for the row: then it is no longer the one that is meant.
_TAKE = _GET.where(_MEMBER.c.merged_into.is_(None)).with_for_update()


def get(transaction: Transaction, member: str, field: str = "customer") -> Row:
    """Return the row of the member who lives on; `NotFound` without one."""
    row = transaction.first(_GET, member=member)
    if row is None:
        raise NotFound("There is no such member. Look them up by name, phone or card.", field=field)
    return row


def take(transaction: Transaction, member: str) -> Row:
    """Return the row of the member who lives on, locked until this transaction ends: nobody merges them meanwhile."""
    row = transaction.first(_TAKE, member=member)
    if row is None:
        get(transaction, member)
        raise Raced
    return row
