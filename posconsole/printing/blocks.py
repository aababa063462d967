"""A symbol in half blocks: two rows of modules to a line of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posconsole.printing.symbols import Symbol

BLOCKS = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def half_blocks(symbol: Symbol, quiet: int | None = None) -> tuple[str, ...]:
    """Return the lines of a symbol with its quiet zone, or with `quiet` light modules around it."""
    around = symbol.quiet if quiet is None else quiet
    side, across = bytes(around), len(symbol.rows[0]) + 2 * around
    light = [bytes(across)] * around
    rows = [*light, *(side + row + side for row in symbol.rows), *light]
    rows += [bytes(across)] * (len(rows) % 2)
    return tuple(
        "".join(BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )
