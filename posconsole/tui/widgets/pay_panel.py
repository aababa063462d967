"""Paying, in the right column: what is left, how, how much was handed over, the change. F9 alone confirms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from posconsole.tui import paying
from posconsole.tui.keys import BACK, PAY
from posconsole.tui.safe import line
from posconsole.tui.strays import Strays
from posconsole.tui.widgets import pay_words
from posconsole.tui.widgets.preview_row import wrap
from posconsole.tui.widgets.scan_field import KeyField
from posconsole.tui.widgets.steady import Steady
from posconsole.tui.widgets.totals import BigAmount

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from posconsole.engine.views import ShopView
    from posconsole.tui.paying import Paying

KINDS = {"c": "cash", "k": "card", "t": "terminal"}
APPROVAL = r"[0-9A-Za-z]{0,12}"


class PayPanel(Vertical):
    """Keys in, a `Paying` out. It moves no money itself: `confirmed` is called when F9 says so.

    A scan that arrives here is taken back to the key where it began, and said; it never is an amount, and as no
    scanner sends F9 it never confirms.
    """

    def __init__(self, *, sandbox: bool) -> None:
        super().__init__(id="pay")
        self._sandbox = sandbox
        self.state: Paying | None = None
        self.shop: ShopView | None = None
        self.waiting = ""
        self.device: int | None = None
        self.answer = ""
        self.pin_of = ""
        self.strayed: Callable[[str], None] = lambda _: None
        self.altered: Callable[[], None] = lambda: None
        self._message: tuple[str, str] = ("", "$dim")
        self._before: tuple[Paying | None, str] = (None, "")
        self._strays = Strays(self._remember, self._undo, self._empty_amount, lambda text: self.strayed(text))
        self._pick = 0
        self._by_figures = False

    def compose(self) -> ComposeResult:
        """Lay out the amount, the ways to pay, the fields, and the words."""
        yield BigAmount("TO PAY", id="left-to-pay")
        yield Steady(id="pay-list")
        yield Steady(id="pay-kinds")
        yield KeyField(id="amount", max_length=paying.LONGEST, restrict=paying.RESTRICT)
        yield KeyField(id="number", max_length=19, restrict=r"[0-9 ]{0,19}")
        yield KeyField(id="approval", max_length=12, restrict=APPROVAL)
        yield KeyField(id="pin", max_length=pay_words.PIN_MOST, restrict=r"[0-9]*", hidden=True)
        yield Steady(id="pay-words")
        yield Steady(id="pay-message")

    # What the checkout does with it.

    def open(self, due: int, shop: ShopView) -> None:
        """Begin paying this amount."""
        self.shop = shop
        self.state = paying.Paying(due, shop.currency, shop.smallest_coin)
        self.device, self.answer, self.waiting, self.pin_of, self._pick = None, "", "", "", 0
        self._strays.forget()
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

    def remind(self, text: str, colour: str = "$dim") -> None:
        """Say what a key would have done, unless a refusal stands: that stays until it is dealt with."""
        if self._message[1] != "$bad":
            self.say(text, colour)

    def wait(self, text: str) -> None:
        """Show that money is being moved; keys do nothing meanwhile. An empty text ends it."""
        self.waiting = text
        self.paint()

    def ask_device(self, amount: int) -> None:
        """Ask what the bank's own device said to this amount."""
        self.device, self.answer, self.waiting = amount, "", ""
        self.say("")

    def ask_pin(self, voucher: str) -> None:
        """Ask for the PIN of a voucher, whose code is masked; of none, to end the question."""
        self.pin_of, self.waiting = voucher, ""
        self._fill("pin", "")
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
        if self._strays.follow(event, self._value("amount") if self._field_id() == "amount" else None):
            return True
        if event.key == "enter":
            self.remind(f"Enter takes no money: {PAY} does.")
        elif self.device is not None:
            self._device_key(event)
        elif self.pin_of:
            self.query_one("#pin", KeyField).take_key(event)
            self.say("")
        else:
            self._tender_key(event)
        return True

    def _remember(self) -> None:
        self._before = (self.state, self.answer)

    def _empty_amount(self) -> None:
        self._fill("amount", "")
        if self.state:
            self._keyed(self.state)

    def _keyed(self, state: Paying) -> None:
        typed, number = self._value("amount"), self._value("number").replace(" ", "")
        kind = None if self._by_figures and not typed else state.kind
        self._change(replace(state, kind=kind, typed=typed, number=number))

    def _undo(self) -> None:
        before, answer = self._before
        if self.device is None and before is not None:
            self._change(before)
            self._fill("amount", before.typed)
            self._fill("number", before.number)
        self.answer = answer
        self._fill("pin", "")
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
            self._pick, self._by_figures = 0, False
            self._fill("amount", "")
            self._fill("number", "")
            self._change(state.begin(kind))
            self.say("")
        elif state.kind is None and (event.character or "").isdecimal() and state.left:
            # What is keyed straight away is what was handed over; nothing is chosen once it is gone again.
            self._by_figures = True
            self._change(state.begin("cash"))
            self._tender_key(event)
        elif state.kind is None:
            self._unchosen(event, state)
        elif event.key in ("up", "down"):
            self._step(1 if event.key == "down" else -1)
        elif event.key == "tab":
            self._switch()
        elif field := self._field():
            field.take_key(event)
            self._message = ("", "$dim")
            self._keyed(state)

    def _unchosen(self, event: events.Key, state: Paying) -> None:
        if event.key in ("backspace", "delete") and state.tenders:
            self._change(state.without_last())
        elif event.is_printable:
            self.remind(f"No way to pay begins so. A code or an article: {BACK}, then enter it.")

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

    @property
    def pin(self) -> str:
        """Return the voucher's PIN as keyed."""
        return self._value("pin")

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
            self.say("")

    def _change(self, state: Paying) -> None:
        if self.state and state.kind != self.state.kind:
            self.set_class(state.kind == "card", "-number")
        self.state = state
        self.paint()

    def _field_id(self) -> str | None:
        if self.device is not None:
            return "approval" if self.answer == "approved" else None
        if self.pin_of:
            return "pin"
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
        if self.state is None or self.shop is None or self.waiting:
            return ""
        if self.device is not None:
            return {"approved": "Record approved", "declined": "Record declined"}.get(self.answer, "")
        if self.pin_of:
            return "Pay with the PIN" if self.pin else ""
        return pay_words.verb(self.state, self.shop)

    def say_missing(self) -> None:
        """Say what F9 waits for."""
        if self.pin_of:
            self.remind(f"! Key the PIN first, then {PAY}.", "$warn")
        elif self.state and self.device is None and (said := pay_words.missing(self.state)):
            self.remind(f"! {said}", "$warn")

    def ways(self) -> list[tuple[str, str]]:
        """Return the letters that mean something now, with a word each."""
        if self.waiting or self.state is None:
            return []
        if self.device is not None:
            return [("A", "approved"), ("D", "declined")]
        if self.pin_of or not self.state.left:
            return []
        undo = [("⌫", "Last one off")] if self.state.kind is None and self.state.tenders else []
        return [("C", "Cash"), *([("K", "Card")] if self._sandbox else []), ("T", "Terminal"), *undo]

    def way_back(self) -> str:
        """Say what F7 would do now; empty while it does nothing."""
        if self.waiting or (self.device is not None and not self.answer):
            return ""
        if self.pin_of:
            return "No PIN"
        return "Change the answer" if self.device is not None else "Back to the basket"

    def on_resize(self) -> None:
        """Break the words anew."""
        self.paint()

    def paint(self) -> None:
        """Bring every part up to date with the state."""
        state, shop = self.state, self.shop
        if state is None or shop is None:
            return
        width, device = self.size.width, self.device
        amount = shop.currency.format(state.left if device is None else device, shop.locale)
        word = "ON THE TERMINAL" if device is not None else "LEFT TO PAY" if state.tenders else "TO PAY"
        self.query_one(BigAmount).show(word, amount)
        self._put("#pay-list", pay_words.listed(state, shop, width))
        if device is not None:
            self._put("#pay-kinds", pay_words.device(amount, self.answer))
            self._put("#pay-words", pay_words.approval(self.answer))
        elif self.pin_of:
            self._put("#pay-kinds", pay_words.pin(self.pin_of))
            self._put("#pay-words", Content(""))
        else:
            self._put("#pay-kinds", pay_words.kinds(state, sandbox=self._sandbox))
            hints, number = self._message[1] != "$bad", self.has_class("-number")
            self._put("#pay-words", pay_words.offered(state, shop, width, hints=hints, number=number))
        text, colour = (self.waiting, "$ink") if self.waiting else self._message
        rows = wrap(line(text), width - 2, 4)
        self._put("#pay-message", Content("\n").join([Content.styled(f" {row}", colour) for row in rows]))
        self._show_fields()
        self.altered()

    def _show_fields(self) -> None:
        current = None if self.waiting else self._field_id()
        for field in self.query(KeyField):
            field.display = field.id == current
            if field.id == current and not field.has_focus:
                field.focus()

    def _put(self, selector: str, content: Content) -> None:
        part = self.query_one(selector, Static)
        part.display = bool(content.plain.strip())
        part.update(content)
