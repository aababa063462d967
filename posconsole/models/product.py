"""The catalogue."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from posconsole.models.base import holds


class Product(SQLModel, table=True):
    """Something with a sku and a price. With a `voucher_value` it sells vouchers of that value."""

    __tablename__ = "product"
    __table_args__ = (
        holds("price", "price >= 0"),
        holds("tax_rate", "tax_rate BETWEEN 0 AND 10000"),
        holds("voucher", "voucher_value IS NULL OR (voucher_value > 0 AND tax_rate = 0)"),
    )

    sku: str = Field(primary_key=True)
    barcode: str | None = Field(default=None, unique=True)
    name: str
    search: str
    price: int = Field(sa_type=BigInteger)
    tax_rate: int = 0
    category: str | None = None
    voucher_value: int | None = Field(default=None, sa_type=BigInteger)
    active: bool = True
    updated_at: int = Field(sa_type=BigInteger)
