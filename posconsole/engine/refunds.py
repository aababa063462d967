"""Giving back: one transaction undoes a part of a sale; what a card device has to do follows it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from posconsole.codes import identifier
from posconsole.engine import records, refundplan, salerows, spending
from posconsole.engine.arguments import text, whole
from posconsole.engine.context import Request
from posconsole.engine.database import among, one_of, values
from posconsole.engine.ledger import Entry
from posconsole.engine.refusals import PlanChanged
from posconsole.errors import Busy, InvalidInput, NotAllowed, NotFound, StorageError
from posconsole.models import OrderLine, Payment, Redemption, Refund, RefundLine, RefundTender, Tender, Voucher, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.database import Transaction
    from posconsole.engine.refundplan import Plan
    from posconsole.engine.salerows import Fields, SaleRows
    from posconsole.engine.views import RefundPlan, RefundView

_PAYMENT, _LINE, _TENDER, _VOUCHER = table(Payment), table(OrderLine), table(Tender), table(Voucher)
_REDEMPTION, _REFUND = table(Redemption), table(Refund)
_REFUND_LINE, _REFUND_TENDER = table(RefundLine), table(RefundTender)

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
# The amount refunded so far is the version of the sale that was planned on.
_TAKE_PAYMENT = (
    update(_PAYMENT)
    .where(
        _PAYMENT.c.id == bindparam("payment"),
        one_of(_PAYMENT.c.status, "captured", "partially_refunded"),
        _PAYMENT.c.refunded_amount == bindparam("was"),
    )
    .values(refunded_amount=_PAYMENT.c.refunded_amount + bindparam("taken"), status=bindparam("outcome"))
)
_REVERSE = (
    update(_REDEMPTION)
    .where(
        _REDEMPTION.c.id == bindparam("redemption"),
        _REDEMPTION.c.status == "applied",
        _REDEMPTION.c.reversed + bindparam("taken") <= _REDEMPTION.c.amount,
    )
    .values(reversed=_REDEMPTION.c.reversed + bindparam("taken"), status=bindparam("outcome"))
)
_VOUCHERS = select(_VOUCHER.c.id, _VOUCHER.c.code, _VOUCHER.c.status).where(among(_VOUCHER.c.id, bindparam("ids")))
_ROUNDED = select(func.coalesce(func.sum(_REFUND.c.rounding), 0)).where(_REFUND.c.payment_id == bindparam("payment"))
_DONE = (
    update(_REFUND_TENDER)
    .where(_REFUND_TENDER.c.id == bindparam("part"), _REFUND_TENDER.c.status == "pending")
    .values(status="captured")
)
_WAITING = (
    select(
        _REFUND_TENDER.c.id,
        _REFUND_TENDER.c.kind,
        _REFUND_TENDER.c.tender_id,
        _REFUND_TENDER.c.amount,
        _REFUND.c.payment_id,
        _REFUND.c.id.label("refund_id"),
    )
    .join(_REFUND, _REFUND.c.id == _REFUND_TENDER.c.refund_id)
    .where(_REFUND_TENDER.c.status == "pending")
)


class Refunds:
    """The verbs that give money back."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def plan_refund(self, payment: str, items: Iterable[Mapping[str, int]] | None = None) -> RefundPlan:
        """Say what `refund` with the same arguments would do, and write nothing."""
        wanted, payment = _wanted(items), text(payment, "payment")

        def work(transaction: Transaction) -> RefundPlan:
            rows = self._sale(transaction, payment)
            planned = self._plan(transaction, rows, wanted)
            return planned.view(rows, _states(transaction, planned))

        return self._context.read(work)

    def refund(
        self,
        payment: str,
        items: Iterable[Mapping[str, int]] | None = None,
        reason: str = "",
        idempotency_key: str | None = None,
        expected: RefundPlan | None = None,
    ) -> RefundView:
        """Give back lines of a paid sale, or with `items` None all that is left.

        `payment` is an id or a receipt number, `items` mappings of `line` (from 1) and `quantity`. What goes to
        a card is ordered from its device after the commit; while the device doesn't answer that part stays
        `pending`, and `recover` asks again. Raises `NotAllowed` for more than was sold, `PlanChanged` when an
        `expected` plan, the one that was shown, is not what it comes to now.
        """
        wanted, reason, payment = _wanted(items), text(reason, "reason"), text(payment, "payment")
        request = Request.of(
            "refund",
            idempotency_key,
            payment=payment,
            reason=reason,
            items=None if wanted is None else sorted(wanted.items()),
        )
        done = self._context.write(lambda unit: self._give_back(unit, request, payment, wanted, reason, expected))
        # The refund is written, and nothing may say that it isn't: what its devices still owe can wait for `recover`.
        if any(tender.status == "pending" for tender in done.tenders):
            with suppress(Busy, StorageError):
                self.order_from_devices(done.id)
                return self._context.read(lambda transaction: records.refund(transaction, done.id))
        return done

    def order_from_devices(self, refund: str | None = None) -> int:
        """Ask the devices for the refunds that they still owe, each once; return how many are still open."""
        waiting = self._context.read(lambda transaction: transaction.all(_WAITING))
        mine = [row for row in waiting if refund in (None, row.refund_id)]
        still_open = 0
        for row in mine:
            device = self._context.device(row.kind)
            if not device.by_hand and device.refund(row.tender_id, row.id, row.amount).status == "captured":
                self._context.write(lambda unit, part=row: _mark_done(unit, part))  # type: ignore[misc]
            else:
                still_open += 1
        return still_open

    def _give_back(
        self,
        unit: Unit,
        request: Request,
        payment: str,
        wanted: dict[int, int] | None,
        reason: str,
        expected: RefundPlan | None,
    ) -> RefundView:
        refund = identifier("ref")
        earlier = unit.once(request, refund)
        if earlier is not None:
            return records.refund(unit.transaction, earlier)
        rows = self._sale(unit.transaction, payment)
        planned = self._plan(unit.transaction, rows, wanted)
        now = planned.view(rows, _states(unit.transaction, planned))
        if expected not in (None, now):
            raise PlanChanged(now)
        written, owed = self._write(unit, refund, rows, planned, reason)
        entries = unit.post(refund, _entries(planned))
        _undo_codes(unit, rows, planned)
        outcome = "refunded" if planned.whole else "partially_refunded"
        taken = {"payment": rows.payment["id"], "was": rows.payment["refunded_amount"], "taken": planned.amount}
        unit.transaction.guarded(_TAKE_PAYMENT, outcome=outcome, **taken)
        unit.journal.record(
            "payment.refunded",
            rows.payment["id"],
            refund=refund,
            amount=planned.amount,
            receipt=unit.journal.receipts,
            rows=unit.digest(written),
            ledger=unit.digest(entries),
            owed=owed,
            **unit.vouched(request),
        )
        return records.refund(unit.transaction, refund)

    def _write(
        self, unit: Unit, refund: str, rows: SaleRows, planned: Plan, reason: str
    ) -> tuple[list[list[object]], list[str]]:
        """Write the refund's rows and take its quantities and amounts off what can still be refunded.

        Returns what the journal vouches for, and the parts that devices still owe.
        """
        head = {
            "id": refund,
            "payment_id": rows.payment["id"],
            "till_id": self._context.till,
            "operator": self._context.operator,
            "receipt": unit.journal.next_receipt(),
            "amount": planned.amount,
            "rounding": planned.rounding,
            "points": 0,
            "reason": reason,
            "created_at": unit.now,
        }
        lines = [
            {
                "refund_id": refund,
                "line_no": item.no,
                "quantity": item.quantity,
                "amount": item.amount,
                "tax": item.tax,
                "sku": None,
                "name": None,
                "tax_rate": None,
            }
            for item in planned.items
        ]
        tenders = [self._tender_row(refund, no, back) for no, back in enumerate(planned.backs, start=1)]
        unit.transaction.insert(_REFUND, [head])
        unit.transaction.insert(_REFUND_LINE, lines)
        unit.transaction.insert(_REFUND_TENDER, tenders)
        for item in planned.items:
            unit.transaction.guarded(_TAKE_LINE, order=rows.order["id"], line=item.no, taken=item.quantity)
        for back in planned.backs:
            if back.tender is not None:
                unit.transaction.guarded(_TAKE_TENDER, tender=back.tender, taken=back.amount)
        return frozen(head, lines, tenders), [one["id"] for one in tenders if one["status"] == "pending"]

    def _tender_row(self, refund: str, no: int, back: refundplan.Back) -> Fields:
        waits = back.kind not in ("cash", "voucher") and not self._context.device(back.kind).by_hand
        return {
            "id": identifier("rft"),
            "refund_id": refund,
            "no": no,
            "kind": back.kind,
            "voucher_id": back.voucher,
            "tender_id": back.tender,
            "redemption_id": back.redemption,
            "amount": back.amount,
            "status": "pending" if waits else "captured",
            "settled_as": None,
        }

    def _sale(self, transaction: Transaction, payment: str) -> SaleRows:
        rows = salerows.read(transaction, payment)
        if rows is None:
            rows = salerows.read(transaction, records.find(transaction, self._context.till, payment))
        if rows is None:
            raise NotFound("There is no such sale", field="payment")
        return rows

    def _plan(self, transaction: Transaction, rows: SaleRows, wanted: dict[int, int] | None) -> Plan:
        before = transaction.scalar(_ROUNDED, payment=rows.payment["id"])
        return refundplan.plan(rows, wanted, before, self._context.shop.smallest_coin)


