"""A sale as rows: composed from a priced draft, written, read again, and hashed by the journal.

One shape serves all four, so that what a caller is handed after a commit is what a later reader finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, bindparam, select

from posconsole.codes import fold, identifier, mint
from posconsole.models import (
    CodeSeries,
    DiscountShare,
    Order,
    OrderLine,
    Payment,
    Redemption,
    Tender,
    Voucher,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from posconsole.engine.db.database import Transaction
    from posconsole.engine.quoting.quotes import Discount, Grant, Quote
    from posconsole.engine.sale.tendering import Settlement

HOLD = 15 * 60
"""Seconds for which a pending payment holds what it uses."""
SOLD_PREFIX = "GIFT"

Fields = dict[str, Any]
Hashed = list[list[object]]

_ORDER, _LINE, _SHARE = table(Order), table(OrderLine), table(DiscountShare)
_PAYMENT, _TENDER, _REDEMPTION = table(Payment), table(Tender), table(Redemption)
_VOUCHER, _SERIES = table(Voucher), table(CodeSeries)

_FROZEN = {
    "order": "id till_id operator member_id currency prices_include_tax"
    " order_amount discount_amount tax_amount amount points_base points_rate created_at",
    "line": "no sku name category quantity unit_price discount tax_rate tax total voucher_value",
    "payment": "id order_id till_id amount voucher_amount due rounding points",
    "tender": "id no kind amount tendered change",
    "redemption": "id kind coupon_id voucher_id offer_id reward_id campaign_id member_id granted_by"
    " amount forfeited points multiplier",
    "share": "redemption_id line_no amount",
    "sold": "id code_key kind currency initial_value single_use expires_at line_no pin_hash source_id campaign_id"
    " batch_id batch_no",
}
_BLANK: Fields = dict.fromkeys((column.name for column in _REDEMPTION.columns), None)
_COLUMNS = {name: tuple(columns.split()) for name, columns in _FROZEN.items()}
"""What of each row never changes after it is written, and so is covered by its event's digest."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sale about to be written: priced and settled. `claim` is the row of a reward that was redeemed before."""

    till: str
    operator: str
    member: str | None
    quote: Quote
    settlement: Settlement
    captured: bool
    now: int
    claim: Fields | None = None

    @property
    def status(self) -> str:
        """Return what its redemptions are: used, or held."""
        return "applied" if self.captured else "pending"


@dataclass(slots=True)
class SaleRows:
    """An order, its payment and all that hangs on them. `sold` are the vouchers that it sells.

    `attached` is the redemption of a reward that was there before this sale.
    """

    order: Fields
    payment: Fields
    lines: list[Fields]
    tenders: list[Fields]
    redemptions: list[Fields]
    shares: list[Fields]
    sold: list[Fields]
    attached: str | None = None

    @property
    def codes(self) -> list[Fields]:
        """Return the redemptions of coupons, vouchers and offers."""
        return [row for row in self.redemptions if row["kind"] != "reward"]

    @property
    def claims(self) -> list[Fields]:
        """Return the redemptions of rewards: bought with points, or given by a coupon or an offer."""
        return [row for row in self.redemptions if row["kind"] == "reward"]

    def frozen(self) -> Hashed:
        """Return the values that the journal's digest covers, in an order that a later reader can repeat."""
        shares = sorted(self.shares, key=lambda share: (share["redemption_id"], share["line_no"]))
        groups = (
            ("order", [self.order]),
            ("payment", [self.payment]),
            ("line", self.lines),
            ("tender", self.tenders),
            ("redemption", sorted(self.redemptions, key=lambda row: str(row["id"]))),
            ("share", shares),
            ("sold", sorted(self.sold, key=lambda row: str(row["id"]))),
        )
        return [[row[column] for column in _COLUMNS[name]] for name, rows in groups for row in rows]

    def answers(self) -> Hashed:
        """Return what the devices said to each tender, as the digest of the event that ended the payment covers it."""
        return [[tender["id"], tender["status"], tender["approval_code"]] for tender in self.tenders]


def compose(draft: Draft, payment: str, receipt: int | None) -> SaleRows:
    """Return the rows of a draft under a payment's id. Nothing is written."""
    order = identifier("ord")
    redemptions, shares = _redemptions(draft, payment, order)
    return SaleRows(
        order=_order(draft, order),
        payment=_payment(draft, payment, order, receipt),
        lines=_lines(draft, order),
        tenders=_tenders(draft, payment),
        redemptions=redemptions,
        shares=shares,
        sold=_sold(draft, payment),
        attached=None if draft.claim is None else draft.claim["id"],
    )


