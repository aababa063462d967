"""Giving back: one transaction undoes a part of a sale; what a card device has to do follows it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from posconsole.codes import identifier
from posconsole.engine.arguments import flag, text, whole
from posconsole.engine.codes import issuing
from posconsole.engine.context import Request
from posconsole.engine.db.database import among, one_of, values
from posconsole.engine.quoting.refusals import PlanChanged
from posconsole.engine.refund import refundplan, refundrows
from posconsole.engine.refund.owing import Owing
from posconsole.engine.refund.unwinding import unforfeited, unwind
from posconsole.engine.sale import records, salerows
from posconsole.engine.staff.access import needs
from posconsole.errors import Busy, InvalidInput, NotAllowed, NotFound, OutcomeUnknown, StorageError
from posconsole.models import OrderLine, Payment, Refund, Tender, Voucher, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posconsole.engine.context import Unit
    from posconsole.engine.db.database import Transaction
    from posconsole.engine.refund.refundplan import Back, Plan
    from posconsole.engine.refund.refundrows import RefundRows
    from posconsole.engine.sale.salerows import Fields, SaleRows
    from posconsole.engine.views import RefundPlan, RefundView

_PAYMENT, _LINE, _TENDER, _VOUCHER = table(Payment), table(OrderLine), table(Tender), table(Voucher)
_REFUND = table(Refund)

_TAKE_LINE = (
    update(_LINE)
    .where(
        _LINE.c.order_id == bindparam("order"),
        _LINE.c.no == bindparam("line"),
        _LINE.c.refunded + bindparam("taken") <= _LINE.c.quantity,
    )
    .values(refunded=_LINE.c.refunded + bindparam("taken"))
)
_TAKE_TENDER = (
    update(_TENDER)
    .where(_TENDER.c.id == bindparam("tender"), _TENDER.c.refunded + bindparam("taken") <= _TENDER.c.amount)
    .values(refunded=_TENDER.c.refunded + bindparam("taken"))
)
# Every refund moves the revision, also one of 0: it is the version of the sale that was planned on.
_TAKE_PAYMENT = (
    update(_PAYMENT)
    .where(
        _PAYMENT.c.id == bindparam("payment"),
        one_of(_PAYMENT.c.status, "captured", "partially_refunded"),
        _PAYMENT.c.revision == bindparam("was"),
    )
    .values(
        refunded_amount=_PAYMENT.c.refunded_amount + bindparam("taken"),
        revision=_PAYMENT.c.revision + 1,
        status=bindparam("outcome"),
    )
)
# The rows of a sale are read by several statements: without the lock a refund of the same sale could come between.
_LOCK = select(_PAYMENT.c.id).where(_PAYMENT.c.id == bindparam("payment")).with_for_update()
_VOUCHERS = select(_VOUCHER.c.id, _VOUCHER.c.code, _VOUCHER.c.status).where(among(_VOUCHER.c.id, bindparam("ids")))
_ROUNDED = select(func.coalesce(func.sum(_REFUND.c.rounding), 0)).where(_REFUND.c.payment_id == bindparam("payment"))


class Refunds(Owing):
    """The verbs that give money back for what a receipt shows."""

    @needs("payments.get")
    def plan_refund(
        self, payment: str, items: Iterable[Mapping[str, int]] | None = None, *, as_credit: bool = False
    ) -> RefundPlan:
        """Say what `refund` with the same arguments would do, and write nothing."""
        wanted, payment, as_credit = _wanted(items), text(payment, "payment"), flag(as_credit, "as_credit")

        def work(transaction: Transaction) -> RefundPlan:
            rows = self._sale(transaction, payment)
            planned = self._plan(transaction, rows, wanted, as_credit)
            return planned.view(rows, _states(transaction, planned))

        return self._context.read(work)

    @needs("payments.refund")
    def refund(
        self,
        payment: str,
        items: Iterable[Mapping[str, int]] | None = None,
        reason: str = "",
        idempotency_key: str | None = None,
        expected: RefundPlan | None = None,
        *,
        as_credit: bool = False,
    ) -> RefundView:
        """Give back lines of a paid sale, or with `items` None all that is left.

        `payment` is an id or a receipt number, `items` mappings of `line` (from 1) and `quantity`. With `as_credit`
        all of it goes to one new voucher. What goes to a card is ordered from its device after the commit; while the
        device doesn't answer that part stays `pending`, and `recover` asks again. Raises `NotAllowed` for more than
        was sold, `PlanChanged` when an `expected` plan, the one that was shown, is not what it comes to now.
        """
        wanted, reason, payment = _wanted(items), text(reason, "reason"), text(payment, "payment")
        asked: dict[str, object] = {"as_credit": True} if flag(as_credit, "as_credit") else {}
        listed = None if wanted is None else sorted(wanted.items())
        request = Request.of("refund", idempotency_key, payment=payment, reason=reason, items=listed, **asked)

        def work(unit: Unit) -> RefundView:
            refund = identifier("ref")
            earlier = unit.once(request, refund)
            if earlier is not None:
                return records.refund(unit.transaction, earlier)
            unit.transaction.first(_LOCK, payment=self._id_of(unit.transaction, payment))
            rows = self._sale(unit.transaction, payment)
            planned = self._plan(unit.transaction, rows, wanted, as_credit)
            now = planned.view(rows, _states(unit.transaction, planned))
            if expected not in (None, now):
                raise PlanChanged(now)
            self._give_back(unit, refund, rows, planned, reason)
            return records.refund(unit.transaction, refund)

        done = self._context.write(work)
        # The refund is written, and nothing may say that it isn't: what its devices still owe can wait for `recover`.
        if any(tender.status == "pending" for tender in done.tenders):
            with suppress(Busy, StorageError, OutcomeUnknown):
                self.order_from_devices(done.id)
                return self._context.read(lambda transaction: records.refund(transaction, done.id))
        return done

    def _give_back(self, unit: Unit, refund: str, rows: SaleRows, planned: Plan, reason: str) -> None:
        """Carry a plan out."""
        payment, transaction = rows.payment["id"], unit.transaction
        written = self._rows(unit, refund, rows, planned, reason)
        refundrows.insert(transaction, written)
        for item in planned.items:
            transaction.guarded(_TAKE_LINE, order=rows.order["id"], line=item.no, taken=item.quantity)
        for back in planned.backs:
            if back.tender is not None:
                transaction.guarded(_TAKE_TENDER, tender=back.tender, taken=back.amount)
        outcome = "refunded" if planned.whole else "partially_refunded"
        was, taken = rows.payment["revision"], planned.amount
        transaction.guarded(_TAKE_PAYMENT, payment=payment, was=was, taken=taken, outcome=outcome)
        points = unwind(unit, refund, rows, planned, reason)
        entries = unit.post(refund, [*refundrows.entries(written, planned.voided, unforfeited(planned)), *points])
        unit.journal.record(
            "payment.refunded",
            payment,
            refund=refund,
            amount=planned.amount,
            receipt=unit.journal.receipts,
            rows=unit.digest(written.frozen()),
            **unit.booked(entries),
            owed=written.owed,
        )

    def _rows(self, unit: Unit, refund: str, rows: SaleRows, planned: Plan, reason: str) -> RefundRows:
        """Return the refund's rows; what goes to a new voucher has it issued."""
        credit: str | None = None
        if planned.credit:
            member = rows.order["member_id"]
            given = issuing.give(unit, value=planned.credit, source=refund, member=member, against=refundrows.CREDIT)
            credit = given["id"]
        head = refundrows.head(
            unit,
            refund,
            payment_id=rows.payment["id"],
            amount=planned.amount,
            rounding=planned.rounding,
            points=planned.points,
            reason=reason,
        )
        lines = [
            refundrows.line(refund, item.no, quantity=item.quantity, amount=item.amount, tax=item.tax)
            for item in planned.items
        ]
        tenders = [self._tender_row(refund, no, back, credit) for no, back in enumerate(planned.backs, start=1)]
        return refundrows.RefundRows(head, lines, tenders)

    def _tender_row(self, refund: str, no: int, back: Back, credit: str | None) -> Fields:
        waits = back.tender is not None and back.kind != "cash" and not self._context.device(back.kind).by_hand
        return refundrows.tender(
            refund,
            no,
            back.kind,
            back.amount,
            voucher_id=credit if back.kind == "credit" else back.voucher,
            tender_id=back.tender,
            redemption_id=back.redemption,
            status="pending" if waits else "captured",
        )

    def _id_of(self, transaction: Transaction, payment: str) -> str:
        """Return the id of the payment with this id or receipt number."""
        return payment if payment.startswith("pay_") else records.find(transaction, self._context.till, payment)

    def _sale(self, transaction: Transaction, payment: str) -> SaleRows:
        rows = salerows.read(transaction, self._id_of(transaction, payment))
        if rows is None:
            raise NotFound("There is no such sale", field="payment")
        return rows

    def _plan(self, transaction: Transaction, rows: SaleRows, wanted: dict[int, int] | None, as_credit: bool) -> Plan:
        before = transaction.scalar(_ROUNDED, payment=rows.payment["id"])
        return refundplan.plan(rows, wanted, before, self._context.shop.smallest_coin, as_credit=as_credit)


