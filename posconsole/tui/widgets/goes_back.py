"""What goes back, as large as it is important, and to which tender."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from posconsole.printing.receipt import already_spent, vouchers_among
from posconsole.tui.safe import line
from posconsole.tui.widgets.figures import Part, columns
from posconsole.tui.words import money, paid_out, points, received, returned

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from posconsole.engine.views import PaymentView, RefundPlan, ShopView


class GoesBack(Vertical):
    """The amount of a refund that isn't done yet. Grey while it is being worked out: then it means nothing."""

    def __init__(self, payment: PaymentView, shop: ShopView) -> None:
        super().__init__(id="back", classes="aside")
        self.payment, self.shop = payment, shop

    def compose(self) -> ComposeResult:
        """Lay out the caption, the amount, where it goes, and the reason."""
        yield Static("GOES BACK", classes="caption", markup=False)
        yield Digits(money(0, self.shop), id="figure")
        yield Static(id="where", classes="figures", markup=False)
        yield Static(id="why", markup=False)
        yield Static(self._was_paid(), id="paid", classes="figures", markup=False)

    def of(self, payment: PaymentView) -> None:
        """Take the sale as it stands now."""
        self.payment = payment
        self.query_one("#paid", Static).update(self._was_paid())

    def show(self, plan: RefundPlan | None, reason: str, *, stale: bool) -> None:
        """Show what a refund would do, or 0 without a plan; `stale` while the figures are not the selection's."""
        self.set_class(stale, "stale")
        self.query_one(Digits).update(money(paid_out(plan) if plan else 0, self.shop))
        self.query_one("#where", Static).update(self._where(plan))
        why = Content.assemble(("reason  ", "$dim"), line(reason)) if reason else Content("")
        self.query_one("#why", Static).update(why)

    def _where(self, plan: RefundPlan | None) -> Content:
        if plan is None:
            return Content("")
        parts: list[Part] = [(tender.amount, returned(tender)) for tender in plan.tenders]
        if plan.rounding:
            parts.append((plan.rounding, "cash rounding"))
        where = columns(parts, self.shop)
        if plan.points:
            lost = f"{points(plan.points, self.shop)} taken back from"
            whose = line(self.payment.member_name or "the member")
            where = Content("\n").join([where, Content.styled(f"! {lost}\n  {whose}", "$warn")])
        if vouchers_among(self.payment).keys().isdisjoint(item.no for item in plan.items):
            return where
        gone = already_spent(plan.items, self.payment)
        spent = f"\n  {money(gone, self.shop)} of it is spent" if gone else ""
        return Content("\n").join([where, Content.styled(f"! voids the voucher it sold{spent}", "$warn")])

    def _was_paid(self) -> Content:
        paid = columns(received(self.payment), self.shop, "$dim")
        rows = [Content.styled("was paid", "$dim"), paid]
        if self.payment.refunds:
            before = [(paid_out(refund), f"came back, {refund.number}") for refund in self.payment.refunds]
            rows.append(columns(before, self.shop, "$dim"))
        return Content("\n").join(rows)
