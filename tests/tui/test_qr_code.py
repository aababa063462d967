"""A code on the screen can be read by a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.app import App

from posconsole.tui.widgets.qr_code import QrCode
from tests.tui.camera import decoded

if TYPE_CHECKING:
    from textual.app import ComposeResult


@pytest.mark.parametrize("text", ["GIFT-7K2P-9QXM-4TRB", "CREDIT-0000-0000-0011", "2000000000015", "https://x.test/ä"])
@pytest.mark.parametrize("colours", [True, False])
async def test_a_phone_reads_it(text: str, colours: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Shown(App[None]):
        def compose(self) -> ComposeResult:
            yield QrCode(text)

    if not colours:
        monkeypatch.setenv("NO_COLOR", "1")
    app = Shown()
    async with app.run_test(size=(80, 24)):
        assert decoded(app.screen) == [text]
