"""How a campaign does: uses and cost by day as pictures or a table, its budget, the sales with it and without."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import IO, TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from posconsole.engine.figures import spreadsheets
from posconsole.errors import PosError
from posconsole.tui.charts import columns, days_of
from posconsole.tui.exporting import export
from posconsole.tui.keys import BACK, CAMPAIGN_TABLE, OFFICE_EXPORT, Key
from posconsole.tui.office_words import bar, day, state
from posconsole.tui.safe import fit, right
from posconsole.tui.screens.campaigns import budget, window
from posconsole.tui.screens.desk import bindings
from posconsole.tui.screens.office_desk import SHARED, STEPS, OfficeDesk, facts
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from textual import events
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.engine.views import CampaignReport, CampaignView, ShopView
    from posconsole.tui.session import Session

HEAD = ("day", "redemptions", "discount_cost", "points_cost")


class CampaignScreen(OfficeDesk):
    """Two pictures over the same days, or the table that they are drawn from; beside them what it all comes to."""

    OWN: ClassVar[tuple[Key, ...]] = (
        CAMPAIGN_TABLE,
        OFFICE_EXPORT.but("Export CSV", "Write the days to a file."),
    )
    BOUND = (*OWN, *SHARED)
    KEYS = (*OWN, *SHARED[1:])
    BINDINGS: ClassVar = bindings(BOUND)

    def __init__(self, session: Session, store: Store, campaign: CampaignView) -> None:
        super().__init__(session, store)
        self.campaign = campaign
        self.report: CampaignReport | None = None
        self._table = False
        self._from = 0

    def middle(self) -> Iterable[Widget]:
        """Give the days and the sums."""
        with Horizontal(classes="body"):
            yield Static(id="days", classes="figures", markup=False)
            with Vertical(classes="aside"):
                yield Static(id="about", markup=False)

    def on_mount(self) -> None:
        """Name the campaign."""
        super().on_mount()
        self.head(self.campaign.name)

    async def look(self) -> None:
        """Fetch what it did until now."""
        campaigns = self.store.campaigns
        try:
            self.campaign = await self.session.call(campaigns.get, self.campaign.id)
            self.report = await self.session.call(campaigns.report, self.campaign.id)
        except PosError as error:
            self.refuse(error.message)
            return
        self.show()

    def on_resize(self) -> None:  # type: ignore[override]  # Textual calls the one it stands in for, too
        """Draw anew for the room there is."""
        self.call_after_refresh(self.show)

    def show(self) -> None:
        """Bring everything up to date."""
        days = self.query_one("#days", Static)
        if self.report is not None:
            width, height = days.size.width - 4, days.size.height
            days.update(self._rows(self.report, height) if self._table else self._pictures(self.report, width, height))
            self.query_one("#about", Static).update(self._sums(self.report))

    def _sums(self, report: CampaignReport) -> Content:
        shop = self.session.shop
        said, style = state(self.campaign.status)
        return facts(
            (said, style),
            (window(self.campaign.starts_at, self.campaign.ends_at, shop), "$ink"),
            *budget(self.campaign, shop),
            ("", ""),
            (f"{report.redemptions:,} uses", "bold $ink"),
            (f"{money(report.discount_cost, shop)} in discounts", "$ink"),
            (f"{report.points_cost:,} points", "$ink") if report.points_cost else None,
            (f"revenue {bar(report.revenue_with, report.revenue_with + report.revenue_without, 20)}", "$here"),
            *_revenue("with it", report.sales_with, report.revenue_with, shop),
            *_revenue("without", report.sales_without, report.revenue_without, shop),
        )

    def _pictures(self, report: CampaignReport, width: int, height: int) -> Content:
        uses = {d.day: d.redemptions for d in report.days}
        costs = {d.day: d.discount_cost for d in report.days}
        days = days_of(uses, max(1, width))
        if not days:
            return Content.styled("   nothing of it was used yet", "$dim")
        tall = max(2, (height - 5) // 2)
        shop = self.session.shop
        most = money(max(costs.values()), shop)
        rows = _picture(
            f"uses by day, {max(uses.values()):,} at most", [uses.get(d, 0) for d in days], width, tall, "$here"
        )
        rows.append(Content(""))
        rows += _picture(f"discounts by day, {most} at most", [costs.get(d, 0) for d in days], width, tall, "$warn")
        ends = " to ".join(day(date.fromisoformat(end), shop) for end in dict.fromkeys((days[0], days[-1])))
        return Content("\n").join([*rows, Content.styled(f"   {ends}", "$dim")])

    def _rows(self, report: CampaignReport, height: int) -> Content:
        shop, room = self.session.shop, max(1, height - 1)
        self._from = max(0, min(self._from, len(report.days) - room))
        rows = [Content.styled(f"   {'day':13}{'uses':>5}{'discounts':>12}{'points':>9}", "$dim")]
        for d in report.days[::-1][self._from : self._from + room]:
            cost = f"{right(money(d.discount_cost, shop), 12)}{d.points_cost:>9,}"
            rows.append(
                Content.styled(f"   {fit(day(date.fromisoformat(d.day), shop), 13)}{d.redemptions:>5,}{cost}", "$ink")
            )
        return Content("\n").join(rows)

    def pressed(self, event: events.Key) -> bool:
        """Scroll the table."""
        by = STEPS.get(event.key)
        if by is None:
            return False
        self._from += by
        self.show()
        return True

    def entered(self, text: str) -> None:
        """Refuse what has no place here."""
        if text.strip():
            self.refuse(f"‘{text.strip()[:20]}’ has no place here. {BACK}, then {BACK} again goes back.")
        else:
            self.dealt_with()

    def action_table(self) -> None:
        """Show the table in place of the pictures, or the pictures again."""
        self._table = not self._table
        self.show()

    def action_export(self) -> None:
        """Write the days to a file."""
        report, demo = self.report, getattr(self.app, "demo", False)
        if report is not None:
            places = -self.session.shop.currency.decimals

            def write(file: IO[str]) -> int:
                days = (
                    (d.day, d.redemptions, Decimal(d.discount_cost).scaleb(places), d.points_cost) for d in report.days
                )
                return spreadsheets.write(file, HEAD, days)

            self.do(lambda: export(f"campaign-{report.campaign}.csv", write, demo=demo), _written)


def _picture(title: str, values: list[int], width: int, height: int, style: str) -> list[Content]:
    rows = columns(values, width, height)
    return [Content.styled(f"   {title}", "$dim"), *(Content.styled(f"   {row}", style) for row in rows)]


def _revenue(which: str, sales: int, revenue: int, shop: ShopView) -> list[tuple[str, str] | None]:
    each = f", {money(revenue // sales, shop)} each" if sales else ""
    return [(f"{sales:,} sales {which}", "$ink"), (f"{money(revenue, shop)} taken{each}", "$dim")]


def _written(done: tuple[Path, int]) -> str:
    path, rows = done
    return f"{rows:,} days are in {path}."
