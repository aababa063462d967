"""Every writing call takes a key: called again with it, it is done once and answers as it did."""

from __future__ import annotations

import inspect
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from posconsole.engine.goods.importing import ProductRow
from posconsole.engine.quoting.rung import Basket, Item
from posconsole.errors import IdempotencyConflict, NotAllowed
from tests.engine.rawfile import unguarded
from tests.engine.shop import BASKET, LAMP, goods
from tests.engine.test_access import facades, verbs
from tests.engine.test_settling import declined

if TYPE_CHECKING:
    from collections.abc import Callable

    from posconsole import Store

    Case = tuple[dict[str, Any], dict[str, Any]]

VISA = "4242 4242 4242 4242"
MO = {"name": "Mo", "role": "manager", "pin": "271828"}
MUG = ProductRow("mug", "Mug", 500, None, None, None, line=1)
SPARE = ProductRow("spare", "Spare lamp", 1999, "2000000000015", None, None, line=2)


def member(store: Store) -> str:
    return store.members.create(name="Mira").id


def rich(store: Store) -> str:
    return store.members.adjust(member(store), points=500, reason="welcome").id


def segment(store: Store) -> str:
    return store.segments.create("VIP").id


def coupon(store: Store) -> str:
    return store.coupons.create(code="TEN", percent_off=10, max_redemptions=5).id


def campaign(store: Store) -> str:
    return store.campaigns.create(name="Summer").id


def voucher(store: Store) -> str:
    return store.vouchers.issue(value=500).id


def points_code(store: Store) -> str:
    batch = store.vouchers.create_batch(count=1, value=50, kind="points").id
    return next(store.batches.codes(batch)).code


def batch(store: Store) -> str:
    """Make a batch that goes on: its codes are more than are minted at once, and nothing is minted beside."""
    store._context.background.stop()
    return store.vouchers.create_batch(count=1001, value=500).id


def bag(store: Store) -> str:
    return store.rewards.create(name="Bag", points=100, item=True, stock=5, shipping=True).id


def claimed(store: Store) -> str:
    to = {"name": "Mira", "line1": "High St 1", "city": "York", "country": "GB"}
    return store.loyalty.redemptions.create(account=rich(store), reward=bag(store), shipping=to).id


def offer(store: Store, **terms: Any) -> str:
    return store.offers.create(name="Bonus", incentive={"type": "points_bonus", "points": 5}, **terms).id


def live(store: Store) -> str:
    return store.offers.publish(offer(store)).id


def activated(store: Store) -> dict[str, Any]:
    claim = {"offer": live(store), "account": member(store)}
    store.offers.activate(**claim)
    return claim


def opened(store: Store, tender: str = "card") -> str:
    return store.payments.open(items=BASKET, tender=tender).id


def sold(store: Store) -> str:
    return store.payments.create(items=BASKET).id


def rung_up(store: Store) -> str:
    store.baskets.save(Basket((Item(LAMP),)))
    return "a"


def parked(store: Store) -> str:
    return store.baskets.park(rung_up(store)).id


def shift(store: Store) -> int:
    store.shifts.open(1000)
    return 1000


def minted(store: Store) -> str:
    return store.vouchers.create_batch(count=2, value=500).id


def cashier(store: Store) -> str:
    store.operators.create(**MO)
    return store.operators.create(name="Ana", pin="3141").name


