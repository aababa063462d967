"""The shop as a whole, and its tills."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds

OFFICE = "0"
"""The till of the back office: it has a journal chain and may sell, but no person stands at it."""

OFFICE_OPERATOR = "office"
"""Who does what is done in the back office."""
SETTLED = ("currency", "timezone", "prices_include_tax", "smallest_coin", "points_rate")
"""Of a shop's settings those that amounts and dates depend on: its journal vouches for them."""


class Shop(SQLModel, table=True):
    """The one row of settings that are fixed once the first sale is made.

    `points_rate` in basis points of a point per whole currency unit: 10000 gives one point for each.
    """

    __tablename__ = "shop"
    __table_args__ = (
        holds("one_row", "id = 1"),
        holds("coin", "smallest_coin > 0"),
        holds("points", "points_rate >= 0"),
    )

    id: int = Field(default=1, primary_key=True)
    name: str
    currency: str
    locale: str
    timezone: str
    prices_include_tax: bool
    smallest_coin: int = Field(sa_type=BigInteger)
    points_rate: int = 10_000


class Till(SQLModel, table=True):
    """A till: its last receipt number, the head of its chain of events, and when the last of them was written."""

    __tablename__ = "till"
    __table_args__ = (holds("counters", "receipts >= 0 AND journal_seq >= 0"),)

    id: str = Field(primary_key=True)
    receipts: int = Field(default=0, sa_type=BigInteger)
    journal_seq: int = Field(default=0, sa_type=BigInteger)
    journal_head: str = ""
    last_at: int = Field(default=0, sa_type=BigInteger)
