"""Who works here: cashiers and managers, their PINs, and how one of them comes to stand at a till."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from posconsole.codes import identifier
from posconsole.engine import listing
from posconsole.engine.arguments import flag, optional, text
from posconsole.engine.context import Request
from posconsole.engine.journal.events import seal
from posconsole.engine.staff import pins, throttling
from posconsole.engine.staff.access import CASHIER, MANAGER, needs
from posconsole.engine.views import OperatorView, Page
from posconsole.errors import Conflict, InvalidInput, NotAllowed, NotFound
from posconsole.models import Operator, table

if TYPE_CHECKING:
    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.sale.salerows import Fields

_OPERATOR = table(Operator)
_BY_ID_OR_NAME = select(_OPERATOR).where(
    (_OPERATOR.c.id == bindparam("text")) | (_OPERATOR.c.name_key == bindparam("key"))
)
_ANYONE = select(_OPERATOR.c.id).limit(1)
_ALL_LOCKED = select(_OPERATOR).order_by(_OPERATOR.c.id).with_for_update()
_CHANGE = (
    update(_OPERATOR)
    .where(_OPERATOR.c.id == bindparam("operator"))
    .values(role=bindparam("new_role"), pin_hash=bindparam("new_pin"), active=bindparam("on"))
)
TERMS = ("id", "name", "name_key", "role", "pin_hash", "active")
"""An operator as the digest of the last event that tells of them covers it."""
LEAST = {CASHIER: 4, MANAGER: 6}
"""The fewest digits of a PIN, by role."""

_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$UZYfIdUDktx7pqRMZUr4Mw$kpYRxcqqMzZZW8SUxWLd+L7z/X1doBWoJX7TrWtYoig"
"""A hash that no PIN fits: an unknown name costs a guesser as much time as a known one."""


def show(row: Row) -> OperatorView:
    """Return the view of an operator's row."""
    return OperatorView(row.id, row.name, row.role, bool(row.active), row.created_at)


