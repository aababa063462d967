"""The coins and notes that a drawer is counted by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posconsole.engine.views import ShopView

# In whole units and in minor ones; what isn't listed is counted in ones, twos and fives.
_USUAL = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_NOTES: dict[str, tuple[int, ...]] = {
    "USD": (1, 2, 5, 10, 20, 50, 100),
    "CAD": (1, 2, 5, 10, 20, 50, 100),
    "AUD": (1, 2, 5, 10, 20, 50, 100),
    "GBP": (1, 2, 5, 10, 20, 50),
    "CHF": (1, 2, 5, 10, 20, 50, 100, 200, 1000),
    "DKK": (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
    "NOK": (1, 5, 10, 20, 50, 100, 200, 500, 1000),
    "SEK": (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
    "JPY": (1, 5, 10, 50, 100, 500, 1000, 2000, 5000, 10_000),
}
_COINS: dict[str, tuple[int, ...]] = {
    "USD": (1, 5, 10, 25, 50),
    "CAD": (5, 10, 25),
    "AUD": (5, 10, 20, 50),
    "CHF": (5, 10, 20, 50),
    "DKK": (50,),
    "NOK": (),
    "SEK": (),
    "JPY": (),
}
_USUAL_COINS = (1, 2, 5, 10, 20, 50)


def denominations(shop: ShopView) -> tuple[int, ...]:
    """Return the values of the coins and notes of the shop's currency in minor units, the largest first."""
    code, unit = shop.currency.code, 10**shop.currency.decimals
    small = _COINS.get(code, _USUAL_COINS if unit > 1 else ())
    values = [coin for coin in small if coin < unit] + [note * unit for note in _NOTES.get(code, _USUAL)]
    return tuple(sorted((value for value in values if value >= shop.smallest_coin), reverse=True))
