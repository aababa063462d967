"""Paying, in the right column: what is left, how, how much was handed over, the change. F9 alone confirms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from posconsole.errors import InvalidInput
from posconsole.tui import paying
from posconsole.tui.safe import fit, line, right
from posconsole.tui.widgets.preview_row import wrap
from posconsole.tui.widgets.scan_field import KeyField
from posconsole.tui.widgets.totals import BigAmount

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from posconsole.engine.views import ShopView
    from posconsole.tui.paying import Paying
    from posconsole.tui.scans import ScanRouter

KINDS = {"c": "cash", "k": "card", "t": "terminal"}
WORDS = {"cash": "Cash", "card": "Card", "terminal": "Terminal"}
APPROVAL = r"[0-9A-Za-z]{0,12}"


class PayPanel(Vertical):
    """Keys in, a `Paying` out. It moves no money itself: `confirmed` is called when F9 says so.

    A scan that arrives here is taken back to the key where it began, and said; it never is an amount, and as no
    scanner sends F9 it never confirms.
    """

    def __init__(self, router: ScanRouter, *, sandbox: bool) -> None:
        super().__init__(id="pay")
        self._router, self._sandbox = router, sandbox
        self.state: Paying | None = None
        self.shop: ShopView | None = None
        self.waiting = ""
        self.device: int | None = None
        self.answer = ""
        self.strayed: Callable[[str], None] = lambda _: None
        self.altered: Callable[[], None] = lambda: None
        self._message: tuple[str, str] = ("", "$dim")
        self._before: tuple[Paying | None, str] = (None, "")
        self._stray: list[str] = []
        self._swallowing = False
        self._pick = 0

    def compose(self) -> ComposeResult:
        """Lay out the amount, the ways to pay, the fields, and the words."""
        yield BigAmount("TO PAY", id="left-to-pay")
        yield Static("", id="pay-list", markup=False)
        yield Static("", id="pay-kinds", markup=False)
        yield KeyField(id="amount", max_length=paying.LONGEST, restrict=paying.RESTRICT)
        yield KeyField(id="number", max_length=19, restrict=r"[0-9 ]{0,19}")
        yield KeyField(id="approval", max_length=12, restrict=APPROVAL)
        yield Static("", id="pay-words", markup=False)
        yield Static("", id="pay-message", markup=False)

    # What the checkout does with it.

    def open(self, due: int, shop: ShopView) -> None:
        """Begin paying this amount."""
        self.shop = shop
        self.state = paying.Paying(due, shop.currency, shop.smallest_coin)
        self.device, self.answer, self.waiting, self._pick = None, "", "", 0
        self._stray, self._swallowing = [], False
        for field in self.query(KeyField):
            field.value = ""
        self.say("")

    def open_again(self) -> None:
        """Go back to choosing how, with what was noted still noted."""
        self.device, self.answer = None, ""
        self._fill("approval", "")
        if self.state:
            self._change(replace(self.state, kind=None, typed="", number=""))

    def say(self, text: str, colour: str = "$dim") -> None:
        """Put a sentence at the foot of the panel, where it stays."""
        self._message = (text, colour)
        self.paint()

    def wait(self, text: str) -> None:
        """Show that money is being moved; keys do nothing meanwhile. An empty text ends it."""
        self.waiting = text
        self.paint()

    def ask_device(self, amount: int) -> None:
        """Ask what the bank's own device said to this amount."""
        self.device, self.answer, self.waiting = amount, "", ""
        self.say("")

    def take_down(self) -> None:
        """Put the tender being keyed with those listed."""
        if self.state:
            self._change(self.state.take_down())

    # Keys.

    def take_key(self, event: events.Key) -> bool:
        """Do what the key means while paying. Everything printable is taken, so nothing lands elsewhere."""
        if not (
            event.is_printable or event.key in ("enter", "backspace", "delete", "up", "down", "tab", "left", "right")
        ):
            return False
        if self.waiting or self.state is None:
            return True
        if self._is_stray(event):
            return True
        if event.key == "enter":
            self.say("Enter takes no money: F9 does.")
        elif self.device is not None:
            self._device_key(event)
        else:
            self._tender_key(event)
        return True

    def _is_stray(self, event: events.Key) -> bool:
        """Follow the keys; say whether this one belongs to a scan. A scan found out is undone from its first key."""
        if not self._router.quick:
            self._before, self._stray, self._swallowing = (self.state, self.answer), [], False
        character = event.character if event.is_printable else None
        if event.key == "enter":
            text, scan = "".join(self._stray), self._swallowing or self._router.scanning
            self._stray, self._swallowing = [], False
            if scan and text:
                self._undo()
                self.strayed(text)
                return True
            return False
        if character is None:
            return False
        self._stray.append(character)
        if self._swallowing:
            return True
        field = self._field()
        whole = (field.value if field else "") + character
        if field is not None and field.id == "amount" and len(whole) >= 8 and whole.isdigit():
            self._stray = [*whole]
            self._undo()
            self._swallowing = True
            self.strayed(whole)
            return True
        return False

    def _undo(self) -> None:
        before, answer = self._before
        if self.device is None and before is not None:
            typed = before.typed if not before.typed.isdigit() or len(before.typed) < 7 else ""
            self._change(replace(before, typed=typed))
            self._fill("amount", typed)
            self._fill("number", before.number)
        self.answer = answer
        if self.device is not None:
            self._fill("approval", "")
        self.paint()

    def _tender_key(self, event: events.Key) -> None:
        state = self.state
        if state is None:
            return
        kind = KINDS.get(event.key.lower())
        if kind == "card" and not self._sandbox:
            kind = "terminal"
        if kind and state.left:
            self._pick = 0
            self._fill("amount", "")
            self._fill("number", "")
            self._change(state.begin(kind))
            self.say("")
        elif state.kind is None:
            if event.key in ("backspace", "delete") and state.tenders:
                self._change(state.without_last())
        elif event.key in ("up", "down"):
            self._step(1 if event.key == "down" else -1)
        elif event.key == "tab":
            self._switch()
        elif field := self._field():
            field.take_key(event)
            self._change(replace(state, typed=self._value("amount"), number=self._value("number").replace(" ", "")))

    def _device_key(self, event: events.Key) -> None:
        if self.answer == "approved":
            self.query_one("#approval", KeyField).take_key(event)
        elif event.key.lower() in ("a", "d"):
            self.answer = "approved" if event.key.lower() == "a" else "declined"
        self.say("")

    def leave_answer(self) -> bool:
        """Take back what was said about the device. False when nothing was."""
        if not self.answer:
            return False
        self.answer = ""
        self._fill("approval", "")
        self.say("")
        return True

    @property
    def approval(self) -> str | None:
        """Return the approval code as keyed."""
        return self._value("approval") or None

    def _step(self, by: int) -> None:
        state = self.state
        if state is None:
            return
        if state.kind == "card" and self._field_id() == "number":
            places = [str(i) for i in range(1, len(paying.SANDBOX) + 1)]
            at = places.index(state.number) if state.number in places else (-1 if by > 0 else len(places))
            number = places[(at + by) % len(places)]
            self._fill("number", number)
            self._change(replace(state, number=number))
        elif state.kind == "cash":
            amounts = state.quick()
            self._pick = (self._pick + by) % len(amounts)
            typed = str(amounts[self._pick])
            self._fill("amount", typed)
            self._change(replace(state, typed=typed))

    def _switch(self) -> None:
        if self.state and self.state.kind == "card":
            self.set_class(not self.has_class("-number"), "-number")
            self.paint()

    def _change(self, state: Paying) -> None:
        if self.state and state.kind != self.state.kind:
            self.set_class(state.kind == "card", "-number")
        self.state = state
        self.paint()
        self.altered()

    def _field_id(self) -> str | None:
        if self.device is not None:
            return "approval" if self.answer == "approved" else None
        if self.state is None or self.state.kind is None:
            return None
        return "number" if self.state.kind == "card" and self.has_class("-number") else "amount"

    def _field(self) -> KeyField | None:
        name = self._field_id()
        return self.query_one(f"#{name}", KeyField) if name else None

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", KeyField).value

    def _fill(self, name: str, text: str) -> None:
        field = self.query_one(f"#{name}", KeyField)
        field.value = text
        field.cursor_position = len(text)

    # Drawing.

    def verb(self) -> str:
        """Say what F9 would do now, in a word or two; empty when it would do nothing."""
        state, shop = self.state, self.shop
        if state is None or shop is None or self.waiting:
            return ""
        if self.device is not None:
            return {"approved": "Approved", "declined": "Declined"}.get(self.answer, "")
        if not state.left:
            return "Confirm"
        try:
            offer, after = state.offer(), state.with_offer()
        except InvalidInput:
            return ""
        if offer is None or (offer.kind == "card" and not offer.number):
            return ""
        paid = after.tenders[-1]
        amount = shop.currency.format(paid.tendered, shop.locale)
        if after.left:
            return f"Note {amount}"
        return f"Ask for {amount}" if offer.kind == "terminal" else f"Take {amount}"

    def paint(self) -> None:
        """Bring every part up to date with the state."""
        state, shop = self.state, self.shop
        if state is None or shop is None:
            return
        left = self.device if self.device is not None else state.left
        word = "TO PAY" if not state.tenders else "LEFT TO PAY"
        self.query_one(BigAmount).show("ON THE DEVICE" if self.device is not None else word, self._money(left))
        self._put("#pay-list", self._listed(state))
        self._put("#pay-kinds", self._kinds(state))
        self._put("#pay-words", self._words(state))
        text, colour = self._message
        rows = wrap(line(self.waiting or text), self.size.width - 2, 4)
        self._put("#pay-message", Content("\n").join([Content.styled(f" {row}", colour) for row in rows]))
        current = self._field_id()
        for field in self.query(KeyField):
            field.display = field.id == current or (field.id == "amount" and current == "number")
            if field.id == current and not self.waiting and not field.has_focus:
                field.focus()

    def _put(self, selector: str, content: Content) -> None:
        part = self.query_one(selector, Static)
        part.display = bool(content.plain)
        part.update(content)

    def _money(self, amount: int) -> str:
        return self.shop.currency.format(amount, self.shop.locale) if self.shop else ""

    def _row(self, what: str, amount: str, style: str) -> Content:
        width = max(10, self.size.width)
        return Content.styled(f" {fit(what, width - len(amount) - 3)} {right(amount, len(amount))} ", style)

    def _listed(self, state: Paying) -> Content:
        rows = [self._row(f"✓ {WORDS[t.kind]}", self._money(-t.amount), "$good") for t in state.listed.tenders]
        return Content("\n").join(rows[-3:])

    def _kinds(self, state: Paying) -> Content:
        if self.device is not None:
            return self._device()
        if not state.left:
            return Content.styled(" Nothing is left to pay.", "$ink")
        kinds = {"c": "cash", "k": "card", "t": "terminal"} if self._sandbox else {"c": "cash", "t": "terminal"}
        parts: list[str | tuple[str, str]] = []
        for key, kind in kinds.items():
            chosen = state.kind == kind
            parts += [("▸" if chosen else " ", "bold $here"), (key.upper(), "bold $here")]
            parts += [(f" {WORDS[kind]} ", "bold $ink on $row" if chosen else "$ink")]
        return Content.assemble(*parts)

    def _device(self) -> Content:
        chosen = {"approved": ("▸", " "), "declined": (" ", "▸")}.get(self.answer, (" ", " "))
        return Content.assemble(
            (f" Key {self._money(self.device or 0)} into the\n card terminal. It says:\n\n", "$ink"),
            (chosen[0], "bold $here"), ("A", "bold $here"), (" approved   ", "$good"),
            (chosen[1], "bold $here"), ("D", "bold $here"), (" declined", "$bad"),
        )  # fmt: skip

    def _words(self, state: Paying) -> Content:
        if self.device is not None:
            return Content.styled(" its approval code, then F9", "$dim") if self.answer == "approved" else Content("")
        if state.kind is None or not state.left:
            return Content("")
        rows = [Content.styled(" 1250 is 12.50 · none is all", "$dim")] if not state.typed else []
        try:
            offer, after = state.offer(), state.with_offer()
        except InvalidInput as error:
            return Content("\n").join(
                [Content.styled(f" ✗ {row}", "$bad") for row in wrap(error.message, self.size.width - 4, 3)]
            )
        paid = after.tenders[-1]
        if state.kind == "cash":
            quick = "  ".join(self._money(amount) for amount in state.quick()[1:4])
            rows += [Content.styled(f" ↑↓ exact  {quick}", "$dim"), Content("")]
            rows.append(self._row("Given", self._money(paid.tendered), "$ink"))
            rows.append(self._row("Change", self._money(paid.change), "bold $good"))
        else:
            rows.append(self._row("By card", self._money(paid.amount), "$ink"))
        if after.rounding:
            rows.append(self._row("Rounding", self._money(after.rounding), "$dim"))
        if after.left:
            rows.append(self._row("Left after that", self._money(after.left), "$warn"))
        if offer and offer.kind == "card" and self.has_class("-number"):
            rows += [
                Content.styled(fit(f" {i} …{number[-4:]} {what}", self.size.width), "$dim")
                for i, (number, what) in enumerate(paying.SANDBOX, 1)
            ]
        return Content("\n").join(rows)
