"""The taking of money for an order."""

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds, where_set

PENDING = text("status = 'pending'")
"""Payments that came to no end yet: written so, a database can see that their index has them all."""


class Payment(SQLModel, table=True):
    """One attempt to take the money for an order. `due` is what its vouchers leave to pay.

    What tenders bring is `due + rounding`. A pending payment holds what it uses until `expires_at`.
    `points` is what the member earned with it. `revision` counts its refunds.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("till_id", "receipt"),
        where_set("captured_at"),
        Index(None, "expires_at", sqlite_where=PENDING, postgresql_where=PENDING),
        holds(
            "status",
            "status IN ('pending', 'captured', 'declined', 'canceled', 'expired', 'partially_refunded', 'refunded')",
        ),
        holds("adds_up", "due = amount - voucher_amount AND due >= 0 AND voucher_amount >= 0"),
        holds("refunded", "refunded_amount BETWEEN 0 AND amount"),
        holds("receipt", "(receipt IS NOT NULL) = (status IN ('captured', 'partially_refunded', 'refunded'))"),
    )

    id: str = Field(primary_key=True)
    order_id: str = Field(foreign_key="orders.id", unique=True)
    till_id: str = Field(foreign_key="till.id")
    status: str
    amount: int = Field(sa_type=BigInteger)
    voucher_amount: int = Field(sa_type=BigInteger)
    due: int = Field(sa_type=BigInteger)
    rounding: int = Field(sa_type=BigInteger)
    receipt: int | None = Field(default=None, sa_type=BigInteger)
    refunded_amount: int = Field(default=0, sa_type=BigInteger)
    points: int = Field(default=0, sa_type=BigInteger)
    revision: int = 0
    created_at: int = Field(sa_type=BigInteger)
    captured_at: int | None = Field(default=None, sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)


class Tender(SQLModel, table=True):
    """One way of paying within a payment. Its id is the reference under which a card device knows it."""

    __tablename__ = "tender"
    __table_args__ = (
        holds("amount", "amount >= 0 AND tendered = amount + change AND change >= 0"),
        holds("refunded", "refunded BETWEEN 0 AND amount"),
        holds("status", "status IN ('pending', 'captured', 'declined', 'unknown', 'canceled')"),
    )

    id: str = Field(primary_key=True)
    payment_id: str = Field(foreign_key="payment.id", index=True)
    no: int
    kind: str
    amount: int = Field(sa_type=BigInteger)
    tendered: int = Field(sa_type=BigInteger)
    change: int = Field(sa_type=BigInteger)
    status: str
    approval_code: str | None = None
    refunded: int = Field(default=0, sa_type=BigInteger)
