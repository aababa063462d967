"""Opening things: the till's screen, the demo's, and the store for a command."""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from posconsole.clock import machine_timezone
from posconsole.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import Clock
    from posconsole.config import Settings
    from posconsole.spooling.setup import Setup
    from posconsole.tui.app import PosApp
    from posconsole.tui.tour import Tour

SQLITE = "sqlite:///"


def settings(database: str | None = None) -> Settings:
    """Load the settings and settle on the database: the given one, the configured one, or the usual place.

    A path will do for an address.
    """
    # The demo, which has no settings, is on the screen before what reads them would be loaded.
    from posconsole.config import default_database_url, load

    found = load()
    url = database or found.database_url or default_database_url()
    address = url if "://" in url else f"{SQLITE}{Path(url).expanduser().absolute()}"
    return found.model_copy(update={"database_url": address})


def store(chosen: Settings, *, clock: Clock | None = None, new: bool = True) -> Store:
    """Open the store that the settings describe; with `new` off, only one that is there.

    Raises `NotFound` where there is none, and what `Store.open` raises.
    """
    file = Path(chosen.database_url.removeprefix(SQLITE).partition("?")[0])
    if not new and chosen.database_url.startswith(SQLITE) and not file.is_file():
        raise NotFound(f"there is no shop at {file}: say --database, or open one with posconsole", field="database")
    from posconsole import Store
    from posconsole.clock import SystemClock

    return Store.open(
        chosen.database_url,
        currency=chosen.currency,
        locale=chosen.locale,
        timezone=chosen.timezone or machine_timezone(),
        prices_include_tax=chosen.prices_include_tax,
        smallest_coin=chosen.smallest_coin,
        name=chosen.shop_name,
        head=chosen.receipt_head,
        sandbox=chosen.card == "sandbox",
        clock=clock or SystemClock(),
    )


def paper(chosen: Settings) -> Setup:
    """Return how the settings want it printed."""
    from posconsole.config import place
    from posconsole.spooling.setup import Setup

    return Setup(
        chosen.printer,
        chosen.paper,
        chosen.printer_profile,
        chosen.receipts,
        chosen.qr_correction,
        Path(chosen.artwork).expanduser() if chosen.artwork else place().parent / "artwork",
    )


def till(database: str | None = None, number: str | None = None, operator: str | None = None) -> int:
    """Open the till's screen and return the exit status."""
    chosen = settings(database)
    number, operator = number or chosen.till, operator or chosen.operator
    _need_terminal()
    from posconsole.cli.signing_in import asked, expected

    asks = asked(chosen)
    from posconsole.tui.app import PosApp

    def opened() -> Store:
        shop = store(chosen)
        return _settled(shop if shop.asks_for_pin else shop.sign_in(till=number, operator=operator))

    app = PosApp(
        url=chosen.database_url,
        till=number,
        operator=expected(operator) if asks else operator,
        open_store=opened,
        asks=asks,
        lock_after=chosen.lock_after,
        sandbox=chosen.card == "sandbox",
        scan_prefix=chosen.scan_prefix,
        scan_suffix=chosen.scan_suffix,
        theme=chosen.theme,
        paper=paper(chosen),
        keys=chosen.keys,
    )
    return _shown(app)


def demo(*, tour: bool = False, theme: str | None = None) -> int:
    """Open a furnished shop in a throw-away database, where `tour` plays a sale; return the exit status.

    Without a `theme` it wears that of the environment, and reads no other setting.
    """
    dress = _dress(theme or os.environ.get("POSCONSOLE_THEME"))
    _need_terminal()
    import tempfile

    with tempfile.TemporaryDirectory(prefix="posconsole-demo-", ignore_cleanup_errors=True) as folder:
        url = f"{SQLITE}{Path(folder) / 'shop.db'}"
        # Before the screen listens to them, these would end the program and leave the folder behind.
        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, lambda number, _: sys.exit(128 + number))
        from posconsole.tui.app import PosApp

        def furnished() -> Store:
            from posconsole.demo.furnishing import open_shop

            return _settled(open_shop(url, timezone=machine_timezone()))

        from posconsole.demo import OPERATOR, TILL, TIPS

        app = PosApp(
            url=url,
            till=TILL,
            operator=OPERATOR,
            demo=True,
            open_store=furnished,
            tips=TIPS,
            tour=_tour() if tour else None,
            theme=dress,
        )
        return _shown(app)


def _dress(name: str | None) -> str:
    from posconsole.tui.theme import THEMES, TILL

    if name and name not in THEMES:
        raise InvalidInput(f"there is no theme {name!r}: say {', '.join(THEMES)}", field="theme")
    return name or TILL.name


def _tour() -> Tour:
    from posconsole.demo.tour import STEPS
    from posconsole.tui.tour import Tour

    return Tour(STEPS)


def _settled(shop: Store) -> Store:
    # What is loaded by now stays: the collector's looks through all of it would hold the screen up.
    gc.freeze()
    return shop


def _shown(app: PosApp) -> int:
    app.run()
    # The interpreter's last look through all that was loaded takes half a second, and finds nothing to free.
    gc.freeze()
    return app.return_code or 0


def _need_terminal() -> None:
    # A browser has no terminal: there Textual's own driver draws.
    if not sys.stdin.isatty() and "TEXTUAL_DRIVER" not in os.environ:
        raise InvalidInput("the till needs a terminal to draw on; posconsole --help lists what does without")
