"""A shop at random: sales, declines, cancels, refunds, retries and recoveries, audited after every step.

What has to hold stands in `model.py`.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from posconsole import Store
from posconsole.clock import FixedClock
from posconsole.engine.refusals import CodeRefused, QuoteChanged
from posconsole.engine.rung import Basket, Item
from posconsole.errors import IdempotencyConflict, InvalidInput, NotAllowed
from posconsole.tenders.sandbox import ANSWER_LOST, APPROVES, DECLINES, STAYS_UNKNOWN
from tests.engine.model import LIVE, NO_CAP, NOON, PRODUCTS, SHOPS, Held, ModelledShop
from tests.examples import examples

if TYPE_CHECKING:
    from posconsole.engine.views import PaymentView

BASKETS = st.lists(
    st.builds(Item, st.sampled_from([product["sku"] for product in PRODUCTS]), st.integers(1, 4))
    | st.builds(Item, st.sampled_from(["a", "b", "c", "free"]), st.integers(1, 4), st.sampled_from([0, 7, 1250]))
    | st.builds(
        Item, st.none(), st.integers(1, 3), st.integers(0, 5000), st.sampled_from([None, "Repair", "[b]x[/b]", "=1"])
    ),
    min_size=1,
    max_size=4,
).map(tuple)

VOUCHERS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "value": st.sampled_from([1, 500, 2500, 9999]),
        "single_use": st.booleans(),
        "lasts": st.sampled_from([None, None, 50, 2000]),
    }
)
COUPONS: st.SearchStrategy[dict[str, Any]] = st.builds(
    lambda off, conditions, terms: {**off, **conditions, **terms},
    st.sampled_from([{"percent_off": 10}, {"percent_off": "12.5"}, {"percent_off": 100}, {"amount_off": 777}]),
    st.sampled_from(
        [
            {},
            {},
            {"min_order_value": 2000},
            {"max_discount": 150},
            {"category": "food"},
            {"product_ids": ["a", "gift"], "excluded_product_ids": ["b"]},
            {"excluded_product_ids": ["a"]},
        ]
    ),
    st.fixed_dictionaries(
        {
            "max_redemptions": st.sampled_from([None, 1, 3]),
            "customer_limit": st.sampled_from([None, None, 1, 2]),
            "stackable": st.booleans(),
            "priority": st.integers(0, 2),
            "lasts": st.sampled_from([None, None, 1000]),
        }
    ),
)


@pytest.fixture(scope="module", autouse=True)
def templates(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Make each shop once; every example starts from a copy of its files."""
    Machine.templates = tmp_path_factory.mktemp("shops")
    for name, settings in SHOPS.items():
        shop = Store.open(f"sqlite:///{Machine.templates / name}.db", clock=FixedClock(NOON), **settings)
        for product in PRODUCTS:
            shop.products.create(name=product["sku"].title(), **product)
        for number in (1, 2):
            shop.members.create(name=f"Member {number}", card=f"M{number}")
        shop.close()


