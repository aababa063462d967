"""One member: what can be done for them now, what they have and had, and their card as a code for a phone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import work
from textual.containers import Horizontal, Vertical

from posconsole.errors import InvalidInput, PosError
from posconsole.tui.approving import asked
from posconsole.tui.keys import BACK, DO, MEMBER_ADJUST, MEMBER_CARD, MORE, Key, told
from posconsole.tui.profile import ADDRESS, Entry, Profile, entries, look_up, with_older, written
from posconsole.tui.safe import line
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.screens.members import put_on_sale
from posconsole.tui.widgets.preview_row import GOOD, WARN
from posconsole.tui.widgets.profile_card import ProfileCard
from posconsole.tui.widgets.qr_code import QrCode
from posconsole.tui.widgets.row_list import RowList
from posconsole.tui.words import points

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.engine.views import MemberView
    from posconsole.tui.app import PosApp
    from posconsole.tui.session import Session

AHEAD = 10
"""Rows before the last one from which on older ones are fetched."""
STEPS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}
HOW_ADDRESS = "Where is it sent? Type name; street; postal code; city; country. Then {do}."
HOW_SENT = "Type the tracking number where there is one, then {do}."
HOW_POINTS = "Type how many points and why: 50 birthday, or -20 wrong sale. Then {member_adjust}."
ELSEWHERE = "Discounts are taken at the sale, with {save}; vouchers by their code."


@dataclass(frozen=True, slots=True)
class Deed:
    """What the next press of `key` does: `said` is the question, `done` puts the result in words."""

    key: str
    said: str
    verb: Callable[[Store], Any]
    done: Callable[[Any], str]


class MemberScreen(DeskScreen):
    """Everything about one member. F9 acts on the chosen row, F8 adjusts points; each asks, and does it on a second."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        DO.but("Do it", "Activate the offer, redeem the reward, hand over what is chosen."),
        MEMBER_ADJUST,
        Key("attach", "enter", "Put on the sale", "Put the member on the open sale.", "attach", "Enter"),
        MEMBER_CARD,
        BACK.but("Back", "Say no, clear what is typed, go back."),
        MORE,
    )
    BOUND = (*KEYS[:2], *KEYS[3:])
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss", "member.tcss"]

    def __init__(self, session: Session, member: MemberView) -> None:
        super().__init__(session)
        self.member = member
        self._profile: Profile | None = None
        self._entries: list[Entry] = []
        self._at = 0
        self._asked: Deed | None = None
        self._asked_of = ""
        self.rows = RowList()
        self.about = ProfileCard(brief=False)
        self.code = QrCode()

    def middle(self) -> Iterable[Widget]:
        """Give the list, or the card's code in its place, and the member beside it."""
        with Horizontal(classes="body"):
            with Vertical(id="list"):
                yield self.rows
                yield self.code
            yield self.about

    def on_mount(self) -> None:
        """Look the member up."""
        super().on_mount()
        self.head(line(self.member.name), "member")
        self.code.display = False
        self.about.show(None, self.session.shop)
        self._load()

    @work(exclusive=True, group="load", exit_on_error=False)
    async def _load(self) -> None:
        await self._look()

    async def _look(self) -> None:
        try:
            self._profile = await self.session.call(look_up, self.session.store, self.member.id)
        except PosError as error:
            self.refuse(error.message)
            return
        self.member = self._profile.member
        self._entries = entries(self._profile, self.session.shop)
        self._at = max(0, min(self._at, len(self._entries) - 1))
        self._step(0)
        self.about.show(self._profile, self.session.shop)

    @property
    def chosen(self) -> Entry | None:
        """Return the row that F9 acts on."""
        return self._entries[self._at] if self._entries else None

    def _step(self, by: int) -> None:
        """Choose another row, over the headings."""
        rows = [at for at, entry in enumerate(self._entries) if not entry.heading]
        if rows:
            wanted = self._at + by
            onward = [at for at in rows if (at >= wanted if by >= 0 else at <= wanted)]
            self._at = (onward[0] if by >= 0 else onward[-1]) if onward else (rows[-1] if by >= 0 else rows[0])
        self._show()

    def _show(self) -> None:
        chosen = self.chosen
        title = "what is theirs now, and what they had" if self._entries else "nothing yet: no visit, no points"
        self.rows.show(title, partial(written, self._entries), len(self._entries), self._at)
        verb = chosen.verb if chosen else ""
        acts = [DO.but(verb, "")] if verb else []
        self.show_keys(self.KEYS[3:] if self.code.display else [*acts, *self.KEYS[1:]])
        if self._asked is None and not self.refused and not self.busy:
            self.say(self._hint(chosen))

    def _hint(self, chosen: Entry | None) -> str:
        """Say what the keys do with the chosen row, or with what is typed."""
        if chosen is not None and chosen.sent and chosen.act == "redeem":
            return told(HOW_ADDRESS)
        if chosen is not None and chosen.where:
            return f"Sent to {line(chosen.where)}? {told(HOW_SENT)}"
        if self.field.value and not (chosen is not None and chosen.sent):
            return told(HOW_POINTS)
        if chosen is not None and chosen.verb:
            return f"{DO} {chosen.verb.lower()}: {line(chosen.text)}"
        return told(f"↑ ↓ choose. {ELSEWHERE}")

    def pressed(self, event: events.Key) -> bool:
        """Choose among the rows; whoever goes on to something else has said no."""
        by = STEPS.get(event.key)
        if by is not None:
            self._asked = None
            self._step(by)
            if self._at >= len(self._entries) - AHEAD:
                self._look_back()
        return by is not None

    @work(exclusive=True, group="older", exit_on_error=False)
    async def _look_back(self) -> None:
        """Fetch older points' moves, where there are any."""
        profile = self._profile
        if profile is None or len(profile.ledger) >= profile.moves:
            return
        try:
            longer = await self.session.call(with_older, self.session.store, profile)
        except PosError as error:
            self.refuse(error.message)
            return
        if profile is self._profile:
            self._profile, self._entries = longer, entries(longer, self.session.shop)
            self._step(0)

    def on_input_changed(self) -> None:
        """Another text is another question; a change told late, of the text that was asked about, is none."""
        if self._asked is not None and self.field.value != self._asked_of:
            self._asked = None
            self._show()
        elif self.field.value:
            self._show()

    @property
    def wants_scans(self) -> bool:
        """Take no scan for an answer."""
        return False

    def entered(self, text: str) -> None:
        """Put the member on the sale; what was typed stays, for F8 or F9."""
        if text.strip():
            self.field.value = text
            self.field.action_end()
        elif self.refused:
            self.dealt_with()
        elif self.is_current:
            put_on_sale(cast("PosApp", self.app), self.member)

    def action_do(self) -> None:
        """Ask whether to act on the chosen row; pressed again, do it."""
        chosen = self.chosen
        if chosen is None or self.code.display:
            return
        if not chosen.act:
            self.say(told(f"Nothing is to be done about this row. {ELSEWHERE}"))
            return
        try:
            self._ask_or_do("act", lambda: self._deed(chosen))
        except InvalidInput as error:
            self.refuse(error.message)

    def action_adjust(self) -> None:
        """Ask whether to give or take the points that are typed; pressed again, do it."""
        try:
            self._ask_or_do("adjust", self._adjustment)
        except InvalidInput as error:
            self.refuse(error.message)

    def _ask_or_do(self, key: str, deed: Callable[[], Deed]) -> None:
        if self.small or self.code.display:
            return
        self.dealt_with()
        if self._asked is None or self._asked.key != key:
            self._asked, self._asked_of = deed(), self.field.value
            self.say(self._asked.said, WARN)
            return
        if cast("PosApp", self.app).router.quick:
            return  # a key held down says yes to nothing
        sure, self._asked = self._asked, None
        self.begin(self._do(sure))

    async def _do(self, deed: Deed) -> None:
        try:
            result = await asked(self.app, self.session, deed.said.split("? ")[0], deed.verb)
        except Exception as error:  # whatever it was, it has to be on the screen
            self.say("")
            self.failed(error)
            self._show()
            return
        self.intent.done()
        self.field.value = ""
        await self._look()
        self.say(deed.done(result), GOOD)

    def _deed(self, chosen: Entry) -> Deed:
        name, whose, typed = line(chosen.text), line(self.member.name), self.field.value.strip()
        account, target = self.member.id, chosen.target
        key = self.intent.key(chosen.act, target, typed)
        if chosen.act == "activate":
            return Deed(
                "act",
                f"Activate {name} for {whose}? {DO} does, {BACK} not.",
                lambda store: store.offers.activate(offer=target, account=account, idempotency_key=key),
                lambda _: f"{name} is active for {whose}",
            )
        if chosen.act == "fulfill":
            tracked = f", tracking {line(typed)}" if typed else ""
            tracking = (typed or None) if chosen.sent else None
            said = f"Mark {name} as sent{tracked}" if chosen.sent else f"Hand over {name}"
            return Deed(
                "act",
                f"{said}? {DO} does, {BACK} not.",
                lambda store: store.loyalty.redemptions.fulfill(target, tracking, idempotency_key=key),
                lambda _: f"{name} is {'sent' if chosen.sent else 'handed over'}",
            )
        what: dict[str, Any] = {"account": account, "reward": target}
        if chosen.sent:
            what["shipping"] = _address(typed)
        return Deed(
            "act",
            f"Redeem {name} for {chosen.tail} of {whose}? {DO} does, {BACK} not.",
            lambda store: store.loyalty.redemptions.create(**what, idempotency_key=key),
            lambda had: f"Redeemed {name}" + (f": voucher {had.voucher.code}" if had.voucher else _next(chosen)),
        )

    def _adjustment(self) -> Deed:
        number, _, reason = self.field.value.strip().partition(" ")
        figures = number.replace("\N{MINUS SIGN}", "-").removeprefix("+")
        if not figures.removeprefix("-").isdecimal() or not figures.isascii() or len(figures) > 9 or not reason.strip():
            raise InvalidInput(told(HOW_POINTS), field="points")
        amount, whose, key = int(figures), line(self.member.name), self.intent.key(figures, reason)
        what, account = points(abs(amount), self.session.shop), self.member.id
        said = f"Give {whose} {what}" if amount > 0 else f"Take {what} from {whose}"
        return Deed(
            "adjust",
            f"{said}: {line(reason.strip())}? {MEMBER_ADJUST} does, {BACK} not.",
            lambda store: store.members.adjust(account, points=amount, reason=reason.strip(), idempotency_key=key),
            lambda now: f"{whose} has {points(now.points, self.session.shop)} now",
        )

    def action_card(self) -> None:
        """Show the card's code in place of the list, or the list again."""
        text = self.member.card or self.member.phone
        if not text:
            self.refuse(f"{line(self.member.name)} has neither a card nor a phone number to show.")
            return
        on = not self.code.display
        self.code.show(text)
        self.code.display, self.rows.display = on, not on
        self.set_class(on, "-card")
        self._asked = None
        self._show()
        if on:
            self.say(f"{line(text)} for a phone to scan. {MEMBER_CARD} puts it away.")

    def action_back(self) -> None:
        """Say no, put a refusal or the card away, clear what is typed, go back: whatever is nearest."""
        if self._asked is not None:
            self._asked = None
            self._show()
        elif self.code.display:
            self.action_card()
        elif not self.clear():
            self.dismiss()


def _next(chosen: Entry) -> str:
    return ", to be sent" if chosen.sent else ", to hand over"


def _address(typed: str) -> dict[str, str]:
    parts = [part.strip() for part in typed.split(";")]
    if len(parts) != len(ADDRESS) or not all(parts):
        raise InvalidInput(told(HOW_ADDRESS), field="shipping")
    return dict(zip(ADDRESS, parts, strict=True))
