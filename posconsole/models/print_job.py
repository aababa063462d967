"""What is to come out of a till's printer, and how often each thing did."""

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds

WAITING = text("status IN ('queued', 'printing')")
"""Jobs that a printer still has to do."""


class PrintJob(SQLModel, table=True):
    """A job of a till's printer: no sale waits for it, and none is undone by it.

    `kind` is what `subject` is the id of. Whoever prints it holds it as `worker` until `lease_until`. `copied` says
    whether a copy of it was begun last.
    """

    __tablename__ = "print_job"
    __table_args__ = (
        holds("kind", "kind IN ('receipt', 'refund', 'shift', 'voucher', 'drawer')"),
        holds("status", "status IN ('queued', 'printing', 'printed', 'failed', 'canceled')"),
        holds("held", "(status = 'printing') = (worker IS NOT NULL)"),
        holds("ended", "(ended_at IS NULL) = (status IN ('queued', 'printing'))"),
        Index(None, "till_id", "created_at", "id", sqlite_where=WAITING, postgresql_where=WAITING),
        Index(None, "created_at"),
    )

    id: str = Field(primary_key=True)
    till_id: str = Field(foreign_key="till.id")
    kind: str
    subject: str
    title: str
    status: str
    copied: bool = False
    attempts: int = 0
    next_at: int = Field(sa_type=BigInteger)
    worker: str | None = None
    lease_until: int = Field(default=0, sa_type=BigInteger)
    error: str = Field(default="", sa_type=Text)
    operator: str
    created_at: int = Field(sa_type=BigInteger)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)


class Printed(SQLModel, table=True):
    """How often a receipt, a Z report or a voucher was begun to be printed: each time after the first it is a copy."""

    __tablename__ = "printed"
    __table_args__ = (holds("prints", "prints > 0"),)

    id: str = Field(primary_key=True)
    prints: int
