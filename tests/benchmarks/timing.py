"""Taking turns: floor, ours, floor, ours, so that whatever else the machine does falls on both."""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


@dataclass(slots=True)
class Taken:
    """Seconds of single calls, in the rounds in which they were taken, and those of them that were CPU time."""

    rounds: list[list[float]] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def take(self, calls: Iterable[Callable[[], object]]) -> None:
        """Take a round of calls."""
        self.rounds.append([])
        for call in calls:
            begun, cpu = time.perf_counter(), time.thread_time()
            call()
            self.cpu.append(time.thread_time() - cpu)
            self.rounds[-1].append(time.perf_counter() - begun)

    @property
    def all(self) -> list[float]:
        """Return every call's seconds."""
        return [seconds for round_ in self.rounds for seconds in round_]

    @property
    def per_second(self) -> float:
        """Return how many calls a second there were in the median round."""
        return statistics.median(len(round_) / sum(round_) for round_ in self.rounds)


@dataclass(slots=True)
class Both:
    """The floor's calls and ours, taken in turns."""

    floor: Taken = field(default_factory=Taken)
    ours: Taken = field(default_factory=Taken)

    def warmed_up(self) -> None:
        """Forget the first round: it filled the caches of both."""
        for taken in (self.floor, self.ours):
            del taken.cpu[: len(taken.rounds.pop(0))]

    def throughput(self) -> float:
        """Return what part of the floor's throughput is ours: the median over the rounds."""
        pairs = zip(self.floor.rounds, self.ours.rounds, strict=True)
        return statistics.median(sum(floor) / sum(ours) for floor, ours in pairs)


def percentile(values: Sequence[float], part: float) -> float:
    """Return the smallest value that `part` per cent of all values don't exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * part / 100) - 1)]


def spread(seconds: Sequence[float]) -> str:
    """Write p50 and p99 of some calls."""
    return f"{percentile(seconds, 50) * 1e3:.2f} / {percentile(seconds, 99) * 1e3:.2f} ms"
