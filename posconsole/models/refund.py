"""The giving back."""

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds


class Refund(SQLModel, table=True):
    """A refund of a payment, whole or in part, or of goods without a receipt. Tenders give back `amount + rounding`.

    `points` is what the member lost by it.
    """

    __tablename__ = "refund"
    __table_args__ = (UniqueConstraint("till_id", "receipt"), holds("amount", "amount >= 0"))

    id: str = Field(primary_key=True)
    payment_id: str | None = Field(default=None, foreign_key="payment.id", index=True)
    till_id: str = Field(foreign_key="till.id")
    operator: str
    receipt: int = Field(sa_type=BigInteger)
    amount: int = Field(sa_type=BigInteger)
    rounding: int = Field(sa_type=BigInteger)
    points: int = Field(default=0, sa_type=BigInteger)
    reason: str
    created_at: int = Field(sa_type=BigInteger)


class RefundLine(SQLModel, table=True):
    """The part of a sold line that came back, with the tax it takes back; without a receipt also what it is."""

    __tablename__ = "refund_line"
    __table_args__ = (holds("quantity", "quantity > 0"), holds("amount", "amount >= 0"))

    refund_id: str = Field(primary_key=True, foreign_key="refund.id")
    line_no: int = Field(primary_key=True)
    quantity: int
    amount: int = Field(sa_type=BigInteger)
    tax: int = Field(sa_type=BigInteger)
    sku: str | None = None
    name: str | None = None
    tax_rate: int | None = None


class RefundTender(SQLModel, table=True):
    """Where a part of the money went: to a voucher, old or new, to a tender of the payment, or out of the drawer.

    `redemption_id` is the draw that it gives back. `settled_as` is how a person paid what the device declined.
    """

    __tablename__ = "refund_tender"
    __table_args__ = (
        holds("one_target", "voucher_id IS NULL OR tender_id IS NULL"),
        holds("amount", "amount >= 0"),
        holds("status", "status IN ('pending', 'captured', 'declined')"),
    )

    id: str = Field(primary_key=True)
    refund_id: str = Field(foreign_key="refund.id", index=True)
    no: int
    kind: str
    voucher_id: str | None = Field(default=None, foreign_key="voucher.id")
    tender_id: str | None = Field(default=None, foreign_key="tender.id")
    redemption_id: str | None = Field(default=None, foreign_key="redemption.id")
    amount: int = Field(sa_type=BigInteger)
    status: str
    settled_as: str | None = None
