"""What ringing up does to a basket: pure, every call returns a new one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from posconsole.codes import fold
from posconsole.engine.quoting.rung import Basket, Item

if TYPE_CHECKING:
    from posconsole.engine.quoting.quotes import Quote

MOST = 9999
"""The largest quantity of a line: more is a barcode that went astray."""

NONE = Basket()

_TIMES = re.compile(r"(\d{1,4})\s*[*x×]", re.ASCII | re.IGNORECASE)
_STEPS = re.compile(r"[+]{1,9}|-{1,9}")


def add(basket: Basket, sku: str, quantity: int) -> tuple[Basket, int]:
    """Ring up more of a product, onto its line where there is one. Returns the basket and the line's index."""
    for index, item in enumerate(basket.items):
        if item.id == sku and item.price is None:
            return with_quantity(basket, index, item.quantity + quantity), index
    return replace(basket, items=(*basket.items, Item(sku, min(quantity, MOST)))), len(basket.items)


def with_quantity(basket: Basket, index: int, quantity: int) -> Basket:
    """Set a line's quantity; 0 or less takes the line out."""
    if quantity < 1:
        return replace(basket, items=basket.items[:index] + basket.items[index + 1 :])
    changed = replace(basket.items[index], quantity=min(quantity, MOST))
    return replace(basket, items=(*basket.items[:index], changed, *basket.items[index + 1 :]))


def with_code(basket: Basket, code: str) -> Basket:
    """Put a code on the sale, once however it is written."""
    if fold(code) in {fold(known) for known in basket.codes}:
        return basket
    return replace(basket, codes=(*basket.codes, code))


def without_codes(basket: Basket, *codes: str) -> Basket:
    """Take codes off, however they are written."""
    gone = {fold(code) for code in codes}
    return replace(basket, codes=tuple(code for code in basket.codes if fold(code) not in gone))


def without_refused(basket: Basket, quote: Quote) -> Basket:
    """Take the codes off that do nothing for the sale as it was priced, and the reward if it doesn't either."""
    kept = basket.reward if quote.reward is None or quote.reward.valid else None
    refused = (verdict.code for verdict in quote.verdicts if not verdict.valid)
    return replace(without_codes(basket, *refused), reward=kept)


def with_member(basket: Basket, member: str | None) -> Basket:
    """Put a member on the sale by id, or take them off. A reward goes with the member whose points it costs."""
    return replace(basket, member=member, reward=basket.reward if member == basket.member else None)


def with_reward(basket: Basket, reward: str | None) -> Basket:
    """Have the sale's member buy a reward discount with points, or not."""
    return replace(basket, reward=reward)


def requested(text: str, quantity: int) -> int | None:
    """Read a change of quantity of the chosen line: `5*`, `+`, `--`. None when the text is something else."""
    text = text.strip()
    if times := _TIMES.fullmatch(text):
        return int(times[1])
    if _STEPS.fullmatch(text):
        return quantity + (len(text) if text[0] == "+" else -len(text))
    return None


def empty(basket: Basket) -> bool:
    """Say whether nothing at all has been rung up or put on."""
    return not (basket.items or basket.codes or basket.member)
