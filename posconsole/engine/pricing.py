"""Pricing: one pure function from a sale's facts to a quote. Preview and commit both call it.

Order of calculation, each step on what the previous one left: percentage offer → coupons → reward → points
base → tax → vouchers as tender. Cash rounding belongs to how it is paid and stands in `tendering`.
Amounts are integers in minor units, percentages and tax rates basis points, times epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from posconsole.codes import fold

# They stand apart because the till's first frame needs them and nothing else of this file.
from posconsole.engine.rung import Basket as Basket
from posconsole.engine.rung import Item as Item
from posconsole.money import half_up, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

WHOLE = 10_000
"""A hundred per cent in basis points."""


@dataclass(frozen=True, slots=True)
class Line:
    """An item with its catalogue facts. A `voucher_value` marks a line that sells vouchers."""

    sku: str | None
    name: str
    quantity: int
    unit_price: int
    tax_rate: int = 0
    category: str | None = None
    voucher_value: int | None = None

    @property
    def gross(self) -> int:
        """Return what the line costs before discounts."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Rule:
    """A discount's terms and how much of them is used up: an offer's, a coupon's or a reward's."""

    kind: str
    id: str
    code: str
    name: str
    percent: int | None = None
    amount: int | None = None
    currency: str | None = None
    min_order_value: int | None = None
    max_discount: int | None = None
    valid_from: int | None = None
    valid_until: int | None = None
    products: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    cap: int | None = None
    used: int = 0
    customer_limit: int | None = None
    customer_used: int = 0
    stackable: bool = False
    priority: int = 0
    active: bool = True

    def takes(self, line: Line) -> bool:
        """Say whether the discount may touch this line. Exclusion wins; vouchers on sale never are."""
        if line.voucher_value is not None or line.sku in self.excluded:
            return False
        if not self.products and not self.categories:
            return True
        return line.sku in self.products or line.category in self.categories

    def off(self, base: int) -> int:
        """Return the discount on an eligible amount: percentages half up, never more than is there."""
        off = half_up(base * self.percent, WHOLE) if self.percent is not None else self.amount or 0
        return min(off, base, off if self.max_discount is None else self.max_discount)


@dataclass(frozen=True, slots=True)
class StoredValue:
    """A voucher's terms. `available` is its balance less what other payments hold."""

    id: str
    code: str
    currency: str
    available: int
    status: str = "active"
    single_use: bool = False
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A code as the customer gave it, and what it turned out to be. Neither target: `not_found`."""

    code: str
    target: Rule | StoredValue | None = None
    mistyped: bool = False


@dataclass(frozen=True, slots=True)
class Sale:
    """All that a price depends on. `offers` are those the member may have; the best one is taken."""

    lines: tuple[Line, ...]
    currency: str
    now: int
    prices_include_tax: bool = True
    member: str | None = None
    codes: tuple[Given, ...] = ()
    offers: tuple[Rule, ...] = ()
    reward: Rule | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a code by the reason it would be refused for; `figure` is what it lacks or its date."""

    name: str
    met: bool
    figure: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a code does to this sale: the discount or the draw, or the first reason that forbids it.

    `available` is what a voucher holds.
    """

    code: str
    kind: str | None
    name: str
    valid: bool
    reason: str | None = None
    amount: int = 0
    percent: int | None = None
    forfeited: int = 0
    available: int | None = None
    missing: int | None = None
    at: int | None = None
    details: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount that applies; `shares` has one part for each line and sums to `amount`."""

    kind: str
    id: str
    code: str
    name: str
    amount: int
    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VoucherDraw:
    """What a voucher pays, what a single-use one forfeits with it, and what is left on it."""

    id: str
    code: str
    amount: int
    forfeited: int
    left: int


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax of one rate: `base` is net of it."""

    rate: int
    base: int
    tax: int


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A line with its discount, its part of its rate's tax, and what the customer pays for it."""

    line: Line
    gross: int
    discount: int
    tax: int
    total: int
    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of a sale. `amount` is after discounts and tax, `due` what the vouchers leave to pay."""

    currency: str
    lines: tuple[QuoteLine, ...]
    discounts: tuple[Discount, ...]
    vouchers: tuple[VoucherDraw, ...]
    taxes: tuple[TaxLine, ...]
    order_amount: int
    discount_amount: int
    tax_amount: int
    amount: int
    due: int
    points_base: int
    verdicts: tuple[Verdict, ...]
    prices_include_tax: bool = True

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """Return the verdicts of the codes that don't apply."""
        return tuple(verdict for verdict in self.verdicts if not verdict.valid)


