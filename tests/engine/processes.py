"""Real processes for the tests that race and kill: forked from a clean server, so that each starts in no time."""

from __future__ import annotations

import multiprocessing
import traceback
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from posconsole import Store
from posconsole.clock import FixedClock
from posconsole.errors import PosError
from tests.engine.shop import NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import Barrier

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        "posconsole.engine.store",
        "posconsole.cli",
        "alembic.command",
        "alembic.script",
        "tests.engine.racing",
        "tests.engine.killing",
    ]
)
RACERS = 8
PATIENCE = 60
"""Seconds after which a process that doesn't answer has failed the test."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one racer: a value, the code of a refusal, or the traceback of what should never happen."""

    value: Any = None
    refused: str | None = None
    crash: str | None = None

    @property
    def won(self) -> bool:
        """Say whether the engine did what it was asked to."""
        return self.refused is None and self.crash is None


class Racers:
    """Eight processes, each signed in to a till of its own, released together by a barrier for every round."""

    def __init__(self) -> None:
        self._barrier = PROCESSES.Barrier(RACERS)
        self._ends: list[Connection] = []
        self._processes = []
        for number in range(1, RACERS + 1):
            here, there = PROCESSES.Pipe()
            process = PROCESSES.Process(target=_racer, args=(there, self._barrier, str(number)), daemon=True)
            process.start()
            there.close()
            self._ends.append(here)
            self._processes.append(process)

    def race(
        self,
        url: str,
        runs: Sequence[tuple[Callable[..., Any], dict[str, Any]]],
        broken: Callable[..., AbstractContextManager[None]] | None = None,
        office: bool = False,
    ) -> list[Outcome]:
        """Let each racer call its (action, arguments) at the same moment; return what became of them, in order.

        `broken` is entered before the start and makes the engine worse: the negative controls. With `office`
        all act at the back office's till.
        """
        assert len(runs) == RACERS
        for end, (action, arguments) in zip(self._ends, runs, strict=True):
            end.send((url, office, action, arguments, broken))
        outcomes = [self._answer(end) for end in self._ends]
        crashes = [one.crash for one in outcomes if one.crash]
        if crashes:
            # Who waited in vain for one that crashed is not to blame, and the next race begins anew.
            self._barrier.reset()
            raise AssertionError(next((one for one in crashes if "BrokenBarrierError" not in one), outcomes))
        return outcomes

    def close(self) -> None:
        """Let the racers go home."""
        for end in self._ends:
            end.send(None)
        for process in self._processes:
            process.join(PATIENCE)

    @staticmethod
    def _answer(end: Connection) -> Outcome:
        assert end.poll(PATIENCE), "a racer is stuck"
        answer: Outcome = end.recv()
        return answer


def _leave(stores: dict[tuple[str, bool], Store], url: str) -> None:
    """Close every other shop: a server has only so many connections to give."""
    for key in [key for key in stores if key[0] != url]:
        stores.pop(key).close()


def _racer(end: Connection, barrier: Barrier, till: str) -> None:
    stores: dict[tuple[str, bool], Store] = {}
    while (task := end.recv()) is not None:
        url, office, action, arguments, broken = task
        try:
            store = stores.get((url, office))
            if store is None:
                _leave(stores, url)
                store = Store.open(url, clock=FixedClock(NOON))
                store = store if office else store.sign_in(till=till, operator=f"racer {till}")
                stores[url, office] = store
            with broken(store, **arguments) if broken else nullcontext():
                barrier.wait(PATIENCE)
                outcome = _run(action, store, arguments)
        except BaseException:
            # Also a refusal before the start: an engine that can't be broken would pass for one that is caught.
            barrier.abort()
            outcome = Outcome(crash=traceback.format_exc())
        end.send(outcome)


def _run(action: Callable[..., Any], store: Store, arguments: dict[str, Any]) -> Outcome:
    try:
        return Outcome(action(store, **arguments))
    except PosError as error:
        return Outcome(refused=error.code)
