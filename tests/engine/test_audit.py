"""The audit names whatever was changed past the program, in every column of every table.

The changes are made up from the schema, so that a new column is tried without a word here; what nobody needs to
notice is listed in `FREE` with the reason. Each is made on the file with all its guards switched off, and undone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import psycopg
import pytest
from sqlalchemy import Boolean, Integer, text

from posconsole.clock import FixedClock
from posconsole.engine.codes import batches, couponrows, coupons, issuing, minting
from posconsole.engine.db import paging
from posconsole.engine.journal import events
from posconsole.engine.journal.events import seal
from posconsole.engine.proof import audit
from posconsole.engine.proof.sums import BROKEN
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.staff import access
from posconsole.errors import NotAllowed, NotFound
from posconsole.models import metadata
from posconsole.tenders.base import Answer
from posconsole.tenders.sandbox import ANSWER_LOST, APPROVES, DECLINES, STAYS_UNKNOWN, SandboxBank
from tests.engine.rawfile import DRIVER, unguarded
from tests.engine.shop import BASKET, CUP, GIFT, LAMP, NOON, TEA, open_shop
from tests.examples import DEEP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Column

    from posconsole import Store
    from posconsole.engine.context import Unit
    from tests.postgresql import Server

ROWS = 100 if DEEP else 3
"""Of how many rows of a table each column is changed."""

CATALOGUE = "a product list may be corrected and loaded again; what was sold is frozen on the sale"
PERSONAL = "whom a voucher was given to is a note, and no amount hangs on it"
SHOWN = "what the shop is called and how it writes numbers"
GUESSED = "how long a guesser has to wait; no amount hangs on it, and each refused sign-in is an entry of the journal"
QUEUED = "the queue of a printer: what came out of it is told by the journal, and no amount hangs on it"
PARKED = "an open basket holds nothing; it is priced anew when it is paid"
FREE: dict[str, str] = {
    **dict.fromkeys((f"product.{column.name}" for column in metadata.tables["product"].columns), CATALOGUE),
    **dict.fromkeys((f"open_basket.{name}" for name in ("content", "updated_at")), PARKED),
    **dict.fromkeys((f"print_job.{column.name}" for column in metadata.tables["print_job"].columns), QUEUED),
    **dict.fromkeys((f"throttle.{column.name}" for column in metadata.tables["throttle"].columns), GUESSED),
    "voucher.holder": PERSONAL,
    "shop.name": SHOWN,
    "shop.locale": SHOWN,
    "shop.id": "the number of the only row",
}
PROVISIONAL = ("tender.status", "tender.approval_code")
"""What the devices of a pending payment said so far: it counts, and is vouched for, when the payment ends."""
MONEY = (
    "amount balance value price due rounding tender change refunded reversed forfeited held discount tax total off"
    " points debt adjusted spent budget expected counted float perpetual totals"
).split()

OTHERWISE: dict[str, list[str]] = {
    "payment.status": "pending captured declined canceled expired partially_refunded refunded".split(),
    "tender.status": "pending captured declined unknown canceled".split(),
    "tender.kind": "cash card terminal".split(),
    "redemption.status": "pending applied released reversed fulfillment_pending fulfilled".split(),
    "redemption.kind": "coupon voucher reward offer".split(),
    "reward.kind": "discount item credit".split(),
    "refund_tender.status": "pending captured declined".split(),
    "refund_tender.kind": "cash card terminal voucher credit".split(),
    "refund_tender.settled_as": "cash credit card".split(),
    "voucher.status": "issued active void".split(),
    "voucher.kind": "money points".split(),
    "coupon.duration": "once repeating forever".split(),
    "operator.role": "cashier manager".split(),
    "segment.kind": "list rule".split(),
    "batch.kind": "coupon voucher".split(),
    "batch.status": "running completed canceled".split(),
    "code_series.kind": "voucher coupon reward".split(),
    "offer.state": "draft published paused".split(),
    "offer.incentive": "points_multiplier points_bonus percentage_discount gift_reward".split(),
    "offer.activation": "auto opt_in".split(),
    "ledger_entry.account": "voucher sales tax rounding tender:cash tender:card tender:credit promotion".split(),
    "ledger_entry.kind": "sale redeem refund issue void forfeit".split(),
}
"""What the words in a column can be: each is put in the others' place."""


