"""The record that a coupon, a voucher, a reward or an offer was used."""

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds, where_set


class Redemption(SQLModel, table=True):
    """A use. While its payment is pending it is the hold; `applied` once money was taken.

    `amount` is the discount or the draw in minor units, `forfeited` what a single-use voucher lost with it,
    `reversed` the part of `amount` that refunds took back. `points` is what it moved: what a reward cost, or what a
    coupon, voucher or offer gave. A reward that a coupon or an offer gives is a row of its own, `granted_by` theirs.
    A discount reward that waits for its payment has a `code`; an item has its `shipping` (JSON) and `tracking`.
    """

    __tablename__ = "redemption"
    __table_args__ = (
        UniqueConstraint("payment_id", "coupon_id"),
        UniqueConstraint("payment_id", "voucher_id"),
        UniqueConstraint("payment_id", "offer_id"),
        holds("kind", "kind IN ('coupon', 'voucher', 'reward', 'offer')"),
        holds(
            "one_target",
            "(kind = 'coupon') = (coupon_id IS NOT NULL) AND (kind = 'voucher') = (voucher_id IS NOT NULL)"
            " AND (kind = 'offer') = (offer_id IS NOT NULL) AND (kind = 'reward') = (reward_id IS NOT NULL)",
        ),
        holds("amount", "amount >= 0 AND forfeited >= 0 AND reversed BETWEEN 0 AND amount AND points >= 0"),
        holds(
            "status",
            "status IN ('pending', 'applied', 'released', 'reversed', 'fulfillment_pending', 'fulfilled')",
        ),
        where_set("member_id"),
        where_set("offer_id"),
        where_set("reward_id"),
        where_set("campaign_id"),
        where_set("granted_by"),
    )

    id: str = Field(primary_key=True)
    kind: str
    coupon_id: str | None = Field(default=None, foreign_key="coupon.id", index=True)
    voucher_id: str | None = Field(default=None, foreign_key="voucher.id", index=True)
    offer_id: str | None = Field(default=None, foreign_key="offer.id")
    reward_id: str | None = Field(default=None, foreign_key="reward.id")
    campaign_id: str | None = Field(default=None, foreign_key="campaign.id")
    payment_id: str | None = Field(default=None, foreign_key="payment.id")
    member_id: str | None = Field(default=None, foreign_key="member.id")
    granted_by: str | None = Field(default=None, foreign_key="redemption.id")
    status: str
    amount: int = Field(sa_type=BigInteger)
    forfeited: int = Field(default=0, sa_type=BigInteger)
    reversed: int = Field(default=0, sa_type=BigInteger)
    points: int = Field(default=0, sa_type=BigInteger)
    multiplier: int | None = None
    code: str | None = None
    code_key: str | None = Field(default=None, unique=True)
    shipping: str | None = Field(default=None, sa_type=Text)
    tracking: str | None = None
    created_at: int = Field(sa_type=BigInteger)
