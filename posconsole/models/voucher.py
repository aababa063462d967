"""Vouchers: stored value with a code."""

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds, where_set

UNTOLD = text("expires_at IS NOT NULL AND NOT expired_told")
"""Vouchers that end some day, and of whose end no event tells yet."""


class Voucher(SQLModel, table=True):
    """Money, or points, with a code. `held` is the part of the balance that open payments have claimed.

    `status` is issued, active or void; spent and expired follow from the balance and the date.
    `payment_id` is the sale that sold it, if one did; `source_id` the redemption or the refund that gave it.
    `adjusted` is the sum of what managers added or took. A points voucher's amounts are points.
    """

    __tablename__ = "voucher"
    __table_args__ = (
        holds("balance", "balance >= 0 AND balance <= initial_value + adjusted"),
        holds("kind", "kind IN ('money', 'points') AND (kind = 'points') = (currency = 'PTS')"),
        where_set("batch_id", "batch_no", unique=True),
        where_set("member_id"),
        where_set("source_id"),
        Index(None, "created_at", "id"),
        Index(None, "expires_at", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
        holds("held", "held >= 0 AND held <= balance"),
        holds("status", "status IN ('issued', 'active', 'void')"),
        holds("funded", "status = 'active' OR balance = 0"),
    )

    id: str = Field(primary_key=True)
    code: str
    code_key: str = Field(unique=True)
    kind: str = "money"
    currency: str
    initial_value: int = Field(sa_type=BigInteger)
    balance: int = Field(sa_type=BigInteger)
    held: int = Field(default=0, sa_type=BigInteger)
    adjusted: int = Field(default=0, sa_type=BigInteger)
    single_use: bool = False
    holder: str | None = None
    member_id: str | None = Field(default=None, foreign_key="member.id")
    pin_hash: str | None = None
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    status: str
    payment_id: str | None = Field(default=None, foreign_key="payment.id", index=True)
    line_no: int | None = None
    source_id: str | None = None
    campaign_id: str | None = Field(default=None, foreign_key="campaign.id")
    batch_id: str | None = Field(default=None, foreign_key="batch.id")
    batch_no: int | None = None
    expired_told: bool = False
    created_at: int = Field(sa_type=BigInteger)


class CodeSeries(SQLModel, table=True):
    """A folded prefix under which codes with a check symbol were minted: a mistyped one needs no look-up.

    All codes of a series are of one kind, so that no two tables can hold the same code.
    """

    __tablename__ = "code_series"
    __table_args__ = (holds("kind", "kind IN ('voucher', 'coupon', 'reward')"),)

    prefix: str = Field(primary_key=True)
    kind: str
