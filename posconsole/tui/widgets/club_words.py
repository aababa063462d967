"""The words about a sale's member: tier, points, what this purchase earns, and what they could have today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from posconsole.tui.keys import MEMBER, SAVE
from posconsole.tui.safe import fit, line
from posconsole.tui.widgets.chooser import ending
from posconsole.tui.words import points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole.engine.quoting.quotes import Quote
    from posconsole.engine.views import MemberView, ShopView
    from posconsole.tui.club import Club

NAMED = 5
"""So many rewards, and so many offers, are named where there is room."""


def card(club: Club | None, quote: Quote | None, shop: ShopView, width: int, *, roomy: bool) -> list[Content]:
    """Return the rows about the member, a blank one last; `roomy` names what they can have instead of counting it."""
    if club is None:
        return [Content.styled(f" no member · {MEMBER}", "$dim"), Content("")]
    rows = [_name(club.member, width), _standing(club.member, quote, shop, width)]
    if roomy:
        rows += _named(club, shop, width)
    elif said := _counted(club):
        key = SAVE.display
        rows.append(Content.assemble((fit(f" {said}", width - len(key) - 1), "$good"), (key, "bold $here")))
    return [*rows, Content("")]


def _name(member: MemberView, width: int) -> Content:
    tail = f" {ending(member.card or member.phone)}"
    return Content.assemble((fit(f" {line(member.name)}", width - len(tail) - 1), "bold $here"), (tail, "$dim"))


def _standing(member: MemberView, quote: Quote | None, shop: ShopView, width: int) -> Content:
    has = f"owes {points(member.points_debt, shop)}" if member.points_debt else points(member.points, shop)
    tier = f"{line(member.tier)} · " if member.tier else ""
    earns = f", {points(quote.points, shop, signed=True).split(' ')[0]}" if quote and quote.points else ""
    return Content.styled(fit(f" {tier}{has}{earns}", width - 1), "$ink")


def _counted(club: Club) -> str:
    counts = ((len(club.rewards), "reward"), (len(club.offers), "offer"))
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count)


def _named(club: Club, shop: ShopView, width: int) -> Iterator[Content]:
    rewards = [(one.name, points(one.points, shop)) for one in club.rewards]
    offers = [(one.name, "waits") for one in club.offers]
    for title, listed in (("points buy now", rewards), (f"offers to activate · {SAVE}", offers)):
        if listed:
            yield Content("")
            yield Content.styled(fit(f" {title}", width - 1), "$dim")
            yield from (_row(name, tail, width) for name, tail in listed[:NAMED])
        if len(listed) > NAMED:
            yield Content.styled(f"   and {len(listed) - NAMED} more", "$dim")


def _row(name: str, tail: str, width: int) -> Content:
    return Content.assemble((fit(f"   {line(name)}", width - len(tail) - 2), "$ink"), (f" {tail} ", "$dim"))