def frozen(head: Fields, lines: Iterable[Fields], tenders: Iterable[Fields]) -> list[list[object]]:
    """Return what of a refund's rows never changes, as the journal's digest covers it."""
    return [
        [head[name] for name in ("id", "payment_id", "till_id", "operator", "receipt", "amount", "rounding", "reason")],
        *[[line[name] for name in ("line_no", "quantity", "amount", "tax")] for line in lines],
        *[[one[name] for name in ("id", "no", "kind", "voucher_id", "tender_id", "amount")] for one in tenders],
    ]


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
    ids: Any = sorted({back.voucher for back in planned.backs if back.voucher} | planned.unforfeited.keys())
    rows = transaction.all(_VOUCHERS, ids=values(ids)) if ids else []
    if any(row.status == "void" for row in rows):
        raise NotAllowed("A voucher that paid for this is void, so nothing can go back to it. Ask a manager.")
    return {row.id: row.code for row in rows}


def _entries(planned: Plan) -> list[Entry]:
    """Return a refund's bookings, the opposite of the sale's."""
    entries = []
    for back in planned.backs:
        account = "voucher" if back.voucher else f"tender:{back.kind}"
        entries.append(Entry(account, "refund", back.amount, back.voucher))
    for voucher, amount in planned.unforfeited.items():
        entries += [Entry("voucher", "unforfeit", amount, voucher), Entry("forfeited", "unforfeit", -amount)]
    entries += [Entry("voucher", "void", -left, voucher) for voucher, left in planned.voided.items()]
    goods = planned.amount - planned.tax - sum(planned.voided.values())
    return [
        *entries,
        Entry("sales", "refund", -goods),
        Entry("tax", "refund", -planned.tax),
        Entry("rounding", "refund", -planned.rounding),
    ]


