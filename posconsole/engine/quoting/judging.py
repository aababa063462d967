"""Which conditions a code has to meet on a sale, and the verdict that follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.engine.quoting.quotes import Condition, Verdict

if TYPE_CHECKING:
    from posconsole.engine.quoting.terms import Rule, Sale, StoredValue


def rule_conditions(rule: Rule, sale: Sale, subtotal: int, base: int, affordable: bool) -> tuple[Condition, ...]:
    """List a rule's conditions in the order in which the first unmet one is *the* reason.

    `base` is what is left on the lines that it may touch; `affordable` says whether its campaign's budget covers it.
    """
    missing = (rule.min_order_value or 0) - subtotal
    found = [Condition("inactive", rule.active)]
    if rule.valid_from is not None:
        found.append(Condition("not_started", sale.now >= rule.valid_from, rule.valid_from))
    if rule.valid_until is not None:
        found.append(Condition("expired", sale.now <= rule.valid_until, rule.valid_until))
    if rule.cap is not None or rule.budget is not None:
        found.append(Condition("limit_reached", affordable and (rule.cap is None or rule.used < rule.cap)))
    if rule.customer_limit is not None or rule.lapsed:
        within = rule.customer_limit is None or rule.customer_used < rule.customer_limit
        found.append(Condition("customer_limit", within and not rule.lapsed))
    if rule.members_only or rule.customer_limit is not None:
        found.append(Condition("member_required", sale.member is not None))
    if rule.min_order_value is not None:
        found.append(Condition("below_minimum", missing <= 0, missing if missing > 0 else None))
    found.append(Condition("no_eligible_items", base > 0))
    if rule.amount is not None:
        found.append(Condition("currency_mismatch", rule.currency in (None, sale.currency)))
    return tuple(found)


def voucher_conditions(voucher: StoredValue, sale: Sale, payable: int) -> tuple[Condition, ...]:
    """List a voucher's conditions likewise; `payable` is what of the sale a voucher may pay."""
    found = [Condition("inactive", voucher.status in ("active", "spent"))]
    if voucher.expires_at is not None:
        found.append(Condition("expired", sale.now <= voucher.expires_at, voucher.expires_at))
    if voucher.kind == "points":
        found.append(Condition("member_required", sale.member is not None))
    else:
        found.append(Condition("no_eligible_items", payable > 0))
        found.append(Condition("currency_mismatch", voucher.currency == sale.currency))
    found.append(Condition("insufficient_balance", voucher.available > 0))
    return tuple(found)


def judge(code: str, kind: str, name: str, conditions: tuple[Condition, ...]) -> Verdict:
    """Return the verdict on a code: valid, or the first condition that isn't met."""
    unmet = next((condition for condition in conditions if not condition.met), None)
    if unmet is None:
        return Verdict(code, kind, name, valid=True, details=conditions)
    return refusal(code, kind, name, unmet.name, conditions, unmet.figure)


def refusal(
    code: str,
    kind: str | None,
    name: str,
    reason: str,
    details: tuple[Condition, ...],
    figure: int | None = None,
) -> Verdict:
    """Return the verdict that refuses a code for a reason; `figure` is what is missing, or the date."""
    dated = reason in ("not_started", "expired")
    return Verdict(
        code,
        kind,
        name,
        valid=False,
        reason=reason,
        missing=None if dated else figure,
        at=figure if dated else None,
        details=details,
    )