@dataclass(slots=True)
class _Working:
    """What is left on each line while discounts are taken off, and the verdicts by target."""

    sale: Sale
    left: list[int]
    subtotal: int
    discounts: list[Discount] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def discount(self, rule: Rule) -> int:
        """Take a rule's discount off the lines that it may touch and return it."""
        weights = [left if rule.takes(line) else 0 for line, left in zip(self.sale.lines, self.left, strict=True)]
        amount = rule.off(sum(weights))
        shares = spread(amount, weights)
        self.left = [left - share for left, share in zip(self.left, shares, strict=True)]
        self.discounts.append(Discount(rule.kind, rule.id, rule.code, rule.name, amount, tuple(shares)))
        return amount

    def base(self, rule: Rule) -> int:
        """Return what is left on the lines that the rule may touch."""
        return sum(left for line, left in zip(self.sale.lines, self.left, strict=True) if rule.takes(line))


def price(sale: Sale) -> Quote:
    """Price a sale. Total and deterministic: the order of the codes doesn't matter, nothing is written."""
    gross = [line.gross for line in sale.lines]
    work = _Working(sale, list(gross), sum(gross))
    _best_offer(work)
    _coupons(work)
    if sale.reward is not None:
        work.discount(sale.reward)
    taxes, tax_shares = _taxes(sale, work.left)
    added = [0] * len(gross) if sale.prices_include_tax else tax_shares
    totals = [left + tax for left, tax in zip(work.left, added, strict=True)]
    draws, due = _vouchers(work, totals)
    return Quote(
        currency=sale.currency,
        lines=_lines(sale, work, tax_shares, totals),
        discounts=tuple(work.discounts),
        vouchers=draws,
        taxes=taxes,
        order_amount=work.subtotal,
        discount_amount=work.subtotal - sum(work.left),
        tax_amount=sum(tax.tax for tax in taxes),
        amount=sum(totals),
        due=due,
        points_base=sum(left for line, left in zip(sale.lines, work.left, strict=True) if line.voucher_value is None),
        verdicts=tuple(_verdict_of(given, work) for given in sale.codes),
        prices_include_tax=sale.prices_include_tax,
    )


def with_code(sale: Sale, given: Given) -> tuple[Verdict, Quote]:
    """Say what one more code would do, and return the quote that Enter would lead to.

    A code that is there already, or that would push out one that is there, is refused and leaves the quote.
    """
    if any(fold(given.code) == fold(other.code) for other in sale.codes):
        quote = price(sale)
        kind = next((v.kind for v in quote.verdicts if fold(v.code) == fold(given.code)), None)
        code = given.target.code if given.target else given.code
        return _refusal(code, kind, _name(given), "already_applied", ()), quote
    quote = price(replace(sale, codes=(*sale.codes, given)))
    verdict = quote.verdicts[-1]
    if verdict.valid and not quote.refused:
        return verdict, quote
    before = price(sale)
    if verdict.valid and any(was.valid > now.valid for was, now in zip(before.verdicts, quote.verdicts, strict=False)):
        verdict = _pushed_back(verdict)
    return (verdict, quote) if verdict.valid else (verdict, before)


def _pushed_back(verdict: Verdict) -> Verdict:
    """Refuse a code that would do nothing but take another's place: what is on the sale was there first."""
    reason = "not_combinable" if verdict.kind == "coupon" else "no_eligible_items"
    details = tuple(Condition(reason, met=False) if one.name == reason else one for one in verdict.details)
    refused = _refusal(verdict.code, verdict.kind, verdict.name, reason, details)
    return replace(refused, available=verdict.available)


def _name(given: Given) -> str:
    return given.target.name if isinstance(given.target, Rule) else ""


def _best_offer(work: _Working) -> None:
    offers = [rule for rule in work.sale.offers if rule.off(work.base(rule))]
    if offers:
        work.discount(min(offers, key=lambda rule: (-rule.off(work.base(rule)), rule.id)))


def _coupons(work: _Working) -> None:
    """Apply the coupons by priority, then code: one, or several that are all stackable."""
    rules = {given.target.id: given.target for given in work.sale.codes if isinstance(given.target, Rule)}
    applied: list[Rule] = []
    for rule in sorted(rules.values(), key=lambda rule: (rule.priority, fold(rule.code))):
        base = work.base(rule)
        alone = not applied or (rule.stackable and all(other.stackable for other in applied))
        conditions = (*_rule_conditions(rule, work, base), Condition("not_combinable", alone))
        verdict = _judge(rule.code, "coupon", rule.name, conditions)
        if verdict.valid:
            verdict = replace(verdict, amount=work.discount(rule), percent=rule.percent)
            applied.append(rule)
        work.verdicts[rule.id] = verdict


