"""Coupons: rules with a code, and how often each member has used one."""

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds, where_set

UNTOLD = text("valid_until IS NOT NULL AND NOT expired_told")
"""Coupons that end some day, and of whose end no event tells yet."""


class Coupon(SQLModel, table=True):
    """A rule with a code and no balance. `held` are the uses that open payments have claimed.

    `code_key` is the folded code. The lists of products and categories are JSON arrays of text. `revision` counts
    the changes of what a price depends on. `expired_told` says that the event of its end was written.
    """

    __tablename__ = "coupon"
    __table_args__ = (
        holds(
            "one_value",
            "(percent_off IS NOT NULL AND amount_off IS NULL AND points IS NULL AND reward_id IS NULL)"
            " OR (percent_off IS NULL AND amount_off IS NOT NULL AND points IS NULL AND reward_id IS NULL)"
            " OR (percent_off IS NULL AND amount_off IS NULL AND points IS NOT NULL AND reward_id IS NULL)"
            " OR (percent_off IS NULL AND amount_off IS NULL AND points IS NULL AND reward_id IS NOT NULL)",
        ),
        holds("points", "points > 0"),
        holds("duration", "duration IN ('once', 'repeating', 'forever')"),
        holds("months", "(duration = 'repeating') = (duration_in_months IS NOT NULL) AND duration_in_months > 0"),
        where_set("batch_id", "batch_no", unique=True),
        where_set("campaign_id"),
        Index(None, "created_at", "id"),
        Index(None, "valid_until", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
        holds("percent_off", "percent_off BETWEEN 1 AND 10000"),
        holds("amount_off", "amount_off IS NULL OR (amount_off > 0 AND currency IS NOT NULL)"),
        holds("uses", "times_redeemed >= 0 AND held >= 0"),
        holds("cap", "max_redemptions IS NULL OR times_redeemed + held <= max_redemptions"),
    )

    id: str = Field(primary_key=True)
    code: str
    code_key: str = Field(unique=True)
    name: str
    percent_off: int | None = None
    amount_off: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = None
    points: int | None = Field(default=None, sa_type=BigInteger)
    reward_id: str | None = Field(default=None, foreign_key="reward.id")
    duration: str = "forever"
    duration_in_months: int | None = None
    min_order_value: int | None = Field(default=None, sa_type=BigInteger)
    max_discount: int | None = Field(default=None, sa_type=BigInteger)
    valid_from: int | None = Field(default=None, sa_type=BigInteger)
    valid_until: int | None = Field(default=None, sa_type=BigInteger)
    customer_limit: int | None = None
    product_ids: str = Field(default="[]", sa_type=Text)
    excluded_product_ids: str = Field(default="[]", sa_type=Text)
    categories: str = Field(default="[]", sa_type=Text)
    stackable: bool = False
    priority: int = 0
    active: bool = True
    max_redemptions: int | None = Field(default=None, sa_type=BigInteger)
    times_redeemed: int = Field(default=0, sa_type=BigInteger)
    held: int = Field(default=0, sa_type=BigInteger)
    campaign_id: str | None = Field(default=None, foreign_key="campaign.id")
    batch_id: str | None = Field(default=None, foreign_key="batch.id")
    batch_no: int | None = None
    revision: int = 0
    expired_told: bool = False
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(default=0, sa_type=BigInteger)
    deleted_at: int | None = Field(default=None, sa_type=BigInteger)


class MemberUse(SQLModel, table=True):
    """How often a member has used, or holds, something with a limit per member."""

    __tablename__ = "member_use"
    __table_args__ = (holds("uses", "uses >= 0"),)

    subject: str = Field(primary_key=True)
    member_id: str = Field(primary_key=True, foreign_key="member.id")
    uses: int = 0
