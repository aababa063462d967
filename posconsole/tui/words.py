"""What is said in words when money has moved, or will: `Captured 24.52 by card · receipt 1-000142`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.clock import local
from posconsole.tui.keys import TRAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posconsole.engine.views import PaymentView, Recovered, RefundPlan, RefundTender, RefundView, ShopView

TAKEN = {"cash": "in cash", "card": "by card", "terminal": "by card"}
KINDS = {"cash": "CASH", "card": "CARD", "terminal": "CARD, BANK'S DEVICE"}
UNSURE = ("pending", "unknown")
RETURNED = {
    "cash": "in cash",
    "card": "to the card",
    "terminal": "on the card terminal",
    "credit": "as a new voucher",
}


def money(amount: int, shop: ShopView) -> str:
    """Write an amount in the shop's currency and language."""
    return shop.currency.format(amount, shop.locale)


def points(amount: int, shop: ShopView, *, signed: bool = False) -> str:
    """Write a number of points in the shop's language: `1,240 points`, `+28 points`."""
    from babel.numbers import format_decimal

    sign = "−" if amount < 0 else "+" if signed else ""
    return f"{sign}{format_decimal(abs(amount), locale=shop.locale)} point{'' if abs(amount) == 1 else 's'}"


def when(at: int, shop: ShopView) -> str:
    """Write a recent moment on the shop's clock and in its language: `22 Jul 14:02`."""
    from babel.dates import format_datetime

    return str(format_datetime(local(at, shop.timezone), "d MMM HH:mm", locale=shop.locale))


def state(payment: PaymentView) -> tuple[str, str]:
    """Return a payment's state with its sign, and its colour; nothing when it is simply paid."""
    if any(tender.status == "unknown" for tender in payment.tenders):
        return "! no answer", "$warn"
    if payment.status == "pending":
        return "… waiting", "$warn"
    if payment.status == "refunded":
        return "✗ all back", "$dim"
    if payment.status == "partially_refunded":
        return "part back", "$ink"
    return "", "$ink"


def received(payment: PaymentView) -> list[tuple[int, str]]:
    """Return what a sale was paid with: each amount in minor units, and what it came from."""
    parts = [(r.amount, f"from voucher {r.code}") for r in payment.redemptions if r.kind == "voucher"]
    return parts + [(t.amount, TAKEN.get(t.kind, t.kind)) for t in payment.tenders if t.status == "captured"]


def captured(payment: PaymentView, shop: ShopView) -> str:
    """Say what was taken for a sale, from where, and its receipt number."""
    parts = received(payment)
    said = _listed("Captured", parts, shop) if parts else "Nothing to pay"
    if lost := sum(redemption.forfeited for redemption in payment.redemptions):
        said += f"; {money(lost, shop)} not used is lost"
    gives = f" · {points(payment.points_earned, shop, signed=True)}" if payment.points_earned else ""
    return f"{said}{gives} · receipt {payment.receipt_number}"


def captured_late(payment: PaymentView, shop: ShopView) -> str:
    """Say what was taken for a sale whose receipt never came up, and the vouchers that it sold."""
    codes = ", ".join(sold.code for sold in payment.vouchers_sold)
    return captured(payment, shop) + (f". Hand over the voucher {codes}" if codes else "")


def refunded(refund: RefundView, shop: ShopView) -> str:
    """Say what was given back, to where, and the refund's receipt number."""
    parts = [(t.amount, returned(t)) for t in refund.tenders]
    verb, still = ("Recorded", ", to be keyed in there") if to_key_in(refund.tenders) else ("Refunded", "")
    return f"{_listed(verb, parts, shop)}{still}{_taken_back(refund, shop)} · receipt {refund.number}"


def planned(plan: RefundPlan, shop: ShopView) -> str:
    """Say what a refund would give back, to where, and what points the member loses by it."""
    return _listed("Gives back", [(t.amount, returned(t)) for t in plan.tenders], shop) + _taken_back(plan, shop)


