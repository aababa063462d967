"""The office's lists: narrowed down as one types, by state and by type, a page at a time, and written to a file."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from posconsole.tui import exporting
from posconsole.tui.screens.coupon_forms import ReviseForm
from posconsole.tui.screens.coupons import CouponsScreen
from posconsole.tui.screens.vouchers import VouchersScreen
from tests.tui.conftest import showing, until
from tests.tui.test_vouchers import open_place

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from posconsole import Store
    from posconsole.tui.app import PosApp


async def test_of_many_coupons_those_one_means_are_found_and_written_to_a_file(
    store: Store, app: PosApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "folder", lambda: tmp_path / "out")
    store.coupons.create_batch(count=118, prefix="MANY", percent_off=5)
    store.coupons.create(code="LATER", name="=Spring", amount_off=250, valid_from="2027-01-01", max_redemptions=3)
    store.coupons.create(code="LATEST", name="Spring, too", points=100)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, app, "Coupons")
        await until(pilot, lambda: isinstance(app.screen, CouponsScreen) and "‹ all › 50 of 120" in showing(app))
        await pilot.press(*["pagedown"] * 4)
        await until(pilot, lambda: "‹ all › 100 of 120" in showing(app))
        await pilot.press(*"spring")
        await until(pilot, lambda: "‹ all › ‘spring’ 2" in showing(app) and "▸ LATEST" in showing(app))
        await pilot.press("f7", "ctrl+f", "right", "right")
        await until(pilot, lambda: "‹ … not yet › 1" in showing(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "1 row in" in showing(app))
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "‹ … not yet › percentage none" in showing(app))
        await pilot.press("f7")
        await until(pilot, lambda: "‹ all › 50 of 120" in showing(app))
        await pilot.press(*"latest", "enter")
        await until(pilot, lambda: isinstance(app.screen, ReviseForm) and "Revise LATEST" in showing(app))
    with (tmp_path / "out" / "coupons.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["code"], row["name"], row["status"], row["type"]) == ("LATER", "'=Spring", "scheduled", "fixed")
    assert (row["amount_off"], row["cap"], row["starts"]) == ("2.50", "3", "2027-01-01T00:00:00+01:00")


async def test_one_who_is_looked_for_keeps_their_row_when_others_come_in(store: Store, app: PosApp) -> None:
    for no in range(60):
        store.vouchers.issue(value=100 + no, holder=f"Mira {no}")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, app, "Vouchers")
        await until(pilot, lambda: isinstance(app.screen, VouchersScreen) and "‹ all › 50 of 60" in showing(app))
        await pilot.press(*["pagedown"] * 5)
        await until(pilot, lambda: "‹ all › 60" in showing(app))
        await pilot.press("pagedown", "up")
        await until(pilot, lambda: "held by Mira 1 " in showing(app))
        store.vouchers.issue(value=999)
        assert isinstance(app.screen, VouchersScreen)
        app.screen.renew()
        await until(pilot, lambda: "‹ all › 61" in showing(app) and "held by Mira 1 " in showing(app))
        await pilot.press(*"Mira 33")
        await until(pilot, lambda: "‹ all › ‘Mira 33’ 1" in showing(app) and "1.33" in showing(app))
