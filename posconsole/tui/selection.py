"""Which lines of a sale are to come back, and how many of each: what keys and typing do to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posconsole.engine.views import LineView

QUANTITY = re.compile("[0-9]{1,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Selection:
    """A sale's lines, how many of each come back, and the line that the keys act on (0-based)."""

    lines: tuple[LineView, ...]
    chosen: tuple[int, ...]
    at: int = 0

    @staticmethod
    def of(lines: tuple[LineView, ...]) -> Selection:
        """Start with nothing chosen, on the first line that can still come back."""
        first = next((i for i, line in enumerate(lines) if line.quantity > line.refunded), 0)
        return Selection(lines, (0,) * len(lines), first)

    def left(self, index: int) -> int:
        """Return how many of a line can still come back."""
        return self.lines[index].quantity - self.lines[index].refunded

    @property
    def items(self) -> list[dict[str, int]]:
        """Return the choice as the engine takes it: 1-based line numbers with quantities."""
        return [{"line": line.no, "quantity": n} for line, n in zip(self.lines, self.chosen, strict=True) if n]

    @property
    def exhausted(self) -> bool:
        """Say whether nothing of this sale is left to come back."""
        return not any(self.left(i) for i in range(len(self.lines)))

    def move(self, by: int) -> Selection:
        """Go up or down, and stop at the ends."""
        return replace(self, at=max(0, min(len(self.lines) - 1, self.at + by)))

    def set(self, quantity: int, index: int | None = None) -> Selection:
        """Choose how many of a line come back, within what is left of it."""
        at = self.at if index is None else index
        bounded = max(0, min(self.left(at), quantity))
        return replace(self, at=at, chosen=(*self.chosen[:at], bounded, *self.chosen[at + 1 :]))

    def step(self, by: int, index: int | None = None) -> Selection:
        """Choose one more or one fewer of a line."""
        at = self.at if index is None else index
        return self.set(self.chosen[at] + by, at)

    def all(self) -> Selection:
        """Choose all that is left; nothing, when all was chosen already."""
        everything = tuple(self.left(i) for i in range(len(self.lines)))
        return replace(self, chosen=(0,) * len(self.lines) if self.chosen == everything else everything)

    def none(self) -> Selection:
        """Choose nothing."""
        return replace(self, chosen=(0,) * len(self.lines))

    def has(self, sku: str) -> bool:
        """Say whether an article was on this sale at all."""
        return any(line.sku == sku for line in self.lines)

    def typed(self, text: str) -> Selection | None:
        """Read what stands in the field: digits are a quantity, `a` is all; more than is left is no choice."""
        if QUANTITY.fullmatch(text) and int(text) <= self.left(self.at):
            return self.set(int(text))
        return self.all() if text in ("a", "A") else None

    def scanned(self, sku: str) -> Selection | None:
        """Take one more of the first line with this sku that has one left, or None when there is none."""
        of_sku = [i for i, line in enumerate(self.lines) if line.sku == sku]
        for i in of_sku:
            if self.chosen[i] < self.left(i):
                return self.step(1, i)
        return None
