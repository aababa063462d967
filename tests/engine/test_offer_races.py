"""Eight tills want an offer's last slot, or one member's share of it: exactly as many get it as there are.

Beside each race stands its negative control, as in `test_races`.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import bindparam, text, update

from posconsole.engine.club import offerslots, targeting
from posconsole.engine.quoting import facts
from posconsole.engine.sale import selling
from posconsole.models import Offer, table
from tests.engine import racing
from tests.engine.processes import RACERS
from tests.engine.shop import TEA
from tests.engine.test_races import WAYS, demand, racers, rounds, sound, winners

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store
    from posconsole.engine.club.offerviews import OfferView
    from tests.engine.processes import Racers

__all__ = ["racers"]
TEAS: list[dict[str, Any]] = [{"id": TEA}]
BONUS = {"type": "points_bonus", "points": 100}
HALF = {"type": "percentage_discount", "percent": 50}
_ANY_USE = text(
    "INSERT INTO member_use (subject, member_id, uses) VALUES (:target, :member, 1)"
    " ON CONFLICT (subject, member_id) DO UPDATE SET uses = member_use.uses + 1"
)


# -- what racers do -------------------------------------------------------------------------------------------


def activate(store: Store, **claim: Any) -> str | None:
    """Claim an offer; return the redemption that awarded its bonus."""
    return store.offers.activate(**claim).redemption


def discounted(store: Store, **sale: Any) -> int:
    """Sell; return what was taken off."""
    return store.payments.create(**sale).discount_amount


def give_back(store: Store, payment: str) -> int:
    """Refund a whole sale; return -1, for the slot that is free again."""
    store.payments.refund(payment)
    return -1


# -- negative controls: engines that check, then act ----------------------------------------------------------


@contextmanager
def _takes_any_slot(store: Store) -> Iterator[None]:
    bare = {name: racing._bare(statement) for name, statement in offerslots._CLAIMS.items()}
    any_use = patch.object(offerslots, "_CLAIM_USE", _ANY_USE)
    with racing._no_constraints(store), patch.dict(offerslots._CLAIMS, bare), any_use:
        yield


@contextmanager
def activates_on_what_it_read_before(store: Store, offer: str, account: str, **_: Any) -> Iterator[None]:
    """BROKEN: the limits are looked at before the transaction, and a slot is taken without them."""
    context = store._context
    stale = context.read(lambda tx: targeting.judge(tx, offer, account, context.clock.now()))
    with _takes_any_slot(store), patch.object(targeting, "judge", lambda *_: stale):
        yield


@contextmanager
def sells_on_what_it_read_before(store: Store, **sale: Any) -> Iterator[None]:
    """BROKEN: priced with offers that were free before the transaction, whose slots are taken without a condition."""
    context = store._context
    basket = selling.selling_of(context.shop.currency.code, **sale).basket
    stale = context.read(lambda tx: facts.sale_of(tx, context.shop, basket, context.clock.now()))
    with ExitStack() as broken:
        broken.enter_context(_takes_any_slot(store))
        broken.enter_context(patch.object(facts, "sale_of", lambda *_: stale))
        yield


@contextmanager
def returns_what_it_read_before(store: Store, **_: Any) -> Iterator[None]:
    """BROKEN: a slot is given back by writing how many are left of those that were counted before."""
    (offer,) = store.offers.list(status="expired", limit=1).data
    left = update(table(Offer)).where(table(Offer).c.id == bindparam("target"))
    with patch.dict(offerslots._STEPS, {"return": left.values(times_redeemed=offer.times_redeemed - 1)}):
        yield


# -- races ----------------------------------------------------------------------------------------------------


def live(store: Store, incentive: dict[str, Any], **terms: Any) -> OfferView:
    return store.offers.publish(store.offers.create(name="Offer", incentive=incentive, **terms).id)


@WAYS
def test_the_last_slots_of_a_bonus(office: Store, racers: Racers, way: str) -> None:
    members = [office.members.create(name=f"Mira {number}") for number in range(RACERS)]
    broken = activates_on_what_it_read_before if way else None

    def race(number: int) -> None:
        offer = live(office, BONUS, max_redemptions=3)
        runs: list[Any] = [(activate, {"offer": offer.id, "account": member.account}) for member in members]
        won = winners(racers.race(office.url, runs, broken), "offer_limit_reached")
        now = office.offers.get(offer.id)
        demand((len(won), now.times_redeemed, now.status) == (3, 3, "expired"), won)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_a_members_share_of_a_bonus(office: Store, racers: Racers, way: str) -> None:
    broken = activates_on_what_it_read_before if way else None

    def race(number: int) -> None:
        offer, member = live(office, BONUS, per_member_limit=2), office.members.create(name=f"Mira {number}")
        claim = {"offer": offer.id, "account": member.id}
        won = winners(racers.race(office.url, [(activate, claim)] * RACERS, broken), "offer_limit_reached")
        demand((len(set(won)), office.members.get(member.id).points) == (2, 200), won)
        demand(office.offers.get(offer.id).activations == 1, "more than one activation")
        sound(office)

    rounds(way, office, race)


@WAYS
def test_one_key_is_one_bonus_and_one_answer(office: Store, racers: Racers, way: str) -> None:
    broken = racing.looks_the_key_up_first if way else None

    def race(number: int) -> None:
        offer, member = live(office, BONUS, per_member_limit=None), office.members.create(name=f"Mira {number}")
        claim = {"offer": offer.id, "account": member.id, "idempotency_key": f"key {number}"}
        won = winners(racers.race(office.url, [(activate, claim)] * RACERS, broken))
        demand((len(won), len(set(won)), office.members.get(member.id).points) == (RACERS, 1, 100), won)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_the_last_slots_of_a_discount(office: Store, racers: Racers, way: str) -> None:
    members = [office.members.create(name=f"Mira {number}") for number in range(RACERS)]
    broken = sells_on_what_it_read_before if way else None

    def race(number: int) -> None:
        offer = live(office, HALF, max_redemptions=3)
        runs: list[Any] = [(discounted, {"items": TEAS, "customer": member.id}) for member in members]
        won = winners(racers.race(office.url, runs, broken))
        demand(sorted(won) == [0] * 5 + [500] * 3, won)
        demand(office.offers.get(offer.id).times_redeemed == 3, won)
        sound(office)

    rounds(way, office, race)


@WAYS
def test_refunds_that_free_slots_against_sales_that_want_them(office: Store, racers: Racers, way: str) -> None:
    members = [office.members.create(name=f"Mira {number}").id for number in range(RACERS)]
    broken = returns_what_it_read_before if way else None

    def race(number: int) -> None:
        offer = live(office, HALF, max_redemptions=4)
        paid = [office.payments.create(items=TEAS, customer=one) for one in members[:4]]
        refunds: list[Any] = [(give_back, {"payment": one.id}) for one in paid]
        sales: list[Any] = [(discounted, {"items": TEAS, "customer": one}) for one in members[4:]]
        outcomes = winners(racers.race(office.url, refunds + sales, broken))
        now = office.offers.get(offer.id)
        demand(now.times_redeemed == sum(one > 0 for one in outcomes), outcomes)
        sound(office)
        if now.status == "published":
            office.offers.pause(offer.id)

    rounds(way, office, race)
