"""What the journal proves of coupons: their states, that caps only rose, and that each use kept to its terms."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from posconsole.engine.views import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from posconsole.engine.chains import Told
    from posconsole.engine.salerows import Fields

    Version = tuple[float, float, Fields]

_STATE = "code name max_redemptions active revision expired_told updated_at deleted_at".split()
_WINDOW = {"starts_at": "valid_from", "ends_at": "valid_until"}
_TOLD_AS = {"cap": "max_redemptions", "expired": "expired_told"}


def findings(
    coupons: list[Fields], batches: list[Fields], redemptions: list[Fields], told: Iterable[Told]
) -> Iterator[Finding]:
    """Check coupons and their uses against what is told, in the order of its writing."""
    by_subject: dict[str, list[Told]] = defaultdict(list)
    for one in told:
        if one.kind.startswith(("coupon.", "campaign.")):
            by_subject[one.subject].append(one)
    uses: dict[str, list[Fields]] = defaultdict(list)
    for use in redemptions:
        uses[use["coupon_id"]].append(use)
    templates = {batch["id"]: _template(batch) for batch in batches if batch["kind"] == "coupon"}
    for row in coupons:
        told_of = by_subject[row["id"]]
        yield from _state(row, templates.get(row["batch_id"], {}), told_of)
        if uses[row["id"]]:
            windows = list(_windows(by_subject[row["campaign_id"]]))
            yield from _uses(uses[row["id"]], list(_versions(row, told_of)), windows)


def _state(row: Fields, template: Fields, told: list[Told]) -> Iterator[Finding]:
    """Check what isn't a term of a coupon. One of a batch begins as its template says."""
    state: Fields = {"code": row["code"], **template, "revision": 0, "expired_told": False, "deleted_at": None}
    state["updated_at"] = row["created_at"]
    for one in told:
        if one.kind == "coupon.updated" and _lowered(state.get("max_redemptions"), one.data.get("cap")):
            yield Finding("cap_lowered", row["id"], f"its cap was lowered to {one.data['cap']}")
        if one.kind in ("coupon.created", "coupon.updated"):
            state |= {_TOLD_AS.get(name, name): value for name, value in one.data.items()} | {"updated_at": one.at}
        elif one.kind == "coupon.deleted":
            state |= {"deleted_at": one.at, "updated_at": one.at}
        elif one.kind == "coupon.expired":
            state["expired_told"] = True
    if [row[name] for name in _STATE] != [state.get(name) for name in _STATE]:
        yield Finding("altered", row["id"], "its cap, state, name or code was changed past the journal")


def _template(batch: Fields) -> Fields:
    """Return what a batch's codes begin as; nothing where that can't be read: its own proof has shown it."""
    try:
        found = json.loads(batch["template"])
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _lowered(was: int | None, cap: object) -> bool:
    return isinstance(cap, int) and (was is None or cap < was)


def _uses(uses: list[Fields], versions: list[Version], windows: list[Version]) -> Iterator[Finding]:
    """Check each use against the terms that held at the time; within the second of a change either did."""
    for use in uses:
        at = use["created_at"]
        terms, window = ([one for since, until, one in held if since <= at <= until] for held in (versions, windows))
        if not any(_within(at, one) for one in terms) or not any(_within(at, one) for one in window):
            yield Finding("redemption_window", use["id"], "it was redeemed outside its coupon's or campaign's window")
        if not any(one["max_discount"] is None or use["amount"] <= one["max_discount"] for one in terms):
            yield Finding("max_discount", use["id"], f"the discount of {use['amount']} is above the coupon's largest")


def _within(at: int, terms: Fields) -> bool:
    since, until = terms["valid_from"], terms["valid_until"]
    return (since is None or since <= at) and (until is None or at <= until)


def _versions(row: Fields, told: list[Told]) -> Iterator[Version]:
    """Give a coupon's terms, the latest first, with the seconds from when and until when they held."""
    terms, until = row, float("inf")
    for one in reversed(told):
        if "was" in one.data:
            yield one.at, until, terms
            terms, until = terms | one.data["was"], one.at
    yield float("-inf"), until, terms


def _windows(told: list[Told]) -> Iterator[Version]:
    """Give a campaign's windows, the first one first. Without a campaign there is one, and it is always open."""
    window: Fields = {"valid_from": None, "valid_until": None}
    since = float("-inf")
    for one in told:
        if one.data.keys() & _WINDOW.keys():
            yield since, one.at, window
            window = window | {_WINDOW[name]: value for name, value in one.data.items() if name in _WINDOW}
            since = one.at
    yield since, float("inf"), window
