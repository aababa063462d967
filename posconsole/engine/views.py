"""What the store hands out: frozen pictures of rows, without a session behind them.

Amounts are integers in minor units, percentages and tax rates basis points, times epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

# They stand apart because the till's first frame needs them and nothing else of this file.
from posconsole.engine.quoting.found import CodeTried as CodeTried
from posconsole.engine.quoting.found import Look as Look
from posconsole.engine.quoting.found import MemberFound as MemberFound
from posconsole.engine.quoting.found import MemberView as MemberView
from posconsole.engine.quoting.found import NothingFound as NothingFound
from posconsole.engine.quoting.found import ProductFound as ProductFound
from posconsole.engine.quoting.found import ProductView as ProductView
from posconsole.engine.quoting.found import Suggestions as Suggestions

if TYPE_CHECKING:
    from posconsole.engine.quoting.quotes import Condition, TaxLine
    from posconsole.money import Currency

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, newest first. `next` is the cursor of the following page, None at the end."""

    data: tuple[T, ...]
    has_more: bool
    total: int
    next: str | None = None


@dataclass(frozen=True, slots=True)
class ShopView:
    """What holds for the whole shop and was settled when its database was made.

    `head` is what stands below the name on this till's receipts.
    """

    name: str
    currency: Currency
    locale: str
    timezone: str
    prices_include_tax: bool
    smallest_coin: int
    points_rate: int = 10_000
    head: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UsageView:
    """A use of a coupon: on which order and payment, and what it took off after refunds."""

    order: str
    payment: str
    customer: str | None
    discount: int
    status: str
    at: int


@dataclass(frozen=True, slots=True)
class CouponView:
    """A coupon with its derived state: `status` and `valid` are worked out from all of it, never stored.

    `reward`, `campaign` and `batch` are ids. `revision` counts how often its terms were revised. `usage` are its
    latest uses, newest first, when it was asked for alone.
    """

    id: str
    code: str
    name: str
    percent_off: int | None
    amount_off: int | None
    currency: str | None
    points: int | None
    reward: str | None
    duration: str
    duration_in_months: int | None
    min_order_value: int | None
    valid_from: int | None
    valid_until: int | None
    customer_limit: int | None
    product_ids: tuple[str, ...]
    excluded_product_ids: tuple[str, ...]
    categories: tuple[str, ...]
    max_discount: int | None
    max_redemptions: int | None
    times_redeemed: int
    held: int
    stackable: bool
    priority: int
    campaign: str | None
    batch: str | None
    revision: int
    status: str
    valid: bool
    created: int
    updated: int
    usage: tuple[UsageView, ...] = ()

    @property
    def type(self) -> str:
        """Return what kind of value it has: percentage, fixed, points or reward."""
        kinds = {"percentage": self.percent_off, "fixed": self.amount_off, "points": self.points}
        return next((kind for kind, value in kinds.items() if value is not None), "reward")

    @property
    def conditions(self) -> dict[str, object]:
        """Return the conditions that it has, by name."""
        names = "min_order_value max_discount valid_from valid_until customer_limit".split()
        lists = "product_ids excluded_product_ids categories".split()
        found = {name: getattr(self, name) for name in (*names, *lists)}
        return {name: value for name, value in found.items() if value not in (None, ())}


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign with its derived status. `spent` of its budget went in discounts, `held` open payments claim."""

    id: str
    name: str
    starts_at: int | None
    ends_at: int | None
    budget: int | None
    spent: int
    held: int
    budget_left: int | None
    status: str
    created: int


@dataclass(frozen=True, slots=True)
class BatchView:
    """Many codes from one template: `minted` of `count` are there. Running, completed or canceled."""

    id: str
    kind: str
    prefix: str
    count: int
    minted: int
    status: str
    campaign: str | None
    created: int
    finished: int | None


@dataclass(frozen=True, slots=True)
class BatchCode:
    """A code of a batch, whole; `name` is what a voucher holds or what a coupon is called, `until` its last second."""

    number: int
    code: str = field(repr=False)
    name: str
    until: int | None


@dataclass(frozen=True, slots=True)
class CampaignDay:
    """A day of a campaign, as `2026-07-22` in the shop's time zone: its uses, and what they cost."""

    day: str
    redemptions: int
    discount_cost: int
    points_cost: int


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """What a campaign did and cost. `with` counts sales on which something of it was used, `without` all others.

    The others are those in its window, or since it was made. Revenue is what was charged less what was refunded.
    """

    campaign: str
    name: str
    budget: int | None
    budget_left: int | None
    redemptions: int
    discount_cost: int
    points_cost: int
    sales_with: int
    revenue_with: int
    sales_without: int
    revenue_without: int
    days: tuple[CampaignDay, ...] = ()


@dataclass(frozen=True, slots=True)
class VoucherView:
    """A voucher; `held` is the part of its balance that open payments have claimed.

    `kind` is money or points; a points voucher's amounts are points. `customer` is the member who holds it, `source`
    the redemption or refund that gave it.
    """

    id: str
    code: str = field(repr=False)
    initial_value: int
    balance: int
    held: int
    currency: str
    single_use: bool
    holder: str | None
    expires_at: int | None
    status: str
    created: int
    kind: str = "money"
    customer: str | None = None
    has_pin: bool = False
    source: str | None = None
    campaign: str | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A named group of members: a list, or a rule. `size` is how many are in it now."""

    id: str
    name: str
    kind: str
    rule: dict[str, object]
    size: int
    created: int


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of a ledger: a credit to its account when positive."""

    id: str
    account: str
    kind: str
    amount: int
    unit: str
    cause: str
    at: int


