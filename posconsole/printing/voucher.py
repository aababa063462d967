"""The slip of a voucher, as lines of plain text of a given width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.printing.paper import centred, clean
from posconsole.printing.strip import WIDTH, moment

if TYPE_CHECKING:
    from posconsole.engine.views import ShopView, VoucherView


def voucher_slip(voucher: VoucherView, shop: ShopView, *, copy: bool, width: int = WIDTH) -> list[str]:
    """Lay a voucher out for whoever holds it: its code in full, and with `copy` that it isn't the first of its kind.

    A voucher that is no good any more says so: two slips are never worth more than one.
    """
    rule = "=" * width
    said = [clean(shop.name)] if shop.name else []
    said += [rule, "*** COPY ***", rule] if copy else [rule]
    said += ["POINTS VOUCHER" if voucher.kind == "points" else "GIFT VOUCHER", "", voucher.code, ""]
    said.append(f"Balance {worth(voucher, voucher.balance, shop)} of {worth(voucher, voucher.initial_value, shop)}")
    if voucher.status not in ("active", "issued"):
        said.append(f"NOT VALID: {voucher.status}")
    if voucher.single_use:
        said.append("for one purchase")
    if voucher.expires_at is not None:
        said.append(f"valid until {moment(voucher.expires_at, shop)}")
    return [centred(text, width) for text in [*said, rule]]


def worth(voucher: VoucherView, amount: int, shop: ShopView) -> str:
    """Write an amount of what a voucher holds: `25.00 EUR`, `500 points`."""
    if voucher.kind == "points":
        return f"{amount} points"
    return f"{shop.currency.format(amount, shop.locale)} {voucher.currency}"
