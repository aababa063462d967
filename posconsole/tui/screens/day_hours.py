"""Sales by hour as a picture, a day at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Horizontal, Vertical
from textual.widgets import Digits, Static

from posconsole.errors import PosError
from posconsole.tui.keys import BACK, MORE, Key
from posconsole.tui.office_words import bar
from posconsole.tui.safe import fit, right
from posconsole.tui.screens.desk import DeskScreen, bindings
from posconsole.tui.widgets.figures import columns
from posconsole.tui.widgets.preview_row import PLAIN
from posconsole.tui.widgets.row_list import RowList
from posconsole.tui.widgets.steady import Steady
from posconsole.tui.words import money

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import PurePath

    from textual import events
    from textual.widget import Widget

    from posconsole import Store
    from posconsole.engine.figures.reporting import Report
    from posconsole.tui.session import Session
    from posconsole.tui.widgets.row_list import Row

HOW = "← → another day, or type one: 2026-07-22. ↑ ↓ an hour."
Hour = dict[str, int]


class HoursScreen(DeskScreen):
    """A bar for each hour between the first sale and the last, and beside them what the day comes to."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("days", "left", "Day", "Go to the day before, or to the next one.", "day", "← →"),
        Key("hour", "up", "Hour", "Choose an hour.", "hour", "↑ ↓"),
        Key(
            "go", "enter", "Go to the day typed", "Go to the day that is typed; without one look again.", "go", "Enter"
        ),
        BACK.but("Back to the day", "Clear what is typed, go back to the day."),
        MORE,
    )
    BOUND = KEYS[3:]
    BINDINGS: ClassVar = bindings(BOUND)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["desk.tcss", "day.tcss"]

    def __init__(self, session: Session, store: Store) -> None:
        super().__init__(session)
        self.store = store
        self._day: date | None = None
        self._report: Report | None = None
        self._hours: list[tuple[int, Hour]] = []
        self._at = 0

    def middle(self) -> Iterable[Widget]:
        """Give the bars and, beside them, the day."""
        with Horizontal(classes="body"):
            yield RowList()
            with Vertical(classes="aside"):
                yield Static("NET", classes="caption", markup=False)
                yield Digits("", id="figure")
                yield Steady(id="parts", classes="figures")

    def on_mount(self) -> None:
        """Begin with today."""
        super().on_mount()
        self.head("Sales by hour")
        self.field.placeholder = "a day"
        self._load(0)

    @work(exclusive=True, group="hours", exit_on_error=False)
    async def _load(self, by: int = 0, typed: str | None = None) -> None:
        """Fetch a day: the one that is typed, or so many days from the one that is shown."""
        from datetime import date, timedelta

        call, reports = self.session.call, self.store.reports
        try:
            before = self._day
            if before is None:
                before = await call(reports.today)
            day = date.fromisoformat(typed) if typed else before + timedelta(days=by)
            report = await call(reports.sales_by_hour, day)
        except ValueError:
            self.refuse(f"{(typed or '')[:20]} is no day. Type it like 2026-07-22.")
        except PosError as error:
            self.refuse(error.message)
        except OverflowError:
            self.refuse("There is no such day.")
        else:
            self.dealt_with()
            self._day, self._report, self._hours = day, report, filled(report)
            self._at = 0
            self._show()

    def _show(self) -> None:
        if self._report is None or self._day is None:
            return
        from babel.dates import format_date

        shop, totals = self.session.shop, self._report.totals
        title = "net by hour" if self._hours else "nothing was sold on this day"
        self.query_one(RowList).show(title, self._rows, len(self._hours), self._at)
        self.query_one(Digits).update(money(totals["net"], shop))
        parts = [(totals["gross"], counted(totals["sales"], "sale")), (-totals["discount"], "discounts")]
        parts += [(-totals["refunded"], counted(totals["refunds"], "refund")), (totals["tax"], "tax in it")]
        self.query_one("#parts", Static).update(columns(parts, shop))
        self.head("Sales by hour", str(format_date(self._day, "EEEE d MMMM y", locale=shop.locale)))
        self.say(self._chosen() if self._hours else HOW, PLAIN)

    def _chosen(self) -> str:
        hour, figures = self._hours[self._at]
        shop = self.session.shop
        said = (
            f"{hour:02}:00 to {hour + 1:02}:00: {counted(figures['sales'], 'sale')}, {money(figures['amount'], shop)}"
        )
        back = f"; {counted(figures['refunds'], 'refund')}, {money(-figures['refunded'], shop)}"
        return f"{said}{back if figures['refunds'] else ''}. {HOW}"

    def _rows(self, width: int) -> list[Row]:
        most = max((figures["net"] for _, figures in self._hours), default=0)
        return [self._row(hour, figures, most, width - 4) for hour, figures in self._hours]

    def _row(self, hour: int, figures: Hour, most: int, width: int) -> Row:
        net = figures["net"]
        room = max(4, width - 6 - 12 - 7)
        sales = f"{figures['sales']:,} ×" if figures["sales"] else ""
        text = f"{hour:02}:00 {bar(max(0, net), most, room)}{right(money(net, self.session.shop), 12)}{right(sales, 7)}"
        return fit(text, width), "$here" if net > 0 else "$warn" if net < 0 else "$dim"

    def pressed(self, event: events.Key) -> bool:
        """Go to another day, choose an hour."""
        if self.field.value:
            return False
        if event.key in ("left", "right"):
            self._load(-1 if event.key == "left" else 1)
        elif by := {"up": -1, "down": 1, "pageup": -24, "pagedown": 24}.get(event.key):
            self._at = max(0, min(len(self._hours) - 1, self._at + by))
            self._show()
        else:
            return False
        return True

    def entered(self, text: str) -> None:
        """Go to the day that is typed; without one look again."""
        if self.refused and not text.strip():
            self.dealt_with()
        else:
            self._load(typed=text.strip() or None)

    def action_back(self) -> None:
        """Put a refusal away, clear what is typed, go back."""
        if not self.clear():
            self.dismiss()


def filled(report: Report) -> list[tuple[int, Hour]]:
    """Return the figures of each hour from the first with any to the last; hours in which nothing was done are 0."""
    names = [column.name for column in report.columns[1:]]
    found = {int(row[0][:2]): dict(zip(names, row[1:], strict=True)) for row in report.rows}
    return (
        [(hour, found.get(hour, dict.fromkeys(names, 0))) for hour in range(min(found), max(found) + 1)]
        if found
        else []
    )


def counted(number: int, what: str) -> str:
    """Write how many: `3 sales`, `1 refund`, `no sales`."""
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
