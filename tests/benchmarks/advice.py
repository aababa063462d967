"""Advising: the best of 100 candidates for a member, and a sale to a member with points and an offer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from posconsole.engine.quoting.rung import Basket
from tests.benchmarks import shop
from tests.benchmarks.recording import Recorder, bare, by_table, say_again
from tests.benchmarks.report import Row
from tests.benchmarks.timing import Both, percentile, spread

if TYPE_CHECKING:
    from pathlib import Path

    from posconsole import Store

LONGEST = 50.0
"""Milliseconds for 100 candidates."""
OFFERS, REWARDS, COUPONS = 34, 33, 33
BATCH, ROUNDS, QUICK_ROUNDS = 20, 15, 4


def rows(folder: Path, *, quick: bool) -> tuple[list[Row], str]:
    """Return the row of advice on a 20-line basket, and the list of its statements by table."""
    path = folder / "advice.db"
    shop.furnish(path)
    office, till = _opened(path)
    member, codes = _candidates(office)
    basket = Basket(shop.basket(20).items, (), member)
    recorder = Recorder()
    recorder.listen_to(till)
    both, cursor = Both(), bare(str(path))
    for _ in range(1 + (QUICK_ROUNDS if quick else ROUNDS)):
        said = recorder.during(partial(till.advise, basket, codes))
        both.floor.take([partial(say_again, cursor, said)] * BATCH)
        both.ours.take([partial(till.advise, basket, codes)] * BATCH)
    both.warmed_up()
    for store in (till, office):
        store.close()
    cursor.connection.close()
    note = ", ".join(f"{count} × {does}" for does, count in by_table(said).items())
    cpu = Row("  in CPU time, p50 / p99", spread(both.ours.cpu), spread(both.floor.cpu))
    return [_row("median", 50, both), _row("p99", 99, both), cpu], note


def _row(name: str, part: float, both: Both) -> Row:
    ours, floor = (percentile(taken.all, part) * 1e3 for taken in (both.ours, both.floor))
    what = f"advice on 20 lines, {OFFERS + REWARDS + COUPONS} candidates, {name}"
    ratio = f"{both.throughput():.2f}" if part == 50 else ""
    return Row(what, f"{ours:.2f} ms", f"{floor:.2f} ms", ratio, f"≤ {LONGEST:.0f} ms", ours <= LONGEST)


def _opened(path: Path) -> tuple[Store, Store]:
    from posconsole import Store

    office = Store.open(f"sqlite:///{path}")
    return office, office.sign_in(till="1", operator="Ana")


def _candidates(office: Store) -> tuple[str, list[str]]:
    """Make offers, rewards and coupons that a member could use all at once, if a sale took them all."""
    member = office.members.create(name="Mira Olsen").id
    office.members.adjust(member, points=100_000, reason="benchmark")
    for no in range(OFFERS):
        terms = {"type": "percentage_discount", "percent": 1 + no % 30, "max_discount": 500 + no}
        made = office.offers.create(name=f"Offer {no}", incentive=terms, activation="opt_in")
        office.offers.publish(made.id)
    for no in range(REWARDS):
        office.rewards.create(name=f"Reward {no}", points=100 + no, amount_off=100 + 7 * no)
    codes = [f"ADVICE{no}" for no in range(COUPONS)]
    for no, code in enumerate(codes):
        office.coupons.create(code=code, percent_off=1 + no, stackable=no % 2 == 0)
    return member, codes
