"""Giving back without a receipt: a manager's decision, for goods that no sale is known for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posconsole.codes import identifier
from posconsole.engine.arguments import optional
from posconsole.engine.codes import issuing
from posconsole.engine.context import Request
from posconsole.engine.quoting import facts
from posconsole.engine.quoting.pricing import price
from posconsole.engine.refund import refundrows
from posconsole.engine.sale import records
from posconsole.engine.sale.selling import selling_of
from posconsole.engine.sale.tendering import rounded
from posconsole.engine.staff.access import needs
from posconsole.errors import InvalidInput, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.quoting.quotes import Quote
    from posconsole.engine.quoting.rung import Basket
    from posconsole.engine.sale.salerows import Fields
    from posconsole.engine.views import RefundView

WAYS = ("cash", "credit")


class Unreceipted:
    """The verb that gives money back for what no receipt shows."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("payments.refund_without_receipt")
    def refund_without_receipt(
        self,
        items: Iterable[Mapping[str, Any]],
        *,
        reason: str,
        tender: str = "cash",
        idempotency_key: str | None = None,
    ) -> RefundView:
        """Give back the price of goods in `cash`, rounded to the smallest coin, or as `credit`: a new voucher.

        `items` are those of a sale: `id`, `quantity`, and a `price` that is not the catalogue's, in minor units.
        A reason is needed. Vouchers come back with their receipt only; no points are taken. Raises `InvalidInput`,
        `NotFound`, `NotAllowed`.
        """
        basket = selling_of(self._context.shop.currency.code, items=items).basket
        why = optional(reason, "reason")
        if why is None:
            raise InvalidInput("Say why it comes back without a receipt", field="reason")
        if tender not in WAYS:
            raise InvalidInput(f"Goods without a receipt are paid back as one of {', '.join(WAYS)}", field="tender")
        listed = [[item.id, item.quantity, item.price, item.name] for item in basket.items]
        request = Request.of("refund_without_receipt", idempotency_key, items=listed, reason=why, tender=tender)

        def work(unit: Unit) -> RefundView:
            refund = identifier("ref")
            earlier = unit.once(request, refund)
            if earlier is None:
                self._take_in(unit, refund, self._worth(unit, basket), tender, why)
            return records.refund(unit.transaction, earlier or refund)

        return self._context.write(work)

    def _worth(self, unit: Unit, basket: Basket) -> Quote:
        """Price what comes back as it would be sold now, to nobody and without a code."""
        quote = price(facts.sale_of(unit.transaction, self._context.shop, basket, unit.now))
        if not quote.lines:
            raise InvalidInput("Say what comes back", field="items")
        if any(line.line.voucher_value is not None for line in quote.lines):
            raise NotAllowed("A voucher comes back with its receipt only: find its sale", code="receipt_needed")
        return quote

    def _take_in(self, unit: Unit, refund: str, quote: Quote, kind: str, reason: str) -> None:
        given = rounded(quote.amount, self._context.shop.smallest_coin) if kind == "cash" else quote.amount
        head = refundrows.head(unit, refund, amount=quote.amount, rounding=given - quote.amount, reason=reason)
        tenders = [_paid(unit, refund, kind, given)] if given else []
        rows = refundrows.RefundRows(head, _lines(refund, quote), tenders)
        refundrows.insert(unit.transaction, rows)
        entries = unit.post(refund, refundrows.entries(rows, {}, ()))
        unit.journal.record(
            "payment.refunded_without_receipt",
            refund,
            refund=refund,
            amount=quote.amount,
            receipt=unit.journal.receipts,
            rows=unit.digest(rows.frozen()),
            **unit.booked(entries),
        )


def _lines(refund: str, quote: Quote) -> list[Fields]:
    return [
        refundrows.line(
            refund,
            no,
            quantity=one.line.quantity,
            amount=one.total,
            tax=one.tax,
            sku=one.line.sku,
            name=one.line.name,
            tax_rate=one.line.tax_rate,
        )
        for no, one in enumerate(quote.lines, start=1)
    ]


def _paid(unit: Unit, refund: str, kind: str, amount: int) -> Fields:
    credit = None
    if kind == "credit":
        credit = issuing.give(unit, value=amount, source=refund, against=refundrows.CREDIT)["id"]
    return refundrows.tender(refund, 1, kind, amount, voucher_id=credit)
