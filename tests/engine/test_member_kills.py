"""`kill -9` on what members do: after `recover` nothing they were told is lost, and nothing is given twice.

At every statement on a file, as in `test_kills`; at random moments on both databases. POSCONSOLE_KILLS and
POSCONSOLE_SEED are those of `test_kills`.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from contextlib import nullcontext
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from posconsole.errors import PosError
from posconsole.tenders.sandbox import APPROVES
from tests.engine import killing
from tests.engine.killer import Lost, _heard, demand, sound
from tests.engine.processes import PATIENCE, PROCESSES
from tests.engine.shop import LAMP, TEA, open_shop
from tests.engine.test_kills import KILLS, SEED, sweep

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from multiprocessing.connection import Connection
    from pathlib import Path

    from posconsole import Store

STEP = 1 if KILLS >= 200 else 3
CARD: list[dict[str, Any]] = [{"kind": "card", "number": APPROVES}]


def furnish(store: Store) -> None:
    """Make two members with points, what these buy, and offers of every kind."""
    for name in ("Mira", "Mira Olsen"):
        member = store.members.create(name=name, card=name.upper())
        store.members.adjust(member.id, points=5000, reason="welcome")
    store.rewards.create(name="Credit", points=500, credit_value=700)
    store.rewards.create(name="Five off", points=300, amount_off=500)
    mug = store.rewards.create(name="Mug", points=200, item=True, stock=500)
    for incentive in (
        {"type": "points_bonus", "points": 100},
        {"type": "points_multiplier", "multiplier": 2},
        {"type": "percentage_discount", "percent": 10},
        {"type": "gift_reward", "reward": mug.id},
    ):
        made = store.offers.create(name=str(incentive["type"]), incentive=incentive, per_member_limit=None)
        store.offers.publish(made.id)
    store.vouchers.issue(value=90_000)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Give a folder with such a shop that nobody has open."""
    folder = tmp_path / "base"
    folder.mkdir()
    store = open_shop(folder)
    furnish(store)
    store.close()
    return folder


# -- at every statement ---------------------------------------------------------------------------------------


def who(store: Store) -> str:
    return store.members.find("mira").data[0].id


def reward(store: Store, name: str) -> str:
    return next(one.id for one in store.rewards.list().data if one.name == name)


def offer(store: Store, name: str) -> str:
    return next(one.id for one in store.offers.list().data if one.name == name)


def redeems(store: Store) -> Any:
    return store.loyalty.redemptions.create(
        account=who(store), reward=reward(store, "Credit"), idempotency_key="the reward"
    )


def activates(store: Store) -> Any:
    return store.offers.activate(offer=offer(store, "points_bonus"), account=who(store), idempotency_key="the bonus")


def sells(store: Store) -> Any:
    """Sell with every kind of offer, a reward bought with points, and a card."""
    store.offers.activate(offer=offer(store, "gift_reward"), account=who(store))
    return store.payments.create(
        items=[{"id": LAMP}, {"id": TEA}],
        customer=who(store),
        reward=reward(store, "Five off"),
        tenders=CARD,
        idempotency_key="the sale",
    )


def returns(store: Store) -> Any:
    """Give such a sale back, as credit."""
    return store.payments.refund("1-1", reason="back", as_credit=True, idempotency_key="the refund")


def merges(store: Store) -> Any:
    one, other = sorted(member.id for member in store.members.find("mira").data)
    return store.members.merge(keep=one, duplicate=other)


def _act(verb: Callable[[Store], Any]) -> killing.Act:
    def act(office: Store) -> Callable[[], Any]:
        store = killing.till_of(office)

        def go() -> None:
            verb(store)
            store.close()

        return go

    act.__name__ = act.__qualname__ = f"kills_{verb.__name__}"
    return act


kills_redeems, kills_activates, kills_sells = _act(redeems), _act(activates), _act(sells)
kills_returns, kills_merges = _act(returns), _act(merges)


