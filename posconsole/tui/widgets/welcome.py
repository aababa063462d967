"""What stands in the empty basket: the first key for a stranger, and in the demo things to try."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from posconsole.tui.keys import told
from posconsole.tui.safe import fit, line
from posconsole.tui.widgets.preview_row import wrap

FIRST_STEPS = (
    ("scan or type", "a barcode, a product's name, a code, a member"),
    ("3*", "before it rings up three"),
    ("{find}", "finds a product by name"),
    ("{member}", "finds a member"),
    ("{pay}", "takes the money"),
    ("{help}", "shows every key"),
)


class Welcome(Widget):
    """A card of (what to type, what it shows), or the first steps."""

    def __init__(self, tips: tuple[tuple[str, str], ...]) -> None:
        super().__init__(id="welcome")
        self._tips = tips

    def render(self) -> Content:
        """Draw the card."""
        heading = "Things to try" if self._tips else "Ready for the next customer"
        tips = self._tips or [(told(key), what) for key, what in FIRST_STEPS]
        width = self.size.width
        left = min(max(len(line(key)) for key, _ in tips), width // 2)
        rows = [Content.styled(f" {heading}", "bold $here"), Content("")]
        room = self.size.height - len(rows)
        texts = [wrap(line(what), width - left - 4, 2) for _, what in tips]
        if sum(len(text) for text in texts) > room:
            texts = [[fit(line(what), width - left - 4)] for _, what in tips]
        for (key, _), text in zip(tips, texts, strict=True):
            rows.append(Content.assemble((f" {fit(key, left)}  ", "bold $ink"), (text[0], "$dim")))
            rows += [Content.styled(" " * (left + 3) + more, "$dim") for more in text[1:]]
        return Content("\n").join(rows[: self.size.height])
