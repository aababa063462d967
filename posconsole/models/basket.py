"""The basket that is being rung up, so that a power cut doesn't lose it."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel


class OpenBasket(SQLModel, table=True):
    """A till's open basket as JSON. Nothing is held by it.

    `payment_id` is the pending payment that was opened for it: capturing that one closes the basket.
    """

    __tablename__ = "open_basket"

    till_id: str = Field(primary_key=True, foreign_key="till.id")
    payment_id: str | None = Field(default=None, foreign_key="payment.id")
    content: str = Field(sa_type=Text)
    updated_at: int = Field(sa_type=BigInteger)


class ParkedBasket(SQLModel, table=True):
    """A basket put aside under a name, to be recalled at any till. Nothing is held by it."""

    __tablename__ = "parked_basket"

    id: str = Field(primary_key=True)
    name: str
    till_id: str = Field(foreign_key="till.id")
    operator: str
    content: str = Field(sa_type=Text)
    parked_at: int = Field(sa_type=BigInteger)
