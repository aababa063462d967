"""Settings come from one file, with the environment over it; what can't be a setting is named."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from posconsole.clock import machine_timezone
from posconsole.config import Settings, load, place, write
from posconsole.errors import InvalidInput, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Given = Callable[..., None]


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    """Write a settings file and name it in the environment, which has these variables too."""

    def write_file(text: str, **variables: str) -> None:
        path = tmp_path / "till.toml"
        path.write_text(text, encoding="utf-8")
        for name, value in {"CONFIG": str(path), **variables}.items():
            monkeypatch.setenv(f"POSCONSOLE_{name}", value)

    for name in [name for name in os.environ if name.startswith("POSCONSOLE_")]:
        monkeypatch.delenv(name)
    return write_file


def test_the_environment_goes_over_the_file(given: Given) -> None:
    given(
        'till = "3"\noperator = "Ana"\nsmallest_coin = 5\nprices_include_tax = false\n', OPERATOR="Bo", CARD="sandbox"
    )
    expected = {"till": "3", "operator": "Bo", "smallest_coin": 5, "prices_include_tax": False, "card": "sandbox"}
    assert load().model_dump(exclude_defaults=True) == expected


@pytest.mark.parametrize(
    ("text", "variables", "field"),
    [
        ('colour = "red"', {}, "colour"),
        ("till = 3", {}, "till"),
        ("prices_include_tax = 2", {}, "prices_include_tax"),
        ("till = ", {}, "config"),
        ("", {"SMALLEST_COIN": "٥"}, "smallest_coin"),
        ("", {"SMALLEST_COIN": "0"}, "smallest_coin"),
        ("", {"PRICES_INCLUDE_TAX": "perhaps"}, "prices_include_tax"),
        ("", {"CARD": "stripe"}, "card"),
        ("", {"LOCK_AFTER": "-1"}, "lock_after"),
        ("keys.pay = 9", {}, "keys"),
        ("", {"CONFIG": "/nowhere/till.toml"}, "config"),
    ],
)
def test_what_is_no_setting_is_named(given: Given, text: str, variables: dict[str, str], field: str) -> None:
    given(text, **variables)
    with pytest.raises(InvalidInput) as refusal:
        load()
    assert refusal.value.field == field


def test_keys_stand_in_a_table_of_the_file_and_each_is_a_variable(given: Given) -> None:
    given('till = "3"\n[keys]\npay = "f11"\nday_in = "ctrl+b"\n', KEYS__PAY="f12", KEYS__BACK="f8")
    assert load().keys == {"pay": "f12", "day_in": "ctrl+b", "back": "f8"}


def test_without_a_file_everything_is_as_usual(given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    assert load().model_dump(exclude_defaults=True) == {}


def test_what_is_written_is_read_again_and_never_written_over(
    given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSCONSOLE_CONFIG", str(tmp_path / "deep" / "till.toml"))
    values = {"shop_name": 'Ana\'s "Café" \\ #1\x7f', "prices_include_tax": False, "keys": {"pay": "f11"}}
    path = write(values)
    assert path == place()
    assert load().model_dump(exclude_defaults=True) == values
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert all(f"{name} = " in path.read_text() or f"[{name}]" in path.read_text() for name in Settings.model_fields)
    with pytest.raises(NotAllowed):
        write({})


def test_the_machine_says_its_time_zone() -> None:
    assert machine_timezone({"TZ": ":Europe/Berlin"}) == "Europe/Berlin"
    assert machine_timezone({"TZ": "CET-1CEST,M3.5.0"})
