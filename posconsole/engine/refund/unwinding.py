"""What a refund undoes besides the money: codes, vouchers, rewards and points."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from posconsole.engine.club import claims, offerslots, points
from posconsole.engine.codes import issuing
from posconsole.engine.journal.ledger import Entry
from posconsole.engine.refund.refundrows import CREDIT
from posconsole.engine.sale import outcomes, spending
from posconsole.models import Redemption, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posconsole.engine.context import Unit
    from posconsole.engine.refund.refundplan import Plan
    from posconsole.engine.sale.salerows import Fields, SaleRows

_REDEMPTION = table(Redemption)
_REVERSE = (
    update(_REDEMPTION)
    .where(
        _REDEMPTION.c.id == bindparam("redemption"),
        _REDEMPTION.c.status == bindparam("was"),
        _REDEMPTION.c.reversed + bindparam("taken") <= _REDEMPTION.c.amount,
    )
    .values(reversed=_REDEMPTION.c.reversed + bindparam("taken"), status=bindparam("becomes"))
)
REVERSALS = {
    "coupon": "coupon.redemption.reversed",
    "voucher": "voucher.redemption.reversed",
    "offer": "loyalty.offer.reversed",
    "reward": "loyalty.redemption.reduced",
}
"""The event by which each kind of redemption loses a part of its amount; a reward's reversal has one of its own."""


def unwind(unit: Unit, refund: str, rows: SaleRows, planned: Plan, reason: str) -> list[Entry]:
    """Undo a refund's part of what the sale did, or with a whole refund all of it; return the entries of points.

    In the order of a sale: the member, vouchers, coupons and offers, campaigns, rewards, points.
    """
    outcomes.hold_member(unit, rows.order["member_id"])
    back = planned.shares | {one.redemption: one.amount for one in planned.backs if one.redemption}
    for row in sorted(rows.redemptions, key=lambda row: str(row["id"])):
        _reverse(unit, row, back.get(row["id"], 0), whole=planned.whole)
    entries = _refill(unit, refund, rows, planned, back)
    for voucher, left in sorted(planned.voided.items()):
        spending.void(unit.transaction, voucher, left)
        unit.journal.record("voucher.voided", voucher, left=left)
    if planned.whole:
        spending.step(unit.transaction, "return", [row for row in rows.codes if not row["voucher_id"]])
        for row in rows.codes:
            if row["offer_id"]:
                offerslots.told(unit, row["offer_id"])
    for campaign, amount in _uncosted(rows, planned):
        spending.unspend(unit.transaction, campaign, amount)
    for row in rows.claims if planned.whole else ():
        claims.reverse(unit, row, reason or "refunded", refunded_by=refund)
    if planned.points:
        entries += points.take_back(unit, refund, rows.order["member_id"], planned.points)
    return entries


def _refill(unit: Unit, refund: str, rows: SaleRows, planned: Plan, back: Mapping[str, int]) -> list[Entry]:
    """Put back on the vouchers what they gave; return the entries of points, which the plan's money doesn't book."""
    entries: list[Entry] = []
    for row in sorted((row for row in rows.codes if row["voucher_id"]), key=lambda row: str(row["voucher_id"])):
        voucher = row["voucher_id"]
        given = planned.repointed.get(voucher, 0)
        # One that has all its money back already may have been voided since.
        if voucher in planned.refilled():
            amount = back.get(row["id"], 0) + planned.unforfeited.get(voucher, 0) + given
            spending.give_back(unit.transaction, voucher, amount)
            entries += [
                Entry("voucher", "refund", given, voucher, points.UNIT),
                Entry("points_given", "refund", -given, None, points.UNIT),
            ]
        elif given:
            issuing.give(unit, value=given, kind="points", source=refund, member=rows.order["member_id"])
    return entries


def _uncosted(rows: SaleRows, planned: Plan) -> list[tuple[str, int]]:
    """Return by how much the discounts of each campaign shrink."""
    off: Counter[str] = Counter()
    for row in rows.codes:
        if row["campaign_id"] is not None:
            off[row["campaign_id"]] += planned.shares.get(row["id"], 0)
    return sorted((campaign, amount) for campaign, amount in off.items() if amount)


def unforfeited(planned: Plan) -> list[Entry]:
    """Return the entries that give back what single-use vouchers had lost: to them, or to the new voucher."""
    return [
        entry
        for voucher, amount in planned.unforfeited.items()
        for entry in (
            Entry(CREDIT, "unforfeit", amount) if planned.as_credit else Entry("voucher", "unforfeit", amount, voucher),
            Entry("forfeited", "unforfeit", -amount),
        )
    ]


def _reverse(unit: Unit, row: Fields, taken: int, *, whole: bool) -> None:
    """Shrink what a redemption is worth; a whole refund reverses it. A reward's claim is reversed by itself."""
    reward = row["kind"] == "reward"
    becomes = "reversed" if whole and not reward else row["status"]
    if not taken and becomes == row["status"]:
        return
    unit.transaction.guarded(_REVERSE, redemption=row["id"], was=row["status"], becomes=becomes, taken=taken)
    told = {"status": row["status"]} if reward else {}
    subject = row["id"] if reward else row[f"{row['kind']}_id"]
    unit.journal.record(REVERSALS[row["kind"]], subject, redemption=row["id"], amount=taken, **told)
