"""The keys: one table for the bindings, the key bars, the help, the palette, and for a shop that wants others."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.binding import Binding

from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_chosen: dict[str, str] = {}
"""The keys that this till has instead of the usual ones, by name. A process has one keyboard."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key and what it does.

    `name` is what the settings call it; those of a screen begin with the screen's. `usual` is the key unless the
    settings say another, and those that do the same. `action` is the screen's, `label` stands in the key bar, `help`
    explains. In a sentence a key stands as it is printed on the keyboard: `f"{DO} records it"`.
    """

    name: str
    usual: str
    label: str
    help: str
    action: str
    shown: str = ""

    @property
    def keys(self) -> str:
        """Return the keys as they are now, with commas between them."""
        first, comma, others = self.usual.partition(",")
        return _chosen.get(self.name, first) + comma + others

    @property
    def display(self) -> str:
        """Return the key as it is printed on the keyboard."""
        return self.shown or self.keys.split(",")[0].upper().replace("CTRL+", "Ctrl+")

    def __str__(self) -> str:
        return self.display

    def but(self, label: str, help: str, action: str = "") -> Key:  # noqa: A002
        """Return the same key where it does something else."""
        return replace(self, label=label, help=help, action=action or self.action)

    def binding(self, *, priority: bool = False) -> Binding:
        """Return the binding; with `priority` no field can take the key and none comes out of order."""
        return Binding(self.usual, self.action, self.label, id=self.name, tooltip=self.help, priority=priority)


PAY = Key(
    "pay",
    "f9",
    "Pay",
    "Take the money: cash, card or several of them; figures are cash. In the pay panel: confirm.",
    "pay",
)
VOID = Key("void", "f8", "Void", "Void the chosen line, or take the chosen code off.", "void")
MEMBER = Key(
    "member",
    "f2",
    "Member",
    "Look a member up by name, phone or card, and put them on the sale; or take the one there off.",
    "member",
)
FIND = Key("find", "f3", "Find", "Find a product by any part of its name.", "find")
SAVE = Key(
    "save",
    "f6",
    "Save money",
    "What the member could save today: offers, coupons, a reward. In its panel: take what is ticked.",
    "save",
)
REFUND = Key("refund", "ctrl+r", "Refund", "Give money back for lines of an earlier receipt.", "refund")
PARK = Key("park", "f4", "Park", "Put the sale aside under a name, and serve the next customer.", "park")
TRAY = Key(
    "tray",
    "f5",
    "Recall",
    "Parked sales, at any till. Again: payments whose outcome isn't known, then refunds that a card owes.",
    "tray",
)
PRICE = Key("price", "ctrl+t", "Price", "Tell what the next entry would cost, and don't ring it up.", "price")
RECEIPT = Key(
    "receipt",
    "ctrl+l",
    "Receipt",
    "Show this till's last receipt again, or the one whose number is typed, as a copy.",
    "receipt",
)
DRAWER = Key("drawer", "ctrl+g", "Drawer", "Open the cash drawer; the journal tells who did.", "drawer")
BACK = Key(
    "back",
    "f7,escape",
    "Clear",
    "Clear what is typed, put a message away, say no to a question, leave a panel. Esc does the same.",
    "back",
)
HELP = Key("help", "f1", "Help", "The keys and what the line takes.", "help")
SCREEN_HELP = HELP.but("Help", "The keys of this screen.")
UNDO = Key("undo", "ctrl+z", "Undo", "Take the last change of the basket back.", "undo")
NEW = Key("new", "ctrl+n", "New sale", "Put the whole basket away and start with an empty one.", "new")
OFFICE = Key("office", "f10", "Manager", "The back office: vouchers, batches, coupons, campaigns, offers.", "office")
MORE = Key("more", "f12", "›", "Show the other keys in the key bar.", "more")
OPERATOR = Key(
    "operator", "ctrl+o", "Operator", "Somebody else takes over the till; the open sale is kept.", "operator"
)
DAY = Key("day", "ctrl+d", "The day", "Float, cash in and out, X report, count and Z, hours, journal, audit.", "day")
MEMBERS = Key(
    "members",
    "ctrl+e",
    "Members",
    "Who is who: points, offers, rewards, card; new members are enrolled.",
    "members",
)
PALETTE = Key("palette", "ctrl+p", "Commands", "Every action by name.", "app.command_palette")
PRINT = Key("print", "ctrl+y", "Print", "Put what is shown on paper.", "print")
PRINTER = PRINT.but("Printer", "What waits for the printer, what came out of it, and what is wrong with it.", "printer")
QUIT = Key("quit", "ctrl+q", "Quit", "Leave. An open basket is kept and offered again at the next start.", "quit")

DO = Key("do", "f9", "Do it", "Do what the question under the field is about.", "do")

DAY_IN = Key("day_in", "f2", "Cash in", "Put cash in the drawer: change from the bank.", "cash_in")
DAY_OUT = Key("day_out", "f3", "Cash out", "Take cash out of the drawer: an expense, to the bank.", "cash_out")
DAY_HOURS = Key("day_hours", "f4", "Hours", "Sales by hour, of today or of another day.", "hours")
DAY_JOURNAL = Key("day_journal", "f5", "Journal", "What happened, newest first, by who, what and when.", "journal")
DAY_AUDIT = Key("day_audit", "f6", "Audit", "Check every invariant of the books.", "audit")

JOURNAL_SAME = Key(
    "journal_same", "f4", "Same thing", "Everything that happened to the thing that the chosen entry is about.", "same"
)

PARKED_DISCARD = Key("parked_discard", "f8", "Throw away", "Throw the chosen sale away; a manager's.", "discard")

REFUND_WITHOUT = Key(
    "refund_without", "f3", "No receipt", "Take goods back that no receipt is known for; a manager's.", "without"
)
REFUND_REASON = Key("refund_reason", "f4", "Reason", "Say why it comes back. It may be left out.", "reason")
REFUND_OTHER = Key("refund_other", "f6", "Other receipt", "Refund another receipt.", "other")
REFUND_NONE = Key("refund_none", "f8", "None", "Choose nothing.", "none")

GOODS_WAY = Key("goods_way", "f6", "Cash or voucher", "Pay it back in cash, or as a new voucher.", "way")
GOODS_VOID = Key("goods_void", "f8", "Void", "Take the chosen line off.", "void")

MEMBERS_ENROL = Key("members_enrol", "f3", "New member", "Enrol somebody.", "enrol")
MEMBER_ADJUST = Key(
    "member_adjust", "f8", "Adjust points", "Give or take points, with a reason; a manager approves it.", "adjust"
)
MEMBER_CARD = Key(
    "member_card", "f2", "Card", "Show the member's card as a code that a phone scans, or put it away.", "card"
)

OFFICE_NEW = Key("office_new", "f2", "New", "Make a new one.", "new")
OFFICE_BATCH = Key("office_batch", "f3", "Batch", "Make many at once, each with a code of its own.", "batch")
OFFICE_EDIT = Key("office_edit", "f4", "Edit", "Change the chosen one.", "edit")
OFFICE_BATCHES = Key(
    "office_batches", "f5", "Batches", "See how far batches are, export their codes, stop one.", "batches"
)
OFFICE_SWITCH = Key("office_switch", "f6", "Pause / go on", "Stop the chosen one, or let it go on.", "switch")
OFFICE_DELETE = Key("office_delete", "f8", "Delete", "Take the chosen one out of use for good.", "delete")
OFFICE_EXPORT = Key("office_export", "f4", "Export CSV", "Write it to a file.", "export")
OFFICE_STOP = Key("office_stop", "f8", "Stop", "Mint no more of a batch; what is minted stays.", "stop")
LIST_STATE = Key(
    "list_state", "ctrl+f", "State", "List what is of the next state, in the end all. ← → do it too.", "state"
)
LIST_TYPE = Key("list_type", "ctrl+t", "Type", "List what is of the next type, in the end all.", "type")
LIST_SAVE = Key("list_save", "ctrl+s", "Save list", "Write what is listed to a CSV file, all of it.", "save")
CAMPAIGN_TABLE = Key(
    "campaign_table", "f2", "Table / picture", "Show the days as a table, or as pictures again.", "table"
)
VOUCHER_ADJUST = Key("voucher_adjust", "f2", "Adjust", "Put an amount on it or take one off, with a reason.", "adjust")
VOUCHER_COPY = Key(
    "voucher_copy", "f4", "Copy", "Show its slip again, marked as a copy; and the history again.", "copy"
)
VOUCHER_VOID = Key(
    "voucher_void", "f8", "Void", "Take it out of use for good, with what is on it and a reason.", "void"
)

PRINT_CANCEL = Key("print_cancel", "f8", "Cancel", "Take the chosen job out of the queue.", "cancel")

CHECKOUT: tuple[Key, ...] = (
    PAY, MEMBER, FIND, PARK, TRAY, SAVE, VOID, BACK, REFUND,
    PRICE, RECEIPT, DRAWER, HELP, UNDO, NEW, PALETTE, QUIT, OPERATOR, MEMBERS, DAY, OFFICE, PRINTER, MORE,
)  # fmt: skip
"""Every key of the checkout, the likeliest first: the key bar shows them in this order."""

AT_ONCE: tuple[Key, ...] = (PAY, VOID, BACK, HELP, UNDO, NEW, PALETTE, QUIT, MORE)
"""Those of the checkout that don't wait for a till that is still opening: to pay, there is nothing priced yet."""

