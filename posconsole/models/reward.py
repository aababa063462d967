"""The catalogue of what points buy."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds


class Reward(SQLModel, table=True):
    """A discount, an item, or store credit, for `points`. `stock` None is as many as are asked for.

    Terms never change; name, stock and `active` do.
    """

    __tablename__ = "reward"
    __table_args__ = (
        holds("points", "points > 0"),
        holds("stock", "stock >= 0"),
        holds("kind", "kind IN ('discount', 'item', 'credit')"),
        holds("discount", "(kind = 'discount') = ((percent_off IS NULL) <> (amount_off IS NULL))"),
        holds("one_value", "percent_off IS NULL OR amount_off IS NULL"),
        holds("percent_off", "percent_off BETWEEN 1 AND 10000"),
        holds("amount_off", "amount_off > 0"),
        holds(
            "credit", "(kind = 'credit') = (credit_value IS NOT NULL) AND (credit_value IS NULL OR credit_value > 0)"
        ),
    )

    id: str = Field(primary_key=True)
    name: str
    kind: str
    points: int = Field(sa_type=BigInteger)
    percent_off: int | None = None
    amount_off: int | None = Field(default=None, sa_type=BigInteger)
    max_discount: int | None = Field(default=None, sa_type=BigInteger)
    min_order_value: int | None = Field(default=None, sa_type=BigInteger)
    product_ids: str = Field(default="[]", sa_type=Text)
    categories: str = Field(default="[]", sa_type=Text)
    credit_value: int | None = Field(default=None, sa_type=BigInteger)
    stock: int | None = Field(default=None, sa_type=BigInteger)
    shipping: bool = False
    active: bool = True
    created_at: int = Field(sa_type=BigInteger)
    deleted_at: int | None = Field(default=None, sa_type=BigInteger)
