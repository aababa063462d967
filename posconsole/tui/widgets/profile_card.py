"""Who a member is, beside the list: the balance large, and as much of the rest as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.clock import local
from posconsole.tui.profile import Entry
from posconsole.tui.safe import fit, line
from posconsole.tui.screens.desk import WIDE
from posconsole.tui.widgets.steady import Steady
from posconsole.tui.words import money, points, when

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from posconsole.engine.views import ShopView
    from posconsole.tui.profile import Profile

ROOMY = 30
"""So many rows of the window are enough to name more than the first of everything."""

WIDTHS = {False: 28, True: 38}
"""The cells that an aside has for its text, in a narrow window and in a wide one."""


class ProfileCard(Vertical):
    """A member's balance, tier, and either what they could have today (`brief`) or how they can be reached."""

    def __init__(self, *, brief: bool) -> None:
        super().__init__(classes="aside")
        self._brief = brief

    def compose(self) -> ComposeResult:
        """Lay out the name, the balance, and the rest."""
        yield Static(id="name", classes="figures", markup=False)
        yield Digits("", id="figure")
        yield Steady(id="about", classes="figures")

    def show(self, profile: Profile | None, shop: ShopView) -> None:
        """Show a member, or nobody."""
        self.display = profile is not None
        if profile is None:
            return
        member, width = profile.member, WIDTHS[self.app.size.width >= WIDE]
        self.query_one("#name", Static).update(Content.styled(fit(member.name, width), "bold $here"))
        balance = f"{member.points:,}"
        self.query_one(Digits).update(balance)
        tier = f"points · {line(member.tier)}" if member.tier else "points"
        owes = f" · owes {points(member.points_debt, shop)}" if member.points_debt else ""
        rows = [Content.styled(f"{tier}{owes}", "$dim")]
        rows += self._today(profile, shop, width) if self._brief else _reached(profile, shop, width)
        self.query_one("#about", Static).update(Content("\n").join(rows))

    def _today(self, profile: Profile, shop: ShopView, width: int) -> list[Content]:
        named = 5 if self.app.size.height >= ROOMY else 2
        rewards = [Entry(one.name, points(one.points, shop).split(" ")[0]) for one in profile.club.rewards]
        offers = [Entry(one.name) for one in profile.club.offers]
        visits = [Entry(when(one.created, shop), money(one.amount, shop)) for one in profile.visits]
        rows = []
        for title, listed, most in (
            ("can afford now", rewards, named),
            ("offers waiting", offers, named - 1),
            ("last visits", visits, len(visits)),
        ):
            rows.append(Content.styled(fit(f"{title} · {len(listed)}" if listed else f"{title}: none", width), "$dim"))
            rows += [_row(entry, width) for entry in listed[:most]]
        return rows


def _row(entry: Entry, width: int) -> Content:
    return Content.assemble((fit(f" {entry.text}", width - len(entry.tail)), "$ink"), (entry.tail, "$ink"))


def _reached(profile: Profile, shop: ShopView, width: int) -> list[Content]:
    from babel.dates import format_date

    member = profile.member
    told = (
        ("phone", member.phone),
        ("e-mail", member.email),
        ("card", member.card),
        ("since", format_date(local(member.created, shop.timezone), "d MMM y", locale=shop.locale)),
        ("in", ", ".join(profile.segments)),
    )
    rows = [Content("")]
    for label, text in told:
        if text:
            rows += [Content.styled(label, "$dim"), Content.styled(fit(f" {text}", width), "$ink")]
    return rows
