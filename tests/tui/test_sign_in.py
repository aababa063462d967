"""Who is at the till: asked at the start, on one key, and after a while without any; the sale stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole import Store
from posconsole.engine.quoting.rung import Item
from posconsole.tui.app import PosApp
from posconsole.tui.screens.sign_in import SignInScreen
from tests.tui.conftest import SIZES, settled, showing, until
from tests.tui.hands import Hands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.pilot import Pilot

    from posconsole.clock import FixedClock

BUN = "2000000000022"
ANA, MO = "3141", "271828"


@pytest.fixture
def staffed(url: str, clock: FixedClock) -> Iterator[Store]:
    """Give a shop in which a manager and a cashier work, with nobody at the till yet."""
    office = Store.open(url, clock=clock)
    office.operators.create(name="Mo", role="manager", pin=MO)
    office.operators.create(name="Ana", pin=ANA)
    yield office
    assert office.audit() == []


@pytest.fixture
def app(staffed: Store) -> PosApp:
    return PosApp(None, "1", "", open_store=lambda: staffed, asks=True, lock_after=5, clock=lambda _: "14:02")


def asked(app: PosApp) -> bool:
    return isinstance(app.screen, SignInScreen)


def ready(app: PosApp) -> bool:
    """Say whether a name or a PIN would be heard."""
    return isinstance(app.screen, SignInScreen) and app.screen.field.has_focus and not app.screen.busy


async def sign_in(app: PosApp, pilot: Pilot[None], name: str, pin: str) -> Hands:
    hands = Hands(app)
    await until(pilot, lambda: ready(app))
    if app.screen.called != name:  # type: ignore[attr-defined]
        hands.type(name)
        hands.press("enter")
    hands.type(pin)
    hands.press("enter")
    await until(pilot, lambda: not asked(app) and app.session.opened.is_set())
    return hands


def leave_alone(app: PosApp) -> None:
    """Let the time pass after which the till locks itself."""
    app._touched -= 301
    app.lock_when_idle()


async def test_another_operator_takes_over_and_the_open_sale_is_kept(app: PosApp) -> None:
    async with app.run_test(size=SIZES[0]) as pilot:
        hands = await sign_in(app, pilot, "ana", ANA)
        await until(pilot, lambda: "Ana, cashier" in showing(app))
        hands.scan(BUN)
        await hands.done()
        hands.press("ctrl+o")
        hands = await sign_in(app, pilot, "Mo", MO)
        await until(pilot, lambda: "Mo, manager" in showing(app))
        assert app.checkout.sale.basket.items == (Item("bun"),)
        await settled(pilot)
        hands.press("ctrl+o")
        await until(pilot, lambda: ready(app))
        hands.press("f7")
        await until(pilot, lambda: not asked(app))
        assert app.session.store.operator == "Mo"


async def test_a_till_left_alone_locks_itself_and_nothing_but_a_pin_leads_past(app: PosApp, staffed: Store) -> None:
    async with app.run_test(size=SIZES[0]) as pilot:
        hands = await sign_in(app, pilot, "Ana", ANA)
        hands.scan(BUN)
        await hands.done()
        leave_alone(app)
        await until(pilot, lambda: "Locked" in showing(app))
        hands.scan(BUN)
        hands.press("f7", "f7", "escape", "ctrl+p", "f9")
        hands.scan(BUN)
        await until(pilot, lambda: "That was a scan" in showing(app))
        app.take_scan(BUN)
        assert asked(app)
        hands = await sign_in(app, pilot, "Ana", ANA)
        assert app.checkout.sale.basket.items == (Item("bun"),)
    assert not staffed.events.list(type="operator.refused").data


async def test_a_pin_is_never_shown_and_who_guesses_is_told_how_long_to_wait(app: PosApp) -> None:
    async with app.run_test(size=SIZES[0]) as pilot:
        hands = Hands(app)
        await until(pilot, lambda: ready(app) and app.session.loaded.is_set())
        hands.type("Ana")
        hands.press("enter")
        hands.type("Mo")
        await until(pilot, lambda: "A PIN is figures." in showing(app))
        for guess in range(5):
            hands.type(f"777{guess}")
            await until(pilot, lambda: "● ● ● ●" in showing(app))
            assert "777" not in showing(app)
            hands.press("enter")
            await until(pilot, lambda: "● ●" not in showing(app) and ready(app))
            await until(pilot, lambda: "don't belong together" in showing(app))
        hands.type(ANA)
        hands.press("enter")
        await until(pilot, lambda: "taken in 30 seconds" in showing(app) or "taken in 29 seconds" in showing(app))
        assert asked(app)


@pytest.mark.parametrize("size", SIZES)
def test_the_till_was_left_alone_and_ana_types_her_pin(
    app: PosApp, snap_compare: Callable[..., bool], size: tuple[int, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        hands = await sign_in(app, pilot, "Ana", ANA)
        hands.scan(BUN)
        await hands.done()
        leave_alone(app)
        await until(pilot, lambda: "Locked" in showing(app))
        hands.type("314")
        await until(pilot, lambda: "● ● ●" in showing(app))

    assert snap_compare(app, terminal_size=size, run_before=story)
