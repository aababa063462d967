"""Who may do what: operators and their PINs, the table of rights, approval on the spot, and what nobody gets to see."""

from __future__ import annotations

import contextlib
import threading
from functools import cached_property
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher

from posconsole.codes import mint
from posconsole.engine.staff import access, pins
from posconsole.engine.staff.access import CASHIER, RIGHTS
from posconsole.errors import Conflict, InvalidInput, NotAllowed, PosError
from tests.engine.rawfile import unguarded
from tests.engine.shop import BASKET, GIFT, LAMP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posconsole import Store
    from posconsole.clock import FixedClock

MO, ANA = "271828", "3141"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(pins, "hasher", lambda: quick)


@pytest.fixture
def staffed(office: Store) -> Store:
    office.operators.create(name="Mo", role="manager", pin=MO)
    office.operators.create(name="Ana", pin=ANA)
    return office


@pytest.fixture
def ana(staffed: Store) -> Iterator[Store]:
    """Give till 1 with a cashier at it; afterwards the audit has to find nothing."""
    store = staffed.sign_in(till="1", operator="Ana", pin=ANA)
    yield store
    assert staffed.audit() == []
    store.close()


def tamper(store: Store, change: str) -> None:
    with unguarded(store.url) as raw:
        raw.execute(f"UPDATE operator SET {change}")  # noqa: S608


# -- operators ----------------------------------------------------------------------------------------------


def test_a_shop_without_operators_asks_nobody(office: Store) -> None:
    assert not office.asks_for_pin
    till = office.sign_in(till="1", operator="Ana")
    assert (till.operator, till.role) == ("Ana", "manager")
    assert office.events.list(type="operator.admitted").total == 0
    till.close()


def test_from_the_first_operator_on_a_till_asks_for_name_and_pin(staffed: Store) -> None:
    assert staffed.asks_for_pin
    for given in ({}, {"operator": "Ana"}, {"pin": ANA}):
        with pytest.raises(NotAllowed) as refused:
            staffed.sign_in(**given)
        assert refused.value.code == "pin_needed"
    till = staffed.sign_in(till="1", operator="  aNA ", pin=ANA)
    assert (till.till, till.operator, till.role) == ("1", "Ana", "cashier")
    till.close()


def test_a_refused_sign_in_leaves_the_till_to_the_next(staffed: Store) -> None:
    with pytest.raises(NotAllowed, match="don't belong together"):
        staffed.sign_in(till="1", operator="Ana", pin="0000")
    staffed.sign_in(till="1", operator="Ana", pin=ANA).close()


def test_the_first_operator_has_to_be_a_manager(office: Store) -> None:
    with pytest.raises(NotAllowed) as refused:
        office.operators.create(name="Ana", pin=ANA)
    assert (refused.value.code, refused.value.field) == ("last_manager", "role")
    assert not office.asks_for_pin


