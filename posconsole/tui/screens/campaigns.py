"""The campaigns: each with its state, its window and what is used of its budget; made, edited, paused, deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from posconsole.clock import local
from posconsole.engine.codes import campaigns
from posconsole.errors import InvalidInput
from posconsole.tui import asking, sheets
from posconsole.tui.keys import (
    BACK,
    DO,
    LIST_SAVE,
    LIST_STATE,
    OFFICE_DELETE,
    OFFICE_EDIT,
    OFFICE_NEW,
    OFFICE_SWITCH,
    Key,
)
from posconsole.tui.office_words import bar, state, until
from posconsole.tui.safe import fit, line, right
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.form import FormScreen
from posconsole.tui.screens.list_desk import PAGE, ListDesk
from posconsole.tui.screens.office_desk import SHARED, facts
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.content import Content

    from posconsole.engine.figures.spreadsheets import Cell
    from posconsole.engine.views import CampaignView, Page, ShopView
    from posconsole.tui.asking import Ask
    from posconsole.tui.screens.list_desk import Wanted
    from posconsole.tui.widgets.row_list import Row

BOUNDS = ("starts_at", "ends_at", "budget")


class CampaignsScreen(ListDesk["CampaignView"]):
    """The latest campaigns; Enter shows how one does."""

    NAME = "Campaigns"
    EMPTY = "no campaign yet: {office_new} makes one"
    OWN: ClassVar[tuple[Key, ...]] = (
        OFFICE_NEW.but("New", "Make a campaign: a name, a window, a budget."),
        OFFICE_EDIT.but("Edit", "Change the chosen campaign's name, window or budget."),
        OFFICE_SWITCH.but("Pause / go on", "Refuse the chosen campaign's codes until it goes on again."),
        OFFICE_DELETE.but("Delete", "Take the chosen campaign out of use for good, and its codes."),
    )
    STATES = campaigns.STATES
    COLUMNS = ("name", "status", "starts", "ends", "budget", "spent", "held", "left", "made")
    BOUND = (*OWN, LIST_STATE, LIST_SAVE, *SHARED)
    KEYS = (Key("open", "enter", "How it does", "See what it did and cost.", "open", "Enter"), *BOUND[:-4], *BOUND[-3:])
    BINDINGS: ClassVar = bindings(BOUND)

    def on_mount(self) -> None:
        """Say what the keys do."""
        super().on_mount()
        self.field.placeholder = "a part of its name"
        self.say("↑ ↓ choose, ← → the state; Enter shows how it does.")

    def fetch(self, wanted: Wanted, after: str | None) -> Page[CampaignView]:
        """Read a page of campaigns."""
        return self.store.campaigns.list(limit=PAGE, starting_after=after, status=wanted.status, matching=wanted.text)

    def cells(self, thing: CampaignView) -> Sequence[Cell]:
        """Write a campaign's row of the file."""
        shop = self.session.shop
        amounts = (thing.budget, thing.spent, thing.held, thing.budget_left)
        return (
            *(thing.name, thing.status, sheets.moment(thing.starts_at, shop), sheets.moment(thing.ends_at, shop)),
            *(sheets.amount(one, shop) for one in amounts),
            sheets.moment(thing.created, shop),
        )

    def row(self, thing: CampaignView, width: int) -> Row:
        """Write name, budget used, and state; with room what it cost and its last day."""
        shop = self.session.shop
        said, style = state(thing.status)
        used = bar(thing.spent, thing.budget, 10) if thing.budget else "no budget"
        room = min(20, width - 24) if width < 64 else 24
        text = f"{fit(line(thing.name), room)} {fit(used, 10)}  {fit(said, 11)}"
        if width >= 64:
            text += f"{right(money(thing.spent, shop), 10)}  {until(thing.ends_at, shop)}"
        return fit(text, width), style

    def about(self, thing: CampaignView) -> Content:
        """Write what there is to know about the chosen campaign."""
        shop = self.session.shop
        said, style = state(thing.status)
        return facts(
            (line(thing.name), "bold $here"),
            (said, style),
            (window(thing.starts_at, thing.ends_at, shop), "$ink"),
            ("", ""),
            *budget(thing, shop),
        )

    def open(self, thing: CampaignView) -> None:
        """Show how it does."""
        from posconsole.tui.screens.campaign import CampaignScreen

        self.app.push_screen(CampaignScreen(self.session, self.store, thing))

    def action_new(self) -> None:
        """Fill in a campaign."""
        said = "Made: {}. Coupons are put in it where they are made."
        self.app.push_screen(CampaignForm(self, None, lambda made: self.made(said.format(made.name))))

    def action_edit(self) -> None:
        """Fill in what changes."""
        if self.chosen is not None:
            self.app.push_screen(CampaignForm(self, self.chosen, lambda done: self.tell(f"Changed: {done.name}.")))

    def action_switch(self) -> None:
        """Pause the chosen campaign, or let it go on."""
        campaign = self.chosen
        if campaign is not None:
            paused = campaign.status == "paused"
            verb = self.store.campaigns.resume if paused else self.store.campaigns.pause
            said = "goes on" if paused else "is paused: its codes are refused"
            key = self.intent.key(verb, campaign.id)
            self.do(lambda: verb(campaign.id, idempotency_key=key), lambda done: f"{done.name} {said}.")

    def action_delete(self) -> None:
        """Ask, then take the chosen campaign out of use."""
        campaign = self.chosen
        if campaign is not None:
            delete, key = self.store.campaigns.delete, self.intent.key("delete", campaign.id)
            self.ask(
                f"Delete {campaign.name} for good, and its codes with it? {DO} deletes it, {BACK} doesn't.",
                lambda: self.do(
                    lambda: delete(campaign.id, idempotency_key=key), lambda done: f"Deleted: {done.name}."
                ),
            )


