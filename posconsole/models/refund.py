"""The giving back."""

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds


class Refund(SQLModel, table=True):
    """A refund of a payment, whole or in part. What tenders give back is `amount + rounding`."""

    __tablename__ = "refund"
    __table_args__ = (UniqueConstraint("till_id", "receipt"), holds("amount", "amount >= 0"))

    id: str = Field(primary_key=True)
    payment_id: str = Field(foreign_key="payment.id", index=True)
    till_id: str = Field(foreign_key="till.id")
    operator: str
    receipt: int = Field(sa_type=BigInteger)
    amount: int = Field(sa_type=BigInteger)
    rounding: int = Field(sa_type=BigInteger)
    reason: str
    created_at: int = Field(sa_type=BigInteger)


class RefundLine(SQLModel, table=True):
    """The part of a sold line that came back, with the discount and the tax it takes back."""

    __tablename__ = "refund_line"
    __table_args__ = (holds("quantity", "quantity > 0"), holds("amount", "amount >= 0"))

    refund_id: str = Field(primary_key=True, foreign_key="refund.id")
    line_no: int = Field(primary_key=True)
    quantity: int
    amount: int = Field(sa_type=BigInteger)
    tax: int = Field(sa_type=BigInteger)


class RefundTender(SQLModel, table=True):
    """Where a part of the money went: back to a voucher, or to a tender of the payment."""

    __tablename__ = "refund_tender"
    __table_args__ = (
        holds("one_target", "(voucher_id IS NULL) <> (tender_id IS NULL)"),
        holds("amount", "amount >= 0"),
        holds("status", "status IN ('pending', 'captured')"),
    )

    id: str = Field(primary_key=True)
    refund_id: str = Field(foreign_key="refund.id", index=True)
    no: int
    kind: str
    voucher_id: str | None = Field(default=None, foreign_key="voucher.id")
    tender_id: str | None = Field(default=None, foreign_key="tender.id")
    amount: int = Field(sa_type=BigInteger)
    status: str
