"""A shop at random: sales, declines, cancels, refunds, retries and recoveries, members, offers and rewards.

Audited after every step. What is made for it stands in `officework`, what has to hold in `modelledshop` and `model`.
The deep profile takes a seed: `HYPOTHESIS_PROFILE=deep pytest --hypothesis-seed=1 tests/engine/test_stateful.py`.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from posconsole.engine.quoting.rung import Basket, Item
from posconsole.errors import IdempotencyConflict, NotAllowed
from posconsole.tenders.base import Answer
from posconsole.tenders.sandbox import SandboxBank
from tests.engine.model import LIVE, Credit
from tests.engine.modelledshop import SHOPS, Databases, Files
from tests.engine.tillwork import BASKETS, TillWork
from tests.examples import examples

if TYPE_CHECKING:
    from posconsole.engine.views import PaymentView, RefundView

STEPS: Counter[str] = Counter()


class Machine(TillWork):
    """All that can be done, and what is given back."""

    @initialize(name=st.sampled_from(sorted(SHOPS)), data=st.data())
    def open_shop(self, name: str, data: st.DataObject) -> None:
        self.begin(name)
        self.furnish(data)

    # -- giving back -----------------------------------------------------------------------------------------

    def refundable(self) -> list[str]:
        """Return the payments with something left to give back, and one that was given back whole."""
        payments = self.books.payments.items()
        live = [key for key, payment in payments if payment.status in LIVE[:2]]
        return live + [key for key, payment in payments if payment.status == "refunded"][:1]

    @precondition(lambda self: self.refundable())
    @rule(data=st.data(), everything=st.booleans(), as_credit=st.sampled_from([False, False, True]))
    def refund(self, data: st.DataObject, everything: bool, as_credit: bool) -> None:
        self.refund_now(data, data.draw(st.sampled_from(self.refundable())), everything, as_credit)

    def paid_with_codes(self) -> list[str]:
        return [key for key in self.refundable() if self.books.payments[key].redemptions]

    @precondition(lambda self: self.paid_with_codes())
    @rule(data=st.data())
    def refund_a_sale_with_codes(self, data: st.DataObject) -> None:
        self.refund_now(data, data.draw(st.sampled_from(self.paid_with_codes())), everything=True, as_credit=False)

    @precondition(lambda self: self.refundable())
    @rule(data=st.data(), everything=st.booleans(), says=st.sampled_from(["declined", "unknown"]))
    def refund_while_the_bank_does_not_pay(self, data: st.DataObject, everything: bool, says: str) -> None:
        with patch.object(SandboxBank, "refund", return_value=Answer(says)):
            self.refund_now(data, data.draw(st.sampled_from(self.refundable())), everything, as_credit=False)

    def refund_now(self, data: st.DataObject, key: str, everything: bool, as_credit: bool) -> None:
        was = self.books.payments[key]
        store, items = self.draw_store(data), None
        left = [(line.no, line.quantity - line.refunded) for line in was.lines if line.quantity > line.refunded]
        if not everything and left:
            chosen = data.draw(st.lists(st.sampled_from(left), min_size=1, max_size=3, unique=True))
            items = [{"line": no, "quantity": data.draw(st.integers(1, most))} for no, most in chosen]
        asked: dict[str, Any] = {"payment": was.id, "items": items, "reason": "back", "as_credit": as_credit}
        if data.draw(st.booleans(), label="with a key"):
            asked["idempotency_key"] = f"key{len(self.keys)}"
        try:
            planned = store.payments.plan_refund(was.id, items, as_credit=as_credit)
        except NotAllowed:
            planned = None
        if planned is None or self.books.credit_in_use(was, items):
            assert not left or self.books.in_the_way(was, as_credit=as_credit)
            self.says_no(NotAllowed, store.payments.refund, **asked)
            return
        done = store.payments.refund(**asked)
        event("refunded as credit" if as_credit else "refunded" if everything else "refunded in part")
        for name in ("amount", "rounding", "items", "points"):
            assert getattr(done, name) == getattr(planned, name), name
        assert [(t.kind, t.amount, t.tender) for t in done.tenders] == [
            (t.kind, t.amount, t.tender) for t in planned.tenders
        ]
        if "idempotency_key" in asked:
            self.keys[asked["idempotency_key"]] = "payments", store.payments.refund, asked, done.id
        self.gave_back(was, done, as_credit)

    def gave_back(self, was: PaymentView, done: RefundView, as_credit: bool) -> None:
        self.books.gave_back(was, self.office.payments.get(was.id), done, as_credit=as_credit)
        for back in done.tenders:
            if back.tender is not None and back.status != "captured":
                self.owed[done.id, back.tender] = back.amount, back.status
        for voucher in was.vouchers_sold:
            kept = self.books.vouchers[voucher.id]
            if self.office.vouchers.get(voucher.id).status == "void" and not kept.void:
                kept.void, kept.spare = True, 0
        if self.books.payments[was.id].status == "refunded":
            self.paid_back_in_full(was)

    def paid_back_in_full(self, was: PaymentView) -> None:
        """All refunds of a sale together give back what was paid, less what its own gift cards had spent."""
        now = self.books.payments[was.id]
        goods = sum(line.total for line in was.lines if line.voucher_value is None)
        assert sum(refund.amount for refund in now.refunds) == now.refunded_amount
        assert goods <= now.refunded_amount <= was.amount
        assert sum(refund.points for refund in now.refunds) == was.points_earned
        if not was.vouchers_sold and not any(t.kind == "credit" for one in now.refunds for t in one.tenders):
            assert now.refunded_amount == was.amount
            assert [tender.refunded for tender in now.tenders] == [tender.amount for tender in now.tenders]
            assert sum(refund.rounding for refund in now.refunds) == was.rounding

    @precondition(lambda self: self.owed)
    @rule(data=st.data(), as_=st.sampled_from(["cash", "credit"]))
    def pay_what_a_card_is_owed(self, data: st.DataObject, as_: str) -> None:
        """By hand, when the bank has declined it or still doesn't answer."""
        parts = self.office.payments.owed()
        assert {((one.refund, one.tender), (one.amount, one.status)) for one in parts} == set(self.owed.items())
        part = data.draw(st.sampled_from(parts), label="part")
        event(f"settled as {as_}: {part.status}")
        with patch.object(SandboxBank, "refund", return_value=Answer("unknown")):
            self.office.payments.settle_refund(part.id, as_=as_)
        self.by_hand[part.tender] += self.owed.pop((part.refund, part.tender))[0]
        self.books.money[part.kind] += part.amount
        if as_ == "credit":
            self.books.due_credits.append(Credit(part.refund, part.amount))
            self.books.rounded += part.amount
        else:
            paid = (part.amount * 2 + self.coin) // (2 * self.coin) * self.coin
            self.books.money["cash"] -= paid
            self.books.rounded += part.amount - paid

    @rule(data=st.data(), items=BASKETS, tender=st.sampled_from(["cash", "credit"]))
    def take_back_without_a_receipt(self, data: st.DataObject, items: tuple[Item, ...], tender: str) -> None:
        goods: list[Any] = [item for item in items if item.id not in ("gift", "deal")]
        if not goods:
            return
        done = self.office.payments.refund_without_receipt(goods, reason="no receipt", tender=tender)
        if tender == "cash":
            self.books.money["cash"] -= done.amount + done.rounding
        elif done.amount:
            self.books.due_credits.append(Credit(done.id, done.amount))

    # -- again, later, elsewhere -------------------------------------------------------------------------------

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), other=st.booleans())
    def retry(self, data: st.DataObject, other: bool) -> None:
        """The same key gives the same answer for ever and moves nothing; with another request it conflicts."""
        key = data.draw(st.sampled_from(sorted(self.keys)))
        _, verb, asked, result = self.keys[key]
        if result in self.books.payments and self.books.payments[result].status == "pending":
            return
        before = self.fingerprint()
        if other:
            changes = {"basket": Basket((Item(None, 1, 12345),)), "reason": "another", "reward": "rwd_other"}
            changed = {name: value for name, value in changes.items() if name in asked}
            with pytest.raises(IdempotencyConflict):
                verb(**(asked | changed))
        else:
            assert verb(**asked).id == result
        assert self.fingerprint() == before

    @rule(seconds=st.sampled_from([0, 1, 60, 901, 2000]))
    def time_passes(self, seconds: int) -> None:
        """The clock runs, or the programs start anew; what is pending past its time is swept by any of them."""
        self.clock.at += seconds
        if not seconds:
            self.restart()
        unpaid = any(status == "pending" for _, status in self.owed.values())
        if unpaid or any(payment.expires_at and payment.expires_at < self.clock.at for payment in self.pending()):
            self.sweep(self.stores[seconds % 3])

    def restart(self) -> None:
        self.close_stores()
        self.open_stores()
        areas = {"payments": self.office.payments, "redemptions": self.office.loyalty.redemptions}
        for key, (area, verb, asked, result) in self.keys.items():
            self.keys[key] = area, getattr(areas[area], verb.__name__), asked, result

    @invariant()
    def counted(self) -> None:
        STEPS["steps"] += 1

    def teardown(self) -> None:
        STEPS["examples"] += 1
        super().teardown()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_shop_at_random(database: str, request: pytest.FixtureRequest, tmp_path: Any, record_property: Any) -> None:
    server = request.getfixturevalue("postgresql") if database == "postgresql" else None
    Machine.place = Files(tmp_path) if server is None else Databases(server)
    few = 16 if server is None else 4
    many = int(os.environ.get("POSCONSOLE_EXAMPLES", "600"))
    STEPS.clear()
    run_state_machine_as_test(Machine, settings=examples(few, many, steps=60))
    record_property("tried", dict(STEPS))
    print(f"\n{database}: {dict(STEPS)}")  # noqa: T201
