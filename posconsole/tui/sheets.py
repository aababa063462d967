"""The cells of the files that lists are written to: amounts in whole units, times on the shop's clock."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from posconsole.clock import local

if TYPE_CHECKING:
    from posconsole.engine.views import ShopView


def amount(minor: int | None, shop: ShopView) -> Decimal | None:
    """Write an amount in minor units: 2500 → 25.00."""
    return None if minor is None else Decimal(minor).scaleb(-shop.currency.decimals)


def percent(basis: int | None) -> Decimal | None:
    """Write basis points as per cent: 1250 → 12.50."""
    return None if basis is None else Decimal(basis).scaleb(-2)


def moment(at: int | None, shop: ShopView) -> str | None:
    """Write a point in time: `2026-07-22T14:02:00+02:00`."""
    return None if at is None else local(at, shop.timezone).isoformat()