def furnish(place: Path | str) -> Store:
    """Make a shop that has every kind of row, in every state, written by two tills and the office."""
    clock = FixedClock(NOON)
    office = open_shop(place, clock, smallest_coin=5, sandbox=True)
    ana, bo = (office.sign_in(till=till, operator=name) for till, name in (("1", "Ana"), ("2", "Bo")))
    mira = office.members.create(name="Mira Olsen", phone="0151 234567", card="M1", email="mira@example.org")
    for code, terms in {
        "TEN": {"percent_off": 10, "customer_limit": 5, "max_redemptions": 50, "stackable": True},
        "HOME5": {"amount_off": 500, "categories": ["home"], "excluded_product_ids": [TEA], "stackable": True},
        "BIG": {"percent_off": 20, "min_order_value": 5000, "max_discount": 900, "product_ids": [LAMP], "name": "Big"},
        "SUMMER": {"percent_off": "12.5", "valid_from": NOON - 9, "valid_until": NOON + 9000, "priority": 2},
        "GONE": {"amount_off": 100},
        "OFF": {"percent_off": 50},
    }.items():
        office.coupons.create(code=code, **terms)  # type: ignore[arg-type]
    spring = office.campaigns.create(name="Spring", budget=5000, starts_at=NOON - 9, ends_at=NOON + 9000)
    office.campaigns.pause(office.campaigns.create(name="Autumn", starts_at=NOON + 9000).id)
    office.campaigns.delete(office.campaigns.create(name="Winter").id)
    office.coupons.create(code="SPRING", percent_off=5, campaign=spring.id)
    office.coupons.create(code="POINTS", points=50, duration="repeating", duration_in_months=2)
    office.coupons.create(code="BRIEF", percent_off=5, valid_until=NOON + 30)
    office.coupons.update("TEN", name="Ten", max_redemptions=60)
    office.coupons.delete("GONE")
    office.coupons.revise("OFF", status="inactive")
    bo.coupons.revise("BIG", status="inactive")
    office.coupons.revise("BIG", status="active")
    clock.at += 60
    office._context.write(coupons.sweep)
    bo.payments.create(items=BASKET, coupon="SPRING")
    office.coupons.revise("SPRING", value=6, conditions={"max_discount": 150})
    plain, prize = office.vouchers.issue(value=2500, holder="Mira"), bo.vouchers.issue(value=900, single_use=True)
    spent = office.vouchers.issue(value=500, prefix="PRIZE", expires_at=NOON + 9000)
    office.vouchers.void(office.vouchers.issue(value=1234).id, "lost")
    clock.at += 60
    whole = ana.payments.create(
        items=BASKET, customer=mira.id, coupons=["TEN", "HOME5"], vouchers=[plain.code], idempotency_key="s1"
    )
    ana.payments.refund(whole.id, [{"line": 2}], reason="broken", idempotency_key="r1")
    clock.at += 60
    bo.payments.refund(whole.id)
    mixed: list[dict[str, Any]] = [{"kind": "cash", "tendered": 1000}, {"kind": "card", "number": APPROVES}]
    split = bo.payments.create(items=[*BASKET, *BASKET], coupon="BIG", vouchers=[prize.code, spent.code], tenders=mixed)
    office.payments.refund(split.id, [{"line": 1}, {"line": 6}], reason="changed her mind")
    bo.payments.create(items=[{"id": None, "price": 1992, "name": "Repair", "quantity": 2}], idempotency_key="s2")
    bo.payments.create(items=[{"id": LAMP}], coupon="SPRING")
    ana.payments.open(items=[{"id": CUP}], coupon="SPRING", tender="terminal")
    gifts = ana.payments.create(items=[{"id": GIFT, "quantity": 2}, {"id": CUP}], tender="card", tenders=[mixed[1]])
    ana.payments.refund(gifts.id, [{"line": 1}])
    left = next(sold for sold in ana.payments.get(gifts.id).vouchers_sold if sold.status == "active")
    ana.payments.create(items=[{"id": CUP}], voucher=left.code)
    clock.at += 60
    for card in (DECLINES, ANSWER_LOST, STAYS_UNKNOWN):
        ana.payments.create(items=[{"id": LAMP}], coupon="SUMMER", tenders=[{"kind": "card", "number": card}])
    ana.payments.recover()
    walked_off = ana.payments.open(items=[{"id": GIFT}, {"id": CUP}], coupon="TEN", customer=mira.id, tender="card")
    ana.payments.cancel(walked_off.id)
    by_hand = bo.payments.open(items=[{"id": TEA}, {"id": GIFT}], tender="terminal")
    bo.payments.refund(bo.payments.capture(by_hand.id, approval_code="A77").id, [{"line": 1}])
    bo.payments.open(
        items=[{"id": TEA}, {"id": GIFT}], vouchers=[plain.code], coupon="TEN", customer=mira.id, tender="terminal"
    )
    bo.baskets.save(Basket((Item(LAMP, 2),), ("TEN",), mira.id))
    take_back(office)
    get_to_know(office)
    tempt(office)
    redeem_points(office)
    hand_out(office)
    give(office)
    for store in (ana, bo):
        store.close()
    staff(office)
    clock.at -= 40
    office.vouchers.issue(value=100)
    return office


def take_back(office: Store) -> None:
    """Refund as credit, without a receipt, and to cards whose bank declines or doesn't answer."""
    gift, pays = office.vouchers.issue(value=700, single_use=True), [{"kind": "card", "number": APPROVES}]
    office.payments.refund(office.payments.create(items=[{"id": CUP}], voucher=gift.code).id, as_credit=True)
    office.payments.refund_without_receipt([{"id": TEA, "quantity": 2}], reason="a gift", idempotency_key="w1")
    office.payments.refund_without_receipt([{"id": LAMP, "price": 1900}], reason="a gift", tender="credit")
    for said, settled_as in (("declined", "cash"), ("declined", "credit"), ("declined", None), ("unknown", None)):
        sale = office.payments.create(items=[{"id": LAMP}], tenders=pays)
        with patch.object(SandboxBank, "refund", return_value=Answer(said)):
            back = office.payments.refund(sale.id)
        if settled_as is not None:
            (part,) = (one for one in office.payments.owed() if one.refund == back.id)
            office.payments.settle_refund(part.id, as_=settled_as, note="card closed", idempotency_key=part.id)


