"""A shop and the model beside it: a few dictionaries that know only what each call answered.

Balances of vouchers, uses of coupons, money by tender: the shop's rows, the audit and the bank's own log all have
to agree with them after every step.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from posconsole import Store
from posconsole.clock import FixedClock
from posconsole.errors import PosError
from posconsole.tenders.sandbox import ANSWER_LOST, APPROVES, DECLINES
from tests.engine.rawfile import unguarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.engine.quotes import Quote
    from posconsole.engine.views import PaymentView, RefundView

E = TypeVar("E", bound=PosError)
NOON = 1_800_000_000
SHOPS: dict[str, dict[str, Any]] = {
    "eur": {"currency": "EUR", "smallest_coin": 5},
    "jpy": {"currency": "JPY", "smallest_coin": 1, "prices_include_tax": False},
    "kwd": {"currency": "KWD", "smallest_coin": 50, "prices_include_tax": False},
}
PRODUCTS: list[dict[str, Any]] = [
    {"sku": "a", "price": 1999, "tax_rate": 1900, "category": "food"},
    {"sku": "b", "price": 333, "tax_rate": 700, "category": "food"},
    {"sku": "c", "price": 1, "tax_rate": 1900, "category": "small"},
    {"sku": "free", "price": 0, "tax_rate": 700},
    {"sku": "gift", "price": 2500, "voucher_value": 2500},
    {"sku": "deal", "price": 998, "voucher_value": 1000},
]
LIVE = ("captured", "partially_refunded", "refunded")
NO_CAP = 10**9


@dataclass
class Held:
    """What the model knows of a voucher or a coupon."""

    code: str
    spare: int
    held: int = 0
    void: bool = False
    limit: int | None = None
    members: Counter[str] = field(default_factory=Counter)


class ModelledShop(RuleBasedStateMachine):
    """The shop, the model of it, and what always holds of both."""

    templates: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="shop"))
        self.file = self.folder / "shop.db"
        self.clock = FixedClock(NOON)
        self.vouchers: dict[str, Held] = {}
        self.coupons: dict[str, Held] = {}
        self.payments: dict[str, PaymentView] = {}
        self.cards: dict[str, str] = {}
        self.money: Counter[str] = Counter()
        self.keys: dict[str, tuple[Callable[..., Any], dict[str, Any], str]] = {}
        self.patch = pytest.MonkeyPatch()
        # Codes and ids that are the same at every run: an example can be told by its seed.
        self.patch.setattr("posconsole.codes.secrets", SimpleNamespace(token_bytes=random.Random(1).randbytes))

    def open_stores(self) -> None:
        self.office = Store.open(f"sqlite:///{self.file}", clock=self.clock, sandbox=True)
        self.tills = [self.office.sign_in(till=till, operator="Ana") for till in ("1", "2")]
        self.stores = [self.office, *self.tills]

    def draw_store(self, data: st.DataObject) -> Store:
        return self.stores[data.draw(st.integers(0, 2), label="till")]

    def teardown(self) -> None:
        self.patch.undo()
        if hasattr(self, "tills"):
            self.close_stores()
        shutil.rmtree(self.folder)

    def close_stores(self) -> None:
        for store in [*self.tills, self.office]:
            store.close()

    def rows(self) -> AbstractContextManager[Any]:
        return unguarded(self.file)

    def says_no(self, kind: type[E], verb: Callable[..., Any], **asked: Any) -> E:
        """Let a verb refuse, and see that it wrote nothing."""
        before = self.fingerprint()
        with pytest.raises(kind) as refused:
            verb(**asked)
        assert self.fingerprint() == before
        return refused.value

    def check_preview(self, quote: Quote, sold: PaymentView) -> None:
        """The preview and the commit come to the same figures, line by line."""
        for name in ("order_amount", "discount_amount", "tax_amount", "amount", "due", "currency"):
            assert getattr(quote, name) == getattr(sold, name), name
        assert [(line.gross, line.discount, line.tax, line.total) for line in quote.lines] == [
            (line.gross, line.discount, line.tax, line.total) for line in sold.lines
        ]
        used = [(one.id, one.amount) for one in quote.discounts] + [(one.id, one.amount) for one in quote.vouchers]
        assert sorted(used) == sorted((one.target, one.amount) for one in sold.redemptions)

    def expected_outcome(self, sold: PaymentView, way: str) -> str:
        """Foretell a sale's status from its tenders: devices are asked in turn until one doesn't say yes."""
        devices = [self.cards[tender.id] for tender in sold.tenders if self.cards[tender.id] != "cash"]
        if way == "open":
            return "pending" if sold.due else "captured"
        for device in devices:
            if device != APPROVES:
                return "declined" if device == DECLINES else "pending"
        return "captured"

    # -- the model's side of a payment's life ----------------------------------------------------------------

    def took_place(self, now: PaymentView) -> None:
        """Move what the payment uses from where it was to where its new status puts it."""
        was = self.payments.get(now.id)
        before, after = was.status if was else None, now.status
        self.payments[now.id] = now
        held = (after == "pending") - (before == "pending")
        used = (after in LIVE) - (before in LIVE)
        for one in now.redemptions:
            if one.target in self.vouchers:
                kept, whole = self.vouchers[one.target], one.amount + one.forfeited
                kept.held += held * whole
                kept.spare -= used * whole
            else:
                kept = self.coupons[one.target]
                kept.held += held
                kept.spare -= used
                if now.member:
                    kept.members[now.member] += held + used
            assert kept.held >= 0
            assert kept.spare >= kept.held
        for tender in now.tenders:
            self.money[tender.kind] += used * tender.amount
        for voucher in now.vouchers_sold:
            worth = voucher.initial_value if after in LIVE else 0
            self.vouchers[voucher.id] = Held(voucher.code, worth, void=after not in (*LIVE, "pending"))

    def pending(self) -> list[PaymentView]:
        return [payment for payment in self.payments.values() if payment.status == "pending"]

    def draw_pending(self, data: st.DataObject) -> PaymentView:
        return self.payments[data.draw(st.sampled_from([payment.id for payment in self.pending()]))]

    # -- giving back, in the model ----------------------------------------------------------------------------

    def voucher_in_the_way(self, payment: PaymentView) -> bool:
        """Say whether a void or claimed voucher stands in a refund's way."""
        sold = [self.vouchers[voucher.id] for voucher in payment.vouchers_sold]
        used = [self.vouchers[one.target] for one in payment.redemptions if one.target in self.vouchers]
        return any(voucher.void or voucher.held for voucher in sold) or any(voucher.void for voucher in used)

    def gave_back(self, was: PaymentView, done: RefundView) -> None:
        """Undo a part of the sale in the model: vouchers first, then cards, then cash."""
        now = self.payments[was.id] = self.office.payments.get(was.id)
        whole = now.status == "refunded"
        left = done.amount
        for one in sorted(was.redemptions, key=lambda one: one.id):
            if one.target in self.coupons:
                self.coupons[one.target].spare += whole
                self.coupons[one.target].members[was.member or ""] -= whole
                continue
            part = min(left, one.amount - one.reversed)
            left -= part
            self.vouchers[one.target].spare += part + (one.forfeited if whole else 0)
        for tender in sorted(was.tenders, key=lambda tender: tender.kind == "cash"):
            room = tender.amount - tender.refunded
            part = (
                min(left, room)
                if tender.kind != "cash"
                else sum(back.amount for back in done.tenders if back.tender == tender.id)
            )
            assert 0 <= part <= room
            left -= part
            self.money[tender.kind] -= part
        assert left == -done.rounding
        for voucher in was.vouchers_sold:
            kept = self.vouchers[voucher.id]
            if self.office.vouchers.get(voucher.id).status == "void" and not kept.void:
                kept.void, kept.spare = True, 0
        if whole:
            self.paid_back_in_full(was, now)

    def paid_back_in_full(self, was: PaymentView, now: PaymentView) -> None:
        """All refunds of a sale together give back what was paid, less what its own gift cards had spent."""
        goods = sum(line.total for line in was.lines if line.voucher_value is None)
        assert sum(refund.amount for refund in now.refunds) == now.refunded_amount
        assert goods <= now.refunded_amount <= was.amount
        if not was.vouchers_sold:
            assert now.refunded_amount == was.amount
            assert [tender.refunded for tender in now.tenders] == [tender.amount for tender in now.tenders]
            assert sum(refund.rounding for refund in now.refunds) == was.rounding

    # -- what always holds -------------------------------------------------------------------------------------

    def fingerprint(self) -> tuple[Any, ...]:
        with self.rows() as database:
            tables = "event ledger_entry payment refund redemption idempotency_key".split()
            return tuple(database.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables)  # noqa: S608

    @invariant()
    def audit_is_silent(self) -> None:
        if hasattr(self, "office"):
            assert self.office.audit() == []

    @invariant()
    def model_agrees(self) -> None:
        if not hasattr(self, "office"):
            return
        with self.rows() as database:
            balances = {key: rest for key, *rest in database.execute("SELECT id, balance, held FROM voucher")}
            uses = {key: rest for key, *rest in database.execute("SELECT id, times_redeemed, held FROM coupon")}
            caps = dict(database.execute("SELECT id, max_redemptions FROM coupon"))
            books = dict(database.execute("SELECT account, -SUM(amount) FROM ledger_entry GROUP BY account"))
        note(f"money {dict(self.money)}")
        assert balances == {key: [kept.spare, kept.held] for key, kept in self.vouchers.items()}
        for key, kept in self.coupons.items():
            assert uses[key] == [(caps[key] or NO_CAP) - kept.spare, kept.held]
            assert kept.limit is None or max(kept.members.values(), default=0) <= kept.limit
        for kind in ("cash", "card", "terminal"):
            assert books.get(f"tender:{kind}", 0) == self.money[kind]

    @invariant()
    def money_is_conserved(self) -> None:
        if not hasattr(self, "office"):
            return
        with self.rows() as database:
            (paid,) = database.execute(
                "SELECT COALESCE(SUM(due + rounding), 0) FROM payment WHERE receipt IS NOT NULL"
            ).fetchone()
            (back,) = database.execute(
                "SELECT COALESCE(SUM(amount), 0) FROM refund_tender WHERE tender_id IS NOT NULL"
            ).fetchone()
        assert self.money.total() == paid - back

    def bank(self) -> dict[str, tuple[str, int, int]]:
        """Read the bank's own log: for each charge its status, what it took and what it gave back."""
        log = self.folder / "shop.db.bank"
        if not log.exists():
            return {}
        with closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT reference, status, amount, refunded FROM charge")
            return {reference: (status, amount, refunded) for reference, status, amount, refunded in rows}

    @invariant()
    def the_bank_agrees(self) -> None:
        """What the bank took and gave back is what the tenders say, charge by charge."""
        charges = self.bank()
        for payment in self.payments.values():
            if payment.status == "pending":
                continue
            for tender in payment.tenders:
                if self.cards[tender.id] in (APPROVES, ANSWER_LOST):
                    status, amount, refunded = charges.get(tender.id, ("absent", 0, 0))
                    assert (status == "captured") == (payment.status in LIVE)
                    assert status != "captured" or (amount, refunded) == (tender.amount, tender.refunded)
