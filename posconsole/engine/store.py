"""The store: one façade over a shop's database, bound to a till and whoever stands at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from posconsole.clock import SystemClock, zone
from posconsole.engine.arguments import flag, text
from posconsole.engine.context import Context
from posconsole.engine.db.database import Database
from posconsole.engine.db.lease import take
from posconsole.engine.db.schema import upgrade
from posconsole.engine.journal.events import Journal, check_key, digest, journal_key
from posconsole.engine.quoting.looking import Looking
from posconsole.engine.quoting.reasons import sentence
from posconsole.engine.staff import operators
from posconsole.engine.staff.access import MANAGER, needs
from posconsole.engine.verbs import Verbs
from posconsole.engine.views import ShopView
from posconsole.errors import InvalidInput, NotAllowed
from posconsole.models import Shop, Till, table
from posconsole.models.shop import OFFICE, OFFICE_OPERATOR, SETTLED
from posconsole.money import Currency, hundredths, minor_units
from posconsole.tenders.sandbox import SandboxBank
from posconsole.tenders.standalone import StandaloneTerminal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from posconsole.clock import Clock
    from posconsole.engine.db.database import Transaction
    from posconsole.engine.db.lease import Lease
    from posconsole.engine.quoting.advising import Advice
    from posconsole.engine.quoting.quotes import Quote, Verdict
    from posconsole.engine.quoting.rung import Basket
    from posconsole.engine.views import Finding, Look
    from posconsole.tenders.base import CardDevice

_SHOP, _TILL = table(Shop), table(Till)
_THE_SHOP = select(_SHOP)
HEAD_MOST, HEAD_WIDTH = 4, 40
"""How many lines the head of a receipt may have below the shop's name, and how long each may be."""
_LAST_AT = select(_TILL.c.last_at).where(_TILL.c.id == bindparam("till"))


