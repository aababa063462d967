"""A sale as its caller asks for it: the arguments of `payments.create` and of every preview, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from posconsole.codes import fold
from posconsole.engine.context import Request
from posconsole.engine.pricing import Basket, Item
from posconsole.engine.tendering import TenderRequest
from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class SaleArguments(TypedDict, total=False):
    """What a sale may be given. Either a whole `basket`, or `items`, or one `amount` in minor units.

    `items` are mappings with `id` (a sku), `quantity`, and `price` and `name` for what the catalogue doesn't
    have. `tenders` are mappings or `TenderRequest`s; without them `tender` (cash) takes all that is due.
    `expected_due` is the amount that was shown: another one is refused. `closes_basket` says that the till's open
    basket is what is sold: it is gone with the sale, in one transaction.
    """

    basket: Basket
    items: Iterable[Mapping[str, Any] | Item]
    amount: int | None
    currency: str
    customer: str | None
    coupon: str | None
    coupons: Sequence[str]
    voucher: str | None
    vouchers: Sequence[str]
    tender: str
    tenders: Iterable[Mapping[str, Any] | TenderRequest] | None
    idempotency_key: str | None
    expected_due: int | None
    closes_basket: bool


@dataclass(frozen=True, slots=True)
class Selling:
    """A sale as its caller asked for it."""

    basket: Basket
    tenders: tuple[TenderRequest, ...]
    request: Request
    expected_due: int | None
    closes_basket: bool

    @property
    def at_once(self) -> bool:
        """Say whether no device has to be asked: cash, or nothing to pay."""
        return all(tender.kind == "cash" for tender in self.tenders)


def selling_of(shop_currency: str, **sale: Unpack[SaleArguments]) -> Selling:
    """Read a sale's arguments. Raises `InvalidInput` with the field."""
    currency = sale.get("currency")
    if currency is not None and currency != shop_currency:
        raise InvalidInput(f"This shop's currency is {shop_currency}", code="currency_mismatch", field="currency")
    basket = sale.get("basket") or Basket(_items(sale.get("items", ()), sale.get("amount")))
    basket = replace(basket, codes=_codes(basket, sale), member=sale.get("customer") or basket.member)
    tenders = sale.get("tenders")
    asked = (TenderRequest(sale.get("tender", "cash")),) if tenders is None else tuple(map(_tender, tenders))
    request = _request(basket, asked, sale.get("idempotency_key"))
    return Selling(basket, asked, request, sale.get("expected_due"), sale.get("closes_basket", False))


def _request(basket: Basket, tenders: Iterable[TenderRequest], key: str | None) -> Request:
    return Request.of(
        "payment",
        key,
        items=[[item.id, item.quantity, item.price, item.name] for item in basket.items],
        codes=sorted(fold(code) for code in basket.codes),
        member=basket.member,
        # Not the card's number: a hash of it could be searched.
        tenders=[[one.kind, one.amount, one.tendered] for one in tenders],
    )


def _codes(basket: Basket, sale: SaleArguments) -> tuple[str, ...]:
    """Return the codes of basket and arguments, each once in whatever writing."""
    single = [code for code in (sale.get("coupon"), sale.get("voucher")) if code]
    codes = [*basket.codes, *single, *sale.get("coupons", ()), *sale.get("vouchers", ())]
    return tuple({fold(code): code for code in codes}.values())


def _items(items: Iterable[Mapping[str, Any] | Item], amount: int | None) -> tuple[Item, ...]:
    if amount is not None:
        return (Item(None, 1, amount, "Amount"),)
    return tuple(
        item if isinstance(item, Item) else _read_mapping(Item, {"id": None, **item}, "items") for item in items
    )


def _tender(tender: Mapping[str, Any] | TenderRequest) -> TenderRequest:
    return tender if isinstance(tender, TenderRequest) else _read_mapping(TenderRequest, tender, "tenders")


def _read_mapping(kind: Any, fields: Mapping[str, Any], field: str) -> Any:
    try:
        return kind(**fields)
    except TypeError:
        raise InvalidInput(
            f"{field}: {', '.join(fields)} are not the fields of a {kind.__name__}", field=field
        ) from None
