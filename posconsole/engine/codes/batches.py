"""The verbs of batches: many codes from one template, minted beside the selling."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from posconsole.clock import local
from posconsole.codes import identifier, prefix_of
from posconsole.engine import listing
from posconsole.engine.arguments import text, whole
from posconsole.engine.codes import campaigns, codebook, couponterms, issuing, minting
from posconsole.engine.context import Request
from posconsole.engine.figures import spreadsheets
from posconsole.engine.journal.events import canonical
from posconsole.engine.staff.access import needs
from posconsole.engine.views import BatchCode, BatchView, Page
from posconsole.errors import InvalidInput, NotAllowed, NotFound
from posconsole.models import Batch, Coupon, Voucher, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Table

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.sale.salerows import Fields
    from posconsole.engine.views import ShopView
    from posconsole.money import Currency

LARGEST = 1_000_000
AT_ONCE = 1_000
"""So many codes are there when the call returns; more are minted beside it."""
PAGE = 1_000
STATUSES = ("running", "completed", "canceled")
TERMS = "id kind prefix count template campaign_id operator created_at".split()
"""What the event that makes a batch vouches for."""

_BATCH = table(Batch)
_GET = select(_BATCH).where(_BATCH.c.id == bindparam("batch"))
_RUNNING = select(_BATCH).where(_BATCH.c.status == "running").order_by(_BATCH.c.created_at, _BATCH.c.id)
_CANCEL = (
    update(_BATCH)
    .where(_BATCH.c.id == bindparam("batch"), _BATCH.c.status == "running")
    .values(status="canceled", finished_at=bindparam("now"))
)


def _page_of(source: Table) -> Any:
    return (
        select(source)
        .where(source.c.batch_id == bindparam("batch"), source.c.batch_no > bindparam("after"))
        .order_by(source.c.batch_no)
        .limit(PAGE)
    )


_PAGES = {"voucher": _page_of(table(Voucher)), "coupon": _page_of(table(Coupon))}


def create(
    context: Context, kind: str, *, count: int, prefix: str, terms: Mapping[str, Any], idempotency_key: str | None
) -> BatchView:
    """Make a batch of vouchers or coupons with these terms and begin to mint it; with the same key it is one batch.

    Up to `AT_ONCE` codes are there on return, more are minted in a thread of this process.
    """
    whole(count, "count", 1, LARGEST)
    series = prefix_of(text(prefix, "prefix"))
    template = _READERS[kind](terms, context.shop)
    request = Request.of("batch", idempotency_key, of=kind, count=count, prefix=series, template=template)
    row: Fields = {
        "id": identifier("bat"),
        "kind": kind,
        "prefix": series,
        "count": count,
        "minted": 0,
        "template": canonical(template),
        "status": "running",
        "campaign_id": template["campaign_id"],
        "operator": context.operator,
        "finished_at": None,
    }

    def work(unit: Unit) -> str:
        earlier = unit.once(request, row["id"])
        if earlier is None:
            _insert(unit, row | {"created_at": unit.now}, template)
        return earlier or str(row["id"])

    return _carry_on(context, context.write(work))


class Batches:
    """What can be done with batches. They are made where their codes belong: `vouchers` and `coupons`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("batches.get")
    def get(self, batch: str) -> BatchView:
        """Return a batch and how far it is."""
        return _show(_read(self._context, batch))

    @needs("batches.get")
    def list(
        self,
        *,
        status: str | None = None,
        kind: str | None = None,
        matching: str | None = None,
        limit: int = 10,
        offset: int = 0,
        starting_after: str | None = None,
    ) -> Page[BatchView]:
        """Return batches, newest first: of a status, of vouchers or coupons, by their codes' beginning."""
        if status is not None and status not in STATUSES:
            raise InvalidInput(f"A batch is {', '.join(STATUSES)}", field="status")
        conditions = [] if status is None else [_BATCH.c.status == status]
        if kind is not None:
            conditions.append(_BATCH.c.kind == text(kind, "kind"))
        conditions += listing.mentions(matching, _BATCH.c.prefix)
        page = {"limit": limit, "offset": offset}
        return listing.newest(self._context, _BATCH, _BATCH, conditions, _show, starting_after=starting_after, **page)

    @needs("batches.codes")
    def codes(self, batch: str, after: int = 0) -> Iterator[BatchCode]:
        """Give the codes that are minted, whole and by their numbers, beginning after one.

        They stream: a page is read at a time, and a batch that runs gives what it has.
        """
        return self._stream(_read(self._context, batch), whole(after, "after"))

    @needs("batches.codes")
    def csv(self, batch: str, file: IO[str]) -> int:
        """Write the codes that are minted to a text file, opened with `newline=""`; return how many."""
        zone = self._context.shop.timezone
        rows = (
            (str(one.number), one.code, one.name, "" if one.until is None else local(one.until, zone).isoformat())
            for one in self.codes(batch)
        )
        return spreadsheets.write(file, ("number", "code", "name", "valid_until"), rows)

    @needs("batches.cancel")
    def cancel(self, batch: str, *, idempotency_key: str | None = None) -> BatchView:
        """Mint no more of a batch. The codes that are minted stay what they are: some may be in people's hands."""
        found = _read(self._context, batch)
        request = Request.of("batch.cancel", idempotency_key, batch=found.id)

        def work(unit: Unit) -> None:
            if unit.once(request, found.id) is not None:
                return
            if unit.transaction.change(_CANCEL, batch=found.id, now=unit.now) != 1:
                raise NotAllowed("This batch is not being minted any more", field="batch")
            now: Row = unit.transaction.all(_GET, batch=found.id)[0]
            unit.journal.record("batch.canceled", found.id, minted=now.minted)

        self._context.write(work)
        return self.get(found.id)

    @needs("batches.resume")
    def resume(self) -> tuple[BatchView, ...]:
        """Carry on with every batch that a crash, or the end of a program, left half done; harmless beside others."""
        running = self._context.read(lambda transaction: transaction.all(_RUNNING))
        return tuple(_carry_on(self._context, row.id) for row in running)

    @needs("batches.get")
    def wait(self, batch: str) -> BatchView:
        """Wait until this process has ended minting a batch, which it may have left to others; return how far it is."""
        self._context.background.wait(_read(self._context, batch).id)
        return self.get(batch)

    def _stream(self, batch: Row, after: int) -> Iterator[BatchCode]:
        name = _NAMES[batch.kind]
        while rows := _page(self._context, batch, after):
            for row in rows:
                yield BatchCode(row.batch_no, row.code, *name(row, self._context.shop))
            after = rows[-1].batch_no


