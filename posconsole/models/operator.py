"""Who may do what, and who has guessed too often."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds


class Operator(SQLModel, table=True):
    """A cashier or a manager. `pin_hash` is argon2 over the PIN and a pepper that the database doesn't hold."""

    __tablename__ = "operator"
    __table_args__ = (holds("role", "role IN ('cashier', 'manager')"),)

    id: str = Field(primary_key=True)
    name: str
    name_key: str = Field(unique=True)
    role: str
    pin_hash: str
    active: bool = True
    created_at: int = Field(sa_type=BigInteger)


class Throttle(SQLModel, table=True):
    """How often somebody, or somewhere, has guessed wrong in a row, and until when no further guess is taken."""

    __tablename__ = "throttle"

    subject: str = Field(primary_key=True)
    failures: int
    blocked_until: int = Field(default=0, sa_type=BigInteger)
    last_at: int = Field(sa_type=BigInteger)
