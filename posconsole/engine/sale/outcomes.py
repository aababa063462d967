"""The two ends of a pending payment, inside the caller's transaction: captured and booked, or released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, select, update

from posconsole.codes import repeated
from posconsole.engine.club import accounts, claims, earning, offerslots
from posconsole.engine.db.database import among, one_of, values
from posconsole.engine.db.raced import Raced
from posconsole.engine.journal import bookings
from posconsole.engine.sale import baskets, records, salerows, spending
from posconsole.errors import NotAllowed, NotFound
from posconsole.models import LedgerEntry, Payment, Redemption, Reward, Tender, Voucher, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posconsole.engine.context import Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.sale.salerows import Fields, SaleRows
    from posconsole.engine.views import PaymentView, TenderView
    from posconsole.tenders.base import Answer

_PAYMENT, _TENDER, _REDEMPTION, _VOUCHER = table(Payment), table(Tender), table(Redemption), table(Voucher)
_REWARD, _ENTRY = table(Reward), table(LedgerEntry)
_REWARDS = select(_REWARD).where(among(_REWARD.c.id, bindparam("ids")))
_OF: BindParameter[str] = bindparam("payment")
_CAPTURE = (
    update(_PAYMENT)
    .where(_PAYMENT.c.id == _OF, _PAYMENT.c.status == "pending")
    .values(status="captured", captured_at=bindparam("now"), receipt=bindparam("receipt_no"), expires_at=None)
)
_RELEASE = (
    update(_PAYMENT)
    .where(_PAYMENT.c.id == _OF, _PAYMENT.c.status == "pending")
    .values(status=bindparam("outcome"), expires_at=None)
)
# Answers come late: only a tender that still waits for one takes it.
_SETTLE_TENDER = (
    update(_TENDER)
    .where(_TENDER.c.id == bindparam("tender"), one_of(_TENDER.c.status, "pending", "unknown"))
    .values(status=bindparam("outcome"), approval_code=bindparam("approval"))
)
_CAPTURE_TENDERS = (
    update(_TENDER)
    .where(_TENDER.c.payment_id == _OF, one_of(_TENDER.c.status, "pending", "unknown"))
    .values(status="captured")
)
_CANCEL_TENDERS = (
    update(_TENDER).where(_TENDER.c.payment_id == _OF, _TENDER.c.status != "declined").values(status="canceled")
)
_GIVING_UP = (
    update(_TENDER)
    .where(_TENDER.c.id == bindparam("tender"), one_of(_TENDER.c.status, "pending", "unknown", "captured"))
    .values(status="canceled")
)
_NOT_GIVEN_UP = (
    update(_TENDER).where(_TENDER.c.id == bindparam("tender"), _TENDER.c.status == "canceled").values(status="unknown")
)
_CREDITED = (
    select(_ENTRY.c.seq)
    .where(
        _ENTRY.c.cause == _OF,
        _ENTRY.c.account == "points",
        _ENTRY.c.kind == bindparam("kind"),
        _ENTRY.c.amount == bindparam("points"),
    )
    .order_by(_ENTRY.c.seq)
    .limit(1)
)
_GIVEN_UP = select(_TENDER.c.id).where(_TENDER.c.payment_id == _OF, _TENDER.c.status == "canceled")
# Changes nothing, but holds the row against whoever captures or releases it.
_STILL_PENDING = update(_PAYMENT).where(_PAYMENT.c.id == _OF, _PAYMENT.c.status == "pending").values(status="pending")
_MARK_REDEMPTIONS = (
    update(_REDEMPTION)
    .where(_REDEMPTION.c.payment_id == _OF, _REDEMPTION.c.status == "pending", _REDEMPTION.c.kind != "reward")
    .values(status=bindparam("outcome"))
)
_ACTIVATE_SOLD = (
    update(_VOUCHER)
    .where(_VOUCHER.c.payment_id == _OF, _VOUCHER.c.status == "issued")
    .values(status="active", balance=_VOUCHER.c.initial_value)
)
_VOID_SOLD = update(_VOUCHER).where(_VOUCHER.c.payment_id == _OF, _VOUCHER.c.status == "issued").values(status="void")

GIVING_UP = "This payment is being given up. Take the money again, in a new one."


def captured(unit: Unit, payment: str, answers: Mapping[str, Answer], **told: str) -> PaymentView:
    """Turn a pending payment's holds into redemptions and book it. One that was captured is returned as it is.

    Raises `NotAllowed` for one that was or is being given up.
    """
    receipt = unit.journal.next_receipt()
    if unit.transaction.change(_CAPTURE, payment=payment, now=unit.now, receipt_no=receipt) != 1:
        # Without an event the journal doesn't move, and the receipt number stays free.
        return captured_already(records.payment(unit.transaction, payment))
    if unit.transaction.scalar(_GIVEN_UP, payment=payment) is not None:
        raise NotAllowed(GIVING_UP)
    record_answers(unit, answers)
    unit.transaction.change(_CAPTURE_TENDERS, payment=payment)
    unit.transaction.change(_MARK_REDEMPTIONS, payment=payment, outcome="applied")
    unit.transaction.change(_ACTIVATE_SOLD, payment=payment)
    baskets.close_tied(unit.transaction, payment)
    rows = _read(unit, payment)
    hold_member(unit, rows.order["member_id"])
    spending.step(unit.transaction, "apply", rows.codes)
    book(unit, rows, records.names(unit.transaction, rows), **told)
    return records.payment(unit.transaction, payment)


def released(unit: Unit, payment: str, outcome: str, answers: Mapping[str, Answer], **told: str) -> PaymentView:
    """Give back all that a pending payment holds, and mark it declined, canceled or expired."""
    if unit.transaction.change(_RELEASE, payment=payment, outcome=outcome) != 1:
        found = records.payment(unit.transaction, payment)
        if found.status == outcome:
            return found
        raise NotAllowed(f"This payment is {found.status} already")
    record_answers(unit, answers)
    unit.transaction.change(_CANCEL_TENDERS, payment=payment)
    rows = _read(unit, payment)
    hold_member(unit, rows.order["member_id"])
    for row in rows.claims:
        claims.release(unit, row)
    spending.step(unit.transaction, "release", rows.codes)
    unit.transaction.change(_MARK_REDEMPTIONS, payment=payment, outcome="released")
    unit.transaction.change(_VOID_SOLD, payment=payment)
    unit.journal.record(f"payment.{outcome}", payment, tenders=unit.digest(rows.answers()), **told)
    return records.payment(unit.transaction, payment)


def mark_given_up(unit: Unit, payment: str, tenders: Iterable[TenderView], *, up: bool = True) -> bool:
    """Mark tenders as given up while their payment is pending, or with `up` off take that back.

    Written before a device is told to undo its charge: from then on nobody can capture the payment. Says
    whether the payment was still pending.
    """
    if unit.transaction.change(_STILL_PENDING, payment=payment) != 1:
        return False
    for tender in tenders:
        unit.transaction.change(_GIVING_UP if up else _NOT_GIVEN_UP, tender=tender.id)
    return True


def captured_already(payment: PaymentView) -> PaymentView:
    """Return a payment that was captured, or raise `NotAllowed`."""
    if payment.receipt_number is None:
        raise NotAllowed(f"This payment was given up: it is {payment.status}")
    return payment


def record_answers(unit: Unit, answers: Mapping[str, Answer]) -> None:
    """Write what the devices said on the tenders that still wait for it."""
    for tender, answer in answers.items():
        status = answer.status if answer.status in ("captured", "declined") else "unknown"
        unit.transaction.change(_SETTLE_TENDER, tender=tender, outcome=status, approval=answer.approval_code)


def hold_member(unit: Unit, member: str | None) -> None:
    """Take a sale's member before anything else that it moves: all who want more than one row take theirs first.

    So what an offer asks of the member is judged on a state that stays until the sale commits, and two sales of one
    member wait for each other rather than both for ever.
    """
    if member is not None:
        accounts.take(unit.transaction, member)


def claim(unit: Unit, rows: SaleRows) -> None:
    """Claim the rewards that a new sale uses or gives; `Raced` when one is not to be had any more."""
    rewards = _rewards(unit, rows)
    try:
        for row in sorted(rows.claims, key=lambda row: str(row["reward_id"])):
            if row["id"] == rows.attached:
                payment, member = rows.payment["id"], rows.order["member_id"]
                claims.attach(unit, row["id"], payment, row["amount"], member)
            else:
                claims.claim(unit, row, rewards[row["reward_id"]])
    except NotAllowed as error:
        # It was to be had when the sale was priced: price it again.
        raise Raced from error


def settle_claims(unit: Unit, rows: SaleRows) -> None:
    """Give what a captured sale's rewards promise: the discount counts, the item goes, the credit is issued."""
    rewards = _rewards(unit, rows)
    for row in rows.claims:
        claims.settle(unit, row, rewards[row["reward_id"]])


