"""What the tills of a modelled shop do: sales of every kind, until each is paid, given up or settled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from posconsole.engine.quoting.refusals import CodeRefused, QuoteChanged
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.errors import InvalidInput, NotAllowed
from posconsole.tenders.sandbox import ANSWER_LOST, APPROVES, DECLINES, STAYS_UNKNOWN
from tests.engine.memberwork import MemberWork
from tests.engine.modelledshop import PRODUCTS

if TYPE_CHECKING:
    from posconsole import Store
    from posconsole.engine.quoting.quotes import Quote
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


class TillWork(MemberWork):
    """What can be sold, and how it is paid."""

    @rule(data=st.data(), items=BASKETS)
    def sell(self, data: st.DataObject, items: tuple[Item, ...]) -> None:
        self.sell_now(data, Basket(items, member=data.draw(st.none() | st.sampled_from(self.books.living))))

    @rule(data=st.data(), items=BASKETS)
    def sell_with_codes(self, data: st.DataObject, items: tuple[Item, ...]) -> None:
        known = [held.code for held in [*self.books.coupons.values(), *self.books.vouchers.values()]]
        brought = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=3), label="codes")
        written = tuple(code.lower().replace("-", " ") for code in brought)
        member = data.draw(st.sampled_from([None, *self.books.living, *self.books.living]), label="member")
        self.sell_now(data, Basket(items, written, member))

    @rule(data=st.data(), items=BASKETS)
    def sell_to_a_member(self, data: st.DataObject, items: tuple[Item, ...]) -> None:
        """With a reward that they buy with points now, or have claimed before, by its id or its code."""
        member = self.draw_member(data)
        discounts = [key for key, reward in self.books.rewards.items() if reward.kind == "discount"]
        claims = [key for key, claim in self.books.claims.items() if claim.reward in discounts]
        reward = data.draw(st.sampled_from([None, *discounts, *claims, *claims]), label="reward")
        if reward in claims and data.draw(st.booleans(), label="by code"):
            ((code,),) = self.ask(f"SELECT code FROM redemption WHERE id = '{reward}'")  # noqa: S608
            if code is not None:
                self.sell_now(data, Basket(items, (code,), member))
                return
        self.sell_now(data, Basket(items, (), member, reward))

    @rule(data=st.data(), items=BASKETS)
    def sell_as_advised(self, data: st.DataObject, items: tuple[Item, ...]) -> None:
        """Ask what is best for a member, do that, and come to the price that was promised."""
        member, store = self.pick(data, self.books.living), self.draw_store(data)
        codes = [held.code for held in self.books.coupons.values()]
        before = self.fingerprint()
        advice = store.advise(Basket(items, member=member), codes)
        assert self.fingerprint() == before
        for offer in advice.activate:
            self.activate_one(offer, member, store)
        event("advised: " + (", ".join(sorted({step.kind for step in advice.steps})) or "nothing"))
        quote = store.quote(advice.basket)
        assert not quote.refused, (advice.steps, quote.refused)
        assert (quote.discount_amount, quote.due) == (advice.quote.discount_amount, advice.quote.due)
        self.sell_now(data, advice.basket)

    @rule(data=st.data(), items=BASKETS, at=st.integers(0, 1))
    def ring_up(self, data: st.DataObject, items: tuple[Item, ...], at: int) -> None:
        """Keep a basket open at a till, put it aside, sell it, or throw it away."""
        store, open_now = self.tills[at], self.rung.get(at)
        what = data.draw(st.sampled_from(["save", "park", "sell", "clear"]), label="what")
        if what == "save":
            self.rung[at] = Basket(items)
            store.baskets.save(self.rung[at])
        elif what == "park":
            if parked := self.either(open_now is not None, store.baskets.park, name="later"):
                self.parked[parked.id] = self.rung.pop(at)
        elif what == "clear":
            store.baskets.clear()
            self.rung.pop(at, None)
        elif open_now is not None:
            self.took_cash(store.payments.create(basket=open_now, closes_basket=True))
            del self.rung[at]

    def took_cash(self, sold: PaymentView) -> None:
        self.cards |= {tender.id: "cash" for tender in sold.tenders}
        self.books.took_place(sold)

    @precondition(lambda self: self.parked)
    @rule(data=st.data(), at=st.integers(0, 1), discard=st.booleans())
    def recall(self, data: st.DataObject, at: int, discard: bool) -> None:
        key, verbs = self.pick(data, self.parked), self.tills[at].baskets
        if discard:
            self.office.baskets.discard(key)
            del self.parked[key]
        elif self.either(at not in self.rung, verbs.recall, basket=key):
            self.rung[at] = self.parked.pop(key)

    @invariant()
    def baskets_agree(self) -> None:
        if hasattr(self, "tills"):
            assert {at: store.baskets.open() for at, store in enumerate(self.tills)} == {
                at: self.rung.get(at) for at in range(2)
            }
            assert {one.id: one.basket for one in self.office.baskets.parked()} == self.parked

    def sell_now(self, data: st.DataObject, basket: Basket) -> None:
        """Sell, after a try with the codes that the preview refuses and one at another price than it says."""
        store, way = self.draw_store(data), data.draw(st.sampled_from(["create", "create", "open"]))
        verb = getattr(store.payments, way)
        quote = store.quote(basket)
        if quote.refused:
            refused = self.says_no(CodeRefused, verb, basket=basket)
            assert refused.verdict == quote.refused[0]
            event(f"refused: {refused.verdict.reason}")
            basket = replace(basket, codes=tuple(one.code for one in quote.verdicts if one.valid))
            if quote.reward and not quote.reward.valid:
                basket = replace(basket, reward=None)
            quote = store.quote(basket)
            assert not quote.refused
        tenders = self.draw_tenders(data, quote.due)
        asked: dict[str, Any] = {"basket": basket, "tenders": tenders, "expected_due": quote.due}
        self.says_no(QuoteChanged, verb, **(asked | {"expected_due": quote.due + 1}))
        if quote.due > self.coin:
            self.says_no(InvalidInput, verb, basket=basket, tenders=[{"kind": "cash", "tendered": 0}])
        if data.draw(st.booleans(), label="with a key"):
            asked["idempotency_key"] = f"key{len(self.keys)}"
        brought = self.check_offers(quote, basket.member)
        sold: PaymentView = verb(**asked)
        event(f"{way}: {sold.status}")
        if "idempotency_key" in asked:
            self.keys[asked["idempotency_key"]] = "payments", verb, asked, sold.id
        assert {one.target for one in sold.redemptions if one.kind == "offer"} == brought
        self.check_preview(quote, sold)
        for tender, request in zip(sold.tenders, tenders, strict=False):
            self.cards[tender.id] = request.get("number") or request["kind"]
        assert sold.status == self.expected_outcome(sold, way)
        self.books.took_place(sold)

    def check_offers(self, quote: Quote, member: str | None) -> set[str]:
        """Return the offers that a sale has to bring."""
        if member is None:
            return set()
        due = self.books.expected_offers(quote, self.books.who(member), self.clock.at)
        for one in due:
            event(
                "offer: "
                + next(k for k in ("multiplier", "points", "percent", "reward") if getattr(self.books.offers[one], k))
            )
        return due

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
        self.books.took_place(after)

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
            # What another of its cards had paid is undone: it can't be captured any more.
            self.books.took_place(store.payments.get(payment.id))
        else:
            self.books.took_place(store.payments.cancel(payment.id))
            assert self.books.payments[payment.id].status == "canceled"

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
        asked: dict[str, Any] = {"payment": payment.id, "numbers": [self.cards[one] for one in devices]}
        if any(tender.status == "canceled" for tender in payment.tenders):
            self.says_no(NotAllowed, self.tills[0].payments.capture, **asked)
            return
        after = self.tills[0].payments.capture(**asked)
        assert after.status == self.expected_outcome(after, "create")
        self.books.took_place(after)

    @rule(by=st.integers(0, 2))
    def recover(self, by: int) -> None:
        self.sweep(self.stores[by])

    def sweep(self, store: Store) -> None:
        """Recover, and settle by hand what only a person can find out."""
        found = store.payments.recover()
        # Whoever recovers asks the bank again for what it hasn't answered.
        self.owed = {key: part for key, part in self.owed.items() if part[1] == "declined"}
        for one in found:
            event(f"recovered: {one.what}")
            before = self.books.payments[one.payment.id]
            asked = {
                self.cards[t.id] for t in before.tenders if t.status != "pending" or self.cards[t.id] == "terminal"
            }
            if one.what == "captured":
                assert asked - {"cash"} <= {APPROVES, ANSWER_LOST}
            elif one.what == "needs_settling":
                assert asked & {STAYS_UNKNOWN, "terminal"}
            self.books.took_place(one.payment)

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
        self.books.took_place(self.office.payments.settle(**asked))
        assert self.books.payments[payment.id].status == ("captured" if captured else "canceled")
