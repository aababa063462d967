"""The record that a coupon or a voucher was used on a payment."""

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds


class Redemption(SQLModel, table=True):
    """A use of a code. While its payment is pending it is the hold; `applied` once money was taken.

    `amount` is the discount or the draw, `forfeited` what a single-use voucher lost with it, `reversed` the
    part of `amount` that refunds took back.
    """

    __tablename__ = "redemption"
    __table_args__ = (
        UniqueConstraint("payment_id", "coupon_id"),
        UniqueConstraint("payment_id", "voucher_id"),
        holds("one_target", "(coupon_id IS NULL) <> (voucher_id IS NULL)"),
        holds("amount", "amount >= 0 AND forfeited >= 0 AND reversed BETWEEN 0 AND amount"),
        holds("status", "status IN ('pending', 'applied', 'released', 'reversed')"),
    )

    id: str = Field(primary_key=True)
    kind: str
    coupon_id: str | None = Field(default=None, foreign_key="coupon.id", index=True)
    voucher_id: str | None = Field(default=None, foreign_key="voucher.id", index=True)
    payment_id: str = Field(foreign_key="payment.id")
    member_id: str | None = Field(default=None, foreign_key="member.id")
    status: str
    amount: int = Field(sa_type=BigInteger)
    forfeited: int = Field(default=0, sa_type=BigInteger)
    reversed: int = Field(default=0, sa_type=BigInteger)
    created_at: int = Field(sa_type=BigInteger)
