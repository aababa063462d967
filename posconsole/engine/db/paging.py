"""Reading whole tables in a bounded memory: a page at a time, in the order of a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, and_, bindparam, select

from posconsole.models import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Select
    from sqlmodel import SQLModel

    from posconsole.engine.db.database import Transaction
    from posconsole.engine.sale.salerows import Fields

PAGE = 1_000
MOST: BindParameter[int] = bindparam("most")
"""The parameter of a statement that reads a page: how many rows are on it."""


def page_of(model: type[SQLModel], *conditions: ColumnElement[bool], by: str = "id") -> Select[Any]:
    """Return the statement that reads the next page of a table, `after` a key."""
    source = table(model)
    return select(source).where(source.c[by] > bindparam("after"), *conditions).order_by(source.c[by]).limit(MOST)


def within(column: Any) -> ColumnElement[bool]:
    """Return the condition that a column is on a page: from its first key to its last one."""
    return and_(column >= bindparam("first"), column <= bindparam("last"))


def pages(transaction: Transaction, statement: Select[Any], by: str = "id") -> Iterator[tuple[list[Fields], Fields]]:
    """Give page after page: its rows, and the parameters of `within` that are on it."""
    after = ""
    while rows := transaction.all(statement, after=after, most=PAGE):
        first, after = getattr(rows[0], by), getattr(rows[-1], by)
        yield [row._asdict() for row in rows], {"first": first, "last": after}


def each(transaction: Transaction, statement: Select[Any], by: str = "id") -> Iterator[Fields]:
    """Give row after row."""
    for rows, _ in pages(transaction, statement, by):
        yield from rows