CASES: dict[str, Callable[[Store], Case]] = {
    "products.create": lambda it: ({"sku": "mug", "name": "Mug", "price": 500}, {"price": 600}),
    "products.load": lambda it: ({"rows": [MUG, SPARE]}, {"rows": [MUG]}),
    "members.create": lambda it: ({"name": "Bo", "phone": "555 0100"}, {"name": "Al"}),
    "members.update": lambda it: ({"member": member(it), "name": "Bo"}, {"name": "Al"}),
    "members.merge": lambda it: ({"keep": member(it), "duplicate": rich(it)}, {"duplicate": member(it)}),
    "members.adjust": lambda it: ({"member": rich(it), "points": -400, "reason": "error"}, {"points": -401}),
    "segments.create": lambda it: ({"name": "VIP"}, {"name": "Staff"}),
    "segments.add": lambda it: ({"segment": segment(it), "member": member(it)}, {"member": member(it)}),
    "segments.remove": lambda it: ({"segment": segment(it), "member": member(it)}, {"member": member(it)}),
    "coupons.create": lambda it: ({"code": "TEN", "percent_off": 10}, {"percent_off": 11}),
    "coupons.create_batch": lambda it: ({"count": 2, "prefix": "TEN", "percent_off": 10}, {"count": 3}),
    "coupons.update": lambda it: ({"coupon": coupon(it), "max_redemptions": 6}, {"max_redemptions": 7}),
    "coupons.revise": lambda it: ({"coupon": coupon(it), "value": 20}, {"value": 30}),
    "coupons.delete": lambda it: ({"coupon": coupon(it)}, {"coupon": "TEN"}),
    "campaigns.create": lambda it: ({"name": "Summer", "budget": 5000}, {"budget": 6000}),
    "campaigns.update": lambda it: ({"campaign": campaign(it), "budget": 5000}, {"budget": 6000}),
    "campaigns.pause": lambda it: ({"campaign": campaign(it)}, {"campaign": campaign(it)}),
    "campaigns.resume": lambda it: ({"campaign": campaign(it)}, {"campaign": campaign(it)}),
    "campaigns.delete": lambda it: ({"campaign": campaign(it)}, {"campaign": campaign(it)}),
    "vouchers.issue": lambda it: ({"value": 500}, {"value": 600}),
    "vouchers.create_batch": lambda it: ({"count": 2, "value": 500}, {"count": 3}),
    "vouchers.adjust": lambda it: ({"voucher": voucher(it), "amount": -500, "reason": "error"}, {"amount": -1}),
    "vouchers.void": lambda it: ({"voucher": voucher(it), "reason": "lost"}, {"reason": "found"}),
    "vouchers.redeem": lambda it: ({"code": points_code(it), "customer": member(it)}, {"customer": member(it)}),
    "batches.cancel": lambda it: ({"batch": batch(it)}, {"batch": batch(it)}),
    "rewards.create": lambda it: ({"name": "Bag", "points": 100, "item": True}, {"points": 200}),
    "rewards.update": lambda it: ({"reward": bag(it), "restock": -5}, {"restock": -4}),
    "rewards.delete": lambda it: ({"reward": bag(it)}, {"reward": bag(it)}),
    "loyalty.redemptions.create": lambda it: (
        {"account": rich(it), "reward": it.rewards.create(name="5 off", points=500, amount_off=500).id},
        {"account": member(it)},
    ),
    "loyalty.redemptions.fulfill": lambda it: ({"redemption": claimed(it), "tracking": "1Z"}, {"tracking": "2Z"}),
    "loyalty.redemptions.reverse": lambda it: ({"redemption": claimed(it), "reason": "lost"}, {"reason": "found"}),
    "offers.create": lambda it: (
        {"name": "Bonus", "incentive": {"type": "points_bonus", "points": 5}},
        {"name": "Double"},
    ),
    "offers.publish": lambda it: ({"offer": offer(it)}, {"offer": offer(it)}),
    "offers.pause": lambda it: ({"offer": live(it)}, {"offer": live(it)}),
    "offers.delete": lambda it: ({"offer": offer(it)}, {"offer": offer(it)}),
    "offers.activate": lambda it: ({"offer": live(it), "account": member(it)}, {"account": member(it)}),
    "offers.deactivate": lambda it: (activated(it), {"account": member(it)}),
    "payments.create": lambda it: ({"items": BASKET}, {"items": goods(100)}),
    "payments.open": lambda it: ({"items": BASKET, "tender": "card"}, {"items": goods(100)}),
    "payments.capture": lambda it: ({"payment": opened(it), "numbers": [VISA]}, {"approval_code": "99"}),
    "payments.decline": lambda it: ({"payment": opened(it, "terminal")}, {"payment": opened(it, "terminal")}),
    "payments.cancel": lambda it: ({"payment": opened(it)}, {"payment": opened(it)}),
    "payments.settle": lambda it: ({"payment": opened(it, "terminal"), "captured": True}, {"captured": False}),
    "payments.refund": lambda it: ({"payment": sold(it), "reason": "unwanted"}, {"reason": "broken"}),
    "payments.refund_without_receipt": lambda it: ({"items": BASKET, "reason": "broken"}, {"tender": "credit"}),
    "payments.settle_refund": lambda it: ({"part": declined(it)}, {"as_": "credit"}),
    "baskets.park": lambda it: ({"name": rung_up(it)}, {"name": "b"}),
    "baskets.recall": lambda it: ({"basket": parked(it)}, {"basket": parked(it)}),
    "baskets.discard": lambda it: ({"basket": parked(it)}, {"basket": parked(it)}),
    "drawer.open": lambda it: ({"reason": "change"}, {"reason": "a look"}),
    "shifts.open": lambda it: ({"opening_float": 1000}, {"opening_float": 2000}),
    "shifts.cash_in": lambda it: ({"amount": shift(it), "reason": "coins"}, {"reason": "notes"}),
    "shifts.cash_out": lambda it: ({"amount": shift(it), "reason": "bank"}, {"reason": "safe"}),
    "shifts.close": lambda it: ({"counted": shift(it)}, {"counted": 1001}),
    "printing.queue": lambda it: ({"kind": "receipt", "subject": sold(it)}, {"subject": sold(it)}),
    "printing.batch": lambda it: ({"batch": minted(it), "first": 1, "last": 2}, {"last": 1}),
    "operators.create": lambda it: (MO, {"name": "Jo"}),
    "operators.update": lambda it: ({"operator": cashier(it), "active": False}, {"active": True}),
}
"""For each writing verb a request, and what makes another one of it. Most can't be done twice."""