def get_to_know(office: Store) -> None:
    """Enrol members with points, debts and segments, two of whom are one person."""
    who: dict[str, Any] = {"phone": "0151 99", "email": "ole@example.org", "tier": "gold", "metadata": {"region": "EU"}}
    ole, again = office.members.create(name="Ole Hansen", card="M2"), office.members.create(name="Ole H.", **who)
    owing = office.members.create(name="Kim", card="M3", metadata={"region": "US"})
    for member in (ole, again, owing):
        office.members.adjust(member.id, points=50, reason="welcome", idempotency_key=member.id)
    sale = office.payments.create(items=[{"id": LAMP}], customer=owing.id)
    office.members.adjust(owing.id, points=-60, reason="spent elsewhere")
    office.payments.refund(sale.id)
    office.segments.create("regulars", members=[ole.id, again.id])
    office.segments.add("regulars", owing.id)
    office.segments.create("gold", rule={"tier": "gold"}, idempotency_key="gold")
    office.members.merge(keep=ole.id, duplicate=again.id)


def tempt(office: Store) -> None:
    """Publish offers of every kind: redeemed in sales and by activation, held, given back, over, and one never used."""
    mira, bo = (office.members.create(name=name, tier="gold", metadata={"region": "EU"}) for name in ("Mira", "Bo"))
    tote = office.rewards.create(name="Tote", points=100, item=True, stock=5)
    june = office.campaigns.create(name="June")
    for name, incentive, terms in (
        ("Tenth", {"type": "percentage_discount", "percent": 10, "max_discount": 500}, {"max_redemptions": 9}),
        ("Double", {"type": "points_multiplier", "multiplier": 2}, {"campaign": june.id, "starts_at": NOON - 9}),
        ("Tote", {"type": "gift_reward", "reward": tote.id}, {"targeting": {"segments": ["gold"]}}),
        ("Bonus", {"type": "points_bonus", "points": 50}, {"max_redemptions": 1, "ends_at": NOON + 9999}),
    ):
        made = office.offers.create(name=name, incentive=incentive, **terms)
        office.offers.publish(made.id)
        if made.activation == "opt_in":
            office.offers.activate(offer=made.id, account=mira.id, idempotency_key=name)
    office.payments.create(items=[{"id": LAMP}], customer=mira.id)
    office.payments.refund(office.payments.create(items=[{"id": LAMP}], customer=bo.id).id)
    office.payments.open(items=[{"id": LAMP}], customer=bo.id, tender="terminal")
    everything = {"tiers": ["gold"], "min_balance": 5, "enrolled_before": NOON, "metadata": {"region": "EU"}}
    made = office.offers.create(name="Later", incentive={"type": "points_bonus", "points": 5}, targeting=everything)
    office.offers.pause(office.offers.publish(made.id).id)


def redeem_points(office: Store) -> None:
    """Claim rewards of every kind: they wait, are used, released, sent, given back with and without what they were."""
    oslo = {"name": "Mira Olsen", "line1": "Storgata 12", "city": "Oslo", "country": "NO"}
    mira = office.members.create(name="Mira Larsen")
    office.members.adjust(mira.id, points=9000, reason="welcome")
    terms: dict[str, Any] = {"max_discount": 900, "min_order_value": 100, "categories": ["home"]}
    tenth = office.rewards.create(name="Tenth", points=100, percent_off=10, product_ids=[LAMP], **terms)
    five = office.rewards.create(name="Five off", points=400, amount_off=500, idempotency_key="five")
    tote = office.rewards.create(name="Bag", points=300, item=True, stock=9, shipping=True)
    office.rewards.update(tote.id, name="Tote bag", restock=-2)
    credit = office.rewards.create(name="EUR 7", points=500, credit_value=700)
    office.rewards.delete(office.rewards.create(name="Mug", points=5, item=True, stock=0).id)
    claims = office.loyalty.redemptions
    used, lost, waits = (claims.create(account=mira.account, reward=five.id).id for _ in range(3))
    for claim, card in ((used, APPROVES), (lost, DECLINES)):
        card_number = [{"kind": "card", "number": card}]
        office.payments.create(items=BASKET, customer=mira.id, discounts=[{"redemption": claim}], tenders=card_number)
    claims.reverse(waits, reason="changed her mind")
    claims.create(account=mira.account, reward=tenth.id, idempotency_key="claim")
    sent, back, _ = (claims.create(account=mira.id, reward=tote.id, shipping=oslo).id for _ in range(3))
    for item in (sent, back):
        claims.fulfill(item, tracking="NO123")
    claims.reverse(back, reason="item_returned")
    _, void = (claims.create(account=mira.id, reward=credit.id).id for _ in range(2))
    claims.reverse(void, reason="changed her mind")


