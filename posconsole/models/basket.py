"""The basket that is being rung up, so that a power cut doesn't lose it."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel


class OpenBasket(SQLModel, table=True):
    """A till's open basket as JSON. Nothing is held by it."""

    __tablename__ = "open_basket"

    till_id: str = Field(primary_key=True, foreign_key="till.id")
    content: str = Field(sa_type=Text)
    updated_at: int = Field(sa_type=BigInteger)