AGAIN = {"payments.recover", "payments.sweep", "payments.order_from_devices", "batches.resume", "printing.begin"}
"""What carries on with whatever was left half done: called again it is to go on, not to answer as before.

A job that is begun again is printed again, as a copy.
"""


def takes_a_key(verb: Callable[..., Any]) -> bool:
    """Say whether a verb has the parameter; what sells has it among the arguments of a sale."""
    parameters = inspect.signature(verb).parameters
    return "idempotency_key" in parameters or "SaleArguments" in str(parameters.get("sale"))


def things(store: Store) -> dict[str, Any]:
    """Return something for each parameter without which a reading verb can't be called."""
    shift(store)
    account = member(store)
    return {
        "account": account, "amounts": (1000,), "basket": Basket((Item(LAMP),), member=account), "batch": batch(store),
        "campaign": campaign(store), "code": "TEN", "coupon": coupon(store), "file": io.StringIO(),
        "member": account, "offer": offer(store), "payment": sold(store), "receipt": "1", "number": "1",
        "redemption": claimed(store), "reward": bag(store), "rule": {"tier": "gold"}, "segment": segment(store),
        "shift": store.shifts.x_report().id, "sku": LAMP, "text": "lamp", "voucher": voucher(store),
        "terms": {"percent_off": 10}, "worker": "1", "error": "out of paper",
        "subject": sold(store), "job": store.printing.queue("receipt", sold(store)).id,
        "operator": store.operators.create(**MO).name,
    }  # fmt: skip