def hand_out(office: Store) -> None:
    """Give vouchers of every kind, and mint batches: one is done, one was canceled half-way, one goes on."""
    mira = office.members.create(name="Mira Holm")
    points = office.vouchers.issue(kind="points", value=300, customer=mira.id, pin="2468")
    office.vouchers.redeem(points.code, customer=mira.id, pin="2468", idempotency_key="points")
    raised = office.vouchers.issue(value=500, holder="Mira", idempotency_key="raised")
    office.vouchers.adjust(raised.id, amount=250, reason="goodwill", idempotency_key="goodwill")
    office.vouchers.adjust(raised.id, amount=-100, reason="typed too much")
    office.vouchers.issue(value=100, expires_at=NOON)
    office._context.write(issuing.sweep)
    autumn = office.campaigns.create(name="Autumn")
    with patch.object(minting, "PART", 2), patch.object(batches, "_carry_on"):
        office.vouchers.create_batch(count=7, value=100, expires_at=NOON + 9999, single_use=True)
        office.vouchers.create_batch(count=9, value=50, kind="points", prefix="PTS")
        office.coupons.create_batch(count=3, prefix="FALL", percent_off=5, campaign=autumn.id, idempotency_key="fall")
        for batch in office.batches.list().data:
            for _ in range(2):
                minting.mint_part(office._context, batch.id)
    office.batches.cancel(next(batch.id for batch in office.batches.list().data if batch.prefix == "PTS"))
    print_out(office, raised.id)


def print_out(office: Store, voucher: str) -> None:
    """Print a receipt twice, a voucher, and a part of a batch."""
    payment = office.payments.list(status="captured").data[0].id
    for kind, subject in (("receipt", payment), ("receipt", payment), ("voucher", voucher)):
        job = office.printing.queue(kind, subject)
        office.printing.claim("w")
        office.printing.begin(job.id, "w")
        office.printing.printed(job.id, "w")
    money = next(batch.id for batch in office.batches.list().data if batch.prefix == "GIFT")
    office.printing.batch(money, 1, 2, idempotency_key="part")


def give(office: Store) -> None:
    """Sell with coupons that give points or a reward, or count once, with points vouchers, and with a batch's codes."""
    mira = office.members.create(name="Mira Lund").id
    mug = office.rewards.create(name="Cup", points=90, item=True, stock=3)
    office.coupons.create(code="MUG", reward=mug.id)
    office.coupons.create(code="ONCE", percent_off=10, duration="once")
    for code in ("POINTS", "MUG", "ONCE"):
        office.payments.create(items=[{"id": LAMP}], customer=mira, coupon=code)
    prize = office.vouchers.issue(value=80, kind="points", prefix="BONUS")
    back = office.payments.create(items=[{"id": LAMP}], customer=mira, coupon="MUG", voucher=prize.code)
    office.payments.refund(back.id)
    fall = next(batch for batch in office.batches.list().data if batch.prefix == "FALL")
    office.payments.create(items=[{"id": CUP}], coupon=next(office.batches.codes(fall.id)).code)


