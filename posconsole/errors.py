"""Every way in which posconsole says no: one family, each with a stable code, a sentence and the field."""

from __future__ import annotations

from dataclasses import dataclass


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


class PrinterTrouble(PosError):
    """A printer prints nothing, or not all. `short` says why in few words; after `begun` some may be on paper."""

    code = "printer_trouble"

    def __init__(self, message: str, short: str, *, begun: bool = False) -> None:
        super().__init__(message, field="printer")
        self.short = short
        self.begun = begun


@dataclass(frozen=True, slots=True)
class Code:
    """What a stable code means, and the fields that come with it; none are named where any argument can be meant."""

    means: str
    fields: tuple[str, ...] = ()


CODES: dict[str, Code] = {
    "invalid_input": Code("What was given can't be read as what it should be."),
    "not_found": Code("No such thing in this shop."),
    "not_allowed": Code("Understood, but the state of things forbids it."),
    "conflict": Code("Someone else was first: the same name or code exists, or a counter moved."),
    "idempotency_conflict": Code("The same key came with another request: take a new one.", ("idempotency_key",)),
    "busy": Code("The database was in use for too long. Nothing was written; try again."),
    "storage": Code("The database can't be read or written; the sentence names it and what to do."),
    "outcome_unknown": Code("The link broke at the commit: repeat the call with the same key for the answer."),
    "unsettled": Code("Money moved and the sale isn't written yet: don't take it again, `recover` completes it."),
    "quote_changed": Code("The amount to pay is another than the one that was shown: look again.", ("expected_due",)),
    "plan_changed": Code("What a refund gives back is not what was shown: look again.", ("expected",)),
    "till_in_use": Code("The till is open in another window.", ("till",)),
    "manager_needed": Code("A manager has to do or approve it; the field may name the right.", ("operator",)),
    "last_manager": Code("A shop with operators needs an active manager.", ("operator", "role")),
    "pin_needed": Code("Who signs in, or a voucher, has a PIN that wasn't given.", ("pin", "pins")),
    "pin_wrong": Code("Name and PIN, or voucher and PIN, don't belong together.", ("pin", "pins")),
    "too_many_guesses": Code("Too many wrong PINs or codes: after so many `seconds` the next one is taken."),
    "already_refunded": Code("All of it, or this part of it, came back already."),
    "already_settled": Code("This part of a refund was settled before.", ("part",)),
    "receipt_needed": Code("A voucher comes back with its receipt only."),
    "voucher_void": Code("A voucher that paid for this is void: refund it as credit."),
    "cap_lowered": Code("A coupon's cap can only be raised.", ("max_redemptions",)),
    "budget_spent": Code("A campaign's budget can't be less than what is spent and held of it.", ("budget",)),
    "shift_open": Code("The till's shift is open already: close it first."),
    "no_shift": Code("No shift is open at this till."),
    "payment_pending": Code("The till waits for a payment's end: its shift can't be closed."),
    "basket_open": Code("Something is rung up at this till already."),
    "nothing_to_park": Code("Nothing is rung up at this till."),
    "deleted": Code("The coupon or the campaign was deleted.", ("coupon", "campaign")),
    "in_batch": Code("The terms of a batch's codes stand: switch the code off, and give another."),
    "printer_trouble": Code("A printer is off, out of paper or silent: the sentence says what to do.", ("printer",)),
    "symbol_too_wide": Code("A bar code doesn't fit its paper; the sentence names the width that does.", ("symbol",)),
}
"""Every stable code that isn't the reason why a code is refused; those are in `engine.reasons.REASONS`."""