def needed(verb: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in inspect.signature(verb).parameters.values():
        if one.kind is one.VAR_KEYWORD:
            found |= given.get(one.name, {})
        elif one.default is one.empty:
            found[one.name] = given[one.name]
    return found


def unkeyed(store: Store, found: dict[str, Callable[..., Any]]) -> list[str]:
    """Call every verb that takes no key, and return those that changed the journal."""
    given, writing = things(store), []
    for path, verb in found.items():
        if takes_a_key(verb) or path.removeprefix("store.") in AGAIN:
            continue
        before = store.events.list(limit=1).total
        answer = verb(**needed(verb, given))
        if isinstance(answer, Iterator):
            list(answer)
        if store.events.list(limit=1).total != before:
            writing.append(path)
    return writing


def test_every_verb_that_writes_takes_a_key(office: Store) -> None:
    found = dict(verbs(office))
    assert {path.removeprefix("store.") for path, verb in found.items() if takes_a_key(verb)} == CASES.keys()
    assert unkeyed(office, found) == []


def test_a_verb_that_writes_without_a_key_would_be_found(office: Store) -> None:
    def void(voucher: str) -> None:
        office.vouchers.void(voucher, "lost")

    assert unkeyed(office, {"store.void": void}) == ["store.void"]


def verb_of(store: Store, path: str) -> Callable[..., Any]:
    facade, _, name = path.rpartition(".")
    found: Callable[..., Any] = getattr(dict(facades(store))[f"store.{facade}"], name)
    return found


@pytest.mark.parametrize("path", CASES)
def test_the_same_key_is_done_once_and_another_request_under_it_is_a_conflict(office: Store, path: str) -> None:
    # Who is at a till has no rights any more once there are operators, and hasn't signed in as one.
    till = office if path.startswith("operators.") else office.sign_in(till="1", operator="Ana")
    verb, (asked, other) = verb_of(till, path), CASES[path](till)
    first = verb(**asked, idempotency_key="k")
    told = office.events.list(limit=1).total
    assert verb(**asked, idempotency_key="k") == first
    with pytest.raises(IdempotencyConflict):
        verb(**asked | other, idempotency_key="k")
    assert office.events.list(limit=1).total == told
    assert office.audit() == []
    till.close()


@pytest.mark.parametrize("path", ["vouchers.void", "offers.delete", "loyalty.redemptions.fulfill", "payments.cancel"])
def test_of_calls_at_once_with_one_key_none_is_refused(office: Store, path: str) -> None:
    tills = [office.sign_in(till=name, operator="Ana") for name in ("1", "2", "3")]
    for number in range(5):
        asked, _ = CASES[path](tills[number % 3])

        def call(till: Store, key: str = f"k{number}", asked: dict[str, Any] = asked) -> Any:
            return verb_of(till, path)(**asked, idempotency_key=key)

        with ThreadPoolExecutor(3) as threads:
            first, *others = threads.map(call, tills)
        assert others == [first, first]
    assert office.audit() == []
    for till in tills:
        till.close()


# -- for ever, whatever happened since ------------------------------------------------------------------------


def test_what_was_changed_before_it_was_deleted_is_not_refused_for_that(till: Store) -> None:
    changes: list[tuple[str, dict[str, Any]]] = [
        ("coupons.update", {"coupon": coupon(till), "name": "Tenth"}),
        ("coupons.revise", {"coupon": "TEN", "status": "inactive"}),
        ("campaigns.pause", {"campaign": campaign(till)}),
        ("rewards.update", {"reward": bag(till), "restock": 5}),
    ]
    for path, asked in changes:
        verb_of(till, path)(**asked, idempotency_key=path)
        thing = next(iter(asked.values()))
        if path != "coupons.update":
            verb_of(till, f"{path.partition('.')[0]}.delete")(thing)
    for path, asked in changes:
        assert verb_of(till, path)(**asked, idempotency_key=path).status == "deleted"


def test_a_draft_that_was_thrown_away_is_told_as_it_was_made(till: Store) -> None:
    bonus: dict[str, Any] = {
        "name": "Bonus",
        "incentive": {"type": "points_bonus", "points": 5},
        "idempotency_key": "o",
    }
    first = till.offers.create(**bonus)
    till.offers.delete(first.id)
    assert till.offers.create(**bonus) == first


def test_cash_that_was_moved_is_told_with_its_own_shift(till: Store) -> None:
    till.shifts.open(1000)
    first = till.shifts.cash_in(500, "coins", idempotency_key="c")
    closed = till.shifts.close(1500)
    assert till.shifts.cash_in(500, "coins", idempotency_key="c") == closed
    assert closed.id == first.id
    till.shifts.open(2000)
    assert till.shifts.cash_in(500, "coins", idempotency_key="c") == closed


def test_a_basket_is_parked_once_and_recalled_once(till: Store) -> None:
    rung_up(till)
    put = till.baskets.park("a", idempotency_key="p")
    basket = till.baskets.recall(put.id, idempotency_key="r")
    assert till.baskets.park("a", idempotency_key="p").id == put.id
    assert till.baskets.open() == till.baskets.recall(put.id, idempotency_key="r") == basket
    till.payments.create(basket=basket, closes_basket=True)
    assert till.baskets.recall(put.id, idempotency_key="r") == Basket()


def test_a_claim_that_was_given_up_and_made_again_stays(till: Store) -> None:
    tenth = till.offers.create(
        name="Tenth", incentive={"type": "percentage_discount", "percent": 10}, activation="opt_in"
    )
    claim = {"offer": till.offers.publish(tenth.id).id, "account": member(till)}
    till.offers.activate(**claim)
    assert till.offers.deactivate(**claim, idempotency_key="d")
    since = till.offers.activate(**claim).activated_at
    assert till.offers.deactivate(**claim, idempotency_key="d")
    assert till.offers.activate(**claim).activated_at == since
    other = {"offer": claim["offer"], "account": member(till)}
    assert [till.offers.deactivate(**other, idempotency_key="n") for _ in range(2)] == [False, False]


def test_what_a_card_declined_stays_declined(till: Store) -> None:
    payment = opened(till)
    for _ in range(2):
        assert till.payments.capture(payment, numbers=["4000 0000 0000 0002"], idempotency_key="k").status == "declined"


@pytest.mark.parametrize("verb", ["cancel", "decline"])
def test_what_was_refused_keeps_no_key(till: Store, verb: str) -> None:
    payment = sold(till)
    for _ in range(2):
        with pytest.raises(NotAllowed, match="captured already"):
            getattr(till.payments, verb)(payment, idempotency_key="k")
    assert till.payments.cancel(opened(till), idempotency_key="k").status == "canceled"


def test_a_request_that_changes_nothing_is_vouched_for_too(office: Store) -> None:
    name = live(office)
    office.offers.publish(name, idempotency_key="k")
    (made,) = office.events.list(type="request.made").data
    assert (made.subject, office.audit()) == (name, [])
    with unguarded(office.url) as raw:
        raw.execute("DELETE FROM idempotency_key WHERE key = 'k'")
    assert [(one.check, one.subject) for one in office.audit()] == [("altered", name)]
