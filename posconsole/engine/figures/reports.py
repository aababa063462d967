"""The reports, each of one moment: as rows, as CSV and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from posconsole.clock import local, moment
from posconsole.engine.figures import codereports, liabilities, reporting, salesreports
from posconsole.engine.sale import redemptions
from posconsole.engine.staff.access import needs
from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from posconsole.engine.context import Context
    from posconsole.engine.db.database import Transaction
    from posconsole.engine.figures.reporting import Report

T = TypeVar("T")


class Reports:
    """What the shop sold, gave away and owes. `since` and `until` are both included; a date is a whole day here."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("reports.read")
    def redemptions(
        self,
        *,
        code: str | None = None,
        customer: str | None = None,
        payment: str | None = None,
        campaign: str | None = None,
        since: object = None,
        until: object = None,
    ) -> Report:
        """List redemptions of a coupon or voucher (code or id), a member, a payment, a campaign, a period."""
        shop = self._context.shop
        conditions = redemptions.conditions_of(
            shop.timezone, code=code, customer=customer, payment=payment, campaign=campaign, since=since, until=until
        )
        return self._read(lambda transaction: codereports.used(transaction, shop, conditions))

    @needs("reports.read")
    def discount_cost(self, since: object = None, until: object = None, by: str = "day") -> Report:
        """Sum what discounts cost after refunds, by `day`, `coupon`, `campaign`, `offer` or `reward`."""
        if by not in codereports.BY:
            raise InvalidInput(f"Discounts are summed by {', '.join(codereports.BY)}", field="by")
        shop = self._context.shop
        period = reporting.period(shop, since, until)
        return self._read(lambda transaction: codereports.cost(transaction, shop, by, period))

    @needs("reports.read")
    def campaigns(self) -> Report:
        """Tell what each campaign did and cost."""
        shop, now = self._context.shop, self._context.clock.now()
        return self._read(lambda transaction: codereports.campaigns(transaction, shop, now))

    @needs("reports.read")
    def voucher_liability(self) -> Report:
        """Sum what is on money vouchers by campaign, batch and status; what is held, expired, and kept for good."""
        shop, now = self._context.shop, self._context.clock.now()
        return self._read(lambda transaction: liabilities.money(transaction, shop, now))

    @needs("reports.read")
    def points_liability(self) -> Report:
        """Sum members' points and debts by tier."""
        return self._read(lambda transaction: liabilities.points(transaction, self._context.shop))

    @needs("reports.read")
    def sales_by_day(self, since: object = None, until: object = None) -> Report:
        """Sum sales and refunds by the shop's day. `net` is what was charged less what was given back."""
        return self._sales("sales_by_day", "day", since, until)

    @needs("reports.read")
    def sales_by_hour(self, day: object = None) -> Report:
        """Sum a day's sales and refunds by the hour on the shop's wall clock; without a day today's."""
        zone = self._context.shop.timezone
        at = moment(day, zone, "day")
        chosen = self.today() if at is None else local(at, zone).date()
        return self._sales("sales_by_hour", "hour", chosen, chosen)

    @needs("reports.read")
    def today(self) -> date:
        """Return the day that it is in the shop."""
        return local(self._context.clock.now(), self._context.shop.timezone).date()

    @needs("reports.read")
    def by_operator(self, since: object = None, until: object = None) -> Report:
        """Sum sales and refunds by who did them."""
        return self._sales("by_operator", "operator", since, until)

    @needs("reports.read")
    def by_till(self, since: object = None, until: object = None) -> Report:
        """Sum sales and refunds by till."""
        return self._sales("by_till", "till", since, until)

    @needs("reports.read")
    def tax(self, since: object = None, until: object = None) -> Report:
        """Sum base and tax by rate: sold, refunded, and what is left."""
        shop = self._context.shop
        period = reporting.period(shop, since, until)
        return self._read(lambda transaction: salesreports.tax(transaction, shop, period))

    def _sales(self, name: str, by: str, since: object, until: object) -> Report:
        shop = self._context.shop
        period = reporting.period(shop, since, until)
        return self._read(lambda transaction: salesreports.sales(transaction, shop, name, by, period))

    def _read(self, work: Callable[[Transaction], T]) -> T:
        return self._context.database.read(work, patience=reporting.PATIENCE)
