"""What is said in words when money has moved, or will: `Captured 24.52 by card · receipt 1-000142`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posconsole.engine.views import PaymentView, RefundTender, RefundView, ShopView

TAKEN = {"cash": "in cash", "card": "by card", "terminal": "by card"}
RETURNED = {"cash": "in cash", "card": "to the card", "terminal": "to the card, on the bank's device"}


def money(amount: int, shop: ShopView) -> str:
    """Write an amount in the shop's currency and language."""
    return shop.currency.format(amount, shop.locale)


def captured(payment: PaymentView, shop: ShopView) -> str:
    """Say what was taken for a sale, from where, and its receipt number."""
    parts = [(r.amount, f"from voucher {r.code}") for r in payment.redemptions if r.kind == "voucher"]
    parts += [(t.amount, TAKEN.get(t.kind, t.kind)) for t in payment.tenders if t.status == "captured"]
    said = _listed("Captured", parts, shop) if parts else "Nothing to pay"
    return f"{said} · receipt {payment.receipt_number}"


def refunded(refund: RefundView, shop: ShopView) -> str:
    """Say what was given back, to where, and the refund's receipt number."""
    parts = [(t.amount, returned(t)) for t in refund.tenders]
    return f"{_listed('Refunded', parts, shop)} · receipt {refund.number}"


def returned(tender: RefundTender) -> str:
    """Say where a part of a refund goes: `to voucher …-4TRB`, `in cash`."""
    if tender.kind == "voucher":
        return f"to voucher {tender.voucher_code}"
    return RETURNED.get(tender.kind, tender.kind)


def cash_in(tenders: Sequence[RefundTender]) -> int:
    """Return what the cashier has to hand over of a refund, in minor units."""
    return sum(tender.amount for tender in tenders if tender.kind == "cash")


def _listed(verb: str, parts: Sequence[tuple[int, str]], shop: ShopView) -> str:
    total = money(sum(amount for amount, _ in parts), shop)
    if len(parts) == 1:
        return f"{verb} {total} {parts[0][1]}"
    return f"{verb} {total}: " + ", ".join(f"{money(amount, shop)} {where}" for amount, where in parts)
