"""The offers: drafted with a preview of what they give and to how many, published, paused, thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from posconsole.engine.club.offers import STATUSES
from posconsole.engine.club.offerterms import BONUS, DISCOUNT, GIFT, MULTIPLIER
from posconsole.engine.quoting.reasons import percentage
from posconsole.tui import sheets
from posconsole.tui.keys import BACK, DO, LISTS, OFFICE_DELETE, OFFICE_EDIT, OFFICE_NEW, OFFICE_SWITCH, Key
from posconsole.tui.office_words import bar, state, until
from posconsole.tui.safe import fit, line, right
from posconsole.tui.screens.campaigns import window
from posconsole.tui.screens.coupons import MOST_NAMED
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.list_desk import PAGE, ListDesk
from posconsole.tui.screens.office_desk import SHARED, facts
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.content import Content

    from posconsole import Store
    from posconsole.engine.club.offerviews import OfferView
    from posconsole.engine.figures.spreadsheets import Cell
    from posconsole.engine.views import Page, ShopView
    from posconsole.tui.screens.list_desk import Wanted
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.row_list import Row


class OffersScreen(ListDesk["OfferView"]):
    """The latest offers; a new one is a draft until it is published."""

    NAME = "Offers"
    EMPTY = "no offer yet: {office_new} drafts one"
    OWN: ClassVar[tuple[Key, ...]] = (
        OFFICE_NEW.but("New", "Draft an offer, and see how many members it is for."),
        OFFICE_EDIT.but("Edit", "Change a draft; of another offer, draft a new one that is like it."),
        OFFICE_SWITCH.but("Publish / pause", "Let the chosen offer go live, or stop it."),
        OFFICE_DELETE.but("Throw away", "Throw the chosen draft away."),
    )
    STATES = STATUSES
    TYPES = (MULTIPLIER, BONUS, DISCOUNT, GIFT)
    COLUMNS = ("name", "status", "type", "gives", "activation", "used", "cap", "claimed", "starts", "ends", "made")
    BOUND = (*OWN, *LISTS, *SHARED)
    KEYS = (*OWN, *LISTS, *SHARED[1:])
    BINDINGS: ClassVar = bindings(BOUND)

    def __init__(self, session: Session, store: Store) -> None:
        super().__init__(session, store)
        self.campaigns: dict[str, str] = {}
        self.rewards: dict[str, str] = {}

    def on_mount(self) -> None:
        """Say what the keys do."""
        super().on_mount()
        self.field.placeholder = "a part of its name"
        self.say(f"↑ ↓ choose, ← → the state; {OFFICE_SWITCH} publishes a draft, or pauses what is live.")

    def fetch(self, wanted: Wanted, after: str | None) -> Page[OfferView]:
        """Read a page of offers, and what a new one may belong to or give."""
        self.campaigns = {line(one.name): one.id for one in self.store.campaigns.list(limit=MOST_NAMED).data}
        self.rewards = {line(one.name): one.id for one in self.store.rewards.list(limit=MOST_NAMED).data}
        return self.store.offers.list(
            limit=PAGE, starting_after=after, status=wanted.status, type=wanted.type, matching=wanted.text
        )

    def cells(self, thing: OfferView) -> Sequence[Cell]:
        """Write an offer's row of the file."""
        shop, type_ = self.session.shop, thing.incentive["type"]
        return (
            *(thing.name, thing.status, type_, self._gives(thing, shop), thing.activation),
            *(thing.times_redeemed, thing.max_redemptions, thing.activations),
            *(sheets.moment(at, shop) for at in (thing.starts_at, thing.ends_at, thing.created)),
        )

    def row(self, thing: OfferView, width: int) -> Row:
        """Write name, what it gives, and state; with room its use and last day."""
        shop = self.session.shop
        said, style = standing(thing)
        cap = thing.max_redemptions
        name = max(17, width - 47) if width >= 64 else width - 24
        text = f"{fit(line(thing.name), name)}{right(gives(thing.incentive, shop), 11)}  {fit(said, 11)}"
        if width >= 64:
            used = bar(thing.times_redeemed, cap, 8) if cap else f"{thing.times_redeemed:,} used"
            text += f" {fit(used, 10)} {until(thing.ends_at, shop)}"
        return fit(text, width), style

    def about(self, thing: OfferView) -> Content:
        """Write what there is to know about the chosen offer."""
        shop = self.session.shop
        said, style = standing(thing)
        cap, used = thing.max_redemptions, thing.times_redeemed
        return facts(
            (line(thing.name), "bold $here"),
            (said, style),
            (self._gives(thing, shop), "bold $ink"),
            (window(thing.starts_at, thing.ends_at, shop), "$ink"),
            ("claimed by the member" if thing.activation == "opt_in" else "comes by itself", "$ink"),
            (f"used {used:,}{f' of {cap:,}' if cap else ''}{f', {thing.held} open' if thing.held else ''}", "$ink"),
            (bar(used, cap, 20), style) if cap else None,
            (f"{thing.activations:,} claimed it", "$ink") if thing.activation == "opt_in" else None,
            (f"{thing.per_member_limit} × a member", "$ink") if thing.per_member_limit else None,
            *whom(thing.targeting, shop),
        )

    def _gives(self, offer: OfferView, shop: ShopView) -> str:
        reward = offer.incentive.get("reward")
        named = next((name for name, key in self.rewards.items() if key == reward), "")
        return named or gives(offer.incentive, shop)

    def action_new(self) -> None:
        """Fill in an offer."""
        self._fill_in(None)

    def action_edit(self) -> None:
        """Fill in the chosen draft anew, or one that is like the chosen offer."""
        if self.chosen is not None:
            self._fill_in(self.chosen)

    def _fill_in(self, like: OfferView | None) -> None:
        from posconsole.tui.screens.offer_form import OfferForm

        said = f"Drafted: {{}}. {OFFICE_SWITCH} publishes it."
        self.app.push_screen(OfferForm(self, lambda made: self.made(said.format(line(made.name))), like))

    def action_switch(self) -> None:
        """Publish the chosen offer, or pause it."""
        offer = self.chosen
        if offer is not None:
            live = offer.status == "published"
            verb = self.store.offers.pause if live else self.store.offers.publish
            said = "is paused: no sale has it" if live else "is live"
            key = self.intent.key(verb, offer.id)
            self.do(lambda: verb(offer.id, idempotency_key=key), lambda done: f"{done.name} {said}.")

    def action_delete(self) -> None:
        """Ask, then throw the chosen draft away."""
        offer = self.chosen
        if offer is not None:
            delete, key = self.store.offers.delete, self.intent.key("delete", offer.id)
            self.ask(
                f"Throw the draft {offer.name} away? {DO} does, {BACK} doesn't.",
                lambda: self.do(lambda: delete(offer.id, idempotency_key=key), lambda _: f"Thrown away: {offer.name}."),
            )


