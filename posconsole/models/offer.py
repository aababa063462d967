"""Targeted, time-bound incentives, and who has activated one."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds, where_set


class Offer(SQLModel, table=True):
    """An incentive for those whom `targeting` names. Expired follows from the window and the cap.

    `multiplier` in basis points (20000 doubles). Lists are JSON arrays, `attributes` a JSON object; empty is
    every active member. `held` are the uses that open payments have claimed.
    """

    __tablename__ = "offer"
    __table_args__ = (
        holds("state", "state IN ('draft', 'published', 'paused')"),
        holds("activation", "activation IN ('auto', 'opt_in')"),
        holds("incentive", "incentive IN ('points_multiplier', 'points_bonus', 'percentage_discount', 'gift_reward')"),
        holds("multiplier", "(incentive = 'points_multiplier') = (multiplier IS NOT NULL) AND (multiplier > 10000)"),
        holds("points", "(incentive = 'points_bonus') = (points IS NOT NULL) AND (points > 0)"),
        holds("percent", "(incentive = 'percentage_discount') = (percent_off IS NOT NULL)"),
        holds("percent_off", "percent_off BETWEEN 1 AND 10000"),
        holds("gift", "(incentive = 'gift_reward') = (reward_id IS NOT NULL)"),
        holds("uses", "times_redeemed >= 0 AND held >= 0"),
        holds("cap", "max_redemptions IS NULL OR times_redeemed + held <= max_redemptions"),
        where_set("campaign_id"),
    )

    id: str = Field(primary_key=True)
    name: str
    state: str = Field(default="draft", index=True)
    incentive: str
    multiplier: int | None = None
    points: int | None = Field(default=None, sa_type=BigInteger)
    percent_off: int | None = None
    max_discount: int | None = Field(default=None, sa_type=BigInteger)
    reward_id: str | None = Field(default=None, foreign_key="reward.id")
    segments: str = Field(default="[]", sa_type=Text)
    tiers: str = Field(default="[]", sa_type=Text)
    min_balance: int | None = Field(default=None, sa_type=BigInteger)
    enrolled_before: int | None = Field(default=None, sa_type=BigInteger)
    attributes: str = Field(default="{}", sa_type=Text)
    activation: str
    starts_at: int | None = Field(default=None, sa_type=BigInteger)
    ends_at: int | None = Field(default=None, sa_type=BigInteger)
    max_redemptions: int | None = Field(default=None, sa_type=BigInteger)
    per_member_limit: int | None = 1
    times_redeemed: int = Field(default=0, sa_type=BigInteger)
    held: int = Field(default=0, sa_type=BigInteger)
    campaign_id: str | None = Field(default=None, foreign_key="campaign.id")
    expired_told: bool = False
    created_at: int = Field(sa_type=BigInteger)


class OfferActivation(SQLModel, table=True):
    """A member's claim to an offer. It reserves nothing but eligibility."""

    __tablename__ = "offer_activation"
    __table_args__ = (where_set("member_id"),)

    offer_id: str = Field(primary_key=True, foreign_key="offer.id")
    member_id: str = Field(primary_key=True, foreign_key="member.id")
    activated_at: int = Field(sa_type=BigInteger)
