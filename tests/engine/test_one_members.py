"""What a till asks about one member: their visits and their segments, with those of the accounts merged into theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.tendering import TenderRequest
from tests.engine.shop import CUP, TEA

if TYPE_CHECKING:
    from posconsole import Store


def buy(till: Store, sku: str, member: str | None) -> str:
    return till.payments.create(
        basket=Basket((Item(sku),), (), member), tenders=[TenderRequest("cash", tendered=5000)]
    ).id


def test_a_members_visits_are_theirs_and_those_of_accounts_merged_into_theirs(till: Store) -> None:
    mira, twin, jonas = (till.members.create(name=name).id for name in ("Mira", "Mira again", "Jonas"))
    bought = {buy(till, CUP, mira), buy(till, TEA, twin)}
    buy(till, CUP, jonas)
    buy(till, CUP, None)
    till.members.merge(keep=mira, duplicate=twin)
    page = till.payments.list(customer=mira)
    assert ({visit.id for visit in page.data}, page.total) == (bought, 2)
    assert till.payments.list(customer=mira, status="refunded").data == ()


def test_a_members_segments_are_the_lists_they_are_on_and_the_rules_they_meet(till: Store) -> None:
    mira, jonas = (till.members.create(name=name).id for name in ("Mira", "Jonas"))
    till.segments.create("crew", members=[mira])
    till.segments.create("buyers", rule={"spend_at_least": 500})
    buy(till, CUP, mira)
    assert till.segments.of(mira) == ("buyers", "crew")
    assert till.segments.of(jonas) == ()
