"""The X and the Z report of a till's shift, laid out on a strip of a given width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.printing.strip import INDENT, WIDTH, Paper, moment

if TYPE_CHECKING:
    from posconsole.engine.day.shiftviews import ShiftView
    from posconsole.engine.views import ShopView

WAYS = {"cash": "Cash", "card": "Card", "terminal": "Card", "voucher": "Vouchers", "credit": "Store credit"}


def shift_report(shift: ShiftView, shop: ShopView, width: int = WIDTH, *, copy: bool = False) -> Paper:
    """Lay out a shift: while it is open its X report, once it is closed its Z report, ready to be signed.

    No line is wider than `width` columns or holds a control character.
    """
    paper = Paper(shop, width)
    closed = shift.closed_at is not None
    title = f"Z REPORT {shift.till}-{shift.no}" if closed else "X REPORT · the shift is open"
    at, by = shift.closed_at or shift.opened_at, shift.closed_by or shift.opened_by
    paper.head((title,), shift.till, by, at, copy=copy)
    if closed:
        paper.text(f"Opened {moment(shift.opened_at, shop)} by {shift.opened_by}")
    _sold(paper, shift)
    _paid(paper, shift)
    _drawer(paper, shift)
    if closed:
        _counted(paper, shift)
    paper.gap()
    paper.amount("Grand total of this till", shift.perpetual)
    if shift.journal_head:
        paper.text(f"Journal {shift.journal_head[:16]}")
    return paper


def _sold(paper: Paper, shift: ShiftView) -> None:
    taken = shift.takings
    if shift.last_receipt > shift.first_receipt:
        first, last = (f"{shift.till}-{number:06}" for number in (shift.first_receipt + 1, shift.last_receipt))
        paper.text(f"Receipts {first} to {last}")
    paper.rule()
    paper.amount(f"Sales ({taken.sales})", taken.gross)
    paper.amount("Discounts", -taken.discounts)
    if added := taken.amount - taken.gross + taken.discounts:
        paper.amount("Tax added", added)
    paper.amount(f"Refunds ({taken.refunds})", -taken.refunded)
    paper.amount(f"NET {paper.shop.currency.code}", taken.net, bold=True)
    for tax in taken.taxes:
        paper.amount(f"{INDENT}{paper.percent(tax.rate)} tax on net {paper.money(tax.base)}", tax.tax)
    if taken.vouchers_sold:
        paper.amount(f"{INDENT}of it vouchers sold", taken.vouchers_sold)


def _paid(paper: Paper, shift: ShiftView) -> None:
    taken = shift.takings
    if taken.tenders:
        paper.rule()
    for tender in taken.tenders:
        paper.amount(WAYS.get(tender.kind, tender.kind), tender.taken)
        if tender.given_back:
            paper.amount(f"{INDENT}given back", -tender.given_back)
    if taken.rounding:
        paper.amount("Cash rounding in it", taken.rounding)


def _drawer(paper: Paper, shift: ShiftView) -> None:
    paper.rule()
    paper.amount("Opening float", shift.opening_float)
    paper.amount("Cash from sales", shift.takings.cash)
    paper.amount("Cash put in", shift.cash_in)
    paper.amount("Cash taken out", -shift.cash_out)
    paper.amount("SHOULD BE IN THE DRAWER", shift.expected, bold=True)


def _counted(paper: Paper, shift: ShiftView) -> None:
    for coin, number in sorted(shift.counts.items(), reverse=True):
        paper.amount(f"{INDENT}{number} × {paper.money(coin)}", coin * number)
    paper.amount("COUNTED", shift.counted or 0, bold=True)
    paper.amount("DIFFERENCE", shift.difference or 0, bold=True)
    if shift.note:
        paper.text(f"{INDENT}{shift.note}")
