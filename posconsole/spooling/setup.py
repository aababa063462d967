"""How a till prints, as its settings say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Setup:
    """The printer's address (none where it is empty), its paper in mm and profile, and what is printed by itself.

    `correction` is that of QR codes: L, M, Q or H. `artwork` is the folder of the shop's own artworks.
    """

    printer: str = ""
    paper: int = 80
    profile: str = "default"
    receipts: Literal["always", "ask", "never"] = "ask"
    correction: str = "M"
    artwork: Path | None = None

    @property
    def by_itself(self) -> bool:
        """Say whether a receipt comes out without anybody asking."""
        return bool(self.printer) and self.receipts == "always"
