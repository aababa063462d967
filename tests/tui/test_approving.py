"""A manager approves at the till: one thing, in a panel over what the cashier was doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posconsole.tui.screens.approval import ApprovalScreen
from posconsole.tui.screens.unsettled import UnsettledScreen
from tests.tui.conftest import SIZES, showing, until
from tests.tui.test_sign_in import ANA, BUN, MO, app, sign_in, staffed
from tests.tui.test_unsettled import leave_open, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from posconsole import Store
    from posconsole.tui.app import PosApp
    from tests.tui.hands import Hands

__all__ = ["app", "staffed"]


def panel(app: PosApp) -> bool:
    return isinstance(app.screen, ApprovalScreen) and app.screen.field.has_focus and not app.screen.busy


async def deny(pilot: Pilot[None], app: PosApp) -> tuple[Hands, str]:
    """Be Ana, and say of a payment in the tray that it was not taken."""
    hands = await sign_in(app, pilot, "Ana", ANA)
    await opened(pilot, app)
    payment = leave_open(app.session.store)
    hands.scan(BUN)
    await hands.done()
    hands.press("f5")
    await until(pilot, lambda: isinstance(app.screen, UnsettledScreen) and "no answer" in showing(app))
    hands.press("d", "f9")
    await until(pilot, lambda: panel(app))
    return hands, payment.id


async def test_a_manager_approves_one_thing_and_the_cashier_goes_on(app: PosApp, staffed: Store) -> None:
    async with app.run_test(size=SIZES[0]) as pilot:
        hands, payment = await deny(pilot, app)
        hands.type("mo")
        hands.press("enter")
        hands.type(MO)
        hands.press("enter")
        await until(pilot, lambda: isinstance(app.screen, UnsettledScreen) and "unsettled:" in showing(app))
        assert staffed.payments.get(payment).status != "pending"
        assert app.session.store.operator == "Ana"
        assert app.session.store.role == "cashier"
        assert not app.checkout.sale.empty
    told = [(event.operator, event.data.get("approved_by")) for event in staffed.events.list(subject=payment).data]
    assert told[-1] == ("Ana", "Mo")


async def test_without_a_manager_nothing_is_done(app: PosApp, staffed: Store) -> None:
    async with app.run_test(size=SIZES[0]) as pilot:
        hands, payment = await deny(pilot, app)
        hands.type("Ana")
        hands.press("enter")
        hands.type(ANA)
        hands.press("enter")
        await until(pilot, lambda: "Ana is no manager" in showing(app))
        hands.press("f7", "f7")
        await until(pilot, lambda: "Only a manager can do this" in showing(app))
        assert staffed.payments.get(payment).status == "pending"


async def test_a_till_told_to_end_waits_for_no_manager(app: PosApp) -> None:
    async with app.run_test(size=SIZES[0]) as pilot:
        await deny(pilot, app)
        app.leave()
        await until(pilot, lambda: app._exit)


@pytest.mark.parametrize("size", SIZES)
def test_mo_types_his_pin_to_approve_what_ana_asked_for(
    app: PosApp, snap_compare: Callable[..., bool], size: tuple[int, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        hands, _ = await deny(pilot, app)
        hands.type("Mo")
        hands.press("enter")
        hands.type("2718")
        await until(pilot, lambda: "••••" in showing(app))

    assert snap_compare(app, terminal_size=size, run_before=story)
