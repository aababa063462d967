"""What a member could save with, each thing to be taken or left out: pure, from the engine's advice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posconsole.tui.words import money, points

if TYPE_CHECKING:
    from collections.abc import Collection

    from posconsole.engine.club.rewardviews import RewardView
    from posconsole.engine.quoting.advising import Advice, AdviceStep
    from posconsole.engine.views import ShopView
    from posconsole.tui.club import Club


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to take or to leave. `effect` is what it does in a word or two, `said` in a sentence."""

    id: str
    kind: str
    name: str
    effect: str
    said: str
    taken: bool

    @property
    def fixed(self) -> bool:
        """Say whether it comes by itself, and can't be left out."""
        return self.kind == "offer"


def listed(advice: Advice, club: Club | None, left_out: dict[str, Choice], shop: ShopView) -> tuple[Choice, ...]:
    """Return what the advice takes, then what was left out, then the other reward discounts that the points buy."""
    taken = tuple(_taken(step, shop) for step in advice.steps)
    known = {choice.id for choice in taken}
    out = tuple(replace(choice, taken=False) for choice in left_out.values() if choice.id not in known)
    known |= {choice.id for choice in out}
    rewards = [one for one in club.rewards if one.kind == "discount" and one.id not in known] if club else []
    return (*taken, *out, *(_reward(one, shop) for one in rewards))


def own(advice: Advice, club: Club | None, has: Collection[str | None], shop: ShopView) -> dict[str, Choice]:
    """Return what would cost the member points or a gift voucher's money, beside what the sale `has`, by id.

    These are theirs: offered, and never spent unasked.
    """
    free = {step.id for step in advice.steps if not step.points and step.kind == "reward"}
    choices = [choice for choice in listed(advice, club, {}, shop) if choice.kind in ("reward", "voucher")]
    return {choice.id: replace(choice, taken=False) for choice in choices if choice.id not in {*has, *free}}


def _taken(step: AdviceStep, shop: ShopView) -> Choice:
    effect = money(-step.amount, shop) if step.amount else points(step.points, shop, signed=True) if step.points else ""
    name = f"Voucher {step.name}" if step.kind == "voucher" else step.name
    return Choice(step.id, step.kind, name, effect, step.sentence, taken=True)


def _reward(reward: RewardView, shop: ShopView) -> Choice:
    cost = points(reward.points, shop)
    return Choice(reward.id, "reward", reward.name, cost, f"Redeem {reward.name} for {cost} instead.", taken=False)


def left_out_with(choice: Choice, choices: tuple[Choice, ...], left_out: dict[str, Choice]) -> dict[str, Choice]:
    """Return what is left out once this is taken or, when it was taken, isn't. A sale takes one reward discount."""
    if choice.taken:
        return {**left_out, choice.id: choice}
    others = {one.id: one for one in choices if one.kind == choice.kind == "reward" and one.id != choice.id}
    return {**{id_: one for id_, one in left_out.items() if id_ != choice.id}, **others}
