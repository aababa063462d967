"""What a text in the till's one input would do: a product, a code, a member, or names that contain it.

Everything here reads and nothing writes: validation is a preview.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from posconsole.engine import listing
from posconsole.engine.club import members
from posconsole.engine.codes import guesses
from posconsole.engine.goods import products
from posconsole.engine.quoting import facts
from posconsole.engine.quoting.found import CodeTried, MemberFound, NothingFound, ProductFound, Suggestions
from posconsole.engine.quoting.pricing import price, with_code
from posconsole.engine.quoting.rung import checked
from posconsole.errors import InvalidInput
from posconsole.models import Member, Product, table

if TYPE_CHECKING:
    from posconsole.engine.context import Context
    from posconsole.engine.db.database import Transaction
    from posconsole.engine.quoting.quotes import Quote
    from posconsole.engine.quoting.rung import Basket
    from posconsole.engine.views import Look

_PRODUCT, _MEMBER = table(Product), table(Member)
_QUANTITY = re.compile(r"\s*0*([1-9]\d{0,3})\s*[*×]\s*(.*)", re.ASCII | re.DOTALL)
LONGEST = 200
"""Characters of a typed text that are looked at: no name or code is longer."""
SHOWN = 8
"""Suggestions of each kind."""


def split(text: str) -> tuple[int, str]:
    """Split a quantity off what follows it, without control characters: `3*flat white` → 3 and `flat white`."""
    readable = "".join(filter(str.isprintable, text[:LONGEST])).strip()
    found = _QUANTITY.fullmatch(readable)
    return (int(found[1]), found[2].strip()) if found else (1, readable)


class Looking:
    """The previews."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def quote(self, basket: Basket) -> Quote:
        """Price a basket as it would be sold this moment. Codes that don't apply are in its verdicts."""
        context, now = self._context, self._context.clock.now()
        basket = checked(basket)

        def work(transaction: Transaction) -> Quote:
            guesses.refuse(context, transaction, basket.codes, now)
            quote = price(facts.sale_of(transaction, context.shop, basket, now))
            missed = [verdict.code for verdict in quote.refused if verdict.reason in guesses.MISSES]
            guesses.remember(context, transaction, missed, now)
            return quote

        return context.read(work)

    def look(self, text: str, basket: Basket) -> Look:
        """Say what Enter on this text would do to this basket.

        A product by barcode or sku comes first, then a code, then a member by card or phone, then names. One
        read transaction; a minted code whose check symbol is wrong is told without looking it up.
        """
        if not isinstance(text, str):
            raise InvalidInput("What is looked up has to be a text", field="text")
        quantity, wanted = split(text)
        if not wanted:
            return NothingFound(wanted)
        rung = checked(basket)
        return self._context.read(lambda transaction: self._look(transaction, quantity, wanted, rung))

    def _look(self, transaction: Transaction, quantity: int, text: str, basket: Basket) -> Look:
        product = products.exact(transaction, text)
        if product is not None:
            return ProductFound(product, quantity)
        shop, now = self._context.shop, self._context.clock.now()
        guesses.refuse(self._context, transaction, (text,), now)
        (given,) = facts.given(transaction, (text,), basket.member, now)
        if given.target is None:
            guesses.remember(self._context, transaction, (text,), now)
        if given.mistyped or given.target is not None:
            return CodeTried(*with_code(facts.sale_of(transaction, shop, basket, now), given))
        member = members.exact(transaction, text)
        return MemberFound(member) if member else self._suggestions(transaction, quantity, text)

    def _suggestions(self, transaction: Transaction, quantity: int, text: str) -> Look:
        found_products = transaction.query(
            select(_PRODUCT)
            .where(_PRODUCT.c.active.is_(True), listing.contains(_PRODUCT.c.search, text))
            .order_by(listing.begins(_PRODUCT.c.search, text).desc(), _PRODUCT.c.name, _PRODUCT.c.sku)
            .limit(SHOWN + 1)
        )
        found_members = transaction.query(
            select(_MEMBER)
            .where(members.LIVING, listing.contains(_MEMBER.c.search, text))
            .order_by(listing.begins(_MEMBER.c.search, text).desc(), _MEMBER.c.name, _MEMBER.c.id)
            .limit(SHOWN + 1)
        )
        if not found_products and not found_members:
            return NothingFound(text)
        return Suggestions(
            tuple(products.show(row) for row in found_products[:SHOWN]),
            tuple(members.show(row) for row in found_members[:SHOWN]),
            more=len(found_products) > SHOWN or len(found_members) > SHOWN,
            quantity=quantity,
        )
