"""Every way in which posconsole says no: one family, each with a stable code, a sentence and the field."""

from __future__ import annotations


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


class Busy(PosError):
    """The database was in somebody else's hands for too long. Nothing was written; try again."""

    code = "busy"


class Unsettled(PosError):
    """Money moved and the sale could not be completed yet. It must not be taken again: `recover` completes it."""

    code = "unsettled"


class StorageError(PosError):
    """The database can't be read or written; the message names the file and what to do."""

    code = "storage"


class OutcomeUnknown(PosError):
    """The link broke at the commit. Repeat the same call with the same key before anything is taken again."""

    code = "outcome_unknown"