def window(starts_at: int | None, ends_at: int | None, shop: ShopView) -> str:
    """Write when something runs."""
    starts, ends = until(starts_at, shop) or "made", until(ends_at, shop)
    return f"{starts} to {ends}" if ends else f"from {starts} on" if starts_at else "without an end"


def budget(campaign: CampaignView, shop: ShopView) -> list[tuple[str, str] | None]:
    """Write what is used of a campaign's budget, a line each with its style."""
    if campaign.budget is None:
        return [(f"{money(campaign.spent, shop)} in discounts", "bold $ink"), ("no budget bounds it", "$dim")]
    left = campaign.budget_left or 0
    return [
        (bar(campaign.spent, campaign.budget, 20), "$good" if left > 0 else "$warn"),
        (f"{money(campaign.spent, shop)} of {money(campaign.budget, shop)} used", "bold $ink"),
        (f"{money(left, shop)} left", "$ink"),
        (f"{money(campaign.held, shop)} in open payments", "$warn") if campaign.held else None,
    ]


class CampaignForm(FormScreen):
    """A campaign, new or as it is."""

    WHAT = "Campaign"
    KEYS = (
        DO.but("Save it", "Make the campaign, or change it to what is filled in."),
        *FormScreen.KEYS[1:],
    )

    def __init__(self, of: CampaignsScreen, campaign: CampaignView | None, then: Callable[[Any], None]) -> None:
        super().__init__(of.session, of.store, then)
        self.campaign = campaign

    def head(self, what: str, whose: str = "") -> None:
        """Name the campaign."""
        super().head(f"Edit {self.campaign.name}" if self.campaign else f"New {what.lower()}", whose)

    def asks(self) -> Sequence[Ask]:
        """Return the name, the window and the budget, as they are."""
        shop = self.session.shop
        asks = (
            asking.written("name", "Name", "What it is called in reports."),
            asking.day("starts_at", "Starts", shop, empty="at once"),
            asking.day("ends_at", "Ends", shop, empty="without an end"),
            asking.amount("budget", "Budget", shop, empty="no bound"),
        )
        return asks if self.campaign is None else [replace(ask, first=self._typed(ask.name)) for ask in asks]

    def _typed(self, name: str) -> str:
        value = getattr(self.campaign, name)
        if value is None or name == "name":
            return value or ""
        return str(value) if name == "budget" else local(value, self.session.shop.timezone).date().isoformat()

    def comes_to(self, values: dict[str, Any]) -> Content:
        """Say what the budget means."""
        shop, bound, spent = self.session.shop, values.get("budget"), self.campaign.spent if self.campaign else 0
        return facts(
            (line(values["name"]), "bold $here"),
            (f"{money(spent, shop)} spent already", "$ink") if spent else None,
            (f"{money(bound, shop)} in discounts,", "$ink")
            if bound is not None
            else ("No bound on its discounts:", "$ink"),
            ("then its codes are refused." if bound is not None else "each code has its own cap.", "$ink"),
            ("", ""),
            ("Coupons, batches and offers", "$dim"),
            ("are put in it when they are", "$dim"),
            ("made. Outside its days their", "$dim"),
            ("codes are refused.", "$dim"),
        )

    def act(self, values: dict[str, Any]) -> CampaignView:
        """Make it, or change what is different."""
        if self.campaign is None:
            return self.store.campaigns.create(idempotency_key=self.key, **values)
        changed = {ask.name: values[ask.name] for ask in self.asks() if self.answer(ask) != ask.first}
        if not changed:
            raise InvalidInput("Nothing is different yet.", field="name")
        return self.store.campaigns.update(self.campaign.id, idempotency_key=self.key, **changed)
