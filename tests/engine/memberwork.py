"""What members of a modelled shop do: points, rewards, offers, and being one person under two names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from posconsole.errors import InvalidInput, NotAllowed
from tests.engine.model import Claim
from tests.engine.officework import OfficeWork

if TYPE_CHECKING:
    from posconsole import Store

ADDRESS = {"name": "Mira", "line1": "1 High St", "city": "Ulm", "country": "DE"}


class MemberWork(OfficeWork):
    """What can be done with members, and by them."""

    @rule(data=st.data(), points=st.sampled_from([40, 200, -30, -300]))
    def adjust_points(self, data: st.DataObject, points: int) -> None:
        self.adjust_points_of(self.pick(data, self.books.living), points)

    @rule(data=st.data(), what=st.sampled_from(["gold", None, "add", "remove"]))
    def classify(self, data: st.DataObject, what: str | None) -> None:
        member = self.pick(data, self.books.living)
        if what == "add":
            self.office.segments.add("Friends", member)
            self.books.segments["Friends"].add(member)
        elif what == "remove":
            self.office.segments.remove("Friends", member)
            self.books.segments["Friends"].discard(member)
        else:
            self.office.members.update(member, tier=what)
            self.books.tiers[member] = what

    @precondition(lambda self: len(self.books.points) > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        keep, other = data.draw(st.permutations(self.books.living))[:2]
        event("merged with debt" if min(self.books.points[keep], self.books.points[other]) < 0 else "merged")
        self.office.members.merge(keep=keep, duplicate=other)
        self.books.merged(keep, other)

    def draw_member(self, data: st.DataObject) -> str:
        """Draw anybody, also under the id of one who was merged."""
        return data.draw(st.sampled_from([*self.books.living, *sorted(self.books.lives)]), label="member")

    # -- what members have of it -----------------------------------------------------------------------------------

    @rule(data=st.data())
    def activate(self, data: st.DataObject) -> None:
        self.activate_one(self.pick(data, self.books.offers), self.draw_member(data), self.draw_store(data))

    def activate_one(self, which: str, member: str, store: Store) -> None:
        offer, mine = self.books.offers[which], self.books.who(member)
        asked = {"offer": offer.id, "account": member}
        had = mine in offer.activated
        if not offer.opt_in:
            self.says_no(InvalidInput, store.offers.activate, **asked)
            return
        try:
            made = store.offers.activate(**asked)
        except NotAllowed as refused:
            event(f"not activated: {refused.code}")
            if offer.points and refused.code == "offer_limit_reached":
                # The claim stays, and brings nothing.
                offer.activated.add(mine)
            return
        offer.activated.add(mine)
        allowed = self.books.allowed(offer, mine, self.clock.at) or bool(offer.reward)
        assert allowed or had, offer
        assert (made.redemption is not None, made.points) == (bool(offer.points), offer.points)
        if offer.points:
            event("a bonus awarded")
            offer.spare -= 1
            assert offer.spare >= offer.held
            self.books.count(offer, mine, 1)
            self.books.points[mine] += offer.points

    @rule(data=st.data())
    def deactivate(self, data: st.DataObject) -> None:
        offer, member = self.books.offers[self.pick(data, self.books.offers)], self.draw_member(data)
        mine = self.books.who(member)
        assert self.office.offers.deactivate(offer=offer.id, account=member) == (mine in offer.activated)
        offer.activated.discard(mine)

    @rule(data=st.data(), keyed=st.booleans())
    def claim_reward(self, data: st.DataObject, keyed: bool) -> None:
        reward = self.books.rewards[self.pick(data, self.books.rewards)]
        member, store = self.draw_member(data), self.draw_store(data)
        asked: dict[str, Any] = {"account": member, "reward": reward.id}
        asked["shipping"] = ADDRESS if reward.shipping else None
        if keyed:
            asked["idempotency_key"] = f"key{len(self.keys)}"
        allowed = (
            reward.status in ("active", "sold_out")
            and self.books.stock.get(reward.id, 1) > 0
            and self.books.points[self.books.who(member)] >= reward.points
        )
        made = self.either(allowed, store.loyalty.redemptions.create, **asked)
        if made is None:
            return
        event(f"claimed: {reward.kind}")
        if keyed:
            self.keys[asked["idempotency_key"]] = "redemptions", store.loyalty.redemptions.create, asked, made.id
        claim = self.books.claims[made.id] = Claim(reward.id, member, reward.points, "pending")
        self.books.take(claim)
        if reward.kind != "discount":
            self.books.settle(made.id, in_sale=False)
        assert made.status == claim.status

    @precondition(lambda self: self.books.claims)
    @rule(data=st.data(), what=st.sampled_from(["fulfill", "reverse", "reverse"]))
    def end_claim(self, data: st.DataObject, what: str) -> None:
        key, verbs = self.pick(data, self.books.claims), self.draw_store(data).loyalty.redemptions
        claim = self.books.claims[key]
        if what == "fulfill":
            if self.either(claim.status == "fulfillment_pending", verbs.fulfill, redemption=key):
                claim.status = "fulfilled"
            return
        spent = any(one.spare < one.initial or one.held for one in self.books.credits_of(key))
        free = claim.payment is None and claim.status not in ("released", "reversed")
        if self.either(free and not spent, verbs.reverse, redemption=key, reason="changed their mind"):
            self.books.undo(key, "reversed")

    @rule(data=st.data())
    def redeem_points_voucher(self, data: st.DataObject) -> None:
        """Credit what is on a points voucher, without a sale."""
        known = [key for key, kept in self.books.vouchers.items() if kept.kind == "points"]
        if not known:
            return
        key, member = self.pick(data, known), self.draw_member(data)
        kept = self.books.vouchers[key]
        usable = self.office.vouchers.get(key).status == "active" and kept.spare > kept.held
        free = kept.spare - kept.held
        asked = {"code": kept.code, "customer": member}
        if self.either(usable, self.office.vouchers.redeem, **asked):
            kept.spare -= free
            self.books.points[self.books.who(member)] += free