def staff(office: Store) -> None:
    """Take on people who mistype PINs and codes, move cash, park and count, and approve what others may not do."""
    office.operators.create(name="Mo", role="manager", pin="314159", idempotency_key="mo")
    for name in ("Ana", "Kim"):
        office.operators.create(name=name, pin="2718")
    office.operators.update("Ana", pin="1618")
    office.operators.update("Kim", active=False)
    with pytest.raises(NotAllowed):
        office.sign_in(till="3", operator="Ana", pin="2718")
    till = office.sign_in(till="3", operator="Ana", pin="1618")
    till.shifts.open(5000, idempotency_key="morning")
    with suppress(NotFound):
        till.vouchers.get("GIFT-2222-2222-2222")
    gift = till.approved("Mo", "314159").vouchers.issue(value=300)
    till.payments.create(items=BASKET, vouchers=[gift.code])
    till.shifts.cash_in(2000, "change", idempotency_key="change")
    till.shifts.cash_out(900, "stamps")
    for name in ("Mira", "Ole"):
        till.baskets.save(Basket((Item(LAMP, 2),), (), None))
        till.baskets.park(name)
    till.baskets.recall(till.baskets.parked()[0].id)
    manager = till.switch("Mo", "314159")
    manager.shifts.close(counts={5000: 1, 20: 140}, note="short")
    manager.shifts.open(100)
    manager.payments.create(items=[{"id": CUP}])
    manager.shifts.close(counted=605, idempotency_key="evening")
    manager.shifts.open()
    manager.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give the furnished shop to all these tests; each leaves it as it was."""
    office = furnish(tmp_path_factory.mktemp("audited"))
    assert office.audit() == []
    yield office
    assert office.audit() == []
    office.close()


@pytest.fixture(scope="module")
def served(postgresql: Server) -> Iterator[Store]:
    """Give the same shop on a server."""
    office = furnish(postgresql.lend())
    assert office.audit() == []
    yield office
    assert office.audit() == []
    office.close()
    postgresql.take_back(office.url)


@pytest.fixture(params=["shop", "served"])
def either(request: pytest.FixtureRequest) -> Store:
    store: Store = request.getfixturevalue(request.param)
    return store


def put(file: Any, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    file.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(row))})', list(row.values()))  # noqa: S608


def rows_of(file: Any, table: str, where: str) -> list[dict[str, Any]]:
    """Return rows as they stand in the database, in the order of their keys."""
    names = [column.name for column in metadata.tables[table].columns]
    keys = ", ".join(key_of(table))
    found = file.execute(f'SELECT * FROM "{table}" WHERE {where} ORDER BY {keys}')  # noqa: S608
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def key_of(table: str) -> list[str]:
    return [column.name for column in metadata.tables[table].primary_key.columns]


def everything(store: Store) -> set[str]:
    """Return which checks name something."""
    return {finding.check for finding in store.audit()}


def anything(store: Store) -> set[str]:
    """Return the first check that names something, or none: an audit as far as that is enough."""
    context = store._context
    first = context.database.read(lambda transaction: next(audit._findings(context, transaction), None))
    return set() if first is None else {first.check}


def audited(
    store: Store,
    table: str,
    was: dict[str, Any] | None,
    now: dict[str, Any] | None,
    look: Callable[[Store], set[str]] = everything,
) -> set[str] | None:
    """Return what a look at the shop finds with one row in another's place, and undo it.

    None stands for no row. Returns None when the file's own indexes don't let it happen.
    """
    with unguarded(store.url) as file:
        file.execute("BEGIN")
        try:
            swap(file, table, was, now)
        except (DRIVER.IntegrityError, psycopg.IntegrityError):
            file.execute("ROLLBACK")
            return None
        file.execute("COMMIT")
        try:
            return look(store)
        finally:
            swap(file, table, now, was)


def swap(file: Any, table: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
    if old is not None:
        keys = {name: old[name] for name in key_of(table)}
        mine = " AND ".join(f"{name} = ?" for name in keys)
        file.execute(f'DELETE FROM "{table}" WHERE {mine}', list(keys.values()))  # noqa: S608
    if new is not None:
        put(file, table, new)


def other_values(column: Column[Any], value: object, rows: list[dict[str, Any]]) -> list[object]:
    """Make up what somebody might write in a column instead of what stands there."""
    name = f"{column.table.name}.{column.name}"
    if name in OTHERWISE:
        return [word for word in OTHERWISE[name] if word != value]
    if isinstance(column.type, Boolean):
        return [not value]
    if isinstance(column.type, Integer) or column.type.python_type is int:
        return [1, 1_900_000_000] if value is None else [value + 1, max(value - 1, 0) if value else 5]  # type: ignore[operator]
    if value is None:
        return [next((row[column.name] for row in rows if row[column.name] is not None), "X")]
    if str(value).startswith(("[", "{")):
        blank, other = ("[]", '["tea"]') if str(value)[0] == "[" else ("{}", '{"tea":"x"}')
        return [other if value == blank else blank]
    elsewhere = [row[column.name] for row in rows if row[column.name] not in (None, value)]
    return [*elsewhere[:1], f"{value}X", str(value).swapcase()] + ([None] if column.nullable else [])


def some_rows(store: Store, table: str, where: str = "true") -> list[dict[str, Any]]:
    """Return some rows of a table, from its first to its last."""
    with unguarded(store.url) as file:
        rows = rows_of(file, table, where)
    assert rows, f"the furnished shop has no {table}"
    return rows if len(rows) <= ROWS else [rows[no * (len(rows) - 1) // (ROWS - 1)] for no in range(ROWS)]


def changed(store: Store, column: Column[Any]) -> Iterator[tuple[dict[str, Any], object, set[str] | None]]:
    """Put another value in this column of some rows; give each row as it was, the value, and which checks name it."""
    settled = "payment_id IN (SELECT id FROM payment WHERE status <> 'pending')"
    rows = some_rows(store, column.table.name, settled if str(column) in PROVISIONAL else "true")
    thorough = DEEP or is_money(column)
    for no, row in enumerate(rows if thorough else rows[:1] + rows[-1:]):
        values = [value for value in other_values(column, row[column.name], rows) if value != row[column.name]]
        # Each row begins with another of the values, so that all are tried where the rows are alike.
        first, look = no % max(1, len(values)), everything
        for value in values[first:] + values[:first]:
            named = audited(store, column.table.name, row, {**row, column.name: value}, look)
            yield row, value, named
            if named is not None and not thorough:
                break
            # A whole audit of each row shows that none breaks down over what it finds.
            look = everything if DEEP or named is None else anything


def is_money(column: Column[Any]) -> bool:
    return not set(MONEY).isdisjoint(column.name.split("_"))


COLUMNS = [column for table in metadata.sorted_tables for column in table.columns]
TABLES = [table.name for table in metadata.sorted_tables]


@pytest.mark.parametrize("column", [pytest.param(one, id=str(one)) for one in COLUMNS if str(one) not in FREE])
def test_a_changed_value_is_named(shop: Store, column: Column[Any]) -> None:
    seen = list(changed(shop, column))
    assert any(named is not None for *_, named in seen)
    assert [(was[column.name], value, was) for was, value, named in seen if named == set()] == []


@pytest.mark.parametrize(
    "column", [pytest.param(one, id=str(one)) for one in COLUMNS if is_money(one) and str(one) not in FREE]
)
def test_a_changed_amount_is_named_on_a_server_too(served: Store, column: Column[Any]) -> None:
    with unguarded(served.url) as server:
        rows = rows_of(server, column.table.name, "true")
    row = next((row for row in rows if row[column.name] is not None), rows[0])
    named = (
        audited(served, column.table.name, row, {**row, column.name: value})
        for value in other_values(column, row[column.name], rows)
    )
    assert next(one for one in named if one is not None)


UNPROVEN = ("product", "open_basket", "throttle", "print_job")
"""Tables all of which is free."""


@pytest.mark.parametrize("table", [name for name in TABLES if name not in UNPROVEN])
def test_a_row_that_is_gone_or_there_twice_is_named(shop: Store, table: str) -> None:
    for row in some_rows(shop, table):
        assert audited(shop, table, row, None), row
        twin = {key: f"{value}X" if isinstance(value, str) else value for key, value in keys_of(table, row).items()}
        assert audited(shop, table, None, {**row, **twin}) != set(), row


def keys_of(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return new values for whatever has to be unique, so that a second row of the kind fits in."""
    columns = metadata.tables[table].columns
    unique = [column.name for column in columns if column.primary_key or column.unique]
    fresh = {name: row[name] for name in unique if isinstance(row[name], str)}
    numbers = {name: 10_000 for name in (*unique, "receipt", "till_seq") if isinstance(row.get(name), int)}
    return {**fresh, **numbers}