class Operators:
    """What can be done with operators."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("operators.create")
    def create(self, *, name: str, role: str = CASHIER, pin: str, idempotency_key: str | None = None) -> OperatorView:
        """Take a `cashier` (PIN of 4 digits or more) or a `manager` (6 or more) on.

        From the first one on, who signs in at a till needs a PIN: so that one has to be a manager. Raises
        `InvalidInput`, or `Conflict` when somebody has the name, if only in other capitals.
        """
        called = optional(name, "name")
        if called is None:
            raise InvalidInput("An operator needs a name", field="name")
        # The PIN is not in it: a hash of it could be searched.
        request = Request.of("operator", idempotency_key, name=called, role=_role(role))
        key = identifier("op")
        row: Fields = {
            "id": key,
            "name": called,
            "name_key": called.casefold(),
            "role": role,
            "pin_hash": pins.hashed(pins.checked(pin, LEAST[role]), self._context.key, key),
            "active": True,
        }
        return self.get(self._context.write(lambda unit: _create(unit, row, request)))

    @needs("operators.update")
    def update(
        self,
        operator: str,
        *,
        role: str | None = None,
        pin: str | None = None,
        active: bool | None = None,
        idempotency_key: str | None = None,
    ) -> OperatorView:
        """Change an operator's role, PIN, or whether they work here. Who is made a manager gets a new PIN.

        A manager's rights end with it at once, wherever they are signed in. Raises `NotAllowed` with the code
        `last_manager` rather than leave the shop without an active manager.
        """
        found = self.get(operator)
        wanted: Fields = {} if role is None else {"role": _role(role)}
        if active is not None:
            wanted["active"] = flag(active, "active")
        if pin is not None:
            wanted["pin_hash"] = pins.hashed(pins.checked(pin, LEAST[CASHIER]), self._context.key, found.id)
        digits = None if pin is None else len(pin)
        told = {"operator": found.id, "role": role, "active": active, "new_pin": pin is not None}
        request = Request.of("operator.update", idempotency_key, **told)

        def work(unit: Unit) -> None:
            if unit.once(request, found.id) is None:
                _change(unit, found.id, wanted, digits)

        self._context.write(work)
        return self.get(found.id)

    @needs("operators.get")
    def get(self, operator: str) -> OperatorView:
        """Return an operator by id or name; `NotFound` when there is none."""
        row = _known(self._context, text(operator, "operator"))
        if row is None:
            raise NotFound("There is no such operator", field="operator")
        return show(row)

    @needs("operators.list")
    def list(self, limit: int = 100, offset: int = 0) -> Page[OperatorView]:
        """Return the operators, the first one first."""
        order = (_OPERATOR.c.created_at, _OPERATOR.c.id)
        return listing.page(self._context, _OPERATOR, (), order, show, limit=limit, offset=offset)


def asked_for(context: Context) -> bool:
    """Say whether this shop has operators, so that who signs in needs a PIN."""
    return context.read(lambda transaction: transaction.scalar(_ANYONE)) is not None


def admitted(context: Context, name: str, pin: str | None) -> tuple[str, str]:
    """Return the name and the role of who says to be `name` and gives this PIN at the context's till.

    A shop without operators asks nobody: whoever opened it owns the machine. Raises `NotAllowed` with the code
    `pin_needed` or `pin_wrong` (the same text and the same time for a wrong PIN, a name that isn't known and
    one that was switched off), and `TooManyGuesses`.
    """
    called = optional(name, "operator")
    if not asked_for(context):
        return called or "unnamed", MANAGER
    if called is None or pin is None:
        raise NotAllowed(
            "This shop asks who is at the till: a name and a PIN are needed", code="pin_needed", field="pin"
        )
    given, row = text(pin, "pin"), _known(context, called)
    # A name may be a PIN that was typed too early: what is counted for it doesn't tell it.
    owner = seal(context.key, called.casefold()) if row is None else str(row.id)
    kept = _NOBODY if row is None or not row.active else row.pin_hash
    right = throttling.guess_pin(context, owner, lambda: pins.fits(given, kept, context.key, owner))
    subject = "operator" if row is None else str(row.id)
    context.write(lambda unit: unit.journal.record("operator.admitted" if right else "operator.refused", subject))
    if row is None or not right:
        raise NotAllowed("This name and this PIN don't belong together", code="pin_wrong", field="pin")
    return row.name, row.role


def _known(context: Context, wanted: str) -> Row | None:
    return context.read(lambda tx: tx.first(_BY_ID_OR_NAME, text=wanted, key=wanted.strip().casefold()))


def _role(role: object) -> str:
    if role not in (CASHIER, MANAGER):
        raise InvalidInput(f"A role is {CASHIER} or {MANAGER}", field="role")
    return str(role)


def _create(unit: Unit, row: Fields, request: Request) -> str:
    earlier = unit.once(request, row["id"])
    if earlier is not None:
        return earlier
    if not unit.transaction.all(_ALL_LOCKED) and row["role"] != MANAGER:
        raise NotAllowed(
            "The first operator has to be a manager: nobody could do a manager's work",
            code="last_manager",
            field="role",
        )
    if unit.transaction.insert(_OPERATOR, [row | {"created_at": unit.now}], ignore=True) != 1:
        raise Conflict("Somebody here has this name. Add something that tells them apart.", field="name")
    unit.journal.record("operator.created", row["id"], name=row["name"], **_told(unit, row))
    return str(row["id"])


def _change(unit: Unit, operator: str, wanted: Fields, digits: int | None) -> None:
    # Everybody's row is locked: of two managers who remove each other at once the second finds the first gone.
    everybody: dict[str, Fields] = {row.id: row._asdict() for row in unit.transaction.all(_ALL_LOCKED)}
    was, changed = everybody[operator], everybody[operator] | wanted
    if changed["role"] == MANAGER and (digits or LEAST[was["role"]]) < LEAST[MANAGER]:
        raise InvalidInput(f"A manager's PIN has {LEAST[MANAGER]} digits or more: give such a one", field="pin")
    everybody[operator] = changed
    if not any(row["role"] == MANAGER and row["active"] for row in everybody.values()):
        raise NotAllowed(
            "This is the last manager here. Make somebody else one first.", code="last_manager", field="operator"
        )
    unit.transaction.guarded(
        _CHANGE, operator=operator, new_role=changed["role"], new_pin=changed["pin_hash"], on=changed["active"]
    )
    unit.journal.record("operator.updated", operator, new_pin=digits is not None, **_told(unit, changed))


def _told(unit: Unit, row: Fields) -> Fields:
    """Return what an event tells of an operator: never the PIN, nor what is kept of it."""
    rows = unit.digest([[row[name] for name in TERMS]])
    return {"role": row["role"], "active": bool(row["active"]), "rows": rows}