LINE_KEYS: tuple[tuple[str, str], ...] = (
    ("↑ ↓", "choose a line, a code or a hit"),
    ("← →", "one fewer, one more of the chosen line (while the field is empty)"),
    ("5* Enter", "makes it 5 of the chosen line; + Enter and - Enter one more, one fewer"),
    ("3* before it", "rings up 3 of an article"),
    ("Enter", "does what the row under the field says"),
)
"""What the field itself does with keys, for the help."""

COMMON: tuple[Key, ...] = (DO, BACK, HELP, MORE, PALETTE, QUIT)
"""The keys that do the same on every screen beside the sale."""
LISTS: tuple[Key, ...] = (LIST_STATE, LIST_TYPE, LIST_SAVE)
"""The keys of the office's lists."""

SCREENS: dict[str, tuple[Key, ...]] = {
    "checkout": CHECKOUT,
    "receipt": (*COMMON, PRINT),
    "printer": (*COMMON, PRINT, PRINT_CANCEL, LIST_STATE),
    "day": (*COMMON, PRINT, DAY_IN, DAY_OUT, DAY_HOURS, DAY_JOURNAL, DAY_AUDIT),
    "journal": (*COMMON, JOURNAL_SAME),
    "tray": (*COMMON, TRAY, PARKED_DISCARD),
    "refund": (*COMMON, REFUND_WITHOUT),
    "take_back": (*COMMON, REFUND_REASON, REFUND_OTHER, REFUND_NONE),
    "no_receipt": (*COMMON, REFUND_REASON, GOODS_WAY, GOODS_VOID),
    "members": (*COMMON, MEMBERS_ENROL),
    "member": (*COMMON, MEMBER_ADJUST, MEMBER_CARD),
    "vouchers": (*COMMON, *LISTS, OFFICE_NEW, OFFICE_BATCH, OFFICE_BATCHES),
    "voucher": (*COMMON, PRINT, VOUCHER_ADJUST, VOUCHER_COPY, VOUCHER_VOID),
    "coupons": (*COMMON, *LISTS, OFFICE_NEW, OFFICE_BATCH, OFFICE_BATCHES, OFFICE_SWITCH, OFFICE_DELETE),
    "campaigns": (*COMMON, *LISTS, OFFICE_NEW, OFFICE_EDIT, OFFICE_SWITCH, OFFICE_DELETE),
    "campaign": (*COMMON, CAMPAIGN_TABLE, OFFICE_EXPORT),
    "offers": (*COMMON, *LISTS, OFFICE_NEW, OFFICE_EDIT, OFFICE_SWITCH, OFFICE_DELETE),
    "batches": (*COMMON, *LISTS, PRINT, OFFICE_EXPORT, OFFICE_STOP),
}
"""The keys that have to differ from each other, by screen."""