def _taken_back(plan: RefundPlan | RefundView, shop: ShopView) -> str:
    return f", takes {points(plan.points, shop)} back" if plan.points else ""


def paid_out(plan: RefundPlan | RefundView) -> int:
    """Return what leaves the till with a refund, in minor units: its tenders' sum, rounded as cash is."""
    return sum(tender.amount for tender in plan.tenders)


def returned(tender: RefundTender) -> str:
    """Say where a part of a refund goes: `to voucher …-4TRB`, `in cash`."""
    if tender.kind == "voucher":
        return f"to voucher {tender.voucher_code}"
    return RETURNED.get(tender.kind, tender.kind)


def cash_in(tenders: Sequence[RefundTender]) -> int:
    """Return what the cashier has to hand over of a refund, in minor units."""
    return sum(tender.amount for tender in tenders if tender.kind == "cash")


def to_key_in(tenders: Sequence[RefundTender]) -> int:
    """Return what the cashier has to key into the bank's own device, in minor units: nothing has moved before that."""
    return sum(tender.amount for tender in tenders if tender.kind == "terminal" and tender.status == "captured")


def _listed(verb: str, parts: Sequence[tuple[int, str]], shop: ShopView) -> str:
    total = money(sum(amount for amount, _ in parts), shop)
    if len(parts) == 1:
        return f"{verb} {total} {parts[0][1]}"
    return f"{verb} {total}: " + ", ".join(f"{money(amount, shop)} {where}" for amount, where in parts)


def to_do(refund: RefundView | None, shop: ShopView) -> list[str]:
    """Say what the cashier still has to do by hand for a refund."""
    if refund is None:
        return []
    said = []
    for tender in refund.tenders:
        if tender.status != "captured":
            said.append(f"The bank hasn't confirmed {money(tender.amount, shop)} to the card yet.")
        elif tender.kind == "terminal":
            said.append(f"Key a refund of {money(tender.amount, shop)} into the card terminal.")
    return said


def about(payment: PaymentView) -> str:
    """Say how a payment is being made, at which till and by whom: `CARD · till 1 · Ana`."""
    kinds = {KINDS.get(t.kind, t.kind) for t in payment.tenders if t.status in UNSURE}
    return " · ".join([*sorted(kinds), f"till {payment.till}", payment.operator])


def tried(payment: PaymentView) -> int:
    """Return the part of a payment whose outcome isn't known, in minor units."""
    return sum(tender.amount for tender in payment.tenders if tender.status in UNSURE)


def settled(payment: PaymentView, asked: PaymentView, shop: ShopView) -> str:
    """Say what has become of the payment that was asked about, once a person or the bank has answered."""
    if payment.status == "captured":
        return captured_late(payment, shop)
    return f"Not paid: {money(tried(asked), shop)} was not taken. Its codes and vouchers are free again."


def left_open(found: Recovered, shop: ShopView) -> str:
    """Say what has become of a payment that was under way when the till stopped."""
    if found.what == "captured":
        return f"Under way when the till stopped: {captured_late(found.payment, shop)}."
    if found.what == "needs_settling":
        amount = money(tried(found.payment), shop)
        said = f"The till stopped while {amount} was being paid: it may be taken."
        return f"{said} Do NOT take it again. {TRAY} settles it."
    return f"Under way when the till stopped: {money(found.payment.due, shop)} was not taken."


def asked_again(found: Sequence[Recovered], asked: PaymentView, shop: ShopView) -> tuple[str, tuple[str, str]]:
    """Say what asking the bank again brought about the payment that was asked about, and in which tone."""
    for recovered in found:
        if recovered.payment.id == asked.id:
            if recovered.what == "needs_settling":
                return "The bank still can't say. Find out, then A or D records it.", ("!", "$warn")
            return settled(recovered.payment, asked, shop), ("✓", "$good")
    return "Settled in the meantime.", ("✓", "$good")
