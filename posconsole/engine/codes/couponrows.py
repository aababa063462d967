"""A coupon's row: written, and changed under its guards, with what it was and what it is told to the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, cast, or_, select, update

from posconsole.codes import fold, repeated
from posconsole.engine.arguments import text
from posconsole.engine.codes import codebook, couponterms
from posconsole.engine.codes.couponterms import CONDITIONS, TERMS, VALUES
from posconsole.errors import Conflict, NotAllowed, NotFound
from posconsole.models import Coupon, table

if TYPE_CHECKING:
    from posconsole.engine.context import Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.sale.salerows import Fields

_COUPON = table(Coupon)
_NAMED = or_(_COUPON.c.id == bindparam("text"), _COUPON.c.code_key == bindparam("key"))
_TAKE = select(_COUPON).where(_NAMED).with_for_update()
IS = (_COUPON.c.id == bindparam("coupon"), _COUPON.c.deleted_at.is_(None))
_CAP = cast(bindparam("cap"), BigInteger)
_RAISE = (
    update(_COUPON)
    .where(*IS, or_(_CAP.is_(None), _COUPON.c.max_redemptions <= _CAP))
    .values(name=bindparam("called"), max_redemptions=_CAP, updated_at=bindparam("now"))
)
_REVISED = (*VALUES.values(), *CONDITIONS, "active", "expired_told")
_REVISE = (
    update(_COUPON)
    .where(*IS, _COUPON.c.revision == bindparam("was"))
    .values({name: bindparam(f"new_{name}") for name in _REVISED})
    .values(revision=_COUPON.c.revision + 1, updated_at=bindparam("now"))
)


def insert(unit: Unit, row: Fields) -> None:
    """Write a new coupon; `Conflict` when its code was ever used."""
    codebook.check_handwritten(unit, row["code"])
    couponterms.check_targets(unit.transaction, row)
    if unit.transaction.insert(_COUPON, [row], ignore=True) != 1:
        raise Conflict(
            f"The code {row['code']} was used already, if only in another writing. Take another.", field="code"
        )
    unit.journal.record(
        "coupon.created",
        row["id"],
        code=row["code"],
        name=row["name"],
        cap=row["max_redemptions"],
        active=row["active"],
        rows=_digest(unit, row),
    )


def _digest(unit: Unit, row: Fields) -> str:
    return unit.digest([[row[name] for name in TERMS]])


def take(unit: Unit, coupon: str) -> Row:
    """Return a coupon's row by id or code, also a deleted one's, this transaction's until it ends."""
    wanted = text(coupon, "coupon")
    row = unit.transaction.first(_TAKE, text=wanted, key=fold(wanted))
    if row is None:
        raise unknown(wanted)
    return row


def refuse_deleted(row: Row) -> None:
    """Check that a coupon can still be changed."""
    if row.deleted_at is not None:
        raise NotAllowed(f"The coupon {row.code} was deleted. Make a new one.", code="deleted", field="coupon")


def unknown(wanted: str) -> NotFound:
    """Return what is raised for a coupon that never was."""
    return NotFound(f"There is no coupon {repeated(wanted)}", field="coupon")


def rename(unit: Unit, row: Row, new: Fields) -> None:
    """Write a coupon's `name` or `max_redemptions`, and tell it."""
    refuse_deleted(row)
    _raise_cap(unit, row, row._asdict() | new)
    told = {"cap": new["max_redemptions"]} if "max_redemptions" in new else {}
    unit.journal.record("coupon.updated", row.id, **told, **{name: new[name] for name in new if name == "name"})


def _raise_cap(unit: Unit, row: Row, new: Fields) -> None:
    """Write a coupon's name and cap; a cap can only go up."""
    was, cap = row.max_redemptions, new["max_redemptions"]
    if cap is not None and (was is None or cap < was):
        raise NotAllowed(
            f"A cap can be raised or lifted, not lowered: it is {'unlimited' if was is None else was}.",
            code="cap_lowered",
            field="max_redemptions",
        )
    unit.transaction.guarded(_RAISE, coupon=row.id, cap=cap, called=new["name"], now=unit.now)


def revise(unit: Unit, row: Row, new: Fields) -> None:
    """Write what a manager changed of a coupon's terms, cap and switch, and tell what it was and what it is."""
    couponterms.check(new)
    was = row._asdict()
    changed = [name for name in (*VALUES.values(), *CONDITIONS) if new[name] != was[name]]
    if changed and row.batch_id is not None:
        raise NotAllowed("The terms of a batch's codes stand. Switch this code off, and give another.", code="in_batch")
    if "reward_id" in changed:
        couponterms.check_reward(unit.transaction, new["reward_id"])
    if new["max_redemptions"] != row.max_redemptions:
        _raise_cap(unit, row, new)
    # With another end it expires another time.
    new["expired_told"] = bool(row.expired_told) and new["valid_until"] == row.valid_until
    unit.transaction.guarded(
        _REVISE, coupon=row.id, was=row.revision, now=unit.now, **{f"new_{name}": new[name] for name in _REVISED}
    )
    unit.journal.record(
        "coupon.updated",
        row.id,
        was={name: was[name] for name in changed},
        now={name: new[name] for name in changed},
        cap=new["max_redemptions"],
        active=bool(new["active"]),
        expired=new["expired_told"],
        revision=row.revision + 1,
        **({"rows": _digest(unit, new)} if row.batch_id is None else {}),
    )
