"""The bank's own terminal beside the till: the cashier keys the amount into it and records what it said."""

from __future__ import annotations

from posconsole.tenders.base import UNKNOWN, Answer


class StandaloneTerminal:
    """A device that this program can't talk to, so that it knows nothing a person hasn't told it."""

    by_hand = True

    def charge(self, reference: str, amount: int, currency: str, number: str | None) -> Answer:  # noqa: ARG002
        """Leave it to the person at the device."""
        return UNKNOWN

    def outcome(self, reference: str) -> Answer:  # noqa: ARG002
        """Leave it to the person who can read the device's own journal."""
        return UNKNOWN

    def void(self, reference: str) -> Answer:  # noqa: ARG002
        """Leave it to the person at the device."""
        return UNKNOWN

    def refund(self, reference: str, refund: str, amount: int) -> Answer:  # noqa: ARG002
        """Trust the person who was told to give it back there."""
        return Answer("captured")
