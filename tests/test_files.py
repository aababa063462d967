"""A file of codes is its owner's, whole or not there, and nobody's file is lost to it."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from posconsole.errors import NotAllowed, StorageError
from posconsole.files import Draft, write

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_its_owners_and_replaces_none_unasked(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    write(path, b"one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(NotAllowed, match="exists"):
        write(path, b"two")
    assert path.read_bytes() == b"one"
    write(path, b"three", replace=True)
    assert path.read_bytes() == b"three"
    assert list(tmp_path.iterdir()) == [path]


def test_a_draft_is_continued_by_one_program_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    first = Draft(path)
    first.file.write(b"half")
    with pytest.raises(NotAllowed, match="being written"):
        Draft(path)
    first.close()
    second = Draft(path)
    assert second.file.read() == b"half"
    second.finish()
    assert path.read_bytes() == b"half"


def test_a_kill_at_any_moment_leaves_no_half_of_a_file_under_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file has both names for a moment: what comes after doesn't write in it."""
    path = tmp_path / "codes.csv"
    draft = Draft(path)
    draft.file.write(b"whole")
    with monkeypatch.context() as killed:
        killed.setattr(type(path), "unlink", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            draft.finish()
    assert path.read_bytes() == b"whole"
    draft.file.close()
    following = Draft(path, replace=True)
    following.file.write(b"ha")
    following.file.flush()
    assert path.read_bytes() == b"whole"


def test_where_a_file_can_have_one_name_only_it_gets_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.link", Mock(side_effect=PermissionError))
    test_a_file_is_its_owners_and_replaces_none_unasked(tmp_path)


def test_a_file_that_appeared_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    draft = Draft(path)
    path.write_bytes(b"somebody's")
    with pytest.raises(NotAllowed, match="exists"):
        draft.finish()
    assert path.read_bytes() == b"somebody's"


def test_a_disk_that_refuses_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="can't be written"):
        write(tmp_path / "file" / "codes.csv", b"")