class Store(Verbs):
    """A shop. Opened it acts as the back office; `sign_in` binds it to a till and an operator.

    Every call opens its own transaction, so that one store may serve several threads.
    """

    def __init__(self, context: Context, lease: Lease | None = None) -> None:
        super().__init__(context)
        self._lease = lease
        self._looking = Looking(context)

    @classmethod
    def open(
        cls,
        url: str = "sqlite:///shop.db",
        *,
        currency: str = "EUR",
        locale: str = "en",
        timezone: str = "UTC",
        prices_include_tax: bool = True,
        smallest_coin: int = 1,
        points_rate: object = 1,
        name: str = "",
        head: Sequence[str] = (),
        clock: Clock | None = None,
        sandbox: bool = True,
        devices: Mapping[str, CardDevice] | None = None,
    ) -> Store:
        """Open a shop's database, made or upgraded at need. The settings count when it is made, and never again.

        `smallest_coin` in minor units; `points_rate` in points per whole currency unit, to two decimals. `head` are
        lines for below the shop's name on receipts, four at most, and each time those that are given. `devices` are
        the card devices by tender kind; without them the bank's own terminal (`terminal`) and, with `sandbox`, a bank
        to play with (`card`): a real shop opens without it. Raises `InvalidInput`, `StorageError`, `Busy`.
        """
        settings = {
            "id": 1,
            "name": text(name, "name"),
            "currency": Currency.of(text(currency, "currency")).code,
            "locale": _locale(text(locale, "locale")),
            "timezone": zone(text(timezone, "timezone")).key,
            "prices_include_tax": flag(prices_include_tax, "prices_include_tax"),
            "smallest_coin": minor_units(smallest_coin, "smallest_coin", least=1),
            "points_rate": hundredths(points_rate, "points_rate", most=10_000) * 100,
        }
        lines = _head(head)
        database = Database(text(url, "url"))
        try:
            upgrade(database)
            shop = database.read(_shop)
            key = journal_key(database, founding=shop is None)
            shop = shop or database.write(lambda tx: _found(tx, settings, key, clock or SystemClock()))
            database.read(lambda tx: check_key(tx, key, database))
        except BaseException:
            database.close()
            raise
        if devices is None:
            bank = SandboxBank(database.server.beside(".bank"))
            devices = {"terminal": StandaloneTerminal()} | ({"card": bank} if sandbox else {})
        shop = replace(shop, head=lines)
        return cls(Context(database, shop, clock or SystemClock(), key, devices, OFFICE, OFFICE_OPERATOR))

    def sign_in(self, *, till: str = "1", operator: str = "", pin: str | None = None) -> Store:
        """Return the same shop as seen from a till by an operator; the till is this process's until `close`.

        A shop without operators asks nobody for a PIN. Raises `NotAllowed` with the code `till_in_use` while another
        process has it, `pin_needed` or `pin_wrong`, and `TooManyGuesses`.
        """
        if not (text(till, "till").isascii() and till.isalnum() and len(till) <= 8) or till == OFFICE:
            raise InvalidInput("A till's name is 1 to 8 letters and digits, and not 0", field="till")
        lease = take(self._context.database, till)
        row = {"id": till, "receipts": 0, "journal_seq": 0, "journal_head": "", "last_at": 0}
        try:
            self._context.database.write(lambda transaction: transaction.insert(_TILL, [row], ignore=True))
            return self._with(replace(self._context, till=till), lease, operator, pin)
        except BaseException:
            lease.release()
            raise

    def switch(self, operator: str, pin: str | None = None) -> Store:
        """Return this till as another operator sees it, in place of this store. Raises what `sign_in` does."""
        return self._with(self._context, self._lease, operator, pin)

    def approved(self, operator: str, pin: str | None = None) -> Store:
        """Return this store with the rights of a manager who stands by: for one thing, done at once.

        Its events name both. Raises what `sign_in` does, and `NotAllowed` with `manager_needed` for a cashier.
        """
        name, role = operators.admitted(self._context, operator, pin)
        if role != MANAGER:
            raise NotAllowed(
                f"{name} is no manager. Ask one to approve it here.", code="manager_needed", field="operator"
            )
        return Store(replace(self._context, role=role, approved_by=name), self._lease)

    def _with(self, context: Context, lease: Lease | None, operator: str, pin: str | None) -> Store:
        name, role = operators.admitted(context, operator, pin)
        return Store(replace(context, operator=name, role=role, approved_by=None), lease)

    @property
    def asks_for_pin(self) -> bool:
        """Say whether signing in takes an operator's name and PIN."""
        return operators.asked_for(self._context)

    @property
    def shop(self) -> ShopView:
        """Return the shop's settings."""
        return self._context.shop

    @property
    def url(self) -> str:
        """Return the database's URL."""
        return self._context.database.url

    @property
    def till(self) -> str:
        """Return the till this store is bound to."""
        return self._context.till

    @property
    def operator(self) -> str:
        """Return who is signed in."""
        return self._context.operator

    @property
    def role(self) -> str:
        """Return what they are here: `cashier` or `manager`."""
        return self._context.role

    def clock_behind(self) -> int:
        """Return by how many seconds this machine's clock is behind the till's last entry; 0 when it isn't.

        Somebody set it back, or it runs slow: expiry dates and reports go by it, so it should be set right.
        """
        last: int = self._context.read(lambda transaction: transaction.scalar(_LAST_AT, till=self.till))
        return max(0, last - self._context.clock.now())

    def close(self) -> None:
        """Give the till and the connections back."""
        if self._lease is not None:
            self._lease.release()
        self._context.background.stop()
        self._context.database.close()

    def quote(self, basket: Basket) -> Quote:
        """Price a basket as it would be sold this moment; reads only."""
        return self._looking.quote(basket)

    def look(self, text: str, basket: Basket) -> Look:
        """Say what Enter on this text would do to this basket; reads only."""
        return self._looking.look(text, basket)

    def explain(self, quote: Quote) -> tuple[str, ...]:
        """Tell how a quote came about, a sentence a step: which rule, on which base, how rounded, what it left."""
        from posconsole.engine.quoting.explaining import explained

        return explained(quote, self.shop.currency, self.shop.locale)

    @needs("advise")
    def advise(self, basket: Basket, codes: Sequence[str] = (), without: Collection[str] = frozenset()) -> Advice:
        """Answer "can I save anything today?": the best that the basket's member could do now, step by step.

        `codes` are what they have in hand beside those on the basket; vouchers they hold are found.
        `without` are the ids of steps that they don't want: the best is found among the others. Reads only.
        """
        from posconsole.engine.quoting.advising import advise

        return advise(self._context, basket, codes, without)

    def say(self, verdict: Verdict) -> str:
        """Put a verdict in a sentence that a cashier can read out."""
        return sentence(verdict, self.shop.currency, self.shop.locale, self.shop.timezone)

    @needs("audit")
    def audit(self) -> list[Finding]:
        """Check every invariant; an empty list means that the books are sound."""
        from posconsole.engine.proof.audit import audit

        return audit(self._context)


def _shop(transaction: Transaction) -> ShopView | None:
    row = transaction.first(_THE_SHOP)
    if row is None:
        return None
    return ShopView(
        row.name,
        Currency.of(row.currency),
        row.locale,
        row.timezone,
        bool(row.prices_include_tax),
        row.smallest_coin,
        row.points_rate,
    )


def _found(transaction: Transaction, settings: dict[str, object], key: bytes, clock: Clock) -> ShopView:
    """Write the settings and the back office's till, unless another process was first."""
    office = {"id": OFFICE, "receipts": 0, "journal_seq": 0, "journal_head": "", "last_at": 0}
    if transaction.insert(_SHOP, [settings], ignore=True):
        transaction.insert(_TILL, [office], ignore=True)
        journal = Journal(OFFICE, OFFICE_OPERATOR, key)
        journal.begin(transaction, clock)
        journal.record("shop.founded", "shop", rows=digest(key, [[settings[name] for name in SETTLED]]))
        journal.close(transaction)
    shop = _shop(transaction)
    if shop is None:
        raise AssertionError("the shop's row was written and is not there")
    return shop


def _head(lines: object) -> tuple[str, ...]:
    if isinstance(lines, str) or not isinstance(lines, Sequence) or len(lines) > HEAD_MOST:
        raise InvalidInput(f"The head of a receipt has {HEAD_MOST} lines at most", field="head")
    written = tuple(text(line, "head").strip() for line in lines)
    if any(len(line) > HEAD_WIDTH for line in written):
        raise InvalidInput(f"A line of the head has {HEAD_WIDTH} characters at most", field="head")
    return written


def _locale(name: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(name.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise InvalidInput(f"{name!r} is not a locale: a name like en_GB or de", field="locale") from None
