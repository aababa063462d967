"""Keys that press themselves at reading speed, until somebody presses one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events
from textual.keys import _character_to_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posconsole.tui.app import PosApp

Step = tuple[str, float]
"""A key by its name in angle brackets, or text to type; and for how many seconds to let the screen be read then."""
TYPING = 0.13
"""Seconds between two signs that are typed."""
BEGUN, ENDED = "This sale plays by itself. Any key takes over.", "That was a sale. The till is yours."


class Tour:
    """Plays steps on a till. `pace` says how much longer everything takes than it says."""

    def __init__(self, steps: Sequence[Step], pace: float = 1.0) -> None:
        self._steps, self._pace = steps, pace
        self._task: asyncio.Task[None] | None = None
        self._pressed: list[events.Key] = []

    def begin(self, till: PosApp) -> None:
        """Begin once the till is open."""
        self._task = asyncio.create_task(self._play(till))

    def taken_over(self, event: events.Key) -> bool:
        """Say whether a key is the first of a person's: it ends the tour and does nothing else."""
        if event in self._pressed:
            self._pressed.remove(event)
            return False
        if self._task is None:
            return False
        self._task.cancel()
        self._task = None
        return True

    async def _play(self, till: PosApp) -> None:
        await till.session.opened.wait()
        till.notify(BEGUN, markup=False)
        await asyncio.sleep(2 * self._pace)
        for text, pause in self._steps:
            if text.startswith("<"):
                self._press(till, text.strip("<>"), "\r" if text == "<enter>" else None)
            else:
                for sign in text:
                    self._press(till, _character_to_key(sign), sign)
                    await asyncio.sleep(TYPING * self._pace)
            await asyncio.sleep(pause * self._pace)
        self._task = None
        till.notify(ENDED, markup=False)

    def _press(self, till: PosApp, key: str, character: str | None) -> None:
        event = events.Key(key, character)
        self._pressed.append(event)
        till.post_message(event)
