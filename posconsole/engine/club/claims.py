"""Claiming rewards: what points buy, and what a coupon or an offer gives, from the claim to its end.

A claim takes one of the reward's stock and its points in one go. It waits (`pending`) when it is a discount or its
payment isn't captured, is settled with that payment, and is released or reversed with everything it took. Stock comes
first and points second, wherever both are touched, so that two claims never wait for each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update

from posconsole.codes import fold, mint
from posconsole.engine.club import accounts, points
from posconsole.engine.codes import codebook, issuing
from posconsole.engine.db.database import one_of
from posconsole.errors import NotAllowed
from posconsole.models import Redemption, Reward, Voucher, table

if TYPE_CHECKING:
    from posconsole.engine.context import Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.journal.ledger import Entry
    from posconsole.engine.sale.salerows import Fields

TERMS = (
    "id kind coupon_id voucher_id offer_id reward_id campaign_id member_id points granted_by code_key shipping"
    " created_at"
).split()
"""What of a claim never changes, and is covered by the digest of the event that made it."""

_REDEMPTION, _REWARD, _VOUCHER = table(Redemption), table(Reward), table(Voucher)
_REWARD_IS = _REWARD.c.id == bindparam("reward")
_TAKE_ONE = (
    update(_REWARD)
    .where(
        _REWARD_IS,
        _REWARD.c.active.is_(True),
        _REWARD.c.deleted_at.is_(None),
        or_(_REWARD.c.stock.is_(None), _REWARD.c.stock > 0),
    )
    .values(stock=_REWARD.c.stock - 1)
)
_PUT_BACK = update(_REWARD).where(_REWARD_IS).values(stock=_REWARD.c.stock + 1)
_OFFERED = select(_REWARD.c.id).where(_REWARD_IS, _REWARD.c.active.is_(True), _REWARD.c.deleted_at.is_(None))
_REDEMPTION_IS = _REDEMPTION.c.id == bindparam("redemption")
_MOVE = (
    update(_REDEMPTION)
    .where(_REDEMPTION_IS, _REDEMPTION.c.status == bindparam("was"))
    .values(status=bindparam("becomes"))
)
_SETTLE = (
    update(_REDEMPTION)
    .where(_REDEMPTION_IS, one_of(_REDEMPTION.c.status, "pending", "applied"))
    .values(status=bindparam("becomes"))
)
_ATTACH = (
    update(_REDEMPTION)
    .where(
        _REDEMPTION_IS,
        _REDEMPTION.c.kind == "reward",
        _REDEMPTION.c.status == "pending",
        _REDEMPTION.c.payment_id.is_(None),
        _REDEMPTION.c.member_id.in_(accounts.EVERYONE),
    )
    .values(payment_id=bindparam("payment"), amount=bindparam("discount"))
)
_CREDIT = select(_VOUCHER).where(_VOUCHER.c.source_id == bindparam("redemption")).with_for_update()


def waiting_code(unit: Unit) -> Fields:
    """Return the code and the folded code under which a discount reward waits for its payment."""
    codebook.reserve_series(unit, codebook.REWARD_PREFIX, "reward")
    code = mint(codebook.REWARD_PREFIX)
    return {"code": code, "code_key": fold(code)}


def claim(unit: Unit, row: Fields, reward: Row) -> None:
    """Take one of a reward for the points in `row`, a new redemption row, and write that.

    Raises `NotAllowed` with the code `reward_unavailable` when none is left, `inactive` when it isn't offered any
    more, or `insufficient_points`.
    """
    if unit.transaction.change(_TAKE_ONE, reward=reward.id) != 1:
        raise _not_to_be_had(unit, reward)
    posted = unit.post(row["id"], _paid(unit, row, reward))
    unit.transaction.insert(_REDEMPTION, [row])
    unit.journal.record(
        "loyalty.redemption.created",
        row["id"],
        reward=reward.id,
        member=row["member_id"],
        points=row["points"],
        status=row["status"],
        rows=unit.digest([[row[name] for name in TERMS]]),
        **unit.booked(posted),
    )


def settle(unit: Unit, row: Fields, reward: Row) -> None:
    """Give what was claimed, once: its discount counts, its item goes over the counter or out, its credit is issued.

    An item that isn't shipped is handed over with the goods. `row["status"]` is set with the row's.
    """
    row["status"] = _settled(reward)
    unit.transaction.guarded(_SETTLE, redemption=row["id"], becomes=row["status"])
    given: dict[str, object] = {}
    if reward.kind == "credit":
        credit = issuing.give(unit, value=reward.credit_value, source=row["id"], member=row["member_id"])
        given["voucher"] = credit["id"]
    unit.journal.record("loyalty.redemption.applied", row["id"], status=row["status"], **given)
    if row["status"] == "fulfilled":
        unit.journal.record("loyalty.redemption.fulfilled", row["id"], tracking=None)


def attach(unit: Unit, redemption_id: str, payment_id: str, amount: int, member: str) -> None:
    """Tie a discount reward of this member that waits for its payment to one; `amount` is what it takes off.

    Raises `Raced` when it doesn't wait any more: whoever calls has seen that it did.
    """
    unit.transaction.guarded(_ATTACH, redemption=redemption_id, payment=payment_id, discount=amount, member=member)


def release(unit: Unit, row: Fields) -> None:
    """Give back all that a pending claim took: its payment came to nothing."""
    _undo(unit, row, "released", restock=True)


def reverse(unit: Unit, row: Fields, reason: str, **told: object) -> None:
    """Take a claim back, from whatever status `row` has; what was handed over already doesn't go back into stock.

    What is left of the credit it gave is void. `told` goes onto the event. Raises `NotAllowed` while a sale is being
    paid with that credit.
    """
    credit = credit_of(unit, row["id"])
    if credit is not None and credit.status != "void":
        issuing.take_out(unit, credit.id, reason, redemption=row["id"])
    _undo(unit, row, "reversed", restock=row["status"] != "fulfilled", reason=reason, **told)


def credit_of(unit: Unit, redemption: str) -> Row | None:
    """Return the voucher that a claim gave, locked, or None."""
    return unit.transaction.first(_CREDIT, redemption=redemption)


def _paid(unit: Unit, row: Fields, reward: Row) -> list[Entry]:
    if not row["points"]:
        return []
    entries = points.spend(unit, row["id"], row["member_id"], row["points"])
    if entries is None:
        has = accounts.get(unit.transaction, row["member_id"]).points
        raise NotAllowed(
            f"{reward.name} costs {row['points']} points, this account has {has}. Choose another reward.",
            code="insufficient_points",
            field="reward",
        )
    return entries


def _not_to_be_had(unit: Unit, reward: Row) -> NotAllowed:
    if unit.transaction.scalar(_OFFERED, reward=reward.id) is None:
        return NotAllowed(
            f"{reward.name} is not offered any more. Choose another reward.", code="inactive", field="reward"
        )
    return NotAllowed(
        f"None of {reward.name} is left. Choose another reward.", code="reward_unavailable", field="reward"
    )


def _settled(reward: Row) -> str:
    if reward.kind != "item":
        return "applied"
    return "fulfillment_pending" if reward.shipping else "fulfilled"


def _undo(unit: Unit, row: Fields, becomes: str, *, restock: bool, **told: object) -> None:
    unit.transaction.guarded(_MOVE, redemption=row["id"], was=row["status"], becomes=becomes)
    if restock:
        unit.transaction.guarded(_PUT_BACK, reward=row["reward_id"])
    given = points.give(unit, row["id"], row["member_id"], row["points"], "returned") if row["points"] else []
    posted = unit.post(row["id"], given)
    row["status"] = becomes
    unit.journal.record(
        f"loyalty.redemption.{becomes}",
        row["id"],
        points=row["points"],
        restocked=restock,
        **unit.booked(posted),
        **told,
    )