def _wanted(items: Iterable[Mapping[str, int]] | None) -> dict[int, int] | None:
    if items is None:
        return None
    wanted: dict[int, int] = {}
    try:
        listed = [dict(item) for item in items]
    except (TypeError, ValueError):
        raise InvalidInput("Items to refund are a list of lines and quantities", field="items") from None
    for item in listed:
        if not {"line"} <= set(item) <= {"line", "quantity"}:
            raise InvalidInput("Items to refund have a line and a quantity", field="items")
        line, quantity = whole(item["line"], "line", 1), whole(item.get("quantity", 1), "quantity", 1)
        wanted[line] = wanted.get(line, 0) + quantity
    if not wanted:
        raise InvalidInput("Choose at least one line to refund", field="items")
    return wanted


def _states(transaction: Transaction, planned: Plan) -> dict[str, str]:
    """Return the codes of the vouchers that money goes back to, and refuse to fill one that is void."""
    ids: Any = sorted(planned.refilled())
    rows = transaction.all(_VOUCHERS, ids=values(ids)) if ids else []
    if any(row.status == "void" for row in rows):
        raise NotAllowed(
            "A voucher that paid for this is void, so nothing can go back to it. Refund it as credit: that gives a new"
            " voucher.",
            code="voucher_void",
        )
    return {row.id: row.code for row in rows}
