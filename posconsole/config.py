"""Settings: one TOML file, and `POSCONSOLE_…` environment variables over it."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Literal

from platformdirs import user_config_path, user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, TomlConfigSettingsSource

from posconsole.errors import InvalidInput, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_settings import PydanticBaseSettingsSource

PREFIX = "POSCONSOLE_"


class Settings(BaseSettings):
    """How this till is set up. Each field is a key of the file and, in capitals, of the environment.

    What is said of a field stands above it in the file that `posconsole init` writes.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True
    )

    database_url: str = Field(
        default="",
        description="Where the shop is: sqlite:////absolute/path, or a server, postgresql+psycopg://user@host/name.",
    )
    till: str = Field(
        default="1", description="This till's name: 1 to 8 letters and digits, each till of a shop its own."
    )
    operator: str = Field(
        default="Cashier",
        description="Who is at the till, where nobody is asked; where a PIN is asked, who is expected.",
    )
    shop_name: str = Field(
        default="", description="The head of the receipts. Down to smallest_coin: settled when it was made."
    )
    currency: str = Field(default="EUR", description="Three letters.")
    locale: str = Field(default="en", description="How amounts and dates are written: en_GB, de.")
    timezone: str = Field(default="", description="Where days begin: Europe/Berlin. Empty: the machine's zone.")
    prices_include_tax: bool = Field(default=True, description="Whether tax is in the prices, or is added to them.")
    smallest_coin: int = Field(
        default=1, ge=1, description="What cash is rounded to, in minor units: 5 for five cents."
    )
    receipt_head: list[str] = Field(
        default=[],
        max_length=4,
        examples=[["12 Harbour Road", "Tax number 123/456"]],
        description="Below the shop's name on this till's receipts: four lines at most, of 40 characters.",
    )
    card: Literal["terminal", "sandbox"] = Field(
        default="terminal",
        description="terminal: the bank's own device, whose answer you key in; sandbox: the demo's cards.",
    )
    theme: Literal["till", "paper", "contrast"] = Field(
        default="till", description="Colours: till is dark, paper light, contrast black with the strongest there are."
    )
    scan_prefix: str = Field(default="", description="A key that the scanner sends before a code: f20, ctrl+b.")
    scan_suffix: str = Field(default="", description="A key that the scanner sends behind a code.")
    lock_after: int = Field(
        default=10, ge=0, description="Minutes without a key after which the PIN is asked again; 0 means never."
    )
    printer: str = Field(
        default="",
        description="The receipt printer: network://10.0.0.9:9100, serial:/dev/ttyUSB0?baud=19200, usb:04b8:0e15,"
        " file:/dev/usb/lp0. Add ?status=no if it prints but can't answer. Empty: none.",
    )
    paper: int = Field(default=80, ge=58, le=80, description="How wide its paper is, in mm: 58 or 80.")
    printer_profile: str = Field(
        default="default", description="What kind of printer it is, as python-escpos calls it: TM-T88III, POS-5890."
    )
    receipts: Literal["always", "ask", "never"] = Field(
        default="ask",
        description="always: each sale's receipt comes out by itself; ask: when the key is pressed; never: not there.",
    )
    qr_correction: Literal["L", "M", "Q", "H"] = Field(
        default="M", description="How much damage a QR code on paper bears: L little, M, Q, H much, and it is larger."
    )
    artwork: str = Field(
        default="", description="The folder of your own artworks of vouchers. Empty: artwork, beside this file."
    )
    keys: dict[str, str] = Field(
        default={},
        examples=[{"pay": "f9", "do": "f9", "back": "f7"}],
        description="Other keys than the usual ones, f1 to f24 or ctrl+r, by the names that the README lists.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's own signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, place())


def load() -> Settings:
    """Read the settings: `POSCONSOLE_CONFIG` or the user's `config.toml`, then the environment over it.

    Raises `InvalidInput`, its field the key, for an unknown key in the file or a value that can't be one.
    """
    path = place()
    try:
        if os.environ.get(PREFIX + "CONFIG"):
            path.open("rb").close()  # a file that is named has to be there
        return Settings()
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}", field="config") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is not TOML: {error}", field="config") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise InvalidInput(f"{path} or {PREFIX}{name.upper()}: {name}: {first['msg']}", field=name) from None


def place() -> Path:
    """Return where the settings are: what `POSCONSOLE_CONFIG` names, or `config.toml` among the user's own."""
    chosen = os.environ.get(PREFIX + "CONFIG")
    return Path(chosen).expanduser() if chosen else user_config_path("posconsole", appauthor=False) / "config.toml"


def write(values: Mapping[str, object]) -> Path:
    """Write a settings file, each key under what it means and the unchanged ones commented out; return where it is.

    It is its owner's alone: an address may hold a password. `NotAllowed` where there is one already.
    """
    rows = ["# The settings of a posconsole till. POSCONSOLE_… in the environment goes over each of them."]
    # TOML takes everything behind a table's heading for a part of the table.
    for name, field in sorted(Settings.model_fields.items(), key=lambda it: isinstance(it[1].default, dict)):
        rows += ["", *(f"# {row}" for row in wrap(field.description or "", 100))]
        mark = "" if name in values else "# "
        rows += [mark + row for row in _written(name, values.get(name, (field.examples or [field.default])[0]))]
    path = place()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write("\n".join(rows) + "\n")
    except FileExistsError:
        raise NotAllowed(f"{path} is there already. Change it with an editor.", field="config") from None
    except OSError as error:
        raise InvalidInput(f"{path} can't be written: {error.strerror}", field="config") from None
    return path


def _written(name: str, value: object) -> list[str]:
    if isinstance(value, dict):
        return [f"[{name}]", *(f"{key} = {_toml(one)}" for key, one in value.items())]
    return [f"{name} = {_toml(value)}"]


def _toml(value: object) -> str:
    # What JSON calls a string, a number or true is the same in TOML, but for one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def default_database_url() -> str:
    """Return the address of the database in the user's data folder, and make sure that the folder is there."""
    folder = user_data_path("posconsole", appauthor=False)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"can't make {folder}: {error.strerror}; say --database", field="database_url") from None
    return f"sqlite:///{folder / 'shop.db'}"