def _rule_conditions(rule: Rule, work: _Working, base: int) -> tuple[Condition, ...]:
    """List a rule's conditions in the order in which the first unmet one is *the* reason."""
    now, missing = work.sale.now, (rule.min_order_value or 0) - work.subtotal
    found = [Condition("inactive", rule.active)]
    if rule.valid_from is not None:
        found.append(Condition("not_started", now >= rule.valid_from, rule.valid_from))
    if rule.valid_until is not None:
        found.append(Condition("expired", now <= rule.valid_until, rule.valid_until))
    if rule.cap is not None:
        found.append(Condition("limit_reached", rule.used < rule.cap))
    if rule.customer_limit is not None:
        found.append(Condition("customer_limit", rule.customer_used < rule.customer_limit))
        found.append(Condition("member_required", work.sale.member is not None))
    if rule.min_order_value is not None:
        found.append(Condition("below_minimum", missing <= 0, missing if missing > 0 else None))
    found.append(Condition("no_eligible_items", base > 0))
    if rule.amount is not None:
        found.append(Condition("currency_mismatch", rule.currency == work.sale.currency))
    return tuple(found)


def _judge(code: str, kind: str, name: str, conditions: tuple[Condition, ...]) -> Verdict:
    unmet = next((condition for condition in conditions if not condition.met), None)
    if unmet is None:
        return Verdict(code, kind, name, valid=True, details=conditions)
    return _refusal(code, kind, name, unmet.name, conditions, unmet.figure)


def _refusal(
    code: str,
    kind: str | None,
    name: str,
    reason: str,
    details: tuple[Condition, ...],
    figure: int | None = None,
) -> Verdict:
    dated = reason in ("not_started", "expired")
    missing = None if dated else figure
    return Verdict(
        code,
        kind,
        name,
        valid=False,
        reason=reason,
        missing=missing,
        at=figure if dated else None,
        details=details,
    )


def _taxes(sale: Sale, left: Sequence[int]) -> tuple[tuple[TaxLine, ...], list[int]]:
    """Work out the tax once per rate, half up, and spread it over that rate's lines."""
    shares, taxes = [0] * len(left), []
    for rate in sorted({line.tax_rate for line in sale.lines}):
        weights = [amount if line.tax_rate == rate else 0 for line, amount in zip(sale.lines, left, strict=True)]
        whole = sum(weights)
        tax = half_up(whole * rate, WHOLE + rate if sale.prices_include_tax else WHOLE)
        shares = [one + more for one, more in zip(shares, spread(tax, weights), strict=True)]
        taxes.append(TaxLine(rate, whole - tax if sale.prices_include_tax else whole, tax))
    return tuple(taxes), shares


def _vouchers(work: _Working, totals: Sequence[int]) -> tuple[tuple[VoucherDraw, ...], int]:
    """Draw the vouchers: first those that lose what isn't drawn, then those that expire soonest."""
    sale, due = work.sale, sum(totals)
    payable = sum(total for line, total in zip(sale.lines, totals, strict=True) if line.voucher_value is None)
    held = {given.target.id: given.target for given in sale.codes if isinstance(given.target, StoredValue)}
    draws = []
    for voucher in sorted(held.values(), key=_draw_order):
        judged = _judge(voucher.code, "voucher", "", _voucher_conditions(voucher, sale, payable))
        verdict = replace(judged, available=voucher.available)
        if verdict.valid:
            amount = min(voucher.available, payable)
            left = voucher.available - amount
            forfeited = left if voucher.single_use else 0
            payable, due = payable - amount, due - amount
            draws.append(VoucherDraw(voucher.id, voucher.code, amount, forfeited, left - forfeited))
            verdict = replace(verdict, amount=amount, forfeited=forfeited)
        work.verdicts[voucher.id] = verdict
    return tuple(draws), due


def _draw_order(voucher: StoredValue) -> tuple[bool, bool, int, str]:
    return (not voucher.single_use, voucher.expires_at is None, voucher.expires_at or 0, voucher.code)


def _voucher_conditions(voucher: StoredValue, sale: Sale, payable: int) -> tuple[Condition, ...]:
    found = [Condition("inactive", voucher.status in ("active", "spent"))]
    if voucher.expires_at is not None:
        found.append(Condition("expired", sale.now <= voucher.expires_at, voucher.expires_at))
    found.append(Condition("no_eligible_items", payable > 0))
    found.append(Condition("currency_mismatch", voucher.currency == sale.currency))
    found.append(Condition("insufficient_balance", voucher.available > 0))
    return tuple(found)


def _verdict_of(given: Given, work: _Working) -> Verdict:
    if given.target is not None:
        return work.verdicts[given.target.id]
    reason = "mistyped" if given.mistyped else "not_found"
    return _refusal(given.code, None, "", reason, (Condition(reason, met=False),))


def _lines(sale: Sale, work: _Working, taxes: Sequence[int], totals: Sequence[int]) -> tuple[QuoteLine, ...]:
    shares: Sequence[tuple[int, ...]] = [()] * len(sale.lines)
    if work.discounts:
        shares = list(zip(*(discount.shares for discount in work.discounts), strict=True))
    parts = zip(sale.lines, work.left, taxes, totals, shares, strict=True)
    return tuple(
        QuoteLine(line, gross := line.gross, gross - left, tax, total, of_line)
        for line, left, tax, total, of_line in parts
    )
