"""Pricing: one pure function from a sale's facts to a quote. Preview and commit both call it.

Order of calculation, each step on what the previous one left: percentage offer → coupons → reward → points
base → tax → vouchers as tender → points. Cash rounding belongs to how it is paid and stands in `tendering`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from posconsole.codes import fold, mask
from posconsole.engine.quoting.judging import judge, refusal, rule_conditions, voucher_conditions
from posconsole.engine.quoting.quotes import (
    Condition,
    Discount,
    Grant,
    Quote,
    QuoteLine,
    Step,
    TaxLine,
    Verdict,
    VoucherDraw,
)
from posconsole.engine.quoting.terms import WHOLE, Rule, StoredValue, earned, multiplied
from posconsole.money import half_up, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posconsole.engine.quoting.terms import Gift, Given, Incentive, Sale


@dataclass(slots=True)
class _Working:
    """What is left on each line while discounts are taken off, and the verdicts by target."""

    sale: Sale
    left: list[int]
    subtotal: int
    discounts: list[Discount] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)
    trace: list[Step] = field(default_factory=list)

    def discount(self, rule: Rule) -> int:
        """Take a rule's discount off the lines that it may touch and return it."""
        weights = [left if rule.takes(line) else 0 for line, left in zip(self.sale.lines, self.left, strict=True)]
        base = sum(weights)
        amount = rule.off(base)
        shares = spread(amount, weights)
        self.left = [left - share for left, share in zip(self.left, shares, strict=True)]
        self.discounts.append(Discount(rule, amount, tuple(shares)))
        if rule.campaign is not None:
            self.spent[rule.campaign] = self.spent.get(rule.campaign, 0) + amount
        step = Step(rule.kind, rule.name or rule.code, base, rule.percent, amount, _how(rule, base), sum(self.left))
        self.trace.append(step)
        return amount

    def base(self, rule: Rule) -> int:
        """Return what is left on the lines that the rule may touch."""
        return sum(left for line, left in zip(self.sale.lines, self.left, strict=True) if rule.takes(line))

    def affords(self, rule: Rule, amount: int) -> bool:
        """Say whether the budget of the rule's campaign covers a discount, after what this sale takes of it.

        One that is spent covers nothing, not even what costs no money: its codes stop.
        """
        left = None if rule.budget is None else rule.budget - self.spent.get(rule.campaign or "", 0)
        return left is None or 0 < left >= amount

    def in_stock(self, gift: Gift) -> bool:
        """Say whether there is one more of a gift, after what this sale gives of it."""
        return gift.stock is None or self.given.get(gift.reward, 0) < gift.stock

    def grant(self, grant: Grant) -> None:
        """Give the member points or a gift."""
        self.grants.append(grant)
        if grant.gift is not None:
            self.given[grant.gift.reward] = self.given.get(grant.gift.reward, 0) + 1


def price(sale: Sale) -> Quote:
    """Price a sale. Total and deterministic: the order of the codes doesn't matter, nothing is written."""
    gross = [line.gross for line in sale.lines]
    work = _Working(sale, list(gross), sum(gross))
    _best_offer(work)
    _coupons(work)
    reward = _rewards(work)
    base = sum(left for line, left in zip(sale.lines, work.left, strict=True) if line.voucher_value is None)
    taxes, tax_shares = _taxes(work)
    added = [0] * len(gross) if sale.prices_include_tax else tax_shares
    totals = [left + tax for left, tax in zip(work.left, added, strict=True)]
    draws, due = _vouchers(work, totals)
    points, out = _points(work, base)
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
        points_base=base,
        verdicts=tuple(_verdict_of(given, work) for given in sale.codes),
        prices_include_tax=sale.prices_include_tax,
        reward=reward,
        grants=tuple(work.grants),
        points=points,
        points_rate=sale.points_rate,
        offers_out=out,
        trace=tuple(work.trace),
    )


def with_code(sale: Sale, given: Given) -> tuple[Verdict, Quote]:
    """Say what one more code would do, and return the quote that Enter would lead to.

    A code that is there already, or that would push out one that is there, is refused and leaves the quote.
    """
    if any(fold(given.code) == fold(other.code) for other in sale.codes):
        quote = price(sale)
        kind = next((v.kind for v in quote.verdicts if fold(v.code) == fold(given.code)), None)
        code = given.target.code if given.target else given.code
        return refusal(code, kind, _name(given), "already_applied", ()), quote
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
    reason = "no_eligible_items" if verdict.kind == "voucher" else "not_combinable"
    details = tuple(Condition(reason, met=False) if one.name == reason else one for one in verdict.details)
    refused = refusal(verdict.code, verdict.kind, verdict.name, reason, details)
    return replace(refused, available=verdict.available)


