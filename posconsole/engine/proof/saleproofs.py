"""What the journal proves of sales and refunds: all their rows, how they ended, and what devices still owe."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from posconsole.engine.db.paging import page_of, pages, within
from posconsole.engine.journal import chains
from posconsole.engine.refund.refundrows import RefundRows
from posconsole.engine.sale.salerows import SaleRows
from posconsole.engine.views import Finding
from posconsole.models import (
    DiscountShare,
    Order,
    OrderLine,
    Payment,
    Redemption,
    Refund,
    RefundLine,
    RefundTender,
    Tender,
    Voucher,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlmodel import SQLModel

    from posconsole.engine.db.database import Transaction
    from posconsole.engine.journal.chains import Told
    from posconsole.engine.sale.salerows import Fields

    Digest = Callable[[list[list[object]]], str]

_PAYMENT, _ORDER, _LINE, _SHARE = table(Payment), table(Order), table(OrderLine), table(DiscountShare)
_TENDER, _REDEMPTION, _SOLD = table(Tender), table(Redemption), table(Voucher)
_REFUND, _RETURNED, _PART = table(Refund), table(RefundLine), table(RefundTender)
_PAYMENTS = page_of(Payment)
_UNRECEIPTED = page_of(Refund, _REFUND.c.payment_id.is_(None))
_ON = within(_PAYMENT.c.id)
_OF_SALES: dict[type[SQLModel], Select[Any]] = {
    Order: select(_ORDER).join(_PAYMENT, _PAYMENT.c.order_id == _ORDER.c.id).where(_ON),
    OrderLine: select(_LINE).join(_PAYMENT, _PAYMENT.c.order_id == _LINE.c.order_id).where(_ON).order_by(_LINE.c.no),
    DiscountShare: select(_SHARE).join(_PAYMENT, _PAYMENT.c.order_id == _SHARE.c.order_id).where(_ON),
    Tender: select(_TENDER).where(within(_TENDER.c.payment_id)).order_by(_TENDER.c.no),
    Redemption: select(_REDEMPTION).where(within(_REDEMPTION.c.payment_id)),
    Voucher: select(_SOLD).where(within(_SOLD.c.payment_id)),
    Refund: select(_REFUND).where(within(_REFUND.c.payment_id)),
    RefundLine: select(_RETURNED)
    .join(_REFUND, _REFUND.c.id == _RETURNED.c.refund_id)
    .where(within(_REFUND.c.payment_id))
    .order_by(_RETURNED.c.line_no),
    RefundTender: select(_PART)
    .join(_REFUND, _REFUND.c.id == _PART.c.refund_id)
    .where(within(_REFUND.c.payment_id))
    .order_by(_PART.c.no),
}
"""The rows that hang on the payments of a page."""
_OF_REFUNDS: dict[type[SQLModel], Select[Any]] = {
    RefundLine: select(_RETURNED).where(within(_RETURNED.c.refund_id)).order_by(_RETURNED.c.line_no),
    RefundTender: select(_PART).where(within(_PART.c.refund_id)).order_by(_PART.c.no),
}

_ENDS = ("captured", "declined", "canceled", "expired")
_PAID = ("captured", "partially_refunded", "refunded")
_REFUNDED = ("payment.refunded", "payment.refunded_without_receipt")
_ANSWERED = {"refund.declined": "declined", "refund.settled": "captured"}


def findings(transaction: Transaction, digested: Digest) -> Iterator[Finding]:
    """Check all sales and refunds against the entries that tell of them."""
    for payments, span in pages(transaction, _PAYMENTS):
        page = _Page(transaction, span, _OF_SALES, digested)
        yield from page.sales(payments)
        yield from page.refunds(page.rows[Refund])
    for refunds, span in pages(transaction, _UNRECEIPTED):
        yield from _Page(transaction, span, _OF_REFUNDS, digested).refunds(refunds)


class _Page:
    """The rows of some sales and refunds, and what is told of them."""

    def __init__(
        self,
        transaction: Transaction,
        span: Fields,
        statements: dict[type[SQLModel], Select[Any]],
        digested: Digest,
    ) -> None:
        self.rows: dict[type[SQLModel], list[Fields]] = {
            model: [row._asdict() for row in transaction.all(statement, **span)]
            for model, statement in statements.items()
        }
        self._told = chains.told_of(transaction, span)
        self._digest = digested

    def _group(self, model: type[SQLModel], by: str) -> dict[str, list[Fields]]:
        grouped: dict[str, list[Fields]] = defaultdict(list)
        for row in self.rows[model]:
            grouped[row[by]].append(row)
        return grouped

    def sales(self, payments: list[Fields]) -> Iterator[Finding]:
        """Check what a payment's first and last event vouch for."""
        orders = {row["id"]: row for row in self.rows[Order]}
        lines, shares = self._group(OrderLine, "order_id"), self._group(DiscountShare, "order_id")
        tenders, used = self._group(Tender, "payment_id"), self._group(Redemption, "payment_id")
        sold = self._group(Voucher, "payment_id")
        for payment in payments:
            key, order, told = payment["id"], payment["order_id"], self._told[payment["id"]]
            yield from _ended(payment, told)
            if order in orders:
                rows = SaleRows(orders[order], payment, lines[order], tenders[key], used[key], shares[order], sold[key])
                yield from self._sale(rows, told)

    def _sale(self, rows: SaleRows, told: list[Told]) -> Iterator[Finding]:
        """Check all rows of a sale, its receipt, and its devices' answers."""
        key = rows.payment["id"]
        captures = [one for one in told if one.kind == "payment.captured"]
        written = [one for one in told if one.kind == "payment.opened"] + captures
        if not written:
            yield Finding("unproven", key, "no entry in the journal tells of this payment")
        now = self._digest(rows.frozen())
        if any(one.data.get("rows") != now for one in written):
            yield Finding("altered", key, "the sale is not what was written")
        if any(one.data.get("receipt") != rows.payment["receipt"] for one in captures):
            yield Finding("altered", key, "its receipt number is not the one that was given")
        if rows.payment["captured_at"] != next((one.at for one in captures), None):
            yield Finding("altered", key, "it wasn't captured when it says")
        answers = self._digest(rows.answers())
        if any(one.data.get("tenders") != answers for one in told if one.kind.removeprefix("payment.") in _ENDS):
            yield Finding("altered", key, "its tenders are not as they were answered")

    def refunds(self, refunds: list[Fields]) -> Iterator[Finding]:
        """Check refunds, and that none is gone of which the entries of this page tell."""
        lines, tenders = self._group(RefundLine, "refund_id"), self._group(RefundTender, "refund_id")
        told: dict[object, list[Told]] = defaultdict(list)
        for one in (one for entries in self._told.values() for one in entries):
            if one.kind in _REFUNDED:
                told[one.data.get("refund")].append(one)
        for refund in refunds:
            key = refund["id"]
            now = self._digest(RefundRows(refund, lines[key], tenders[key]).frozen())
            vouched = [(one.subject, one.at, one.data.get("rows")) for one in told.pop(key, [])]
            if vouched != [(refund["payment_id"] or key, refund["created_at"], now)]:
                yield Finding("altered", key, "the refund is not what was written")
            yield from _owed(tenders[key], self._told[refund["payment_id"] or key])
        for key in told:
            yield Finding("missing", str(key), "the journal tells of this refund, and it is gone")


def _ended(payment: Fields, told: list[Told]) -> Iterator[Finding]:
    status, ends = payment["status"], [one.kind.removeprefix("payment.") for one in told]
    ends = [end for end in ends if end in _ENDS]
    if ends != ([] if status == "pending" else ["captured"] if status in _PAID else [status]):
        how = ", ".join(ends) or "still pending"
        yield Finding("payment_status", payment["id"], f"it is {status}, the journal says {how}")


def _owed(parts: list[Fields], told: list[Told]) -> Iterator[Finding]:
    """Check that each part of a refund is as it was left to a device, declined by it or settled since."""
    state: dict[object, tuple[str, object]] = {}
    for one in told:
        if one.kind == "payment.refunded":
            state |= dict.fromkeys(one.data.get("owed", ()), ("pending", None))
        elif one.kind in _ANSWERED:
            state[one.data.get("part")] = (_ANSWERED[one.kind], one.data.get("settled_as"))
    for part in parts:
        if (part["status"], part["settled_as"]) != state.get(part["id"], ("captured", None)):
            yield Finding("altered", part["id"], f"this part of a refund is {part['status']} past the journal")
