"""Furnishing the demo shop: goods, members, codes, and a week of sales.

Everything is fixed (numbers, codes, the order of events), only the days are counted back from now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posconsole.clock import SystemClock
from posconsole.demo import LATE, MIRAS, ONCE, OPERATOR, PARTLY, PLAIN, SHOP, TILL, VOID, club
from posconsole.engine.goods.importing import ProductRow
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.clock import Clock
    from posconsole.engine.store import Store
    from posconsole.engine.views import PaymentView

DAY = 86_400
HOUR = 3_600

FOOD, GOODS = 700, 1900
# The number on the shelf label, then name, price; the first digit of the number is the category's.
CATEGORIES = {
    "1": ("Coffee bar", GOODS),
    "2": ("Bakery", FOOD),
    "3": ("Galley", FOOD),
    "4": ("Paper", GOODS),
    "5": ("Pens & ink", GOODS),
    "6": ("Harbour", GOODS),
}
PRODUCTS: tuple[tuple[str, str, int], ...] = (
    ("101", "Espresso", 240),
    ("102", "Flat white", 390),
    ("103", "Filter coffee of the day", 310),
    ("104", "Hot chocolate, sea salt", 420),
    ("105", "Mint tea, a whole pot", 480),
    ("106", "Cold brew to go", 450),
    ("201", "Croissant", 220),
    ("202", "Cinnamon knot", 310),
    ("203", "Rye roll with cheese", 385),
    ("204", "Lemon tart", 445),
    ("205", "Harbour master's breakfast", 1290),
    ("206", "Sourdough, half a loaf", 325),
    ("301", "Sea salt caramels 150 g", 595),
    ("302", "House blend, whole bean 250 g", 990),
    ("303", "House blend, whole bean 1 kg", 3490),
    ("304", "Heather honey 400 g", 850),
    ("305", "Smoked almonds 90 g", 435),
    ("306", "Ginger ale 0.33 l", 265),
    ("401", "Notebook A5, dotted", 695),
    ("402", "Notebook A4, ruled", 1095),
    ("403", "Logbook, cloth bound", 1850),
    ("404", "Letter paper, 50 sheets", 1240),
    ("405", "Picture postcard", 120),
    ("406", "Tide calendar of next year", 1495),
    ("407", "Envelopes C6, 25 pieces", 540),
    ("408", "Sticky notes, signal flags", 375),
    ("501", "Pencil HB", 95),
    ("502", "Fineliner 0.4, black", 260),
    ("503", "Rollerball, petrol", 1390),
    ("504", "Fountain pen 'Pilot Boat'", 8900),
    ("505", "Ink, storm grey 50 ml", 1450),
    ("506", "Ink cartridges, 6 pieces", 320),
    ("507", "Eraser, in the shape of a buoy", 185),
    ("601", "Enamel mug, anchor", 1290),
    ("602", "Tote bag, sailcloth", 2450),
    ("603", "Wool hat, navy", 2990),
    ("604", "Brass compass", 4600),
    ("605", "Signal torch", 3350),
    ("606", "Knot-tying kit", 1675),
)
GIFT_CARDS: tuple[tuple[str, str, int], ...] = (
    ("901", "Gift card 10.00", 1000),
    ("902", "Gift card 25.00", 2500),
    ("903", "Gift card 50.00", 5000),
)
# The last two digits of the phone are those of the card.
MEMBERS: tuple[tuple[str, str], ...] = (
    ("Mira Olsen", "17"),
    ("Mira Novak", "25"),
    ("Jonas Brandt", "33"),
    ("Aylin Demir", "41"),
    ("Piet van der Meer", "58"),
    ("Chiara Conti", "66"),
    ("Søren Ærø", "74"),
    ("Łucja Zając", "82"),
)


class DemoClock:
    """The given clock, turned back while history is written."""

    def __init__(self, real: Clock | None = None) -> None:
        self.real = real or SystemClock()
        self.at: int | None = None

    def now(self) -> int:
        """Return the moment it is turned to, else the real one."""
        return self.real.now() if self.at is None else self.at


APPROVES, DECLINES, UNKNOWN = "4242424242424242", "4000000000000002", "4000000000000259"


@dataclass(frozen=True, slots=True)
class Sold:
    """A past sale: how many days and seconds of the day ago, `sku*quantity` words, codes, how it was paid."""

    days: int
    hour: int
    items: str
    tenders: tuple[TenderRequest, ...]
    codes: tuple[str, ...] = ()
    member: str | None = None


def _cash(tendered: int) -> tuple[TenderRequest, ...]:
    return (TenderRequest("cash", tendered=tendered),)


def _card(number: str = APPROVES) -> tuple[TenderRequest, ...]:
    return (TenderRequest("card", number=number),)


HISTORY: tuple[Sold, ...] = (
    Sold(6, 9, "102*2 201", _cash(1000)),
    Sold(6, 11, "401 502*2", _card(), codes=("FESTIVAL",)),
    Sold(5, 8, "205*2", _cash(2100), codes=("BREAKFAST",)),
    Sold(5, 15, "504 506", _card(), codes=("FESTIVAL",)),
    Sold(4, 10, "601*2", _card(), codes=("LASTCALL",), member="Mira Olsen"),
    Sold(4, 12, "402 403", (), codes=(PARTLY,)),
    Sold(3, 9, "302 202*3", _card(), codes=("CREW",), member="Jonas Brandt"),
    Sold(3, 17, "602", _card(), codes=("GONE",)),
    Sold(
        2, 10, "406 405*5", (TenderRequest("cash", 1000, 1000), TenderRequest("card", number=APPROVES)), ("LASTCALL",)
    ),
    Sold(2, 14, "604", _card(DECLINES)),
    Sold(2, 14, "604", _cash(5000), codes=("FESTIVAL",)),
    Sold(1, 9, "205 102*2", _cash(2000), codes=("BREAKFAST", "COFFEE2")),
    Sold(1, 16, "603 505 501*4", _card(), member="Aylin Demir"),
)


def barcode(sku: str, category: str = "") -> str:
    """Return the in-store EAN-13 (prefix 20 to 29) on the shelf label of a product."""
    body = f"2{category or sku[0]}{int(sku):010d}"
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-weighed % 10)


def open_shop(url: str, *, clock: Clock | None = None, timezone: str = "UTC") -> Store:
    """Create the demo shop at `url`, furnish it, and return it signed in at its till.

    With a `clock` that stands still, so does the shop.
    """
    from posconsole.engine.store import Store

    turned = DemoClock(clock)
    store = Store.open(
        url,
        currency="EUR",
        locale="en_GB",
        timezone=timezone,
        prices_include_tax=True,
        smallest_coin=5,
        name=SHOP,
        clock=turned,
    )
    return furnish(store, turned)


def furnish(store: Store, clock: DemoClock) -> Store:
    """Fill an empty shop whose clock is `clock`: goods, members, codes and a week of sales up to now.

    Returns it as the till sees it that made the sales.
    """
    now = clock.now()
    try:
        clock.at = now - 30 * DAY
        _stock(store)
        members = {
            name: store.members.create(
                name=name, phone=f"+49 30 23125 0{last}", card=barcode(f"1{last}", "8"), email=None
            ).id
            for name, last in MEMBERS
        }
        _coupons(store, now)
        club.campaign(store, now)
        _vouchers(store, now, members)
        till = store.sign_in(till=TILL, operator=OPERATOR)
        last = _history(till, clock, now - now % DAY, members)
        clock.at = now - HOUR
        club.furnish(store, members, now)
        _today(till, clock, now, last)
    finally:
        clock.at = None
    return till


def _stock(store: Store) -> None:
    rows = [
        ProductRow(sku, name, price, barcode(sku), CATEGORIES[sku[0]][1], CATEGORIES[sku[0]][0], line)
        for line, (sku, name, price) in enumerate(PRODUCTS, start=1)
    ]
    store.products.load(rows)
    for sku, name, value in GIFT_CARDS:
        store.products.create(
            sku=sku, name=name, price=value, barcode=barcode(sku), category="Gift cards", voucher_value=value
        )


def _coupons(store: Store, now: int) -> None:
    """Make one coupon of every kind and state."""
    create: Callable[..., object] = store.coupons.create
    create(code="HELLO5", name="Welcome", percent_off=5)
    create(code="SPRING15", name="Spring", percent_off=15, min_order_value=2500, max_discount=2000)
    create(code="SHIP10", name="10.00 off 60.00", amount_off=1000, min_order_value=6000)
    # These two can be had together: breakfast first, as its number is the lower.
    create(code="BREAKFAST", name="Bakery 20 %", percent_off=20, categories=("Bakery",), stackable=True, priority=1)
    create(
        code="COFFEE2", name="2.00 off coffee", amount_off=200, categories=("Coffee bar",), stackable=True, priority=2
    )
    create(
        code="PAPER20",
        name="Paper & pens 20 %",
        percent_off=20,
        categories=("Paper", "Pens & ink"),
        excluded_product_ids=("504",),
    )
    create(code="ANCHOR", name="3.00 off the mug", amount_off=300, product_ids=("601",))
    create(code="CREW", name="Crew 10 %, once each", percent_off=10, customer_limit=1)
    create(code="LASTCALL", name="Last call 25 %", percent_off=25, max_redemptions=3)
    create(code="GONE", name="One of one", amount_off=500, max_redemptions=1)
    create(code="SUMMER", name="Summer 30 %", percent_off=30, valid_until=now - 5 * DAY)
    create(code="WINTER", name="Winter 10 %", percent_off=10, valid_from=now + 20 * DAY)
    create(code="PAUSED", name="Paused 10 %", percent_off=10)
    store.coupons.revise("PAUSED", status="inactive")


def _vouchers(store: Store, now: int, members: dict[str, str]) -> None:
    issue = store.vouchers.issue
    issue(value=2500, code=PLAIN)
    issue(value=5000, code=PARTLY)
    issue(value=1000, code=ONCE, single_use=True)
    issue(value=3000, code=MIRAS, holder="Mira Olsen", customer=members["Mira Olsen"])
    issue(value=1500, code=LATE, expires_at=now - 3 * DAY)
    store.vouchers.void(issue(value=2000, code=VOID).id, reason="card lost")


def _history(till: Store, clock: DemoClock, midnight: int, members: dict[str, str]) -> PaymentView:
    for number, sold in enumerate(HISTORY):
        clock.at = midnight - sold.days * DAY + sold.hour * HOUR + number * 67
        payment = _sell(till, number, sold, members)
    return payment


def _sell(till: Store, number: int, sold: Sold, members: dict[str, str]) -> PaymentView:
    words = [word.partition("*") for word in sold.items.split()]
    items = tuple(Item(sku, int(quantity or 1)) for sku, _, quantity in words)
    return till.payments.create(
        basket=Basket(items, sold.codes, members[sold.member] if sold.member else None),
        tenders=sold.tenders,
        idempotency_key=f"demo-{number}",
    )


def _today(till: Store, clock: DemoClock, now: int, bought: PaymentView) -> None:
    """Bring one thing back, and leave a card payment whose outcome the bank can't say."""
    clock.at = now - 40 * 60
    till.payments.refund(
        bought.id, items=[{"line": 2, "quantity": 1}], reason="wrong colour", idempotency_key="demo-back"
    )
    clock.at = now - 25 * 60
    _sell(till, len(HISTORY), Sold(0, 0, "605 101", _card(UNKNOWN)), {})