def _name(given: Given) -> str:
    return given.target.name if isinstance(given.target, Rule) else ""


def _how(rule: Rule, base: int) -> str:
    """Say what made a discount the amount that it is."""
    raw, exact = (rule.amount or 0, True) if rule.percent is None else _rounded(base * rule.percent)
    if rule.max_discount is not None and rule.max_discount < min(raw, base):
        return "capped"
    if raw > base:
        return "cut"
    return "exact" if exact else "half_up"


def _rounded(parts: int) -> tuple[int, bool]:
    """Return an amount of basis points as a whole one, half up, and whether nothing was rounded."""
    return half_up(parts, WHOLE), parts % WHOLE == 0


def _best_offer(work: _Working) -> None:
    offers = [rule for rule in work.sale.offers if work.subtotal >= (rule.min_order_value or 0)]
    worth = {rule.id: rule.off(work.base(rule)) for rule in offers}
    offers = [rule for rule in offers if worth[rule.id] and work.affords(rule, worth[rule.id])]
    if offers:
        work.discount(min(offers, key=lambda rule: (-worth[rule.id], rule.id)))


def _coupons(work: _Working) -> None:
    """Apply the coupons by priority, then code: one, or several that are all stackable."""
    applied: list[Rule] = []
    for rule in sorted(_given_rules(work, "coupon"), key=lambda rule: (rule.priority, fold(rule.code))):
        alone = not applied or (rule.stackable and all(other.stackable for other in applied))
        base = work.base(rule)
        stock = rule.gift is None or work.in_stock(rule.gift)
        conditions = rule_conditions(rule, work.sale, work.subtotal, base, work.affords(rule, rule.off(base)))
        conditions = (*conditions, Condition("not_combinable", alone))
        if rule.gift is not None:
            conditions = (*conditions, Condition("reward_unavailable", stock))
        verdict = judge(rule.code, "coupon", rule.name, conditions)
        if verdict.valid:
            verdict = _applied(work, rule, verdict)
            applied.append(rule)
        work.verdicts[rule.key] = verdict


def _applied(work: _Working, rule: Rule, verdict: Verdict) -> Verdict:
    if rule.discounts:
        return replace(verdict, amount=work.discount(rule), percent=rule.percent)
    grant = Grant("coupon", rule.id, rule.code, rule.name, rule.points, None, rule.gift, rule.campaign, rule)
    work.grant(grant)
    return replace(verdict, points=rule.points, gift=rule.gift.name if rule.gift else None)


def _given_rules(work: _Working, kind: str) -> list[Rule]:
    targets = (given.target for given in work.sale.codes)
    return list({rule.key: rule for rule in targets if isinstance(rule, Rule) and rule.kind == kind}.values())


def _rewards(work: _Working) -> Verdict | None:
    """Apply the one reward discount: the one that was asked for, else the first whose code was given."""
    asked = work.sale.reward
    rules = [*([asked] if asked else []), *sorted(_given_rules(work, "reward"), key=lambda rule: rule.key)]
    applied = False
    for rule in rules:
        conditions = rule_conditions(rule, work.sale, work.subtotal, work.base(rule), affordable=True)
        conditions = (*conditions, Condition("not_combinable", not applied))
        if rule.owns is not None:
            conditions = (*conditions, Condition("not_eligible", rule.owns == work.sale.member))
        lacks = rule.cost - work.sale.points
        conditions = (*conditions, Condition("insufficient_points", lacks <= 0, lacks if lacks > 0 else None))
        verdict = judge(rule.code or rule.name, "reward", rule.name, conditions)
        if verdict.valid:
            verdict, applied = replace(verdict, amount=work.discount(rule), percent=rule.percent), True
        work.verdicts[rule.key] = verdict
    return work.verdicts[asked.key] if asked else None


def _taxes(work: _Working) -> tuple[tuple[TaxLine, ...], list[int]]:
    """Work out the tax once per rate, half up, and spread it over that rate's lines."""
    sale, left = work.sale, work.left
    shares, taxes, added = [0] * len(left), [], 0
    for rate in sorted({line.tax_rate for line in sale.lines}):
        weights = [amount if line.tax_rate == rate else 0 for line, amount in zip(sale.lines, left, strict=True)]
        whole = sum(weights)
        over = WHOLE + rate if sale.prices_include_tax else WHOLE
        tax = half_up(whole * rate, over)
        shares = [one + more for one, more in zip(shares, spread(tax, weights), strict=True)]
        taxes.append(TaxLine(rate, whole - tax if sale.prices_include_tax else whole, tax))
        added += 0 if sale.prices_include_tax else tax
        if rate:
            how = "half_up" if whole * rate % over else "exact"
            work.trace.append(Step("tax", "", whole, rate, tax, how, sum(left) + added))
    return tuple(taxes), shares


