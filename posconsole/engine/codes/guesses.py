"""Guessing at codes: a till, and whoever stands at it, may miss just so often.

What counts is a text that looks like a minted code, a known prefix and twelve symbols: no name, barcode or
member's card does, so that a cashier who mistypes one of those is never slowed. Misses at sales, validations and
look-ups are counted in the database. While a code is being typed nothing is written: those are kept in memory, each
text once, and a program that is started anew has to be let in by a PIN first. The back office isn't watched.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from posconsole.codes import BODY, fold, series_of
from posconsole.engine.codes import codebook
from posconsole.engine.quoting.refusals import CodeRefused
from posconsole.engine.staff import throttling
from posconsole.models.shop import OFFICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from posconsole.engine.context import Context
    from posconsole.engine.db.database import Transaction
    from posconsole.engine.quoting.quotes import Verdict

T = TypeVar("T")
MISSES = ("not_found", "mistyped")
"""The reasons that tell that a code was none."""


class Tried:
    """What was tried in vain in this process while it was being typed."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._tallies: dict[str, throttling.Tally] = {}
        self._texts: set[str] = set()

    def wait(self, paces: dict[str, throttling.Pace], now: int) -> int:
        """Return the seconds that the slowest of these subjects has to wait."""
        with self._guard:
            return max(self._tallies.get(who, throttling.Tally()).wait(pace, now) for who, pace in paces.items())

    def count(self, paces: dict[str, throttling.Pace], code: str, now: int) -> None:
        """Count a miss, unless it is the same text again: looking twice tells no more than once."""
        with self._guard:
            if code in self._texts:
                return
            self._texts.add(code)
            for who, pace in paces.items():
                self._tallies[who] = self._tallies.get(who, throttling.Tally()).worse(pace, now)


def refuse(context: Context, transaction: Transaction, codes: Iterable[str], now: int) -> None:
    """Raise `TooManyGuesses` while this till or operator has to wait and one of the codes looks like a minted one."""
    if _minted(context, transaction, codes):
        paces = _paces(context)
        throttling.refuse(max(throttling.waiting(transaction, paces, now), context.tried.wait(paces, now)))


def remember(context: Context, transaction: Transaction, codes: Iterable[str], now: int) -> None:
    """Keep in memory that these codes were looked at in vain."""
    for code in _minted(context, transaction, codes):
        context.tried.count(_paces(context), fold(code), now)


def judge(context: Context, verdict: Verdict) -> None:
    """Count a verdict that tells that the code is none."""
    if verdict.reason in MISSES:
        _count(context, verdict.code)


@contextmanager
def judged(context: Context) -> Iterator[None]:
    """Count the code for which what is done here is refused, if it is none."""
    try:
        yield
    except CodeRefused as refused:
        judge(context, refused.verdict)
        raise


def looked_up(context: Context, code: str, find: Callable[[Transaction], T | None]) -> T | None:
    """Return what `find` finds for a code; None counts as a miss."""

    def work(transaction: Transaction) -> T | None:
        refuse(context, transaction, (code,), context.clock.now())
        return find(transaction)

    found = context.read(work)
    if found is None:
        _count(context, code)
    return found


def _count(context: Context, code: str) -> None:
    def work(transaction: Transaction) -> None:
        if _minted(context, transaction, (code,)):
            throttling.count(transaction, _paces(context), context.clock.now())

    if _watched(context, code):
        context.database.write(work)


def _minted(context: Context, transaction: Transaction, codes: Iterable[str]) -> list[str]:
    watched = [code for code in codes if _watched(context, code)]
    series = codebook.series(transaction) if watched else {}
    return [code for code in watched if series_of(code, series)]


def _watched(context: Context, code: str) -> bool:
    return context.till != OFFICE and len(fold(code)) > BODY


def _paces(context: Context) -> dict[str, throttling.Pace]:
    who = (f"code:till:{context.till}", f"code:operator:{context.operator.casefold()}")
    return dict.fromkeys(who, throttling.CODE)
