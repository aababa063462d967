"""The top line: whose shop and till this is, who is at it, and what time it is there."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from posconsole.tui.keys import DAY, PRINTER, TRAY
from posconsole.tui.safe import fit, line


class TitleBar(Widget):
    """Shop and till on the left; what is to be seen to, the operator, DEMO and the time on the right."""

    def __init__(self, till: str, operator: str, *, demo: bool) -> None:
        super().__init__(id="title")
        self._till, self._operator, self._demo = till, operator, demo
        self._shop, self._time, self._unsettled, self._printer = "posconsole", "", 0, ""
        self._between_shifts = False

    def show(
        self,
        *,
        shop: str | None = None,
        time: str | None = None,
        unsettled: int | None = None,
        operator: str | None = None,
        printer: str | None = None,
        between_shifts: bool | None = None,
    ) -> None:
        """Change a part of the line; paints only when something is different."""
        before = self._parts()
        self._shop = self._shop if shop is None else shop
        self._time = self._time if time is None else time
        self._unsettled = self._unsettled if unsettled is None else unsettled
        self._operator = self._operator if operator is None else operator
        self._printer = self._printer if printer is None else printer
        self._between_shifts = self._between_shifts if between_shifts is None else between_shifts
        if before != self._parts():
            self.refresh()

    def _parts(self) -> tuple[object, ...]:
        return (self._shop, self._time, self._unsettled, self._operator, self._printer, self._between_shifts)

    def render(self) -> Content:
        """Draw the line."""
        marks: list[tuple[str, str]] = []
        if self._unsettled:
            marks.append((f"! {self._unsettled} unsettled · {TRAY}", "bold $warn"))
        elif self._between_shifts:
            # The narrowest line has room for one of them, and an open payment can't wait.
            marks.append((f"! no shift · {DAY}", "bold $warn"))
        if self._printer:
            marks.append((f"! {self._printer} · {PRINTER}", "bold $warn"))
        marks.append((line(self._operator), "$dim"))
        if self._demo:
            marks.append((" DEMO ", "bold $background on $warn"))
        if self._time:
            marks.append((self._time, "$ink"))
        rest = Content("  ").join([Content.styled(*mark) for mark in marks])
        whose = f"{self._shop} · till {self._till}" if self._shop else f"Till {self._till}"
        name = fit(f" {whose}", max(0, self.size.width - rest.cell_length - 2))
        return Content.assemble((name, "bold $ink"), " ", rest, " ")
