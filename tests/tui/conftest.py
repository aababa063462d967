"""A small shop on a real SQLite file, and the till's application in front of it; clock and codes stand still."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from posconsole import Store
from posconsole.clock import FixedClock
from posconsole.tui.app import PosApp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from textual.app import App
    from textual.pilot import Pilot

SIZES = [(80, 24), (120, 40)]
NOW = 1_784_721_720  # 22 July 2026, 14:02 in Berlin
FUTURE = 2_000_000_000_000_000_000
"""Nanoseconds from which a test's identifiers count up: above those of the shop that was furnished before it."""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(autouse=True)
def frozen_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mint the same codes in the same order every time."""
    numbers = count(1)

    def in_order(size: int) -> bytes:
        number = next(numbers)
        return bytes(number >> 5 * place & 31 for place in reversed(range(size)))

    monkeypatch.setattr(secrets, "token_bytes", in_order)
    # The sandbox makes up a card's approval from its charge's id, which counts up from the present moment.
    monkeypatch.setattr(secrets, "randbits", lambda _: 0)
    monkeypatch.setattr("posconsole.codes.time", SimpleNamespace(time_ns=lambda: FUTURE))
    monkeypatch.setattr("posconsole.codes._last", 0)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the shop once, with four articles and one that sells vouchers; every test gets a copy."""
    folder = tmp_path_factory.mktemp("furnished")
    office = Store.open(
        f"sqlite:///{folder / 'shop.db'}", name="Corner Shop", timezone="Europe/Berlin", clock=FixedClock(NOW)
    )
    for sku, name, price, barcode in [
        ("coffee", "Flat white", 450, "2000000000015"),
        ("bun", "Croissant", 280, "2000000000022"),
        ("book", "Notebook A5", 695, "2000000000039"),
        ("pen", "Highlighter yellow", 120, "2000000000046"),
    ]:
        office.products.create(sku=sku, name=name, price=price, barcode=barcode, tax_rate=1900)
    office.products.create(sku="gift25", name="Gift voucher 25", price=2500, voucher_value=2500)
    office.close()
    return folder


@pytest.fixture
def url(furnished: Path, tmp_path: Path) -> str:
    """Copy the shop and say where the copy is."""
    shutil.copytree(furnished, tmp_path, dirs_exist_ok=True)
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def store(url: str, clock: FixedClock) -> Iterator[Store]:
    """Give the shop as till 1 sees it."""
    store = Store.open(url, clock=clock).sign_in(till="1", operator="Ana")
    yield store
    store.close()


@pytest.fixture
def app(store: Store) -> PosApp:
    return PosApp(None, "1", "Ana", open_store=lambda: store, clock=lambda _: "14:02")


@pytest.fixture
def snap_compare(snap_compare: Callable[..., bool]) -> Callable[..., bool]:
    """Take the picture when nothing is under way any more."""

    def compare(app: App[None], *, run_before: Callable[[Pilot[None]], Awaitable[None]], **about: Any) -> bool:
        async def run(pilot: Pilot[None]) -> None:
            await run_before(pilot)
            await settled(pilot)

        return snap_compare(app, run_before=run, **about)

    return compare


async def settled(pilot: Pilot[None]) -> None:
    """Wait until nothing is under way: no message, no worker, nothing to paint.

    Textual's own pause takes a process that gets no turn on a busy machine for one that has nothing to do.
    """
    quiet = 0
    for _ in range(3000):
        quiet = 0 if _busy(pilot.app) else quiet + 1
        if quiet == 3:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the screen never came to rest")


def _busy(app: App[None]) -> bool:
    screen = app.screen
    # The worker that opened the till carries out what is entered, for as long as it is open.
    return bool(
        (isinstance(app, PosApp) and app.checkout.sale.waiting)
        or any(not worker.is_finished for worker in app.workers if worker.group != "opening")
        or any(node.message_queue_size for node in (app, *screen.walk_children(with_self=True)))
        or screen._layout_required
        or screen._repaint_required
        or screen._dirty_widgets
        or screen._callbacks
    )


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Wait until something holds: for threads there is nothing else to wait for."""
    for _ in range(3000):
        if holds():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"it never came to hold; the screen says:\n{showing(pilot.app)}")


def showing(app: App[None]) -> str:
    """Return all that stands on the screen, as text."""
    return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())
