"""Known customers."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Member(SQLModel, table=True):
    """A customer with a card or a phone number; `phone_key` is the number's digits, one account each."""

    __tablename__ = "member"

    id: str = Field(primary_key=True)
    name: str
    search: str
    phone: str | None = None
    phone_key: str | None = Field(default=None, unique=True)
    card: str | None = Field(default=None, unique=True)
    email: str | None = None
    created_at: int = Field(sa_type=BigInteger)
