"""Eight tills do different things to one member, one voucher or one sale at the same moment: the books know an order.

Beside each race stands its negative control, as in `test_races`.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import bindparam, update

from posconsole.engine.club import accounts, claims, points
from posconsole.engine.club.loyalty import RewardRedemptions
from posconsole.engine.codes import issuing
from posconsole.engine.sale import spending
from posconsole.models import Voucher, table
from posconsole.tenders.sandbox import APPROVES
from tests.engine import racing
from tests.engine.processes import RACERS
from tests.engine.racing import _bare, _no_constraints
from tests.engine.shop import TEA
from tests.engine.test_member_races import merge
from tests.engine.test_races import WAYS, demand, racers, rounds, sound, winners
from tests.engine.test_reward_races import fulfill, reverse, undoes_what_it_read_before

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store
    from tests.engine.processes import Racers

__all__ = ["racers"]
TEAS: list[dict[str, Any]] = [{"id": TEA}]


# -- what racers do -------------------------------------------------------------------------------------------


def buy(store: Store, **sale: Any) -> int:
    """Sell to a member; return what they earned."""
    return store.payments.create(**sale).points_earned


def adjust(store: Store, voucher: str, amount: int) -> int:
    """Take something off a voucher; return how much."""
    store.vouchers.adjust(voucher, amount=amount, reason="race")
    return -amount


def credit(store: Store, code: str, customer: str) -> int:
    """Credit a points voucher to a member; return the points."""
    return store.vouchers.redeem(code, customer=customer).points


# -- negative controls: engines that check, then act ----------------------------------------------------------


@contextmanager
def sells_to_whom_it_read_before(store: Store, **what: Any) -> Iterator[None]:
    """BROKEN: a sale's points go to the member as they were before it, whoever lives on by now."""
    if "customer" not in what:
        yield
        return
    stale = store._context.read(lambda tx: accounts.get(tx, what["customer"]))
    with (
        patch.object(accounts, "take", lambda *_: stale),
        patch.object(points, "_MOVE", _bare(points._MOVE)),
    ):
        yield


@contextmanager
def adjusts_the_balance_it_read_before(store: Store, **what: Any) -> Iterator[None]:
    """BROKEN: the balance is read before the transaction, and what is left of it is written over what is there."""
    if "voucher" not in what:
        yield
        return
    rows, was = table(Voucher), store.vouchers.get(what["voucher"]).balance
    after = {"balance": was + bindparam("change"), "adjusted": rows.c.adjusted + bindparam("change")}
    written = update(rows).where(rows.c.id == bindparam("voucher")).values(after)
    with _no_constraints(store), patch.object(issuing, "_ADJUST", written):
        yield


@contextmanager
def sells_with_the_points_it_read_before(store: Store, **what: Any) -> Iterator[None]:
    """BROKEN: a sale takes the points that a voucher had before it; who credits it alone is as ever."""
    if "items" not in what:
        yield
        return
    with racing.sells_on_what_it_read_before(store, **what):
        yield


@contextmanager
def voids_the_credit_it_read_before(store: Store, **what: Any) -> Iterator[None]:
    """BROKEN: a reward is undone because its credit was whole when it was looked at."""
    if "redemption" not in what:
        yield
        return
    stale = store._context.database.write(lambda tx: tx.first(claims._CREDIT, redemption=what["redemption"]))
    with undoes_what_it_read_before(store, **what), ExitStack() as broken:
        broken.enter_context(patch.object(claims, "credit_of", lambda *_: stale))
        broken.enter_context(patch.object(issuing, "_taken", lambda *_: stale))
        broken.enter_context(patch.object(spending, "_VOID_VOUCHER", _bare(spending._VOID_VOUCHER)))
        yield


@contextmanager
def hands_over_what_it_read_before(store: Store, **what: Any) -> Iterator[None]:
    """BROKEN: an item is handed over, a moment later, because it was owed when it was looked at."""
    if "redemption" not in what:
        yield
        return
    verb = RewardRedemptions.fulfill

    def late(self: RewardRedemptions, redemption: str) -> Any:
        time.sleep(0.3)
        return verb(self, redemption)

    with undoes_what_it_read_before(store, **what), patch.object(RewardRedemptions, "fulfill", late):
        yield


# -- races ----------------------------------------------------------------------------------------------------


@WAYS
def test_sales_to_two_who_are_merged_meanwhile(office: Store, racers: Racers, way: str) -> None:
    broken = sells_to_whom_it_read_before if way else None

    def race(number: int) -> None:
        one, other = (office.members.create(name=f"Mira {number}{half}").id for half in "ab")
        sales: list[Any] = [(buy, {"items": TEAS, "customer": member}) for member in (one, other)] * 3
        merges = [(merge, {"member": kept, "duplicate": lost}) for kept, lost in ((one, other), (other, one))]
        earned = winners(racers.race(office.url, [*sales, *merges], broken))
        now = office.members.get(one)
        demand(now == office.members.get(other), "they are still two")
        demand(now.points == sum(earned) == 6 * 9, (now, earned))
        sound(office)

    rounds(way, office, race)