def insert(transaction: Transaction, rows: SaleRows) -> None:
    """Write the rows, parents first, but for the rewards' redemptions, which are claimed, and what hangs on them."""
    transaction.insert(_ORDER, [rows.order])
    transaction.insert(_LINE, rows.lines)
    transaction.insert(_PAYMENT, [rows.payment])
    transaction.insert(_TENDER, rows.tenders)
    transaction.insert(_REDEMPTION, rows.codes)
    if rows.sold:
        transaction.insert(_SERIES, [{"prefix": fold(SOLD_PREFIX), "kind": "voucher"}], ignore=True)
        transaction.insert(_VOUCHER, rows.sold)


def insert_shares(transaction: Transaction, rows: SaleRows) -> None:
    """Write each line's shares of the discounts, once all redemptions are there."""
    transaction.insert(_SHARE, rows.shares)


_OF_PAYMENT: BindParameter[str] = bindparam("payment")
_READ_PAYMENT = select(_PAYMENT).where(_PAYMENT.c.id == _OF_PAYMENT)
_READ_ORDER = select(_ORDER).where(_ORDER.c.id == bindparam("order"))
_READ_LINES = select(_LINE).where(_LINE.c.order_id == bindparam("order")).order_by(_LINE.c.no)
_READ_TENDERS = select(_TENDER).where(_TENDER.c.payment_id == _OF_PAYMENT).order_by(_TENDER.c.no)
# A server gives rows back as they were last changed. Vouchers come last: they are paid with.
_READ_REDEMPTIONS = (
    select(_REDEMPTION)
    .where(_REDEMPTION.c.payment_id == _OF_PAYMENT)
    .order_by(_REDEMPTION.c.kind == "voucher", _REDEMPTION.c.id)
)
_READ_REDEMPTION = select(_REDEMPTION).where(_REDEMPTION.c.id == bindparam("redemption"))
_READ_SHARES = (
    select(_SHARE).where(_SHARE.c.order_id == bindparam("order")).order_by(_SHARE.c.line_no, _SHARE.c.redemption_id)
)
_READ_SOLD = select(_VOUCHER).where(_VOUCHER.c.payment_id == _OF_PAYMENT).order_by(_VOUCHER.c.line_no, _VOUCHER.c.id)


def read(transaction: Transaction, payment: str) -> SaleRows | None:
    """Return a sale's rows as they are now, or None when there is no such payment."""
    head = transaction.first(_READ_PAYMENT, payment=payment)
    if head is None:
        return None

    def rows(statement: Any, **parameters: object) -> list[Fields]:
        return [row._asdict() for row in transaction.all(statement, **parameters)]

    return SaleRows(
        order=rows(_READ_ORDER, order=head.order_id)[0],
        payment=head._asdict(),
        lines=rows(_READ_LINES, order=head.order_id),
        tenders=rows(_READ_TENDERS, payment=payment),
        redemptions=rows(_READ_REDEMPTIONS, payment=payment),
        shares=rows(_READ_SHARES, order=head.order_id),
        sold=rows(_READ_SOLD, payment=payment),
    )


def redemption(transaction: Transaction, key: str) -> Fields:
    """Return a redemption's row as it is now."""
    fields: Fields = transaction.all(_READ_REDEMPTION, redemption=key)[0]._asdict()
    return fields


def _order(draft: Draft, order: str) -> Fields:
    quote = draft.quote
    return {
        "id": order,
        "till_id": draft.till,
        "operator": draft.operator,
        "member_id": draft.member,
        "currency": quote.currency,
        "prices_include_tax": quote.prices_include_tax,
        "order_amount": quote.order_amount,
        "discount_amount": quote.discount_amount,
        "tax_amount": quote.tax_amount,
        "amount": quote.amount,
        "points_base": quote.points_base,
        "points_rate": quote.points_rate,
        "created_at": draft.now,
    }


def _payment(draft: Draft, payment: str, order: str, receipt: int | None) -> Fields:
    return {
        "id": payment,
        "order_id": order,
        "till_id": draft.till,
        "status": "captured" if draft.captured else "pending",
        "amount": draft.quote.amount,
        "voucher_amount": draft.quote.amount - draft.quote.due,
        "due": draft.quote.due,
        "rounding": draft.settlement.rounding,
        "receipt": receipt,
        "refunded_amount": 0,
        "points": draft.quote.points,
        "revision": 0,
        "created_at": draft.now,
        "captured_at": draft.now if draft.captured else None,
        "expires_at": None if draft.captured else draft.now + HOLD,
    }


def _lines(draft: Draft, order: str) -> list[Fields]:
    return [
        {
            "order_id": order,
            "no": no,
            "sku": line.line.sku,
            "name": line.line.name,
            "category": line.line.category,
            "quantity": line.line.quantity,
            "unit_price": line.line.unit_price,
            "discount": line.discount,
            "tax_rate": line.line.tax_rate,
            "tax": line.tax,
            "total": line.total,
            "voucher_value": line.line.voucher_value,
            "refunded": 0,
        }
        for no, line in enumerate(draft.quote.lines, start=1)
    ]