def standing(offer: OfferView) -> tuple[str, str]:
    """Return an offer's state and its colour; one that is published may not have begun, or be used up for now."""
    if offer.status != "published" or offer.valid:
        return state(offer.status)
    cap = offer.max_redemptions
    return state("scheduled" if cap is None or offer.times_redeemed + offer.held < cap else "exhausted")


def gives(incentive: Mapping[str, Any], shop: ShopView) -> str:
    """Write what an offer gives: `2× points`, `+500 pts`, `−12%`, `gift`."""
    if multiplier := incentive.get("multiplier"):
        return f"{multiplier / 10_000:g}× points"
    if points := incentive.get("points"):
        return f"+{points:,} pts"
    if percent := incentive.get("percent_off"):
        return f"−{percentage(percent, shop.locale)}"
    return "gift"


def whom(targeting: Mapping[str, Any], shop: ShopView) -> list[tuple[str, str] | None]:
    """Write whom an offer is for, a line each with its style."""
    if not targeting:
        return [("for every member", "$dim")]
    said: dict[str, Callable[[Any], str]] = {
        "segments": lambda names: f"in {', '.join(names)}",
        "tiers": lambda names: f"tier {' or '.join(names)}",
        "min_balance": lambda points: f"from {points:,} points",
        "enrolled_before": lambda at: f"enrolled before {until(at, shop)}",
        "metadata": lambda pairs: ", ".join(f"{key} {value}" for key, value in pairs.items()),
    }
    return [("for members", "$dim"), *((line(said[name](value)), "$ink") for name, value in targeting.items())]


def on_sample(incentive: Mapping[str, Any], amount: int, shop: ShopView) -> str:
    """Write what an offer gives on a sale of an amount: `−9.60`, `+80 points`."""
    from posconsole.engine.quoting.terms import Rule, earned, multiplied

    minor = 10**shop.currency.decimals
    if multiplier := incentive.get("multiplier"):
        return f"+{multiplied(earned(amount, shop.points_rate, minor), multiplier):,} points"
    if points := incentive.get("points"):
        return f"+{points:,} points"
    percent, most = incentive.get("percent_off"), incentive.get("max_discount")
    return money(-Rule("offer", "", "", "", percent=percent, max_discount=most).off(amount), shop)