BY_NAME: dict[str, Key] = {key.name: key for keys in SCREENS.values() for key in keys}
"""Every key that the settings may move. Enter, arrows and letters are what stands on them and stay."""

_POSSIBLE = re.compile(r"f([1-9]|1[0-9]|2[0-4])|ctrl\+[abdefgklnopqrstvxyz]")
"""What a terminal can send that no field needs: Ctrl+H, I, J and M are keys of their own, U and W edit the line."""


def remap(chosen: Mapping[str, str]) -> None:
    """Have these keys, by name, in place of the usual ones; those that aren't named are the usual ones again.

    Raises `InvalidInput`, its field `keys`, for a name that nothing has, a key that can't be one, and one key for two
    things on one screen; all keys are the usual ones then.
    """
    _chosen.clear()
    wanted = {name: _key(name, key) for name, key in chosen.items()}
    for keys in SCREENS.values():
        _apart(keys, wanted)
    _chosen.update(wanted)


def keymap() -> dict[str, str]:
    """Return the keys as they are now, by the names that their bindings have."""
    return {key.name: key.keys for key in BY_NAME.values()}


def told(sentence: str, **more: str) -> str:
    """Put the keys into a sentence that names them, `{back}`, and with them what `more` it names."""
    return sentence.format_map({**BY_NAME, **more})


def _key(name: str, text: str) -> str:
    if name not in BY_NAME:
        from difflib import get_close_matches

        close = "".join(f" Is it {it}?" for it in get_close_matches(name, BY_NAME, 1))
        raise InvalidInput(f"keys: nothing is called {name!r}.{close} The README lists the names.", field="keys")
    key = text.strip().lower()
    if not _POSSIBLE.fullmatch(key):
        raise InvalidInput(f"keys: {name} can't be {text!r}: say f1 to f24, or ctrl+r.", field="keys")
    return key


def _apart(keys: tuple[Key, ...], wanted: Mapping[str, str]) -> None:
    taken: dict[str, Key] = {}
    for key in keys:
        now = wanted.get(key.name, key.usual.split(",")[0])
        other = taken.setdefault(now, key)
        if other.name != key.name:
            both = f"‘{other.label}’ ({other.name}) and ‘{key.label}’ ({key.name})"
            raise InvalidInput(f"keys: {now} can't be both {both}: give one of them another key.", field="keys")