def _vouchers(work: _Working, totals: Sequence[int]) -> tuple[tuple[VoucherDraw, ...], int]:
    """Draw the vouchers: first those that lose what isn't drawn, then those that expire soonest."""
    sale, due = work.sale, sum(totals)
    payable = sum(total for line, total in zip(sale.lines, totals, strict=True) if line.voucher_value is None)
    held = {given.target.id: given.target for given in sale.codes if isinstance(given.target, StoredValue)}
    draws = []
    for voucher in sorted(held.values(), key=_draw_order):
        judged = judge(voucher.code, "voucher", "", voucher_conditions(voucher, sale, payable))
        verdict = replace(judged, available=voucher.available)
        if verdict.valid and voucher.kind == "points":
            name, points = mask(voucher.code), voucher.available
            work.grant(Grant("voucher", voucher.id, voucher.code, name, points, campaign=voucher.campaign))
            verdict = replace(verdict, points=voucher.available)
        elif verdict.valid:
            amount = min(voucher.available, payable)
            left = voucher.available - amount
            forfeited = left if voucher.single_use else 0
            base, payable, due = payable, payable - amount, due - amount
            draws.append(VoucherDraw(voucher.id, voucher.code, amount, forfeited, left - forfeited, voucher.campaign))
            verdict = replace(verdict, amount=amount, forfeited=forfeited)
            how = "exact" if amount == voucher.available else "cut"
            work.trace.append(Step("voucher", mask(voucher.code), base, None, amount, how, due))
        work.verdicts[voucher.id] = verdict
    return tuple(draws), due


def _draw_order(voucher: StoredValue) -> tuple[bool, bool, int, str]:
    return (not voucher.single_use, voucher.expires_at is None, voucher.expires_at or 0, voucher.code)


def _points(work: _Working, base: int) -> tuple[int, tuple[str, ...]]:
    """Work out what the member earns: on the points base, by the best multiplier, and by all that gives points.

    Returns the points and the names of gifts that are out of stock: they use nothing.
    """
    sale, out = work.sale, []
    if sale.member is None:
        return 0, ()
    earns = points = earned(base, sale.points_rate, sale.minor)
    how = "floored" if base * sale.points_rate % (WHOLE * sale.minor) else "exact"
    work.trace.append(Step("points", "", base, sale.points_rate, earns, how, points))
    for offer in _due_offers(work, base, earns):
        if offer.gift is not None and not work.in_stock(offer.gift):
            out.append(offer.name)
            continue
        extra = _extra(offer, earns) or offer.points
        given = (offer.id, offer.name, offer.name, extra, offer.multiplier, offer.gift, offer.campaign)
        work.grant(Grant("offer", *given))
    for grant in work.grants:
        if grant.points:
            points += grant.points
            what = "award" if grant.multiplier is None else "multiplier"
            how = "floored" if grant.multiplier and earns * grant.multiplier % WHOLE else "exact"
            work.trace.append(Step(what, grant.name or grant.code, earns, grant.multiplier, grant.points, how, points))
    return points, tuple(out)


def _due_offers(work: _Working, base: int, earns: int) -> list[Incentive]:
    """Return the offers that a purchase of goods brings due: of the multipliers only the one that gives most."""
    if not base:
        return []
    others = [offer for offer in work.sale.incentives if offer.multiplier is None]
    multipliers = [offer for offer in work.sale.incentives if _extra(offer, earns)]
    best = sorted(multipliers, key=lambda offer: (-_extra(offer, earns), offer.id))[:1]
    return sorted([*best, *others], key=lambda offer: offer.id)


def _extra(offer: Incentive, earns: int) -> int:
    return 0 if offer.multiplier is None else multiplied(earns, offer.multiplier)


def _verdict_of(given: Given, work: _Working) -> Verdict:
    if given.target is not None:
        return work.verdicts[given.target.key if isinstance(given.target, Rule) else given.target.id]
    reason = "mistyped" if given.mistyped else "not_found"
    return refusal(given.code, None, "", reason, (Condition(reason, met=False),))


def _lines(sale: Sale, work: _Working, taxes: Sequence[int], totals: Sequence[int]) -> tuple[QuoteLine, ...]:
    shares: Sequence[tuple[int, ...]] = [()] * len(sale.lines)
    if work.discounts:
        shares = list(zip(*(discount.shares for discount in work.discounts), strict=True))
    parts = zip(sale.lines, work.left, taxes, totals, shares, strict=True)
    return tuple(
        QuoteLine(line, gross := line.gross, gross - left, tax, total, of_line)
        for line, left, tax, total, of_line in parts
    )