def _rewards(unit: Unit, rows: SaleRows) -> dict[str, Row]:
    ids = sorted({row["reward_id"] for row in rows.claims})
    return {row.id: row for row in unit.transaction.all(_REWARDS, ids=values(ids))} if ids else {}


def _tell(unit: Unit, row: Fields, called: records.Names, account: str | None) -> None:
    """Record that a coupon, a voucher or an offer was redeemed, and an offer's end when this was its last slot."""
    target = records.target_of(row)
    told = {"redemption": row["id"], "payment": row["payment_id"], "code": called[target][0], "amount": row["amount"]}
    if row["points"] or row["offer_id"]:
        told |= {"points": row["points"], "account": account, "member": row["member_id"]}
    if row["offer_id"] is None:
        unit.journal.record(f"{row['kind']}.redeemed", target, **told)
        return
    if row["points"]:
        kind, points = "awarded" if row["multiplier"] is None else "multiplied", row["points"]
        # None when a debt took some of them.
        credited = unit.transaction.scalar(_CREDITED, payment=row["payment_id"], kind=kind, points=points)
        told["points_transaction"] = credited and f"ptx_{credited}"
    unit.journal.record("loyalty.offer.redeemed", target, offer=target, **told)
    offerslots.told(unit, target)


def _read(unit: Unit, payment: str) -> SaleRows:
    rows = salerows.read(unit.transaction, payment)
    if rows is None:
        raise NotFound(f"There is no payment {repeated(payment)}", field="payment")
    return rows


def book(unit: Unit, rows: SaleRows, called: records.Names, **told: str) -> None:
    """Give what the claimed rewards promise, and write the ledger and the events of a capture.

    `told` goes into the capture's event.
    """
    payment = rows.payment
    settle_claims(unit, rows)
    entries = unit.post(payment["id"], [*bookings.sale(rows), *earning.earn(unit, rows)])
    account = accounts.get(unit.transaction, member).account_id if (member := rows.order["member_id"]) else None
    for row in rows.codes:
        _tell(unit, row, called, account)
    for voucher in rows.sold:
        unit.journal.record("voucher.activated", voucher["id"], payment=payment["id"], value=voucher["initial_value"])
    unit.journal.record(
        "payment.captured",
        payment["id"],
        amount=payment["amount"],
        receipt=unit.journal.receipts,
        rows=unit.digest(rows.frozen()),
        **unit.booked(entries),
        tenders=unit.digest(rows.answers()),
        **told,
    )
