"""The day at a till: from the float to the count."""

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds

_OPEN = text("closed_at IS NULL")


class Shift(SQLModel, table=True):
    """A till's shift, `no` counting from 1. It covers the till's receipts after `first_receipt` up to `last_receipt`.

    `totals` is the Z report's JSON, frozen at the close, `perpetual` what the till ever took, and only grows.
    """

    __tablename__ = "shift"
    __table_args__ = (
        UniqueConstraint("till_id", "no"),
        Index("uq_shift_open", "till_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        holds("money", "opening_float >= 0 AND (counted IS NULL OR counted >= 0)"),
        holds(
            "closed",
            "(closed_at IS NULL) = (counted IS NULL) AND (closed_at IS NULL) = (totals IS NULL)"
            " AND (closed_at IS NULL) = (last_receipt IS NULL)",
        ),
    )

    id: str = Field(primary_key=True)
    till_id: str = Field(foreign_key="till.id")
    no: int
    opened_by: str
    opened_at: int = Field(sa_type=BigInteger)
    opening_float: int = Field(sa_type=BigInteger)
    first_receipt: int = Field(sa_type=BigInteger)
    closed_by: str | None = None
    closed_at: int | None = Field(default=None, sa_type=BigInteger)
    last_receipt: int | None = Field(default=None, sa_type=BigInteger)
    expected: int | None = Field(default=None, sa_type=BigInteger)
    counted: int | None = Field(default=None, sa_type=BigInteger)
    note: str = ""
    totals: str | None = Field(default=None, sa_type=Text)
    perpetual: int | None = Field(default=None, sa_type=BigInteger)
    journal_head: str | None = None


class CashMovement(SQLModel, table=True):
    """Cash put in the drawer (positive) or taken out (negative) other than by a sale."""

    __tablename__ = "cash_movement"
    __table_args__ = (holds("amount", "amount <> 0"),)

    id: str = Field(primary_key=True)
    shift_id: str = Field(foreign_key="shift.id", index=True)
    amount: int = Field(sa_type=BigInteger)
    reason: str
    operator: str
    at: int = Field(sa_type=BigInteger)
