"""Which requests were carried out already."""

from sqlmodel import Field, SQLModel


class IdempotencyKey(SQLModel, table=True):
    """A caller's key, the request it came with, and the id of what came of it."""

    __tablename__ = "idempotency_key"

    key: str = Field(primary_key=True)
    operation: str
    request_hash: str
    result: str
