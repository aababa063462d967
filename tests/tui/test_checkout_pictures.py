"""The checkout as its people see it, at the size of a terminal and at a wide one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.conftest import SIZES, until
from tests.tui.hands import Hands
from tests.tui.test_checkout import BOOK, BUN, COFFEE, GIFT, ONCE, open_till, ready_to_pay, shop, till

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from posconsole.tui.app import PosApp

__all__ = ["shop", "till"]

TIPS = (("3*bun", "three croissants"), ("spring15", "15 % off"), ("mira", "a member"))


async def _opened(pilot: Pilot[None], till: PosApp, hands: Hands) -> None:
    await open_till(pilot, till)


async def _typing_a_code(pilot: Pilot[None], till: PosApp, hands: Hands) -> None:
    await hands.enter(f"3*{COFFEE}", f"2*{BOOK}", "olsen", GIFT)
    hands.type("spring15")
    await until(pilot, lambda: "leaves" in till.checkout.ahead.said.text)


async def _refused_and_asked(pilot: Pilot[None], till: PosApp, hands: Hands) -> None:
    await hands.enter(f"8*{BOOK}", "big10", "1*", "nosuchthing", BUN, "spring15", ONCE)
    await until(pilot, lambda: till.checkout.standing.question)


async def _paying_cash(pilot: Pilot[None], till: PosApp, hands: Hands) -> None:
    await ready_to_pay(pilot, hands, f"3*{COFFEE}", BUN, "spring15")
    hands.type("c500")
    hands.press("f9")
    hands.type("c2000")
    await until(pilot, lambda: till.checkout.panel.verb() == "Take 25.00")


async def _declined(pilot: Pilot[None], till: PosApp, hands: Hands) -> None:
    await ready_to_pay(pilot, hands, COFFEE, BUN)
    hands.press("k", "2", "f9")
    await until(pilot, lambda: not till.checkout.panel.waiting and not till.checkout.sale.waiting)


async def _the_banks_device(pilot: Pilot[None], till: PosApp, hands: Hands) -> None:
    await ready_to_pay(pilot, hands, COFFEE, BUN)
    hands.press("t", "f9")
    await until(pilot, lambda: till.checkout.panel.device)
    hands.type("a4711")


async def _finding(pilot: Pilot[None], till: PosApp, hands: Hands) -> None:
    await hands.enter(BUN)
    hands.press("f3")
    hands.type("o")
    await until(pilot, lambda: till.checkout.finding.text == "o")
    hands.press("down")


STORIES: dict[str, Callable[[Pilot[None], PosApp, Hands], Awaitable[None]]] = {
    "a stranger sees what to try": _opened,
    "a cashier sees what a code would do": _typing_a_code,
    "a cashier sees what was refused and what is asked": _refused_and_asked,
    "a cashier takes cash in two parts": _paying_cash,
    "a cashier reads that a card was declined": _declined,
    "a cashier keys the amount into the bank's device": _the_banks_device,
    "a cashier chooses among hits": _finding,
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("story", STORIES)
def test_story(snap_compare: Any, till: PosApp, story: str, size: tuple[int, int]) -> None:
    till.tips = TIPS

    async def play(pilot: Pilot[None]) -> None:
        await open_till(pilot, till)
        await STORIES[story](pilot, till, Hands(till))

    assert snap_compare(till, terminal_size=size, run_before=play)
