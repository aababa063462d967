"""Settings come from one file, with the environment over it; what can't be a setting is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole.config import Settings, load, machine_timezone
from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path


def environment(tmp_path: Path, text: str, **variables: str) -> dict[str, str]:
    """Write a settings file and name it in an environment that has these variables too."""
    path = tmp_path / "till.toml"
    path.write_text(text, encoding="utf-8")
    return {"POSCONSOLE_CONFIG": str(path)} | {f"POSCONSOLE_{name}": value for name, value in variables.items()}


def test_the_environment_goes_over_the_file(tmp_path: Path) -> None:
    text = 'till = "3"\noperator = "Ana"\nsmallest_coin = 5\nprices_include_tax = false\n'
    found = load(environment(tmp_path, text, OPERATOR="Bo", CARD="sandbox"))
    expected = Settings(till="3", operator="Bo", smallest_coin=5, prices_include_tax=False, card="sandbox")
    assert found == expected


@pytest.mark.parametrize(
    ("text", "variables", "field"),
    [
        ('colour = "red"', {}, "colour"),
        ("till = 3", {}, "till"),
        ("prices_include_tax = 1", {}, "prices_include_tax"),
        ("till = ", {}, "config"),
        ("", {"SMALLEST_COIN": "٥"}, "smallest_coin"),
        ("", {"SMALLEST_COIN": "0"}, "smallest_coin"),
        ("", {"PRICES_INCLUDE_TAX": "perhaps"}, "prices_include_tax"),
        ("", {"CARD": "stripe"}, "card"),
        ("", {"CONFIG": "/nowhere/till.toml"}, "config"),
    ],
)
def test_what_is_no_setting_is_named(tmp_path: Path, text: str, variables: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        load(environment(tmp_path, text, **variables))
    assert refusal.value.field == field


def test_the_machine_says_its_time_zone() -> None:
    assert machine_timezone({"TZ": ":Europe/Berlin"}) == "Europe/Berlin"
    assert machine_timezone({"TZ": "CET-1CEST,M3.5.0"})
