"""The till's application: paints first, opens the store after, and leaves nothing undone when it is told to go."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import App

from posconsole.errors import PosError
from posconsole.tui.keys import PALETTE, QUIT, keymap, remap
from posconsole.tui.scans import ScanRouter
from posconsole.tui.screens.checkout import CheckoutScreen
from posconsole.tui.session import Session
from posconsole.tui.theme import THEMES, TILL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.app import SystemCommand
    from textual.binding import BindingType
    from textual.command import Provider
    from textual.screen import Screen

    from posconsole import Store
    from posconsole.spooling.setup import Setup
    from posconsole.tui.screens.identify import IdentifyScreen
    from posconsole.tui.tour import Tour

PALETTE_SCREEN = "--command-palette"
LOOK = 30.0
"""Seconds between two looks whether the shop has got operators, whom a till asks for."""


def till_commands() -> type[Provider]:
    """Load the palette's entries when the palette is opened, not before."""
    from posconsole.tui.commands import TillCommands

    return TillCommands


class PosApp(App[None]):
    """A till.

    `open_store` is called in a thread after the first frame and returns a store, bound to till and operator or not.
    `tips` are (what to type, what it shows) for the empty basket. `sandbox` offers the sandbox's cards, which is
    what a demo does when nothing is said. `scan_prefix` and `scan_suffix` name the keys a scanner sends around
    a code. With `asks` it is known before the store is there that it wants an operator's name and PIN; then, and
    where `open_store` returns a store at no till, they are asked for. `lock_after` minutes without a key they are
    asked for again, 0 means never. `keys` are those that are not the usual ones, by name; `InvalidInput` for one that
    can't be. `clock` returns the time to show, as HH:MM, given the shop's time zone.
    """

    TITLE = "posconsole"
    # Textual loads a screen's own styles when it is pushed; the first one never is.
    CSS_PATH = "screens/checkout.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {till_commands}
    NOTIFICATION_TIMEOUT = 4
    BINDINGS: ClassVar[list[BindingType]] = [
        QUIT.binding(priority=True),
        PALETTE.binding(priority=True),
    ]

    def __init__(
        self,
        url: str | None,
        till: str,
        operator: str,
        demo: bool = False,
        *,
        open_store: Callable[[], Store],
        tips: tuple[tuple[str, str], ...] = (),
        sandbox: bool | None = None,
        scan_prefix: str = "",
        scan_suffix: str = "",
        asks: bool = False,
        lock_after: int = 0,
        clock: Callable[[str], str] | None = None,
        tour: Tour | None = None,
        theme: str = TILL.name,
        keys: Mapping[str, str] | None = None,
        paper: Setup | None = None,
    ) -> None:
        # Exported sizes go before the window's own in Textual, and then no resize would ever be seen.
        for name in ("COLUMNS", "LINES"):
            os.environ.pop(name, None)
        remap(keys or {})
        super().__init__()
        self.set_keymap(keymap())
        self.animation_level = "none"
        self.url, self.till, self.operator, self.demo, self.tips = url, till, operator, demo, tips
        self.sandbox = demo if sandbox is None else sandbox
        self.session = Session(open_store, till, paper)
        self.asks, self.lock_after = asks, lock_after
        self._operators: list[str] = []
        self._touched = time.monotonic()
        self._keys: deque[events.Key] = deque()
        self._latest = ""
        self.router = ScanRouter(scan_prefix, scan_suffix)
        self.clock = clock or _wall_clock
        self.tour = tour
        self._dress = theme
        self._leaving: asyncio.Task[None] | None = None

    def get_default_screen(self) -> CheckoutScreen:
        """Return the checkout: it is the bottom of every stack of screens."""
        self.checkout = CheckoutScreen(self)
        return self.checkout

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """Offer none of Textual's own commands: a till has no use for them."""
        return ()

    def action_command_palette(self) -> None:
        """Show every action by name."""
        from posconsole.tui.palette import TillPalette

        if not (self._shut or isinstance(self.screen, TillPalette)):
            self.push_screen(TillPalette(id=PALETTE_SCREEN))

    def on_load(self) -> None:
        """Dress before the first frame."""
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = self._dress

    def on_mount(self) -> None:
        """Be ready to be told to go."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.leave)
        self.session.unknown = partial(self.ask_who, locked=True)
        if self.tour is not None:
            self.tour.begin(self)
        self.set_interval(LOOK, self.lock_once_asked)
        if self.lock_after:
            self.set_interval(5.0, self.lock_when_idle)

    # Who is at the till.

    @property
    def _shut(self) -> bool:
        """Say whether the screen in front is one that nothing leads past."""
        return getattr(self.screen, "shut", False)

    def ask_who(self, *, locked: bool = False, known: bool = True) -> None:
        """Ask for a name and a PIN; `locked`, until they are given. Whoever is `known` is expected back."""
        from posconsole.tui.screens.sign_in import SignInScreen

        if self._shut or self.session.committing:
            return
        expected = self.operator if locked and known else ""
        self.push_screen(SignInScreen(self.session, expected, self._operators, locked=locked))

    def took_over(self) -> None:
        """Show who is at the till now; who was there before leaves no screen open."""
        store, before = self.session.store, self.operator
        self.operator = store.operator
        if self.operator != before:
            self.home()
        self._operators = sorted({*self._operators, store.operator})
        shown = f"{store.operator}, {store.role}" if self.session.asks else store.operator
        self.checkout.title_bar.show(operator=shown)

    def lock_when_idle(self) -> None:
        """Lock the till when nobody has touched it for long; the sale stays as it is."""
        idle = time.monotonic() - self._touched
        if not self.session.opened.is_set() or not self.session.asks or idle < self.lock_after * 60:
            return
        if self._shut:
            cast("IdentifyScreen", self.screen).left_alone()
        else:
            self.ask_who(locked=True)

    async def lock_once_asked(self) -> None:
        """Lock the till when its shop has got operators and whoever is at it never gave a PIN; not while they pay."""
        if not self.session.opened.is_set() or self.checkout.cashing.on or self._shut:
            return
        with contextlib.suppress(PosError):
            if await self.session.asks_by_now():
                self.ask_who(locked=True, known=False)
                self.session.asks = self._shut

    def home(self) -> None:
        """Go back to the checkout."""
        while self.screen is not self.checkout and len(self.screen_stack) > 1:
            self.pop_screen()

    def leave(self) -> None:
        """Finish the commit under way, park the basket, and go."""
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave())

    @property
    def leaving(self) -> bool:
        """Say whether the till is about to end: nothing may be asked any more."""
        return self._leaving is not None

    async def _leave(self) -> None:
        if self._shut:
            cast("IdentifyScreen", self.screen).leave()
        await self.session.close()
        self.exit()

    async def action_quit(self) -> None:
        """Leave as on a signal: nothing is lost."""
        self.leave()

    async def on_event(self, event: events.Event) -> None:
        """Let the screen have each key in the order of arrival, before any binding or any other widget."""
        if isinstance(event, events.InputEvent):
            self._touched = time.monotonic()
        if isinstance(event, events.Key) and not event.is_forwarded and event.key not in QUIT.keys.split(","):
            self._line_up(event)
            await self.work_off()
        else:
            await super().on_event(event)

    def _line_up(self, event: events.Key) -> None:
        repeats, latest, self._latest = getattr(self.screen, "repeats", None), self._latest, event.key
        if not (callable(repeats) and event.key == latest and repeats(event)):
            self._keys.append(event)

    async def work_off(self) -> None:
        """Hand over the keys that have come. Those that the screen can't take yet wait, with all behind them."""
        while self._keys and not self._held(self._keys[0]):
            await self._hand_over(self._keys.popleft())

    def _held(self, event: events.Key) -> bool:
        holds = getattr(self.screen, "holds", None)
        return callable(holds) and bool(holds(event))

    def forget_keys(self) -> None:
        """Drop the keys that wait: they were meant for something that has turned out otherwise."""
        self._keys.clear()

    async def _hand_over(self, event: events.Key) -> None:
        if self.tour is not None and self.tour.taken_over(event):
            return
        held, scan = self.router.feed(event.key, event.character, event.time)
        if scan is not None:
            self.take_scan(scan)
        if not (held or self.offer(event)):
            await super().on_event(event)

    def offer(self, event: events.Key) -> bool:
        """Let the screen have a key at the moment it comes; one without a field leaves a scan to the checkout."""
        taker = getattr(self.screen, "take_key", None)
        if callable(taker):
            return bool(taker(event))
        if event.key == "enter" and (scan := self.router.barcode):
            self.scan_beneath(scan)
            return True
        return False

    def take_scan(self, text: str) -> None:
        """Give a scan that the scanner marked as one to the screen in front, or to the checkout."""
        taker = getattr(self.screen, "take_scan", None)
        if callable(taker):
            taker(text)
        else:
            self.post_scan(text)

    def scan_beneath(self, text: str) -> None:
        """Leave the screen in front, which has no use for a scan, and give it to the one beneath."""
        self.pop_screen()
        self.take_scan(text)

    def post_scan(self, text: str) -> None:
        """Go back to the checkout and enter `text` there."""
        self.home()
        self.checkout.take_scan(text)


def _wall_clock(timezone: str) -> str:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(timezone)).strftime("%H:%M")
