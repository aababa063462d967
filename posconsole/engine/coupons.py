"""The verbs of coupons."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select, update

from posconsole.clock import moment
from posconsole.codes import fold, identifier
from posconsole.engine import codebook, facts, listing
from posconsole.engine.arguments import LARGEST, flag, optional, text, texts, whole
from posconsole.engine.database import values
from posconsole.engine.pricing import price
from posconsole.engine.reasons import sentence
from posconsole.engine.selling import selling_of
from posconsole.engine.terms import Sale
from posconsole.engine.views import CouponView, Page, Validation
from posconsole.errors import Conflict, InvalidInput, NotFound
from posconsole.models import Coupon, table
from posconsole.money import Currency, minor_units, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.database import Row
    from posconsole.engine.salerows import Fields

_COUPON = table(Coupon)
_BY_ID_OR_CODE = select(_COUPON).where(or_(_COUPON.c.id == bindparam("text"), _COUPON.c.code_key == bindparam("key")))
_SET_ACTIVE = update(_COUPON).where(_COUPON.c.id == bindparam("coupon")).values(active=bindparam("on"))
_DELETE = (
    update(_COUPON)
    .where(_COUPON.c.id == bindparam("coupon"), _COUPON.c.deleted_at.is_(None))
    .values(deleted_at=bindparam("now"))
)
TERMS = (
    "id code_key percent_off amount_off currency min_order_value max_discount valid_from valid_until customer_limit "
    "product_ids excluded_product_ids categories stackable priority"
).split()
"""A coupon's terms: never changed after it was made, and covered by the digest of the event that made it."""

_WRITTEN = re.compile(r"[A-Z0-9][A-Z0-9 \-_.%+&!]{1,38}[A-Z0-9%+&!]", re.ASCII)


def status(row: Row, now: int) -> str:
    """Derive a coupon's state: active, inactive, scheduled, expired, exhausted or deleted."""
    if row.deleted_at is not None:
        return "deleted"
    if not row.active:
        return "inactive"
    if row.valid_until is not None and now > row.valid_until:
        return "expired"
    if row.max_redemptions is not None and row.times_redeemed + row.held >= row.max_redemptions:
        return "exhausted"
    return "scheduled" if row.valid_from is not None and now < row.valid_from else "active"


def show(row: Row, now: int) -> CouponView:
    """Return the view of a coupon's row."""
    state = status(row, now)
    return CouponView(
        id=row.id,
        code=row.code,
        name=row.name,
        percent_off=row.percent_off,
        amount_off=row.amount_off,
        currency=row.currency,
        min_order_value=row.min_order_value,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        customer_limit=row.customer_limit,
        product_ids=tuple(json.loads(row.product_ids)),
        excluded_product_ids=tuple(json.loads(row.excluded_product_ids)),
        categories=tuple(json.loads(row.categories)),
        max_discount=row.max_discount,
        max_redemptions=row.max_redemptions,
        times_redeemed=row.times_redeemed,
        held=row.held,
        stackable=bool(row.stackable),
        priority=row.priority,
        status=state,
        valid=state == "active",
        created=row.created_at,
    )


