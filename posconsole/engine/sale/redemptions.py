"""The records of codes used, and the events, for those who reconcile."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from posconsole.clock import moment
from posconsole.codes import checks, fold, mask
from posconsole.engine import listing
from posconsole.engine.arguments import text, whole
from posconsole.engine.club import accounts
from posconsole.engine.journal.events import settled
from posconsole.engine.sale import records
from posconsole.engine.staff.access import CASHIER, needs
from posconsole.engine.views import EventView, Page, RedemptionView
from posconsole.models import Coupon, Event, Redemption, Voucher, table

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table

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
        campaign: str | None = None,
        since: object = None,
        until: object = None,
        limit: int = 10,
        offset: int = 0,
    ) -> Page[RedemptionView]:
        """Return redemptions of a coupon or voucher (id or code), a member, a payment, a campaign, a period."""
        conditions = conditions_of(
            self._context.shop.timezone,
            coupon=coupon,
            voucher=voucher,
            customer=customer,
            payment=payment,
            campaign=campaign,
            since=since,
            until=until,
        )
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


def conditions_of(
    zone: str,
    *,
    coupon: str | None = None,
    voucher: str | None = None,
    code: str | None = None,
    customer: str | None = None,
    payment: str | None = None,
    campaign: str | None = None,
    since: object = None,
    until: object = None,
) -> list[ColumnElement[bool]]:
    """Return the conditions that redemptions are of all these; `code` is a coupon's or a voucher's, a day is whole."""
    found: list[ColumnElement[bool]] = [
        _of(wanted, kind) for kind, wanted in ((_COUPON, coupon), (_VOUCHER, voucher)) if wanted is not None
    ]
    if code is not None:
        found.append(or_(_of(code, _COUPON), _of(code, _VOUCHER)))
    if customer is not None:
        found.append(_REDEMPTION.c.member_id.in_(accounts.EVERYONE.params(member=text(customer, "customer"))))
    if payment is not None:
        found.append(_REDEMPTION.c.payment_id == text(payment, "payment"))
    if campaign is not None:
        found.append(_REDEMPTION.c.campaign_id == text(campaign, "campaign"))
    if since is not None:
        found.append(_REDEMPTION.c.created_at >= moment(since, zone, "since"))
    if until is not None:
        found.append(_REDEMPTION.c.created_at <= moment(until, zone, "until", end=True))
    return found


def _of(wanted: str, kind: Table) -> ColumnElement[bool]:
    """Return the condition that a redemption is of the coupon or voucher with this id or code."""
    targets = select(kind.c.id).where((kind.c.id == text(wanted, "code")) | (kind.c.code_key == fold(wanted)))
    column: ColumnElement[str] = _REDEMPTION.c[f"{kind.name}_id"]
    return column.in_(targets)


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

        found = listing.page(self._context, _EVENT, conditions, (_EVENT.c.seq,), _view, limit=limit)
        following = str(found.data[-1].seq) if found.has_more else None
        return Page(found.data, found.has_more, found.total, following)

    @needs("events.list")
    def latest(
        self, words: str = "", *, since: object = None, until: object = None, before: int | None = None, limit: int = 50
    ) -> Page[EventView]:
        """Return events, newest first, for a person who looks something up; `next` is where the older ones start.

        Each of the `words` is an operator, a part of a type (`refund`) or a subject (an id); a day is whole. `before`
        is a sequence number. An event of another till may still come in among those that were shown.
        """
        conditions = [_named(word) for word in text(words, "words").split()]
        if since is not None:
            conditions.append(_EVENT.c.at >= moment(since, self._context.shop.timezone, "since"))
        if until is not None:
            conditions.append(_EVENT.c.at <= moment(until, self._context.shop.timezone, "until", end=True))
        if before is not None:
            conditions.append(_EVENT.c.seq < whole(before, "before", most=2**63 - 1))
        found = listing.page(self._context, _EVENT, conditions, (_EVENT.c.seq.desc(),), _view, limit=limit)
        return replace(found, next=str(found.data[-1].seq) if found.has_more else None)


def _view(row: Any) -> EventView:
    data = json.loads(row.data)
    return EventView(row.seq, row.id, row.type, row.subject, row.till_id, row.operator, row.at, data)


def _named(word: str) -> ColumnElement[bool]:
    """Return the condition that an event is by an operator, of a type or about a subject of this name."""
    by = func.lower(_EVENT.c.operator).startswith(word.lower(), autoescape=True)
    return or_(
        by, _EVENT.c.operator == word, _EVENT.c.type.contains(word.lower(), autoescape=True), _EVENT.c.subject == word
    )
