"""What Enter would do, in one sentence: the words of the preview row for each kind of answer from the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.codes import fold, mask
from posconsole.engine.quoting.found import CodeTried, MemberFound, NothingFound, ProductFound, Suggestions
from posconsole.engine.quoting.reasons import sentence
from posconsole.tui.keys import FIND, MEMBER, VOID
from posconsole.tui.safe import line
from posconsole.tui.widgets.chooser import member_line
from posconsole.tui.widgets.preview_row import BAD, DOUBT, GOOD, PLAIN, WARN, Said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posconsole.engine.quoting.quotes import Quote, Verdict
    from posconsole.engine.quoting.rung import Basket
    from posconsole.engine.views import Look, MemberView, ProductView, ShopView

NAMED = 4
HELPS = {"not_found": FIND, "member_required": MEMBER, "not_combinable": VOID}
"""The keys that do what the sentence about a refused code asks for."""


def look(found: Look, shop: ShopView) -> Said:
    """Say what Enter on this answer would do."""
    match found:
        case ProductFound(product, quantity):
            return Said(product_line(product, quantity, shop), PLAIN, "Enter adds it")
        case CodeTried(verdict, quote):
            return _code(verdict, quote, shop)
        case MemberFound(member):
            return Said(f"{member_line(member)} joins the sale", GOOD, "Enter")
        case Suggestions():
            return _suggestions(found, shop)
        case NothingFound(text):
            return nothing(text)


def nothing(text: str) -> Said:
    """Say that nothing is called that."""
    if not text:
        return Said("How many of what? Its number or its name goes behind the *.", WARN)
    return Said(f"Nothing here is called ‘{line(text)[:40]}’. Check it, or find it by name.", BAD, f"{FIND} finds")


def product_line(product: ProductView, quantity: int, shop: ShopView) -> str:
    """Name a product with its price, and the sum for several."""
    price = shop.currency.format(product.price, shop.locale)
    if quantity == 1:
        return f"{line(product.name)}  {price}"
    return (
        f"{quantity} × {line(product.name)}  {price}  =  {shop.currency.format(product.price * quantity, shop.locale)}"
    )


def verdict(tried: Verdict, quote: Quote, shop: ShopView) -> str:
    """Say what a code does or why it doesn't."""
    if tried.reason == "no_eligible_items" and not quote.lines:
        holds = (
            f"{code_of(tried)} holds {shop.currency.format(tried.available, shop.locale)}. " if tried.available else ""
        )
        return f"{holds}Ring something up first, then enter {code_of(tried)}."
    said = sentence(tried, shop.currency, shop.locale, shop.timezone)
    helps = HELPS.get(tried.reason or "")
    return f"{said.removesuffix('.')} ({helps})." if helps else said


def code_of(verdict: Verdict) -> str:
    """Name a code as far as the screen may show it."""
    return mask(verdict.code) if verdict.kind == "voucher" else line(verdict.code)


def not_counting(refused: Sequence[Verdict]) -> str:
    """Say that codes on the sale do nothing for it, and what Enter does about it."""
    names = [code_of(verdict) for verdict in refused]
    if len(names) == 1:
        return f"{names[0]} does not count. Enter takes it off and goes on to pay."
    return f"{', '.join(names[:-1])} and {names[-1]} do not count. Enter takes them off and goes on to pay."


def _code(tried: Verdict, quote: Quote, shop: ShopView) -> Said:
    said = verdict(tried, quote, shop)
    if not tried.valid:
        return Said(said, DOUBT if tried.reason == "mistyped" else BAD)
    if tried.forfeited:
        return Said(said, WARN, "Enter twice")
    if quote.due:
        return Said(f"{said}, leaves {shop.currency.format(quote.due, shop.locale)} to pay", GOOD, "Enter applies it")
    kept = next((draw.left for draw in quote.vouchers if fold(draw.code) == fold(tried.code)), 0)
    stays = f", {shop.currency.format(kept, shop.locale)} stays on it" if kept else ""
    return Said(f"{said}{stays}; nothing left to pay", GOOD, "Enter applies it")


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


def one_product(found: Look) -> Look:
    """Return the article where a part of a name means just one, else what was found."""
    if isinstance(found, Suggestions) and len(found.products) == 1 and not (found.members or found.more):
        return only(found)
    return found


def quantity_change(name: str, before: int, after: int) -> Said:
    """Say how a line's quantity would change."""
    if after < 1:
        return Said(f"{line(name)}: {before} → out of the basket", WARN, "Enter")
    return Said(f"{line(name)}: {before} → {after}", PLAIN, "Enter")


def basket(basket: Basket, amount: str | None) -> str:
    """Describe a basket in a few words: `A basket of 3 lines, 24.52`."""
    count = len(basket.items)
    return f"A basket of {count} line{'' if count == 1 else 's'}{f', {amount}' if amount else ''}"
