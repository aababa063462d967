"""An offer's terms: read as callers write them, kept as columns, and shown as they were written.

`{"type": "points_multiplier", "multiplier": 1.5}` is kept in basis points; amounts are minor units, times epoch
seconds. Lists and metadata are kept as JSON, empty ones too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from posconsole.clock import moment
from posconsole.engine.arguments import LARGEST, text, texts, whole
from posconsole.engine.journal.events import canonical
from posconsole.errors import InvalidInput
from posconsole.money import hundredths, minor_units, percent

if TYPE_CHECKING:
    from posconsole.engine.db.database import Row
    from posconsole.engine.sale.salerows import Fields

MULTIPLIER, BONUS, DISCOUNT, GIFT = "points_multiplier", "points_bonus", "percentage_discount", "gift_reward"
CLAIMED = (BONUS, GIFT)
"""What a member claims, unless it is said to come by itself."""
_KEYS = {
    MULTIPLIER: {"multiplier"},
    BONUS: {"points"},
    DISCOUNT: {"percent", "max_discount"},
    GIFT: {"reward"},
}
_TARGETS = ("segments", "tiers", "min_balance", "enrolled_before", "metadata")
_MOST = 100
"""The largest multiplier."""


def incentive(given: object) -> Fields:
    """Return the columns of an incentive; `InvalidInput` names the key that is missing, unknown or can't be."""
    terms = _mapping(given, "incentive")
    kind = terms.pop("type", None)
    if not isinstance(kind, str) or kind not in _KEYS:
        raise InvalidInput(f"An incentive's type is one of {', '.join(_KEYS)}", field="type")
    for key in terms:
        if key not in _KEYS[kind]:
            raise InvalidInput(f"A {kind} takes no {str(key)[:40]!r}", field="incentive")
    most = terms.get("max_discount")
    return {
        "incentive": kind,
        "multiplier": _multiplier(terms.get("multiplier")) if kind == MULTIPLIER else None,
        "points": whole(terms.get("points"), "points", 1) if kind == BONUS else None,
        "percent_off": percent(terms.get("percent"), "percent") if kind == DISCOUNT else None,
        "max_discount": None if most is None else minor_units(most, "max_discount", least=1),
        "reward_id": text(terms.get("reward"), "reward") if kind == GIFT else None,
    }


def _multiplier(value: object) -> int:
    times = hundredths(value, "multiplier", most=_MOST) * 100
    if times <= 10_000:
        raise InvalidInput("A multiplier is above 1", field="multiplier")
    return times


def targeting(given: object, timezone: str) -> Fields:
    """Return the columns of a targeting; without conditions it is every active member."""
    terms = {} if given is None else _mapping(given, "targeting")
    for key in terms:
        if key not in _TARGETS:
            raise InvalidInput(f"Targeting takes {', '.join(_TARGETS)}, no {str(key)[:40]!r}", field="targeting")
    least = terms.get("min_balance")
    return {
        "segments": canonical(sorted(set(texts(terms.get("segments") or (), "segments")))),
        "tiers": canonical(sorted(set(texts(terms.get("tiers") or (), "tiers")))),
        "min_balance": None if least is None else whole(least, "min_balance", most=LARGEST),
        "enrolled_before": moment(terms.get("enrolled_before"), timezone, "enrolled_before"),
        "attributes": _metadata(terms.get("metadata")),
    }


def _metadata(given: object) -> str:
    wanted = {} if given is None else _mapping(given, "metadata")
    return canonical({text(key, "metadata"): text(value, "metadata") for key, value in wanted.items()})


def window(starts_at: object, ends_at: object, timezone: str) -> Fields:
    """Return the columns of a window, inclusive at both ends; a date means the whole day."""
    starts, ends = moment(starts_at, timezone, "starts_at"), moment(ends_at, timezone, "ends_at", end=True)
    if starts is not None and ends is not None and starts > ends:
        raise InvalidInput("It ends before it starts", field="ends_at")
    return {"starts_at": starts, "ends_at": ends}


def shown_incentive(row: Row) -> dict[str, Any]:
    """Return an incentive as it is written, less what it doesn't have; numbers as in their columns."""
    columns = {
        "multiplier": row.multiplier,
        "points": row.points,
        "percent_off": row.percent_off,
        "max_discount": row.max_discount,
        "reward": row.reward_id,
    }
    return {"type": row.incentive} | {name: value for name, value in columns.items() if value is not None}


def shown_targeting(row: Row) -> dict[str, Any]:
    """Return a targeting as it is written, less the conditions that it doesn't have."""
    columns = {
        "segments": json.loads(row.segments),
        "tiers": json.loads(row.tiers),
        "min_balance": row.min_balance,
        "enrolled_before": row.enrolled_before,
        "metadata": json.loads(row.attributes),
    }
    return {name: value for name, value in columns.items() if value not in (None, [], {})}


def names(written: str) -> list[str]:
    """Return the texts of a list's column."""
    found: list[str] = json.loads(written)
    return found


def _mapping(given: object, field: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidInput(f"{field} has to be a mapping of its terms", field=field)
    return dict(given)
