"""What changes around a till that is open: its machine's clock, and that the shop gets operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole import Store
from posconsole.tui.screens.sign_in import SignInScreen
from tests.tui.conftest import showing, until
from tests.tui.hands import Hands

if TYPE_CHECKING:
    from posconsole.clock import FixedClock
    from posconsole.tui.app import PosApp


async def test_a_slow_clock_is_told_and_new_operators_are_asked_for_soon(
    app: PosApp, store: Store, url: str, clock: FixedClock
) -> None:
    store.drawer.open()
    clock.at -= 3600
    async with app.run_test() as pilot:
        hands = Hands(app)
        await until(pilot, lambda: "The clock is 1 hour slow: set it right, dates go by it." in showing(app))
        await hands.enter("bun")
        await app.lock_once_asked()
        assert app.checkout.is_current
        office = Store.open(url, clock=clock)
        office.operators.create(name="Mo", role="manager", pin="271828")
        office.close()
        await app.lock_once_asked()
        await until(pilot, lambda: isinstance(app.screen, SignInScreen) and app.screen.field.has_focus)
        assert "Who is it?" in showing(app)
        hands.press("f7")
        hands.type("mo")
        hands.press("enter")
        hands.type("271828")
        hands.press("enter")
        await until(pilot, lambda: app.checkout.is_current and "Mo, manager" in showing(app))
        assert [item.id for item in app.checkout.sale.basket.items] == ["bun"]
        await app.lock_once_asked()
        assert app.checkout.is_current
        assert app.session.store.audit() == []
