"""Six real days of a gift shop, imported and sold again: invoices as sales, C invoices as refunds.

The data set lies beside a checkout (`../shared/data/online-retail`), or where `POSCONSOLE_REPLAY_DATA` says.
`POSCONSOLE_REPLAY_INVOICES=all` replays the whole of it, and `pytest -s` shows the figures:

    POSCONSOLE_REPLAY_INVOICES=all pytest -s tests/test_replay.py
"""

from __future__ import annotations

import csv
import os
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from posconsole import Store
from posconsole.clock import FixedClock, moment
from posconsole.engine.goods.importing import read_products
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.tenders.sandbox import ANSWER_LOST, APPROVES, DECLINES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole.money import Currency

DATA = Path(os.environ.get("POSCONSOLE_REPLAY_DATA", Path(__file__).resolve().parents[2] / "shared/data/online-retail"))
FILES = sorted(DATA.glob("*.csv"))
WANTED = os.environ.get("POSCONSOLE_REPLAY_INVOICES", "200")
MOST = sys.maxsize if WANTED == "all" else int(WANTED)

pytestmark = pytest.mark.skipif(
    not FILES, reason=f"the Online Retail invoices are not in {DATA.name}/ beside this checkout"
)


@dataclass
class Invoice:
    """One invoice of the files: its lines as (sku, quantity, price in pence)."""

    number: str
    customer: str
    at: int
    lines: list[tuple[str, int, int]] = field(default_factory=list)


def invoices(currency: Currency, known: set[str]) -> Iterator[Invoice]:
    """Read the invoices in the order of the files, with the lines whose sku was imported."""
    found: dict[str, Invoice] = {}
    for path in FILES:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.DictReader(file):
                sku, price = row["StockCode"].strip().upper(), row["UnitPrice"]
                if sku not in known or price.startswith("-"):
                    continue
                at = moment(row["InvoiceDate"], "Europe/London", "date") or 0
                new = Invoice(row["InvoiceNo"], row["CustomerID"].removesuffix(".0"), at)
                line = (sku, int(row["Quantity"]), currency.parse(price))
                found.setdefault(row["InvoiceNo"], new).lines.append(line)
    yield from found.values()


class Replay:
    """A shop that lives through the invoices."""

    def __init__(self, folder: Path) -> None:
        self.clock = FixedClock(moment("2010-12-01", "Europe/London", "date") or 0)
        url = f"sqlite:///{folder / 'shop.db'}"
        settings: dict[str, Any] = {"currency": "GBP", "locale": "en_GB", "timezone": "Europe/London"}
        self.office = Store.open(url, clock=self.clock, sandbox=True, smallest_coin=5, **settings)
        self.tills = [self.office.sign_in(till=till, operator="Ana") for till in ("1", "2")]
        self.skus: set[str] = set()
        self.members: dict[str, str] = {}
        self.sold: dict[str, list[list[Any]]] = defaultdict(list)
        self.gifts: list[str] = []
        self.done: Counter[str] = Counter()

    def stock(self) -> None:
        for path in FILES:
            rows = read_products(path, self.office.shop.currency).rows
            self.skus |= {row.sku for row in rows}
            self.done["products"] += self.office.products.load(rows).added
        assert self.done["products"] == len(self.skus)
        self.office.products.create(sku="GIFT20", name="Gift card 20", price=2000, voucher_value=2000)
        self.office.coupons.create(code="TEN", percent_off=10, stackable=True)
        self.office.coupons.create(code="FIVER", amount_off=500, min_order_value=3000, stackable=True, priority=1)
        self.office.coupons.create(code="WELCOME", percent_off="12.5", customer_limit=1, max_discount=2500)
        self.office.coupons.create(code="FIRST99", percent_off=20, max_redemptions=99)

    def member(self, invoice: Invoice) -> str | None:
        if invoice.customer and invoice.customer not in self.members:
            name = f"Customer {invoice.customer}"
            self.members[invoice.customer] = self.office.members.create(name=name, card=invoice.customer).id
        return self.members.get(invoice.customer)

    def sell(self, number: int, invoice: Invoice) -> None:
        """Sell an invoice's positive lines, with codes on some, by cash, card, terminal or a mix."""
        items = [Item(sku, quantity, price) for sku, quantity, price in invoice.lines if quantity > 0]
        if not items:
            self.done["invoices with nothing to sell"] += 1
            return
        if number % 11 == 0:
            items.append(Item("GIFT20"))
        codes = [["TEN"], ["TEN", "FIVER"], ["WELCOME"], ["FIRST99"], [], [], []][number % 7]
        if number % 4 == 0:
            codes.append(self.office.vouchers.issue(value=1500, single_use=number % 8 == 0).code)
        if number % 6 == 0 and self.gifts:
            codes.append(self.gifts.pop(0))
        till = self.tills[number % 2]
        basket = Basket(tuple(items), tuple(codes), self.member(invoice))
        quote = till.quote(basket)
        basket = Basket(basket.items, tuple(v.code for v in quote.verdicts if v.valid), basket.member)
        quote = till.quote(basket)
        asked: dict[str, Any] = {"basket": basket, "expected_due": quote.due}
        if number % 13 == 0 and quote.due:
            declined = till.payments.create(**asked, tenders=[{"kind": "card", "number": DECLINES}])
            assert declined.status == "declined"
            self.done["declines"] += 1
        sale = till.payments.create(
            **asked, tenders=mix(number, quote.due), idempotency_key=invoice.number if number % 3 else None
        )
        if sale.status == "pending":
            sale = self.complete(till, sale.id)
        assert (sale.status, sale.due, sale.amount) == ("captured", quote.due, quote.amount)
        self.done["sales"] += 1
        self.done["lines"] += len(sale.lines)
        self.done["codes"] += len(sale.redemptions)
        self.done["pence"] += sale.amount
        self.gifts += [voucher.code for voucher in sale.vouchers_sold]
        for line in sale.lines:
            self.sold[line.sku or ""].append([invoice.customer, sale.id, line.no, line.quantity])

    def complete(self, till: Store, payment: str) -> Any:
        """Hear from the terminal, or ask the bank whose answer was lost."""
        if any(tender.kind == "terminal" for tender in till.payments.get(payment).tenders):
            return till.payments.capture(payment, approval_code="123456")
        assert [one.what for one in till.payments.recover()] == ["captured"]
        return till.payments.get(payment)

    def take_back(self, number: int, invoice: Invoice) -> None:
        """Refund a C invoice's lines from earlier sales of the same thing, first of the same customer's."""
        wanted: dict[str, dict[int, int]] = defaultdict(Counter)
        for sku, quantity, _ in invoice.lines:
            left = -quantity
            for entry in sorted(self.sold[sku], key=lambda entry: entry[0] != invoice.customer):
                taken = min(left, entry[3])
                if taken > 0:
                    entry[3] -= taken
                    left -= taken
                    wanted[entry[1]][entry[2]] += taken
            self.done["units that no sale has"] += left
        self.done["returns" if wanted else "returns of what was never sold"] += 1
        for payment, lines in wanted.items():
            items = [{"line": line, "quantity": quantity} for line, quantity in lines.items()]
            till = self.tills[number % 2]
            planned = till.payments.plan_refund(payment, items)
            refund = till.payments.refund(payment, items, "return", idempotency_key=f"{invoice.number} {payment}")
            assert (refund.amount, refund.rounding) == (planned.amount, planned.rounding)
            self.done["refunds"] += 1


