"""What Enter would do, in one sentence: the words of the preview row for each kind of answer from the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.engine.found import CodeTried, MemberFound, NothingFound, ProductFound, Suggestions
from posconsole.engine.reasons import sentence
from posconsole.tui.safe import line
from posconsole.tui.widgets.chooser import member_line
from posconsole.tui.widgets.preview_row import BAD, DOUBT, GOOD, PLAIN, WARN, Said

if TYPE_CHECKING:
    from posconsole.engine.pricing import Basket, Verdict
    from posconsole.engine.views import Look, MemberView, ProductView, ShopView

NAMED = 4


def look(found: Look, shop: ShopView) -> Said:
    """Say what Enter on this answer would do."""
    match found:
        case ProductFound(product, quantity):
            return Said(product_line(product, quantity, shop), PLAIN, "Enter adds it")
        case CodeTried(verdict, quote):
            return _code(verdict, quote.due, shop)
        case MemberFound(member):
            return Said(f"{member_line(member)} joins the sale", GOOD, "Enter")
        case Suggestions():
            return _suggestions(found, shop)
        case NothingFound(text):
            return nothing(text)


def nothing(text: str) -> Said:
    """Say that nothing is called that."""
    return Said(f"Nothing here is called ‘{line(text)[:40]}’. Check it, or find it by name.", BAD, "F3 finds")


def product_line(product: ProductView, quantity: int, shop: ShopView) -> str:
    """Name a product with its price, and the sum for several."""
    price = shop.currency.format(product.price, shop.locale)
    if quantity == 1:
        return f"{line(product.name)}  {price}"
    return (
        f"{quantity} × {line(product.name)}  {price}  =  {shop.currency.format(product.price * quantity, shop.locale)}"
    )


def verdict(verdict: Verdict, shop: ShopView) -> str:
    """Say what a code does or why it doesn't."""
    return sentence(verdict, shop.currency, shop.locale, shop.timezone)


def _code(tried: Verdict, due: int, shop: ShopView) -> Said:
    said = verdict(tried, shop)
    if not tried.valid:
        return Said(said, DOUBT if tried.reason == "mistyped" else BAD)
    if tried.forfeited:
        return Said(said, WARN, "Enter twice")
    left = shop.currency.format(due, shop.locale)
    return Said(f"{said}, leaves {left} to pay", GOOD, "Enter applies it")


def _suggestions(found: Suggestions, shop: ShopView) -> Said:
    hits: list[ProductView | MemberView] = [*found.products, *found.members]
    if len(hits) == 1 and not found.more:
        return look(only(found), shop)
    names = [
        *(f"{line(p.name)} {shop.currency.format(p.price, shop.locale)}" for p in found.products[:NAMED]),
        *(member_line(m) for m in found.members[:NAMED]),
    ]
    count = f"{len(hits)} and more" if found.more else str(len(hits))
    rest = "" if len(names) == len(hits) and not found.more else ", …"
    return Said(f"{count} hits: {', '.join(names)}{rest}", PLAIN, "↓ chooses")


def only(found: Suggestions) -> Look:
    """Return the one hit as if it had been named in full."""
    if found.products:
        return ProductFound(found.products[0], found.quantity)
    return MemberFound(found.members[0])


def quantity_change(name: str, before: int, after: int) -> Said:
    """Say how a line's quantity would change."""
    if after < 1:
        return Said(f"{line(name)}: {before} → out of the basket", WARN, "Enter")
    return Said(f"{line(name)}: {before} → {after}", PLAIN, "Enter")


def basket(basket: Basket, amount: str | None) -> str:
    """Describe a basket in a few words: `A basket of 3 lines, 24.52`."""
    count = len(basket.items)
    return f"A basket of {count} line{'' if count == 1 else 's'}{f', {amount}' if amount else ''}"
