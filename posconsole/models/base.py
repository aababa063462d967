"""What every table shares: the metadata with its naming convention, and short cuts for columns."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, MetaData, Table, text
from sqlmodel import SQLModel

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def table(model: type[SQLModel]) -> Table:
    """Return the Core table behind a model, for statements that are built once and cached."""
    return metadata.tables[str(model.__tablename__)]


def where_set(*columns: str, unique: bool = False) -> Index:
    """Return an index of the rows in which the first of these columns, mostly empty, is not."""
    rule = text(f"{columns[0]} IS NOT NULL")
    return Index(None, *columns, unique=unique, sqlite_where=rule, postgresql_where=rule)


def holds(name: str, rule: str) -> CheckConstraint:
    """Return a named CHECK constraint."""
    return CheckConstraint(rule, name=name)
