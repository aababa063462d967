"""The vouchers: the latest in a list, any of them by its code; new ones, one or many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from posconsole.engine.codes.vouchers import STATUSES
from posconsole.tui import asking, sheets
from posconsole.tui.keys import DO, LISTS, OFFICE_BATCH, OFFICE_BATCHES, OFFICE_NEW, Key
from posconsole.tui.office_words import held, state, until
from posconsole.tui.safe import fit, line, right
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.form import FormScreen
from posconsole.tui.screens.list_desk import PAGE, ListDesk
from posconsole.tui.screens.office_desk import SHARED, facts
from posconsole.tui.words import when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual.content import Content

    from posconsole.engine.figures.spreadsheets import Cell
    from posconsole.engine.views import BatchView, Page, ShopView, VoucherView
    from posconsole.tui.asking import Ask
    from posconsole.tui.screens.list_desk import Wanted
    from posconsole.tui.widgets.row_list import Row

HOW = "Scan a voucher, or type of its code or holder; ↑ ↓ choose, ← → the state, Enter opens."


class VouchersScreen(ListDesk["VoucherView"]):
    """The latest vouchers; a scan opens whichever it is."""

    NAME = "Vouchers"
    EMPTY = "no voucher yet: {office_new} issues one"
    OWN: ClassVar[tuple[Key, ...]] = (
        OFFICE_NEW.but("Issue one", "Give a voucher for nothing: credit, a prize."),
        OFFICE_BATCH.but("Batch", "Make many vouchers at once, each with a code of its own."),
        OFFICE_BATCHES,
    )
    STATES = STATUSES
    TYPES = ("money", "points")
    COLUMNS = ("code", "status", "unit", "worth", "balance", "held", "holder", "one_purchase", "ends", "issued")
    BOUND = (*OWN, *LISTS, *SHARED)
    KEYS = (Key("open", "enter", "Open", "Open the chosen voucher.", "open", "Enter"), *OWN, *LISTS, *SHARED[1:])
    BINDINGS: ClassVar = bindings(BOUND)

    def on_mount(self) -> None:
        """Ask for a code."""
        super().on_mount()
        self.field.placeholder = "a voucher's code, or whose it is"
        self.say(HOW)

    def fetch(self, wanted: Wanted, after: str | None) -> Page[VoucherView]:
        """Read a page of vouchers."""
        return self.store.vouchers.list(
            limit=PAGE, starting_after=after, status=wanted.status, kind=wanted.type, matching=wanted.text
        )

    def cells(self, thing: VoucherView) -> Sequence[Cell]:
        """Write a voucher's row of the file."""
        shop, points = self.session.shop, thing.kind == "points"
        amounts = (thing.initial_value, thing.balance, thing.held)
        return (
            *(thing.code, thing.status, "points" if points else thing.currency),
            *(one if points else sheets.amount(one, shop) for one in amounts),
            *(thing.holder, "yes" if thing.single_use else "no"),
            *(sheets.moment(thing.expires_at, shop), sheets.moment(thing.created, shop)),
        )

    def written(self, done: tuple[Path, int]) -> str:
        """Say where the file is, and what it is."""
        return f"{super().written(done)} They are money: keep the file safe."

    def row(self, thing: VoucherView, width: int) -> Row:
        """Write code, balance and state; with room when it was issued and until when it is good."""
        shop = self.session.shop
        said, style = state(thing.status)
        text = f"{fit(thing.code, min(20, width - 24))}{right(held(thing, thing.balance, shop), 11)}  {fit(said, 11)}"
        if width > 70:
            text += f" {fit(until(thing.expires_at, shop), 12)} {thing.holder or ''}"
        return fit(text, width), style

    def about(self, thing: VoucherView) -> Content:
        """Write what there is to know about the chosen voucher."""
        return facts((thing.code, "bold $here"), *told(thing, self.session.shop))

    def find(self, text: str) -> VoucherView:
        """Return the voucher with this code."""
        return self.store.vouchers.get(text)

    def open(self, thing: VoucherView) -> None:
        """Show the voucher by itself."""
        from posconsole.tui.screens.voucher import VoucherScreen

        if self.is_current:
            self.app.push_screen(VoucherScreen(self.session, self.store, thing))

    def action_new(self) -> None:
        """Fill in one voucher."""
        self.app.push_screen(IssueForm(self.session, self.store, self._issued))

    def _issued(self, voucher: VoucherView) -> None:
        from posconsole.tui.screens.voucher import VoucherScreen

        worth = held(voucher, voucher.balance, self.session.shop)
        self.app.push_screen(VoucherScreen(self.session, self.store, voucher, f"Issued: {worth} on it."))

    def action_batch(self) -> None:
        """Fill in many vouchers."""
        self.app.push_screen(BatchForm(self.session, self.store, self._begun))

    def _begun(self, batch: BatchView) -> None:
        from posconsole.tui.screens.batches import BatchesScreen

        self.app.push_screen(BatchesScreen(self.session, self.store, batch.id))

    def action_batches(self) -> None:
        """See the batches."""
        from posconsole.tui.screens.batches import BatchesScreen

        self.app.push_screen(BatchesScreen(self.session, self.store))


