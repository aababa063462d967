"""The catalogue of what points buy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from posconsole.errors import IdempotencyConflict, InvalidInput, NotAllowed, NotFound
from tests.engine.shop import LAMP

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.clock import FixedClock


def test_a_reward_is_a_discount_an_item_or_credit(till: Store) -> None:
    five = till.rewards.create(name="EUR 5 off", points=500, amount_off=500, min_order_value=2000)
    tenth = till.rewards.create(name="A tenth off lamps", points=300, percent_off=12.5, product_ids=[LAMP])
    tote = till.rewards.create(name="Tote bag", points=800, item=True, stock=3, shipping=True)
    credit = till.rewards.create(name="EUR 10", points=1000, credit_value=1000)
    assert [(one.kind, one.status) for one in (five, tenth, tote, credit)] == [
        ("discount", "active"),
        ("discount", "active"),
        ("item", "active"),
        ("credit", "active"),
    ]
    assert (tenth.percent_off, tenth.product_ids) == (1250, (LAMP,))
    assert (tote.stock, tote.shipping, five.stock) == (3, True, None)
    assert till.rewards.get(credit.id) == credit


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({}, "percent_off"),
        ({"amount_off": 500, "credit_value": 500}, "percent_off"),
        ({"amount_off": 500, "stock": 3}, "stock"),
        ({"credit_value": 500, "shipping": True}, "shipping"),
        ({"item": True, "min_order_value": 500}, "min_order_value"),
        ({"amount_off": 0}, "amount_off"),
        ({"percent_off": 101}, "percent_off"),
        ({"credit_value": -1}, "credit_value"),
        ({"item": True, "stock": -1}, "stock"),
        ({"amount_off": 500, "points": 0}, "points"),
        ({"amount_off": 500, "points": 2**63}, "points"),
        ({"amount_off": 500, "name": " "}, "name"),
    ],
)
def test_what_cannot_be_a_reward_is_refused(till: Store, terms: dict[str, Any], field: str) -> None:
    asked: dict[str, Any] = {"name": "Something", "points": 100} | terms
    with pytest.raises(InvalidInput) as refusal:
        till.rewards.create(**asked)
    assert refusal.value.field == field
    assert till.rewards.list().total == 0


def test_the_same_key_makes_one_reward(till: Store) -> None:
    first = till.rewards.create(name="Tote bag", points=800, item=True, idempotency_key="tote")
    assert till.rewards.create(name="Tote bag", points=800, item=True, idempotency_key="tote") == first
    with pytest.raises(IdempotencyConflict):
        till.rewards.create(name="Tote bag", points=900, item=True, idempotency_key="tote")


def test_a_reward_is_renamed_switched_off_and_restocked(till: Store) -> None:
    tote = till.rewards.create(name="Tote bag", points=800, item=True, stock=1)
    assert till.rewards.update(tote.id, restock=-1).status == "sold_out"
    changed = till.rewards.update(tote.id, name="Blue tote bag", active=False, restock=5)
    assert (changed.name, changed.stock, changed.status) == ("Blue tote bag", 5, "inactive")
    assert till.rewards.update(tote.id, active=True).status == "active"
    told = [event.data for event in till.events.list(type="reward.updated").data]
    assert {"name": "Blue tote bag", "active": False, "restock": 5} in told


def test_no_more_is_taken_out_of_a_stock_than_is_in_it(till: Store) -> None:
    tote = till.rewards.create(name="Tote bag", points=800, item=True, stock=2)
    endless = till.rewards.create(name="Sticker", points=8, item=True)
    for reward in (tote, endless):
        with pytest.raises(NotAllowed) as refusal:
            till.rewards.update(reward.id, name="Changed", restock=-3)
        assert refusal.value.field == "restock"
        assert till.rewards.get(reward.id) == reward


def test_a_deleted_reward_is_out_of_the_catalogue_and_stays_known(till: Store) -> None:
    tote = till.rewards.create(name="Tote bag", points=800, item=True)
    assert till.rewards.delete(tote.id).status == "deleted"
    assert till.rewards.list().data == ()
    with pytest.raises(NotAllowed):
        till.rewards.update(tote.id, active=True)
    with pytest.raises(NotFound):
        till.rewards.get("rwd_none")


def test_the_list_is_newest_first_and_knows_what_points_can_buy(till: Store, clock: FixedClock) -> None:
    names = []
    for number, points in enumerate((300, 800, 500)):
        clock.at += 1
        names.append(till.rewards.create(name=f"No. {number}", points=points, amount_off=points).name)
    till.rewards.create(name="Credit", points=400, credit_value=100)
    can = till.rewards.list(kind="discount", affordable=500)
    assert [one.name for one in can.data] == [names[2], names[0]]
    page = till.rewards.list(limit=1)
    assert (page.has_more, page.total) == (True, 4)
    assert page.next is not None
    assert till.rewards.list(limit=1, starting_after=page.next).data != page.data
