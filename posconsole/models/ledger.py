"""The books: append-only, double entry."""

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
Sequence = BigInteger().with_variant(Integer, "sqlite")


class LedgerEntry(SQLModel, table=True):
    """A credit to an account when positive, a debit when negative, in minor units of `unit`.

    `subject` is whose account it is where there are many (a voucher's id), `cause` the payment, refund or
    voucher whose transaction wrote it.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (holds("amount", "amount <> 0"), Index(None, "account", "subject"))

    seq: int | None = Field(default=None, primary_key=True, sa_type=Sequence)
    cause: str = Field(index=True)
    account: str
    subject: str | None = None
    kind: str
    unit: str
    amount: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)
