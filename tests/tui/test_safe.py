"""Text from people and files drives no terminal, opens no markup, and fits its column."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from rich.cells import cell_len

import posconsole.tui
from posconsole.tui.safe import fit, line, right, safe

TUI = Path(posconsole.tui.__file__).parent


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x7f", "\x9b", "\r", "\t", "\u202e", "\u2066", "\u200f", "\ud800"])
def test_what_drives_or_deceives_a_terminal_is_made_visible(sign: str) -> None:
    assert safe(f"a{sign}b") == "a\ufffdb"


def test_a_newline_stays_and_one_line_has_none() -> None:
    assert safe("a\nb") == "a\nb"
    assert line("a\nb") == "a b"


@pytest.mark.parametrize("text", ["", "Flat white", "コーヒー豆 250 g", "é" * 50, "a\x1b[31mb"])
@pytest.mark.parametrize("width", [1, 7, 20])
def test_a_column_is_as_wide_as_it_says(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == cell_len(right(text, width)) == width


# A `Static` or a toast reads markup unless told not to; `Content.from_markup` and Text.from_markup always do.
BANNED_CALLS = {"from_markup", "render_markup", "Markdown", "Label", "OptionList", "DataTable", "Button"}
MARKUP_CALLS = {"Static", "notify"}


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _faults(source: str) -> list[str]:
    faults = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            plain = any(
                word.arg == "markup" and isinstance(word.value, ast.Constant) and word.value.value is False
                for word in node.keywords
            )
            if _name(node) in BANNED_CALLS or (_name(node) in MARKUP_CALLS and not plain):
                faults.append(f"line {node.lineno}: {_name(node)}")
            # `update` takes markup from a plain string; from Content it takes none.
            if _name(node) == "update" and node.args and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
                faults.append(f"line {node.lineno}: update with a raw string")
        if isinstance(node, ast.Attribute) and node.attr in {"border_title", "border_subtitle", "tooltip"}:
            faults.append(f"line {node.lineno}: {node.attr}")
    return faults


@pytest.mark.parametrize("path", sorted(TUI.rglob("*.py")), ids=lambda path: path.relative_to(TUI).as_posix())
def test_no_screen_reads_markup(path: Path) -> None:
    assert not _faults(path.read_text(encoding="utf-8"))


def test_the_ban_notices_what_it_bans() -> None:
    raw = "Static(name)\nself.notify(name)\nw.update(f'{name}')\nw.border_title = name\nLabel(name, markup=False)"
    assert len(_faults(raw)) == 5
