"""Minting a batch's codes, a part at a time: each part is one transaction, or nothing of it is there.

What a part needs is made ready before its transaction, which a till may be waiting for. The batch's counter is moved
from where it was read: of several that mint one batch, or one after a crash, just one writes each part.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Integer,
    bindparam,
    case,
    cast,
    exists,
    insert,
    literal_column,
    select,
    update,
)

from posconsole.codes import mint_many
from posconsole.engine.codes import couponterms, issuing
from posconsole.engine.db.database import rows_of, values
from posconsole.engine.journal import bookings
from posconsole.engine.journal.events import digest
from posconsole.engine.journal.ledger import Entry
from posconsole.engine.sale.salerows import new_voucher
from posconsole.models import Batch, Coupon, Voucher, table
from posconsole.models.shop import OFFICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Executable, Table

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.sale.salerows import Fields

PART = 1_000
"""Codes of one transaction: a till that comes in between waits some hundredths of a second."""
_OWN = ("id", "code", "code_key", "batch_no")
"""The columns in which the codes of a batch differ."""

_BATCH = table(Batch)
_IS = _BATCH.c.id == bindparam("batch")
_READ = select(_BATCH).where(_IS)
_UPTO: BindParameter[int] = bindparam("upto", type_=Integer)
_NOW: BindParameter[int] = bindparam("now", type_=BigInteger)
_WHOLE = _BATCH.c.count == _UPTO
_ADVANCE = (
    update(_BATCH)
    .where(_IS, _BATCH.c.status == "running", _BATCH.c.minted == bindparam("was"))
    .values(
        minted=_UPTO,
        status=case((_WHOLE, literal_column("'completed'")), else_=_BATCH.c.status),
        finished_at=case((_WHOLE, _NOW)),
    )
)


def _inserting(target: Table) -> Executable:
    """Return the statement that inserts the rows of a part; those whose code is taken stay out."""
    item = rows_of(bindparam("rows"), len(_OWN))
    own = dict(zip(_OWN, item, strict=True))
    columns: dict[str, Any] = {
        column.name: cast(own[column.name], column.type)
        if column.name in own
        else cast(bindparam(f"new_{column.name}", type_=column.type), column.type)
        for column in target.columns
    }
    taken = target.alias("taken")
    free = ~exists().where(taken.c.code_key == own["code_key"])
    return insert(target).from_select(list(columns), select(*columns.values()).where(free), include_defaults=False)


def _new_voucher(template: Fields, now: int) -> Fields:
    return new_voucher("", template["currency"], template["initial_value"], now, active=True) | template


def _new_coupon(template: Fields, now: int) -> Fields:
    return couponterms.new_coupon("", template, now)


@dataclass(frozen=True, slots=True)
class Kind:
    """What there can be a batch of: its table, how its ids begin, its terms, its statement, and a row's columns."""

    table: Table
    prefix: str
    terms: Sequence[str]
    insertion: Executable
    row: Callable[[Fields, int], Fields]


KINDS = {
    "voucher": Kind(table(Voucher), "vch", issuing.TERMS, _inserting(table(Voucher)), _new_voucher),
    "coupon": Kind(table(Coupon), "cpn", couponterms.TERMS, _inserting(table(Coupon)), _new_coupon),
}


class _Taken(Exception):
    """One of the new codes exists: none of the part may be written."""


@dataclass(frozen=True, slots=True)
class _Part:
    """The codes from number `first` to `last`, ready to be written."""

    batch: Row
    template: Fields
    first: int
    last: int
    rows: str
    entries: list[Entry]
    digest: str


def mint_part(context: Context, batch: str) -> bool:
    """Mint the next part of a batch, unless it is done or canceled; say whether there may be more to do."""
    row: Row = context.read(lambda transaction: transaction.all(_READ, batch=batch)[0])
    if row.status != "running":
        return False
    part = _ready(context, row)
    try:
        context.write(lambda unit: _write(unit, part), till=OFFICE)
    except _Taken:
        return True
    return bool(part.last < row.count)


def _ready(context: Context, batch: Row) -> _Part:
    kind, template = KINDS[batch.kind], json.loads(batch.template)
    first, last = batch.minted + 1, min(batch.minted + PART, batch.count)
    codes = list(mint_many(batch.prefix, last - first + 1).items())
    # Ids in a row keep the database's indexes together.
    stem = f"{kind.prefix}_{batch.id.partition('_')[2]}"
    rows = [(f"{stem}{no:07}", code, key, no) for no, (key, code) in enumerate(codes, start=first)]
    common = kind.row(template, 0) | {"batch_id": batch.id}
    return _Part(
        batch,
        template,
        first,
        last,
        # In the order of the codes, which came in no order: their index takes them in faster.
        values(sorted(rows, key=lambda row: row[2])),
        _booked(batch, template, [row[0] for row in rows]),
        digest(context.key, _proven(kind.terms, common, rows)),
    )


def _proven(terms: Sequence[str], common: Fields, rows: Iterable[tuple[object, ...]]) -> Iterator[list[object]]:
    """Give the terms of each row: those that all have in common, with its own in their places."""
    shared = [common[name] for name in terms]
    places = [(terms.index(name), own) for own, name in enumerate(_OWN) if name in terms]
    for row in rows:
        whole = shared.copy()
        for place, own in places:
            whole[place] = row[own]
        yield whole


def _booked(batch: Row, template: Fields, ids: list[str]) -> list[Entry]:
    if batch.kind != "voucher":
        return []
    value, currency = template["initial_value"], template["currency"]
    given = Entry(bookings.GIVEN[template["kind"]], "issue", -value * len(ids), None, currency)
    return [*(Entry("voucher", "issue", value, voucher, currency) for voucher in ids), given]


def _write(unit: Unit, part: _Part) -> None:
    batch, kind = part.batch, KINDS[part.batch.kind]
    position = {"was": batch.minted, "upto": part.last}
    if unit.transaction.change(_ADVANCE, batch=batch.id, now=unit.now, **position) != 1:
        return
    common = kind.row(part.template, unit.now) | {"batch_id": batch.id}
    given = {f"new_{name}": value for name, value in common.items() if name not in _OWN}
    if unit.transaction.change(kind.insertion, rows=part.rows, **given) != part.last - batch.minted:
        raise _Taken
    posted = unit.post(batch.id, part.entries)
    told = unit.booked(posted) if posted else {}
    unit.journal.record("batch.minted", batch.id, first=part.first, last=part.last, rows=part.digest, **told)
    if part.last == batch.count:
        for event in ("batch.completed", "coupon.batch.completed"):
            unit.journal.record(event, batch.id, codes=batch.kind, prefix=batch.prefix, count=batch.count)
