"""The forms' one field: what is typed at a question with few answers chooses, goes on or is refused, never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.tui.screens.coupon_forms import CouponForm
from posconsole.tui.screens.offer_form import OfferForm
from posconsole.tui.screens.vouchers import IssueForm
from tests.tui.conftest import showing, until
from tests.tui.hands import Hands
from tests.tui.test_coupons import coupons, open_coupons
from tests.tui.test_offers import offers, open_offers
from tests.tui.test_vouchers import open_vouchers

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.tui.app import PosApp

__all__ = ["coupons", "offers"]


def said(app: PosApp) -> str:
    return " ".join(showing(app).split())


async def test_figures_typed_at_a_choice_are_the_next_questions(store: Store, app: PosApp) -> None:
    async with app.run_test() as pilot:
        await open_vouchers(pilot, app)
        hands = Hands(app)
        hands.press("f2")
        await until(pilot, lambda: isinstance(app.screen, IssueForm))
        hands.type("2500")
        await until(pilot, lambda: "Worth 25.00" in said(app) and "25.00 EUR" in showing(app))
        hands.press("enter")
        hands.type("yn2026-12-31")
        await until(pilot, lambda: "Thu 31 Dec 2026" in showing(app) and "One purchase only ‹ no ›" in said(app))
        hands.press("up", "up", "up")
        hands.scan("4006381333931")
        await until(pilot, lambda: "Scanned 4006381333931: not taken here" in showing(app))
        assert "Worth 25.00" in said(app)
        hands.press("f7", "f9")
        await until(pilot, lambda: "Issued: 25.00 on it." in showing(app))
    assert store.vouchers.list().data[0].balance == 2500


async def test_a_choice_is_typed_and_what_it_has_not_is_said_and_does_nothing(
    store: Store, app: PosApp, coupons: None
) -> None:
    async with app.run_test() as pilot:
        await open_coupons(pilot, app)
        hands = Hands(app)
        hands.press("f2")
        await until(pilot, lambda: isinstance(app.screen, CouponForm))
        hands.type("half")
        hands.press("enter")
        hands.type("ppx")
        await until(pilot, lambda: "Gives: nothing there begins with ‘x’" in showing(app))
        await until(pilot, lambda: "‹ points ›" in showing(app))
        hands.press("enter", "down", "f9")
        await until(pilot, lambda: app._keys == type(app._keys)() and app.message_queue_size == 0)
        assert isinstance(app.screen, CouponForm)
        assert app.screen.current.name == "type"
        hands.press("backspace")
        await until(pilot, lambda: "nothing there begins" not in showing(app))
        hands.type("50")
        hands.press("f9")
        await until(pilot, lambda: "Made: HALF." in showing(app))
    assert store.coupons.get("HALF").points == 50


async def test_a_choice_of_several_words_is_typed_with_its_spaces(app: PosApp, offers: None) -> None:
    async with app.run_test() as pilot:
        await open_offers(pilot, app)
        hands = Hands(app)
        hands.press("f2")
        await until(pilot, lambda: isinstance(app.screen, OfferForm))
        hands.type("Club")
        hands.press("enter")
        hands.type("per cent off")
        await until(pilot, lambda: "‹ per cent off ›" in showing(app))
        hands.type("15")
        await until(pilot, lambda: "on   20.00: −3.00" in showing(app))
