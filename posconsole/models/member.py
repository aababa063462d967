"""Known customers, each with one loyalty account, and the segments that they are in."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds, where_set


class Member(SQLModel, table=True):
    """A customer with a card or a phone number; `phone_key` is the number's digits, one account each.

    `points` is the balance, `points_debt` what a clawback found no points for; later earnings work it off.
    `attributes` is free metadata, a JSON object of texts. A merged member points to the one that lives on.
    """

    __tablename__ = "member"
    __table_args__ = (
        holds("points", "points >= 0 AND points_debt >= 0 AND (points = 0 OR points_debt = 0)"),
        where_set("merged_into"),
        holds("merged", "merged_into IS NULL OR (points = 0 AND points_debt = 0)"),
    )

    id: str = Field(primary_key=True)
    account_id: str = Field(unique=True)
    name: str
    search: str
    phone: str | None = None
    phone_key: str | None = Field(default=None, unique=True)
    card: str | None = Field(default=None, unique=True)
    email: str | None = None
    points: int = Field(default=0, sa_type=BigInteger)
    points_debt: int = Field(default=0, sa_type=BigInteger)
    tier: str | None = None
    attributes: str = Field(default="{}", sa_type=Text)
    merged_into: str | None = Field(default=None, foreign_key="member.id")
    created_at: int = Field(sa_type=BigInteger)


class Segment(SQLModel, table=True):
    """A named group of members: a list, or a rule that is judged when it is asked.

    `rule` is a JSON object: `days_since_purchase`, `spend_at_least`, `tier`, `enrolled_before`.
    """

    __tablename__ = "segment"
    __table_args__ = (holds("kind", "kind IN ('list', 'rule')"),)

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    kind: str
    rule: str = Field(default="{}", sa_type=Text)
    created_at: int = Field(sa_type=BigInteger)


class SegmentMember(SQLModel, table=True):
    """A member's place on a segment's list."""

    __tablename__ = "segment_member"
    __table_args__ = (where_set("member_id"),)

    segment_id: str = Field(primary_key=True, foreign_key="segment.id")
    member_id: str = Field(primary_key=True, foreign_key="member.id")
