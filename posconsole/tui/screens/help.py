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

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class HelpScreen(Screen[None]):
    """One page. F1, F7, Esc or Enter goes back to the sale."""

    CSS = "HelpScreen { background: $background; } HelpScreen VerticalScroll { height: 1fr; padding: 1 2; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,f7,escape,enter", "dismiss", "Back", id="help.back", tooltip="Back to the sale.", priority=True),
    ]

    def compose(self) -> ComposeResult:
        """Lay out what the line takes, then the keys."""
        entries = [*LINE_KEYS, *((key.display, key.help) for key in CHECKOUT if key is not MORE)]
        width = max(len(key) for key, _ in entries)
        rows = [Content.assemble((f"{key:<{width}}  ", "bold $here"), (text, "$ink")) for key, text in entries]
        with VerticalScroll():
            yield Static(Content("\n").join(rows), markup=False)
        bar = KeyBar()
        bar.show([("F1", "Back to the sale"), ("↑ ↓", "Scroll")])
        yield bar