class Coupons:
    """What can be done with coupons."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def create(
        self,
        *,
        code: str,
        name: str | None = None,
        percent_off: object = None,
        amount_off: int | None = None,
        currency: str | None = None,
        max_redemptions: int | None = None,
        active: bool = True,
        stackable: bool = False,
        priority: int = 0,
        **conditions: Any,
    ) -> CouponView:
        """Make a coupon. Exactly one of `percent_off` (15 is 15 %) and `amount_off` (minor units).

        `conditions` are `min_order_value`, `max_discount` (minor units), `valid_from`, `valid_until` or
        `expires_at` (a date means the whole day), `customer_limit`, `product_ids`, `excluded_product_ids`,
        `categories` or `category`. Raises `InvalidInput` with the field, `Conflict` when the code was ever used.
        """
        written = text(code, "code").strip().upper()
        if not _WRITTEN.fullmatch(written):
            raise InvalidInput("A code has 3 to 40 letters, digits and signs", field="code")
        if (percent_off is None) == (amount_off is None):
            raise InvalidInput("A coupon takes either a percentage or an amount off", field="percent_off")
        unit = optional(currency, "currency") or self._context.shop.currency.code
        row: Fields = {
            "id": identifier("cpn"),
            "code": written,
            "code_key": fold(written),
            "name": optional(name, "name") or "",
            "percent_off": None if percent_off is None else percent(percent_off),
            "amount_off": None if amount_off is None else minor_units(amount_off, "amount_off", least=1),
            "currency": None if amount_off is None else Currency.of(unit).code,
            "max_redemptions": _count(max_redemptions, "max_redemptions"),
            "stackable": flag(stackable, "stackable"),
            "priority": whole(priority, "priority", -LARGEST),
            "active": flag(active, "active"),
            **self._conditions(**conditions),
            "points": None,
            "reward_id": None,
            "duration": "forever",
            "duration_in_months": None,
            "campaign_id": None,
            "batch_id": None,
            "batch_no": None,
            "revision": 0,
            "expired_told": False,
            "updated_at": 0,
            "times_redeemed": 0,
            "held": 0,
            "deleted_at": None,
        }
        self._context.write(lambda unit: _insert(unit, row))
        return self.get(row["id"])

    def _conditions(
        self,
        *,
        min_order_value: int | None = None,
        max_discount: int | None = None,
        valid_from: object = None,
        valid_until: object = None,
        expires_at: object = None,
        customer_limit: int | None = None,
        product_ids: Iterable[str] = (),
        excluded_product_ids: Iterable[str] = (),
        categories: Iterable[str] = (),
        category: str | None = None,
    ) -> Fields:
        zone = self._context.shop.timezone
        start = moment(valid_from, zone, "valid_from")
        end = moment(expires_at if valid_until is None else valid_until, zone, "valid_until", end=True)
        if start is not None and end is not None and start > end:
            raise InvalidInput("It ends before it starts", field="valid_until")
        return {
            "min_order_value": None if min_order_value is None else minor_units(min_order_value, "min_order_value"),
            "max_discount": None if max_discount is None else minor_units(max_discount, "max_discount", least=1),
            "valid_from": start,
            "valid_until": end,
            "customer_limit": _count(customer_limit, "customer_limit"),
            "product_ids": _listed(product_ids, "product_ids"),
            "excluded_product_ids": _listed(excluded_product_ids, "excluded_product_ids"),
            "categories": _listed([*texts(categories, "categories"), *([category] if category else [])], "category"),
        }

    def get(self, coupon: str) -> CouponView:
        """Return a coupon by id or code, also a deleted one; `NotFound` when there never was one."""
        wanted = text(coupon, "coupon")
        row = self._context.read(lambda tx: tx.first(_BY_ID_OR_CODE, text=wanted, key=fold(wanted)))
        if row is None:
            raise NotFound(f"There is no coupon {coupon[:40]}", field="coupon")
        return show(row, self._context.clock.now())

    def list(self, limit: int = 10, offset: int = 0) -> Page[CouponView]:
        """Return coupons, newest first; deleted ones are left out."""
        now, order = self._context.clock.now(), (_COUPON.c.created_at.desc(), _COUPON.c.id.desc())
        live = (_COUPON.c.deleted_at.is_(None),)
        return listing.page(self._context, _COUPON, live, order, lambda row: show(row, now), limit=limit, offset=offset)

    def validate(
        self,
        code: str,
        *,
        customer: str | None = None,
        order_amount: int | None = None,
        items: Iterable[Mapping[str, Any]] = (),
    ) -> Validation:
        """Say what a code, a coupon's or a voucher's, would do to an order. Writes nothing, holds nothing."""
        shop = self._context.shop
        if not text(code, "code").strip():
            raise InvalidInput("A code to look at is missing", field="code")
        # An order may come with its items and their value; the items then say what the code may touch.
        worth = None if items else order_amount
        asked = selling_of(shop.currency.code, items=items or None, amount=worth, customer=customer, coupon=code).basket
        found: Sale = self._context.read(lambda tx: facts.sale_of(tx, shop, asked, self._context.clock.now()))
        quote = price(found)
        if order_amount not in (None, quote.order_amount):
            raise InvalidInput(f"The items come to {quote.order_amount}, not to {order_amount}", field="order_amount")
        verdict = quote.verdicts[-1]
        return Validation(
            code=code,
            valid=verdict.valid,
            reason=verdict.reason,
            message=sentence(verdict, shop.currency, shop.locale, shop.timezone),
            discount_amount=verdict.amount,
            final_amount=quote.due,
            currency=quote.currency,
            details=verdict.details,
        )

    def set_active(self, coupon: str, active: bool) -> CouponView:
        """Switch a coupon on or off."""
        flag(active, "active")
        found = self.get(coupon)

        def work(unit: Unit) -> None:
            unit.transaction.guarded(_SET_ACTIVE, coupon=found.id, on=active)
            unit.journal.record("coupon.updated", found.id, active=active)

        self._context.write(work)
        return self.get(found.id)

    def delete(self, coupon: str) -> CouponView:
        """Take a coupon out of use for good. Its redemptions and its code stay: no code is ever used again."""
        found = self.get(coupon)

        def work(unit: Unit) -> None:
            if unit.transaction.change(_DELETE, coupon=found.id, now=unit.now):
                unit.journal.record("coupon.deleted", found.id)

        self._context.write(work)
        return self.get(found.id)


def _insert(unit: Unit, row: Fields) -> None:
    codebook.check_handwritten(unit, row["code"])
    if unit.transaction.insert(_COUPON, [row | {"created_at": unit.now}], ignore=True) != 1:
        raise Conflict(
            f"The code {row['code']} was used already, if only in another writing. Take another.", field="code"
        )
    terms = [row[name] for name in TERMS]
    cap = row["max_redemptions"]
    told = {"code": row["code"], "cap": cap, "active": row["active"], "rows": unit.digest([terms])}
    unit.journal.record("coupon.created", row["id"], **told)


def _listed(ids: Iterable[str], field: str) -> str:
    return values(sorted(set(texts(ids, field))))


def _count(value: int | None, field: str) -> int | None:
    return None if value is None else whole(value, field, 1)
