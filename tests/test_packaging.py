"""What the repository promises a stranger: its commands, its tables, and nothing in it of our own machines."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from posconsole.config import Settings
from posconsole.engine.quoting.reasons import REASONS
from posconsole.errors import CODES, PosError
from posconsole.tui.keys import BY_NAME, CHECKOUT

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFUSALS = {PosError.__name__, *(kind.__name__ for kind in PosError.__subclasses__())}
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


def test_a_wheel_brings_its_fonts_and_artworks_along(tmp_path: Path) -> None:
    """Drawn from nothing but the unpacked wheel, as it would be where that is installed."""
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "installed")
    draw = (
        "from posconsole.printing.artwork import artwork, names; from posconsole.printing.assets import assets;"
        "from posconsole.printing.typeface import STYLES, metrics;"
        "[metrics(font) for fonts in STYLES.values() for font in fonts];"
        "print(assets(), *[name for name in names() if artwork(name)])"
    )
    ran = subprocess.run([sys.executable, "-c", draw], cwd=tmp_path / "installed", capture_output=True, check=True)
    assert ran.stdout.decode().split() == [str(tmp_path / "installed/posconsole/assets"), "card", "label", "strip"]


def test_no_file_names_a_registry_or_a_machine() -> None:
    hosts = re.compile(r"https?://(?!github\.com/)[\w.-]*(?:pypi|pythonhosted|simple|index)[\w.-]*|/home/\w|/root/")
    found = [
        f"{path}: {hit[0]}"
        for path in tracked()
        if path.suffix not in (".svg", ".png", ".ttf") and path != Path("tests/test_packaging.py")
        for hit in hosts.finditer((ROOT / path).read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_readme_has_one_line_for_the_demo_and_one_for_the_tests() -> None:
    commands = [line for line in README.splitlines() if line.startswith("python3 ")]
    assert [line.rsplit("&& ", 1)[1] for line in commands] == [
        ".venv/bin/posconsole demo",
        ".venv/bin/pytest -n 3 --dist worksteal",
    ]


def test_the_readme_lists_every_key() -> None:
    shown = {key.display.replace("^", "Ctrl+"): "More" if key.name == "more" else key.label for key in CHECKOUT}
    missing = [key for key, label in shown.items() if f"\n| `{key}` | {label}" not in README]
    assert missing == []


def test_the_readme_names_every_key_that_can_be_another() -> None:
    _, _, rest = README.partition("| where | names |\n")
    assert set(re.findall(r"`([a-z_]+)`", rest.partition("\n\n")[0])) == BY_NAME.keys()


def test_the_readme_lists_every_setting() -> None:
    missing = [name for name in Settings.model_fields if f"`{name}`" not in README]
    assert missing == []


def refusals() -> str:
    """Return the README's table of codes as the code has it."""
    rows = [(code, ", ".join(f"`{field}`" for field in it.fields), it.means) for code, it in CODES.items()]
    words = {"code": "The code", "name": "", "date": "its date", "missing": "so much"}
    rows += [(code, "`codes`", sentence.format(**words)) for code, sentence in REASONS.items()]
    return "".join(f"| `{code}` | {fields} | {means} |\n" for code, fields, means in rows)


def test_the_readme_lists_every_refusal() -> None:
    _, _, rest = README.partition("| code | field | means |\n| --- | --- | --- |\n")
    assert rest.partition("\n\n")[0] + "\n" == refusals()


def test_every_refusal_in_the_code_is_in_the_table_and_the_other_way_round() -> None:
    used: set[tuple[str, str | None]] = set()
    for path in (ROOT / "posconsole").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            used |= coded(node)
    raised = {code for code, _ in used} - {"error"}
    assert sorted(raised - REASONS.keys()) == sorted(CODES.keys() - REASONS.keys())
    listed = {(code, field) for code, it in CODES.items() for field in it.fields}
    told = {(code, field) for code, field in used if field and code in CODES and CODES[code].fields}
    assert told <= listed


def coded(node: ast.AST) -> set[tuple[str, str | None]]:
    """Return the stable code, and the field, that a raised refusal or the class of one carries."""
    if isinstance(node, ast.ClassDef):
        assigned = [it for it in node.body if isinstance(it, ast.Assign) and ast.unparse(it.targets[0]) == "code"]
        return {(str(it.value.value), None) for it in assigned if isinstance(it.value, ast.Constant)}
    if isinstance(node, ast.Call) and ast.unparse(node.func) in REFUSALS:
        given = {it.arg: str(it.value.value) for it in node.keywords if isinstance(it.value, ast.Constant)}
        return {(given["code"], given.get("field"))} if "code" in given else set()
    return set()


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
