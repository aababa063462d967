"""What became of payments that a crash, a lost answer or a walk-away left pending."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select

from posconsole.codes import mask
from posconsole.engine import listing
from posconsole.engine.arguments import text
from posconsole.engine.club import accounts, offerslots
from posconsole.engine.codes import coupons, issuing
from posconsole.engine.refund.refunds import Refunds
from posconsole.engine.refund.unreceipted import Unreceipted
from posconsole.engine.sale.payments import Payments
from posconsole.engine.staff.access import CASHIER, needs
from posconsole.engine.views import Page, Recovered
from posconsole.errors import Busy, NotAllowed, OutcomeUnknown, StorageError
from posconsole.models import Order, Payment, table
from posconsole.models.payment import PENDING
from posconsole.models.shop import OFFICE

if TYPE_CHECKING:
    from posconsole.engine.views import PaymentView
    from posconsole.tenders.base import Answer

_PAYMENT, _ORDER = table(Payment), table(Order)
_PENDING = (
    select(_PAYMENT.c.id)
    .where(
        PENDING,
        or_(
            bindparam("till") == OFFICE,
            _PAYMENT.c.till_id == bindparam("till"),
            _PAYMENT.c.expires_at < bindparam("now"),
        ),
    )
    .order_by(_PAYMENT.c.created_at, _PAYMENT.c.id)
)


ENDS = (coupons.sweep, issuing.sweep, offerslots.sweep)
"""What tells the journal that something is over, each a bounded number at a time and of each thing once."""


class Settling(Payments, Refunds, Unreceipted):
    """All that can be done with payments: take, give back, and settle what was left in between."""

    @needs("payments.get")
    def list(
        self, *, status: str | None = None, customer: str | None = None, limit: int = 10, offset: int = 0
    ) -> Page[PaymentView]:
        """Return payments of all tills, newest first: of one status, of one member, or of all."""
        conditions = [] if status is None else [_PAYMENT.c.status == text(status, "status")]
        if customer is not None:
            everyone = accounts.EVERYONE.params(member=text(customer, "customer"))
            theirs = select(_ORDER.c.id).where(_ORDER.c.member_id.in_(everyone))
            conditions.append(_PAYMENT.c.order_id.in_(theirs))
        order = (_PAYMENT.c.created_at.desc(), _PAYMENT.c.receipt.desc().nulls_last(), _PAYMENT.c.id.desc())
        found = listing.page(
            self._context, _PAYMENT, conditions, order, lambda row: str(row.id), limit=limit, offset=offset
        )
        return Page(tuple(map(self._listed, found.data)), found.has_more, found.total, found.next)

    def _listed(self, payment: str) -> PaymentView:
        """Return a payment as a list shows it: only who looks it up sees the codes of the vouchers that it sold."""
        found = self.get(payment)
        if self._context.role != CASHIER:
            return found
        return replace(found, vouchers_sold=tuple(replace(one, code=mask(one.code)) for one in found.vouchers_sold))

    @needs("payments.get")
    def unsettled(self) -> tuple[PaymentView, ...]:
        """Return this till's pending payments and those past their time, oldest first; the office sees all."""
        context = self._context
        pending = context.read(lambda tx: tx.scalars(_PENDING, till=context.till, now=context.clock.now()))
        return tuple(self.get(payment) for payment in pending)

    @needs("payments.recover")
    def sweep(self) -> tuple[Recovered, ...]:
        """Settle what other tills left pending past its time, so that nobody waits for what they held.

        Safe beside a sale under way here: this till's own are left to its tray and to `recover`. What has expired
        since is told to the journal, as by `recover`.
        """
        now, mine = self._context.clock.now(), self._context.till
        overdue = [one for one in self.unsettled() if one.till != mine and (one.expires_at or now) < now]
        settled = tuple(Recovered(*self._settled(payment)) for payment in overdue)
        self._tell_ends()
        return settled

    @needs("payments.recover")
    def recover(self) -> tuple[Recovered, ...]:
        """Ask the devices what became of each unsettled payment, and complete or release it.

        A payment that no device was asked for is released when it is this till's own or past its time; another
        till may be about to ask. What no device can tell waits for `settle`. Card refunds still owed are asked
        for again.
        """
        found = [Recovered(*self._settled(payment)) for payment in self.unsettled()]
        self.order_from_devices()
        self._tell_ends()
        return tuple(one for one in found if one.what != "underway")

    def _tell_ends(self) -> None:
        """Tell the journal of coupons, vouchers and offers that are over, a bounded number at a time."""
        # What can't be told now is told the next time; what was settled before stays settled.
        with suppress(Busy, StorageError, OutcomeUnknown):
            self._context.write(lambda unit: [sweep(unit) for sweep in ENDS])

    def _settled(self, payment: PaymentView) -> tuple[PaymentView, str]:
        try:
            return self._by_devices(payment)
        except NotAllowed:
            # Another till settled it meanwhile, or a device can't promise any more that nothing was taken.
            now = self.get(payment.id)
            return now, "needs_settling" if now.status == "pending" else "underway"

    def _by_devices(self, payment: PaymentView) -> tuple[PaymentView, str]:
        answers = self._outcomes(payment)
        if any(tender.status == "canceled" for tender in payment.tenders):
            return self._give_up(payment, answers, "canceled"), "released"
        said = {answer.status for answer in answers.values()}
        if said == {"captured"}:
            return self._commit(payment, answers), "captured"
        if "unknown" in said:
            silent = {tender: answer for tender, answer in answers.items() if answer.status == "unknown"}
            heard = any(tender.status == "unknown" for tender in payment.tenders)
            return payment if heard else self._leave_unknown(payment, silent), "needs_settling"
        if "declined" in said:
            return self._give_up(payment, answers, "declined"), "released"
        expired = payment.expires_at is not None and self._context.clock.now() > payment.expires_at
        if expired or payment.till == self._context.till:
            return self._give_up(payment, answers, "expired" if expired else "canceled"), "released"
        return payment, "underway"

    def _outcomes(self, payment: PaymentView) -> dict[str, Answer]:
        return {
            tender.id: self._context.device(tender.kind).outcome(tender.id)
            for tender in payment.tenders
            if tender.kind != "cash"
        }