def twice(verb: Callable[[Store], Any], store: Store) -> Any:
    """Ask again, twice: one answer."""
    first = verb(store)
    demand(verb(store) == first, first)
    sound(store)
    return first


def points_of(store: Store) -> int:
    return store.members.get(who(store)).points


def test_redeeming_a_reward_killed_at_every_statement(base: Path) -> None:
    def check(store: Store) -> None:
        demand(twice(redeems, store).voucher.value == 700, "the credit")
        demand((points_of(store), store.loyalty.redemptions.list().total) == (4500, 1), points_of(store))

    assert sweep(base, kills_redeems, check, step=STEP) > 10


def test_activating_a_bonus_killed_at_every_statement(base: Path) -> None:
    def check(store: Store) -> None:
        demand((twice(activates, store).points, points_of(store)) == (100, 5100), points_of(store))

    assert sweep(base, kills_activates, check, step=STEP) > 10


def test_a_sale_with_offers_and_points_killed_at_every_statement(base: Path) -> None:
    ends: Counter[str] = Counter()

    def check(store: Store) -> None:
        paid = twice(sells, store)
        ends[paid.status] += 1
        earned = paid.points_earned - 300 if paid.status == "captured" else 0
        demand(points_of(store) == 5000 + earned, (paid, points_of(store)))
        given = next(one.stock for one in store.rewards.list().data if one.name == "Mug")
        demand(given == (499 if paid.status == "captured" else 500), given)

    assert sweep(base, kills_sells, check, step=STEP) > 40
    assert ends.keys() == {"captured", "canceled"}


def test_a_refund_as_credit_killed_at_every_statement(base: Path) -> None:
    store = killing.till_of(open_shop(base))
    paid = sells(store)
    store.close()

    def check(store: Store) -> None:
        back = twice(returns, store)
        demand([one.initial_value for one in back.vouchers_given] == [paid.amount], back)
        demand((points_of(store), back.points) == (5000, paid.points_earned), points_of(store))

    assert sweep(base, kills_returns, check, step=STEP) > 30


def test_a_merger_killed_at_every_statement(base: Path) -> None:
    def check(store: Store) -> None:
        found = store.members.find("mira").data
        demand(sum(member.points for member in found) == 10_000, found)
        if len(found) == 2:
            merges(store)
        demand([member.points for member in store.members.find("mira").data] == [10_000], found)
        sound(store)

    assert sweep(base, kills_merges, check, step=STEP) > 10


def test_a_reward_that_is_not_one_transaction_is_caught(base: Path) -> None:
    def check(store: Store) -> None:
        twice(redeems, store)

    with pytest.raises(Lost):
        sweep(base, kills_redeems, check, killing.statement_by_statement)


# -- at random moments ----------------------------------------------------------------------------------------


VERBS = "redeem reverse activate sell refund credit merge mint adjust".split()


def lives_on(end: Connection, url: str, seed: str, broken: Callable[[], AbstractContextManager[None]] | None) -> None:
    """Do what members do at random until killed; say what is asked before, and what came of it after."""
    with broken() if broken else nullcontext():
        rng, store = Random(seed), killing.till_of(open_shop(url))
        end.send(("ready", None, None))
        for number in count():
            verb, asked = _next(rng, store, f"{seed}-{number}")
            end.send(("asks", verb, asked))
            end.send(("told", verb, does(store, verb, asked)))


