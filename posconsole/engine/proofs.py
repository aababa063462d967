"""What the journal proves: that its own chain is whole, and that rows are what they were when written."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from posconsole.engine import coupons, refunds, vouchers
from posconsole.engine.events import digest, seal
from posconsole.engine.salerows import SaleRows
from posconsole.engine.views import Finding
from posconsole.models import (
    Coupon,
    DiscountShare,
    Event,
    IdempotencyKey,
    LedgerEntry,
    Order,
    OrderLine,
    Payment,
    Redemption,
    Refund,
    RefundLine,
    RefundTender,
    Tender,
    Till,
    Voucher,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlmodel import SQLModel

    from posconsole.engine.context import Context
    from posconsole.engine.database import Row, Transaction
    from posconsole.engine.salerows import Fields

_EVENTS = select(table(Event)).order_by(table(Event).c.seq)
_TILLS = select(table(Till))
_ALL: dict[type[SQLModel], Select[Any]] = {
    model: select(table(model))
    for model in (Coupon, Voucher, Order, Payment, DiscountShare, Redemption, Refund, IdempotencyKey)
}
_ALL[OrderLine] = select(table(OrderLine)).order_by(table(OrderLine).c.no)
_ALL[Tender] = select(table(Tender)).order_by(table(Tender).c.no)
_ALL[RefundLine] = select(table(RefundLine)).order_by(table(RefundLine).c.line_no)
_ALL[RefundTender] = select(table(RefundTender)).order_by(table(RefundTender).c.no)
_ALL[LedgerEntry] = select(table(LedgerEntry)).order_by(table(LedgerEntry).c.seq)


def journal_findings(context: Context, transaction: Transaction) -> Iterator[Finding]:
    """Check the chain of every till, then every business row against the event that wrote it."""
    events = transaction.all(_EVENTS)
    yield from _chains(context.key, transaction.all(_TILLS), events)
    proofs = _Proofs(context.key, transaction, events)
    yield from proofs.findings()


def _chains(key: bytes, tills: list[Row], events: list[Row]) -> Iterator[Finding]:
    """Walk each till's chain. The till's own row holds its head, so that a cut-off tail shows too."""
    by_till: dict[str, list[Row]] = defaultdict(list)
    for event in events:
        by_till[event.till_id].append(event)
    for till in tills:
        head, seq = "", 0
        for event in by_till[till.id]:
            seq += 1
            if event.till_seq != seq:
                yield Finding("journal", f"till {till.id}", f"entry {seq} is missing")
                seq = event.till_seq
            parts = (event.till_id, event.till_seq, event.id, event.type, event.subject, event.operator, event.at)
            if seal(key, head, *parts, event.data) != event.hash:
                yield Finding("journal", event.id, f"entry {seq} of till {till.id} is not what was written")
            head = event.hash
        if (till.journal_seq, till.journal_head) != (seq, head):
            yield Finding("journal", f"till {till.id}", f"the journal ends at {seq}, its head is at {till.journal_seq}")


class _Proofs:
    """Business rows, grouped by what wrote them, and the events that vouch for them."""

    def __init__(self, key: bytes, transaction: Transaction, events: list[Row]) -> None:
        self._key = key
        self._events: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for event in events:
            self._events[event.type, event.subject].append(json.loads(event.data))
        self._rows: dict[Any, list[Fields]] = {
            model: [row._asdict() for row in transaction.all(statement)] for model, statement in _ALL.items()
        }

    def findings(self) -> Iterator[Finding]:
        """Check sales, refunds, coupons and vouchers, the books, and the requests that were carried out."""
        yield from self._sales()
        yield from self._refunds()
        yield from self._made(Coupon, "coupon.created", coupons.TERMS)
        yield from self._made(Voucher, "voucher.issued", vouchers.TERMS)
        yield from self._coupon_states()
        yield from self._books()
        yield from self._requests()
        yield from self._vanished()

    def _group(self, model: Any, by: str) -> dict[str, list[Fields]]:
        grouped: dict[str, list[Fields]] = defaultdict(list)
        for row in self._rows[model]:
            grouped[row[by]].append(row)
        return grouped

    def _sales(self) -> Iterator[Finding]:
        orders = {row["id"]: row for row in self._rows[Order]}
        lines, shares = self._group(OrderLine, "order_id"), self._group(DiscountShare, "order_id")
        tenders, used = self._group(Tender, "payment_id"), self._group(Redemption, "payment_id")
        sold = self._group(Voucher, "payment_id")
        for payment in self._rows[Payment]:
            key, order = payment["id"], payment["order_id"]
            rows = SaleRows(orders[order], payment, lines[order], tenders[key], used[key], shares[order], sold[key])
            kinds = ("payment.opened", "payment.captured")
            written = [data for kind in kinds for data in self._events[kind, key] if "rows" in data]
            if not written:
                yield Finding("unproven", key, "no entry in the journal tells of this payment")
            now = digest(self._key, rows.frozen())
            if any(data["rows"] != now for data in written):
                yield Finding("altered", key, "the sale is not what was written")

    def _refunds(self) -> Iterator[Finding]:
        lines, tenders = self._group(RefundLine, "refund_id"), self._group(RefundTender, "refund_id")
        for refund in self._rows[Refund]:
            told = [
                data
                for data in self._events["payment.refunded", refund["payment_id"]]
                if data["refund"] == refund["id"]
            ]
            now = digest(self._key, refunds.frozen(refund, lines[refund["id"]], tenders[refund["id"]]))
            if [data["rows"] for data in told] != [now]:
                yield Finding("altered", refund["id"], "the refund is not what was written")

    def _made(self, model: Any, kind: str, terms: list[str]) -> Iterator[Finding]:
        for row in self._rows[model]:
            if row.get("payment_id") is not None:
                continue  # sold at a till: the sale's own digest covers it
            now = digest(self._key, [[row[name] for name in terms]])
            if [data["rows"] for data in self._events[kind, row["id"]]] != [now]:
                yield Finding("altered", row["id"], "its terms are not what they were made with")

    def _coupon_states(self) -> Iterator[Finding]:
        for row in self._rows[Coupon]:
            told = [*self._events["coupon.created", row["id"]], *self._events["coupon.updated", row["id"]]]
            state: dict[str, Any] = {"active": True}
            for data in told:
                state |= data
            deleted = bool(self._events["coupon.deleted", row["id"]])
            now = (row["max_redemptions"], bool(row["active"]), row["deleted_at"] is not None, row["code"])
            if now != (state.get("cap"), state["active"], deleted, state.get("code")):
                yield Finding("altered", row["id"], "its cap, state or code was changed past the journal")

    def _books(self) -> Iterator[Finding]:
        entries = self._group(LedgerEntry, "cause")
        told: dict[str, list[str]] = defaultdict(list)
        for (_, subject), events in self._events.items():
            for data in events:
                if "ledger" in data:
                    told[data.get("refund", subject)].append(data["ledger"])
        for cause in sorted(entries.keys() | told.keys()):
            rows = [[row[name] for name in ("account", "subject", "kind", "unit", "amount")] for row in entries[cause]]
            if not _splits(rows, told[cause], self._digest):
                yield Finding("altered", cause, "its ledger entries are not what was booked")

    def _digest(self, rows: list[list[object]]) -> str:
        return digest(self._key, rows)

    def _requests(self) -> Iterator[Finding]:
        kept = {row["result"]: row["request_hash"] for row in self._rows[IdempotencyKey]}
        for (_, subject), events in self._events.items():
            for data in events:
                if "request" in data and kept.get(data.get("refund", subject)) != data["request"]:
                    yield Finding("altered", subject, "its idempotency key is gone or was changed")

    def _vanished(self) -> Iterator[Finding]:
        for kind, model in (
            ("payment.captured", Payment),
            ("payment.opened", Payment),
            ("coupon.created", Coupon),
            ("voucher.issued", Voucher),
        ):
            known = {row["id"] for row in self._rows[model]}
            for told, subject in self._events:
                if told == kind and subject not in known:
                    yield Finding("missing", subject, "the journal tells of it, and it is gone")


def _splits(rows: list[list[object]], told: list[str], digested: Callable[[list[list[object]]], str]) -> bool:
    """Say whether the rows, in their order, fall into the sets that were booked one after the other."""
    start = 0
    for wanted in told:
        end = next((end for end in range(start, len(rows) + 1) if digested(rows[start:end]) == wanted), None)
        if end is None:
            return False
        start = end
    return start == len(rows)
