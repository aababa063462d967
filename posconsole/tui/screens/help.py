"""The keys, and what the line takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from posconsole.tui.keys import CHECKOUT, LINE_KEYS, MORE
from posconsole.tui.widgets.key_bar import KeyBar
from posconsole.tui.widgets.preview_row import wrap

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType


class HelpScreen(Screen[None]):
    """One page. F1, F7, Esc or Enter goes back to the sale."""

    CSS = "HelpScreen { background: $background; } HelpScreen VerticalScroll { height: 1fr; padding: 1 2; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,f7,escape,enter", "dismiss", "Back", id="help.back", tooltip="Back to the sale.", priority=True),
    ]

    def compose(self) -> ComposeResult:
        """Lay out the page above its keys."""
        with VerticalScroll():
            yield Static("", id="page", markup=False)
        bar = KeyBar()
        bar.show([("F1", "Back to the sale"), ("↑ ↓", "Scroll")])
        yield bar

    def on_resize(self, event: events.Resize) -> None:
        """Break the explanations so that the keys stand alone in their column."""
        entries = [*LINE_KEYS, *((key.display, key.help) for key in CHECKOUT if key is not MORE)]
        column = max(len(key) for key, _ in entries) + 2
        rows = []
        for key, text in entries:
            first, *more = wrap(text, event.size.width - column - 6, 4)
            rows.append(Content.assemble((f"{key:<{column}}", "bold $here"), (first, "$ink")))
            rows += [Content.styled(" " * column + row, "$ink") for row in more]
        self.query_one("#page", Static).update(Content("\n").join(rows))
