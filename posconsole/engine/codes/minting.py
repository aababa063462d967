"""Minting a batch's codes, a part at a time: each part is one transaction, or nothing of it is there.

What a part needs is made ready before its transaction, which a till may be waiting for. The batch's counter is moved
from where it was read: of several that mint one batch, or one after a crash, just one writes each part.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, BindParameter, Integer, bindparam, case, cast, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from posconsole.codes import mint_many
from posconsole.engine.codes import couponterms, issuing
from posconsole.engine.db.database import each_of, values
from posconsole.engine.journal import bookings
from posconsole.engine.journal.events import digest
from posconsole.engine.journal.ledger import Entry
from posconsole.engine.sale.salerows import new_voucher
from posconsole.models import Batch, Coupon, Voucher, table
from posconsole.models.shop import OFFICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Executable, Table

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.sale.salerows import Fields

PART = 700
"""Codes of one transaction: a till that comes in between waits about a hundredth of a second."""
LOGGED = 3_000
"""Codes after which the database's log is brought into its file, by whoever mints rather than by a till."""
OWN = ("id", "code", "code_key", "batch_no")
"""The columns in which the codes of a batch differ."""
DIGITS = 7
"""So long is a code's number in its id."""

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
    """Return the statement that inserts the rows of a part; those whose code is taken stay out.

    A row's own columns come as one text: the folded code, of `width` characters, its number, and the code as written.
    """
    row, width = each_of(bindparam("rows")), cast(bindparam("width"), Integer)
    number = func.substr(row, width + 1, DIGITS)
    own = {
        "id": bindparam("stem").concat(number),
        "code": func.substr(row, width + 1 + DIGITS),
        "code_key": func.substr(row, 1, width),
        "batch_no": number,
    }
    columns: dict[str, Any] = {
        column.name: cast(own.get(column.name, bindparam(f"new_{column.name}")), column.type)
        for column in target.columns
    }
    # Without a WHERE, SQLite would read the conflict's ON as that of a join.
    rows = select(*columns.values()).where(literal_column("true"))
    filled = insert(target).from_select(list(columns), rows, include_defaults=False)
    return filled.on_conflict_do_nothing(index_elements=["code_key"])


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
    own: dict[str, object]
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
    if part.last // LOGGED > row.minted // LOGGED:
        context.database.server.lighten()
    return bool(part.last < row.count)


def _ready(context: Context, batch: Row) -> _Part:
    kind, template = KINDS[batch.kind], json.loads(batch.template)
    first, last = batch.minted + 1, min(batch.minted + PART, batch.count)
    codes = mint_many(batch.prefix, last - first + 1)
    # Ids in a row keep the database's indexes together.
    stem = f"{kind.prefix}_{batch.id.partition('_')[2]}"
    numbers = range(first, last + 1)
    ids = [f"{stem}{no:0{DIGITS}}" for no in numbers]
    rows = [f"{key}{no:0{DIGITS}}{code}" for no, (key, code) in zip(numbers, codes.items(), strict=True)]
    common = kind.row(template, 0) | {"batch_id": batch.id}
    terms = vouched(kind.terms, [common], {"id": ids, "code_key": list(codes), "batch_no": numbers})
    # In the order of the codes, which came in no order: their index takes them in faster.
    own: dict[str, object] = {"rows": values(sorted(rows)), "width": len(next(iter(codes))), "stem": stem}
    return _Part(batch, template, first, last, own, _booked(batch, template, ids), digest(context.key, terms))


def vouched(
    terms: Sequence[str], rows: Iterable[Fields], own: Mapping[str, Sequence[object]]
) -> list[Sequence[object]]:
    """Return what the event of a part vouches for: the terms in which its rows are alike, and the lists of their own.

    A row that isn't like the others would add a line.
    """
    alike = {tuple(row[name] for name in terms if name not in OWN) for row in rows}
    return [*alike, *(own[name] for name in terms if name in OWN)]


def _booked(batch: Row, template: Fields, ids: list[str]) -> list[Entry]:
    if batch.kind != "voucher":
        return []
    value, currency = template["initial_value"], template["currency"]
    given = Entry(bookings.GIVEN[template["kind"]], "issue", -value * len(ids), None, currency)
    return [Entry("voucher", "issue", value, None, currency, each=ids), given]


def _write(unit: Unit, part: _Part) -> None:
    batch, kind = part.batch, KINDS[part.batch.kind]
    position = {"was": batch.minted, "upto": part.last}
    if unit.transaction.change(_ADVANCE, batch=batch.id, now=unit.now, **position) != 1:
        return
    common = kind.row(part.template, unit.now) | {"batch_id": batch.id}
    given = {f"new_{name}": value for name, value in common.items() if name not in OWN}
    if unit.transaction.change(kind.insertion, **part.own, **given) != part.last - batch.minted:
        raise _Taken
    posted = unit.post(batch.id, part.entries)
    told = unit.booked(posted) if posted else {}
    unit.journal.record("batch.minted", batch.id, first=part.first, last=part.last, rows=part.digest, **told)
    if part.last == batch.count:
        for event in ("batch.completed", "coupon.batch.completed"):
            unit.journal.record(event, batch.id, codes=batch.kind, prefix=batch.prefix, count=batch.count)
