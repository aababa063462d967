"""The model of a shop: a few dictionaries that know only what each call answered, and what follows from that.

Balances of vouchers, uses of coupons and offers, budgets, stock, points, money by tender. A member's points and
debt are one number here: what they have less what they owe.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posconsole.engine.club.rewardviews import RewardView
    from posconsole.engine.quoting.quotes import Quote
    from posconsole.engine.views import PaymentView, RedemptionView, RefundView

LIVE = ("captured", "partially_refunded", "refunded")
NO_CAP = 10**9
WHOLE = 10_000


@dataclass
class Held:
    """What the model knows of a voucher, a coupon, an offer or a campaign: what is left of it, and what is held."""

    code: str
    spare: int
    held: int = 0
    void: bool = False
    limit: int | None = None
    members: Counter[str] = field(default_factory=Counter)
    campaign: str | None = None
    kind: str = "money"
    source: str | None = None
    initial: int = 0


@dataclass
class Offered(Held):
    """An offer: what it gives, to whom, and whether it runs."""

    id: str = ""
    state: str = "draft"
    multiplier: int = 0
    points: int = 0
    percent: int = 0
    most: int | None = None
    reward: str | None = None
    opt_in: bool = False
    activated: set[str] = field(default_factory=set)
    ends_at: int | None = None
    segment: str | None = None
    tier: str | None = None
    min_balance: int = 0


@dataclass
class Claim:
    """A reward that a member has: what it cost, and how far it is."""

    reward: str
    member: str
    cost: int
    status: str
    payment: str | None = None


@dataclass(frozen=True)
class Credit:
    """A voucher that has to be there: what gave it, what it is worth, and of which kind it is."""

    source: str
    value: int
    kind: str = "money"


class Books:
    """The bookkeeping beside the shop's own."""

    def __init__(self) -> None:
        self.minor, self.taxed_within = 100, True
        self.vouchers: dict[str, Held] = {}
        self.coupons: dict[str, Held] = {}
        self.offers: dict[str, Offered] = {}
        self.campaigns: dict[str, Held] = {}
        self.rewards: dict[str, RewardView] = {}
        self.stock: dict[str, int] = {}
        self.claims: dict[str, Claim] = {}
        self.points: Counter[str] = Counter()
        self.tiers: dict[str, str | None] = {}
        self.lives: dict[str, str] = {}
        self.segments: dict[str, set[str]] = {}
        self.payments: dict[str, PaymentView] = {}
        self.money: Counter[str] = Counter()
        self.rounded = 0
        self.due_credits: list[Credit] = []

    def who(self, member: str) -> str:
        """Return who lives on of those who were merged."""
        while member in self.lives:
            member = self.lives[member]
        return member

    @property
    def living(self) -> list[str]:
        return sorted(self.points)

    def used(self, one: RedemptionView) -> Held:
        """Return what a redemption used that is no reward."""
        things: dict[str, Mapping[str, Held]]
        things = {"coupon": self.coupons, "voucher": self.vouchers, "offer": self.offers}
        return things[one.kind][one.target]

    # -- a payment's life ------------------------------------------------------------------------------------

    def took_place(self, now: PaymentView) -> None:
        """Move what the payment uses from where it was to where its new status puts it."""
        was = self.payments.get(now.id)
        before, after = was.status if was else None, now.status
        self.payments[now.id] = now
        held = (after == "pending") - (before == "pending")
        used = (after in LIVE) - (before in LIVE)
        for one in now.redemptions:
            if one.kind == "reward":
                self._claimed(one, now, before)
            else:
                self._move(one, now.member, held, used)
        for tender in now.tenders:
            self.money[tender.kind] += used * tender.amount
        for voucher in now.vouchers_sold:
            worth = voucher.initial_value if after in LIVE else 0
            gone = after not in (*LIVE, "pending")
            self.vouchers[voucher.id] = Held(voucher.code, worth, void=gone, initial=voucher.initial_value)
        assert now.points_earned == self.worth(now), "what it earns"
        if now.member and used:
            self.points[self.who(now.member)] += used * now.points_earned

    def _move(self, one: RedemptionView, member: str | None, held: int, used: int) -> None:
        kept = self.used(one)
        whole = one.amount + one.forfeited + one.points if one.kind == "voucher" else 1
        kept.held += held * whole
        kept.spare -= used * whole
        assert kept.spare >= kept.held >= 0, f"{one} used more than there is"
        if one.kind == "voucher":
            return
        if member is not None:
            self.count(kept, self.who(member), held + used)
        if kept.campaign:
            budget = self.campaigns[kept.campaign]
            budget.held += held * one.amount
            budget.spare -= used * one.amount
            assert budget.spare >= budget.held >= 0, f"{one} is beyond its budget"

    @staticmethod
    def count(kept: Held, member: str, uses: int) -> None:
        """Count a member's uses; no new one is beyond the limit of each, but merged members may have more."""
        kept.members[member] += uses
        assert kept.members[member] >= 0
        assert uses <= 0 or kept.limit is None or kept.members[member] <= kept.limit, "beyond the member's limit"

    def _claimed(self, one: RedemptionView, now: PaymentView, before: str | None) -> None:
        assert now.member is not None
        claim = self.claims.get(one.id)
        if claim is None:
            claim = self.claims[one.id] = Claim(one.target, now.member, one.points, "pending")
            self.take(claim)
        claim.payment = now.id
        if now.status in LIVE and before not in LIVE:
            self.settle(one.id, in_sale=True)
        elif now.status not in (*LIVE, "pending"):
            self.undo(one.id, "released")
        assert one.status == claim.status

    # -- rewards ---------------------------------------------------------------------------------------------

    def take(self, claim: Claim) -> None:
        """Take the points and one of the stock."""
        member = self.who(claim.member)
        self.points[member] -= claim.cost
        assert not claim.cost or self.points[member] >= 0, "spent more points than there are"
        if claim.reward in self.stock:
            self.stock[claim.reward] -= 1
            assert self.stock[claim.reward] >= 0, "gave more than there were"

    def settle(self, key: str, *, in_sale: bool) -> None:
        claim = self.claims[key]
        reward = self.rewards[claim.reward]
        claim.status = "applied"
        if reward.kind == "item":
            claim.status = "fulfilled" if in_sale and not reward.shipping else "fulfillment_pending"
        if reward.credit_value:
            self.due_credits.append(Credit(key, reward.credit_value))

    def undo(self, key: str, status: str) -> None:
        """Give back what a claim took; what was handed over stays gone, what is left of a credit is void."""
        claim = self.claims[key]
        if claim.reward in self.stock and claim.status != "fulfilled":
            self.stock[claim.reward] += 1
        self.points[self.who(claim.member)] += claim.cost
        for voucher in self.credits_of(key):
            voucher.void, voucher.spare = True, 0
        claim.status = status

    def credits_of(self, source: str) -> list[Held]:
        return [voucher for voucher in self.vouchers.values() if voucher.source == source]

    # -- points ----------------------------------------------------------------------------------------------

    def worth(self, sale: PaymentView, back: int = 0, *, whole: bool = False) -> int:
        """Return the points that a sale is worth once goods that cost `back` before tax have come back."""
        if sale.member is None:
            return 0
        base = sum(line.gross - line.discount for line in sale.lines if line.voucher_value is None) - back
        earns = base // self.minor
        given = 0
        for one in sale.redemptions:
            if one.kind == "offer" and (times := self.offers[one.target].multiplier):
                given += earns * times // WHOLE - earns
            elif one.kind != "reward" and not whole:
                given += one.points
        return earns + given

    def came_back(self, refunds: Iterable[RefundView], sale: PaymentView) -> int:
        """Return what of a sale's goods came back, before tax where that is added."""
        goods = {line.no for line in sale.lines if line.voucher_value is None}
        tax = 0 if self.taxed_within else 1
        return sum(item.amount - tax * item.tax for one in refunds for item in one.items if item.no in goods)

    # -- giving back -------------------------------------------------------------------------------------------

    def in_the_way(self, payment: PaymentView, *, as_credit: bool) -> bool:
        """Say whether a void or claimed voucher stands in a refund's way."""
        sold = [self.vouchers[voucher.id] for voucher in payment.vouchers_sold]
        used = [self.vouchers[one.target] for one in payment.redemptions if one.kind == "voucher"]
        gave = [voucher for one in payment.redemptions for voucher in self.credits_of(one.id)]
        unfilled = not as_credit and any(voucher.void for voucher in used)
        return unfilled or any(one.void or one.held for one in sold) or any(one.held for one in gave)

    def credit_in_use(self, sale: PaymentView, items: list[dict[str, int]] | None) -> bool:
        """Say whether a refund would take back a credit that a sale under way is being paid with."""
        wanted = {item["line"]: item["quantity"] for item in items or ()}
        whole = items is None or all(wanted.get(line.no, 0) == line.quantity - line.refunded for line in sale.lines)
        return whole and any(voucher.held for one in sale.redemptions for voucher in self.credits_of(one.id))

    def gave_back(self, was: PaymentView, now: PaymentView, done: RefundView, *, as_credit: bool) -> None:
        """Undo a part of the sale: vouchers first, then cards, then cash."""
        self.payments[was.id] = now
        whole = now.status == "refunded"
        after = {one.id: one for one in now.redemptions}
        left = self._to_vouchers(was, done, whole=whole, as_credit=as_credit)
        for one in was.redemptions:
            if one.kind in ("coupon", "offer"):
                self._unused(one, after[one.id], was.member, whole=whole)
            elif one.kind == "reward" and whole and self.claims[one.id].status != "reversed":
                self.undo(one.id, "reversed")
        if not as_credit:
            self._to_tenders(was, done, left)
        lost = self.worth(was, self.came_back(was.refunds, was)) - self.worth(
            was, self.came_back(now.refunds, was), whole=whole
        )
        assert done.points == lost, "the points that it takes back"
        if was.member:
            self.points[self.who(was.member)] -= lost

    def _to_vouchers(self, was: PaymentView, done: RefundView, *, whole: bool, as_credit: bool) -> int:
        left, more = done.amount, 0
        for one in sorted(was.redemptions, key=lambda one: one.id):
            if one.kind != "voucher":
                continue
            part = min(left, one.amount - one.reversed)
            left -= part
            more += one.forfeited if whole else 0
            if not as_credit:
                self.vouchers[one.target].spare += part + (one.forfeited + one.points if whole else 0)
            elif whole and one.points:
                self.due_credits.append(Credit(done.id, one.points, "points"))
        if as_credit:
            self.money["credit"] -= left
            if done.amount + more:
                self.due_credits.append(Credit(done.id, done.amount + more))
        return left

    def _unused(self, one: RedemptionView, after: RedemptionView, member: str | None, *, whole: bool) -> None:
        kept = self.used(one)
        shrunk = after.reversed - one.reversed
        assert not whole or after.reversed == one.amount
        if whole:
            kept.spare += 1
            if member is not None:
                self.count(kept, self.who(member), -1)
        if kept.campaign:
            self.campaigns[kept.campaign].spare += shrunk

    def _to_tenders(self, was: PaymentView, done: RefundView, left: int) -> None:
        for tender in sorted(was.tenders, key=lambda tender: tender.kind == "cash"):
            room = tender.amount - tender.refunded
            back = sum(back.amount for back in done.tenders if back.tender == tender.id)
            assert back == min(left, room) or tender.kind == "cash"
            assert 0 <= back <= room
            left -= back
            self.money[tender.kind] -= back
        assert left == -done.rounding

    # -- members -----------------------------------------------------------------------------------------------

    def merged(self, keep: str, other: str) -> None:
        """Let all that the other has follow to the one who is kept."""
        self.lives[other] = keep
        self.points[keep] += self.points.pop(other)
        gone = self.tiers.pop(other)
        self.tiers[keep] = self.tiers[keep] or gone
        for thing in (*self.coupons.values(), *self.offers.values()):
            if uses := thing.members.pop(other, 0):
                thing.members[keep] += uses
        for group in (*self.segments.values(), *(offer.activated for offer in self.offers.values())):
            if other in group:
                group.remove(other)
                group.add(keep)

    # -- which offers a sale brings ------------------------------------------------------------------------------

    def allowed(self, offer: Offered, member: str, now: int) -> bool:
        """Say whether a member may use an offer now, but for its gift's stock and its campaign's budget."""
        campaign = self.campaigns.get(offer.campaign or "")
        return (
            offer.state == "published"
            and (offer.ends_at is None or now <= offer.ends_at)
            and offer.spare > offer.held
            and (offer.limit is None or offer.members[member] < offer.limit)
            and (not offer.opt_in or member in offer.activated)
            and (offer.segment is None or member in self.segments[offer.segment])
            and (offer.tier is None or offer.tier == self.tiers[member])
            and max(self.points[member], 0) >= offer.min_balance
            and (campaign is None or not campaign.void)
            and (offer.reward is None or self.rewards[offer.reward].status in ("active", "sold_out"))
        )

    def expected_offers(self, quote: Quote, member: str, now: int) -> set[str]:
        """Return the offers that a sale has to bring its member: one discount, one multiplier, all that gives."""
        mine = [self.offers[key] for key in sorted(self.offers) if self.allowed(self.offers[key], member, now)]
        lines = [line.line for line in quote.lines]
        found = set()
        worth = {one.id: off for one in mine if (off := self._off(one, lines)) and self._covers(one, off)}
        if worth:
            found.add(min(worth, key=lambda key: (-worth[key], key)))
        if not quote.points_base:
            return found
        earns = quote.points_base // self.minor
        extra = {one.id: more for one in mine if (more := earns * one.multiplier // WHOLE - earns) > 0}
        if extra:
            found.add(min(extra, key=lambda key: (-extra[key], key)))
        left = Counter(self.stock)
        left.subtract(grant.gift.reward for grant in quote.grants if grant.gift and grant.kind == "coupon")
        for one in mine:
            if one.points and not one.opt_in:
                found.add(one.id)
            gift = one.reward if one.reward and self.rewards[one.reward].kind != "discount" else None
            if gift and (gift not in self.stock or left[gift] > 0):
                left[gift] -= 1
                found.add(one.id)
        return found

    def _covers(self, offer: Offered, off: int) -> bool:
        campaign = self.campaigns.get(offer.campaign or "")
        return campaign is None or off <= campaign.spare - campaign.held

    def _off(self, offer: Offered, lines: Iterable[object]) -> int:
        """Return what an offer takes off, before anything else has."""
        goods = sum(line.gross for line in lines if line.voucher_value is None)  # type: ignore[attr-defined]
        reward = self.rewards[offer.reward] if offer.reward else None
        percent = offer.percent or (reward.percent_off if reward else 0) or 0
        fixed = (reward.amount_off if reward else 0) or 0
        most = offer.most if reward is None else reward.max_discount
        off = (goods * percent * 2 + WHOLE) // (2 * WHOLE) if percent else min(fixed, goods)
        return off if most is None else min(off, most)
