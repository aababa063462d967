"""Moving points: every change of a member's balance or debt, with its ledger entries and its event.

Each function takes the member's row for this transaction, changes it under a guard, and returns the entries for
its caller to post under the same cause. A merged member's points are those of the one that lives on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from posconsole.engine.club import accounts
from posconsole.engine.journal.ledger import Entry
from posconsole.engine.quoting.terms import earned as earned
from posconsole.models import Member, table

if TYPE_CHECKING:
    from posconsole.engine.context import Unit
    from posconsole.engine.db.database import Row

UNIT = "PTS"
"""The ledger's unit of points."""
_MEMBER = table(Member)
_MOVE = (
    update(_MEMBER)
    .where(
        _MEMBER.c.id == bindparam("member"),
        _MEMBER.c.points == bindparam("points_were"),
        _MEMBER.c.points_debt == bindparam("debt_was"),
    )
    .values(points=bindparam("points_are"), points_debt=bindparam("debt_is"))
)


def give(unit: Unit, cause: str, member: str, amount: int, kind: str) -> list[Entry]:
    """Credit points; a debt is worked off first. `kind` names the entries and the event: `points.earned`."""
    row = take_row(unit, member)
    owed = min(row.points_debt, amount)
    return _move(unit, cause, row, amount - owed, -owed, kind)


def spend(unit: Unit, cause: str, member: str, amount: int, kind: str = "redeemed") -> list[Entry] | None:
    """Take points that have to be there, or return None and change nothing."""
    row = take_row(unit, member)
    return None if row.points < amount else _move(unit, cause, row, -amount, 0, kind)


def take_back(unit: Unit, cause: str, member: str, amount: int, kind: str = "clawed_back") -> list[Entry]:
    """Take points back; what the balance doesn't cover is recorded as debt."""
    row = take_row(unit, member)
    there = min(row.points, amount)
    return _move(unit, cause, row, -there, amount - there, kind)


def take_row(unit: Unit, member: str) -> Row:
    """Return the row of the member who lives on, locked for this transaction."""
    return accounts.take(unit.transaction, member)


def _move(unit: Unit, cause: str, row: Row, points: int, debt: int, kind: str) -> list[Entry]:
    if not points and not debt:
        return []
    unit.transaction.guarded(
        _MOVE,
        member=row.id,
        points_were=row.points,
        debt_was=row.points_debt,
        points_are=row.points + points,
        debt_is=row.points_debt + debt,
    )
    unit.journal.record(f"points.{kind}", row.id, cause=cause, points=points, debt=debt)
    return [
        Entry("points", kind, points, row.id, UNIT),
        Entry("points_debt", kind, -debt, row.id, UNIT),
        Entry("points_given", kind, debt - points, None, UNIT),
    ]
