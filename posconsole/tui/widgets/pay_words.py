"""The words and sums of the pay panel: pure, from the state to what is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from posconsole.errors import InvalidInput
from posconsole.tui.keys import PAY
from posconsole.tui.paying import SANDBOX
from posconsole.tui.safe import fit, right
from posconsole.tui.widgets.preview_row import wrap

if TYPE_CHECKING:
    from posconsole.engine.sale.tendering import Settlement
    from posconsole.engine.views import ShopView
    from posconsole.tui.paying import Paying

WORDS = {"cash": "Cash", "card": "Card", "terminal": "Terminal"}
PIN_MOST = 12
"""The longest PIN of a voucher."""
LISTED = 3
"""So many of the tenders noted are shown: the latest."""


def verb(state: Paying, shop: ShopView) -> str:
    """Say what F9 would do: take an amount, note a part of it, ask the device; empty when it can do nothing."""
    if not state.left:
        return "Confirm"
    try:
        offer, after = state.offer(), state.with_offer()
    except InvalidInput:
        return ""
    if offer is None or (offer.kind == "card" and not offer.number):
        return ""
    amount = shop.currency.format(after.tenders[-1].tendered, shop.locale)
    if after.left:
        return f"Note {amount}"
    return f"Ask for {amount}" if offer.kind == "terminal" else f"Take {amount}"


def missing(state: Paying) -> str:
    """Say what F9 still waits for, where nothing else on the panel does."""
    if state.kind is None:
        return f"How is it paid? A letter, or the cash as figures; then {PAY}."
    if state.kind == "card" and not state.number:
        return "Which card? 1 to 4 picks one."
    return ""


def listed(state: Paying, shop: ShopView, width: int) -> Content:
    """List the tenders noted so far."""
    rows = [
        _row(f"✓ {WORDS[tender.kind]}", shop.currency.format(-tender.amount, shop.locale), width, "$good")
        for tender in state.listed.tenders[-LISTED:]
    ]
    return Content("\n").join(rows)


def kinds(state: Paying, *, sandbox: bool) -> Content:
    """Name the ways to pay by their keys, the chosen one marked."""
    if not state.left:
        return Content.styled(f" Nothing is left to pay:\n {PAY} completes the sale.", "$ink")
    keys = {"C": "cash", "K": "card", "T": "terminal"} if sandbox else {"C": "cash", "T": "terminal"}
    parts: list[str | tuple[str, str]] = []
    for key, kind in keys.items():
        chosen = state.kind == kind
        parts += [("▸" if chosen else " ", "bold $here"), (key, "bold $here")]
        parts += [(f" {WORDS[kind]} ", "bold $ink on $row" if chosen else "$ink")]
    return Content.assemble(*parts)


def device(amount: str, answer: str) -> Content:
    """Ask what the bank's own device says to the amount."""
    approved, declined = ("▸" if answer == word else " " for word in ("approved", "declined"))
    return Content.assemble(
        (f" Key {amount} into the\n card terminal. It says:\n\n", "$ink"),
        (approved, "bold $here"),
        ("A", "bold $here"),
        (" approved   ", "$good"),
        (declined, "bold $here"),
        ("D", "bold $here"),
        (" declined", "$bad"),
    )


def pin(voucher: str) -> Content:
    """Ask for the PIN of a voucher."""
    return Content.assemble((f" Voucher {voucher}\n", "$ink"), (f" The customer's PIN, then {PAY}:", "$dim"))


def approval(answer: str) -> Content:
    """Say what the field is for once the device has approved."""
    if answer == "approved":
        return Content.styled(f" its approval code, then {PAY}", "$dim")
    return Content.styled(f" {PAY} records it", "$dim") if answer else Content("")


def offered(state: Paying, shop: ShopView, width: int, *, hints: bool, number: bool) -> Content:
    """Say what the tender being keyed comes to: given, change, and what would be left."""
    if state.kind is None or not state.left:
        return Content("")
    try:
        after = state.with_offer()
    except InvalidInput as error:
        return Content("\n").join([Content.styled(f" ✗ {row}", "$bad") for row in wrap(error.message, width - 4, 3)])
    rows = _hints(state, shop, width, number=number) if hints else []
    # The sums first: where the panel is low, it is the hints that don't fit.
    gap = [] if number else [Content("")]
    return Content("\n").join([Content(""), *_sums(state, after, shop, width), *gap, *rows])


def _hints(state: Paying, shop: ShopView, width: int, *, number: bool) -> list[Content]:
    if number:
        cards = [f" {i} …{card[-4:]} {what}" for i, (card, what) in enumerate(SANDBOX, 1)]
        return [Content.styled(fit(text, width), "$dim") for text in (*cards, " Tab changes the amount")]
    rows = [" 1250 is 12.50; empty is all" if not state.typed else ""]
    if state.kind == "cash":
        picks = " ↑↓ exact"
        for amount in state.quick()[1:4]:
            pick = f" {shop.currency.format(amount, shop.locale)}"
            picks += pick if len(picks) + len(pick) < width else ""
        rows.append(picks)
    return [Content.styled(fit(row, width), "$dim") for row in rows]


def _sums(state: Paying, after: Settlement, shop: ShopView, width: int) -> list[Content]:
    paid = after.tenders[-1]

    def row(what: str, amount: int, style: str) -> Content:
        return _row(what, shop.currency.format(amount, shop.locale), width, style)

    rows = [row("Given" if state.kind == "cash" else "By card", paid.tendered, "$ink")]
    if after.rounding:
        rows.append(row("Rounding", after.rounding, "$dim"))
    if after.left:
        rows.append(row("Still to pay", after.left, "$warn"))
    elif state.kind == "cash":
        rows.append(row("Change", after.change, "bold $good"))
    return rows


def _row(what: str, amount: str, width: int, style: str) -> Content:
    return Content.styled(f" {fit(what, width - len(amount) - 3)} {right(amount, len(amount))} ", style)
