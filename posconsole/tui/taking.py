"""Taking the money exactly once: one key for each attempt, and what each outcome means for the basket."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posconsole.engine.quoting.refusals import CodeRefused, PinRefused, QuoteChanged
from posconsole.errors import NotAllowed, PosError
from posconsole.tui.intent import Intent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from posconsole.engine.quoting.rung import Basket
    from posconsole.engine.sale.tendering import TenderRequest
    from posconsole.engine.views import PaymentView
    from posconsole.tui.session import Session


@dataclass(frozen=True, slots=True)
class Captured:
    """The money is taken."""

    payment: PaymentView


@dataclass(frozen=True, slots=True)
class Declined:
    """Nothing was taken; the basket is as it was."""

    payment: PaymentView


@dataclass(frozen=True, slots=True)
class OnDevice:
    """The sale is held and the bank's own device has to be asked for this amount."""

    payment: PaymentView
    amount: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """Whether the money was taken isn't known."""

    payment: PaymentView


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done, in these words. `changed` says that the sale has to be priced and looked at again."""

    message: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class PinAsked:
    """Nothing was done: the voucher with this code takes a PIN, and none was given or it was a wrong one."""

    voucher: str
    message: str
    wrong: bool


Outcome = Captured | Declined | OnDevice | Unknown | Refused | PinAsked


class Taking:
    """One sale's way to its payment. The same attempt made twice is one payment: it has one key."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.key = ""
        self.intent = Intent()
        self.open: PaymentView | None = None

    def begin(self) -> None:
        """Start a new attempt."""
        self.key, self.open = secrets.token_hex(16), None

    async def take(
        self, basket: Basket, tenders: Sequence[TenderRequest], due: int, pins: Mapping[str, str]
    ) -> Outcome:
        """Ask for the money, with the `pins` of vouchers by their codes.

        With the bank's own device among the tenders the sale is held, not yet taken.
        """
        await self.session.parked()
        payments = self.session.store.payments
        device = any(tender.kind == "terminal" for tender in tenders)
        ask = payments.open if device else payments.create
        try:
            payment = await self.session.call(
                ask,
                basket=basket,
                tenders=list(tenders),
                idempotency_key=self.key,
                expected_due=due,
                closes_basket=True,
                pins=pins,
            )
        except PinRefused as error:
            return PinAsked(error.voucher, error.message, error.code == "pin_wrong")
        except (QuoteChanged, CodeRefused) as error:
            self.begin()
            return Refused(error.message, changed=True)
        except PosError as error:
            return Refused(error.message)
        return self._read(payment)

    async def answer(self, *, approved: bool, approval: str | None) -> Outcome:
        """Record what the bank's own device said."""
        payment, payments = self.open, self.session.store.payments
        if payment is None:
            raise NotAllowed("no payment waits for the card terminal")
        key = self.intent.key(payment.id, approved, approval)
        try:
            if approved:
                done = await self.session.call(
                    payments.capture, payment.id, approval_code=approval, idempotency_key=key
                )
            else:
                done = await self.session.call(payments.decline, payment.id, idempotency_key=key)
        except PosError as error:
            return Refused(error.message)
        return self._read(done)

    def _read(self, payment: PaymentView) -> Outcome:
        waiting = [
            tender.amount for tender in payment.tenders if tender.kind == "terminal" and tender.status == "pending"
        ]
        if payment.status == "captured":
            return Captured(payment)
        if payment.status == "pending":
            self.open = payment
            return OnDevice(payment, sum(waiting)) if waiting else Unknown(payment)
        self.begin()
        return Declined(payment)