@dataclass(frozen=True, slots=True)
class Validation:
    """The answer to "what would this code do": a preview that writes nothing."""

    code: str = field(repr=False)
    valid: bool
    reason: str | None
    message: str
    discount_amount: int
    final_amount: int
    currency: str
    details: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class TenderView:
    """One way of paying within a payment: pending, captured, declined, canceled or unknown."""

    id: str
    kind: str
    amount: int
    tendered: int
    change: int
    status: str
    approval_code: str | None = None
    refunded: int = 0


@dataclass(frozen=True, slots=True)
class RedemptionView:
    """The record that a coupon, voucher, reward or offer was used; `target` is whose id.

    Pending, applied, released or reversed; of an item also fulfillment_pending or fulfilled. `discount_applied` is
    what counts after refunds: `amount` less `reversed`. `points` is what a reward cost or what else gave. `left` is
    what a voucher held right after its payment, where a payment tells of it.
    """

    id: str
    kind: str
    code: str
    name: str
    amount: int
    forfeited: int
    reversed: int
    status: str
    payment: str | None
    customer: str | None
    target: str
    redeemed_at: int
    points: int = 0
    granted_by: str | None = None
    left: int | None = None

    @property
    def discount_applied(self) -> int:
        """Return what the redemption is worth after what refunds have taken back."""
        return self.amount - self.reversed


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as sold; `refunded` is the quantity that came back, `discounts` (name, amount) pairs."""

    no: int
    sku: str | None
    name: str
    quantity: int
    unit_price: int
    gross: int
    discount: int
    tax: int
    total: int
    tax_rate: int
    refunded: int
    discounts: tuple[tuple[str, int], ...]
    voucher_value: int | None = None


@dataclass(frozen=True, slots=True)
class RefundItem:
    """A part of a line that goes back."""

    no: int
    name: str
    quantity: int
    amount: int
    tax: int = 0


@dataclass(frozen=True, slots=True)
class RefundTender:
    """Where money goes back to: a voucher, old or new (its code masked), or one of the payment's tenders.

    `settled_as` is how a person paid what the device didn't.
    """

    kind: str
    amount: int
    voucher_code: str | None = None
    tender: str | None = None
    status: str = "captured"
    settled_as: str | None = None


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """What a refund would do. Preview and commit are the same computation. `points` is what the member loses."""

    payment: str
    amount: int
    rounding: int
    items: tuple[RefundItem, ...]
    tenders: tuple[RefundTender, ...]
    points: int = 0


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund as done; `number` is the receipt number it was given.

    Without a receipt there is no `payment`. `vouchers_given` are the new vouchers that it paid out. `points_left` is
    the member's balance right after it, `vouchers_left` that of the vouchers it filled, each behind its masked code.
    """

    id: str
    payment: str | None
    number: str
    amount: int
    rounding: int
    items: tuple[RefundItem, ...]
    tenders: tuple[RefundTender, ...]
    reason: str
    created: int
    operator: str
    points: int = 0
    vouchers_given: tuple[VoucherView, ...] = ()
    vouchers_left: tuple[tuple[str, int], ...] = ()
    points_left: int | None = None


@dataclass(frozen=True, slots=True)
class OwedPart:
    """A part of a refund that no card has got yet: `pending` while its device is to answer, or `declined` by it.

    `number` is the refund's receipt number, `receipt_number` that of the sale, `tender` the reference of the charge.
    """

    id: str
    refund: str
    number: str
    payment: str
    receipt_number: str
    tender: str
    kind: str
    amount: int
    status: str
    created: int


@dataclass(frozen=True, slots=True)
class PaymentView:
    """The taking of money for an order. `amount` is after discounts and tax, `due` what vouchers leave.

    `points_left` is the member's balance right after it.
    """

    id: str
    order: str
    status: str
    currency: str
    till: str
    operator: str
    member: str | None
    member_name: str | None
    created: int
    captured_at: int | None
    expires_at: int | None
    order_amount: int
    discount_amount: int
    tax_amount: int
    amount: int
    voucher_amount: int
    due: int
    rounding: int
    change: int
    lines: tuple[LineView, ...]
    tenders: tuple[TenderView, ...]
    redemptions: tuple[RedemptionView, ...]
    taxes: tuple[TaxLine, ...]
    vouchers_sold: tuple[VoucherView, ...] = ()
    points_earned: int = 0
    receipt_number: str | None = None
    refunded_amount: int = 0
    refunds: tuple[RefundView, ...] = ()
    prices_include_tax: bool = True
    points_left: int | None = None


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of an unsettled payment: `captured`, `released`, or `needs_settling` by a person."""

    payment: PaymentView
    what: str


@dataclass(frozen=True, slots=True)
class EventView:
    """A record of what happened, in its till's chain."""

    seq: int
    id: str
    type: str
    subject: str
    till: str
    operator: str
    at: int
    data: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that `audit` found wrong: which check, about what, in words."""

    check: str
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A line of an imported file that was not taken, and why."""

    line: int
    sku: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did to the catalogue."""

    added: int
    updated: int
    unchanged: int
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class OperatorView:
    """Who works here: a `cashier` or a `manager`. One who is not active can't sign in."""

    id: str
    name: str
    role: str
    active: bool
    created: int
