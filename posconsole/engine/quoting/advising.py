"""What a member could save today: of all that they may use now, the combination that is best for them.

Offers that only wait to be activated count as if they were; of those the price takes the best by itself. Coupons
are tried one by one, and all that may be stacked together; each is followed by the reward that then takes most off.
That is every combination a sale allows, at one pricing a coupon.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from posconsole.codes import fold, mask
from posconsole.engine.arguments import texts
from posconsole.engine.club import targeting
from posconsole.engine.quoting import facts, rules
from posconsole.engine.quoting.judging import rule_conditions
from posconsole.engine.quoting.pricing import price
from posconsole.engine.quoting.rung import checked
from posconsole.engine.quoting.terms import Rule, StoredValue
from posconsole.errors import InvalidInput
from posconsole.models import Voucher, table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from posconsole.engine.context import Context
    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.quoting.quotes import Discount, Quote
    from posconsole.engine.quoting.rung import Basket
    from posconsole.engine.quoting.terms import Given, Incentive, Sale

_VOUCHER = table(Voucher)
_HELD = (
    select(_VOUCHER.c.code)
    .where(
        _VOUCHER.c.member_id == bindparam("member"),
        _VOUCHER.c.kind == "money",
        _VOUCHER.c.status == "active",
        _VOUCHER.c.balance > _VOUCHER.c.held,
    )
    .order_by(_VOUCHER.c.expires_at.nulls_last(), _VOUCHER.c.id)
)
MOST = 100
"""Candidates of each kind that are looked at."""


@dataclass(frozen=True, slots=True)
class AdviceStep:
    """One thing to do: `activate` an offer, give a `coupon`, redeem a `reward`, or pay with a `voucher` in hand.

    `amount` is what it takes off or pays in minor units, `points` what it gives or, negative, costs.
    """

    kind: str
    id: str
    name: str
    amount: int
    points: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Advice:
    """The best combination: what to do, the basket that it leads to once the offers in `activate` are, and its price.

    `saves` is what it takes off beyond what the basket has already.
    """

    steps: tuple[AdviceStep, ...]
    activate: tuple[str, ...]
    basket: Basket
    quote: Quote
    saves: int


@dataclass(frozen=True, slots=True)
class _Choice:
    """A set of coupons with its price, and the reward that takes most off after it."""

    codes: tuple[Given, ...]
    quote: Quote
    reward: Rule | None
    off: int

    def rank(self) -> tuple[int, int, int, int]:
        """Order by what is saved, then by points kept, points earned, and the fewest codes."""
        cost = self.reward.cost if self.reward else 0
        return (self.quote.discount_amount + self.off, -cost, self.quote.points, -len(self.codes))


def advise(
    context: Context, basket: Basket, codes: Sequence[str] = (), without: Collection[str] = frozenset()
) -> Advice:
    """Return the best that the basket's member could do now, with `codes` that they have in hand; writes nothing.

    `without` are the ids of steps that they don't want: the best is found among the others.
    """
    rung, hand, unwanted = checked(basket), texts(codes, "codes"), frozenset(texts(without, "without"))
    if rung.member is None:
        raise InvalidInput("Advice is for members. Look the member up first.", field="customer")
    return context.read(lambda transaction: _advise(context, transaction, rung, hand, unwanted))


def _advise(
    context: Context, transaction: Transaction, basket: Basket, codes: Sequence[str], without: frozenset[str]
) -> Advice:
    now = context.clock.now()
    sale = facts.sale_of(transaction, context.shop, replace(basket, reward=None), now)
    before = price(facts.sale_of(transaction, context.shop, basket, now) if basket.reward else sale)
    opened, bonuses, waiting = _offers(transaction, sale, now, without)
    hand = {fold(code): code for code in (*codes, *transaction.scalars(_HELD, member=sale.member))}
    known = {fold(given.code) for given in sale.codes}
    given = (
        *sale.codes,
        *facts.given(transaction, [code for key, code in hand.items() if key not in known], sale.member, now),
    )
    given = tuple(one for one in given if one.target is None or one.target.id not in without)
    rewards = [rule for rule in rules.within(transaction, sale.points, sale.member, MOST) if rule.key not in without]
    best = _best(replace(opened, codes=()), given, rewards)
    vouchers = tuple(one for one in given if isinstance(one.target, StoredValue))
    final = price(replace(opened, codes=(*best.codes, *vouchers), reward=best.reward))
    if final.refused:
        # One that is empty, or over, or that the others leave nothing to pay to.
        good = {verdict.code for verdict in final.verdicts if verdict.valid}
        vouchers = tuple(one for one in vouchers if one.target is not None and one.target.code in good)
        final = price(replace(opened, codes=(*best.codes, *vouchers), reward=best.reward))
    used = {one.id for one in final.discounts} | {one.id for one in final.grants}
    activate = tuple(row for row in waiting if row.id in used)
    chosen = tuple(one.code for one in (*best.codes, *vouchers))
    return Advice(
        steps=tuple(_steps(context, final, activate, bonuses)),
        activate=tuple(row.id for row in (*activate, *bonuses)),
        basket=replace(basket, codes=chosen, reward=best.reward.key if best.reward else None),
        quote=final,
        saves=final.discount_amount - before.discount_amount,
    )


def _offers(
    transaction: Transaction, sale: Sale, now: int, without: frozenset[str]
) -> tuple[Sale, list[Row], list[Row]]:
    """Return the sale as if all offers that the member may activate were, the bonuses among them, and the others."""
    if sale.member is None:
        return sale, [], []
    waiting = [
        row
        for row, conditions in targeting.judged(transaction, sale.member, now)
        if row.id not in without
        and row.activated_at is None
        and [one.name for one in conditions if not one.met] == ["activation"]
    ]
    bonuses = [row for row in waiting if row.incentive == "points_bonus"]
    others = [row for row in waiting if row.incentive != "points_bonus"]
    discounts, incentives = rules.offered(others)
    more: tuple[Incentive, ...] = (*sale.incentives, *incentives)
    return replace(sale, offers=(*sale.offers, *discounts), incentives=more), bonuses, others


def _best(sale: Sale, given: Iterable[Given], rewards: Sequence[Rule]) -> _Choice:
    coupons = [one for one in given if isinstance(one.target, Rule) and one.target.kind == "coupon"]
    stacked = tuple(one for one in coupons if isinstance(one.target, Rule) and one.target.stackable)
    tried: list[tuple[Given, ...]] = [(), *((one,) for one in coupons[:MOST])]
    if len(stacked) > 1:
        tried.append(stacked)
    # An offer is taken before any coupon, so the best one is the same for all of them.
    taken = {discount.id for discount in price(sale).discounts}
    sale = replace(sale, offers=tuple(offer for offer in sale.offers if offer.id in taken))
    return max((_choice(sale, codes, rewards) for codes in tried), key=_Choice.rank)


def _choice(sale: Sale, codes: tuple[Given, ...], rewards: Sequence[Rule]) -> _Choice:
    quote = price(replace(sale, codes=codes))
    valid = {fold(verdict.code) for verdict in quote.verdicts if verdict.valid}
    taken = tuple(one for one in codes if one.target is not None and fold(one.target.code) in valid)
    left = [(line.line, line.gross - line.discount) for line in quote.lines]
    best, off = None, 0
    for rule in rewards:
        base = sum(rest for line, rest in left if rule.takes(line))
        conditions = rule_conditions(rule, sale, quote.order_amount, base, affordable=True)
        here = rule.off(base) if all(condition.met for condition in conditions) else 0
        if (here, -rule.cost) > (off, -best.cost if best else 0):
            best, off = rule, here
    return _Choice(taken, quote, best, off)


def _steps(context: Context, quote: Quote, activate: Iterable[Row], bonuses: Iterable[Row]) -> Iterable[AdviceStep]:
    def money(amount: int) -> str:
        return context.shop.currency.format(amount, context.shop.locale)

    waiting = {row.id: row.name for row in activate}
    for row in bonuses:
        words = f"Activate {row.name}: {row.points} points at once."
        yield AdviceStep("activate", row.id, row.name, 0, row.points, words)
    for discount in quote.discounts:
        yield _discount_step(discount, waiting, money)
    for grant in quote.grants:
        gives = grant.gift.name if grant.gift else f"{grant.points} points"
        verb = "Activate " if grant.id in waiting else ""
        words = f"{verb}{grant.name or grant.code}: gives {gives}."
        kind = "activate" if grant.id in waiting else grant.kind
        yield AdviceStep(kind, grant.id, grant.name or grant.code, 0, grant.points, words)
    for draw in quote.vouchers:
        words = f"Voucher {mask(draw.code)} in hand pays {money(draw.amount)}."
        yield AdviceStep("voucher", draw.id, mask(draw.code), draw.amount, 0, words)


def _discount_step(discount: Discount, waiting: dict[str, str], money: Callable[[int], str]) -> AdviceStep:
    rule, saves = discount.rule, money(discount.amount)
    name = rule.name or rule.code
    if rule.id in waiting:
        return AdviceStep("activate", rule.id, name, discount.amount, 0, f"Activate {name}: saves {saves}.")
    if rule.kind == "reward":
        cost = f"for {rule.cost} points" if rule.cost else "that was redeemed before"
        words = f"Redeem {name} {cost}: saves {saves}."
        return AdviceStep("reward", rule.key, name, discount.amount, -rule.cost, words)
    words = f"{rule.code if rule.kind == 'coupon' else name} saves {saves}."
    return AdviceStep(rule.kind, rule.id, name, discount.amount, 0, words)
