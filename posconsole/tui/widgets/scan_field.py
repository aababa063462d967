"""The one input of the checkout. Keys are taken in the order they come, Enter among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

LONGEST = 200
_EDITS = {
    "backspace": "delete_left",
    "delete": "delete_right",
    "home": "home",
    "end": "end",
    "ctrl+u": "delete_left_all",
    "ctrl+w": "delete_left_word",
}
_MOVES = {"left": "cursor_left", "right": "cursor_right"}


class KeyField(Input):
    """An input that edits within the very call that brings the key.

    Textual's own runs Enter and Backspace as bindings after the key has bubbled, behind what a scanner has sent
    in the meantime; here nothing overtakes anything.
    """

    def __init__(
        self,
        *,
        id: str,  # noqa: A002 - Textual's own name for it
        placeholder: str = "",
        max_length: int = LONGEST,
        restrict: str | None = None,
        hidden: bool = False,
    ) -> None:
        super().__init__(
            id=id,
            placeholder=placeholder,
            max_length=max_length,
            restrict=restrict,
            password=hidden,
            compact=True,
            select_on_focus=False,
        )
        self.cursor_blink = False
        self.entered: Callable[[str], None] = lambda _: None

    def take_key(self, event: events.Key) -> bool:
        """Do what the key means here, at once. False when it means nothing here."""
        if event.key == "enter":
            self.entered(self.value)
        elif event.is_printable and event.character:
            self.replace(event.character, *self.selection)
        elif edit := _EDITS.get(event.key) or (_MOVES.get(event.key) if self.value else None):
            getattr(self, f"action_{edit}")()
        else:
            return False
        return True

    async def _on_key(self, event: events.Key) -> None:
        if self.take_key(event):
            event.stop()
            event.prevent_default()

    def restricted(self) -> None:
        """Take no notice of what does not fit: a bell per key of a stray scan helps nobody."""


class ScanField(KeyField):
    """Takes barcodes, skus, names, codes, cards and phone numbers. Enter hands the text over and empties it."""

    def take_key(self, event: events.Key) -> bool:
        """Do what the key means here, at once; Enter empties the field before the next key is looked at."""
        if event.key == "enter":
            text = self.value
            self.value = ""
            self.entered(text)
            return True
        return super().take_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        lines = event.text[: LONGEST * 2].splitlines()
        if lines:
            self.replace(lines[0].strip()[:LONGEST], *self.selection)
        event.stop()
        event.prevent_default()
