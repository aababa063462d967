"""The keys of the checkout: one table for the bindings, the key bar, the help and the command palette."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Key:
    """A key and what it does. `action` is the screen's, `label` stands in the key bar, `help` explains."""

    id: str
    keys: str
    label: str
    help: str
    action: str
    shown: str = ""

    @property
    def display(self) -> str:
        """Return the key as it is printed on the keyboard."""
        return self.shown or self.keys.split(",")[0].upper().replace("CTRL+", "Ctrl+")

    def binding(self) -> Binding:
        """Return the binding. It goes first, so that no field can take the key and none comes out of order."""
        return Binding(
            self.keys,
            self.action,
            self.label,
            id=f"checkout.{self.id}",
            tooltip=self.help,
            priority=True,
            key_display=self.display,
        )


PAY = Key("pay", "f9", "Pay", "Take the money: cash, card or several of them. In the pay panel: confirm.", "pay")
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
    "Parked sales, at any till. F5 again: payments whose outcome isn't known, then refunds that a card owes.",
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
QUIT = Key("quit", "ctrl+q", "Quit", "Leave. An open basket is kept and offered again at the next start.", "quit")

CHECKOUT: tuple[Key, ...] = (
    PAY, MEMBER, FIND, PARK, TRAY, SAVE, VOID, BACK, REFUND,
    PRICE, RECEIPT, DRAWER, HELP, UNDO, NEW, PALETTE, QUIT, OPERATOR, MEMBERS, DAY, OFFICE, MORE,
)  # fmt: skip
"""Every key of the checkout, the likeliest first: the key bar shows them in this order."""

LINE_KEYS: tuple[tuple[str, str], ...] = (
    ("↑ ↓", "choose a line, a code or a hit"),
    ("← →", "one fewer, one more of the chosen line (while the field is empty)"),
    ("5* Enter", "makes it 5 of the chosen line; + Enter and - Enter one more, one fewer"),
    ("3* before it", "rings up 3 of an article"),
    ("Enter", "does what the row under the field says"),
)
"""What the field itself does with keys, for the help."""
