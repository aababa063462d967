"""The floor of a screen: a bare Textual app with one compact input and a line at the bottom."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Input, Static

MARK = "bare app, ready"


class BareApp(App[None]):
    CSS = "Static { dock: bottom; }"

    def compose(self) -> ComposeResult:
        field = Input(compact=True)
        field.cursor_blink = False
        yield field
        yield Static(MARK)


if __name__ == "__main__":
    BareApp().run()
