"""The forms of coupons, with what they would take off on sample baskets while they are being filled in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from posconsole.clock import local
from posconsole.engine.codes.couponterms import VALUES
from posconsole.errors import InvalidInput
from posconsole.tui import asking
from posconsole.tui.keys import DO
from posconsole.tui.screens.form import FormScreen
from posconsole.tui.screens.office_desk import facts
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.content import Content

    from posconsole.engine.quoting.quotes import Verdict
    from posconsole.engine.views import BatchView, CouponView, ShopView
    from posconsole.tui.asking import Ask
    from posconsole.tui.screens.coupons import CouponsScreen

SAMPLES = (20, 80, 200)
"""What the sample baskets come to, in whole units of the currency."""
NONE = "none"


class _CouponForm(FormScreen):
    """Terms of a coupon and what they come to."""

    def __init__(self, of: CouponsScreen, then: Callable[[Any], None]) -> None:
        super().__init__(of.session, of.store, then)
        self.campaigns, self.rewards = of.campaigns, of.rewards

    def worth(self, kind: str) -> Ask:
        """Return the question about the value of a kind of coupon."""
        shop = self.session.shop
        if kind == "percentage":
            return asking.number("percent_off", "Per cent off", "Above 0 up to 100: 15, or 12.5.", 100, "%")
        if kind == "fixed":
            return asking.amount("amount_off", "Amount off", shop)
        if kind == "points":
            return asking.whole("points", "Points", "How many points the member is given.")
        return asking.choice("reward", "Reward", tuple(self.rewards) or (NONE,))

    def conditions(self, kind: str) -> tuple[Ask, ...]:
        """Return the questions about when and on what it counts."""
        shop = self.session.shop
        most = (asking.amount("max_discount", "At most off", shop, empty="no bound"),) if kind == "percentage" else ()
        return (
            asking.amount("min_order_value", "From a basket of", shop, empty="any basket"),
            *most,
            asking.day("valid_from", "Starts", shop, empty="at once"),
            asking.day("valid_until", "Good until", shop, empty="without an end"),
            asking.whole("max_redemptions", "Uses in all", "How often, by everybody together.", empty="no cap"),
            asking.whole(
                "customer_limit", "Uses a member", "How often each member; then it is for members.", empty="no limit"
            ),
            asking.listed("categories", "Only categories", "Names with commas between.", empty="all"),
            asking.listed("product_ids", "Only articles", "Article numbers with commas between.", empty="all"),
        )

    def terms(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the answers as terms of the engine's verbs; `KeyError` names the value while there is none."""
        found = {name: value for name, value in values.items() if name not in ("type", "campaign", "code")}
        if "reward" in values:
            found["reward"] = self.rewards.get(values["reward"])
        if values.get("campaign", NONE) != NONE:
            found["campaign"] = self.campaigns[values["campaign"]]
        return found

    def tried(self, terms: dict[str, Any], code: str) -> list[tuple[str, str] | None]:
        """Write what these terms do to the sample baskets."""
        if terms.get("reward") is not None:
            return [("gives the reward; what that is", "$dim"), ("worth, its own terms say", "$dim")]
        shop = self.session.shop
        amounts = [whole * 10**shop.currency.decimals for whole in SAMPLES]
        verdicts = self.store.coupons.try_out(amounts, code=code, **{k: v for k, v in terms.items() if k != "campaign"})
        pairs = zip(amounts, verdicts, strict=True)
        return [
            (f"on {money(amount, shop):>7}: {outcome(verdict, shop)}", _style(verdict)) for amount, verdict in pairs
        ]


class CouponForm(_CouponForm):
    """One coupon."""

    WHAT = "New coupon"
    KEYS = (DO.but("Make it", "Make the coupon as it is filled in."), *FormScreen.KEYS[1:])

    def naming(self) -> tuple[Ask, ...]:
        """Return the questions about its code."""
        return (asking.written("code", "Code", "What is typed at the till: SPRING15."),)

    def asks(self) -> Sequence[Ask]:
        """Return the code, the value, and what it counts on."""
        kind = self.typed.get("type", "percentage")
        kinds = tuple(VALUES) if self.rewards else tuple(one for one in VALUES if one != "reward")
        campaign = asking.choice("campaign", "Campaign", (NONE, *self.campaigns))
        return (
            *self.naming(),
            asking.choice("type", "Gives", kinds),
            self.worth(kind),
            asking.written("name", "Name", "What stands on the receipt.", empty="the code"),
            *self.conditions(kind),
            asking.yes_no("stackable", "With other codes"),
            *((campaign,) if self.campaigns else ()),
        )

    def comes_to(self, values: dict[str, Any]) -> Content:
        """Try it on the sample baskets."""
        asked = values[self.worth(values["type"]).name]
        members = values["type"] in ("points", "reward") or values.get("customer_limit")
        return facts(
            (would(values["type"]) if asked else "", "$dim"),
            *self.tried(self.terms(values), str(values.get("code") or "it")),
            ("", ""),
            (self._whose(bool(members)), "$dim"),
            (
                f"{values['max_redemptions']:,} × in all" if values.get("max_redemptions") else "as often as asked",
                "$dim",
            ),
        )

    def _whose(self, members: bool) -> str:
        if not members:
            return "for whoever has the code"
        everybody = self.store.members.find("", limit=1)
        return f"for members: {everybody.total:,} of them"

    def act(self, values: dict[str, Any]) -> Any:
        """Make it."""
        return self.store.coupons.create(code=values["code"], idempotency_key=self.key, **self.terms(values))