@pytest.mark.parametrize(
    ("role", "pin"), [("cashier", "314"), ("cashier", "31 4"), ("cashier", "٣١٤١"), ("manager", "31415")]
)
def test_a_pin_is_four_digits_or_more_and_a_managers_six(staffed: Store, role: str, pin: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        staffed.operators.create(name="Ben", role=role, pin=pin)
    assert refused.value.field == "pin"
    assert pin not in refused.value.message


def test_names_differ_in_more_than_their_capitals(staffed: Store) -> None:
    with pytest.raises(Conflict) as refused:
        staffed.operators.create(name="ANA", pin="2718")
    assert refused.value.field == "name"


def test_the_same_key_makes_one_operator(office: Store) -> None:
    first, again = (office.operators.create(name="Mo", role="manager", pin=MO, idempotency_key="mo") for _ in range(2))
    assert first == again
    assert office.audit() == []


def test_who_is_made_a_manager_needs_a_managers_pin(staffed: Store) -> None:
    for pin in (None, "9999"):
        with pytest.raises(InvalidInput) as refused:
            staffed.operators.update("Ana", role="manager", pin=pin)
        assert refused.value.field == "pin"
    assert staffed.operators.update("Ana", role="manager", pin="999999").role == "manager"
    with pytest.raises(InvalidInput):
        staffed.operators.update("Ana", pin="9999")
    assert {it.name for it in staffed.operators.list().data} == {"Mo", "Ana"}
    assert staffed.audit() == []


@pytest.mark.parametrize("change", [{"active": False}, {"role": "cashier"}])
def test_the_last_manager_stays_one(staffed: Store, change: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed) as refused:
        staffed.operators.update("Mo", **change)
    assert refused.value.code == "last_manager"
    staffed.operators.create(name="Kim", role="manager", pin="161803")
    staffed.operators.update("Mo", **change)
    assert staffed.audit() == []


def test_of_two_managers_who_remove_each_other_at_once_one_stays(staffed: Store) -> None:
    for no in range(5):
        staffed.operators.create(name=f"Kim {no}", role="manager", pin="161803")
        ready = threading.Barrier(2)

        def remove(name: str, ready: threading.Barrier = ready) -> None:
            ready.wait()
            with contextlib.suppress(NotAllowed):
                staffed.operators.update(name, active=False)

        threads = [threading.Thread(target=remove, args=(name,)) for name in ("Mo", f"Kim {no}")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        managers = [it for it in staffed.operators.list().data if it.role == "manager" and it.active]
        assert len(managers) == 1
        staffed.operators.update("Mo", active=True)


def test_somebody_elses_hash_opens_nothing_and_the_audit_tells(staffed: Store) -> None:
    hers = "(SELECT pin_hash FROM operator WHERE name = 'Ana')"
    tamper(staffed, f"pin_hash = {hers} WHERE name = 'Mo'")
    with pytest.raises(NotAllowed, match="don't belong together"):
        staffed.sign_in(till="1", operator="Mo", pin=ANA)
    assert [finding.check for finding in staffed.audit()] == ["altered"]


@pytest.mark.parametrize("change", ["role = 'manager'", "active = NOT active", "name = 'Bob', name_key = 'bob'"])
def test_the_audit_tells_when_an_operator_was_changed_past_the_journal(staffed: Store, change: str) -> None:
    tamper(staffed, f"{change} WHERE name = 'Ana'")
    assert [finding.check for finding in staffed.audit()] == ["altered"]


# -- the table ----------------------------------------------------------------------------------------------

OPEN_TO_ALL = {"open", "sign_in", "switch", "approved", "close", "quote", "look", "say", "explain", "clock_behind"}
"""What of a store needs no right: coming, going, and the previews of a sale."""


def facades(thing: object, name: str = "store") -> Iterator[tuple[str, object]]:
    """Walk over a store and everything that hangs on it."""
    yield name, thing
    late = [attribute for attribute in dir(type(thing)) if isinstance(getattr(type(thing), attribute), cached_property)]
    for attribute, value in [*vars(thing).items(), *((one, getattr(thing, one)) for one in late)]:
        if not attribute.startswith("_") and type(value).__module__.startswith("posconsole.engine."):
            yield from facades(value, f"{name}.{attribute}")


def verbs(store: Store) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Return every public method within reach, by its path."""
    for path, facade in facades(store):
        for name in dir(type(facade)):
            open_to_all = name.startswith("_") or (path == "store" and name in OPEN_TO_ALL)
            if isinstance(getattr(type(facade), name), FunctionType) and not open_to_all:
                yield f"{path}.{name}", getattr(facade, name)


def test_every_verb_within_reach_of_a_store_names_its_right(office: Store) -> None:
    found = dict(verbs(office))
    assert [path for path, verb in found.items() if not hasattr(verb, "right")] == []
    assert {verb.right for verb in found.values()} <= RIGHTS.keys()  # type: ignore[attr-defined]


def test_every_line_of_the_table_is_used() -> None:
    engine = Path(access.__file__).parents[1]
    written = "".join(path.read_text(encoding="utf-8") for path in engine.rglob("*.py") if path.name != "access.py")
    assert [right for right in RIGHTS if f'("{right}"' not in written] == []


def test_a_cashier_is_refused_every_verb_of_a_manager(ana: Store, staffed: Store) -> None:
    before = staffed.events.list().total
    tried = 0
    for path, verb in verbs(ana):
        if RIGHTS[verb.right] != CASHIER:  # type: ignore[attr-defined]
            with pytest.raises(NotAllowed) as refused:
                verb()
            assert (refused.value.code, path) == ("manager_needed", path)
            tried += 1
    assert tried > 20
    assert staffed.events.list().total == before


def test_the_rights_of_the_specification() -> None:
    """Section 9, word by word."""
    cashiers = ["payments.sell", "payments.get", "coupons.validate", "vouchers.get", "payments.refund"]
    managers = ["vouchers.issue", "campaigns.create", "payments.settle"]
    assert {RIGHTS[right] for right in cashiers} == {"cashier"}
    assert {RIGHTS[right] for right in managers} == {"manager"}


def test_a_verb_without_a_line_in_the_table_is_not_loaded() -> None:
    with pytest.raises(AssertionError, match=r"tea\.drink"):
        access.needs("tea.drink")


def test_a_cashier_sells_and_refunds_with_the_receipt(ana: Store) -> None:
    sale = ana.payments.create(items=BASKET)
    assert ana.payments.refund(sale.id, reason="unwanted").amount == sale.amount
    assert sale.operator == "Ana"


# -- approval -----------------------------------------------------------------------------------------------


def test_a_manager_approves_on_the_spot_and_the_journal_names_both(ana: Store, staffed: Store) -> None:
    with pytest.raises(NotAllowed) as refused:
        ana.vouchers.issue(value=500)
    assert refused.value.code == "manager_needed"
    ana.approved("Mo", MO).vouchers.issue(value=500)
    (issued,) = staffed.events.list(type="voucher.issued").data
    assert (issued.operator, issued.till, issued.data["approved_by"]) == ("Ana", "1", "Mo")
    with pytest.raises(NotAllowed):
        ana.vouchers.issue(value=500)


def test_a_cashier_approves_nothing(ana: Store) -> None:
    with pytest.raises(NotAllowed) as refused:
        ana.approved("Ana", ANA)
    assert (refused.value.code, refused.value.field) == ("manager_needed", "operator")


def test_a_wrong_pin_approves_nothing_and_is_slowed(ana: Store) -> None:
    said = []
    for _ in range(6):
        with pytest.raises(NotAllowed) as refused:
            ana.approved("Mo", "000000")
        said.append(refused.value.code)
    assert said == ["pin_wrong"] * 5 + ["too_many_guesses"]


@pytest.mark.parametrize("change", [{"role": "cashier"}, {"active": False}])
def test_who_is_no_manager_any_more_loses_the_rights_at_once(staffed: Store, change: dict[str, Any]) -> None:
    staffed.operators.create(name="Bea", role="manager", pin="246810")
    bea = staffed.sign_in(till="7", operator="Bea", pin="246810")
    bea.vouchers.issue(value=100)
    staffed.operators.update("Bea", **change)
    with pytest.raises(NotAllowed) as refused:
        bea.vouchers.issue(value=100)
    assert refused.value.code == "manager_needed"
    bea.close()


def test_who_signed_in_before_there_were_operators_is_nobody_once_there_are(office: Store) -> None:
    early = office.sign_in(till="7", operator="Zoe")
    early.vouchers.issue(value=100)
    office.operators.create(name="Mo", role="manager", pin="135790")
    with pytest.raises(NotAllowed):
        early.vouchers.issue(value=100)
    early.close()


def test_another_operator_takes_the_till_over(ana: Store, staffed: Store) -> None:
    mo = ana.switch("Mo", MO)
    assert (mo.till, mo.operator, mo.role) == ("1", "Mo", "manager")
    assert mo.payments.create(items=BASKET).operator == "Mo"
    with pytest.raises(NotAllowed) as refused:
        staffed.sign_in(till="1", operator="Ana", pin=ANA)
    assert refused.value.code == "till_in_use"
    assert mo.switch("Ana", ANA).role == "cashier"


# -- what nobody gets to see --------------------------------------------------------------------------------


def test_lists_hide_minted_codes_from_cashiers(ana: Store, staffed: Store, clock: FixedClock) -> None:
    code = staffed.vouchers.issue(value=5000).code
    staffed.coupons.create(code="SPRING15", percent_off=15)
    ana.payments.create(items=BASKET, coupon="SPRING15", voucher=code)
    masked = f"…-{code[-4:]}"
    assert [it.code for it in staffed.vouchers.list().data] == [code]
    assert [it.code for it in ana.vouchers.list().data] == [masked]
    assert sorted(it.code for it in ana.redemptions.list().data) == ["SPRING15", masked]
    clock.at += 1
    sold = ana.payments.create(items=[{"id": GIFT}]).vouchers_sold[0].code
    (newest, paid) = ana.payments.list().data
    assert [it.code for it in newest.vouchers_sold] == [f"…-{sold[-4:]}"]
    assert {it.code for it in paid.redemptions} == {"SPRING15", masked}


def test_no_pin_and_no_whole_voucher_code_gets_into_the_journal_a_refusal_or_a_repr(
    ana: Store, staffed: Store, caplog: pytest.LogCaptureFixture
) -> None:
    code, unknown, secret = staffed.vouchers.issue(value=9000, pin="8642").code, mint("GIFT"), "97531975"
    sale = ana.payments.create(items=[{"id": LAMP}], voucher=code, pins={code: "8642"}, idempotency_key="k")
    ana.payments.refund(sale.id, reason="unwanted")
    staffed.operators.update("Ana", pin=secret)
    views: list[object] = [
        sale, ana.payments.get(sale.id), ana.vouchers.get(code), ana.coupons.validate(code, order_amount=100),
        ana.look(code, _basket(code)), ana.quote(_basket(code)), staffed.vouchers.list(), ana.redemptions.list(),
        staffed.operators.list(), staffed.events.list(), _basket(code),
    ]  # fmt: skip
    for work in (
        lambda: ana.vouchers.get(unknown),
        lambda: ana.coupons.get(code),
        lambda: ana.payments.create(items=[{"id": code}]),
        lambda: ana.payments.create(items=[{"id": LAMP}], voucher=code),
        lambda: ana.payments.create(items=[{"id": LAMP}], voucher=code, pins={code: "1111"}),
        lambda: ana.products.get(code),
        lambda: ana.payments.get(code),
        lambda: ana.payments.find(code),
        lambda: staffed.vouchers.issue(value=1, code=code),
        lambda: staffed.operators.create(name="Eve", pin=f"{secret}{secret}"),
        lambda: ana.switch("Ana", "11119999"),
        lambda: ana.switch(secret, secret),
    ):
        with pytest.raises(PosError) as refused:
            work()
        views += [str(refused.value), repr(refused.value), refused.value.message]
    events = staffed.events.list().data
    views += [(event.data, event.subject) for event in events]
    for shown in (*views, caplog.text):
        for hidden in (code, code.replace("-", ""), unknown, secret, MO, "8642", "11119999"):
            assert hidden not in repr(shown)


def _basket(code: str) -> Any:
    from posconsole.engine.quoting.rung import Basket, Item

    return Basket((Item(LAMP),), (code,))
