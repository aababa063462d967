"""Lists and searches: a page at a time, and how many there are in all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import and_, case, func, select, true

from posconsole.engine.arguments import text, whole
from posconsole.engine.views import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Table

    from posconsole.engine.context import Context
    from posconsole.engine.database import Transaction

T = TypeVar("T")
MOST = 100


def page(
    context: Context,
    table: Table,
    conditions: Sequence[ColumnElement[bool]],
    order: Sequence[Any],
    show: Callable[[Any], T],
    *,
    limit: int = 10,
    offset: int = 0,
) -> Page[T]:
    """Return a page of a table's rows under all `conditions`. `limit` is 1 to 100; `next` is the next offset."""
    whole(limit, "limit", 1, MOST)
    whole(offset, "offset")

    def work(transaction: Transaction) -> Page[T]:
        chosen = select(table).where(*conditions).order_by(*order).limit(limit).offset(offset)
        total = transaction.query(select(func.count().label("rows")).select_from(table).where(*conditions))[0].rows
        data = tuple(show(row) for row in transaction.query(chosen))
        more = offset + len(data) < total
        return Page(data, more, total, str(offset + len(data)) if more else None)

    return context.read(work)


def folded(*texts: str | None) -> str:
    """Return what a search goes over: the texts without their case."""
    return " ".join(one for one in texts if one).casefold()


def contains(column: Any, wanted: str) -> ColumnElement[bool]:
    """Return the condition that a folded search column contains every word of `wanted`, taken literally."""
    text(wanted, "text")
    words = "".join(character if character.isprintable() else " " for character in wanted.casefold()).split()
    return and_(true(), *(column.contains(word, autoescape=True) for word in words))


def begins(column: Any, text: str) -> ColumnElement[int]:
    """Return 1 where a folded search column begins with `text`, else 0: such names come first."""
    return case((column.startswith(text.casefold().strip(), autoescape=True), 1), else_=0)
