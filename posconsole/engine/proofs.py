"""What the journal proves: that rows are what they were when written, and that none came or went past it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from posconsole.codes import fold
from posconsole.engine import (
    batchproofs,
    campaigns,
    chains,
    couponproofs,
    couponterms,
    dayproofs,
    memberproofs,
    memberrows,
    offerproofs,
    offers,
    operators,
    rewardproofs,
    rewards,
    segments,
    voucherproofs,
    vouchers,
)
from posconsole.engine.dutyproofs import Duties
from posconsole.engine.events import digest
from posconsole.engine.refundrows import RefundRows
from posconsole.engine.salerows import SaleRows
from posconsole.engine.unwinding import REVERSALS
from posconsole.engine.views import Finding
from posconsole.models import (
    Batch,
    Campaign,
    CashMovement,
    Coupon,
    DiscountShare,
    IdempotencyKey,
    LedgerEntry,
    Member,
    Offer,
    OfferActivation,
    Operator,
    Order,
    OrderLine,
    ParkedBasket,
    Payment,
    Redemption,
    Refund,
    RefundLine,
    RefundTender,
    Reward,
    Segment,
    SegmentMember,
    Shift,
    Shop,
    Tender,
    Voucher,
    table,
)
from posconsole.models.shop import SETTLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlmodel import SQLModel

    from posconsole.engine.chains import Told
    from posconsole.engine.context import Context
    from posconsole.engine.database import Transaction
    from posconsole.engine.salerows import Fields

_ALL: dict[type[SQLModel], Select[Any]] = {
    model: select(table(model))
    for model in (
        Shop,
        Member,
        Campaign,
        Batch,
        Coupon,
        Voucher,
        Operator,
        Order,
        Payment,
        DiscountShare,
        Redemption,
        Refund,
        Reward,
        Offer,
        OfferActivation,
        Segment,
        SegmentMember,
        Shift,
        CashMovement,
        ParkedBasket,
        IdempotencyKey,
    )
}
_ALL[OrderLine] = select(table(OrderLine)).order_by(table(OrderLine).c.no)
_ALL[Tender] = select(table(Tender)).order_by(table(Tender).c.no)
_ALL[RefundLine] = select(table(RefundLine)).order_by(table(RefundLine).c.line_no)
_ALL[RefundTender] = select(table(RefundTender)).order_by(table(RefundTender).c.no)
_ALL[LedgerEntry] = select(table(LedgerEntry)).order_by(table(LedgerEntry).c.seq)

_MADE: dict[type[SQLModel], tuple[str, Iterable[str]]] = {
    Member: ("member.created", memberrows.TERMS),
    Campaign: ("campaign.created", campaigns.TERMS),
    Coupon: ("coupon.created", couponterms.TERMS),
    Voucher: ("voucher.issued", vouchers.TERMS),
    Operator: ("operator.created", operators.TERMS),
    Reward: ("reward.created", rewards.TERMS),
    Offer: ("loyalty.offer.created", offers.TERMS),
    Segment: ("segment.created", segments.TERMS),
}
"""What is made by an event of its own: the event, and the columns for which it vouches."""

_TELLS_OF: dict[str, type[SQLModel]] = {
    "member.created": Member,
    "campaign.created": Campaign,
    "coupon.created": Coupon,
    "voucher.issued": Voucher,
    "operator.created": Operator,
    "reward.created": Reward,
    "segment.created": Segment,
    "payment.opened": Payment,
    "payment.captured": Payment,
}
_ENDS = ("captured", "declined", "canceled", "expired")
_PAID = ("captured", "partially_refunded", "refunded")
_REFUNDED = ("payment.refunded", "payment.refunded_without_receipt")
_ANSWERED = {"refund.declined": "declined", "refund.settled": "captured"}
_BOOKED = ("account", "subject", "kind", "unit", "amount")
_REQUEST = ("key", "operation", "request_hash")


def journal_findings(context: Context, transaction: Transaction) -> Iterator[Finding]:
    """Check the chain of every till, then every business row against the event that wrote it."""
    tills, events = chains.read(transaction)
    yield from chains.broken(context.key, tills, events)
    rows = {model: [row._asdict() for row in transaction.all(statement)] for model, statement in _ALL.items()}
    yield from _Proofs(context.key, rows, list(chains.told(events))).findings()


class _Proofs:
    """Business rows, and what the journal tells of them."""

    def __init__(self, key: bytes, rows: dict[type[SQLModel], list[Fields]], told: list[Told]) -> None:
        self._key = key
        self._rows = rows
        self._told = told
        self._by_subject: dict[tuple[str, str], list[Told]] = defaultdict(list)
        for one in told:
            self._by_subject[one.kind, one.subject].append(one)
        # Of what may be changed, the latest event that tells of the row vouches for it.
        self._last = {one.subject: one.data["rows"] for one in told if "rows" in one.data}

    def findings(self) -> Iterator[Finding]:
        """Run every check."""
        for check in (
            self._settings,
            self._sales,
            self._ends,
            self._refunds,
            self._owed,
            self._made,
            self._batches,
            self._coupons,
            self._vouchers,
            self._written_codes,
            self._reversals,
            self._rewards,
            self._offers,
            self._places,
            self._days,
            self._books,
            self._requests,
            self._vanished,
            self._duties,
        ):
            yield from check()

    def _tells(self, kind: str, subject: str) -> list[Told]:
        return self._by_subject.get((kind, subject), [])

    def _group(self, model: type[SQLModel], by: str) -> dict[str, list[Fields]]:
        grouped: dict[str, list[Fields]] = defaultdict(list)
        for row in self._rows[model]:
            grouped[row[by]].append(row)
        return grouped

    def _digest(self, rows: Iterable[Iterable[object]]) -> str:
        return digest(self._key, rows)

    def _settings(self) -> Iterator[Finding]:
        now = [self._digest([[row[name] for name in SETTLED]]) for row in self._rows[Shop]]
        if now != [one.data.get("rows") for one in self._tells("shop.founded", "shop")]:
            yield Finding("altered", "shop", "its settings are not those that it was founded with")

    def _sale_rows(self) -> Iterator[SaleRows]:
        orders = {row["id"]: row for row in self._rows[Order]}
        lines, shares = self._group(OrderLine, "order_id"), self._group(DiscountShare, "order_id")
        tenders, used = self._group(Tender, "payment_id"), self._group(Redemption, "payment_id")
        sold = self._group(Voucher, "payment_id")
        for payment in self._rows[Payment]:
            key, order = payment["id"], payment["order_id"]
            if order in orders:
                yield SaleRows(orders[order], payment, lines[order], tenders[key], used[key], shares[order], sold[key])

    def _sales(self) -> Iterator[Finding]:
        """Check what a payment's first and last event vouch for: all its rows, its receipt, its devices' answers."""
        for rows in self._sale_rows():
            key = rows.payment["id"]
            captures = self._tells("payment.captured", key)
            written = [*self._tells("payment.opened", key), *captures]
            if not written:
                yield Finding("unproven", key, "no entry in the journal tells of this payment")
            now = self._digest(rows.frozen())
            if any(one.data.get("rows") != now for one in written):
                yield Finding("altered", key, "the sale is not what was written")
            if any(one.data.get("receipt") != rows.payment["receipt"] for one in captures):
                yield Finding("altered", key, "its receipt number is not the one that was given")
            ends = [one for end in _ENDS for one in self._tells(f"payment.{end}", key)]
            if any(one.data.get("tenders") != self._digest(rows.answers()) for one in ends):
                yield Finding("altered", key, "its tenders are not as they were answered")

    def _ends(self) -> Iterator[Finding]:
        for payment in self._rows[Payment]:
            status = payment["status"]
            ends = [end for end in _ENDS for _ in self._tells(f"payment.{end}", payment["id"])]
            if ends != ([] if status == "pending" else ["captured"] if status in _PAID else [status]):
                how = ", ".join(ends) or "still pending"
                yield Finding("payment_status", payment["id"], f"it is {status}, the journal says {how}")

    def _refunds(self) -> Iterator[Finding]:
        lines, tenders = self._group(RefundLine, "refund_id"), self._group(RefundTender, "refund_id")
        refunded: dict[object, list[Told]] = defaultdict(list)
        for one in self._told:
            if one.kind in _REFUNDED:
                refunded[one.data.get("refund")].append(one)
        for refund in self._rows[Refund]:
            key = refund["id"]
            now = self._digest(RefundRows(refund, lines[key], tenders[key]).frozen())
            vouched = [(one.subject, one.at, one.data.get("rows")) for one in refunded.pop(key, [])]
            if vouched != [(refund["payment_id"] or key, refund["created_at"], now)]:
                yield Finding("altered", key, "the refund is not what was written")
        for key in refunded:
            yield Finding("missing", str(key), "the journal tells of this refund, and it is gone")

    def _owed(self) -> Iterator[Finding]:
        """Check that each part of a refund is as it was left to a device, declined by it or settled since."""
        state: dict[object, tuple[str, object]] = {}
        for one in self._told:
            if one.kind == "payment.refunded":
                state |= dict.fromkeys(one.data.get("owed", ()), ("pending", None))
            elif one.kind in _ANSWERED:
                state[one.data.get("part")] = (_ANSWERED[one.kind], one.data.get("settled_as"))
        for part in self._rows[RefundTender]:
            if (part["status"], part["settled_as"]) != state.get(part["id"], ("captured", None)):
                yield Finding("altered", part["id"], f"this part of a refund is {part['status']} past the journal")

    def _made(self) -> Iterator[Finding]:
        for model, (kind, columns) in _MADE.items():
            for row in self._rows[model]:
                if row.get("payment_id") is not None or row.get("batch_id") is not None:
                    continue  # sold at a till, or minted with others: the digest of the sale or the batch covers it
                made = [one.at for one in self._tells(kind, row["id"])]
                now = self._digest([[row[name] for name in columns]]) if columns else None
                if made != [row["created_at"]] or now != self._last.get(row["id"]):
                    yield Finding("altered", row["id"], "it is not what it was made as, or changed to")

    def _batches(self) -> Iterator[Finding]:
        codes = {"voucher": self._rows[Voucher], "coupon": self._rows[Coupon]}
        return batchproofs.findings(self._rows[Batch], codes, self._told, self._digest)

    def _coupons(self) -> Iterator[Finding]:
        return couponproofs.findings(self._rows[Coupon], self._rows[Batch], self._rows[Redemption], self._told)

    def _vouchers(self) -> Iterator[Finding]:
        sales, used = self._rows[Payment], self._rows[Redemption]
        return voucherproofs.findings(self._rows[Voucher], sales, used, self._told, self._digest)

    def _written_codes(self) -> Iterator[Finding]:
        for row in (*self._rows[Coupon], *self._rows[Voucher]):
            if fold(row["code"]) != row["code_key"] or row["code"] != row["code"].upper():
                yield Finding("altered", row["id"], "its code is not written as it is looked up")

    def _reversals(self) -> Iterator[Finding]:
        told: Counter[object] = Counter()
        for one in self._told:
            if one.kind in REVERSALS.values():
                told[one.data.get("redemption")] += one.data.get("amount", 0)
        for row in self._rows[Redemption]:
            if row["reversed"] != told[row["id"]]:
                words = f"{row['reversed']} of it is reversed, the journal tells of {told[row['id']]}"
                yield Finding("redemption_reversed", row["id"], words)

    def _rewards(self) -> Iterator[Finding]:
        return rewardproofs.findings(self._rows[Reward], self._rows[Redemption], self._told, self._digest)

    def _places(self) -> Iterator[Finding]:
        return memberproofs.findings(self._rows[SegmentMember], self._told)

    def _days(self) -> Iterator[Finding]:
        shifts, moved, parked = (self._rows[model] for model in (Shift, CashMovement, ParkedBasket))
        return dayproofs.findings(shifts, moved, parked, self._told, self._digest)

    def _offers(self) -> Iterator[Finding]:
        claims, used = self._rows[OfferActivation], self._rows[Redemption]
        return offerproofs.findings(self._rows[Offer], claims, used, self._told, self._digest)

    def _books(self) -> Iterator[Finding]:
        entries = self._group(LedgerEntry, "cause")
        told: dict[str, list[Told]] = defaultdict(list)
        for one in self._told:
            if "ledger" in one.data:
                told[_cause(one)].append(one)
        for cause in sorted(entries.keys() | told.keys()):
            if not _splits(entries[cause], told[cause], self._digest):
                yield Finding("altered", cause, "its ledger entries are not what was booked")

    def _requests(self) -> Iterator[Finding]:
        kept = {
            result: [self._digest([[row[name] for name in _REQUEST]]) for row in rows]
            for result, rows in self._group(IdempotencyKey, "result").items()
        }
        told: dict[str, list[str]] = defaultdict(list)
        for one in self._told:
            if "request" in one.data:
                told[_cause(one)].append(one.data["request"])
        for result in sorted(kept.keys() | told.keys()):
            if sorted(kept.get(result, ())) != sorted(told.get(result, ())):
                yield Finding("altered", result, "its idempotency key is gone or was changed")

    def _vanished(self) -> Iterator[Finding]:
        known = {model: {row["id"] for row in self._rows[model]} for model in set(_TELLS_OF.values())}
        for one in self._told:
            if one.kind in _TELLS_OF and one.subject not in known[_TELLS_OF[one.kind]]:
                yield Finding("missing", one.subject, "the journal tells of it, and it is gone")

    def _duties(self) -> Iterator[Finding]:
        duties = Duties()
        for one in self._told:
            yield from duties.follow(one)


def _cause(one: Told) -> str:
    """Return what an entry's ledger rows and its request stand under, where that isn't its subject."""
    cause: str = one.data.get("refund") or one.data.get("cause") or one.subject
    return cause


def _splits(rows: list[Fields], told: list[Told], digested: Callable[[list[list[object]]], str]) -> bool:
    """Say whether the rows, in their order, fall into the sets that were booked one after the other."""
    booked, start = [[row[name] for name in _BOOKED] for row in rows], 0
    for one in told:
        # What a batch booked is told with its size: to try every end of a million would take for ever.
        sized = "entries" in one.data
        ends = [start + one.data["entries"]] if sized else range(start, len(rows) + 1)
        end = next((end for end in ends if digested(booked[start:end]) == one.data["ledger"]), None)
        if end is None or any(row["at"] != one.at for row in rows[start:end]):
            return False
        start = end
    return start == len(rows)
