"""Every way in which posconsole says no: one family, each with a stable code, a sentence and the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posconsole.engine.pricing import Quote, Verdict


class PosError(Exception):
    """A refusal. `code` is stable, `message` can be read out, `field` names what was wrong with the input."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.field = field


class InvalidInput(PosError):
    """What was given can't be read as what it should be."""

    code = "invalid_input"


class NotFound(PosError):
    """No such thing in this shop."""

    code = "not_found"


class NotAllowed(PosError):
    """Understood, but the state of things forbids it."""

    code = "not_allowed"


class Conflict(PosError):
    """Someone else was first: the same name or code exists, or a counter moved."""

    code = "conflict"


class IdempotencyConflict(PosError):
    """The same idempotency key came with another request."""

    code = "idempotency_conflict"


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


class Busy(PosError):
    """The database was in somebody else's hands for too long. Nothing was written; try again."""

    code = "busy"


class StorageError(PosError):
    """The database can't be read or written; the message names the file and what to do."""

    code = "storage"
