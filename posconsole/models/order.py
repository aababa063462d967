"""The basket as sold, with every share of every discount frozen."""

from sqlalchemy import BigInteger, ForeignKeyConstraint
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds


class Order(SQLModel, table=True):
    """A basket as sold. `amount` is after discounts and tax, before vouchers.

    `points_base` is what points are earned on, at `points_rate`: basis points of a point per whole currency unit.
    """

    __tablename__ = "orders"
    __table_args__ = (
        holds(
            "adds_up",
            "amount = order_amount - discount_amount + CASE WHEN prices_include_tax THEN 0 ELSE tax_amount END",
        ),
        holds("points", "points_base >= 0 AND points_rate >= 0"),
        holds("signs", "order_amount >= 0 AND discount_amount BETWEEN 0 AND order_amount AND tax_amount >= 0"),
    )

    id: str = Field(primary_key=True)
    till_id: str = Field(foreign_key="till.id")
    operator: str
    member_id: str | None = Field(default=None, foreign_key="member.id", index=True)
    currency: str
    prices_include_tax: bool
    order_amount: int = Field(sa_type=BigInteger)
    discount_amount: int = Field(sa_type=BigInteger)
    tax_amount: int = Field(sa_type=BigInteger)
    amount: int = Field(sa_type=BigInteger)
    points_base: int = Field(default=0, sa_type=BigInteger)
    points_rate: int = 0
    created_at: int = Field(sa_type=BigInteger)


class OrderLine(SQLModel, table=True):
    """A line of an order; `refunded` is the quantity that came back."""

    __tablename__ = "order_line"
    __table_args__ = (
        holds("quantity", "quantity > 0 AND refunded BETWEEN 0 AND quantity"),
        holds("discount", "unit_price >= 0 AND discount BETWEEN 0 AND unit_price * quantity"),
        holds("total", "total >= 0 AND tax >= 0"),
    )

    order_id: str = Field(primary_key=True, foreign_key="orders.id")
    no: int = Field(primary_key=True)
    sku: str | None = None
    name: str
    category: str | None = None
    quantity: int
    unit_price: int = Field(sa_type=BigInteger)
    discount: int = Field(sa_type=BigInteger)
    tax_rate: int
    tax: int = Field(sa_type=BigInteger)
    total: int = Field(sa_type=BigInteger)
    voucher_value: int | None = Field(default=None, sa_type=BigInteger)
    refunded: int = 0


class DiscountShare(SQLModel, table=True):
    """A redemption's part on one line."""

    __tablename__ = "discount_share"
    __table_args__ = (
        ForeignKeyConstraint(["order_id", "line_no"], ["order_line.order_id", "order_line.no"]),
        holds("amount", "amount > 0"),
    )

    order_id: str = Field(primary_key=True)
    line_no: int = Field(primary_key=True)
    redemption_id: str = Field(primary_key=True, foreign_key="redemption.id")
    amount: int = Field(sa_type=BigInteger)
