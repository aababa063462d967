"""A link that breaks at the commit: the person presses again, and the thing is done once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.errors import OutcomeUnknown
from tests.tui.conftest import showing, until
from tests.tui.hands import Hands

if TYPE_CHECKING:
    import pytest

    from posconsole import Store
    from posconsole.tui.app import PosApp

LOST = "The link broke at the commit."


def lose_the_first_answer(monkeypatch: pytest.MonkeyPatch, verbs: Any, name: str) -> None:
    """Have a verb do its work the first time it is called, and then say that nobody knows."""
    verb = getattr(verbs, name)

    def lost(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(verbs, name, verb)
        verb(*args, **kwargs)
        raise OutcomeUnknown(LOST)

    monkeypatch.setattr(verbs, name, lost)


async def test_what_is_pressed_again_after_a_lost_answer_is_done_once(
    app: PosApp, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.baskets.save(Basket((Item("bun"),)))
    store.baskets.park("Aylin")
    lose_the_first_answer(monkeypatch, store.drawer, "open")
    store.shifts.open(10_000)
    lose_the_first_answer(monkeypatch, store.shifts, "cash_in")
    lose_the_first_answer(monkeypatch, store.baskets, "recall")
    async with app.run_test() as pilot:
        hands = Hands(app)
        await until(pilot, app.session.opened.is_set)
        hands.press("ctrl+g")
        await until(pilot, lambda: LOST in showing(app))
        hands.press("f7", "ctrl+g")
        await until(pilot, lambda: "The drawer is opened" in showing(app))
        hands.press("ctrl+d")
        await until(pilot, lambda: "X REPORT" in showing(app))
        hands.press("f2")
        hands.type("2000")
        hands.press("enter")
        hands.type("change")
        hands.press("f9")
        await until(pilot, lambda: LOST in showing(app) and not app.session.committing)
        hands.press("f9")
        await until(pilot, lambda: "120.00" in showing(app) and "why ›" not in showing(app))
        hands.press("f7")
        await until(pilot, lambda: app.checkout.is_current)
        hands.press("f5")
        await until(pilot, lambda: "Aylin" in showing(app))
        hands.press("enter")
        await until(pilot, lambda: LOST in showing(app) and not app.session.committing)
        hands.press("f7", "enter")
        await until(pilot, lambda: "‘Aylin’ is back" in showing(app))
        assert [item.id for item in app.checkout.sale.basket.items] == ["bun"]
    told = [event.type for event in store.events.latest().data]
    assert (told.count("drawer.opened"), told.count("cash.moved")) == (1, 1)
