"""Who leaves while the till is still opening doesn't wait for it."""

from __future__ import annotations

import sys

import pytest

from tests.terminal import Terminal

OPENING = """
import time
from posconsole.tui.app import PosApp
PosApp(None, "1", "Ana", open_store=lambda: time.sleep(3600)).run()
"""


@pytest.mark.parametrize("leave", ["ctrl+q", "hang up"])
def test_a_till_that_is_still_opening_can_be_left(leave: str) -> None:
    with Terminal([sys.executable, "-c", OPENING]) as till:
        till.until("opening the till")
        if leave == "hang up":
            till.hang_up()
        else:
            till.press(leave)
        assert till.wait_for_end() == 0
