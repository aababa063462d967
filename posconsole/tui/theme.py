"""The till's own colours: every one a colour of the 256-colour cube, so that SSH shows what was meant."""

from __future__ import annotations

from textual.theme import Theme


def _theme(
    name: str, *, dark: bool, ground: str, panel: str, row: str, faint: str, dim: str, ink: str, **signal: str
) -> Theme:
    """Return a theme: a ground with what lies on it, three greys, and the colours that mean something."""
    here, good, bad, warn = (signal[key] for key in ("here", "good", "bad", "warn"))
    return Theme(
        name=name,
        primary=here,
        secondary=signal["second"],
        accent=here,
        warning=warn,
        error=bad,
        success=good,
        foreground=ink,
        background=ground,
        surface=ground,
        panel=panel,
        dark=dark,
        variables={
            "ink": ink,
            "dim": dim,
            "faint": faint,
            "good": good,
            "bad": bad,
            "warn": warn,
            "here": here,
            "row": row,
            "input-cursor-background": here,
            "input-cursor-foreground": ground,
            "input-selection-background": signal["chosen"],
            "footer-key-foreground": here,
        },
    )


TILL = _theme(
    "till",
    dark=True,
    ground="#121212",
    panel="#1c1c1c",
    row="#262626",
    faint="#4e4e4e",
    dim="#949494",
    ink="#e4e4e4",
    here="#5fafff",
    second="#87afd7",
    good="#87d787",
    bad="#ff8787",
    warn="#ffaf5f",
    chosen="#005f87",
)
PAPER = _theme(
    "paper",
    dark=False,
    ground="#eeeeee",
    panel="#e4e4e4",
    row="#dadada",
    faint="#a8a8a8",
    dim="#585858",
    ink="#121212",
    here="#005faf",
    second="#005f87",
    good="#005f00",
    bad="#af0000",
    warn="#5f5f00",
    chosen="#afd7ff",
)
CONTRAST = _theme(
    "contrast",
    dark=True,
    ground="#000000",
    panel="#000000",
    row="#303030",
    faint="#8a8a8a",
    dim="#d0d0d0",
    ink="#ffffff",
    here="#00ffff",
    second="#5fffff",
    good="#5fff5f",
    bad="#ff8787",
    warn="#ffff00",
    chosen="#0000af",
)
THEMES = {theme.name: theme for theme in (TILL, PAPER, CONTRAST)}