def _undo_codes(unit: Unit, rows: SaleRows, planned: Plan) -> None:
    """Shrink what the redemptions are worth, fill vouchers again, void sold ones, and free a coupon's slot."""
    back_by_redemption = {back.redemption: back.amount for back in planned.backs if back.redemption}
    for row in sorted(rows.redemptions, key=lambda row: (str(row["coupon_id"] or ""), str(row["voucher_id"]))):
        taken = planned.shares.get(row["id"], 0) or back_by_redemption.get(row["id"], 0)
        if not taken and not planned.whole:
            continue
        outcome = "reversed" if planned.whole else "applied"
        unit.transaction.guarded(_REVERSE, redemption=row["id"], taken=taken, outcome=outcome)
        target = row["coupon_id"] or row["voucher_id"]
        back = taken + planned.unforfeited.get(target, 0)
        # A voucher that has all its money back already may have been voided since.
        if row["voucher_id"] and back:
            spending.give_back(unit.transaction, target, back)
        unit.journal.record(f"{row['kind']}.redemption.reversed", target, redemption=row["id"], amount=taken)
    for voucher, left in planned.voided.items():
        spending.void(unit.transaction, voucher, left)
        unit.journal.record("voucher.voided", voucher, left=left)
    # Coupons last, as in a sale: the rows that many tills want are always taken in the same order.
    if planned.whole:
        spending.step(unit.transaction, "return", [row for row in rows.redemptions if row["coupon_id"]])


def _mark_done(unit: Unit, part: Any) -> None:
    if unit.transaction.change(_DONE, part=part.id) == 1:
        unit.journal.record("refund.settled", part.payment_id, refund=part.refund_id, part=part.id, amount=part.amount)