class CouponBatchForm(CouponForm):
    """Many coupons of the same terms."""

    WHAT = "New batch of coupons"

    def naming(self) -> tuple[Ask, ...]:
        """Return the questions about how many, and how their codes begin."""
        return (
            asking.whole("count", "How many", "1 to 1,000,000."),
            asking.written("prefix", "Codes begin", "2 to 12 letters and digits."),
        )

    def terms(self, values: dict[str, Any]) -> dict[str, Any]:
        """Leave out what isn't each coupon's own."""
        return {name: value for name, value in super().terms(values).items() if name not in ("count", "prefix")}

    def act(self, values: dict[str, Any]) -> BatchView:
        """Begin to make them."""
        named = {"count": values["count"], "prefix": values["prefix"]}
        return self.store.coupons.create_batch(idempotency_key=self.key, **named, **self.terms(values))


class ReviseForm(_CouponForm):
    """Other terms for a coupon that is in use. What it was used on keeps its price."""

    WHAT = "Revise"
    KEYS = (DO.but("Revise it", "Change the coupon to what is filled in."), *FormScreen.KEYS[1:])

    def __init__(self, of: CouponsScreen, coupon: CouponView, then: Callable[[Any], None]) -> None:
        super().__init__(of, then)
        self.coupon = coupon

    def head(self, what: str, whose: str = "") -> None:
        """Name the coupon."""
        super().head(f"{what} {self.coupon.code}", whose)

    def asks(self) -> Sequence[Ask]:
        """Return the value and the conditions as they are."""
        coupon, zone = self.coupon, self.session.shop.timezone
        asks = (self.worth(coupon.type), *self.conditions(coupon.type))
        names = {key: name for name, key in self.rewards.items()}
        written = {"reward": names.get(coupon.reward or "", NONE)}
        return [replace(ask, first=written.get(ask.name) or _typed(coupon, ask.name, zone)) for ask in asks]

    def comes_to(self, values: dict[str, Any]) -> Content:
        """Try it on the sample baskets as it would be."""
        asked = self.worth(self.coupon.type).name
        values[asked]
        changed = sum(self.answer(ask) != ask.first for ask in self.asks())
        return facts(
            (f"{would(self.coupon.type)} then", "$dim"),
            *self.tried(self.terms(values), self.coupon.code),
            ("", ""),
            (f"{changed} changed" if changed else "nothing changed yet", "$warn" if changed else "$dim"),
            ("What it was used on keeps", "$dim"),
            ("its price.", "$dim"),
        )

    def act(self, values: dict[str, Any]) -> CouponView:
        """Change what is different."""
        asked = self.worth(self.coupon.type).name
        terms = self.terms(values)
        changed = {ask.name: terms.get(ask.name) for ask in self.asks() if self.answer(ask) != ask.first}
        if not changed:
            raise InvalidInput("Nothing is different yet.", field=asked)
        worth: dict[str, Any] = {"value": changed.pop(asked)} if asked in changed else {}
        return self.store.coupons.revise(self.coupon.id, conditions=changed, idempotency_key=self.key, **worth)


def _typed(coupon: CouponView, name: str, timezone: str) -> str:
    """Write a coupon's term as it would be typed."""
    value = getattr(coupon, name)
    if value is None:
        return ""
    if name == "percent_off":
        return f"{Decimal(value).scaleb(-2).normalize():f}"
    if name in ("valid_from", "valid_until"):
        return local(value, timezone).date().isoformat()
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def outcome(verdict: Verdict, shop: ShopView) -> str:
    """Write what a coupon does to a sample basket: `−12.00`, `+50 points`, or what is missing."""
    if not verdict.valid:
        return f"{money(verdict.missing, shop)} short" if verdict.missing else (verdict.reason or "").replace("_", " ")
    return f"+{verdict.points:,} points" if verdict.points else money(-verdict.amount, shop)


def would(kind: str) -> str:
    """Say what a kind of coupon does."""
    return "It would give" if kind in ("points", "reward") else "It would take off"


def _style(verdict: Verdict) -> str:
    return "bold $good" if verdict.valid else "$dim"
