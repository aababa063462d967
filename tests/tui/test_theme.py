"""Three sets of colours, each readable where a terminal has 256 of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.color import Color

from posconsole.tui.app import PosApp
from posconsole.tui.theme import THEMES
from tests.tui.conftest import showing, until

if TYPE_CHECKING:
    from posconsole import Store

STEPS = {0, 0x5F, 0x87, 0xAF, 0xD7, 0xFF}
GREYS = {8 + 10 * step for step in range(24)}
SAID = ("ink", "dim", "here", "good", "bad", "warn")


def variable(name: str, key: str) -> Color:
    return Color.parse(THEMES[name].variables[key])


@pytest.mark.parametrize("name", THEMES)
def test_every_colour_is_one_of_the_256(name: str) -> None:
    for key in THEMES[name].variables:
        color = variable(name, key)
        grey = color.r == color.g == color.b and color.r in GREYS
        assert grey or {color.r, color.g, color.b} <= STEPS, (key, color.hex)


@pytest.mark.parametrize("name", THEMES)
def test_what_is_said_can_be_read_on_its_ground(name: str) -> None:
    ground = Color.parse(THEMES[name].background or "")
    for key in SAID:
        for behind in (ground, variable(name, "row")):
            assert contrast(variable(name, key), behind) >= 4.5, key


def contrast(one: Color, other: Color) -> float:
    """Return how far two colours are apart as WCAG counts it: 4.5 is enough for text."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: Color) -> float:
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


@pytest.mark.parametrize("name", THEMES)
async def test_a_till_wears_the_one_that_its_settings_name(store: Store, name: str) -> None:
    app = PosApp(None, "1", "Ana", open_store=lambda: store, theme=name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.session.opened.is_set() and "opening the till" not in showing(app))
        assert app.checkout.styles.background == Color.parse(THEMES[name].background or "")
