"""Takes the README's picture from the running program: `python -m tests.picture`."""

from __future__ import annotations

import asyncio
import re
import tempfile
from functools import partial
from pathlib import Path

from posconsole.clock import FixedClock
from posconsole.demo import OPERATOR, PLAIN, TILL
from posconsole.demo.furnishing import barcode, open_shop
from posconsole.tui.app import PosApp
from tests.tui.conftest import showing, until

PICTURE = Path(__file__).parents[1] / "assets" / "checkout.svg"
SIZE = (88, 24)
NOW = 1_784_721_720  # 22 July 2026, 14:02 in Berlin
MIRAS_CARD = barcode("117", "8")
ENTERED = ((MIRAS_CARD, None), ("3*102", 1170), ("205", 2460), ("403", 4310), ("602", 6760), (PLAIN, 4260))
TYPED = "spring15"


async def take() -> str:
    """Ring up a basket, pay a part by voucher, try a coupon, and return the screen as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'shop.db'}"
        app = PosApp(
            url,
            TILL,
            OPERATOR,
            demo=True,
            open_store=lambda: open_shop(url, clock=FixedClock(NOW)),
            clock=lambda _: "14:02",
        )
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, app.session.opened.is_set)
            for text, due in ENTERED:
                await pilot.press(*text, "enter")
                await until(pilot, partial(_comes_to, app, due))
            await pilot.press(*TYPED)
            await until(pilot, lambda: "Enter applies" in showing(app))
            return _standing_alone(app.export_screenshot(title="posconsole demo"))


def _comes_to(app: PosApp, due: int | None) -> bool:
    sale = app.checkout.sale
    return sale.member is not None and (due is None or (sale.quote is not None and sale.quote.due == due))


def _standing_alone(svg: str) -> str:
    """Leave out the fonts that it would fetch from elsewhere: every system has a monospaced one."""
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    PICTURE.write_text(asyncio.run(take()), encoding="utf-8")
