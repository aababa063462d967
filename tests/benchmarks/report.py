"""The table: what was measured, ours and the floor's, their ratio, the goal, and whether it is met."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, its figures written out. `met` is None where no goal was set."""

    what: str
    ours: str
    floor: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """Return what stands in the columns."""
        verdict = {True: "met", False: "NOT MET", None: ""}[self.met]
        return (self.what, self.ours, self.floor, self.ratio, self.goal, verdict)


HEAD = ("what", "ours", "floor", "ratio", "goal", "")


def table(rows: list[Row]) -> str:
    """Return the rows as a table of aligned columns."""
    cells = [HEAD, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    lines.insert(1, "-+-".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)
