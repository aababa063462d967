"""What can be asked of a shop, by subject: what a till needs is there at once, the rest when it is asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from posconsole.engine.club.members import Members
from posconsole.engine.codes.coupons import Coupons
from posconsole.engine.codes.vouchers import Vouchers
from posconsole.engine.goods.products import Products
from posconsole.engine.sale.baskets import Baskets
from posconsole.engine.sale.recovery import Settling

if TYPE_CHECKING:
    from posconsole.engine.club.loyalty import Loyalty
    from posconsole.engine.club.offers import Offers
    from posconsole.engine.club.rewards import Rewards
    from posconsole.engine.club.segments import Segments
    from posconsole.engine.codes.batches import Batches
    from posconsole.engine.codes.campaigns import Campaigns
    from posconsole.engine.context import Context
    from posconsole.engine.day.shifts import Shifts
    from posconsole.engine.figures.reports import Reports
    from posconsole.engine.paper.printing import Printing
    from posconsole.engine.sale.drawer import Drawer
    from posconsole.engine.sale.redemptions import Events, Redemptions
    from posconsole.engine.staff.operators import Operators


class Verbs:
    """The subjects of a shop as somebody at a till, or its back office, may work on them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.products = Products(context)
        self.members = Members(context)
        self.coupons = Coupons(context)
        self.vouchers = Vouchers(context)
        self.payments = Settling(context)
        self.baskets = Baskets(context)

    @cached_property
    def segments(self) -> Segments:
        """Return the groups of members."""
        from posconsole.engine.club.segments import Segments

        return Segments(self._context)

    @cached_property
    def campaigns(self) -> Campaigns:
        """Return what groups codes and offers under a window and a budget."""
        from posconsole.engine.codes.campaigns import Campaigns

        return Campaigns(self._context)

    @cached_property
    def batches(self) -> Batches:
        """Return the codes that are minted many at a time."""
        from posconsole.engine.codes.batches import Batches

        return Batches(self._context)

    @cached_property
    def rewards(self) -> Rewards:
        """Return the catalogue of what points buy."""
        from posconsole.engine.club.rewards import Rewards

        return Rewards(self._context)

    @cached_property
    def loyalty(self) -> Loyalty:
        """Return what members redeem their points for."""
        from posconsole.engine.club.loyalty import Loyalty

        return Loyalty(self._context)

    @cached_property
    def offers(self) -> Offers:
        """Return the targeted incentives."""
        from posconsole.engine.club.offers import Offers

        return Offers(self._context)

    @cached_property
    def redemptions(self) -> Redemptions:
        """Return the records of what was used."""
        from posconsole.engine.sale.redemptions import Redemptions

        return Redemptions(self._context)

    @cached_property
    def events(self) -> Events:
        """Return the journal."""
        from posconsole.engine.sale.redemptions import Events

        return Events(self._context)

    @cached_property
    def drawer(self) -> Drawer:
        """Return this till's cash drawer."""
        from posconsole.engine.sale.drawer import Drawer

        return Drawer(self._context)

    @cached_property
    def shifts(self) -> Shifts:
        """Return the day at the tills."""
        from posconsole.engine.day.shifts import Shifts

        return Shifts(self._context)

    @cached_property
    def reports(self) -> Reports:
        """Return the figures, as rows, CSV and JSON."""
        from posconsole.engine.figures.reports import Reports

        return Reports(self._context)

    @cached_property
    def operators(self) -> Operators:
        """Return who may work here."""
        from posconsole.engine.staff.operators import Operators

        return Operators(self._context)

    @cached_property
    def printing(self) -> Printing:
        """Return what waits for this till's printer."""
        from posconsole.engine.paper.printing import Printing

        return Printing(self._context)
