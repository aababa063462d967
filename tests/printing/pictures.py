"""Draws what is kept in `assets/` to be looked at, vouchers and a receipt: `python -m tests.printing.pictures`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from posconsole.printing.artwork import artwork
from posconsole.printing.png import picture
from posconsole.printing.voucher import voucher_paper
from tests.printing.facts import shop, voucher
from tests.printing.receipt_picture import receipt

if TYPE_CHECKING:
    from posconsole.engine.views import VoucherView
    from posconsole.printing.voucher import VoucherPaper

ASSETS = Path(__file__).parents[2] / "assets"
GAP = 20
LONG = "The Old Harbour Bookshop, Tea Room & Purveyors of Fine Stationery since 1874"


def papers() -> list[VoucherPaper]:
    """Return vouchers that are hard to lay out: names and amounts of many places, and such as are no good."""
    cases: tuple[tuple[str, str, str, dict[str, Any], bool], ...] = (
        ("Kaffeehaus Morgenrot", "EUR", "en_GB", {}, False),
        (
            LONG,
            "EUR",
            "en_GB",
            {"holder": "Maximiliane-Theodora von Hohenfels zu Schwarzenberg", "initial": 100000},
            False,
        ),
        ("בית קפה השחר (תל אביב)", "ILS", "he", {"holder": "שרה כהן", "initial": 25000}, False),
        ("مقهى الفجر الجديد", "KWD", "en", {"holder": "فاطمة الزهراء", "single_use": True}, False),
        ("Łódź Čaj & Café Ångström – Ðặng", "JPY", "en", {"holder": "José Núñez-Õunapuu"}, False),
        ("", "EUR", "de", {"holder": "Для Ольги", "code": "CHRISTMAS25-7K2P-9QXM-4TRB"}, False),
        ("Kaffeehaus Morgenrot", "EUR", "en_GB", {"status": "expired"}, True),
        ("Kaffeehaus Morgenrot", "EUR", "en_GB", {"kind": "points", "expires_at": None}, True),
        ("角の店 コーヒー", "JPY", "ja_JP", {"balance": 1050, "holder": "田中 花子"}, False),
    )
    return [
        voucher_paper(_voucher(currency, **changes), shop(name, currency, locale), copy=copy)
        for name, currency, locale, changes, copy in cases
    ]


def _voucher(currency: str, initial: int = 2500, **changes: Any) -> VoucherView:
    return voucher(**{"initial_value": initial, "balance": initial, "currency": currency} | changes)


def drawn() -> dict[str, Image.Image]:
    """Return the pictures by the names of their files."""
    first, *_ = papers()
    kept = {
        f"voucher-{name}": _framed([picture(artwork(name).draw(first, dpi=203), 203)], 1) for name in ("label", "strip")
    }
    kept["voucher-card"] = picture(artwork("card").draw(first, dpi=203), 203)
    kept["voucher-cases"] = _framed([picture(artwork("card").draw(paper), 110) for paper in papers()], 3)
    kept["receipt"] = receipt()
    return kept


def _framed(pictures: list[Image.Image], columns: int) -> Image.Image:
    """Put pictures of one size beside and below each other on grey."""
    width, height = (side + GAP for side in pictures[0].size)
    ground = Image.new("RGB", (columns * width + GAP, len(pictures) // columns * height + GAP), "#d8d8d8")
    for number, each in enumerate(pictures):
        ground.paste(each, (GAP + number % columns * width, GAP + number // columns * height))
    return ground


if __name__ == "__main__":
    for name, image in drawn().items():
        image.quantize(96, dither=Image.Dither.NONE).save(ASSETS / f"{name}.png", optimize=True)
