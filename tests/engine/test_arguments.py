"""Whatever is handed to a verb of the store, what comes back is a result or a refusal of the one family."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from posconsole.engine.codes import couponterms
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.engine.sale.selling import SaleArguments
from posconsole.errors import Busy, PosError, StorageError
from tests.engine.shop import TEA

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole import Store

HOSTILE: list[Any] = [
    None, 5, -1, 0, 2**70, 10**5000, 1.5, float("nan"), True, "", "x", "\ud800", "\0", "x" * 300_000, b"x",
    [], [5], [None], ["\ud800"], {}, {"a": 1}, object(),
]  # fmt: skip
SALE = Basket((Item(TEA),))
SOUND: dict[str, dict[str, Any]] = {
    "payments.create": {"items": [{"id": TEA}]},
    "payments.open": {"items": [{"id": TEA}], "tender": "terminal"},
    "payments.get": {"payment": "1"},
    "payments.find": {"receipt": "1"},
    "payments.capture": {"payment": "1"},
    "payments.cancel": {"payment": "1"},
    "payments.decline": {"payment": "1"},
    "payments.settle": {"payment": "1", "captured": True},
    "payments.refund": {"payment": "1"},
    "payments.plan_refund": {"payment": "1"},
    "payments.list": {},
    "coupons.create": {"code": "NEW", "percent_off": 10},
    "coupons.get": {"coupon": "TEN"},
    "coupons.validate": {"code": "TEN", "order_amount": 100},
    "coupons.update": {"coupon": "TEN", "name": "Ten"},
    "coupons.revise": {"coupon": "TEN", "value": 15, "conditions": {"min_order_value": 5}},
    "coupons.delete": {"coupon": "GONE"},
    "coupons.list": {},
    "campaigns.create": {"name": "Spring"},
    "campaigns.get": {"campaign": "x"},
    "campaigns.list": {},
    "campaigns.update": {"campaign": "x", "name": "Spring"},
    "campaigns.pause": {"campaign": "x"},
    "campaigns.report": {"campaign": "x"},
    "vouchers.issue": {"value": 100},
    "vouchers.get": {"voucher": "x"},
    "vouchers.transactions": {"voucher": "x"},
    "vouchers.void": {"voucher": "x", "reason": "lost"},
    "vouchers.list": {},
    "members.create": {"name": "Mira"},
    "members.get": {"member": "x"},
    "members.find": {"text": "x"},
    "products.create": {"sku": "new", "name": "New", "price": 5},
    "products.get": {"sku": TEA},
    "products.find": {"text": "x"},
    "redemptions.list": {},
    "events.list": {},
    "sign_in": {"till": "2"},
    "quote": {"basket": SALE},
    "look": {"text": "TEN", "basket": SALE},
    "advise": {"basket": SALE},
    "baskets.save": {"basket": SALE},
    "coupons.try_out": {"amounts": [100], "percent_off": 5},
}
MORE = {
    "payments.create": SaleArguments.__annotations__,
    "coupons.create": [*couponterms.WRITTEN],
}


@pytest.mark.parametrize("verb", SOUND)
def test_a_hostile_argument_is_refused_with_its_field_or_does_no_harm(till: Store, verb: str) -> None:
    till.coupons.create(code="TEN", percent_off=10)
    till.payments.create(items=[{"id": TEA}])
    call: Any = till
    for name in verb.split("."):
        call = getattr(call, name)
    wrong = []
    named = [name for name, one in inspect.signature(call).parameters.items() if one.kind != one.VAR_KEYWORD]
    for name in {*named, *MORE.get(verb, ())} - {"self"}:
        for value in HOSTILE:
            try:
                done = call(**SOUND[verb] | {name: value})
            except (Busy, StorageError) as blamed_on_the_disk:
                wrong.append((name, value, blamed_on_the_disk))
            except PosError:
                continue
            else:
                if verb == "sign_in":
                    done.close()
    assert wrong == []


@pytest.mark.parametrize("field", ["id", "quantity", "price", "name", "kind", "amount", "tendered", "number", "line"])
def test_a_hostile_field_of_a_line_or_a_tender_is_refused_or_does_no_harm(till: Store, field: str) -> None:
    paid = till.payments.create(items=[{"id": TEA, "quantity": 100}])
    wrong = []
    for number, value in enumerate(HOSTILE):
        if field in ("id", "quantity", "price", "name"):
            tried: Any = {"items": [{"id": None, "price": 100, field: value}]}
        else:
            tried = {"items": [{"id": TEA}], "tenders": [{"kind": "cash", field: value}]}
        for call, arguments in (
            (till.payments.create, {**tried, "idempotency_key": f"{field}{number}"}),
            (till.payments.refund, {"payment": paid.id, "items": [{"line": 1, field: value}]}),
        ):
            try:
                call(**arguments)
            except (Busy, StorageError) as blamed_on_the_disk:
                wrong.append((value, blamed_on_the_disk))
            except PosError:
                continue
    assert wrong == []


@pytest.mark.parametrize("part", ["items", "codes", "member", "reward"])
def test_a_hostile_part_of_a_basket_is_refused_or_does_no_harm(till: Store, part: str) -> None:
    calls: list[Callable[[Basket], Any]] = [
        till.quote,
        till.advise,
        till.baskets.save,
        lambda basket: till.look("TEN", basket),
        lambda basket: till.payments.create(basket=basket, idempotency_key="k"),
    ]
    wrong = []
    for value in HOSTILE:
        for call in calls:
            try:
                call(replace(SALE, **{part: value}))
            except (Busy, StorageError) as blamed_on_the_disk:
                wrong.append((value, blamed_on_the_disk))
            except PosError:
                continue
    assert wrong == []
