"""The till's own colours: every one a colour of the 256-colour cube, so that SSH shows what was meant."""

from __future__ import annotations

from textual.theme import Theme

TILL = Theme(
    name="till",
    primary="#5fafff",
    secondary="#87afd7",
    accent="#5fafff",
    warning="#ffaf5f",
    error="#ff8787",
    success="#87d787",
    foreground="#e4e4e4",
    background="#121212",
    surface="#121212",
    panel="#1c1c1c",
    dark=True,
    variables={
        "ink": "#e4e4e4",
        "dim": "#949494",
        "faint": "#4e4e4e",
        "good": "#87d787",
        "bad": "#ff8787",
        "warn": "#ffaf5f",
        "here": "#5fafff",
        "row": "#262626",
        "input-cursor-background": "#5fafff",
        "input-cursor-foreground": "#121212",
        "input-selection-background": "#005f87",
        "footer-key-foreground": "#5fafff",
    },
)
