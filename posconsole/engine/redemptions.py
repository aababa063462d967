"""The records of codes used, and the events, for those who reconcile."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from posconsole.codes import checks, fold, mask
from posconsole.engine import accounts, listing, records
from posconsole.engine.access import CASHIER, needs
from posconsole.engine.arguments import text, whole
from posconsole.engine.events import settled
from posconsole.engine.views import EventView, Page, RedemptionView
from posconsole.models import Coupon, Event, Redemption, Voucher, table

if TYPE_CHECKING:
    from posconsole.engine.context import Context

_REDEMPTION, _COUPON, _VOUCHER, _EVENT = table(Redemption), table(Coupon), table(Voucher), table(Event)


class Redemptions:
    """Redemptions, newest first."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("redemptions.list")
    def list(
        self,
        *,
        coupon: str | None = None,
        voucher: str | None = None,
        customer: str | None = None,
        payment: str | None = None,
        limit: int = 10,
        offset: int = 0,
    ) -> Page[RedemptionView]:
        """Return redemptions of a coupon or voucher (id or code), a member, a payment."""
        conditions: list[Any] = []
        for code, targets, column in (
            (coupon, _COUPON, _REDEMPTION.c.coupon_id),
            (voucher, _VOUCHER, _REDEMPTION.c.voucher_id),
        ):
            if code is not None:
                wanted = (targets.c.id == text(code, "code")) | (targets.c.code_key == fold(code))
                conditions.append(column.in_(select(targets.c.id).where(wanted)))
        if customer is not None:
            everyone = accounts.EVERYONE.params(member=text(customer, "customer"))
            conditions.append(_REDEMPTION.c.member_id.in_(everyone))
        if payment is not None:
            conditions.append(_REDEMPTION.c.payment_id == text(payment, "payment"))
        order = (_REDEMPTION.c.created_at.desc(), _REDEMPTION.c.id.desc())

        def show(row: Any) -> dict[str, Any]:
            fields: dict[str, Any] = row._asdict()
            return fields

        found = listing.page(self._context, _REDEMPTION, conditions, order, show, limit=limit, offset=offset)
        names = self._context.read(lambda transaction: records.names_of(transaction, found.data))
        data = tuple(self._shown(records.redemption(row, names)) for row in found.data)
        return Page(data, found.has_more, found.total, found.next)

    def _shown(self, found: RedemptionView) -> RedemptionView:
        """Hide minted codes from cashiers: a coupon's, too, can be used again once its sale is refunded."""
        hidden = self._context.role == CASHIER and checks(found.code)
        return replace(found, code=mask(found.code)) if hidden else found


class Events:
    """What happened, oldest first."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("events.list")
    def list(
        self,
        *,
        type: str | None = None,  # noqa: A002 - as the events call it themselves
        after: int = 0,
        subject: str | None = None,
        till: str | None = None,
        limit: int = 100,
    ) -> Page[EventView]:
        """Return events after a sequence number; `next` is where the following ones start.

        Of one `type`, of one `subject` (an id), of one `till`, or of all.
        """
        conditions: list[Any] = [_EVENT.c.seq > whole(after, "after", most=2**63 - 1)]
        conditions.append(_EVENT.c.seq <= settled(self._context.database))
        for column, wanted, field in (
            (_EVENT.c.type, type, "type"),
            (_EVENT.c.subject, subject, "subject"),
            (_EVENT.c.till_id, till, "till"),
        ):
            if wanted is not None:
                conditions.append(column == text(wanted, field))

        def show(row: Any) -> EventView:
            data = json.loads(row.data)
            return EventView(row.seq, row.id, row.type, row.subject, row.till_id, row.operator, row.at, data)

        found = listing.page(self._context, _EVENT, conditions, (_EVENT.c.seq,), show, limit=limit)
        following = str(found.data[-1].seq) if found.has_more else None
        return Page(found.data, found.has_more, found.total, following)
