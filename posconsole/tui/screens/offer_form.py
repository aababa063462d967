"""The form of an offer, with what it would give and to how many members while it is being filled in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from posconsole.clock import local
from posconsole.money import hundredths
from posconsole.tui import asking
from posconsole.tui.keys import DO, OFFICE_SWITCH
from posconsole.tui.screens.coupon_forms import NONE, SAMPLES
from posconsole.tui.screens.form import FormScreen
from posconsole.tui.screens.offers import on_sample
from posconsole.tui.screens.office_desk import facts
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.content import Content

    from posconsole.engine.club.offerviews import OfferView
    from posconsole.tui.asking import Ask
    from posconsole.tui.screens.offers import OffersScreen

TYPES = {
    "times the points": "points_multiplier",
    "points on top": "points_bonus",
    "per cent off": "percentage_discount",
    "a gift": "gift_reward",
}
"""How an offer's types are called on the screen."""
BY_ITSELF, CLAIMED = "by itself", "when claimed"
TARGETS = ("tiers", "segments", "min_balance")


class OfferForm(FormScreen):
    """One offer, which is a draft until it is published; at first with the terms of one that it is `like`.

    In the place of a draft that is edited comes the new one. What was ever published keeps its terms: members have
    claimed them.
    """

    WHAT = "New offer"
    KEYS = (
        DO.but("Draft it", "Keep the offer as a draft; publishing it is another key."),
        *FormScreen.KEYS[1:],
    )

    def __init__(self, of: OffersScreen, then: Callable[[Any], None], like: OfferView | None = None) -> None:
        super().__init__(of.session, of.store, then)
        self.campaigns, self.rewards = of.campaigns, of.rewards
        self.like = like
        self._first = self._written(like) if like else {}
        if "type" in self._first:
            # The questions that follow depend on it.
            self.typed["type"] = self._first["type"]

    def head(self, what: str, whose: str = "") -> None:
        """Name the offer that it is like."""
        like = self.like
        drafted = like is not None and like.status == "draft"
        super().head(f"{'Edit' if drafted else 'New offer like'} {like.name}" if like else what, whose)

    def _written(self, like: OfferView) -> dict[str, str]:
        """Write an offer's terms as they would be typed; what isn't known among the latest goes by its id."""
        gift, campaign = like.incentive.get("reward"), like.campaign
        if gift is not None:
            self.rewards = {**self.rewards, _name_of(gift, self.rewards): gift}
        if campaign is not None:
            self.campaigns = {**self.campaigns, _name_of(campaign, self.campaigns): campaign}
        zone = self.session.shop.timezone
        days = {name: getattr(like, name) for name in ("starts_at", "ends_at")}
        written = {
            "name": like.name,
            "type": next(name for name, kind in TYPES.items() if kind == like.incentive["type"]),
            "multiplier": _scaled(like.incentive.get("multiplier"), 4),
            "points": like.incentive.get("points"),
            "percent": _scaled(like.incentive.get("percent_off"), 2),
            "max_discount": like.incentive.get("max_discount"),
            "reward": _name_of(gift, self.rewards) if gift else None,
            **{name: ", ".join(like.targeting.get(name, ())) for name in ("tiers", "segments")},
            "min_balance": like.targeting.get("min_balance"),
            "activation": BY_ITSELF if like.activation == "auto" else CLAIMED,
            **{name: None if at is None else local(at, zone).date().isoformat() for name, at in days.items()},
            "max_redemptions": like.max_redemptions,
            "per_member_limit": like.per_member_limit,
            "campaign": _name_of(campaign, self.campaigns) if campaign else NONE,
        }
        return {name: "" if value is None else str(value) for name, value in written.items()}

    @property
    def kind(self) -> str:
        """Return the type that is chosen."""
        return TYPES[self.typed.get("type", next(iter(TYPES)))]

    def worth(self) -> tuple[Ask, ...]:
        """Return the questions about what the chosen type gives."""
        shop = self.session.shop
        if self.kind == "points_multiplier":
            return (asking.number("multiplier", "Times", "Above 1: 2, or 1.5.", 100, "×"),)
        if self.kind == "points_bonus":
            return (asking.whole("points", "Points", "How many points on top."),)
        if self.kind == "percentage_discount":
            off = asking.number("percent", "Per cent off", "Above 0 up to 100: 15, or 12.5.", 100, "%")
            return (off, asking.amount("max_discount", "At most off", shop, empty="no bound"))
        return (asking.choice("reward", "Gift", tuple(self.rewards)),)

    def asks(self) -> Sequence[Ask]:
        """Return what it gives, to whom, when and how often."""
        shop = self.session.shop
        types = [name for name, kind in TYPES.items() if kind != "gift_reward" or self.rewards]
        usual = CLAIMED if self.kind in ("points_bonus", "gift_reward") else BY_ITSELF
        campaign = asking.choice("campaign", "Campaign", (NONE, *self.campaigns))
        asks = (
            asking.written("name", "Name", "What members and receipts call it."),
            asking.choice("type", "Gives", types),
            *self.worth(),
            asking.listed("tiers", "Only tiers", "Names with commas between: gold, silver.", empty="all"),
            asking.listed("segments", "Only segments", "Names with commas between.", empty="all"),
            asking.whole("min_balance", "From points", "The least points a member has to have.", empty="any balance"),
            asking.choice("activation", "Comes", (BY_ITSELF, CLAIMED), first=usual),
            asking.day("starts_at", "Starts", shop, empty="at once"),
            asking.day("ends_at", "Ends", shop, empty="without an end"),
            asking.whole("max_redemptions", "Uses in all", "How often, by everybody together.", empty="no cap"),
            asking.whole("per_member_limit", "Uses a member", "How often each member.", empty="no limit", first="1"),
            *((campaign,) if self.campaigns else ()),
        )
        known = self._first
        # Another type has other questions, and a usual answer of its own.
        told = [ask.name for ask in asks if known.get(ask.name) or (ask.empty and ask.name in known)]
        return [replace(ask, first=known[ask.name]) if ask.name in told else ask for ask in asks]

    def incentive(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what it gives as the engine takes it; `KeyError` names what is missing."""
        found = {ask.name: values[ask.name] for ask in self.worth()}
        if "reward" in found:
            found["reward"] = self.rewards[found["reward"]]
        return {"type": self.kind} | {name: value for name, value in found.items() if value is not None}

    def targeting(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return whom it is for as the engine takes it; conditions that no question is about stay."""
        others = self.like.targeting.items() if self.like else ()
        kept = {name: value for name, value in others if name not in TARGETS}
        return kept | {name: values[name] for name in TARGETS if values.get(name) is not None}

    def comes_to(self, values: dict[str, Any]) -> Content:
        """Say what it gives on sample baskets, and count whom it is for."""
        incentive = self.incentive(values)
        reached = self.store.offers.reach(self.targeting(values))
        everybody = self.store.members.find("", limit=1).total
        return facts(
            *self._samples(incentive),
            ("", ""),
            (f"{reached:,} of {everybody:,} members qualify", "bold $good" if reached else "bold $warn"),
            ("as things are now", "$dim"),
            ("", ""),
            ("A draft: nobody has it until", "$dim"),
            (f"{OFFICE_SWITCH} publishes it in the list.", "$dim"),
        )

    def _samples(self, incentive: dict[str, Any]) -> list[tuple[str, str] | None]:
        shop = self.session.shop
        if "reward" in incentive:
            return [("The gift, for nothing", "bold $good")]
        shown = incentive | {
            name: hundredths(incentive[given], given, most=100) * times
            for given, name, times in (("multiplier", "multiplier", 100), ("percent", "percent_off", 1))
            if given in incentive
        }
        amounts = [whole * 10**shop.currency.decimals for whole in SAMPLES]
        return [(f"on {money(amount, shop):>7}: {on_sample(shown, amount, shop)}", "bold $good") for amount in amounts]

    def act(self, values: dict[str, Any]) -> OfferView:
        """Draft it, and throw the draft away that it takes the place of."""
        campaign = values.get("campaign", NONE)
        kept = {name: values[name] for name in ("name", "starts_at", "ends_at", "max_redemptions", "per_member_limit")}
        drafted = self.store.offers.create(
            incentive=self.incentive(values),
            targeting=self.targeting(values),
            activation="auto" if values["activation"] == BY_ITSELF else "opt_in",
            campaign=None if campaign == NONE else self.campaigns[campaign],
            idempotency_key=self.key,
            **kept,
        )
        if self.like is not None and self.like.status == "draft":
            self.store.offers.delete(self.like.id, idempotency_key=f"{self.key}-before")
        return drafted


def _name_of(id_: str, names: Mapping[str, str]) -> str:
    return next((name for name, key in names.items() if key == id_), id_)


def _scaled(value: int | None, places: int) -> str | None:
    return None if value is None else f"{Decimal(value).scaleb(-places).normalize():f}"
