"""What makes a whole transaction run again."""

from __future__ import annotations

from posconsole.errors import Busy, PosError


class Raced(Exception):
    """Another transaction was first, or the server gave this one up: nothing of it is left, run the whole again.

    `refusal` is what is said when no time is left for that; before the next try lies a `pause` (seconds, doubled
    each time), and it `needs` so many seconds to make sense.
    """

    def __init__(self, refusal: PosError | None = None, *, pause: float = 0.0, needs: float = 0.0) -> None:
        super().__init__()
        self.refusal = refusal or Busy(
            "Somebody else is changing the same thing over and over. Nothing was written; try again."
        )
        self.pause = pause
        self.needs = needs


def refusal(meant: PosError | Raced) -> PosError:
    """Return what is said where nothing runs again."""
    return meant.refusal if isinstance(meant, Raced) else meant
