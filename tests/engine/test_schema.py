"""The schema: what the migrations build is what the models say, and an upgrade keeps the old file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.resources import files
from shutil import copytree
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from posconsole.engine import schema
from posconsole.engine.database import Database
from posconsole.engine.schema import upgrade
from posconsole.errors import StorageError
from posconsole.models import metadata
from tests.engine.shop import BASKET, open_shop

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("product", sa.Column("shelf", sa.String(), nullable=True))
    {rest}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Database:
    """Give a database with a sale in it, nobody using it."""
    store = open_shop(tmp_path)
    store.payments.create(items=BASKET)
    store.close()
    return Database(f"sqlite:///{tmp_path / 'shop.db'}")


def scripts(folder: Path, rest: str = "") -> str:
    """Return a history that goes on after this one."""
    copytree(str(files("posconsole.migrations")), folder / "history")
    (folder / "history" / "versions" / "next.py").write_text(NEXT.format(rest=rest))
    return str(folder / "history")


def columns(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[1] for row in connection.execute("PRAGMA table_info(product)")}


def test_the_migrations_build_what_the_models_say(shop: Database) -> None:
    with shop.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_upgrade_keeps_the_old_file_whole_and_private(shop: Database, tmp_path: Path) -> None:
    upgrade(shop, "next", scripts(tmp_path))
    kept = tmp_path / "shop.db.schema-0001"
    assert "shelf" in columns(shop.path)
    assert "shelf" not in columns(kept)
    assert kept.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM payment").fetchone() == (1,)


def test_of_two_programs_that_upgrade_the_slower_one_leaves_the_old_file_alone(
    shop: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history, copy = scripts(tmp_path), schema._copy

    def too_late(connection: Connection, path: Path) -> None:
        monkeypatch.undo()
        upgrade(Database(shop.url), "next", history)
        copy(connection, path)

    monkeypatch.setattr(schema, "_copy", too_late)
    upgrade(shop, "next", history)
    assert "shelf" in columns(shop.path)
    assert "shelf" not in columns(tmp_path / "shop.db.schema-0001")
    assert not list(tmp_path.glob("*.draft-*"))


def test_an_upgrade_that_fails_leaves_the_old_schema(shop: Database, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        upgrade(shop, "next", scripts(tmp_path, rest="1 / 0"))
    assert "shelf" not in columns(shop.path)
    open_shop(tmp_path).close()


def test_a_database_of_a_newer_program_is_not_touched(shop: Database, tmp_path: Path) -> None:
    upgrade(shop, "next", scripts(tmp_path))
    with pytest.raises(StorageError, match="newer posconsole"):
        open_shop(tmp_path)
