"""posconsole: a point-of-sale console, and the redemption engine under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posconsole.engine.store import Store

__all__ = ["Store"]


def __getattr__(name: str) -> object:
    """Load the engine only when it is asked for: the first frame must not wait for it."""
    if name == "Store":
        from posconsole.engine.store import Store

        return Store
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
