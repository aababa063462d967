"""A list with one row chosen by the keys of the field: it never has the focus itself."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from posconsole.tui.safe import fit
from posconsole.tui.widgets.steady import differing


class ChoiceList(Widget):
    """A heading and as many rows as fit, the chosen one among them. Subclasses say what stands in a row."""

    count = 0
    at = 0
    _painted: tuple[Content, ...] = ()

    def heading(self) -> str:
        """Return the line above the rows."""
        return ""

    def row(self, index: int) -> tuple[str, str]:
        """Return a row's text, its first two cells left free for a mark, and its style."""
        raise NotImplementedError

    def render(self) -> Content:
        """Draw what fits."""
        self._painted = tuple(self.lines())
        return Content("\n").join(self._painted)

    def repaint(self) -> None:
        """Draw again the lines that differ from those on the screen."""
        if not self._painted:
            self.refresh()
        elif rows := differing(self._painted, tuple(self.lines()), self.size.width):
            self.refresh(*rows)

    def lines(self) -> list[Content]:
        """Write the heading and the rows that fit."""
        room = max(1, self.size.height - 1)
        first = max(0, min(self.at - room + 2, self.count - room))
        rows = [Content.styled(fit(self.heading(), self.size.width), "$dim")]
        rows += [self._drawn(i) for i in range(first, min(self.count, first + room))]
        if first:
            rows[1] = self._more(f"↑ {first + 1} more")
        if first + room < self.count:
            rows[-1] = self._more(f"↓ {self.count - first - room + 1} more")
        return rows

    def _drawn(self, index: int) -> Content:
        text, style = self.row(index)
        if index != self.at:
            return Content.styled(text, style)
        return Content.assemble((" ▸", "bold $here on $row"), (text[2:], f"bold {style} on $row"))

    def _more(self, text: str) -> Content:
        return Content.styled(fit(f"   {text}", self.size.width), "$dim")