WITNESSES = {
    "voucher_balance": "voucher.balance",
    "voucher_adjusted": "voucher.adjusted",
    "ledger_owner": "ledger_entry.subject",
    "ledger_balanced": "ledger_entry.amount",
    "voucher_held": "voucher.held",
    "coupon_uses": "coupon.times_redeemed",
    "coupon_cap": "coupon.max_redemptions",
    "member_uses": "member_use.uses",
    "member_use_missing": "member_use.member_id",
    "reward_points": "redemption.points",
    "reward_credit": "voucher.source_id",
    "reward_kept": "redemption.tracking",
    "member_points": "member.points",
    "member_debt": "member.points_debt",
    "points_owner": "ledger_entry.subject",
    "merged": "member.merged_into",
    "offer_uses": "offer.times_redeemed",
    "offer_cap": "offer.max_redemptions",
    "offer_member_limit": "offer.per_member_limit",
    "offer_end": "offer.expired_told",
    "offer_redemption": "redemption.points",
    "order_lines": "orders.order_amount",
    "order_empty": "order_line.order_id",
    "line_total": "order_line.total",
    "line_discount": "order_line.discount",
    "redemption_shares": "discount_share.amount",
    "campaign_spent": "campaign.spent",
    "campaign_budget": "campaign.budget",
    "redemption_campaign": "redemption.campaign_id",
    "payment_order": "payment.amount",
    "payment_vouchers": "payment.voucher_amount",
    "payment_tenders": "tender.amount",
    "tender_status": "tender.status",
    "redemption_status": "redemption.status",
    "sold_voucher": "voucher.status",
    "voucher_time": "voucher.expires_at",
    "refunded_quantity": "order_line.refunded",
    "refunded_amount": "payment.refunded_amount",
    "refund_status": "payment.status",
    "refund_lines": "refund_line.amount",
    "refunded_line": "refund_line.amount",
    "refund_tenders": "refund_tender.amount",
    "tender_refunded": "tender.refunded",
    "voucher_refunded": "redemption.reversed",
    "refund_revision": "payment.revision",
    "refund_points": "refund.points",
    "refund_credit": "ledger_entry.amount",
    "receipts": "till.receipts",
    "one_code": "coupon.code_key",
    "order_settings": "orders.currency",
    "sale_time": "redemption.created_at",
    "hold_time": "payment.expires_at",
    "shift_perpetual": "shift.perpetual",
    "shift_range": "shift.first_receipt",
    "shift_head": "shift.journal_head",
    "shift_difference": "shift.counted",
    "cash_moved": "cash_movement.amount",
    "code_series": "code_series.prefix",
}
"""For each sum that the audit checks without the journal, a column whose change breaks it."""


@pytest.mark.parametrize("check", BROKEN)
def test_every_sum_is_checked_even_where_the_journal_would_show_it(either: Store, check: str) -> None:
    """A journal vouches for what the program wrote; only these sums tell when the program itself was wrong."""
    column, statement = next(one for one in COLUMNS if str(one) == WITNESSES[check]), text(BROKEN[check][1])

    def summed(store: Store) -> set[str]:
        return {check} if store._context.read(lambda transaction: transaction.all(statement)) else set()

    with unguarded(either.url) as file:
        rows = rows_of(file, column.table.name, "true")
        voucher = rows_of(file, "voucher", "true")[0]["code_key"]
    special = {
        "coupon_cap": {"max_redemptions": 0},
        "campaign_budget": {"budget": 1},
        "offer_cap": {"max_redemptions": 0},
        "offer_member_limit": {"per_member_limit": 0},
        "one_code": {"code_key": voucher},
    }
    for row in rows:
        now = special.get(check)
        others = [now] if now else [{column.name: value} for value in other_values(column, row[column.name], rows)]
        if any(audited(either, column.table.name, row, {**row, **other}, summed) for other in others):
            return
    pytest.fail(f"nothing in {column} makes the audit check {check}")


def test_pages_are_read_without_a_gap(either: Store) -> None:
    """Where a page ends doesn't matter: with pages of two rows every table has many."""
    with patch.object(paging, "PAGE", 2):
        assert either.audit() == []
        for table in ("event", "ledger_entry", "payment", "refund", "redemption", "voucher", "idempotency_key"):
            with unguarded(either.url) as database:
                rows = rows_of(database, table, "true")
            for row in rows[2:4]:
                assert audited(either, table, row, None), row


RULED = {
    "voucher.balance": -1,
    "voucher.held": 10**9,
    "member.points": -1,
    "coupon.max_redemptions": 0,
    "redemption.status": "lost",
    "refund_line.quantity": 0,
    "reward.stock": -1,
    "campaign.budget": 1,
}
"""Values that no row of a table may have, by its own checks."""


