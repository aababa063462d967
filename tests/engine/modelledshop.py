"""A shop on a real database with the model beside it: how it starts, and what always holds of both."""

from __future__ import annotations

import functools
import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import text

from posconsole import Store
from posconsole.clock import FixedClock
from posconsole.engine.db.database import Database
from posconsole.errors import InvalidInput, NotAllowed, PosError
from posconsole.tenders.sandbox import ANSWER_LOST, APPROVES, DECLINES
from tests.engine.model import LIVE, NO_CAP, Books, Credit, Held

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole.engine.quoting.quotes import Quote
    from posconsole.engine.quoting.rung import Basket
    from posconsole.engine.views import PaymentView
    from tests.postgresql import Server

E = TypeVar("E", bound=PosError)
T = TypeVar("T")
NOON = 1_800_000_000
SHOPS: dict[str, dict[str, Any]] = {
    "eur": {"currency": "EUR", "smallest_coin": 5},
    "jpy": {"currency": "JPY", "smallest_coin": 1, "prices_include_tax": False},
    "kwd": {"currency": "KWD", "smallest_coin": 50, "prices_include_tax": False},
}
MINOR = {"eur": 100, "jpy": 1, "kwd": 1000}
PRODUCTS: list[dict[str, Any]] = [
    {"sku": "a", "price": 1999, "tax_rate": 1900, "category": "food"},
    {"sku": "b", "price": 333, "tax_rate": 700, "category": "food"},
    {"sku": "c", "price": 1, "tax_rate": 1900, "category": "small"},
    {"sku": "free", "price": 0, "tax_rate": 700},
    {"sku": "gift", "price": 2500, "voucher_value": 2500},
    {"sku": "deal", "price": 998, "voucher_value": 1000},
]
COUNTS = " UNION ALL ".join(
    f"SELECT '{name}', COUNT(*) FROM {name}"  # noqa: S608
    for name in "event ledger_entry payment refund redemption idempotency_key".split()
)
"""What any call that does something writes to."""
_statement = functools.cache(text)


class Files:
    """Shops in files: each example starts from a copy of one that was made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = {name: stocked(f"sqlite:///{folder / name}.db", name) for name in SHOPS}

    def fresh(self, name: str) -> str:
        """Return the address of a new shop."""
        place = Path(tempfile.mkdtemp(dir=self.folder)) / "shop.db"
        for part in ("", ".key"):
            shutil.copy(self.folder / f"{name}.db{part}", f"{place}{part}")
        return f"sqlite:///{place}"

    def drop(self, url: str) -> None:
        """Throw a shop away."""
        shutil.rmtree(Path(url.removeprefix("sqlite:///")).parent)


class Databases:
    """Shops on a server, each a copy of a database that was made once."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.number = 0
        self.made = {name: stocked(server.create(f"model_{name}"), name) for name in SHOPS}

    def fresh(self, name: str) -> str:
        """Return the address of a new shop."""
        self.number += 1
        url = self.server.create(f"modelled_{self.number}", template=f"model_{name}")
        shutil.copy(_beside(self.made[name], ".key"), _beside(url, ".key"))
        return url

    def drop(self, url: str) -> None:
        """Throw a shop away, with the bank's log of it."""
        _beside(url, ".bank").unlink(missing_ok=True)
        with self.server.connect("postgres") as administrator:
            administrator.execute(f"DROP DATABASE modelled_{self.number} WITH (FORCE)")


def _beside(url: str, suffix: str) -> Path:
    database = Database(url)
    database.close()
    return database.server.beside(suffix)


def stocked(url: str, name: str) -> str:
    """Make a shop with all its products and two members; return its address."""
    shop = Store.open(url, clock=FixedClock(NOON), **SHOPS[name])
    for product in PRODUCTS:
        shop.products.create(name=product["sku"].title(), **product)
    for number in (1, 2):
        shop.members.create(name=f"Member {number}", card=f"M{number}")
    shop.close()
    return url


