"""The keys, and what the line takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from posconsole.tui.keys import BACK, CHECKOUT, HELP, LINE_KEYS, MORE
from posconsole.tui.widgets.key_bar import KeyBar
from posconsole.tui.widgets.preview_row import wrap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from posconsole.tui.keys import Key


class HelpScreen(Screen[None]):
    """One page about the checkout, or about the screen whose `keys` these are. F1, F7, Esc or Enter goes back."""

    CSS = """
    HelpScreen { background: $background; }
    HelpScreen VerticalScroll {
        height: 1fr;
        padding: 1 2;
        scrollbar-size-vertical: 1;
        scrollbar-color: $faint;
        scrollbar-background: $background;
        scrollbar-color-hover: $dim;
        scrollbar-background-hover: $background;
        scrollbar-color-active: $dim;
        scrollbar-background-active: $background;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(key.but("Back", "Back to the screen before.", "dismiss").binding(priority=True) for key in (HELP, BACK)),
        Binding("enter", "dismiss", "Back", tooltip="Back to the screen before.", priority=True),
    ]

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        super().__init__()
        meant: dict[str, list[str]] = {}
        for key in keys or CHECKOUT:
            if key is not MORE and key.help not in meant.setdefault(key.display, []):
                meant[key.display].append(key.help)
        shown = [("" if at else key, text) for key, texts in meant.items() for at, text in enumerate(texts)]
        self._entries = shown if keys else [*LINE_KEYS, *shown]

    def compose(self) -> ComposeResult:
        """Lay out the page above its keys."""
        with VerticalScroll():
            yield Static("", id="page", markup=False)
        bar = KeyBar()
        bar.show([(HELP.display, "Back"), ("↑ ↓", "Scroll")])
        yield bar

    def on_resize(self, event: events.Resize) -> None:
        """Break the explanations so that the keys stand alone in their column."""
        column = max(len(key) for key, _ in self._entries) + 2
        rows = []
        for key, text in self._entries:
            first, *more = wrap(text, event.size.width - column - 6, 4)
            rows.append(Content.assemble((f"{key:<{column}}", "bold $here"), (first, "$ink")))
            rows += [Content.styled(" " * column + row, "$ink") for row in more]
        self.query_one("#page", Static).update(Content("\n").join(rows))
