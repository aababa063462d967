"""The coupons: the latest in a list with their state and use; made, revised, paused and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work

from posconsole.engine.codes import couponviews
from posconsole.engine.codes.couponterms import VALUES
from posconsole.engine.quoting.reasons import percentage
from posconsole.errors import PosError
from posconsole.tui import sheets
from posconsole.tui.keys import (
    BACK,
    DO,
    LISTS,
    OFFICE_BATCH,
    OFFICE_BATCHES,
    OFFICE_DELETE,
    OFFICE_NEW,
    OFFICE_SWITCH,
    Key,
)
from posconsole.tui.office_words import bar, state, until
from posconsole.tui.safe import fit, line, right
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.list_desk import PAGE, ListDesk
from posconsole.tui.screens.office_desk import SHARED, facts
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.content import Content

    from posconsole import Store
    from posconsole.engine.figures.spreadsheets import Cell
    from posconsole.engine.views import BatchView, CouponView, Page, ShopView
    from posconsole.tui.screens.list_desk import Wanted
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.row_list import Row

MOST_NAMED = 50
"""Campaigns and rewards that a form offers."""


class CouponsScreen(ListDesk["CouponView"]):
    """The latest coupons; a code that is typed opens whichever it is."""

    NAME = "Coupons"
    EMPTY = "no coupon yet: {office_new} makes one"
    OWN: ClassVar[tuple[Key, ...]] = (
        OFFICE_NEW.but("New", "Make a coupon, and see beforehand what it takes off."),
        OFFICE_BATCH.but("Batch", "Make many coupons of the same terms, each with a code of its own."),
        OFFICE_SWITCH.but("Pause / go on", "Refuse the chosen coupon until it goes on again."),
        OFFICE_DELETE.but("Delete", "Take the chosen coupon out of use for good."),
        OFFICE_BATCHES,
    )
    STATES = couponviews.STATES
    TYPES = tuple(VALUES)
    COLUMNS = (
        *("code", "name", "status", "type", "percent_off", "amount_off", "points", "used", "cap", "discounts"),
        *("from_basket", "at_most", "starts", "ends", "campaign", "made"),
    )
    BOUND = (*OWN, *LISTS, *SHARED)
    KEYS = (
        Key("open", "enter", "Revise", "Change the chosen coupon's terms.", "open", "Enter"),
        *(*OWN, *LISTS, *SHARED[1:]),
    )
    BINDINGS: ClassVar = bindings(BOUND)

    def __init__(self, session: Session, store: Store) -> None:
        super().__init__(session, store)
        self.campaigns: dict[str, str] = {}
        self.rewards: dict[str, str] = {}
        self._costs: dict[str, int] = {}

    def on_mount(self) -> None:
        """Ask for a code."""
        super().on_mount()
        self.field.placeholder = "a coupon's code, or a part of its name"
        self.say("Type a code or a part of it; ↑ ↓ choose, ← → the state, Enter revises.")

    def fetch(self, wanted: Wanted, after: str | None) -> Page[CouponView]:
        """Read a page of coupons, and what a new one may belong to or give."""
        self.campaigns = {line(one.name): one.id for one in self.store.campaigns.list(limit=MOST_NAMED).data}
        self.rewards = {line(one.name): one.id for one in self.store.rewards.list(limit=MOST_NAMED).data}
        return self.store.coupons.list(
            limit=PAGE, starting_after=after, status=wanted.status, type=wanted.type, matching=wanted.text
        )

    def on_screen_resume(self) -> None:
        """Sum beside the list what each has cost: in a shop with years of sales that takes longer."""
        super().on_screen_resume()
        self._sum()

    @work(exclusive=True, group="costs", exit_on_error=False)
    async def _sum(self) -> None:
        try:
            report = await self.session.call(self.store.reports.discount_cost, by="coupon")
        except PosError:
            return
        names = [column.name for column in report.columns]
        which, cost = names.index("id"), names.index("discount")
        self._costs = {row[which]: row[cost] for row in report.rows}
        if self.shown is not None:
            self.show()

    def row(self, thing: CouponView, width: int) -> Row:
        """Write code, value, use and state; with room its last day and name."""
        shop = self.session.shop
        said, style = state(thing.status)
        cap = thing.max_redemptions
        used = bar(thing.times_redeemed, cap, 8) if cap else f"{thing.times_redeemed:,} used"
        # In the smallest window the use stands beside the list only.
        used = f"{fit(used, 8)}  " if width >= 45 else ""
        text = f"{fit(thing.code, 13)}{right(gives(thing, shop), 9)}  {used}{fit(said, 11)}"
        if width > 64:
            text += f" {fit(until(thing.valid_until, shop), 12)} {line(thing.name)}"
        return fit(text, width), style

    def about(self, thing: CouponView) -> Content:
        """Write what there is to know about the chosen coupon."""
        shop = self.session.shop
        said, style = state(thing.status)
        cap, used, held = thing.max_redemptions, thing.times_redeemed, thing.held
        cost = self._costs.get(thing.id)
        return facts(
            (f"{thing.code}  {gives(thing, shop)}", "bold $here"),
            (line(thing.name), "$ink") if thing.name else None,
            (said, style),
            (f"used {used:,}{f' of {cap:,}' if cap else ''}{f', {held} open' if held else ''}", "$ink"),
            (bar(used, cap, 20), style) if cap else None,
            (f"cost {money(cost, shop)}", "bold $ink") if cost is not None else None,
            *conditions(thing, shop),
            (f"campaign {self._named(thing.campaign)}", "$dim") if thing.campaign else None,
            (f"revised {thing.revision} ×", "$dim") if thing.revision else None,
        )

    def _named(self, campaign: str) -> str:
        return next((name for name, key in self.campaigns.items() if key == campaign), campaign)

    def find(self, text: str) -> CouponView:
        """Return the coupon with this code."""
        return self.store.coupons.get(text)

    def cells(self, thing: CouponView) -> Sequence[Cell]:
        """Write a coupon's row of the file."""
        shop = self.session.shop
        return (
            *(thing.code, thing.name, thing.status, thing.type),
            *(sheets.percent(thing.percent_off), sheets.amount(thing.amount_off, shop), thing.points),
            *(thing.times_redeemed, thing.max_redemptions, sheets.amount(self._costs.get(thing.id), shop)),
            *(sheets.amount(thing.min_order_value, shop), sheets.amount(thing.max_discount, shop)),
            *(sheets.moment(thing.valid_from, shop), sheets.moment(thing.valid_until, shop)),
            *(self._named(thing.campaign) if thing.campaign else None, sheets.moment(thing.created, shop)),
        )

    def open(self, thing: CouponView) -> None:
        """Fill in what changes."""
        from posconsole.tui.screens.coupon_forms import ReviseForm

        if self.is_current:
            self.app.push_screen(ReviseForm(self, thing, lambda done: self.tell(f"Revised: {done.code}.")))

    def action_new(self) -> None:
        """Fill in one coupon."""
        from posconsole.tui.screens.coupon_forms import CouponForm

        self.app.push_screen(CouponForm(self, lambda made: self.made(f"Made: {made.code}.")))

    def action_batch(self) -> None:
        """Fill in many coupons."""
        from posconsole.tui.screens.coupon_forms import CouponBatchForm

        self.app.push_screen(CouponBatchForm(self, self._begun))

    def _begun(self, batch: BatchView) -> None:
        from posconsole.tui.screens.batches import BatchesScreen

        self.app.push_screen(BatchesScreen(self.session, self.store, batch.id))

    def action_batches(self) -> None:
        """See the batches."""
        from posconsole.tui.screens.batches import BatchesScreen

        self.app.push_screen(BatchesScreen(self.session, self.store))

    def action_switch(self) -> None:
        """Switch the chosen coupon off, or on again."""
        coupon = self.chosen
        if coupon is not None:
            to = "active" if coupon.status == "inactive" else "inactive"
            said = "counts again" if to == "active" else "is paused: no till takes it"
            revise, key = self.store.coupons.revise, self.intent.key(to, coupon.id)
            self.do(lambda: revise(coupon.id, status=to, idempotency_key=key), lambda done: f"{done.code} {said}.")

    def action_delete(self) -> None:
        """Ask, then take the chosen coupon out of use."""
        coupon = self.chosen
        if coupon is not None:
            delete, key = self.store.coupons.delete, self.intent.key("delete", coupon.id)
            self.ask(
                f"Delete {coupon.code} for good? {DO} deletes it, {BACK} doesn't. Its code can never be used again.",
                lambda: self.do(lambda: delete(coupon.id, idempotency_key=key), lambda done: f"Deleted: {done.code}."),
            )


