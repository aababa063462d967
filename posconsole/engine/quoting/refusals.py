"""Refusals of a sale that bring along what would hold instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.errors import NotAllowed, PosError

if TYPE_CHECKING:
    from posconsole.engine.quoting.quotes import Quote, Verdict
    from posconsole.engine.views import RefundPlan


class CodeRefused(PosError):
    """A code on the order can't be used; `verdict` says why, condition by condition."""

    def __init__(self, message: str, verdict: Verdict) -> None:
        super().__init__(message, code=verdict.reason, field="codes")
        self.verdict = verdict


class QuoteChanged(PosError):
    """The amount to pay isn't the one that was shown; `quote` is what it would be now."""

    code = "quote_changed"

    def __init__(self, message: str, quote: Quote) -> None:
        super().__init__(message, field="expected_due")
        self.quote = quote


class PlanChanged(NotAllowed):
    """The refund isn't the one that was shown; `plan` is what it would be now."""

    code = "plan_changed"

    def __init__(self, plan: RefundPlan) -> None:
        super().__init__("What goes back is not what was shown any more. Look at it again.", field="expected")
        self.plan = plan


class PinRefused(NotAllowed):
    """A voucher's PIN wasn't given, or isn't the one; `voucher` is its whole code."""

    def __init__(self, message: str, code: str, voucher: str) -> None:
        super().__init__(message, code=code, field="pins")
        self.voucher = voucher


class TooManyGuesses(NotAllowed):
    """Somebody, or this till, has guessed wrong too often; after `seconds` the next guess is taken."""

    code = "too_many_guesses"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many wrong guesses here. Wait {seconds} seconds, then try again.")
        self.seconds = seconds