def _tenders(draft: Draft, payment: str) -> list[Fields]:
    return [
        {
            "id": identifier("tnd"),
            "payment_id": payment,
            "no": no,
            "kind": tender.kind,
            "amount": tender.amount,
            "tendered": tender.tendered,
            "change": tender.change,
            "status": "captured" if draft.captured else "pending",
            "approval_code": None,
            "refunded": 0,
        }
        for no, tender in enumerate(draft.settlement.tenders, start=1)
    ]


def _redemptions(draft: Draft, payment: str, order: str) -> tuple[list[Fields], list[Fields]]:
    """Return a redemption for each thing used, and every share of every discount."""
    rows: list[Fields] = []
    shares: list[Fields] = []
    for discount in draft.quote.discounts:
        row = _discount(draft, payment, discount)
        rows.append(row)
        shares += [
            {"order_id": order, "line_no": no, "redemption_id": row["id"], "amount": share}
            for no, share in enumerate(discount.shares, start=1)
            if share
        ]
    for draw in draft.quote.vouchers:
        paid = {"amount": draw.amount, "forfeited": draw.forfeited, "campaign_id": draw.campaign}
        rows.append(_redemption(draft, payment, "voucher", draw.id, **paid))
    for grant in draft.quote.grants:
        rows += _granted(draft, payment, grant)
    return rows, shares


def _discount(draft: Draft, payment: str, discount: Discount) -> Fields:
    if draft.claim is not None and discount.rule.redemption == draft.claim["id"]:
        return draft.claim | {"payment_id": payment, "amount": discount.amount}
    rule = discount.rule
    fields = {"amount": discount.amount, "campaign_id": rule.campaign, "points": rule.cost}
    return _redemption(draft, payment, rule.kind, rule.id, **fields)


def _granted(draft: Draft, payment: str, grant: Grant) -> list[Fields]:
    """Return the redemption that gives points or a gift, and that of the gift."""
    fields = {"points": grant.points, "multiplier": grant.multiplier, "campaign_id": grant.campaign}
    row = _redemption(draft, payment, grant.kind, grant.id, **fields)
    if grant.gift is None:
        return [row]
    return [row, _redemption(draft, payment, "reward", grant.gift.reward, granted_by=row["id"])]


def _redemption(draft: Draft, payment: str, kind: str, target: str, **fields: object) -> Fields:
    made = {"payment_id": payment, "member_id": draft.member, "status": draft.status, "created_at": draft.now}
    return new_redemption(kind, target, **made, **fields)


def new_redemption(kind: str, target: str, **fields: object) -> Fields:
    """Return a redemption's row: of the coupon, voucher, offer or reward with the id `target`."""
    return {
        **_BLANK,
        "id": identifier("rdm"),
        "kind": kind,
        f"{kind}_id": target,
        "amount": 0,
        "forfeited": 0,
        "reversed": 0,
        "points": 0,
        **fields,
    }


def _sold(draft: Draft, payment: str) -> list[Fields]:
    return [
        new_voucher(
            mint(SOLD_PREFIX), draft.quote.currency, line.line.voucher_value, draft.now, draft.captured, payment, no
        )
        for no, line in enumerate(draft.quote.lines, start=1)
        if line.line.voucher_value is not None
        for _ in range(line.line.quantity)
    ]


def new_voucher(
    code: str, currency: str, value: int, now: int, active: bool, payment: str | None = None, line_no: int | None = None
) -> Fields:
    """Return a voucher's row: `issued` without a balance while its sale is pending, else `active`."""
    return {
        "id": identifier("vch"),
        "code": code,
        "code_key": fold(code),
        "kind": "money",
        "currency": currency,
        "initial_value": value,
        "balance": value if active else 0,
        "held": 0,
        "adjusted": 0,
        "single_use": False,
        "holder": None,
        "member_id": None,
        "pin_hash": None,
        "expires_at": None,
        "status": "active" if active else "issued",
        "payment_id": payment,
        "line_no": line_no,
        "source_id": None,
        "campaign_id": None,
        "batch_id": None,
        "batch_no": None,
        "expired_told": False,
        "created_at": now,
    }


def drawn(rows: Iterable[Fields]) -> list[tuple[str, int, int]]:
    """Return what vouchers paid and lost on these redemptions: (voucher, amount, forfeited)."""
    return [(row["voucher_id"], row["amount"], row["forfeited"]) for row in rows if row["voucher_id"] and row["amount"]]