class ModelledShop(RuleBasedStateMachine):
    """The shop, the model of it, and what always holds of both."""

    place: Files | Databases

    def __init__(self) -> None:
        super().__init__()
        self.clock = FixedClock(NOON)
        self.books = Books()
        self.cards: dict[str, str] = {}
        self.owed: dict[tuple[str, str], tuple[int, str]] = {}
        self.by_hand: Counter[str] = Counter()
        self.keys: dict[str, tuple[str, Callable[..., Any], dict[str, Any], str]] = {}
        self.rung: dict[int, Basket] = {}
        self.parked: dict[str, Basket] = {}
        self.patch = pytest.MonkeyPatch()
        # Codes and ids that are the same at every run: an example can be told by its seed.
        chance = random.Random(1)
        same = {"token_bytes": chance.randbytes, "randbits": chance.getrandbits}
        self.patch.setattr("posconsole.codes.secrets", SimpleNamespace(**same))
        self.patch.setattr("posconsole.codes.time", SimpleNamespace(time_ns=lambda: NOON * 10**9))
        self.patch.setattr("posconsole.codes._last", 0)

    def begin(self, name: str) -> None:
        """Open a new shop of this currency."""
        self.url = self.place.fresh(name)
        self.coin, self.books.minor = SHOPS[name]["smallest_coin"], MINOR[name]
        self.books.taxed_within = SHOPS[name].get("prices_include_tax", True)
        self.open_stores()
        for (member,) in self.ask("SELECT id FROM member ORDER BY card"):
            self.books.points[member], self.books.tiers[member] = 0, None

    def open_stores(self) -> None:
        self.office = Store.open(self.url, clock=self.clock, sandbox=True)
        self.tills = [self.office.sign_in(till=till, operator="Ana") for till in ("1", "2")]
        self.stores = [self.office, *self.tills]

    def draw_store(self, data: st.DataObject) -> Store:
        return self.stores[data.draw(st.integers(0, 2), label="till")]

    def teardown(self) -> None:
        self.patch.undo()
        if hasattr(self, "tills"):
            self.close_stores()
            self.place.drop(self.url)

    def close_stores(self) -> None:
        for store in [*self.tills, self.office]:
            store.close()

    def ask(self, statement: str) -> list[Any]:
        """Return the rows of a statement, as plain tuples."""
        rows = self.office._context.read(lambda transaction: transaction.all(_statement(statement)))
        return [tuple(row) for row in rows]

    def says_no(self, kind: type[E] | tuple[type[E], ...], verb: Callable[..., Any], **asked: Any) -> E:
        """Let a verb refuse, and see that it wrote nothing."""
        before = self.fingerprint()
        with pytest.raises(kind) as refused:
            verb(**asked)
        assert self.fingerprint() == before
        return refused.value

    def either(self, allowed: bool, verb: Callable[..., T], **asked: Any) -> T | None:
        """Let a verb do what it may do, or refuse and write nothing."""
        if allowed:
            return verb(**asked)
        self.says_no((NotAllowed, InvalidInput), verb, **asked)
        return None

    def fingerprint(self) -> tuple[Any, ...]:
        return tuple(self.ask(COUNTS))

    def check_preview(self, quote: Quote, sold: PaymentView) -> None:
        """The preview and the commit come to the same figures, line by line."""
        for name in ("order_amount", "discount_amount", "tax_amount", "amount", "due", "currency"):
            assert getattr(quote, name) == getattr(sold, name), name
        assert quote.points == sold.points_earned
        assert [(line.gross, line.discount, line.tax, line.total) for line in quote.lines] == [
            (line.gross, line.discount, line.tax, line.total) for line in sold.lines
        ]
        used = [(one.id, one.amount) for one in quote.discounts] + [(one.id, one.amount) for one in quote.vouchers]
        given = [(one.id, one.points) for one in quote.grants]
        gifts = [(one.gift.reward, 0) for one in quote.grants if one.gift]
        assert sorted(used + given + gifts) == sorted(
            (one.target, one.amount or (one.points if one.kind != "reward" else 0)) for one in sold.redemptions
        )

    def expected_outcome(self, sold: PaymentView, way: str) -> str:
        """Foretell a sale's status from its tenders: devices are asked in turn until one doesn't say yes."""
        devices = [self.cards[tender.id] for tender in sold.tenders if self.cards[tender.id] != "cash"]
        if way == "open":
            return "pending" if sold.due else "captured"
        for device in devices:
            if device != APPROVES:
                return "declined" if device == DECLINES else "pending"
        return "captured"

    def pending(self) -> list[PaymentView]:
        return [payment for payment in self.books.payments.values() if payment.status == "pending"]

    def draw_pending(self, data: st.DataObject) -> PaymentView:
        return self.books.payments[data.draw(st.sampled_from([payment.id for payment in self.pending()]))]

    # -- what always holds -------------------------------------------------------------------------------------

    @invariant()
    def audit_is_silent(self) -> None:
        if hasattr(self, "office"):
            assert self.office.audit() == []

    @invariant()
    def model_agrees(self) -> None:
        if not hasattr(self, "office"):
            return
        self.adopt()
        books = self.books
        note(f"money {dict(books.money)}, points {dict(books.points)}")
        vouchers = {key: (spare, held) for key, spare, held in self.ask("SELECT id, balance, held FROM voucher")}
        assert vouchers == {key: (kept.spare, kept.held) for key, kept in books.vouchers.items()}
        for name, kept in (("coupon", books.coupons), ("offer", books.offers)):
            rows = self.ask(f"SELECT id, COALESCE(max_redemptions, {NO_CAP}) - times_redeemed, held FROM {name}")  # noqa: S608
            assert {row[0]: row[1:] for row in rows} == {key: (one.spare, one.held) for key, one in kept.items()}
        rows = self.ask(f"SELECT id, COALESCE(budget, {NO_CAP}) - spent, held FROM campaign")  # noqa: S608
        assert {row[0]: row[1:] for row in rows} == {key: (one.spare, one.held) for key, one in books.campaigns.items()}
        self.members_agree()
        assert dict(self.ask("SELECT id, stock FROM reward WHERE stock IS NOT NULL")) == books.stock
        claims = dict(self.ask("SELECT id, status FROM redemption WHERE kind = 'reward'"))
        assert claims == {key: claim.status for key, claim in books.claims.items()}

    def members_agree(self) -> None:
        books = self.books
        rows = self.ask("SELECT id, points, points_debt FROM member WHERE merged_into IS NULL")
        assert {key: (points, debt) for key, points, debt in rows} == {
            key: (max(net, 0), max(-net, 0)) for key, net in books.points.items()
        }
        uses = {(subject, member): uses for subject, member, uses in self.ask("SELECT * FROM member_use") if uses}
        limited = [*books.coupons.items(), *books.offers.items()]
        assert uses == {(key, one): n for key, kept in limited for one, n in kept.members.items() if n}
        activated = {(key, one) for key, offer in books.offers.items() for one in offer.activated}
        assert set(self.ask("SELECT offer_id, member_id FROM offer_activation")) == activated

    def adopt(self) -> None:
        """Take the vouchers into the model that had to be given, and no others."""
        if not self.books.due_credits:
            return
        rows = self.ask("SELECT id, code, source_id, initial_value, kind FROM voucher WHERE source_id IS NOT NULL")
        for key, code, source, initial, kind in rows:
            if key not in self.books.vouchers:
                self.books.due_credits.remove(Credit(source, initial, kind))
                self.books.vouchers[key] = Held(code, initial, kind=kind, source=source, initial=initial)
        assert self.books.due_credits == []

    @invariant()
    def money_is_conserved(self) -> None:
        if not hasattr(self, "office"):
            return
        books = dict(self.ask("SELECT account, -SUM(amount) FROM ledger_entry GROUP BY account"))
        for kind in ("cash", "card", "terminal"):
            assert books.get(f"tender:{kind}", 0) == self.books.money[kind], kind
        ((paid,),) = self.ask("SELECT COALESCE(SUM(due + rounding), 0) FROM payment WHERE receipt IS NOT NULL")
        ((back,),) = self.ask(
            "SELECT COALESCE(SUM(t.amount), 0) FROM refund_tender t JOIN refund f ON f.id = t.refund_id"
            " WHERE t.tender_id IS NOT NULL OR f.payment_id IS NULL AND t.kind = 'cash'"
        )
        assert sum(self.books.money[kind] for kind in ("cash", "card", "terminal")) == paid - back + self.books.rounded

    def bank(self) -> dict[str, tuple[str, int, int]]:
        """Read the bank's own log: for each charge its status, what it took and what it gave back."""
        log = self.office._context.database.server.beside(".bank")
        if not log.exists():
            return {}
        with closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT reference, status, amount, refunded FROM charge")
            return {reference: (status, amount, refunded) for reference, status, amount, refunded in rows}

    @invariant()
    def the_bank_agrees(self) -> None:
        """What the bank took and gave back is what the tenders say, charge by charge."""
        charges = self.bank()
        for payment in self.books.payments.values():
            if payment.status == "pending":
                continue
            for tender in payment.tenders:
                if self.cards[tender.id] in (APPROVES, ANSWER_LOST):
                    status, amount, refunded = charges.get(tender.id, ("absent", 0, 0))
                    assert (status == "captured") == (payment.status in LIVE)
                    owed = sum(amount for (_, to), (amount, _) in self.owed.items() if to == tender.id)
                    back = tender.refunded - owed - self.by_hand[tender.id]
                    assert status != "captured" or (amount, refunded) == (tender.amount, back)
