"""A member's row: read from a caller's details, written, changed, and told of with its digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from sqlalchemy import bindparam, or_, select, update

from posconsole.codes import identifier, repeated
from posconsole.engine import listing
from posconsole.engine.arguments import optional, text
from posconsole.engine.db.database import Raced
from posconsole.engine.journal.events import canonical
from posconsole.errors import Conflict, InvalidInput
from posconsole.models import Member, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.engine.context import Unit

Fields = dict[str, Any]


class Details(TypedDict, total=False):
    """What a shop knows of a member; `metadata` are texts by their names. None takes a detail away."""

    name: str
    phone: str | None
    card: str | None
    email: str | None
    tier: str | None
    metadata: Mapping[str, str]


_MEMBER = table(Member)
_CHANGED = ("name", "search", "phone", "phone_key", "card", "email", "tier", "attributes", "merged_into")
TERMS = ("id", "account_id", *_CHANGED, "created_at")
"""What the journal vouches for: all but the balances, which are the sums of their ledgers."""

_HOLDER = select(_MEMBER.c.phone_key).where(
    _MEMBER.c.id != bindparam("member"),
    or_(_MEMBER.c.phone_key == bindparam("phone_key"), _MEMBER.c.card == bindparam("card")),
)
_CHANGE = (
    update(_MEMBER).where(_MEMBER.c.id == bindparam("member")).values({name: bindparam(name) for name in _CHANGED})
)


def phone_key(written: str) -> str | None:
    """Return a phone number's digits, or None when the text can't be one."""
    digits = "".join(character for character in written if character.isascii() and character.isdigit())
    plain = all(character in "0123456789 +-/()." for character in written.strip())
    return digits if plain and 5 <= len(digits) <= 15 else None


def read(details: Mapping[str, Any]) -> Fields:
    """Return the columns for some details. Raises `InvalidInput` with the field."""
    fields: Fields = {}
    for name, value in details.items():
        if name not in _READ:
            raise InvalidInput(f"A member has no {name[:40]}", field=name[:40])
        fields |= _READ[name](value)
    return fields


def _name(value: object) -> Fields:
    called = optional(value, "name")
    if called is None:
        raise InvalidInput("A member needs a name", field="name")
    return {"name": called}


def _phone(value: object) -> Fields:
    written = optional(value, "phone")
    key = None if written is None else phone_key(written)
    if written is not None and key is None:
        raise InvalidInput(f"{repeated(written)!r} is not a phone number", field="phone")
    return {"phone": written, "phone_key": key}


def _card(value: object) -> Fields:
    written = optional(value, "card")
    return {"card": written and written.upper()}


def _attributes(value: object) -> Fields:
    if not isinstance(value, Mapping):
        raise InvalidInput("metadata has to be texts by their names", field="metadata")
    return {"attributes": canonical({text(key, "metadata"): text(kept, "metadata") for key, kept in value.items()})}


_READ: dict[str, Callable[[Any], Fields]] = {
    "name": _name,
    "phone": _phone,
    "card": _card,
    "email": lambda value: {"email": optional(value, "email")},
    "tier": lambda value: {"tier": optional(value, "tier")},
    "metadata": _attributes,
}


def new(fields: Fields) -> Fields:
    """Return the row of a new member with an account of their own."""
    balance = {"points": 0, "points_debt": 0}
    return {"id": identifier("cust"), "account_id": identifier("loy"), "merged_into": None} | balance | _found(fields)


def insert(unit: Unit, row: Fields) -> None:
    """Enrol a member; `Conflict` when the phone number or the card has an account already."""
    row = row | {"created_at": unit.now}
    if unit.transaction.insert(_MEMBER, [row], ignore=True) != 1:
        _refuse_holder(unit, row)
        raise Raced
    tell(unit, "member.created", row)


def change(unit: Unit, row: Fields, **fields: object) -> Fields:
    """Change a row that this transaction has locked, and return it as it is now. Raises `Conflict` like `insert`."""
    now = _found(row | fields)
    _refuse_holder(unit, now)
    unit.transaction.guarded(_CHANGE, member=now["id"], **{name: now[name] for name in _CHANGED})
    return now


def tell(unit: Unit, kind: str, row: Fields, **told: object) -> None:
    """Record an event that vouches for a member's row. What a person is called is in its digest alone."""
    unit.journal.record(kind, row["id"], rows=unit.digest([[row[name] for name in TERMS]]), **told)


def _found(row: Fields) -> Fields:
    """Return the row with what a search goes over."""
    return row | {"search": listing.folded(row["name"], row["phone"], row["phone_key"], row["card"], row["email"])}


def _refuse_holder(unit: Unit, row: Fields) -> None:
    held = unit.transaction.first(_HOLDER, member=row["id"], phone_key=row["phone_key"], card=row["card"])
    if held is None:
        return
    if row["phone_key"] is not None and held.phone_key == row["phone_key"]:
        raise Conflict("There is an account with this phone number. Look it up.", field="phone")
    raise Conflict("There is an account with this card. Look it up.", field="card")
