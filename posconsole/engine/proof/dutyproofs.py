"""What the journal proves of people: that whoever did something was allowed to when it was done.

What a role may do is the one table of `access`. A role counts from the sign-in on, and until the next one: that is why
an operator has, at each till, the role with which they were last let in there.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from posconsole.engine.staff.access import CASHIER, MANAGER, RIGHTS
from posconsole.engine.views import Finding
from posconsole.models.shop import OFFICE_OPERATOR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole.engine.journal.chains import Told

_RIGHT = {
    "member.adjusted": "members.adjust",
    "member.merged": "members.merge",
    "segment.created": "segments.create",
    "segment.updated": "segments.update",
    "coupon.created": "coupons.create",
    "coupon.updated": "coupons.update",
    "coupon.deleted": "coupons.delete",
    "campaign.created": "campaigns.create",
    "campaign.updated": "campaigns.update",
    "campaign.deleted": "campaigns.delete",
    "voucher.adjusted": "vouchers.adjust",
    "batch.created": "vouchers.create_batch",
    "batch.canceled": "batches.cancel",
    "batch.printed": "printing.vouchers",
    "reward.created": "rewards.create",
    "reward.updated": "rewards.update",
    "reward.deleted": "rewards.delete",
    "loyalty.offer.created": "offers.create",
    "loyalty.offer.published": "offers.publish",
    "loyalty.offer.paused": "offers.pause",
    "loyalty.offer.deleted": "offers.delete",
    "operator.created": "operators.create",
    "operator.updated": "operators.update",
    "product.created": "products.create",
    "products.imported": "products.create",
    "payment.refunded": "payments.refund",
    "payment.refunded_without_receipt": "payments.refund_without_receipt",
    "shift.closed": "shifts.close",
    "basket.discarded": "baskets.discard",
}
"""The right without which nobody causes an event."""


def _needed(one: Told) -> str | None:
    """Return the right that an event needs; some need one only where no sale, refund or device brought them about."""
    alone = {
        "voucher.issued": ("vouchers.issue", one.data.get("source") is None),
        "voucher.voided": ("vouchers.void", "reason" in one.data and "redemption" not in one.data),
        "loyalty.redemption.reversed": ("loyalty.reverse", "refunded_by" not in one.data),
        "refund.settled": ("payments.settle", "settled_as" in one.data),
    }
    if one.kind in alone:
        right, by_hand = alone[one.kind]
        return right if by_hand else None
    return "payments.settle" if "by_hand" in one.data else _RIGHT.get(one.kind)


class Duties:
    """Who is let in where, as the journal goes on."""

    def __init__(self) -> None:
        self._people: dict[str, tuple[str, str, bool]] = {}
        self._let_in: dict[str, dict[str, str]] = defaultdict(dict)
        self._before: set[str] = set()
        self._asking: set[str] = set()

    def follow(self, one: Told) -> Iterator[Finding]:
        """Take the next entry of the journal in, and check that it names somebody who was allowed to."""
        yield from self._check(one)
        if one.kind in ("operator.created", "operator.updated"):
            name = one.data.get("name") or self._people.get(one.subject, ("", "", False))[0]
            self._people[one.subject] = name, str(one.data.get("role")), bool(one.data.get("active"))
        elif one.kind == "operator.admitted":
            name, role, active = self._people.get(one.subject, ("", CASHIER, False))
            if not active:
                yield Finding("not_allowed", one.id, f"somebody was let in at till {one.till} who didn't work here")
            self._let_in[name][one.till] = role
            self._asking.add(one.till)
        elif not self._people:
            self._before.add(one.operator)

    def _check(self, one: Told) -> Iterator[Finding]:
        # A shop without operators asks nobody, and signing in is how one comes to be named.
        if not self._people or one.operator == OFFICE_OPERATOR or one.kind in ("operator.admitted", "operator.refused"):
            return
        role = self._role(one)
        if role is None:
            yield Finding("not_allowed", one.id, f"{one.kind} names {one.operator!r}, who wasn't signed in")
            return
        right = _needed(one)
        if right is not None and role != MANAGER and RIGHTS[right] == MANAGER:
            yield Finding("not_allowed", one.id, f"{one.kind} names {one.operator!r}, who was no manager")

    def _role(self, one: Told) -> str | None:
        """Return the highest role in which it may have been done: somebody's own, or lent on the spot."""
        approver = one.data.get("approved_by")
        roles = {*self._let_in.get(one.operator, {}).values(), *self._let_in.get(str(approver), {}).values()}
        # Who was at a till before there were operators goes on selling until somebody signs in there.
        if one.operator in self._before or one.till not in self._asking:
            roles.add(CASHIER)
        return MANAGER if MANAGER in roles else CASHIER if roles else None
