"""The verbs of vouchers. Selling and drawing them belong to payments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from posconsole.clock import moment
from posconsole.codes import BODY, checks, fold, mint, prefix_of, seal
from posconsole.engine import bookings, codebook, listing, records, spending
from posconsole.engine.arguments import flag, optional, text
from posconsole.engine.context import Request
from posconsole.engine.salerows import new_voucher
from posconsole.engine.views import LedgerRow, Page, VoucherView
from posconsole.errors import Conflict, InvalidInput, NotAllowed, NotFound
from posconsole.models import LedgerEntry, Voucher, table
from posconsole.money import Currency, minor_units

if TYPE_CHECKING:
    from posconsole.engine.context import Context, Unit
    from posconsole.engine.salerows import Fields

_VOUCHER, _ENTRY = table(Voucher), table(LedgerEntry)
_BY_ID_OR_CODE = select(_VOUCHER).where(
    or_(_VOUCHER.c.id == bindparam("text"), _VOUCHER.c.code_key == bindparam("key"))
)
_STATE = select(_VOUCHER.c.status, _VOUCHER.c.balance, _VOUCHER.c.held).where(_VOUCHER.c.id == bindparam("voucher"))
_TRANSACTIONS = (
    select(_ENTRY).where(_ENTRY.c.account == "voucher", _ENTRY.c.subject == bindparam("voucher")).order_by(_ENTRY.c.seq)
)
TERMS = "id code_key currency initial_value single_use expires_at line_no".split()
"""A voucher's terms: never changed after it was issued, and covered by the digest of the event that made it."""


class Vouchers:
    """What can be done with vouchers."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def issue(
        self,
        *,
        value: int,
        prefix: str = "GIFT",
        currency: str | None = None,
        single_use: bool = False,
        expires_at: object = None,
        holder: str | None = None,
        code: str | None = None,
        idempotency_key: str | None = None,
    ) -> VoucherView:
        """Give a voucher of `value` minor units for nothing: credit, or a prize; with the same key it is one voucher.

        Without a `code` a new one is minted; a given one has to be a prefix and twelve symbols of which the last
        is the check symbol. Raises `InvalidInput`, or `Conflict` when the code was ever used.
        """
        written = mint(prefix_of(text(prefix, "prefix"))) if code is None else _written(text(code, "code"))
        money = Currency.of(optional(currency, "currency") or self._context.shop.currency.code)
        if money != self._context.shop.currency:
            raise InvalidInput(f"This shop's currency is {self._context.shop.currency.code}", field="currency")
        end = moment(expires_at, self._context.shop.timezone, "expires_at", end=True)
        minor_units(value, "value", least=1)
        terms = {
            "single_use": flag(single_use, "single_use"),
            "expires_at": end,
            "holder": optional(holder, "holder"),
        }
        asked = {"value": value, "series": prefix if code is None else None, "code": code and fold(code)}
        request = Request.of("voucher", idempotency_key, **asked, **terms)

        def work(unit: Unit) -> VoucherView:
            row = new_voucher(written, money.code, value, unit.now, active=True) | terms
            earlier = unit.once(request, row["id"])
            if earlier is None:
                _issue(unit, row, request)
            (found,) = unit.transaction.all(_BY_ID_OR_CODE, text=earlier or row["id"], key="")
            return records.voucher(found._asdict(), unit.now)

        return self._context.write(work)

    def get(self, voucher: str) -> VoucherView:
        """Return a voucher by id or code; `NotFound` when there is none."""
        wanted = text(voucher, "voucher")
        row = self._context.read(lambda tx: tx.first(_BY_ID_OR_CODE, text=wanted, key=fold(wanted)))
        if row is None:
            raise NotFound("There is no such voucher. Check the code, symbol by symbol.", field="voucher")
        return records.voucher(row._asdict(), self._context.clock.now())

    def list(self, limit: int = 10, offset: int = 0) -> Page[VoucherView]:
        """Return vouchers, newest first."""
        now, order = self._context.clock.now(), (_VOUCHER.c.created_at.desc(), _VOUCHER.c.id.desc())

        def show(row: Any) -> VoucherView:
            return records.voucher(row._asdict(), now)

        return listing.page(self._context, _VOUCHER, (), order, show, limit=limit, offset=offset)

    def transactions(self, voucher: str) -> tuple[LedgerRow, ...]:
        """Return a voucher's ledger, oldest first; the amounts sum to its balance."""
        found = self.get(voucher)
        rows = self._context.read(lambda tx: tx.all(_TRANSACTIONS, voucher=found.id))
        return tuple(
            LedgerRow(f"vtx_{row.seq}", row.account, row.kind, row.amount, row.unit, row.cause, row.at) for row in rows
        )

    def void(self, voucher: str, reason: str) -> VoucherView:
        """Take a voucher out of use with what is left on it. A sold one goes back by refunding its sale."""
        found, why = self.get(voucher), text(reason, "reason")

        def work(unit: Unit) -> None:
            (now,) = unit.transaction.all(_STATE, voucher=found.id)
            if now.status != "active":
                raise NotAllowed(f"This voucher is {now.status} already")
            if now.held:
                raise NotAllowed("A till is being paid with this voucher right now. Wait for that sale to end.")
            spending.void(unit.transaction, found.id, now.balance)
            entries = unit.post(found.id, bookings.void(found.id, now.balance))
            unit.journal.record("voucher.voided", found.id, left=now.balance, reason=why, ledger=unit.digest(entries))

        self._context.write(work)
        return self.get(found.id)


def _written(code: str) -> str:
    key = fold(code)
    if not checks(code):
        raise InvalidInput("A voucher's code is a prefix and twelve symbols, the last one a check symbol", field="code")
    # As it is written, wherever its dashes are: a prefix with an O stays one.
    prefix = "".join(symbol for symbol in code.upper() if fold(symbol))[:-BODY]
    return seal(prefix, key[-BODY:-1])


def _issue(unit: Unit, row: Fields, request: Request) -> None:
    codebook.reserve_series(unit, row["code_key"][:-BODY], "voucher")
    if unit.transaction.insert(_VOUCHER, [row], ignore=True) != 1:
        raise Conflict("This code was used already. Take another.", field="code")
    voucher: str = row["id"]
    entries = unit.post(voucher, bookings.issue(voucher, row["initial_value"]))
    terms = [row[name] for name in TERMS]
    unit.journal.record(
        "voucher.issued",
        voucher,
        value=row["initial_value"],
        rows=unit.digest([terms]),
        ledger=unit.digest(entries),
        **unit.vouched(request),
    )
