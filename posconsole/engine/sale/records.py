"""A sale's rows as the view that callers get."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from posconsole.codes import mask, repeated
from posconsole.engine.db.database import among, values
from posconsole.engine.quoting.quotes import TaxLine
from posconsole.engine.refund import refundrows
from posconsole.engine.refund.refundplan import merged
from posconsole.engine.sale import balances, salerows
from posconsole.engine.views import (
    LineView,
    PaymentView,
    RedemptionView,
    RefundItem,
    RefundTender,
    RefundView,
    TenderView,
    VoucherView,
)
from posconsole.errors import NotFound
from posconsole.models import (
    Coupon,
    Member,
    Offer,
    Payment,
    Refund,
    Reward,
    Voucher,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from posconsole.engine.db.database import Transaction
    from posconsole.engine.refund.refundrows import RefundRows
    from posconsole.engine.sale.salerows import Fields, SaleRows

_COUPON, _VOUCHER, _MEMBER, _PAYMENT = table(Coupon), table(Voucher), table(Member), table(Payment)
_OFFER, _REWARD = table(Offer), table(Reward)
_REFUND = table(Refund)

_MEMBER_NAME = select(_MEMBER.c.name).where(_MEMBER.c.id == bindparam("member"))
_NAMES = {
    "coupon": select(_COUPON.c.id, _COUPON.c.code, _COUPON.c.name).where(among(_COUPON.c.id, bindparam("ids"))),
    "offer": select(_OFFER.c.id, _OFFER.c.name.label("code"), _OFFER.c.name).where(
        among(_OFFER.c.id, bindparam("ids"))
    ),
    "reward": select(_REWARD.c.id, _REWARD.c.name.label("code"), _REWARD.c.name).where(
        among(_REWARD.c.id, bindparam("ids"))
    ),
}
_VOUCHER_CODES = select(_VOUCHER.c.id, _VOUCHER.c.code).where(among(_VOUCHER.c.id, bindparam("ids")))
_BY_RECEIPT = select(_PAYMENT.c.id).where(
    _PAYMENT.c.till_id == bindparam("till"), _PAYMENT.c.receipt == bindparam("receipt")
)
_REFUNDS = (
    select(_REFUND.c.id)
    .where(_REFUND.c.payment_id == bindparam("payment"))
    .order_by(_REFUND.c.created_at, _REFUND.c.receipt)
)
_GIVEN = select(_VOUCHER).where(_VOUCHER.c.source_id == bindparam("refund")).order_by(_VOUCHER.c.id)

NOTHING: Mapping[str, int] = MappingProxyType({})
Names = dict[str, tuple[str, str]]
"""What each coupon or voucher is called, by id: its code (masked for a voucher) and its name."""


def receipt_number(till: str, number: int) -> str:
    """Write a receipt number as it is printed: `1-000142`."""
    return f"{till}-{number:06d}"


def payment(transaction: Transaction, key: str) -> PaymentView:
    """Return a payment by its id; `NotFound` when there is none."""
    rows = salerows.read(transaction, key)
    if rows is None:
        raise NotFound(f"There is no payment {repeated(key)}", field="payment")
    told = names(transaction, rows), member_name(transaction, rows), left(transaction, rows), refunds(transaction, rows)
    return view(rows, *told)


def find(transaction: Transaction, till: str, written: str) -> str:
    """Return the id of the payment with a receipt number as typed: `142` (this till's), `1-142`, `1-000142`."""
    head, _, number = written.strip().rpartition("-")
    if number.isascii() and number.isdigit() and len(number) <= 12:
        found: str | None = transaction.scalar(_BY_RECEIPT, till=head or till, receipt=int(number))
        if found is not None:
            return found
    raise NotFound(
        f"There is no sale with receipt number {repeated(written)}. It stands at the head of the receipt.",
        field="receipt",
    )


def names(transaction: Transaction, rows: SaleRows) -> Names:
    """Look up what the redeemed coupons and vouchers are called."""
    return names_of(transaction, rows.redemptions)


def names_of(transaction: Transaction, redemptions: Iterable[Fields]) -> Names:
    """Look up what the targets of some redemptions are called."""
    rows = list(redemptions)
    named: list[tuple[str, str, str]] = []
    for kind, statement in _NAMES.items():
        ids = sorted({row[f"{kind}_id"] for row in rows if row[f"{kind}_id"]})
        named += transaction.all(statement, ids=values(ids)) if ids else []
    vouchers = [row["voucher_id"] for row in rows if row["voucher_id"]]
    return called(named, transaction.all(_VOUCHER_CODES, ids=values(vouchers)) if vouchers else ())


def target_of(row: Fields) -> str:
    """Return the id of what a redemption used: a coupon, voucher, offer or reward."""
    target: str = row[f"{row['kind']}_id"]
    return target


def called(named: Iterable[tuple[str, str, str]], vouchers: Iterable[tuple[str, str]]) -> Names:
    """Return names for coupons, offers and rewards (id, code, name) and for vouchers (id, code)."""
    return {key: (code, name) for key, code, name in named} | {key: (mask(code), "") for key, code in vouchers}


def member_name(transaction: Transaction, rows: SaleRows) -> str | None:
    """Return the name of the member who bought, if one did."""
    member = rows.order["member_id"]
    name: str | None = None if member is None else transaction.scalar(_MEMBER_NAME, member=member)
    return name


def left(transaction: Transaction, rows: SaleRows) -> Mapping[str, int]:
    """Return what the vouchers that a captured sale drew on and its member's points came to after it, by their ids."""
    if rows.payment["receipt"] is None:
        return {}
    subjects = (rows.order["member_id"], *(row["voucher_id"] for row in rows.redemptions))
    return balances.after(transaction, rows.payment["id"], subjects)


def view(
    rows: SaleRows,
    names: Names,
    member_name: str | None = None,
    left: Mapping[str, int] = NOTHING,
    refunded: Sequence[RefundView] = (),
) -> PaymentView:
    """Return the view of a sale's rows, whether they were read or just written."""
    order, head = rows.order, rows.payment
    return PaymentView(
        id=head["id"],
        order=order["id"],
        status=head["status"],
        currency=order["currency"],
        till=head["till_id"],
        operator=order["operator"],
        member=order["member_id"],
        member_name=member_name,
        created=head["created_at"],
        captured_at=head["captured_at"],
        expires_at=head["expires_at"],
        order_amount=order["order_amount"],
        discount_amount=order["discount_amount"],
        tax_amount=order["tax_amount"],
        amount=order["amount"],
        voucher_amount=head["voucher_amount"],
        due=head["due"],
        rounding=head["rounding"],
        change=sum(tender["change"] for tender in rows.tenders),
        lines=_lines(rows, names),
        tenders=tuple(_tender(tender) for tender in rows.tenders),
        redemptions=tuple(redemption(row, names, left) for row in rows.redemptions),
        taxes=_taxes(rows),
        vouchers_sold=tuple(voucher(row) for row in rows.sold),
        points_earned=head["points"],
        receipt_number=None if head["receipt"] is None else receipt_number(head["till_id"], head["receipt"]),
        refunded_amount=head["refunded_amount"],
        refunds=tuple(refunded),
        prices_include_tax=bool(order["prices_include_tax"]),
        points_left=left.get(order["member_id"]),
    )


def _lines(rows: SaleRows, names: Names) -> tuple[LineView, ...]:
    targets = {row["id"]: target_of(row) for row in rows.redemptions}
    shares: dict[int, list[tuple[str, int]]] = {}
    for share in rows.shares:
        code, name = names[targets[share["redemption_id"]]]
        shares.setdefault(share["line_no"], []).append((name or code, share["amount"]))
    return tuple(
        LineView(
            no=line["no"],
            sku=line["sku"],
            name=line["name"],
            quantity=line["quantity"],
            unit_price=line["unit_price"],
            gross=line["unit_price"] * line["quantity"],
            discount=line["discount"],
            tax=line["tax"],
            total=line["total"],
            tax_rate=line["tax_rate"],
            refunded=line["refunded"],
            discounts=tuple(shares.get(line["no"], ())),
            voucher_value=line["voucher_value"],
        )
        for line in rows.lines
    )


def _taxes(rows: SaleRows) -> tuple[TaxLine, ...]:
    """Sum the lines' frozen taxes by rate."""
    sums: dict[int, tuple[int, int]] = {}
    for line in rows.lines:
        net, tax = sums.get(line["tax_rate"], (0, 0))
        sums[line["tax_rate"]] = (net + line["total"] - line["tax"], tax + line["tax"])
    return tuple(TaxLine(rate, net, tax) for rate, (net, tax) in sorted(sums.items()))


def _tender(row: Fields) -> TenderView:
    return TenderView(
        row["id"],
        row["kind"],
        row["amount"],
        row["tendered"],
        row["change"],
        row["status"],
        row["approval_code"],
        row["refunded"],
    )


def redemption(row: Mapping[str, object] | Fields, names: Names, left: Mapping[str, int] = NOTHING) -> RedemptionView:
    """Return the view of a redemption's row."""
    fields: Fields = dict(row)
    target = target_of(fields)
    code, name = names[target]
    return RedemptionView(
        id=fields["id"],
        kind=fields["kind"],
        code=code,
        name=name,
        amount=fields["amount"],
        forfeited=fields["forfeited"],
        reversed=fields["reversed"],
        status=fields["status"],
        payment=fields["payment_id"],
        customer=fields["member_id"],
        target=target,
        redeemed_at=fields["created_at"],
        points=fields["points"],
        granted_by=fields["granted_by"],
        left=left.get(fields["voucher_id"]),
    )


def voucher(row: Fields, now: int | None = None) -> VoucherView:
    """Return the view of a voucher's row; its status follows from balance and date where `now` is given."""
    status = row["status"]
    if status == "active" and now is not None:
        if row["expires_at"] is not None and now > row["expires_at"]:
            status = "expired"
        elif row["balance"] == 0:
            status = "spent"
    return VoucherView(
        id=row["id"],
        code=row["code"],
        initial_value=row["initial_value"],
        balance=row["balance"],
        held=row["held"],
        currency=row["currency"],
        single_use=bool(row["single_use"]),
        holder=row["holder"],
        expires_at=row["expires_at"],
        status=status,
        created=row["created_at"],
        kind=row["kind"],
        customer=row["member_id"],
        has_pin=row["pin_hash"] is not None,
        source=row["source_id"],
        campaign=row["campaign_id"],
        batch=row["batch_id"],
    )


def refund(transaction: Transaction, key: str) -> RefundView:
    """Return a refund by its id."""
    rows = refundrows.read(transaction, key)
    sale = salerows.read(transaction, rows.head["payment_id"])
    return _refund(transaction, rows, sale)


def refunds(transaction: Transaction, rows: SaleRows) -> tuple[RefundView, ...]:
    """Return the refunds of a sale, oldest first."""
    if not any(line["refunded"] for line in rows.lines):
        return ()
    done = transaction.scalars(_REFUNDS, payment=rows.payment["id"])
    return tuple(_refund(transaction, refundrows.read(transaction, key), rows) for key in done)


def _refund(transaction: Transaction, rows: RefundRows, sale: SaleRows | None) -> RefundView:
    head = rows.head
    called = {line["no"]: line["name"] for line in sale.lines} if sale else {}
    member = sale.order["member_id"] if sale else None
    filled = [tender["voucher_id"] for tender in rows.tenders if tender["voucher_id"]]
    codes = {row.id: mask(row.code) for row in transaction.all(_VOUCHER_CODES, ids=values(filled))} if filled else {}
    left = balances.after(transaction, head["id"], (member, *filled))
    by_credit = any("credit" in (tender["kind"], tender["settled_as"]) for tender in rows.tenders)
    given = transaction.all(_GIVEN, refund=head["id"]) if by_credit else ()
    return RefundView(
        id=head["id"],
        payment=head["payment_id"],
        number=receipt_number(head["till_id"], head["receipt"]),
        amount=head["amount"],
        rounding=head["rounding"],
        items=tuple(
            RefundItem(no := line["line_no"], line["name"] or called[no], line["quantity"], line["amount"], line["tax"])
            for line in rows.lines
        ),
        tenders=merged(
            RefundTender(
                row["kind"],
                row["amount"],
                codes.get(row["voucher_id"]),
                row["tender_id"],
                row["status"],
                row["settled_as"],
            )
            for row in rows.tenders
        ),
        reason=head["reason"],
        created=head["created_at"],
        operator=head["operator"],
        points=head["points"],
        vouchers_given=tuple(voucher(row._asdict()) for row in given),
        vouchers_left=tuple((codes[key], left[key]) for key in codes if key in left),
        points_left=left.get(member) if member else None,
    )
