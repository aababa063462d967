"""What the engine asks of a card device, whoever made it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device said: `captured`, `declined`, `absent` (never heard of it) or `unknown`."""

    status: str
    approval_code: str | None = None


UNKNOWN = Answer("unknown")


class CardDevice(Protocol):
    """A card device. A `reference` names one charge for ever; asking twice charges once.

    `unknown` is an answer like any other: money may have moved, and nobody may act as if it had not.
    """

    by_hand: bool
    """Whether a person reads the device and keys in what it said."""

    def charge(self, reference: str, amount: int, currency: str, number: str | None) -> Answer:
        """Take `amount` minor units once under this reference."""

    def outcome(self, reference: str) -> Answer:
        """Say what became of a charge."""

    def void(self, reference: str) -> Answer:
        """Undo a charge, or forbid it should it still come: `captured` once no money is taken."""

    def refund(self, reference: str, refund: str, amount: int) -> Answer:
        """Give back a part of a charge, once under the name `refund`."""


class Asked:
    """A device as the engine asks it: whatever breaks on the way there and back, the answer is `unknown`."""

    def __init__(self, device: CardDevice) -> None:
        self._device = device
        self.by_hand = device.by_hand

    def charge(self, reference: str, amount: int, currency: str, number: str | None) -> Answer:
        """Take money; see `CardDevice`."""
        return _answer(lambda: self._device.charge(reference, amount, currency, number))

    def outcome(self, reference: str) -> Answer:
        """Say what became of a charge; see `CardDevice`."""
        return _answer(lambda: self._device.outcome(reference))

    def void(self, reference: str) -> Answer:
        """Undo or forbid a charge; see `CardDevice`."""
        return _answer(lambda: self._device.void(reference))

    def refund(self, reference: str, refund: str, amount: int) -> Answer:
        """Give a part of a charge back; see `CardDevice`."""
        return _answer(lambda: self._device.refund(reference, refund, amount))


def _answer(ask: Callable[[], Answer]) -> Answer:
    try:
        said = ask()
    except Exception:
        LOG.exception("A card device failed: what became of the money is unknown")
        return UNKNOWN
    return said if isinstance(said, Answer) else UNKNOWN
