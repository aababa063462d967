"""What the repository promises a stranger: its commands, its tables, and nothing in it of our own machines."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from posconsole.config import Settings
from posconsole.tui.keys import CHECKOUT

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ALLOWED = {"pyproject.toml", "posconsole", "tests", "assets", "README.md"}


def tracked() -> list[Path]:
    """Return the files in git, or skip where the tests run from something else than a checkout."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [Path(name) for name in listed.stdout.splitlines()]


def test_the_top_level_holds_only_what_was_agreed() -> None:
    top = {path.parts[0] for path in tracked()}
    assert {name for name in top if not name.startswith(".")} <= ALLOWED


def test_no_file_names_a_registry_or_a_machine() -> None:
    hosts = re.compile(r"https?://(?!github\.com/)[\w.-]*(?:pypi|pythonhosted|simple|index)[\w.-]*|/home/\w|/root/")
    found = [
        f"{path}: {hit[0]}"
        for path in tracked()
        if path.suffix != ".svg" and path != Path("tests/test_packaging.py")
        for hit in hosts.finditer((ROOT / path).read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_readme_has_one_line_for_the_demo_and_one_for_the_tests() -> None:
    commands = [line for line in README.splitlines() if line.startswith("python3 ")]
    assert [line.rsplit("&& ", 1)[1] for line in commands] == [
        ".venv/bin/posconsole demo",
        ".venv/bin/pytest -n 2",
    ]


def test_the_readme_lists_every_key() -> None:
    shown = {key.display.replace("^", "Ctrl+"): "More" if key.id == "more" else key.label for key in CHECKOUT}
    missing = [key for key, label in shown.items() if f"\n| `{key}` | {label}" not in README]
    assert missing == []


def test_the_readme_lists_every_setting() -> None:
    missing = [field.name for field in fields(Settings) if f"`{field.name}`" not in README]
    assert missing == []


def test_every_picture_of_the_readme_is_there() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    assert pictures
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []


def test_the_way_to_the_screen_imports_nothing_heavy() -> None:
    heavy = "typer sqlmodel sqlalchemy pydantic alembic babel"
    probe = (
        "import sys, posconsole.cli.opening, posconsole.demo, posconsole.tui.app;"
        f"print(sorted(set('{heavy}'.split()) & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", probe], text=True).strip() == "[]"
