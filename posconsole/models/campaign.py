"""Campaigns and batches: what groups codes."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds


class Campaign(SQLModel, table=True):
    """A named effort with a window and perhaps a budget, in minor units, for the discounts of what it groups.

    `spent` is what live redemptions took off, `held` what open payments have claimed of the budget.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        holds("money", "spent >= 0 AND held >= 0"),
        holds("budget", "budget IS NULL OR spent + held <= budget"),
    )

    id: str = Field(primary_key=True)
    name: str
    starts_at: int | None = Field(default=None, sa_type=BigInteger)
    ends_at: int | None = Field(default=None, sa_type=BigInteger)
    budget: int | None = Field(default=None, sa_type=BigInteger)
    spent: int = Field(default=0, sa_type=BigInteger)
    held: int = Field(default=0, sa_type=BigInteger)
    active: bool = True
    created_at: int = Field(sa_type=BigInteger)
    deleted_at: int | None = Field(default=None, sa_type=BigInteger)


class Batch(SQLModel, table=True):
    """Many codes from one template, minted a part at a time: `minted` of `count` are there.

    `template` is the JSON object from which each is made.
    """

    __tablename__ = "batch"
    __table_args__ = (
        holds("kind", "kind IN ('coupon', 'voucher')"),
        holds("status", "status IN ('running', 'completed', 'canceled')"),
        holds("minted", "minted BETWEEN 0 AND count"),
        holds("whole", "status <> 'completed' OR minted = count"),
    )

    id: str = Field(primary_key=True)
    kind: str
    prefix: str
    count: int
    minted: int = 0
    template: str = Field(sa_type=Text)
    status: str = Field(index=True)
    campaign_id: str | None = Field(default=None, foreign_key="campaign.id")
    operator: str
    created_at: int = Field(sa_type=BigInteger)
    finished_at: int | None = Field(default=None, sa_type=BigInteger)
