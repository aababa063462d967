"""How a member stands to each offer, in words that a cashier can read out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from posconsole.engine.club import accounts, offerterms, targeting
from posconsole.engine.club.offerviews import Standing
from posconsole.engine.quoting.reasons import day

if TYPE_CHECKING:
    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.quoting.quotes import Condition
    from posconsole.engine.views import ShopView

_WORDS = {
    "published": "{name} is not running at the moment.",
    "campaign": "{name} is not running at the moment: its campaign is not.",
    "budget": "{name} is used up: its campaign's budget is spent.",
    "segments": "{name} is for other members.",
    "tiers": "{name} is for members of the tier {tiers}.",
    "min_balance": "{name} needs {figure} more points.",
    "enrolled_before": "{name} is for those who were members before {date}.",
    "metadata": "{name} is for other members.",
    "starts_at": "{name} starts on {date}.",
    "ends_at": "{name} ended on {date}.",
    "max_redemptions": "{name} has been claimed as often as it could be.",
    "per_member_limit": "This member has had {name} as often as it is given.",
    "reward": "{name} is out of stock.",
    "activation": "{name} is theirs once it is activated.",
}


def of(transaction: Transaction, shop: ShopView, account: str, now: int) -> tuple[Standing, ...]:
    """Return how a member stands to every published offer, by the offers' ids; `NotFound` without such a member."""
    member = accounts.get(transaction, account)
    return tuple(_standing(row, conditions, shop) for row, conditions in targeting.judged(transaction, member.id, now))


def sentence(row: Row, condition: Condition, shop: ShopView) -> str:
    """Say what a condition that isn't met means."""
    dated = condition.name in ("starts_at", "ends_at", "enrolled_before") and condition.figure is not None
    return _WORDS[condition.name].format(
        name=row.name,
        figure=condition.figure,
        tiers=" or ".join(json.loads(row.tiers)),
        date=day(condition.figure, shop.locale, shop.timezone) if dated and condition.figure is not None else "",
    )


def kept_back(row: Row) -> str:
    """Say that a limit kept an offer back."""
    return _WORDS["max_redemptions"].format(name=row.name)


def _standing(row: Row, conditions: tuple[Condition, ...], shop: ShopView) -> Standing:
    unmet = [one for one in conditions if not one.met]
    # A bonus that is claimed is had by activating it, also once more where that is allowed.
    claimed = row.incentive == offerterms.BONUS and row.activation == "opt_in"
    applies = not unmet and not claimed
    can_activate = not applies and all(one.name == "activation" for one in unmet)
    why_not = None if applies or can_activate else unmet[0]
    return Standing(
        offer=row.id,
        name=row.name,
        incentive=offerterms.shown_incentive(row),
        activation=row.activation,
        activated=row.activated_at is not None,
        uses=row.member_uses,
        applies=applies,
        can_activate=can_activate,
        reason=None if why_not is None else targeting.REFUSED[why_not.name],
        message="" if why_not is None else sentence(row, why_not, shop),
        details=conditions,
    )