def mix(number: int, due: int) -> list[dict[str, Any]]:
    card: dict[str, Any] = {"kind": "card", "number": ANSWER_LOST if number % 10 == 9 else APPROVES}
    ways: list[list[dict[str, Any]]] = [
        [{"kind": "cash", "tendered": due + 1000}],
        [card],
        [{"kind": "cash", "tendered": min(1000, due // 50 * 10)}, card],
        [{"kind": "terminal"}],
        [{"kind": "card", "amount": max(due // 3, 1), "number": APPROVES}, {"kind": "cash"}],
    ]
    return ways[number % 5] if due > 100 else ways[1]


def check_reports(replay: Replay) -> None:
    """Compare what the reports say of the days with what the sales answered, and with each other."""
    reports = replay.office.reports
    days, tills, tax = reports.sales_by_day().totals, reports.by_till().totals, reports.tax().totals
    assert (days["sales"], days["amount"]) == (replay.done["sales"], replay.done["pence"])
    assert days == tills == reports.by_operator().totals
    assert days["net"] == tax["base"] + tax["tax"] + tax["vouchers_sold"]
    assert days["tax"] == tax["tax"]
    cost = {by: reports.discount_cost(by=by).totals for by in ("day", "coupon")}
    assert cost["day"] == cost["coupon"]
    assert reports.voucher_liability().totals["held"] == 0


def test_six_days_of_invoices_are_sold_and_the_books_balance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replay = Replay(tmp_path)
    replay.stock()
    every = list(invoices(replay.office.shop.currency, replay.skus))
    chosen = every[:MOST]
    started = time.perf_counter()
    for number, invoice in enumerate(chosen):
        replay.clock.at = max(replay.clock.at, invoice.at)
        if invoice.number.startswith("C"):
            replay.take_back(number, invoice)
        else:
            replay.sell(number, invoice)
    seconds = time.perf_counter() - started
    findings = replay.office.audit()
    audited = time.perf_counter() - started - seconds
    with capsys.disabled():
        figures = ", ".join(f"{name} {count}" for name, count in sorted(replay.done.items()))
        sys.stdout.write(
            f"\n{len(chosen)} of {len(every)} invoices in {seconds:.1f} s, audit {audited:.1f} s: {figures}\n"
        )
    assert findings == []
    check_reports(replay)
    assert replay.done["sales"] > len(chosen) * 0.7
    assert replay.done["refunds"]
