"""The label of goods that come without a bar code: what a shop weighs out, bakes or packs itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.printing.strip import WIDTH, Paper
from posconsole.printing.symbols import EAN13

if TYPE_CHECKING:
    from posconsole.engine.views import ProductView, ShopView


def goods_label(product: ProductView, shop: ShopView, width: int = WIDTH) -> Paper:
    """Lay out name and price, and what a till reads: the shop's own EAN-13, or another number as it can be."""
    paper, number = Paper(shop, width), product.barcode or product.sku
    paper.centre(product.name, bold=True)
    paper.centre(f"{paper.money(product.price)} {shop.currency.code}", bold=True, tall=True)
    paper.symbol(EAN13, number)
    paper.centre(number)
    return paper