@WAYS
def test_taking_money_off_a_voucher_against_spending_it(office: Store, racers: Racers, way: str) -> None:
    broken = adjusts_the_balance_it_read_before if way else None

    def race(number: int) -> None:
        voucher = office.vouchers.issue(value=2500)
        takes: list[Any] = [(adjust, {"voucher": voucher.id, "amount": -600})] * 4
        sales: list[Any] = [(racing.sell, {"items": TEAS, "vouchers": (voucher.code,)})] * 4
        outcomes = racers.race(office.url, takes + sales, broken)
        taken = sum(winners(outcomes[:4], "insufficient_balance"))
        drawn = sum(amount for _, _, amount in winners(outcomes[4:], "insufficient_balance"))
        left = office.vouchers.get(voucher.id).balance
        demand(left == 2500 - taken - drawn and left < 600, (left, taken, drawn))
        sound(office)

    rounds(way, office, race)


@WAYS
def test_a_points_voucher_is_credited_once(office: Store, racers: Racers, way: str) -> None:
    members = [office.members.create(name=f"Mira {number}").id for number in range(RACERS)]
    broken = sells_with_the_points_it_read_before if way else None

    def race(number: int) -> None:
        voucher = office.vouchers.issue(kind="points", value=300)
        alone: list[Any] = [(credit, {"code": voucher.code, "customer": one}) for one in members[:4]]
        sale = {"items": TEAS, "vouchers": (voucher.code,)}
        with_goods: list[Any] = [(buy, sale | {"customer": one}) for one in members[4:]]
        won = winners(racers.race(office.url, alone + with_goods, broken), "insufficient_balance")
        demand(won in ([300], [309]), won)
        demand(office.vouchers.get(voucher.id).balance == 0, "points are left")
        sound(office)

    rounds(way, office, race)


@WAYS
def test_giving_a_reward_back_against_spending_the_credit_it_gave(office: Store, racers: Racers, way: str) -> None:
    ten = office.rewards.create(name="EUR 9.99", points=500, credit_value=999)
    broken = voids_the_credit_it_read_before if way else None

    def race(number: int) -> None:
        mira = office.members.create(name=f"Mira {number}").id
        office.members.adjust(mira, points=500, reason="welcome")
        made = office.loyalty.redemptions.create(account=mira, reward=ten.id)
        assert made.voucher is not None
        backs: list[Any] = [(reverse, {"redemption": made.id})] * 4
        sales: list[Any] = [(racing.sell, {"items": TEAS, "vouchers": (made.voucher.code,)})] * 4
        outcomes = racers.race(office.url, backs + sales, broken)
        returned = winners(outcomes[:4], "already_applied", "not_allowed")
        drawn = winners(outcomes[4:], "inactive", "insufficient_balance")
        demand(len(returned) + len(drawn) == 1, (returned, drawn))
        demand(office.members.get(mira).points == 500 * len(returned), "points")
        sound(office)

    rounds(way, office, race)


@WAYS
def test_capturing_against_cancelling_what_was_bought_with_points(office: Store, racers: Racers, way: str) -> None:
    five = office.rewards.create(name="EUR 5 off", points=300, amount_off=500)
    broken = racing.settles_on_what_it_read_before if way else None

    def race(number: int) -> None:
        mug = office.rewards.create(name=f"Mug {number}", points=9999, item=True, stock=1)
        coupon = office.coupons.create(code=f"MUG{number}", reward=mug.id)
        mira = office.members.create(name=f"Mira {number}").id
        office.members.adjust(mira, points=300, reason="welcome")
        till = office.sign_in(till="9", operator="Ana")
        sale: dict[str, Any] = {"items": TEAS, "customer": mira, "reward": five.id, "coupon": coupon.code}
        opened = till.payments.open(**sale, tender="card")
        till.close()
        which = {"payment": opened.id, "numbers": (APPROVES,)}
        runs: list[Any] = [(racing.capture, which), (racing.cancel, which)] * (RACERS // 2)
        winners(racers.race(office.url, runs, broken), "not_allowed")
        paid = office.payments.get(opened.id).status == "captured"
        has, left = office.members.get(mira).points, office.rewards.get(mug.id).stock
        # The 4.99 that were paid earn 4 points.
        demand((has, left) == ((4, 0) if paid else (300, 1)), (paid, has, left))
        sound(office)

    rounds(way, office, race)


@WAYS
def test_refunding_a_sale_against_handing_over_what_it_gave(office: Store, racers: Racers, way: str) -> None:
    broken = hands_over_what_it_read_before if way else None

    def race(number: int) -> None:
        bag = office.rewards.create(name=f"Bag {number}", points=9999, item=True, stock=1, shipping=True)
        coupon = office.coupons.create(code=f"BAG{number}", reward=bag.id)
        mira = office.members.create(name=f"Mira {number}").id
        paid = office.payments.create(items=TEAS, customer=mira, coupon=coupon.code)
        (gift,) = (one.id for one in paid.redemptions if one.kind == "reward")
        refunds: list[Any] = [(racing.refund, {"payment": paid.id})] * 4
        hands: list[Any] = [(fulfill, {"redemption": gift})] * 4
        outcomes = racers.race(office.url, refunds + hands, broken)
        back = winners(outcomes[:4], "already_refunded")
        handed = winners(outcomes[4:], "not_allowed")
        now, left = office.loyalty.redemptions.get(gift), office.rewards.get(bag.id).stock
        demand((len(back), now.status, left) == (1, "reversed", 0 if handed else 1), (outcomes, now, left))
        sound(office)

    rounds(way, office, race)
