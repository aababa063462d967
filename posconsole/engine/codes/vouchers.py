"""The verbs of vouchers. Selling and drawing them belong to payments, minting many of them to batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from sqlalchemy import bindparam, case, or_, select

from posconsole.codes import BODY, checks, fold, identifier, mask, mint, prefix_of, seal
from posconsole.engine import listing
from posconsole.engine.arguments import optional, text
from posconsole.engine.club import accounts
from posconsole.engine.codes import batches, guesses, issuing, voucherpins
from posconsole.engine.codes.issuing import TERMS as TERMS
from posconsole.engine.codes.issuing import give as give
from posconsole.engine.codes.issuing import take_out as take_out
from posconsole.engine.context import Request
from posconsole.engine.sale import records, salerows
from posconsole.engine.staff import pins
from posconsole.engine.staff.access import CASHIER, needs
from posconsole.engine.views import LedgerRow, Page, VoucherView
from posconsole.errors import InvalidInput, NotFound
from posconsole.models import LedgerEntry, Voucher, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.views import BatchView, RedemptionView

_VOUCHER, _ENTRY = table(Voucher), table(LedgerEntry)
_BY_ID_OR_CODE = select(_VOUCHER).where(
    or_(_VOUCHER.c.id == bindparam("text"), _VOUCHER.c.code_key == bindparam("key"))
)
_TRANSACTIONS = (
    select(_ENTRY).where(_ENTRY.c.account == "voucher", _ENTRY.c.subject == bindparam("voucher")).order_by(_ENTRY.c.seq)
)
_EXACT: dict[str, ColumnElement[str]] = {
    "kind": _VOUCHER.c.kind,
    "batch": _VOUCHER.c.batch_id,
    "campaign": _VOUCHER.c.campaign_id,
}
STATUSES = ("issued", "active", "spent", "expired", "void")


class Wanted(TypedDict, total=False):
    """Which vouchers are listed: all conditions that are given hold.

    `holder` is any part of the holder's name, `matching` any part of it or, for who may see codes, of the code.
    """

    status: str | None
    kind: str | None
    batch: str | None
    campaign: str | None
    customer: str | None
    holder: str | None
    matching: str | None
    created_after: object
    created_before: object


class Vouchers:
    """What can be done with vouchers."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("vouchers.issue")
    def issue(
        self,
        *,
        prefix: str = "GIFT",
        code: str | None = None,
        holder: str | None = None,
        customer: str | None = None,
        pin: str | None = None,
        idempotency_key: str | None = None,
        **terms: Any,
    ) -> VoucherView:
        """Give a voucher for nothing: credit, or a prize; with the same key it is one voucher.

        `terms` are `value` (minor units, or points), `kind` (money or points), `currency`, `single_use`,
        `expires_at` (a date means the whole day) and `campaign`. Without a `code` a new one is minted; a given one
        has to be a prefix and twelve symbols of which the last is the check symbol. `holder` is any text, `customer`
        a member.

        Raises `InvalidInput`, `NotFound`, or `Conflict` when the code was ever used.
        """
        written = mint(prefix_of(text(prefix, "prefix"))) if code is None else _written(text(code, "code"))
        read = issuing.terms(self._context.shop, **terms)
        key, whose = identifier("vch"), optional(customer, "customer")
        row = {"id": key, "holder": optional(holder, "holder")}
        asked = {"series": prefix if code is None else None, "code": code and fold(code), "customer": whose}
        request = Request.of("voucher", idempotency_key, **asked, **read, **row | {"id": None}, pin=pin is not None)
        row["pin_hash"] = None if pin is None else pins.hashed(pins.checked(pin), self._context.key, key)

        def work(unit: Unit) -> VoucherView:
            earlier = unit.once(request, key)
            if earlier is None:
                member = None if whose is None else accounts.take(unit.transaction, whose).id
                issuing.issue(unit, written, read | row | {"member_id": member})
            return self._now(unit, earlier or key)

        return self._context.write(work)

    @needs("vouchers.create_batch")
    def create_batch(
        self, *, count: int, prefix: str = "GIFT", idempotency_key: str | None = None, **terms: Any
    ) -> BatchView:
        """Make up to 1,000,000 vouchers with the same `terms`, those of `issue`; with the same key it is one batch.

        Few of them are there on return, many are minted beside: `store.batches` tells how far it is.
        """
        return batches.create(
            self._context, "voucher", count=count, prefix=prefix, terms=terms, idempotency_key=idempotency_key
        )

    @needs("vouchers.get")
    def get(self, voucher: str) -> VoucherView:
        """Return a voucher by id or code; `NotFound` when there is none. By its id a cashier learns no code."""
        row, now = self._found(voucher), self._context.clock.now()
        return self._show(row, now, whole=fold(voucher) == row.code_key)

    @needs("vouchers.get")
    def list(
        self, *, limit: int = 10, offset: int = 0, starting_after: str | None = None, **wanted: Unpack[Wanted]
    ) -> Page[VoucherView]:
        """Return vouchers, newest first; a cashier sees no whole code."""
        now = self._context.clock.now()
        # Who sees no code finds none out by its parts either.
        searched = (_VOUCHER.c.holder,) if self._context.role == CASHIER else (_VOUCHER.c.holder, _VOUCHER.c.code)
        conditions = [
            *_conditions(wanted, now, self._context.shop.timezone),
            *listing.mentions(wanted.get("matching"), *searched),
        ]
        return listing.newest(
            self._context,
            _VOUCHER,
            _VOUCHER,
            conditions,
            lambda row: self._show(row, now),
            limit=limit,
            offset=offset,
            starting_after=starting_after,
        )

    @needs("vouchers.get")
    def transactions(self, voucher: str) -> tuple[LedgerRow, ...]:
        """Return a voucher's ledger, oldest first; the amounts sum to its balance."""
        found = self._found(voucher)
        rows = self._context.read(lambda tx: tx.all(_TRANSACTIONS, voucher=found.id))
        return tuple(
            LedgerRow(f"vtx_{row.seq}", row.account, row.kind, row.amount, row.unit, row.cause, row.at) for row in rows
        )

    @needs("vouchers.void")
    def void(self, voucher: str, reason: str, *, idempotency_key: str | None = None) -> VoucherView:
        """Take a voucher out of use with what is left on it. A sold one goes back by refunding its sale."""
        found, why = self._found(voucher), _why(reason)
        request = Request.of("voucher.void", idempotency_key, voucher=found.id, reason=why)

        def work(unit: Unit) -> VoucherView:
            if unit.once(request, found.id) is None:
                take_out(unit, found.id, why)
            return self._now(unit, found.id)

        return self._context.write(work)

    @needs("vouchers.adjust")
    def adjust(self, voucher: str, *, amount: int, reason: str, idempotency_key: str | None = None) -> VoucherView:
        """Put an amount on a voucher or, negative, take it off: minor units, or points of a points voucher.

        Raises `NotAllowed`, with the code `insufficient_balance` when less than that is free on it.
        """
        found, change, why = self._found(voucher), issuing.change(amount), _why(reason)
        request = Request.of("adjust", idempotency_key, voucher=found.id, amount=change, reason=why)

        def work(unit: Unit) -> VoucherView:
            if unit.once(request, found.id) is None:
                issuing.adjust(unit, found.id, change, why)
            return self._now(unit, found.id)

        return self._context.write(work)

    @needs("vouchers.redeem")
    def redeem(
        self, code: str, *, customer: str, pin: str | None = None, idempotency_key: str | None = None
    ) -> RedemptionView:
        """Credit the points of a points voucher to a member, without a sale.

        Raises `NotFound`, or `NotAllowed` with the reason's code: `inactive`, `expired`, `insufficient_balance`.
        """
        found, whose = self._found(code), text(customer, "customer")
        request = Request.of("voucher.redeem", idempotency_key, voucher=found.id, customer=whose)
        voucherpins.check(self._context, (found.code,), {} if pin is None else {found.code: pin})

        def work(unit: Unit) -> RedemptionView:
            row = issuing.claim(found.id, unit.now)
            earlier = unit.once(request, row["id"])
            if earlier is None:
                issuing.credit(unit, row, whose, self._context.shop)
            made = salerows.redemption(unit.transaction, earlier or row["id"])
            return records.redemption(made, records.names_of(unit.transaction, [made]))

        return self._context.write(work)

    def _found(self, voucher: str) -> Row:
        wanted = text(voucher, "voucher")
        row: Row | None = guesses.looked_up(
            self._context, wanted, lambda tx: tx.first(_BY_ID_OR_CODE, text=wanted, key=fold(wanted))
        )
        if row is None:
            raise NotFound("There is no such voucher. Check the code, symbol by symbol.", field="voucher")
        return row

    def _show(self, row: Row, now: int, *, whole: bool = False) -> VoucherView:
        fields = row._asdict()
        hidden = self._context.role == CASHIER and not whole
        return records.voucher(fields | {"code": mask(row.code)} if hidden else fields, now)

    def _now(self, unit: Unit, voucher: str) -> VoucherView:
        (row,) = unit.transaction.all(_BY_ID_OR_CODE, text=voucher, key="")
        return records.voucher(row._asdict(), unit.now)