@pytest.mark.parametrize("name", RULED)
def test_a_row_that_the_checks_of_its_table_would_refuse_is_named(either: Store, name: str) -> None:
    table, _, column = name.partition(".")
    with unguarded(either.url) as database:
        rows = rows_of(database, table, "true")
    assert any("rule" in (audited(either, table, row, {**row, column: RULED[name]}) or ()) for row in rows)


OF_ANOTHER_KIND = {
    "payment.amount": b"\0",
    "batch.kind": "x",
    "event.till_seq": "x",
    "coupon.valid_from": "x",
    "discount_share.line_no": "x",
    "voucher.code": b"\xff",
    "voucher.expired_told": "",
    "reward.active": 7,
    "member.tier": b"gold",
}
"""What a damaged file may hold, and the program never writes."""


@pytest.mark.parametrize("name", OF_ANOTHER_KIND)
def test_a_value_of_another_kind_than_its_column_is_named_and_breaks_nothing(shop: Store, name: str) -> None:
    table, _, column = name.partition(".")
    row = some_rows(shop, table)[0]
    assert "rule" in (audited(shop, table, row, {**row, column: OF_ANOTHER_KIND[name]}) or ())


def test_every_other_column_and_all_money_is_watched() -> None:
    """What is free holds no money but the price list, which a sale copies."""
    free = {name for name in FREE if not name.startswith("product.")}
    money = [str(column) for column in COLUMNS if is_money(column)]
    assert len(money) > 40
    assert free.isdisjoint(money)
    assert free <= {str(column) for column in COLUMNS}
    assert len(free) < 0.1 * len(COLUMNS)


def test_no_finding_repeats_a_vouchers_code(shop: Store) -> None:
    """Whoever reads a finding, or a log of it, learns no code that is worth money."""
    said: set[str] = set()

    def listen(store: Store) -> set[str]:
        return {f"{one.subject} {one.message}" for one in store.audit()}

    vouchers = some_rows(shop, "voucher", "status = 'active'")
    for voucher in vouchers:
        for column, value in {"code": "GIFT-X", "code_key": "GIFTX", "balance": 1, "status": "void"}.items():
            said |= audited(shop, "voucher", voucher, {**voucher, column: value}, listen) or set()
        said |= audited(shop, "voucher", voucher, None, listen) or set()
    assert len(said) > 3 * len(vouchers)
    assert not any(voucher[name] in words for words in said for voucher in vouchers for name in ("code", "code_key"))


def test_a_cap_that_was_lowered_is_named(office: Store) -> None:
    """Though the engine that lowered it told its journal all there is to tell."""
    coupon = office.coupons.create(code="TEN", percent_off=10, max_redemptions=10)
    lower = text("UPDATE coupon SET max_redemptions = :cap, updated_at = :now WHERE id = :coupon")

    def unguarded_change(unit: Unit, row: Any, new: dict[str, Any]) -> None:
        unit.transaction.change(lower, cap=new["max_redemptions"], now=unit.now, coupon=row.id)

    with patch.object(couponrows, "_raise_cap", unguarded_change):
        office.coupons.update(coupon.id, max_redemptions=5)
    assert [finding.check for finding in office.audit()] == ["cap_lowered"]


# -- the journal ---------------------------------------------------------------------------------------------


def entries(store: Store) -> list[dict[str, Any]]:
    with unguarded(store.url) as file:
        return rows_of(file, "event", "till_id = '1'")


def test_journal_rows_that_trade_places_are_named(shop: Store) -> None:
    first, second = entries(shop)[3:5]
    for name in ("seq", "till_seq"):
        with unguarded(shop.url) as file:
            trade(file, name, first, second)
            try:
                assert "journal" in {finding.check for finding in shop.audit()}
            finally:
                trade(file, name, first, second, back=True)


def trade(file: Any, name: str, first: dict[str, Any], second: dict[str, Any], *, back: bool = False) -> None:
    ids = (first["id"], second["id"])
    ones, others = (first[name], second[name]) if back else (second[name], first[name])
    for value, key in ((-1, ids[0]), (others, ids[1]), (ones, ids[0])):
        file.execute(f"UPDATE event SET {name} = ? WHERE id = ?", (value, key))  # noqa: S608


def test_a_journal_cut_off_at_its_end_is_named(shop: Store) -> None:
    last = entries(shop)[-1]
    assert audited(shop, "event", last, None)
    with unguarded(shop.url) as file:
        before = rows_of(file, "till", "id = '1'")[0]
    head = {**before, "journal_seq": last["till_seq"] - 1, "journal_head": entries(shop)[-2]["hash"]}
    with unguarded(shop.url) as file:
        swap(file, "event", last, None)
        swap(file, "till", before, head)
        try:
            assert shop.audit() != []  # the chain is whole, and the rows that it told of are not vouched for
        finally:
            swap(file, "till", head, before)
            swap(file, "event", None, last)


