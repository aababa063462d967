"""Lists and searches: a page at a time, and how many there are in all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Select, and_, case, func, literal_column, or_, select, true

from posconsole.clock import moment
from posconsole.engine.arguments import text, whole
from posconsole.engine.views import Page
from posconsole.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Table

    from posconsole.engine.context import Context
    from posconsole.engine.db.database import Row, Transaction

T = TypeVar("T")
MOST = 100


def page(
    context: Context,
    source: Table | Select[Any],
    conditions: Sequence[ColumnElement[bool]],
    order: Sequence[Any],
    show: Callable[[Any], T],
    *,
    limit: int = 10,
    offset: int = 0,
) -> Page[T]:
    """Return a page of a table's rows under all `conditions`. `limit` is 1 to 100; `next` is the next offset."""
    _check(limit, offset)

    def work(transaction: Transaction) -> Page[T]:
        rows, more, total = _rows(transaction, source, conditions, (), order, limit, offset)
        return Page(tuple(map(show, rows)), more, total, str(offset + len(rows)) if more else None)

    return context.read(work)


def newest(
    context: Context,
    table: Table,
    source: Table | Select[Any],
    conditions: Sequence[ColumnElement[bool]],
    show: Callable[[Any], T],
    *,
    limit: int = 10,
    offset: int = 0,
    starting_after: str | None = None,
) -> Page[T]:
    """Return a page of a table's rows, newest first, after `offset` rows or after the one with an id.

    `source` is the table, or a selection from it with more columns. `next` is the id to start the next page after:
    rows that come in meanwhile neither repeat nor hide one. Raises `NotFound` for a cursor that is no row's id.
    """
    _check(limit, offset)
    order = (table.c.created_at.desc(), table.c.id.desc())

    def work(transaction: Transaction) -> Page[T]:
        older = () if starting_after is None else (_older(transaction, table, text(starting_after, "starting_after")),)
        rows, more, total = _rows(transaction, source, conditions, older, order, limit, offset)
        return Page(tuple(map(show, rows)), more, total, rows[-1].id if more else None)

    return context.read(work)


def _check(limit: int, offset: int) -> None:
    whole(limit, "limit", 1, MOST)
    whole(offset, "offset")


def _older(transaction: Transaction, table: Table, cursor: str) -> ColumnElement[bool]:
    found = transaction.query(select(table.c.created_at).where(table.c.id == cursor))
    if not found:
        raise NotFound("This list has no such entry to start after", field="starting_after")
    at = found[0].created_at
    return or_(table.c.created_at < at, and_(table.c.created_at == at, table.c.id < cursor))


def _rows(
    transaction: Transaction,
    source: Table | Select[Any],
    conditions: Sequence[ColumnElement[bool]],
    older: Sequence[ColumnElement[bool]],
    order: Sequence[Any],
    limit: int,
    offset: int,
) -> tuple[list[Row], bool, int]:
    """Return a page's rows, whether more follow, and how many there are under the conditions alone."""
    chosen = (source if isinstance(source, Select) else select(source)).where(*conditions)
    counted = chosen.with_only_columns(func.count().label("rows"), maintain_column_froms=True)
    total: int = transaction.query(counted)[0].rows
    found = transaction.query(chosen.where(*older).order_by(*order).limit(limit + 1).offset(offset))
    return found[:limit], len(found) > limit, total


def made_between(table: Table, after: object, before: object, zone: str) -> Iterator[ColumnElement[bool]]:
    """Give the conditions that a row was made after one moment and before another; a day counts as a whole."""
    if after is not None:
        yield table.c.created_at > moment(after, zone, "created_after", end=True)
    if before is not None:
        yield table.c.created_at < moment(before, zone, "created_before")


def derived(conditions: Mapping[str, ColumnElement[bool]], otherwise: str) -> ColumnElement[str]:
    """Return a state that follows from others: the first whose condition holds, else `otherwise`."""
    whens: list[Any] = [(condition, literal_column(f"'{state}'")) for state, condition in conditions.items()]
    return case(*whens, else_=literal_column(f"'{otherwise}'"))


def folded(*texts: str | None) -> str:
    """Return what a search goes over: the texts without their case."""
    return " ".join(one for one in texts if one).casefold()


def contains(column: Any, wanted: str) -> ColumnElement[bool]:
    """Return the condition that a folded search column contains every word of `wanted`, taken literally."""
    text(wanted, "text")
    words = "".join(character if character.isprintable() else " " for character in wanted.casefold()).split()
    return and_(true(), *(column.contains(word, autoescape=True) for word in words))


def mentions(wanted: str | None, *columns: Any) -> Iterator[ColumnElement[bool]]:
    """Give the condition that one of the columns has `wanted` in it, taken literally, in whatever case.

    Beyond ASCII it is found as it is written, too: SQLite has no other lower case.
    """
    if wanted is not None and text(wanted, "matching").strip():
        part = wanted.strip()
        yield or_(
            *(column.contains(part, autoescape=True) for column in columns),
            *(func.lower(column).contains(part.lower(), autoescape=True) for column in columns),
        )


def begins(column: Any, text: str) -> ColumnElement[int]:
    """Return 1 where a folded search column begins with `text`, else 0: such names come first."""
    return case((column.startswith(text.casefold().strip(), autoescape=True), 1), else_=0)