def _next(rng: Random, store: Store, key: str) -> tuple[str, dict[str, Any]]:
    verb, member = rng.choice(VERBS), rng.choice(store.members.find("mira").data).id
    asked: dict[str, Any] = {"idempotency_key": key}
    claims = [one.id for one in store.loyalty.redemptions.list(limit=5).data if one.status != "reversed"]
    sales = [one.id for one in store.payments.list(limit=5).data if one.status == "captured"]
    if verb == "reverse" and claims:
        return verb, {"redemption": rng.choice(claims), "reason": "back"}
    if verb == "activate":
        return verb, asked | {"offer": offer(store, "points_bonus"), "account": member}
    if verb == "sell":
        tenders = rng.choice(([{"kind": "cash"}], CARD))
        return verb, asked | {"items": [{"id": LAMP}], "customer": member, "tenders": tenders}
    if verb in ("refund", "credit") and sales:
        return "refund", asked | {"payment": rng.choice(sales), "as_credit": verb == "credit"}
    if verb == "mint":
        return verb, asked | {"count": 5, "prefix": "LOT", "value": 100}
    if verb == "adjust":
        return verb, asked | {"member": member, "points": rng.choice((700, -50)), "reason": "right"}
    return "redeem", asked | {"account": member, "reward": reward(store, rng.choice(("Credit", "Mug", "Five off")))}


def does(store: Store, verb: str, asked: dict[str, Any]) -> Any:
    """Return the id of what came of it, or the code of a refusal."""
    verbs: dict[str, Callable[..., Any]] = {
        "redeem": store.loyalty.redemptions.create,
        "reverse": store.loyalty.redemptions.reverse,
        "activate": store.offers.activate,
        "sell": store.payments.create,
        "refund": store.payments.refund,
        "mint": store.vouchers.create_batch,
        "adjust": store.members.adjust,
    }
    try:
        made = verbs[verb](**asked)
    except PosError as error:
        return error.code
    return made.redemption if verb == "activate" else made.id


def kill_one(rng: Random, url: str, broken: Callable[[], AbstractContextManager[None]] | None) -> list[Any]:
    here, there = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=lives_on, args=(there, url, rng.random().hex(), broken), daemon=True)
    process.start()
    there.close()
    words: list[Any] = []
    wanted = rng.randint(1, 16)
    while len(words) < wanted:
        assert here.poll(PATIENCE)
        words.append(here.recv())
    time.sleep(rng.uniform(0, 0.05))  # the random moment is the point
    process.kill()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL
    return [word for word in (*words, *_heard(here)) if word[0] != "ready"]


def still_true(store: Store, told: list[tuple[str, dict[str, Any], Any]]) -> None:
    for verb, asked, made in told:
        if "idempotency_key" in asked and "_" in str(made)[:6]:
            demand(does(store, verb, asked) == made, (verb, asked, made))


def killed(
    office: Store, kills: int, seed: str, broken: Callable[[], AbstractContextManager[None]] | None = None
) -> Counter[str]:
    """Kill a till again and again, and check each time all that it had told; return how often it told what."""
    rng, done = Random(seed), Counter[str]()
    for _ in range(kills):
        words = kill_one(rng, office.url, broken)
        asks = [word for word in words if word[0] == "asks"]
        answers = [word for word in words if word[0] == "told"]
        told = [(verb, asked, made) for (_, verb, asked), (_, _, made) in zip(asks, answers, strict=False)]
        done.update(verb for verb, _, made in told if "_" in str(made)[:6])
        store = killing.till_of(office)
        store.payments.recover()
        store.batches.resume()
        demand(store.payments.unsettled() == (), "unsettled")
        sound(store)
        still_true(store, told)
        for _, verb, asked in asks[len(answers) :]:
            first = does(store, verb, asked)
            demand("idempotency_key" not in asked or does(store, verb, asked) == first, (verb, first))
        sound(store)
        store.close()
    return done


def test_members_of_a_till_killed_at_random_moments(
    office: Store, record_property: Callable[[str, object], None]
) -> None:
    furnish(office)
    many = max(6, KILLS // 4)
    done = killed(office, many, SEED)
    record_property("kills", many)
    print(f"\n{many} kills, {dict(done)} told, none lost")  # noqa: T201
    assert done.total() >= many // 2


def test_a_till_that_tells_before_it_is_true_is_caught(office: Store) -> None:
    if not office.url.startswith("sqlite"):
        pytest.skip("the engine that is broken so is a file's")
    furnish(office)
    with pytest.raises(Lost):
        killed(office, 20, "forgetful", killing.commits_now_and_then)
