"""Guessing made slow: after a few wrong guesses each next one has to wait, longer and longer.

What is counted stands in the database, per subject (an operator, a till, a voucher), so that it survives a restart. A
guess is judged inside the transaction that counts it, with the subjects' rows locked: of many guesses made at
once just so many are answered as one after the other would have been.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from posconsole.engine.db.database import among, values
from posconsole.engine.quoting.refusals import TooManyGuesses
from posconsole.models import Throttle, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from posconsole.engine.context import Context
    from posconsole.engine.db.database import Row, Transaction

_THROTTLE = table(Throttle)
_SEEN = select(_THROTTLE).where(among(_THROTTLE.c.subject, bindparam("subjects"))).order_by(_THROTTLE.c.subject)
_LOCKED = _SEEN.with_for_update()
_SET = (
    update(_THROTTLE)
    .where(_THROTTLE.c.subject == bindparam("who"))
    .values(
        failures=bindparam("failures"),
        blocked_until=bindparam("blocked_until"),
        last_at=bindparam("last_at"),
    )
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How guesses are slowed: `free` wrong ones, then a wait of `first` seconds, doubled up to `longest`.

    One wrong guess is forgiven every `forgiven` seconds.
    """

    free: int
    first: int
    longest: int
    forgiven: int

    def wait(self, failures: int) -> int:
        """Return the seconds to wait after so many wrong guesses."""
        over = failures - self.free
        return 0 if over <= 0 else min(self.first << min(over - 1, 30), self.longest)


OWN_PIN = Pace(free=4, first=30, longest=3_600, forgiven=3_600)
"""At most 24 guesses a day at the PIN of one operator or voucher, once the first dozen are spent."""
TILL_PIN = Pace(free=9, first=30, longest=600, forgiven=600)
"""A till is shared: it bears more slips than one person, and is never shut for longer than ten minutes."""
CODE = Pace(free=9, first=5, longest=600, forgiven=600)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a subject guessed wrong, less what was forgiven, and until when it waits."""

    failures: int = 0
    blocked_until: int = 0
    last_at: int = 0

    def wait(self, pace: Pace, now: int) -> int:
        """Return the seconds still to wait. No wait is longer than the longest: the clock was wrong then."""
        left = self.blocked_until - now
        return left if 0 < left <= pace.longest else 0

    def worse(self, pace: Pace, now: int) -> Tally:
        """Return the tally after one more wrong guess. It stops growing where the wait does."""
        kept = max(0, self.failures - max(0, now - self.last_at) // pace.forgiven)
        failures = kept if pace.wait(kept) == pace.longest else kept + 1
        return Tally(failures, now + pace.wait(failures), now)


def waiting(transaction: Transaction, paces: Mapping[str, Pace], now: int) -> int:
    """Return the seconds that the slowest of these subjects has to wait."""
    seen = transaction.all(_SEEN, subjects=values(sorted(paces)))
    return max((_tally(row).wait(paces[row.subject], now) for row in seen), default=0)


def count(transaction: Transaction, paces: Mapping[str, Pace], now: int) -> None:
    """Count a wrong guess for each of these subjects."""
    for subject, tally in _lock(transaction, paces).items():
        _set(transaction, subject, tally.worse(paces[subject], now))


def guess_pin(context: Context, owner: str, fits: Callable[[], bool]) -> bool:
    """Judge a guess at the PIN of `owner`: `fits` says outside any transaction whether it is right.

    A right one clears the owner's tally; the till's stays, or one's own PIN would open the next dozen guesses.
    Raises `TooManyGuesses` while one of the two has to wait, whether the guess is right or wrong.
    """
    paces = {f"pin:{owner}": OWN_PIN, f"pin:till:{context.till}": TILL_PIN}
    now = context.clock.now()
    refuse(context.database.read(lambda transaction: waiting(transaction, paces, now)))
    right = fits()

    def judged(transaction: Transaction) -> int:
        tallies = _lock(transaction, paces)
        for subject, tally in tallies.items():
            if not right:
                _set(transaction, subject, tally.worse(paces[subject], now))
        left = max(tally.wait(paces[subject], now) for subject, tally in tallies.items())
        if right and not left:
            _set(transaction, f"pin:{owner}", Tally(last_at=now))
        return left

    refuse(context.database.write(judged))
    return right


def refuse(seconds: int) -> None:
    """Raise `TooManyGuesses` when there are seconds to wait."""
    if seconds:
        raise TooManyGuesses(seconds)


def _lock(transaction: Transaction, paces: Mapping[str, Pace]) -> dict[str, Tally]:
    """Lock the subjects' rows, in one order for everybody, and return what they say."""
    new = asdict(Tally())
    transaction.insert(_THROTTLE, [{"subject": subject, **new} for subject in sorted(paces)], ignore=True)
    return {row.subject: _tally(row) for row in transaction.all(_LOCKED, subjects=values(sorted(paces)))}


def _set(transaction: Transaction, subject: str, tally: Tally) -> None:
    transaction.guarded(_SET, who=subject, **asdict(tally))


def _tally(row: Row) -> Tally:
    return Tally(row.failures, row.blocked_until, row.last_at)