def gives(coupon: CouponView, shop: ShopView) -> str:
    """Write what a coupon gives: `−15%`, `−5.00`, `500 pts`, `reward`."""
    if coupon.percent_off is not None:
        return f"−{percentage(coupon.percent_off, shop.locale)}"
    if coupon.amount_off is not None:
        return money(-coupon.amount_off, shop)
    return f"{coupon.points:,} pts" if coupon.points is not None else "reward"


def conditions(coupon: CouponView, shop: ShopView) -> list[tuple[str, str] | None]:
    """Write a coupon's conditions, a line each with its style."""
    only = ", ".join([*coupon.categories, *coupon.product_ids])
    return [
        (f"from {money(coupon.min_order_value, shop)}", "$ink") if coupon.min_order_value else None,
        (f"at most {money(coupon.max_discount, shop)} off", "$ink") if coupon.max_discount else None,
        (f"starts {until(coupon.valid_from, shop)}", "$ink") if coupon.valid_from else None,
        (f"until {until(coupon.valid_until, shop)}", "$ink") if coupon.valid_until else None,
        (f"{coupon.customer_limit} × a member", "$ink") if coupon.customer_limit else None,
        (f"only {line(only)}", "$ink") if only else None,
        ("with other codes", "$ink") if coupon.stackable else None,
    ]
