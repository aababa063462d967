"""Settings: one TOML file, and `POSCONSOLE_…` environment variables over it."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "POSCONSOLE_"
_WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """How this till is set up. Each field is a key of the file and, in capitals, of the environment.

    `currency` to `shop_name` describe the shop and count only when its database is created. `smallest_coin` is
    in minor units; no `timezone` means the machine's. `scan_prefix` and `scan_suffix` name the keys that the
    scanner sends around a code (`f20`, `ctrl+b`). After `lock_after` minutes without a key the till asks for the PIN
    again where the shop has operators; 0 means never.
    """

    database_url: str = ""
    till: str = "1"
    operator: str = "Cashier"
    currency: str = "EUR"
    locale: str = "en"
    timezone: str = ""
    prices_include_tax: bool = True
    smallest_coin: int = 1
    shop_name: str = ""
    card: Literal["terminal", "sandbox"] = "terminal"
    scan_prefix: str = ""
    scan_suffix: str = ""
    lock_after: int = 10


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings: `POSCONSOLE_CONFIG` or the user's `config.toml`, then the environment over it.

    Raises `InvalidInput`, its field the key, for an unknown key in the file or a value that can't be one.
    """
    environ = os.environ if environ is None else environ
    given = _file(environ.get(PREFIX + "CONFIG"))
    values: dict[str, object] = {}
    for field in fields(Settings):
        variable = PREFIX + field.name.upper()
        if environ.get(variable):
            values[field.name] = _worded(environ[variable], field.default, variable, field.name)
        elif field.name in given:
            values[field.name] = _typed(given[field.name], field.default, field.name)
    if values.get("card", "terminal") not in ("terminal", "sandbox"):
        raise InvalidInput("card has to be terminal or sandbox", field="card")
    settings = Settings(**values)  # type: ignore[arg-type]  # checked field by field above
    if settings.smallest_coin < 1:
        raise InvalidInput("smallest_coin has to be 1 minor unit or more", field="smallest_coin")
    return settings


def default_database_url() -> str:
    """Return the address of the database in the user's data folder, and make sure that the folder is there."""
    from platformdirs import user_data_path

    folder = user_data_path("posconsole", appauthor=False)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"can't make {folder}: {error.strerror}; say --database", field="database_url") from None
    return f"sqlite:///{folder / 'shop.db'}"


def machine_timezone(environ: Mapping[str, str] | None = None) -> str:
    """Return the IANA name of the zone that this machine's clock shows, or UTC when it can't be told."""
    from zoneinfo import ZoneInfo

    named = (os.environ if environ is None else environ).get("TZ", "").lstrip(":")
    _, _, linked = os.path.realpath("/etc/localtime").partition("zoneinfo/")
    for name in filter(None, (named, linked)):
        with suppress(KeyError, ValueError, OSError):
            return ZoneInfo(name).key
    return "UTC"


def _file(chosen: str | None) -> Mapping[str, object]:
    if not chosen:
        from platformdirs import user_config_path

        usual = user_config_path("posconsole", appauthor=False) / "config.toml"
        if not usual.is_file():
            return {}
    import tomllib

    path = Path(chosen) if chosen else usual
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}", field="config") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is not TOML: {error}", field="config") from None
    known = {field.name for field in fields(Settings)}
    for key in given:
        if key not in known:
            raise InvalidInput(f"{path}: {key!r} is not a setting; there are {', '.join(sorted(known))}", field=key)
    return given


def _typed(value: object, default: object, name: str) -> object:
    if type(value) is not type(default):
        kind = {bool: "true or false", int: "a whole number", str: "a text in quotes"}[type(default)]
        raise InvalidInput(f"{name} has to be {kind}, not {value!r}", field=name)
    return value


def _worded(text: str, default: object, variable: str, name: str) -> object:
    if isinstance(default, bool):
        if text.lower() not in _WORDS:
            raise InvalidInput(f"{variable} has to be true or false, not {text!r}", field=name)
        return _WORDS[text.lower()]
    if isinstance(default, int):
        if not (text.isascii() and text.isdigit()):
            raise InvalidInput(f"{variable} has to be a whole number, not {text!r}", field=name)
        return int(text)
    return text