def test_a_chain_computed_again_without_the_key_is_named(shop: Store) -> None:
    """Whoever has the file but not the key can compute every hash anew, and it shows at the first entry."""
    rows, head = entries(shop), ""
    forged = []
    for row in rows:
        data = row["data"].replace("broken", "a gift") if row is rows[-1] else row["data"]
        parts = [row[name] for name in "till_id till_seq id type subject operator at".split()]
        head = seal(b"", head, *parts, data)
        forged.append({**row, "data": data, "hash": head})
    with unguarded(shop.url) as file:
        till = rows_of(file, "till", "id = '1'")[0]
        for row in forged:
            swap(file, "event", row, row)
        swap(file, "till", till, {**till, "journal_head": head})
        try:
            named = [finding for finding in shop.audit() if finding.check == "journal"]
            assert len(named) == len(rows)
        finally:
            for row in rows:
                swap(file, "event", row, row)
            swap(file, "till", till, till)


def test_ledger_entries_that_trade_places_are_named(shop: Store) -> None:
    with unguarded(shop.url) as file:
        first, second = rows_of(file, "ledger_entry", "cause IN (SELECT id FROM payment)")[:2]
    assert first["cause"] == second["cause"]
    moved = (
        {**second, "seq": first["seq"]},
        {**first, "seq": second["seq"]},
    )
    with unguarded(shop.url) as file:
        swap(file, "ledger_entry", first, moved[0])
        swap(file, "ledger_entry", second, moved[1])
        try:
            assert shop.audit() != []
        finally:
            swap(file, "ledger_entry", first, first)
            swap(file, "ledger_entry", second, second)


def test_two_tills_may_change_one_coupon_and_one_voucher(tmp_path: Path) -> None:
    """What several tills did to one thing counts in the order in which they did it, not till by till."""
    office = open_shop(tmp_path)
    till = office.sign_in(till="1", operator="Ana")
    office.coupons.create(code="ABC", percent_off=10)
    till.coupons.revise("ABC", status="inactive")
    office.coupons.revise("ABC", status="active")
    office.vouchers.void(till.vouchers.issue(value=100).id, "lost")
    assert office.audit() == []


def test_what_nobody_answered_for_is_no_longer_overdue_once_recovery_asked(tmp_path: Path) -> None:
    clock = FixedClock(NOON)
    office = open_shop(tmp_path, clock)
    opened = office.payments.open(items=BASKET, tender="terminal")
    clock.at += 901
    assert [finding.check for finding in office.audit()] == ["overdue"]
    assert [one.what for one in office.payments.recover()] == ["needs_settling"]
    assert office.audit() == []
    assert office.payments.get(opened.id).tenders[0].status == "unknown"


# -- who, and when -------------------------------------------------------------------------------------------


def only_for_managers(till: Store) -> Iterator[Callable[[], object]]:
    """Give things that a cashier can't do, each by itself."""
    sold = till.payments.create(items=[{"id": LAMP}], tenders=[{"kind": "card", "number": STAYS_UNKNOWN}])
    gift, mira = till.vouchers.list().data[0].id, till.members.create(name="Mira").id
    yield lambda: till.vouchers.issue(value=500)
    yield lambda: till.vouchers.adjust(gift, amount=5, reason="a present")
    yield lambda: till.vouchers.void(gift, "lost")
    yield lambda: till.coupons.create(code="MINE", percent_off=100)
    yield lambda: till.members.adjust(mira, points=500, reason="a present")
    yield lambda: till.payments.refund_without_receipt([{"id": TEA}], reason="a present")
    yield lambda: till.payments.settle(sold.id, captured=False)


def staffed(office: Store) -> Store:
    office.vouchers.issue(value=300)
    office.operators.create(name="Mo", role="manager", pin="314159")
    office.operators.create(name="Ana", pin="2718")
    return office.sign_in(till="1", operator="Ana", pin="2718")


def test_what_a_cashier_did_that_only_a_manager_may_is_named(office: Store) -> None:
    till = staffed(office)
    with patch.object(access, "require", lambda *_: None):
        done = [verb() for verb in only_for_managers(till)]
    named = [finding for finding in office.audit() if finding.check == "not_allowed"]
    assert len(named) == len(done)
    assert all("'Ana', who was no manager" in finding.message for finding in named)
    till.close()


def test_what_a_manager_approved_on_the_spot_is_in_order(office: Store) -> None:
    till = staffed(office)
    for verb in only_for_managers(till.approved("Mo", "314159")):
        verb()
    assert office.audit() == []
    till.close()


def test_somebody_who_never_signed_in_is_named(office: Store) -> None:
    till = staffed(office)
    stranger = type(till)(replace(till._context, operator="Nobody"))
    stranger.payments.create(items=[{"id": LAMP}])
    assert {finding.check for finding in office.audit()} == {"not_allowed"}
    till.close()


def test_a_clock_that_was_set_back_is_marked(office: Store, clock: FixedClock) -> None:
    office.vouchers.issue(value=100)
    clock.at -= 3600
    assert office.clock_behind() == 3600
    office.vouchers.issue(value=100)
    (marked,) = office.events.list(type="clock.set_back").data
    assert marked.data == {"last": NOON}
    assert office.clock_behind() == 0
    assert office.audit() == []


def test_a_time_that_runs_back_unmarked_is_named(office: Store, clock: FixedClock) -> None:
    clock.at -= 3600
    with patch.object(events, "SET_BACK", "clock.mended"):
        office.vouchers.issue(value=100)
    assert [finding.check for finding in office.audit()] == ["clock"]
