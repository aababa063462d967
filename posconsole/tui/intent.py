"""What somebody means to do, under one key: pressed again because no answer came, it is still done once."""

from __future__ import annotations

import secrets


class Intent:
    """The key that the engine knows the latest intention by. It lasts until that is `done` or another is meant."""

    def __init__(self) -> None:
        self._what: tuple[object, ...] = ()
        self._key = ""

    def key(self, *what: object) -> str:
        """Return the key for this: the same one for as long as the same is meant."""
        if not self._key or what != self._what:
            self._what, self._key = what, secrets.token_hex(16)
        return self._key

    def done(self) -> None:
        """Say that it is done: the same meant again is another thing."""
        self._key = ""
