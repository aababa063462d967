"""Vouchers: stored value with a code."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds


class Voucher(SQLModel, table=True):
    """Money with a code. `held` is the part of the balance that open payments have claimed.

    `status` is issued, active or void; spent and expired follow from the balance and the date.
    `payment_id` is the sale that sold it, if one did.
    """

    __tablename__ = "voucher"
    __table_args__ = (
        holds("balance", "balance >= 0 AND balance <= initial_value"),
        holds("held", "held >= 0 AND held <= balance"),
        holds("status", "status IN ('issued', 'active', 'void')"),
        holds("funded", "status = 'active' OR balance = 0"),
    )

    id: str = Field(primary_key=True)
    code: str
    code_key: str = Field(unique=True)
    currency: str
    initial_value: int = Field(sa_type=BigInteger)
    balance: int = Field(sa_type=BigInteger)
    held: int = Field(default=0, sa_type=BigInteger)
    single_use: bool = False
    holder: str | None = None
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    status: str
    payment_id: str | None = Field(default=None, foreign_key="payment.id", index=True)
    line_no: int | None = None
    created_at: int = Field(sa_type=BigInteger)


class CodeSeries(SQLModel, table=True):
    """A folded prefix under which codes with a check symbol were minted: a mistyped one needs no look-up."""

    __tablename__ = "code_series"

    prefix: str = Field(primary_key=True)
