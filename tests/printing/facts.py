"""Vouchers and shops as the printing layer is given them, and a shop's own artworks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from posconsole.engine.views import ShopView, VoucherView
from posconsole.money import Currency
from posconsole.printing.voucher import VoucherPaper, voucher_paper

if TYPE_CHECKING:
    from posconsole.printing.drawing import Drawing

CODE = "GIFT-7K2P-9QXM-4TRB"
NEW_YEAR = 1_830_293_999  # 31 December 2027, 23:59:59 in Berlin


def shop(name: str = "Kaffeehaus Morgenrot", currency: str = "EUR", locale: str = "en_GB") -> ShopView:
    return ShopView(name, Currency.of(currency), locale, "Europe/Berlin", True, 1)


def voucher(**changes: object) -> VoucherView:
    plain = VoucherView("vch_1", CODE, 2500, 2500, 0, "EUR", False, None, NEW_YEAR, "active", 1_784_721_720)
    return replace(plain, **changes)  # type: ignore[arg-type]


def paper(name: str = "Kaffeehaus Morgenrot", *, copy: bool = False, **changes: object) -> VoucherPaper:
    return voucher_paper(voucher(**changes), shop(name), copy=copy)


def said(drawing: Drawing) -> list[str]:
    """Return the texts on a drawing, as its labels have them."""
    from posconsole.printing.drawing import Label

    return [mark.run.text for mark in drawing.marks if isinstance(mark, Label)]