def _written(code: str) -> str:
    key = fold(code)
    if not checks(code):
        raise InvalidInput("A voucher's code is a prefix and twelve symbols, the last one a check symbol", field="code")
    # As it is written, wherever its dashes are: a prefix with an O stays one.
    prefix = "".join(symbol for symbol in code.upper() if fold(symbol))[:-BODY]
    return seal(prefix, key[-BODY:-1])


def _why(reason: str) -> str:
    why = optional(reason, "reason")
    if why is None:
        raise InvalidInput("Say why: the journal keeps the reason", field="reason")
    return why


def _conditions(wanted: Wanted, now: int, zone: str) -> Iterator[ColumnElement[bool]]:
    for name, column in _EXACT.items():
        if (value := optional(wanted.get(name), name)) is not None:
            yield column == value
    if (status := wanted.get("status")) is not None:
        if status not in STATUSES:
            raise InvalidInput(f"A voucher is {', '.join(STATUSES)}", field="status")
        yield status_at(now) == status
    if (customer := optional(wanted.get("customer"), "customer")) is not None:
        yield _VOUCHER.c.member_id.in_(accounts.EVERYONE.params(member=customer))
    yield from listing.mentions(optional(wanted.get("holder"), "holder"), _VOUCHER.c.holder)
    yield from listing.made_between(_VOUCHER, wanted.get("created_after"), wanted.get("created_before"), zone)


def status_at(now: Any) -> ColumnElement[str]:
    """Return a voucher's derived status where the rows are, as `records.voucher` derives it."""
    active = _VOUCHER.c.status == "active"
    return case(
        (active & (_VOUCHER.c.expires_at < now), "expired"),
        (active & (_VOUCHER.c.balance == 0), "spent"),
        else_=_VOUCHER.c.status,
    )
