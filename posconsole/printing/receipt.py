"""The receipt of a sale and of a refund, laid out on a strip of a given width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.printing.strip import INDENT, WIDTH, Paper, moment
from posconsole.printing.symbols import CODE128, QR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from posconsole.engine.views import (
        LineView,
        PaymentView,
        RedemptionView,
        RefundItem,
        RefundTender,
        RefundView,
        ShopView,
        TenderView,
        VoucherView,
    )

PAID = {"cash": "Cash", "card": "Card", "terminal": "Card"}
RETURNED = {"cash": "In cash", "card": "To the card", "terminal": "To the card", "credit": "As a new voucher"}


def sale_receipt(payment: PaymentView, shop: ShopView, width: int = WIDTH, *, copy: bool = False) -> Paper:
    """Lay out what the customer takes home: no line is wider than `width` columns or holds a control character.

    Vouchers that paid are masked; a voucher that was bought stands in full, because this is where its owner
    reads it. A payment that isn't captured says so in place of its receipt number, a `copy` that it is one.
    """
    paper = Paper(shop, width)
    number = f"Receipt {payment.receipt_number}" if payment.receipt_number else f"NOT PAID: {payment.status}"
    paper.head((number,), payment.till, payment.operator, payment.captured_at or payment.created, copy=copy)
    for line in payment.lines:
        _sold(paper, line)
    paper.rule()
    _totals(paper, payment)
    _paid(paper, payment)
    for tax in payment.taxes if any(tax.tax for tax in payment.taxes) else ():
        tells = "Includes " if payment.prices_include_tax else ""
        paper.amount(f"{tells}{paper.percent(tax.rate)} tax on net {paper.money(tax.base)}", tax.tax)
    if payment.member_name:
        paper.gap()
        paper.centre(f"Member: {payment.member_name}")
    if payment.points_left is not None:
        paper.points("Points earned", payment.points_earned)
        paper.points("Points balance", payment.points_left)
    if payment.receipt_number:
        paper.symbol(CODE128, payment.receipt_number)
    for voucher in payment.vouchers_sold:
        _voucher_sold(paper, voucher)
    return paper


def refund_receipt(
    refund: RefundView, payment: PaymentView | None, shop: ShopView, width: int = WIDTH, *, copy: bool = False
) -> Paper:
    """Lay out what was given back of `payment`, what for and to which tender; amounts are negative.

    Without a receipt there is no payment. A voucher that was given for it stands in full, as one that was bought.
    """
    paper = Paper(shop, width)
    of = f"of receipt {payment.receipt_number}" if payment else "without a receipt"
    titles = (f"REFUND {refund.number}", of)
    paper.head(titles, refund.number.partition("-")[0], refund.operator, refund.created, copy=copy)
    for item in refund.items:
        paper.amount(counted(item.quantity, item.name), -item.amount)
        if payment and item.no in vouchers_among(payment):
            paper.text(f"{INDENT}the voucher is void")
            if gone := already_spent((item,), payment):
                paper.text(f"{INDENT}{paper.money(gone)} of it was spent")
    paper.rule()
    paper.amount(f"REFUNDED {shop.currency.code}", -refund.amount, bold=True, tall=True)
    if refund.rounding:
        paper.amount("Cash rounding", -refund.rounding)
    for tender in refund.tenders:
        _returned(paper, tender)
    for code, left in refund.vouchers_left:
        paper.amount(f"Left on voucher {code}", left)
    if refund.points_left is not None:
        paper.points("Points taken back", refund.points)
        paper.points("Points balance", refund.points_left)
    if refund.reason:
        paper.gap()
        paper.text(f"Reason: {refund.reason}")
    for voucher in refund.vouchers_given:
        _voucher_sold(paper, voucher)
    return paper


def vouchers_among(payment: PaymentView) -> dict[int, int]:
    """Return the unit prices of a sale's lines that sold vouchers, by line number."""
    return {line.no: line.unit_price for line in payment.lines if line.voucher_value is not None}


def already_spent(items: Iterable[RefundItem], payment: PaymentView) -> int:
    """Return what the vouchers among refunded items were spent on, and so is not paid back, in minor units."""
    prices = vouchers_among(payment)
    return sum(prices[item.no] * item.quantity - item.amount for item in items if item.no in prices)


def counted(quantity: int, name: str) -> str:
    """Write a line's head: `3 × Flat white`, and the bare name for a single one."""
    return f"{quantity} × {name}" if quantity != 1 else name


def _sold(paper: Paper, line: LineView) -> None:
    paper.amount(counted(line.quantity, line.name), line.gross)
    if line.quantity != 1:
        paper.text(f"{INDENT}at {paper.money(line.unit_price)}")
    for name, amount in line.discounts:
        if amount:
            paper.amount(f"{INDENT}{name}", -amount)


def _totals(paper: Paper, payment: PaymentView) -> None:
    if payment.discount_amount:
        paper.amount("Subtotal", payment.order_amount)
        paper.amount("Discount", -payment.discount_amount)
    if not payment.prices_include_tax and payment.tax_amount:
        paper.amount("Tax", payment.tax_amount)
    paper.amount(f"TOTAL {paper.shop.currency.code}", payment.amount, bold=True, tall=True)
    paper.rule()


def _paid(paper: Paper, payment: PaymentView) -> None:
    for used in payment.redemptions:
        if used.kind == "voucher":
            _drawn(paper, used)
    if payment.rounding:
        paper.amount("Cash rounding", payment.rounding)
    for tender in payment.tenders:
        _tendered(paper, tender)
    if payment.change:
        paper.amount("Change", payment.change)
    paper.rule()


def _drawn(paper: Paper, used: RedemptionView) -> None:
    """Write what a voucher paid and what is left on it; one that holds points gave all of them to the member."""
    if used.points:
        paper.points(f"Voucher {used.code}, in points", used.points)
        return
    paper.amount(f"Voucher {used.code}", used.amount)
    if used.forfeited:
        paper.text(f"{INDENT}{paper.money(used.forfeited)} not used is forfeited")
    elif used.left is not None:
        paper.amount(f"{INDENT}left on it", used.left)


def _returned(paper: Paper, tender: RefundTender) -> None:
    """Write where a part of a refund went; money that no card has got yet says so."""
    to = f"To voucher {tender.voucher_code}" if tender.kind == "voucher" else RETURNED.get(tender.kind, tender.kind)
    paper.amount(RETURNED.get(tender.settled_as or "", to), tender.amount)
    if tender.status != "captured":
        paper.text(f"{INDENT}the bank hasn't confirmed it yet")


def _tendered(paper: Paper, tender: TenderView) -> None:
    if tender.status != "captured":
        paper.text(f"{PAID.get(tender.kind, tender.kind)} {tender.status}")
        return
    approval = f" · approval {tender.approval_code}" if tender.approval_code else ""
    paper.amount(PAID.get(tender.kind, tender.kind) + approval, tender.tendered or tender.amount)


def _voucher_sold(paper: Paper, voucher: VoucherView) -> None:
    paper.gap()
    paper.rule("=")
    paper.centre(f"GIFT VOUCHER {paper.money(voucher.initial_value)} {voucher.currency}", bold=True)
    paper.centre(voucher.code)
    paper.symbol(QR, voucher.code)
    if voucher.expires_at is not None:
        paper.centre(f"valid until {moment(voucher.expires_at, paper.shop)}")
    paper.rule("=")
