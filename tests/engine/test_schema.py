"""The schema: what the migrations build is what the models say, and an upgrade keeps the old file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from shutil import copytree
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from posconsole.engine.db import schema
from posconsole.engine.db.database import Database
from posconsole.engine.db.schema import upgrade
from posconsole.errors import StorageError
from posconsole.models import metadata
from tests.engine.shop import BASKET, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("product", sa.Column("shelf", sa.String(), nullable=True))
    {rest}
"""


@pytest.fixture
def shop(url: str) -> Iterator[Database]:
    """Give a database with a sale in it, nobody using it."""
    store = open_shop(url)
    store.payments.create(items=BASKET)
    store.close()
    database = Database(url)
    yield database
    database.close()


def scripts(folder: Path, rest: str = "") -> str:
    """Return a history that goes on after this one."""
    copytree(str(files("posconsole.migrations")), folder / "history")
    (folder / "history" / "versions" / "next.py").write_text(NEXT.format(rest=rest))
    return str(folder / "history")


def columns(shop: Database | Path) -> set[str]:
    database = shop if isinstance(shop, Database) else Database(f"sqlite:///{shop}")
    return {column["name"] for column in inspect(database.engine).get_columns("product")}


def test_the_migrations_build_what_the_models_say(shop: Database) -> None:
    with shop.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_upgrade_keeps_what_was_there(shop: Database, tmp_path: Path) -> None:
    upgrade(shop, "next", scripts(tmp_path))
    assert "shelf" in columns(shop)
    with shop.engine.connect() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM payment")).scalar() == 1


def test_of_two_programs_that_upgrade_at_once_one_does(shop: Database, tmp_path: Path) -> None:
    history = scripts(tmp_path)
    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(upgrade, Database(shop.url), "next", history) for _ in range(2)]
        for one in both:
            one.result()
    assert "shelf" in columns(shop)


def test_an_upgrade_that_fails_leaves_the_old_schema(shop: Database, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        upgrade(shop, "next", scripts(tmp_path, rest="1 / 0"))
    assert "shelf" not in columns(shop)
    open_shop(shop.url).close()


def test_a_database_of_a_newer_program_is_not_touched(shop: Database, tmp_path: Path) -> None:
    upgrade(shop, "next", scripts(tmp_path))
    with pytest.raises(StorageError, match="newer posconsole"):
        open_shop(shop.url)


def test_a_shop_of_a_trial_version_is_not_touched(shop: Database) -> None:
    with shop.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(StorageError, match="trial version"):
        open_shop(shop.url)


# -- only a file is copied ----------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Database:
    open_shop(tmp_path).close()
    return Database(f"sqlite:///{tmp_path / 'shop.db'}")


def test_an_upgrade_keeps_the_old_file_whole_and_private(file: Database, tmp_path: Path) -> None:
    upgrade(file, "next", scripts(tmp_path))
    kept = tmp_path / "shop.db.schema-0002"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "shelf" not in columns(kept)


def test_of_two_programs_that_upgrade_the_slower_one_leaves_the_old_file_alone(
    file: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history, copy = scripts(tmp_path), schema._copy

    def too_late(connection: Connection, path: Path) -> None:
        monkeypatch.undo()
        upgrade(Database(file.url), "next", history)
        copy(connection, path)

    monkeypatch.setattr(schema, "_copy", too_late)
    upgrade(file, "next", history)
    assert "shelf" in columns(file)
    assert "shelf" not in columns(tmp_path / "shop.db.schema-0002")
    assert not list(tmp_path.glob("*.draft-*"))
