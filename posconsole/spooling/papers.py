"""What a job puts on paper, as the bytes that its printer takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.engine.views import PaymentView, RefundView, VoucherView
from posconsole.printing import escpos
from posconsole.printing.artwork import artwork
from posconsole.printing.receipt import refund_receipt, sale_receipt
from posconsole.printing.shift import shift_report
from posconsole.printing.strip import WIDTH
from posconsole.printing.voucher import voucher_paper

if TYPE_CHECKING:
    from posconsole.engine.day.shiftviews import ShiftView
    from posconsole.engine.paper.printviews import Printable
    from posconsole.engine.views import ShopView
    from posconsole.printing.drawing import Drawing
    from posconsole.printing.strip import Paper
    from posconsole.spooling.setup import Setup

SLIP = "strip"
"""The artwork of a voucher that a receipt printer prints."""


def strip(
    what: PaymentView | RefundView | ShiftView,
    sale: PaymentView | None,
    shop: ShopView,
    width: int = WIDTH,
    *,
    copy: bool = False,
) -> Paper:
    """Return the paper of a sale, of a refund of `sale`, or of a shift, so many columns wide."""
    if isinstance(what, PaymentView):
        return sale_receipt(what, shop, width, copy=copy)
    if isinstance(what, RefundView):
        return refund_receipt(what, sale, shop, width, copy=copy)
    return shift_report(what, shop, width, copy=copy)


class Layout:
    """Lays jobs out for the printer that `setup` describes. Raises `InvalidInput` for one that there can't be."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self.model = escpos.model(setup.profile, setup.paper, setup.correction)

    def bytes_of(self, printable: Printable, shop: ShopView) -> bytes:
        """Return what the printer is sent for a job."""
        what, copy = printable.subject, printable.copy
        if isinstance(what, VoucherView):
            return escpos.drawn(self._slip(what, shop, copy=copy), self.model)
        if what is None:
            return escpos.kicked()
        return escpos.printed(strip(what, printable.sale, shop, self.model.columns, copy=copy), self.model)

    def _slip(self, voucher: VoucherView, shop: ShopView, *, copy: bool) -> Drawing:
        template, model = artwork(SLIP, self._setup.artwork), self.model
        width, height = template.size
        fields = voucher_paper(voucher, shop, copy=copy)
        size = (model.width, height * model.width / width)
        return template.draw(fields, size, correction=self._setup.correction, dpi=model.dpi)
