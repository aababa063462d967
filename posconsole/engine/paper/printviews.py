"""What is to be printed, as the store hands it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posconsole.engine.day.shiftviews import ShiftView
    from posconsole.engine.views import PaymentView, RefundView, VoucherView

    Subject = PaymentView | RefundView | ShiftView | VoucherView | None


@dataclass(frozen=True, slots=True)
class JobView:
    """A job of a till's printer: queued, printing, printed, failed or canceled.

    `kind` is receipt, refund, shift (X or Z), voucher or drawer; `subject` the id of what it prints, `title` what
    people call that. `copied` says that what was last begun is a COPY, `error` what was wrong last, `attempts` how
    often it was tried, and before `next_at` it isn't tried again.
    """

    id: str
    till: str
    kind: str
    subject: str
    title: str
    status: str
    copied: bool
    attempts: int
    next_at: int
    error: str
    operator: str
    created: int
    ended: int | None

    @property
    def waiting(self) -> bool:
        """Say whether it is still to come out of the printer."""
        return self.ended is None


@dataclass(frozen=True, slots=True)
class Printable:
    """What a job that is begun puts on paper, codes whole; `sale` is what a refund is of. A drawer has no subject."""

    job: JobView
    copy: bool
    subject: Subject
    sale: PaymentView | None = None

    def looks_as(self, other: Printable) -> bool:
        """Say whether both put the same on paper."""
        return (self.copy, self.subject, self.sale) == (other.copy, other.subject, other.sale)


@dataclass(frozen=True, slots=True)
class Numbered:
    """What stands on the paper with a number; `kind`, `id` and `title` are as a job's. An X report isn't `counted`."""

    kind: str
    id: str
    title: str
    counted: bool
    subject: Subject
    sale: PaymentView | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """How a till's printer stands: how many jobs wait, how many were given up, and what is wrong with the first."""

    waiting: int
    failed: int
    error: str