class Machine(ModelledShop):
    """What can be done to the shop."""

    @initialize(name=st.sampled_from(sorted(SHOPS)), data=st.data())
    def open_shop(self, name: str, data: st.DataObject) -> None:
        for part in ("", ".key"):
            shutil.copy(self.templates / f"{name}.db{part}", f"{self.file}{part}")
        self.coin = SHOPS[name]["smallest_coin"]
        self.open_stores()
        with self.rows() as database:
            self.members = [row[0] for row in database.execute("SELECT id FROM member ORDER BY card")]
        for _ in range(3):
            self.issue_voucher(data.draw(VOUCHERS))
            self.make_coupon(data.draw(COUPONS))

    # -- what the shop offers ------------------------------------------------------------------------------

    @rule(data=st.data(), what=st.sampled_from(["voucher", "coupon", "on", "off", "delete", "void"]))
    def work_in_the_office(self, data: st.DataObject, what: str) -> None:
        if what == "voucher":
            self.issue_voucher(data.draw(VOUCHERS))
        elif what == "coupon":
            self.make_coupon(data.draw(COUPONS))
        elif what == "void":
            self.void_voucher(data)
        else:
            self.change_coupon(data, what)

    def issue_voucher(self, terms: dict[str, Any]) -> None:
        made = self.office.vouchers.issue(**self.dated(terms, "expires_at"))
        self.vouchers[made.id] = Held(made.code, made.initial_value)

    def make_coupon(self, terms: dict[str, Any]) -> None:
        made = self.office.coupons.create(code=f"CODE{len(self.coupons)}", **self.dated(terms, "valid_until"))
        self.coupons[made.id] = Held(made.code, made.max_redemptions or NO_CAP, limit=made.customer_limit)

    def dated(self, terms: dict[str, Any], name: str) -> dict[str, Any]:
        """Turn how long something lasts into its end."""
        lasts = terms["lasts"]
        return {key: value for key, value in terms.items() if key != "lasts"} | {name: lasts and self.clock.at + lasts}

    def change_coupon(self, data: st.DataObject, what: str) -> None:
        coupon, store = data.draw(st.sampled_from(sorted(self.coupons))), self.draw_store(data)
        if what == "delete":
            store.coupons.delete(coupon)
        elif store.coupons.get(coupon).status == "deleted":
            with pytest.raises(NotAllowed):
                store.coupons.revise(coupon, status="active")
        else:
            store.coupons.revise(coupon, status="active" if what == "on" else "inactive")

    def void_voucher(self, data: st.DataObject) -> None:
        key, store = data.draw(st.sampled_from(sorted(self.vouchers))), self.draw_store(data)
        kept = self.vouchers[key]
        if kept.void or kept.held or store.vouchers.get(key).status == "issued":
            with pytest.raises(NotAllowed):
                store.vouchers.void(key, "lost")
        else:
            store.vouchers.void(key, "lost")
            kept.void, kept.spare = True, 0

    # -- selling -------------------------------------------------------------------------------------------

    @rule(data=st.data(), items=BASKETS)
    def sell(self, data: st.DataObject, items: tuple[Item, ...]) -> None:
        self.sell_now(data, Basket(items))

    @precondition(lambda self: self.coupons or self.vouchers)
    @rule(data=st.data(), items=BASKETS)
    def sell_with_codes(self, data: st.DataObject, items: tuple[Item, ...]) -> None:
        known = [held.code for held in [*self.coupons.values(), *self.vouchers.values()]]
        brought = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=3), label="codes")
        written = tuple(code.lower().replace("-", " ") for code in brought)
        self.sell_now(data, Basket(items, written, data.draw(st.sampled_from([None, *self.members]))))

    def sell_now(self, data: st.DataObject, basket: Basket) -> None:
        """Sell, after a try with the codes that the preview refuses and one at another price than it says."""
        store, way = self.draw_store(data), data.draw(st.sampled_from(["create", "create", "open"]))
        verb = getattr(store.payments, way)
        quote = store.quote(basket)
        if quote.refused:
            refused = self.says_no(CodeRefused, verb, basket=basket)
            assert refused.verdict == quote.refused[0]
            basket = replace(basket, codes=tuple(one.code for one in quote.verdicts if one.valid))
            quote = store.quote(basket)
            assert not quote.refused
        tenders = self.draw_tenders(data, quote.due)
        asked: dict[str, Any] = {"basket": basket, "tenders": tenders, "expected_due": quote.due}
        self.says_no(QuoteChanged, verb, **(asked | {"expected_due": quote.due + 1}))
        if quote.due > self.coin:
            self.says_no(InvalidInput, verb, basket=basket, tenders=[{"kind": "cash", "tendered": 0}])
        if data.draw(st.booleans(), label="with a key"):
            asked["idempotency_key"] = f"key{len(self.keys)}"
        sold: PaymentView = verb(**asked)
        event(f"{way}: {sold.status}")
        if "idempotency_key" in asked:
            self.keys[asked["idempotency_key"]] = verb, asked, sold.id
        self.check_preview(quote, sold)
        for tender, request in zip(sold.tenders, tenders, strict=False):
            self.cards[tender.id] = request.get("number") or request["kind"]
        assert sold.status == self.expected_outcome(sold, way)
        self.took_place(sold)

    def draw_tenders(self, data: st.DataObject, due: int) -> list[dict[str, Any]]:
        """Draw a mix that covers `due`: parts first, and one that takes the rest."""
        tenders: list[dict[str, Any]] = []
        number = st.sampled_from([APPROVES, APPROVES, DECLINES, ANSWER_LOST, STAYS_UNKNOWN])
        if due > 2 * self.coin and data.draw(st.booleans(), label="two tenders"):
            part = data.draw(st.integers(1, due - 1), label="part")
            first = data.draw(st.sampled_from(["cash", "card", "terminal"]))
            if first == "cash":
                part = min(part, due - self.coin)  # more would round to the whole
                part -= part % self.coin
                tenders.append({"kind": "cash", "tendered": part})
            else:
                tenders.append({"kind": first, "amount": part})
        kinds = ["cash", "cash", "card", "card", "terminal"]
        if any(one["kind"] == "terminal" for one in tenders):
            kinds.remove("terminal")  # the bank's own device is asked once a sale
        last: dict[str, Any] = {"kind": data.draw(st.sampled_from(kinds))}
        if last["kind"] == "cash" and data.draw(st.booleans(), label="with change"):
            last["tendered"] = due + data.draw(st.integers(self.coin, 5000))
        for one in (*tenders, last):
            if one["kind"] == "card":
                one["number"] = data.draw(number, label="card")
        return [*tenders, last]

    @precondition(lambda self: self.pending())
    @rule(data=st.data(), yes=st.booleans())
    def hear_from_the_terminal(self, data: st.DataObject, yes: bool) -> None:
        """The person at the bank's own device says what it said."""
        payment = self.draw_pending(data)
        kinds = {self.cards[tender.id] for tender in payment.tenders} - {"cash"}
        if kinds != {"terminal"}:
            return
        verbs = self.draw_store(data).payments
        after = verbs.capture(payment.id, approval_code="A1") if yes else verbs.decline(payment.id)
        assert after.status == ("captured" if yes else "declined")
        self.took_place(after)

    @precondition(lambda self: self.pending())
    @rule(data=st.data())
    def walk_away(self, data: st.DataObject) -> None:
        """Somebody cancels: refused exactly while the bank may still have the money."""
        payment = self.draw_pending(data)
        asked = {self.cards[tender.id] for tender in payment.tenders if tender.status != "pending"}
        store = self.draw_store(data)
        if STAYS_UNKNOWN in asked:
            with pytest.raises(NotAllowed):
                store.payments.cancel(payment.id)
        else:
            self.took_place(store.payments.cancel(payment.id))
            assert self.payments[payment.id].status == "canceled"

    @precondition(lambda self: self.pending())
    @rule(data=st.data(), way=st.sampled_from(["again", "fresh"]))
    def capture_again(self, data: st.DataObject, way: str) -> None:
        """Capture what `open` left, with a card that approves, or ask once more for what nobody could tell."""
        payment = self.draw_pending(data)
        devices = [tender.id for tender in payment.tenders if self.cards[tender.id] not in ("cash", "terminal")]
        fresh = all(tender.status == "pending" for tender in payment.tenders)
        if way == "fresh" and not fresh:
            return
        if way == "fresh":
            self.cards |= dict.fromkeys(devices, APPROVES)
        after = self.tills[0].payments.capture(payment.id, numbers=[self.cards[one] for one in devices])
        assert after.status == self.expected_outcome(after, "create")
        self.took_place(after)

    @rule(by=st.integers(0, 2))
    def recover(self, by: int) -> None:
        self.sweep(self.stores[by])

    def sweep(self, store: Store) -> None:
        """Recover, and settle by hand what only a person can find out."""
        for one in store.payments.recover():
            event(f"recovered: {one.what}")
            before = self.payments[one.payment.id]
            asked = {
                self.cards[t.id] for t in before.tenders if t.status != "pending" or self.cards[t.id] == "terminal"
            }
            if one.what == "captured":
                assert asked - {"cash"} <= {APPROVES, ANSWER_LOST}
            elif one.what == "needs_settling":
                assert asked & {STAYS_UNKNOWN, "terminal"}
            self.took_place(one.payment)

    @precondition(lambda self: self.pending())
    @rule(data=st.data(), captured=st.booleans())
    def settle_by_hand(self, data: st.DataObject, captured: bool) -> None:
        """A person tells what became of it; a card that was never charged can't be told to have paid."""
        payment = self.draw_pending(data)
        devices = [tender for tender in payment.tenders if self.cards[tender.id] not in ("cash", "terminal")]
        asked: dict[str, Any] = {"payment": payment.id, "captured": captured, "note": "asked the bank"}
        charges = self.bank()
        if captured and any(charges.get(tender.id, ("absent",))[0] in ("absent", "voided") for tender in devices):
            self.says_no(NotAllowed, self.office.payments.settle, **asked)
            return
        self.took_place(self.office.payments.settle(**asked))
        assert self.payments[payment.id].status == ("captured" if captured else "canceled")

    # -- giving back -----------------------------------------------------------------------------------------

    def refundable(self) -> list[str]:
        """Return the payments with something left to give back, and one that was given back whole."""
        live = [key for key, payment in self.payments.items() if payment.status in LIVE[:2]]
        return live + [key for key, payment in self.payments.items() if payment.status == "refunded"][:1]

    @precondition(lambda self: self.refundable())
    @rule(data=st.data(), everything=st.booleans(), keyed=st.booleans())
    def refund(self, data: st.DataObject, everything: bool, keyed: bool) -> None:
        self.refund_now(data, data.draw(st.sampled_from(self.refundable())), everything, keyed)

    def paid_with_codes(self) -> list[str]:
        return [key for key in self.refundable() if self.payments[key].redemptions]

    @precondition(lambda self: self.paid_with_codes())
    @rule(data=st.data(), keyed=st.booleans())
    def refund_a_sale_with_codes(self, data: st.DataObject, keyed: bool) -> None:
        self.refund_now(data, data.draw(st.sampled_from(self.paid_with_codes())), everything=True, keyed=keyed)

    def refund_now(self, data: st.DataObject, key: str, everything: bool, keyed: bool) -> None:
        payment = self.payments[key]
        store, items = self.draw_store(data), None
        left = [(line.no, line.quantity - line.refunded) for line in payment.lines if line.quantity > line.refunded]
        if not everything and left:
            chosen = data.draw(st.lists(st.sampled_from(left), min_size=1, max_size=3, unique=True))
            items = [{"line": no, "quantity": data.draw(st.integers(1, most))} for no, most in chosen]
        asked: dict[str, Any] = {"payment": payment.id, "items": items, "reason": "back"}
        if keyed:
            asked["idempotency_key"] = f"key{len(self.keys)}"
        try:
            planned = store.payments.plan_refund(payment.id, items)
        except NotAllowed:
            planned = None
        if planned is None:
            assert not left or self.voucher_in_the_way(payment)
            self.says_no(NotAllowed, store.payments.refund, **asked)
            return
        done = store.payments.refund(**asked)
        event("refunded" if everything else "refunded in part")
        assert (done.amount, done.rounding, done.items) == (planned.amount, planned.rounding, planned.items)
        assert [(t.kind, t.amount, t.tender) for t in done.tenders] == [
            (t.kind, t.amount, t.tender) for t in planned.tenders
        ]
        if keyed:
            self.keys[asked["idempotency_key"]] = store.payments.refund, asked, done.id
        self.gave_back(payment, done)

    # -- again, later, elsewhere -------------------------------------------------------------------------------

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), other=st.booleans())
    def retry(self, data: st.DataObject, other: bool) -> None:
        """The same key gives the same answer for ever and moves nothing; with another request it conflicts."""
        key = data.draw(st.sampled_from(sorted(self.keys)))
        verb, asked, result = self.keys[key]
        if result in self.payments and self.payments[result].status == "pending":
            return
        before = self.fingerprint()
        if other:
            changed = {"reason": "another"} if "reason" in asked else {"basket": Basket((Item(None, 1, 12345),))}
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
        if any(payment.expires_at and payment.expires_at < self.clock.at for payment in self.pending()):
            self.sweep(self.stores[seconds % 3])

    def restart(self) -> None:
        self.close_stores()
        self.open_stores()
        for key, (verb, asked, result) in self.keys.items():
            self.keys[key] = getattr(self.office.payments, verb.__name__), asked, result


Machine.TestCase.settings = examples(60, 600, steps=60)
TestShop = Machine.TestCase
