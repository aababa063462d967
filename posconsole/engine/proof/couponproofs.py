"""What the journal proves of coupons: their states, that caps only rose, and that each use kept to its terms."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from posconsole.engine.db.paging import MOST, each
from posconsole.engine.views import Finding
from posconsole.models import Coupon, Redemption, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from posconsole.engine.db.database import Transaction
    from posconsole.engine.journal.chains import Told
    from posconsole.engine.sale.salerows import Fields

    Version = tuple[float, float, Fields]

_COUPON, _USE = table(Coupon), table(Redemption)
_USES = (
    select(
        _USE.c.id,
        _USE.c.amount,
        _USE.c.created_at,
        _COUPON.c.id.label("coupon"),
        _COUPON.c.valid_from,
        _COUPON.c.valid_until,
        _COUPON.c.max_discount,
        _COUPON.c.campaign_id.label("campaign"),
    )
    .join(_COUPON, _COUPON.c.id == _USE.c.coupon_id)
    .where(_USE.c.id > bindparam("after"))
    .order_by(_USE.c.id)
    .limit(MOST)
)
_STATE = "code name max_redemptions active revision expired_told updated_at deleted_at".split()
_WINDOW = {"starts_at": "valid_from", "ends_at": "valid_until"}
_TOLD_AS = {"cap": "max_redemptions", "expired": "expired_told"}


def state(row: Fields, template: Fields, told: list[Told]) -> Iterator[Finding]:
    """Check what isn't a term of a coupon. One of a batch begins as its template says."""
    now: Fields = {"code": row["code"], **template, "revision": 0, "expired_told": False, "deleted_at": None}
    now["updated_at"] = row["created_at"]
    for one in told:
        if one.kind == "coupon.updated" and _lowered(now.get("max_redemptions"), one.data.get("cap")):
            yield Finding("cap_lowered", row["id"], f"its cap was lowered to {one.data['cap']}")
        if one.kind in ("coupon.created", "coupon.updated"):
            now |= {_TOLD_AS.get(name, name): value for name, value in one.data.items()} | {"updated_at": one.at}
        elif one.kind == "coupon.deleted":
            now |= {"deleted_at": one.at, "updated_at": one.at}
        elif one.kind == "coupon.expired":
            now["expired_told"] = True
    if [row[name] for name in _STATE] != [now.get(name) for name in _STATE]:
        yield Finding("altered", row["id"], "its cap, state, name or code was changed past the journal")


def templates(batches: list[Fields]) -> dict[str, Fields]:
    """Return what each batch's coupons begin as; nothing where that can't be read: its own proof has shown it."""
    return {batch["id"]: _template(batch["template"]) for batch in batches if batch["kind"] == "coupon"}


def _template(written: str) -> Fields:
    try:
        found = json.loads(written)
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _lowered(was: int | None, cap: object) -> bool:
    return isinstance(cap, int) and (was is None or cap < was)


def uses(transaction: Transaction, told: Iterable[Told]) -> Iterator[Finding]:
    """Check each use against the terms that held at the time; `told` are all changes of coupons and of campaigns."""
    changes: dict[str, list[Told]] = defaultdict(list)
    for one in told:
        if "was" in one.data or one.kind.startswith("campaign."):
            changes[one.subject].append(one)
    windows: dict[str | None, list[Version]] = {key: list(_windows(changes[key])) for key in list(changes)}
    windows[None] = list(_windows(()))
    for use in each(transaction, _USES):
        versions = list(_versions(use, changes.get(use["coupon"], ())))
        yield from _use(use, versions, windows.get(use["campaign"], windows[None]))


def _use(use: Fields, versions: list[Version], windows: list[Version]) -> Iterator[Finding]:
    """Check a use; within the second of a change the terms before it will do as well as those after it."""
    at = use["created_at"]
    terms, window = ([one for since, until, one in held if since <= at <= until] for held in (versions, windows))
    if not any(_within(at, one) for one in terms) or not any(_within(at, one) for one in window):
        yield Finding("redemption_window", use["id"], "it was redeemed outside its coupon's or campaign's window")
    if not any(one["max_discount"] is None or use["amount"] <= one["max_discount"] for one in terms):
        yield Finding("max_discount", use["id"], f"the discount of {use['amount']} is above the coupon's largest")


def _within(at: int, terms: Fields) -> bool:
    since, until = terms["valid_from"], terms["valid_until"]
    return (since is None or since <= at) and (until is None or at <= until)


def _versions(row: Fields, told: Sequence[Told]) -> Iterator[Version]:
    """Give a coupon's terms, the latest first, with the seconds from when and until when they held."""
    terms, until = row, float("inf")
    for one in reversed(told):
        if "was" in one.data:
            yield one.at, until, terms
            terms, until = terms | one.data["was"], one.at
    yield float("-inf"), until, terms


def _windows(told: Iterable[Told]) -> Iterator[Version]:
    """Give a campaign's windows, the first one first. Without a campaign there is one, and it is always open."""
    window: Fields = {"valid_from": None, "valid_until": None}
    since = float("-inf")
    for one in told:
        if one.data.keys() & _WINDOW.keys():
            yield since, one.at, window
            window = window | {_WINDOW[name]: value for name, value in one.data.items() if name in _WINDOW}
            since = one.at
    yield since, float("inf"), window
