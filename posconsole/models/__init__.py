"""The nouns of the shop, as tables. Importing this package registers all of them.

Amounts are 64-bit integers in minor units, percentages and tax rates basis points, times epoch seconds UTC.
The constraints are the last guard: whatever the code above believes, no row may break them.
"""

from posconsole.models.base import metadata, table
from posconsole.models.basket import OpenBasket, ParkedBasket
from posconsole.models.campaign import Batch, Campaign
from posconsole.models.coupon import Coupon, MemberUse
from posconsole.models.event import Event
from posconsole.models.idempotency import IdempotencyKey
from posconsole.models.ledger import LedgerEntry
from posconsole.models.member import Member, Segment, SegmentMember
from posconsole.models.offer import Offer, OfferActivation
from posconsole.models.operator import Operator, Throttle
from posconsole.models.order import DiscountShare, Order, OrderLine
from posconsole.models.payment import Payment, Tender
from posconsole.models.print_job import Printed, PrintJob
from posconsole.models.product import Product
from posconsole.models.redemption import Redemption
from posconsole.models.refund import Refund, RefundLine, RefundTender
from posconsole.models.reward import Reward
from posconsole.models.shift import CashMovement, Shift
from posconsole.models.shop import Shop, Till
from posconsole.models.voucher import CodeSeries, Voucher

__all__ = [
    "Batch",
    "Campaign",
    "CashMovement",
    "CodeSeries",
    "Coupon",
    "DiscountShare",
    "Event",
    "IdempotencyKey",
    "LedgerEntry",
    "Member",
    "MemberUse",
    "Offer",
    "OfferActivation",
    "OpenBasket",
    "Operator",
    "Order",
    "OrderLine",
    "ParkedBasket",
    "Payment",
    "PrintJob",
    "Printed",
    "Product",
    "Redemption",
    "Refund",
    "RefundLine",
    "RefundTender",
    "Reward",
    "Segment",
    "SegmentMember",
    "Shift",
    "Shop",
    "Tender",
    "Throttle",
    "Till",
    "Voucher",
    "metadata",
    "table",
]
