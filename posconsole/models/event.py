"""What happened: append-only, chained per till by a keyed hash."""

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from posconsole.models.ledger import Sequence


class Event(SQLModel, table=True):
    """An event in its till's chain. `hash` covers the one before it and every column of this one.

    `data` is a JSON object with sorted keys.
    """

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("till_id", "till_seq"), Index(None, "type", "seq"))

    seq: int | None = Field(default=None, primary_key=True, sa_type=Sequence)
    id: str
    till_id: str = Field(foreign_key="till.id")
    till_seq: int = Field(sa_type=BigInteger)
    type: str
    subject: str = Field(index=True)
    operator: str
    at: int = Field(sa_type=BigInteger)
    data: str = Field(sa_type=Text)
    hash: str
