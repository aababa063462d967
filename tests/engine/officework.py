"""What the back office of a modelled shop does: codes, batches, campaigns, rewards, offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.engine.model import NO_CAP, Held, Offered
from tests.engine.modelledshop import ModelledShop

if TYPE_CHECKING:
    from collections.abc import Collection

LASTS = st.sampled_from([None, None, 1000])
VOUCHERS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "value": st.sampled_from([1, 500, 2500, 9999]),
        "kind": st.sampled_from(["money", "money", "money", "points"]),
        "single_use": st.booleans(),
        "lasts": st.sampled_from([None, None, 50, 2000]),
    }
)
OFF = [{"percent_off": 10}, {"percent_off": "12.5"}, {"percent_off": 100}, {"amount_off": 777}]
CONDITIONS: list[dict[str, Any]] = [
    {},
    {},
    {"min_order_value": 2000},
    {"max_discount": 150},
    {"category": "food"},
    {"product_ids": ["a", "gift"], "excluded_product_ids": ["b"]},
    {"excluded_product_ids": ["a"]},
    {"duration": "once"},
    {"duration": "repeating", "duration_in_months": 1},
]
COUPONS: st.SearchStrategy[dict[str, Any]] = st.builds(
    lambda off, conditions, terms: {**off, **conditions, **terms},
    st.sampled_from([*OFF, {"points": 40}, {"reward": None}]),
    st.sampled_from(CONDITIONS),
    st.fixed_dictionaries(
        {
            "max_redemptions": st.sampled_from([None, 1, 3]),
            "customer_limit": st.sampled_from([None, None, 1, 2]),
            "stackable": st.booleans(),
            "priority": st.integers(0, 2),
            "lasts": LASTS,
        }
    ),
)
REWARDS: st.SearchStrategy[dict[str, Any]] = st.builds(
    lambda what, points: {**what, "points": points},
    st.sampled_from(
        [
            {"amount_off": 250},
            {"percent_off": 20, "max_discount": 400},
            {"item": True, "stock": 2},
            {"item": True, "stock": 1, "shipping": True},
            {"item": True},
            {"credit_value": 600},
        ]
    ),
    st.sampled_from([5, 20, 60]),
)
OFFERS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "incentive": st.sampled_from(
            [
                {"type": "points_multiplier", "multiplier": 2},
                {"type": "points_multiplier", "multiplier": "1.5"},
                {"type": "points_bonus", "points": 30},
                {"type": "percentage_discount", "percent": 20},
                {"type": "percentage_discount", "percent": 15, "max_discount": 99},
                {"type": "gift_reward"},
                {"type": "gift_reward"},
            ]
        ),
        "max_redemptions": st.sampled_from([None, 1, 2]),
        "per_member_limit": st.sampled_from([None, 1, 1, 2]),
        "activation": st.sampled_from([None, None, "auto", "opt_in"]),
        "lasts": LASTS,
        "targeting": st.sampled_from([{}, {}, {}, {"tiers": ["gold"]}, {"min_balance": 15}, {"segments": ["Friends"]}]),
    }
)


class OfficeWork(ModelledShop):
    """What the office can do with what the shop offers."""

    def pick(self, data: st.DataObject, some: Collection[str], label: str = "which") -> str:
        return data.draw(st.sampled_from(sorted(some)), label=label)

    def dated(self, terms: dict[str, Any], name: str) -> dict[str, Any]:
        """Turn how long something lasts into its end."""
        lasts = terms["lasts"]
        return {key: value for key, value in terms.items() if key != "lasts"} | {name: lasts and self.clock.at + lasts}

    def furnish(self, data: st.DataObject) -> None:
        """Make what a shop begins with."""
        friend, other = self.books.living
        self.office.segments.create(name="Friends", members=[friend])
        self.books.segments["Friends"] = {friend}
        for member in (friend, other):
            self.adjust_points_of(member, data.draw(st.sampled_from([0, 25, 300])))
        for make in ("campaign", "reward", "reward", "voucher", "voucher", "coupon", "coupon", "offer", "offer"):
            self.make(data, make)

    @rule(data=st.data(), what=st.sampled_from(["voucher", "coupon", "reward", "offer", "campaign", "batch", "member"]))
    def make_something(self, data: st.DataObject, what: str) -> None:
        self.make(data, what)

    def make(self, data: st.DataObject, what: str) -> None:
        getattr(self, f"make_{what}")(data)

    def make_voucher(self, data: st.DataObject) -> None:
        made = self.office.vouchers.issue(**self.dated(data.draw(VOUCHERS), "expires_at"))
        self.books.vouchers[made.id] = Held(made.code, made.balance, kind=made.kind, initial=made.initial_value)

    def make_coupon(self, data: st.DataObject) -> None:
        terms = self.dated(data.draw(COUPONS), "valid_until")
        if "reward" in terms:
            if not self.there():
                return
            terms["reward"] = self.pick(data, self.there())
        campaign = self.draw_campaign(data)
        made = self.office.coupons.create(code=f"CODE{len(self.books.coupons)}", campaign=campaign, **terms)
        self.keep_coupon(made, terms)

    def keep_coupon(self, made: Any, terms: dict[str, Any]) -> None:
        limit = 1 if terms.get("duration") == "once" else made.customer_limit
        self.books.coupons[made.id] = Held(
            made.code, made.max_redemptions or NO_CAP, limit=limit, campaign=made.campaign
        )

    def draw_campaign(self, data: st.DataObject) -> str | None:
        known = [key for key, campaign in self.books.campaigns.items() if self.office_says(key) != "deleted"]
        return data.draw(st.sampled_from([None, *sorted(known)]), label="campaign")

    def office_says(self, campaign: str) -> str:
        return self.office.campaigns.get(campaign).status

    def make_campaign(self, data: st.DataObject) -> None:
        budget = data.draw(st.sampled_from([None, 300, 2000]), label="budget")
        made = self.office.campaigns.create(name="Spring", budget=budget)
        self.books.campaigns[made.id] = Held("", NO_CAP if budget is None else budget)

    def make_reward(self, data: st.DataObject) -> None:
        made = self.office.rewards.create(name=f"Reward {len(self.books.rewards)}", **data.draw(REWARDS))
        self.books.rewards[made.id] = made
        if made.stock is not None:
            self.books.stock[made.id] = made.stock

    def there(self) -> list[str]:
        """Return the rewards that can be named."""
        return [key for key, reward in self.books.rewards.items() if reward.status in ("active", "sold_out")]

    def make_offer(self, data: st.DataObject) -> None:
        terms = self.dated(data.draw(OFFERS), "ends_at")
        if terms["incentive"]["type"] == "gift_reward":
            if not self.there():
                return
            terms["incentive"] = terms["incentive"] | {"reward": self.pick(data, self.there())}
        made = self.office.offers.create(name="Offer", campaign=self.draw_campaign(data), **terms)
        gives, wants = made.incentive, made.targeting
        self.books.offers[made.id] = Offered(
            "",
            made.max_redemptions or NO_CAP,
            id=made.id,
            limit=made.per_member_limit,
            campaign=made.campaign,
            multiplier=gives.get("multiplier", 0),
            points=gives.get("points", 0),
            percent=gives.get("percent_off", 0),
            most=gives.get("max_discount"),
            reward=gives.get("reward"),
            opt_in=made.activation == "opt_in",
            ends_at=made.ends_at,
            segment=next(iter(wants.get("segments", ())), None),
            tier=next(iter(wants.get("tiers", ())), None),
            min_balance=wants.get("min_balance", 0),
        )
        if data.draw(st.sampled_from([True, True, False]), label="published"):
            self.switch_offer(made.id, "publish")

    def make_batch(self, data: st.DataObject) -> None:
        count, terms = data.draw(st.integers(1, 3)), data.draw(VOUCHERS)
        if data.draw(st.booleans(), label="of coupons"):
            made = self.office.coupons.create_batch(count=count, prefix="MANY", percent_off=10, max_redemptions=1)
            for one in self.office.coupons.list(batch=made.id).data:
                self.keep_coupon(one, {})
            return
        made = self.office.vouchers.create_batch(count=count, prefix="LOT", **self.dated(terms, "expires_at"))
        for voucher in self.office.vouchers.list(batch=made.id).data:
            worth = voucher.initial_value
            self.books.vouchers[voucher.id] = Held(voucher.code, worth, kind=voucher.kind, initial=worth)

    def make_member(self, data: st.DataObject) -> None:
        made = self.office.members.create(name="Somebody", tier=data.draw(st.sampled_from([None, "gold"])))
        self.books.points[made.id], self.books.tiers[made.id] = 0, made.tier

    # -- changing what is there ------------------------------------------------------------------------------------

    @rule(data=st.data(), what=st.sampled_from(["on", "off", "raise", "revise", "delete"]))
    def change_coupon(self, data: st.DataObject, what: str) -> None:
        coupon, store = self.pick(data, self.books.coupons), self.draw_store(data)
        now = store.coupons.get(coupon)
        cap = (now.max_redemptions or 0) + 1
        alive = now.status != "deleted"
        if what == "delete":
            store.coupons.delete(coupon)
        elif what == "raise":
            if self.either(
                alive and now.max_redemptions is not None, store.coupons.update, coupon=coupon, max_redemptions=cap
            ):
                self.books.coupons[coupon].spare += 1
        elif what == "revise":
            can = alive and now.batch is None and now.type == "percentage"
            if can or not alive:
                self.either(alive, store.coupons.revise, coupon=coupon, value=data.draw(st.sampled_from([5, 30])))
        else:
            self.either(alive, store.coupons.revise, coupon=coupon, status="active" if what == "on" else "inactive")

    @rule(data=st.data(), amount=st.sampled_from([0, 0, 300, -300, -1]))
    def change_voucher(self, data: st.DataObject, amount: int) -> None:
        """Void one, or put something on it or take it off."""
        key, store = self.pick(data, self.books.vouchers), self.draw_store(data)
        kept, status = self.books.vouchers[key], store.vouchers.get(key).status
        alive = not kept.void and status != "issued"
        if not amount:
            if self.either(alive and not kept.held, store.vouchers.void, voucher=key, reason="lost"):
                kept.void, kept.spare = True, 0
        elif self.either(
            alive and kept.spare - kept.held + amount >= 0,
            store.vouchers.adjust,
            voucher=key,
            amount=amount,
            reason="put right",
        ):
            kept.spare += amount

    @rule(data=st.data(), what=st.sampled_from(["publish", "publish", "pause"]))
    def change_offer(self, data: st.DataObject, what: str) -> None:
        self.switch_offer(self.pick(data, self.books.offers), what)

    def switch_offer(self, key: str, what: str) -> None:
        offer = self.books.offers[key]
        closed = offer.ends_at is not None and self.clock.at > offer.ends_at
        over = offer.state != "draft" and (closed or offer.spare <= 0)
        allowed = not over and (not closed if what == "publish" else offer.state != "draft")
        if self.either(allowed, getattr(self.office.offers, what), offer=key):
            offer.state = "published" if what == "publish" else "paused"

    @rule(data=st.data(), what=st.sampled_from(["pause", "resume", "resume", "more", "less", "delete"]))
    def change_campaign(self, data: st.DataObject, what: str) -> None:
        key = self.pick(data, self.books.campaigns)
        campaign, now = self.books.campaigns[key], self.office.campaigns.get(key)
        alive = now.status != "deleted"
        if what in ("more", "less"):
            if now.budget is None:
                return
            more = 200 if what == "more" else -200
            budget = max(now.budget + more, 0)
            allowed = alive and budget >= now.spent + now.held
            if self.either(allowed, self.office.campaigns.update, campaign=key, budget=budget):
                campaign.spare += budget - now.budget
        elif what == "delete":
            self.office.campaigns.delete(key)
            campaign.void = True
        elif self.either(alive, getattr(self.office.campaigns, what), campaign=key):
            campaign.void = what == "pause"

    @rule(data=st.data(), what=st.sampled_from(["on", "on", "off", "restock", "take out", "delete"]))
    def change_reward(self, data: st.DataObject, what: str) -> None:
        key = self.pick(data, self.books.rewards)
        gone, verb = self.books.rewards[key].status == "deleted", self.office.rewards.update
        if what == "delete":
            self.office.rewards.delete(key)
        elif what in ("on", "off"):
            self.either(not gone, verb, reward=key, active=what == "on")
        else:
            step = 1 if what == "restock" else -1
            allowed = not gone and key in self.books.stock and self.books.stock[key] + step >= 0
            if self.either(allowed, verb, reward=key, restock=step):
                self.books.stock[key] += step
        self.books.rewards[key] = self.office.rewards.get(key)

    def adjust_points_of(self, member: str, points: int) -> None:
        if not points:
            return
        allowed = points > 0 or self.books.points[member] + points >= 0
        if self.either(allowed, self.office.members.adjust, member=member, points=points, reason="put right"):
            self.books.points[member] += points
