"""Keys that a shop has put elsewhere: what is printed on the screen is what does it, and no two are on one key."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import pytest

from posconsole.errors import InvalidInput
from posconsole.tui import screens
from posconsole.tui.app import PosApp
from posconsole.tui.keys import BY_NAME, COMMON, PAY, SCREENS, remap
from posconsole.tui.screens.desk import DeskScreen
from posconsole.tui.screens.help import HelpScreen
from tests.tui.conftest import showing, until
from tests.tui.hands import Hands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store

ELSEWHERE = {
    "pay": "f11",
    "void": "F9",
    "do": "ctrl+v",
    "back": "ctrl+x",
    "member": "ctrl+b",
    "help": "ctrl+k",
    "day": "f10",
    "office": "ctrl+f",
    "day_in": "f1",
}


@pytest.fixture(autouse=True)
def usual_keys() -> Iterator[None]:
    yield
    remap({})


async def test_a_sale_and_its_day_with_keys_of_the_shops_own(store: Store) -> None:
    store.coupons.create(code="CLUB", name="Club", percent_off=10, customer_limit=1)
    till = PosApp(None, "1", "Ana", open_store=lambda: store, clock=lambda _: "14:02", keys=ELSEWHERE)
    async with till.run_test() as pilot:
        hands = Hands(till)
        await until(pilot, lambda: "F11           takes the money" in showing(till))
        await hands.enter("coffee", "bun", "club")
        await until(pilot, lambda: "Look the member up first (Ctrl+B)." in showing(till))
        await until(pilot, lambda: "Ctrl+X puts it away" in showing(till))
        await until(pilot, lambda: "F11 Pay" in showing(till))
        hands.press("ctrl+x", "f9")
        await hands.done()
        assert [item.id for item in till.checkout.sale.basket.items] == ["coffee"]
        hands.press("ctrl+k")
        await until(pilot, lambda: "F11 " in showing(till) and "Take the money" in showing(till))
        hands.press("ctrl+x")
        await until(pilot, lambda: till.checkout.is_current)
        hands.press("f10")
        await until(pilot, lambda: "Ctrl+V opens the shift." in showing(till))
        hands.type("10000")
        hands.press("ctrl+v")
        await until(pilot, lambda: "Ctrl+V Count, close" in showing(till) and "F1 Cash in" in showing(till))
        hands.press("ctrl+x")
        hands.press("f11")
        await until(pilot, lambda: till.checkout.cashing.on)
        hands.press("c")
        await until(pilot, lambda: "F11 Take" in showing(till))
        hands.press("f9", "f11")
        await until(pilot, lambda: "CHANGE DUE" in showing(till) or "PAID" in showing(till))
    assert [payment.status for payment in store.payments.list().data] == ["captured"]


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"pey": "f9"}, "nothing is called 'pey'. Is it pay?"),
        ({"pay": "x"}, "pay can't be 'x'"),
        ({"pay": "ctrl+m"}, "pay can't be"),
        ({"pay": "f8"}, "f8 can't be both ‘Pay’ (pay) and ‘Void’ (void)"),
        ({"do": "f2"}, "f2 can't be both ‘Do it’ (do) and"),
        ({"day_in": "f1"}, "f1 can't be both ‘Help’ (help) and ‘Cash in’ (day_in)"),
    ],
)
def test_what_no_keyboard_could_do_is_refused_at_the_start(chosen: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput, match="keys: ") as refusal:
        remap({"member": "f11"} | chosen)
    assert said in refusal.value.message
    assert refusal.value.field == "keys"
    assert PAY.display == "F9"


def test_every_key_of_every_screen_is_the_tables_and_kept_apart_from_its_neighbours() -> None:
    for module in iter_modules(screens.__path__):
        import_module(f"{screens.__name__}.{module.name}")
    apart = [{key.name for key in keys} for keys in (*SCREENS.values(), COMMON)]
    found = list(every(DeskScreen))
    assert len(found) > 20
    for screen in found:
        moved = {key.name: key for key in screen.BOUND if key.usual != "enter"}
        assert {key.usual for key in moved.values()} == {BY_NAME[name].usual for name in moved}, screen
        assert any(moved.keys() <= names for names in apart), screen


def every(screen: type[DeskScreen]) -> Iterator[type[DeskScreen]]:
    """Return the screens that are made of this one, and theirs."""
    for made in screen.__subclasses__():
        yield made
        yield from every(made)


async def test_help_explains_the_keys_of_the_screen_that_it_was_asked_on(app: PosApp) -> None:
    async with app.run_test() as pilot:
        hands = Hands(app)
        await until(pilot, app.session.opened.is_set)
        for keys, name, said in [
            (("ctrl+d",), "DayScreen", "Open the shift with the float that is typed."),
            (("f4",), "HoursScreen", "Go to the day before, or to the next one."),
            (("f7", "f5"), "JournalScreen", "Everything that happened to the thing that the chosen entry is about."),
            (("f7", "f7", "f5"), "RecallScreen", "Throw the chosen sale away; a manager's."),
        ]:
            hands.press(*keys)
            await until(pilot, lambda name=name: type(app.screen).__name__ == name)  # type: ignore[misc]
            hands.press("f1")
            await until(pilot, lambda said=said: said in " ".join(showing(app).split()))  # type: ignore[misc]
            hands.press("f1")
            await until(pilot, lambda: not isinstance(app.screen, HelpScreen))