def _insert(unit: Unit, row: Fields, template: Fields) -> None:
    codebook.reserve_series(unit, row["prefix"], row["kind"])
    if row["kind"] == "coupon":
        couponterms.check_targets(unit.transaction, template)
    else:
        campaigns.check(unit.transaction, row["campaign_id"])
    unit.transaction.insert(_BATCH, [row])
    unit.journal.record(
        "batch.created",
        row["id"],
        codes=row["kind"],
        prefix=row["prefix"],
        count=row["count"],
        rows=unit.digest([[row[name] for name in TERMS]]),
    )


def _carry_on(context: Context, batch: str) -> BatchView:
    """Mint what is left of a batch: a little here and now, more beside."""
    row, step = _read(context, batch), partial(minting.mint_part, context, batch)
    if row.status == "running" and row.count - row.minted > AT_ONCE:
        context.background.start(batch, step)
    else:
        while step():
            pass
    return _show(_read(context, batch))


def _read(context: Context, batch: str) -> Row:
    wanted = text(batch, "batch")
    row = context.read(lambda transaction: transaction.first(_GET, batch=wanted))
    if row is None:
        raise NotFound("There is no such batch", field="batch")
    return row


def _page(context: Context, batch: Row, after: int) -> list[Row]:
    statement = _PAGES[batch.kind]
    return context.read(lambda transaction: transaction.all(statement, batch=batch.id, after=after))


def _show(row: Row) -> BatchView:
    return BatchView(
        id=row.id,
        kind=row.kind,
        prefix=row.prefix,
        count=row.count,
        minted=row.minted,
        status=row.status,
        campaign=row.campaign_id,
        created=row.created_at,
        finished=row.finished_at,
    )


def _of_voucher(row: Row, shop: ShopView) -> tuple[str, int | None]:
    return _worth(row.kind, row.initial_value, shop.currency, shop.locale), row.expires_at


# All of a batch are worth the same: once written it holds for a million.
@lru_cache
def _worth(kind: str, value: int, currency: Currency, locale: str) -> str:
    return f"{value} points" if kind == "points" else f"{currency.format(value, locale)} {currency.code}"


def _of_coupon(row: Row, _shop: ShopView) -> tuple[str, int | None]:
    return row.name, row.valid_until


_NAMES = {"voucher": _of_voucher, "coupon": _of_coupon}
_READERS: dict[str, Callable[[Mapping[str, Any], ShopView], Fields]] = {
    "voucher": lambda terms, shop: issuing.terms(shop, **terms),
    "coupon": couponterms.read,
}
