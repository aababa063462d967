"""Parked sales: put aside under a name, recalled at any till by exactly one, and nothing is held meanwhile."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from sqlalchemy import bindparam, select

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale import baskets
from posconsole.errors import InvalidInput, NotAllowed, NotFound, PosError
from posconsole.models import ParkedBasket, table
from tests.engine.rawfile import unguarded
from tests.engine.shop import CUP, LAMP, TEA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posconsole import Store

LAMPS = Basket((Item(LAMP, 2), Item(None, 1, 450, "Repair")), ("TEN", "GIFT-7K2P"), "cust_1", "rwd_1")
TEAS = Basket((Item(TEA),))


@pytest.fixture
def other(office: Store) -> Iterator[Store]:
    store = office.sign_in(till="2", operator="Bo")
    yield store
    store.close()


def test_a_parked_basket_comes_back_whole_at_another_till(till: Store, other: Store) -> None:
    till.baskets.save(LAMPS)
    parked = till.baskets.park("Red coat")
    assert till.baskets.open() is None
    assert other.baskets.parked() == (parked,)
    assert (parked.name, parked.till, parked.operator, parked.basket) == ("Red coat", "1", "Ana", LAMPS)
    assert other.baskets.recall(parked.id) == other.baskets.open() == LAMPS
    assert till.baskets.parked() == ()
    told = [(one.type, one.till) for one in till.events.list(subject=parked.id).data]
    assert told == [("basket.parked", "1"), ("basket.recalled", "2")]


def test_nothing_is_recalled_onto_an_open_basket(till: Store) -> None:
    till.baskets.save(LAMPS)
    parked = till.baskets.park("Red coat")
    till.baskets.save(TEAS)
    with pytest.raises(NotAllowed) as refused:
        till.baskets.recall(parked.id)
    assert refused.value.code == "basket_open"
    assert (till.baskets.open(), till.baskets.parked()) == (TEAS, (parked,))
    second = till.baskets.park()
    assert till.baskets.recall(parked.id) == LAMPS
    assert [one.id for one in till.baskets.parked()] == [second.id]


def test_what_is_being_paid_can_neither_be_parked_nor_is_it_in_the_way(till: Store) -> None:
    till.baskets.save(LAMPS)
    parked = till.baskets.park("Red coat")
    till.baskets.save(TEAS)
    paying = till.payments.open(items=[{"id": TEA}], tender="terminal", closes_basket=True)
    with pytest.raises(NotAllowed) as refused:
        till.baskets.park("Too late")
    assert refused.value.code == "nothing_to_park"
    assert till.baskets.recall(parked.id) == LAMPS
    till.payments.capture(paying.id, approval_code="A1")
    assert till.baskets.open() == LAMPS


def test_a_sale_that_was_given_up_can_be_parked(till: Store) -> None:
    till.baskets.save(TEAS)
    till.payments.cancel(till.payments.open(items=[{"id": TEA}], tender="terminal", closes_basket=True).id)
    assert till.baskets.park("Forgot the purse").basket == TEAS


def test_nothing_is_held_and_the_preview_says_what_no_longer_applies(till: Store, other: Store) -> None:
    till.coupons.create(code="LAST", percent_off=10, max_redemptions=1)
    till.baskets.save(Basket((Item(CUP),), ("LAST",)))
    parked = till.baskets.park("Later")
    other.payments.create(items=[{"id": CUP}], coupon="LAST")
    (verdict,) = till.quote(till.baskets.recall(parked.id)).verdicts
    assert verdict.reason == "limit_reached"


def test_a_parked_basket_is_thrown_away_by_a_manager_only(office: Store) -> None:
    office.operators.create(name="Mo", role="manager", pin="271828")
    office.operators.create(name="Ana", pin="3141")
    ana = office.sign_in(till="1", operator="Ana", pin="3141")
    ana.baskets.save(TEAS)
    parked = ana.baskets.park("Red coat")
    with pytest.raises(NotAllowed) as refused:
        ana.baskets.discard(parked.id)
    assert refused.value.code == "manager_needed"
    ana.approved("Mo", "271828").baskets.discard(parked.id)
    for verb in (office.baskets.discard, office.baskets.recall):
        with pytest.raises(NotFound):
            verb(parked.id)
    assert office.audit() == []
    ana.close()


def test_what_is_no_name_is_refused(till: Store) -> None:
    till.baskets.save(TEAS)
    with pytest.raises(InvalidInput) as refused:
        till.baskets.park("\0")
    assert (refused.value.field, till.baskets.open()) == ("name", TEAS)


def recalled_by_all(office: Store, tills: list[Store]) -> list[Basket | None]:
    """Park a basket and let several tills recall it at once; return what each has open then."""
    office.baskets.save(LAMPS)
    parked = office.baskets.park("Red coat").id

    def recall(store: Store) -> None:
        with contextlib.suppress(PosError):
            assert store.baskets.recall(parked) == LAMPS

    with ThreadPoolExecutor(len(tills)) as pool:
        list(pool.map(recall, tills))
    found = [store.baskets.open() for store in tills]
    for store in tills:
        store.baskets.clear()
    return found


def test_of_several_tills_that_recall_one_basket_one_gets_it(office: Store) -> None:
    tills = [office.sign_in(till=str(number), operator="Bo") for number in range(1, 5)]
    for _ in range(5):
        assert sorted(map(str, recalled_by_all(office, tills))) == sorted(map(str, [LAMPS, None, None, None]))
    assert office.audit() == []
    looked_at = select(table(ParkedBasket).c.content).where(table(ParkedBasket).c.id == bindparam("basket"))
    with patch.object(baskets, "_TAKE_PARKED", looked_at):
        assert recalled_by_all(office, tills).count(LAMPS) > 1, "an engine that only looks has to be caught"
    for store in tills:
        store.close()


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("UPDATE parked_basket SET content = '{}'", "altered"),
        ("UPDATE parked_basket SET operator = 'Bo'", "altered"),
        ("DELETE FROM parked_basket", "missing"),
        (
            "INSERT INTO parked_basket SELECT 'x', name, till_id, operator, content, parked_at FROM parked_basket",
            "altered",
        ),
    ],
)
def test_the_audit_names_what_was_changed_of_a_parked_basket(office: Store, change: str, check: str) -> None:
    office.baskets.save(LAMPS)
    office.baskets.park("Red coat")
    assert office.audit() == []
    with unguarded(office.url) as raw:
        raw.execute(change)
    assert {check} == {one.check for one in office.audit()}
