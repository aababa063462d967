"""A sale as its caller asks for it: the arguments of `payments.create` and of every preview, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack

from posconsole.codes import fold
from posconsole.engine.arguments import each, flag, optional, text, texts
from posconsole.engine.context import Request
from posconsole.engine.quoting.rung import Basket, Item, checked
from posconsole.engine.sale.tendering import TenderRequest
from posconsole.errors import InvalidInput
from posconsole.money import minor_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

T = TypeVar("T")


class SaleArguments(TypedDict, total=False):
    """What a sale may be given. Either a whole `basket`, or `items`, or one `amount` in minor units.

    `items` are mappings with `id` (a sku), `quantity`, and `price` and `name` for what the catalogue doesn't
    have. `tenders` are mappings or `TenderRequest`s; without them `tender` (cash) takes all that is due.
    `reward` is a reward discount to be bought with points in this sale, `discounts` names one that was redeemed before:
    `[{"redemption": id}]`. `pins` are the PINs of the vouchers that have one, by code.
    `expected_due` is the amount that was shown: another one is refused. `closes_basket` says that the till's open
    basket is what is sold: it is gone with the sale, in one transaction.
    """

    basket: Basket
    items: Iterable[Mapping[str, Any] | Item] | None
    amount: int | None
    currency: str | None
    customer: str | None
    reward: str | None
    discounts: Sequence[Mapping[str, str]]
    pins: Mapping[str, str]
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
    pins: Mapping[str, str] = field(repr=False)

    @property
    def at_once(self) -> bool:
        """Say whether no device has to be asked: cash, or nothing to pay."""
        return all(tender.kind == "cash" for tender in self.tenders)


def selling_of(shop_currency: str, **sale: Unpack[SaleArguments]) -> Selling:
    """Read a sale's arguments. Raises `InvalidInput` with the field."""
    # What is not known would otherwise be left out in silence, and a discount with it.
    if unknown := sorted(sale.keys() - SaleArguments.__annotations__.keys()):
        raise InvalidInput(f"A sale takes no {unknown[0]!r}", field=unknown[0])
    currency = sale.get("currency")
    if currency is not None and currency != shop_currency:
        raise InvalidInput(f"This shop's currency is {shop_currency}", code="currency_mismatch", field="currency")
    basket = _basket(sale)
    member = optional(sale.get("customer"), "customer") or optional(basket.member, "customer")
    basket = replace(basket, codes=_codes(basket, sale), member=member, reward=_reward(basket, sale))
    tenders = sale.get("tenders")
    asked = each([{"kind": sale.get("tender", "cash")}] if tenders is None else tenders, "tenders", _tender)
    request = _request(basket, asked, sale.get("idempotency_key"))
    closes = flag(sale.get("closes_basket", False), "closes_basket")
    return Selling(basket, asked, request, sale.get("expected_due"), closes, _pins(sale.get("pins") or {}))


def _pins(pins: Mapping[str, str]) -> dict[str, str]:
    try:
        return {text(code, "pins"): text(pin, "pins") for code, pin in pins.items()}
    except AttributeError:
        raise InvalidInput("pins are the PINs of vouchers by their code", field="pins") from None


def _basket(sale: SaleArguments) -> Basket:
    """Return what is sold. Two ways of saying it might differ, and one of them would be left out."""
    basket, items, amount = sale.get("basket"), sale.get("items"), sale.get("amount")
    if sum(one is not None for one in (basket, items, amount)) > 1:
        raise InvalidInput("Give a basket, or items, or an amount", field="items")
    if amount is not None:
        basket = Basket((Item(None, 1, amount, "Amount"),))
    elif basket is None:
        basket = Basket(each(items or (), "items", _item))
    return checked(basket)


def _reward(basket: Basket, sale: SaleArguments) -> str | None:
    """Return the one reward discount that is asked for, however it is said."""
    claimed = each(sale.get("discounts") or (), "discounts", _claim)
    asked = {*filter(None, (basket.reward, optional(sale.get("reward"), "reward"))), *claimed}
    if len(asked) > 1:
        raise InvalidInput("A sale takes one reward discount", code="not_combinable", field="discounts")
    return next(iter(asked), None)


def _claim(discount: Mapping[str, str]) -> str:
    try:
        (found,) = {"redemption": discount["redemption"], **discount}.values()
    except (KeyError, TypeError, ValueError):
        raise InvalidInput('A discount is {"redemption": its id}', field="discounts") from None
    return text(found, "discounts")


def _request(basket: Basket, tenders: Iterable[TenderRequest], key: str | None) -> Request:
    return Request.of(
        "payment",
        key,
        items=[[item.id, item.quantity, item.price, item.name] for item in basket.items],
        codes=sorted(fold(code) for code in basket.codes),
        member=basket.member,
        **({} if basket.reward is None else {"reward": basket.reward}),
        # Not the card's number: a hash of it could be searched.
        tenders=[[one.kind, one.amount, one.tendered] for one in tenders],
    )


def _codes(basket: Basket, sale: SaleArguments) -> tuple[str, ...]:
    """Return the codes of basket and arguments, each once in whatever writing."""
    single = [optional(sale.get("coupon"), "coupon"), optional(sale.get("voucher"), "voucher")]
    listed = (*texts(sale.get("coupons", ()), "coupons"), *texts(sale.get("vouchers", ()), "vouchers"))
    codes = [*texts(basket.codes, "codes"), *filter(None, single), *listed]
    return tuple({fold(code): code for code in codes}.values())


def _item(item: Mapping[str, Any] | Item) -> Item:
    return item if isinstance(item, Item) else _mapped(Item, item, "items", id=None)


def _tender(tender: Mapping[str, Any] | TenderRequest) -> TenderRequest:
    found = tender if isinstance(tender, TenderRequest) else _mapped(TenderRequest, tender, "tenders")
    text(found.kind, "tenders")
    optional(found.number, "number")
    if found.amount is not None:
        minor_units(found.amount, "amount")
    if found.tendered is not None:
        minor_units(found.tendered, "tendered")
    return found


def _mapped(kind: type[T], fields: Mapping[str, Any], field: str, **missing: None) -> T:
    try:
        return kind(**(missing | {**fields}))
    except TypeError:
        raise InvalidInput(f"{field}: each has the fields of a {kind.__name__}", field=field) from None
