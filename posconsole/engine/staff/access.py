"""Who may do what: one table, enforced where the verbs are."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import bindparam, select

from posconsole.errors import NotAllowed
from posconsole.models import Operator, table
from posconsole.models.shop import OFFICE

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.engine.context import Context

_OPERATOR = table(Operator)
_ROLE = select(_OPERATOR.c.role).where(_OPERATOR.c.name_key == bindparam("name"), _OPERATOR.c.active.is_(True))
_ANYBODY = select(_OPERATOR.c.id).limit(1)


CASHIER, MANAGER = "cashier", "manager"
_RANK = {CASHIER: 0, MANAGER: 1}

RIGHTS: dict[str, str] = {
    "members.create": CASHIER,
    "members.get": CASHIER,
    "members.update": CASHIER,
    "members.classify": MANAGER,
    "members.merge": MANAGER,
    "members.adjust": MANAGER,
    "segments.create": MANAGER,
    "segments.update": MANAGER,
    "segments.get": CASHIER,
    "segments.members": MANAGER,
    "coupons.create": MANAGER,
    "coupons.get": CASHIER,
    "coupons.list": CASHIER,
    "coupons.validate": CASHIER,
    "coupons.update": MANAGER,
    "coupons.revise": MANAGER,
    "coupons.delete": MANAGER,
    "campaigns.create": MANAGER,
    "campaigns.get": CASHIER,
    "campaigns.list": MANAGER,
    "campaigns.update": MANAGER,
    "campaigns.pause": MANAGER,
    "campaigns.resume": MANAGER,
    "campaigns.delete": MANAGER,
    "campaigns.report": MANAGER,
    "vouchers.issue": MANAGER,
    "vouchers.get": CASHIER,
    "vouchers.redeem": CASHIER,
    "vouchers.adjust": MANAGER,
    "vouchers.void": MANAGER,
    "vouchers.create_batch": MANAGER,
    "coupons.create_batch": MANAGER,
    "batches.get": MANAGER,
    "batches.codes": MANAGER,
    "batches.cancel": MANAGER,
    "batches.resume": CASHIER,
    "rewards.create": MANAGER,
    "rewards.get": CASHIER,
    "rewards.update": MANAGER,
    "rewards.delete": MANAGER,
    "loyalty.redeem": CASHIER,
    "loyalty.fulfill": CASHIER,
    "loyalty.reverse": MANAGER,
    "loyalty.get": CASHIER,
    "offers.create": MANAGER,
    "offers.publish": MANAGER,
    "offers.pause": MANAGER,
    "offers.delete": MANAGER,
    "offers.get": CASHIER,
    "offers.activate": CASHIER,
    "operators.create": MANAGER,
    "operators.update": MANAGER,
    "operators.get": MANAGER,
    "operators.list": MANAGER,
    "products.create": MANAGER,
    "products.get": CASHIER,
    "payments.sell": CASHIER,
    "payments.refund": CASHIER,
    "payments.refund_without_receipt": MANAGER,
    "payments.get": CASHIER,
    "payments.recover": CASHIER,
    "payments.settle": MANAGER,
    "redemptions.list": CASHIER,
    "events.list": MANAGER,
    "baskets.keep": CASHIER,
    "baskets.discard": MANAGER,
    "drawer.open": CASHIER,
    "shifts.open": CASHIER,
    "shifts.move": CASHIER,
    "shifts.report": CASHIER,
    "shifts.close": MANAGER,
    "shifts.get": CASHIER,
    "shifts.list": MANAGER,
    "printing.queue": CASHIER,
    "printing.list": CASHIER,
    "printing.run": CASHIER,
    "printing.vouchers": MANAGER,
    "reports.read": MANAGER,
    "advise": CASHIER,
    "audit": MANAGER,
}
"""For each verb the least role that may use it. The back office has every right."""


F = TypeVar("F", bound="Callable[..., Any]")


def needs(right: str) -> Callable[[F], F]:
    """Let a verb run only for those whose role has the right; `NotAllowed` with the code `manager_needed` else."""
    if right not in RIGHTS:
        raise AssertionError(f"{right} is not in the table of rights")

    def allowed(verb: F) -> F:
        @wraps(verb)
        def checked(self: Any, *args: Any, **keywords: Any) -> Any:
            require(right, self._context)
            return verb(self, *args, **keywords)

        checked.right = right  # type: ignore[attr-defined]
        return cast("F", checked)

    return allowed


def require(right: str, context: Context) -> None:
    """Check that whoever acts has a right; who acts as manager at a till has to be one to this moment."""
    enough = _RANK[context.role] >= _RANK[RIGHTS[right]]
    if not enough or (RIGHTS[right] == MANAGER and context.till != OFFICE and not _manages(context)):
        raise NotAllowed("Only a manager can do this. Ask one to approve it here.", code="manager_needed", field=right)


def _manages(context: Context) -> bool:
    """Say whether the operator, or the manager who approves, is an active manager now; without operators anybody is."""
    name = (context.approved_by or context.operator).casefold()
    role = context.read(lambda transaction: transaction.scalar(_ROLE, name=name))
    return role == MANAGER or (role is None and context.read(lambda transaction: transaction.first(_ANYBODY)) is None)