def told(voucher: VoucherView, shop: ShopView) -> list[tuple[str, str] | None]:
    """Say what there is to know about a voucher, a line each with its style."""
    said, style = state(voucher.status)
    whose = voucher.holder or ("a member" if voucher.customer else "")
    return [
        (said, style),
        (f"{held(voucher, voucher.balance, shop)} of {held(voucher, voucher.initial_value, shop)}", "bold $ink"),
        (f"! {held(voucher, voucher.held, shop)} in an open payment", "$warn") if voucher.held else None,
        (f"until {until(voucher.expires_at, shop)}" if voucher.expires_at else "without an end", "$ink"),
        ("for one purchase" if voucher.single_use else "in parts", "$ink"),
        ("with a PIN", "$ink") if voucher.has_pin else None,
        (f"held by {line(whose)}", "$ink") if whose else None,
        (f"issued {when(voucher.created, shop)}", "$dim"),
        ("one of a batch", "$dim") if voucher.batch else None,
    ]


class IssueForm(FormScreen):
    """One voucher."""

    WHAT = "New voucher"
    KEYS = (DO.but("Issue it", "Issue the voucher as it is filled in."), *FormScreen.KEYS[1:])

    def asks(self) -> Sequence[Ask]:
        """Return the terms of a voucher and whose it is."""
        return (
            *terms(self.session.shop, self.typed),
            asking.written("holder", "Holder", "Whose it is: any words.", empty="nobody named"),
            asking.written("pin", "PIN", "4 to 12 digits; the till then asks for it.", empty="none", hidden=True),
            asking.written("prefix", "Code begins", "2 to 12 letters and digits.", first="GIFT"),
        )

    def comes_to(self, values: dict[str, Any]) -> Content:
        """Say what will be made."""
        kind = values["kind"]
        worth = f"{values['value']:,} points" if kind == "points" else money_of(values["value"], self.session.shop)
        return facts(
            ("One voucher of", "$dim"),
            (worth, "bold $good"),
            (f"{line(values['prefix']).upper()}-····-····-····", "$ink"),
            ("for one purchase" if values["single_use"] else "in parts", "$ink"),
            ("", ""),
            ("Given for nothing: no money", "$dim"),
            ("comes in. A sold voucher is", "$dim"),
            ("rung up at the till.", "$dim"),
        )

    def act(self, values: dict[str, Any]) -> VoucherView:
        """Issue it."""
        return self.store.vouchers.issue(idempotency_key=self.key, **values)


class BatchForm(FormScreen):
    """Many vouchers of the same terms."""

    WHAT = "New batch of vouchers"
    KEYS = (DO.but("Make them", "Make the vouchers as they are filled in."), *FormScreen.KEYS[1:])

    def asks(self) -> Sequence[Ask]:
        """Return how many, and the terms of each."""
        return (
            asking.whole("count", "How many", "1 to 1,000,000."),
            *terms(self.session.shop, self.typed),
            asking.written("prefix", "Codes begin", "2 to 12 letters and digits.", first="GIFT"),
        )

    def comes_to(self, values: dict[str, Any]) -> Content:
        """Say what will be made, and what it is worth together."""
        shop, count, value = self.session.shop, values["count"], values["value"]
        points = values["kind"] == "points"
        total = f"{count * value:,} points" if points else money_of(count * value, shop)
        each = f"{value:,} points" if points else money_of(value, shop)
        return facts(
            (f"{count:,} vouchers of {each}", "$ink"),
            ("worth together", "$dim"),
            (total, "bold $warn"),
            (f"{line(values['prefix']).upper()}-····-····-····", "$ink"),
            ("", ""),
            ("The till goes on selling", "$dim"),
            ("while they are minted.", "$dim"),
        )

    def act(self, values: dict[str, Any]) -> BatchView:
        """Begin to make them."""
        return self.store.vouchers.create_batch(idempotency_key=self.key, **values)


def terms(shop: ShopView, typed: dict[str, str]) -> tuple[Ask, ...]:
    """Return the questions about what a voucher is worth, and how long."""
    points = typed.get("kind") == "points"
    worth = (
        asking.whole("value", "Worth in points", "How many points it gives.")
        if points
        else asking.amount("value", "Worth", shop)
    )
    return (
        asking.choice("kind", "Holds", ("money", "points")),
        worth,
        asking.yes_no("single_use", "One purchase only", help="Yes: what isn't used at once is lost. Space chooses."),
        asking.day("expires_at", "Good until", shop, empty="without an end"),
    )


def money_of(amount: int, shop: ShopView) -> str:
    """Write an amount with its currency."""
    return f"{shop.currency.format(amount, shop.locale)} {shop.currency.code}"
