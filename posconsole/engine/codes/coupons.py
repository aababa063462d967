"""The verbs of coupons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from posconsole.codes import fold
from posconsole.engine import listing
from posconsole.engine.arguments import text
from posconsole.engine.codes import batches, codebook, couponrows, couponterms, couponviews, guesses
from posconsole.engine.codes.couponterms import CONDITIONS, VALUES
from posconsole.engine.context import Request
from posconsole.engine.quoting import facts, trying
from posconsole.engine.quoting.pricing import price
from posconsole.engine.quoting.reasons import sentence
from posconsole.engine.sale.selling import selling_of
from posconsole.engine.staff.access import CASHIER, needs
from posconsole.engine.views import CouponView, Page, Validation
from posconsole.errors import InvalidInput
from posconsole.models import Coupon, table
from posconsole.models.coupon import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Transaction
    from posconsole.engine.quoting.quotes import Quote, Verdict
    from posconsole.engine.views import BatchView

_COUPON = table(Coupon)
_DELETE = update(_COUPON).where(*couponrows.IS).values(deleted_at=bindparam("now"), updated_at=bindparam("now"))
SWEPT = 500
"""Coupons of whose end one sweep tells: a till waits no longer than that takes."""
# Rows that a till is using are left for the next time: nobody waits for a report.
_CLOSED = (
    select(_COUPON.c.id)
    .where(UNTOLD, _COUPON.c.valid_until < bindparam("now"), _COUPON.c.deleted_at.is_(None))
    .limit(SWEPT)
    .with_for_update(skip_locked=True)
)
_TELL_EXPIRED = (
    update(_COUPON)
    .where(_COUPON.c.id.in_(_CLOSED), UNTOLD)
    .values(expired_told=True)
    .returning(_COUPON.c.id, _COUPON.c.code, _COUPON.c.valid_until)
)
KEEP: Any = object()
"""What isn't given stays as it is; None takes it away."""


class Coupons:
    """What can be done with coupons."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("coupons.create")
    def create(self, *, code: str, idempotency_key: str | None = None, **terms: Any) -> CouponView:
        """Make a coupon with exactly one of `percent_off` (15 is 15 %), `amount_off` (minor units), `points`, `reward`.

        Besides: `name`, `currency` (of an amount), `max_redemptions`, `duration` (once, repeating with
        `duration_in_months`, forever), `stackable`, `priority`, `active`, `campaign`; the conditions
        `min_order_value`, `max_discount` (minor units), `valid_from`, `valid_until` or `expires_at` (a date means the
        whole day), `customer_limit`, `product_ids`, `excluded_product_ids`, `categories` or `category`. Other
        spellings are in `couponterms.spelled`.

        Raises `InvalidInput` with the field, `NotFound`, and `Conflict` when the code was ever used.
        """
        written = codebook.handwritten(text(code, "code"))
        row = couponterms.read(terms, self._context.shop)
        request = Request.of("coupon", idempotency_key, code=written, **row)

        def work(unit: Unit) -> CouponView:
            new = couponterms.new_coupon(written, row, unit.now)
            earlier = unit.once(request, new["id"])
            if earlier is None:
                couponrows.insert(unit, new)
            return self._shown(unit, earlier or new["id"])

        return self._context.write(work)

    @needs("coupons.create_batch")
    def create_batch(self, *, count: int, prefix: str, idempotency_key: str | None = None, **terms: Any) -> BatchView:
        """Make up to 1,000,000 coupons with the same `terms`, those of `create`, and codes of their own.

        Few of them are there on return, many are minted beside: `store.batches` tells how far it is.
        """
        return batches.create(
            self._context, "coupon", count=count, prefix=prefix, terms=terms, idempotency_key=idempotency_key
        )

    @needs("coupons.get")
    def get(self, coupon: str) -> CouponView:
        """Return a coupon by id or code with its latest uses, also a deleted one; `NotFound` if there never was one."""
        wanted, now = text(coupon, "coupon"), self._context.clock.now()

        def work(transaction: Any) -> CouponView:
            row = transaction.first(couponviews.BY_ID_OR_CODE, text=wanted, key=fold(wanted), now=now)
            if row is None:
                raise couponrows.unknown(wanted)
            return couponviews.show(row, self._context.role, couponviews.usage(transaction, row.id))

        return self._context.read(work)

    @needs("coupons.list")
    def list(
        self,
        limit: int = 10,
        offset: int = 0,
        *,
        starting_after: str | None = None,
        status: str | None = None,
        type: str | None = None,  # noqa: A002
        created_after: object = None,
        created_before: object = None,
        campaign: str | None = None,
        batch: str | None = None,
        matching: str | None = None,
    ) -> Page[CouponView]:
        """Return coupons, newest first, under all the given filters; deleted ones only when asked for by `status`.

        `matching` is any part of the name or, for who may see codes, of the code.
        `starting_after` is the `next` of the page before. Dates mean whole days: after its end, before its start.
        """
        zone, now = self._context.shop.timezone, self._context.clock.now()
        state, conditions = couponviews.state_at(now), []
        conditions.append(_COUPON.c.deleted_at.is_(None) if status is None else state == _state(status))
        if type is not None:
            conditions.append(_COUPON.c[couponterms.column_of(type)].is_not(None))
        conditions += listing.made_between(_COUPON, created_after, created_before, zone)
        if campaign is not None:
            conditions.append(_COUPON.c.campaign_id == text(campaign, "campaign"))
        if batch is not None:
            conditions.append(_COUPON.c.batch_id == text(batch, "batch"))
        # Who sees no code finds none out by its parts either.
        searched = (_COUPON.c.name,) if self._context.role == CASHIER else (_COUPON.c.name, _COUPON.c.code)
        conditions += listing.mentions(matching, *searched)
        return listing.newest(
            self._context,
            _COUPON,
            couponviews.with_state(now),
            conditions,
            lambda row: couponviews.show(row, self._context.role),
            limit=limit,
            offset=offset,
            starting_after=starting_after,
        )

    @needs("coupons.validate")
    def validate(
        self,
        code: str,
        *,
        customer: str | None = None,
        order_amount: int | None = None,
        currency: str | None = None,
        items: Iterable[Mapping[str, Any]] = (),
    ) -> Validation:
        """Say what a code, a coupon's or a voucher's, would do to an order. Writes nothing, holds nothing."""
        shop = self._context.shop
        if not text(code, "code").strip():
            raise InvalidInput("A code to look at is missing", field="code")
        # An order may come with its items and their value; the items then say what the code may touch.
        worth = None if items else order_amount
        asked = selling_of(
            shop.currency.code, items=items or None, amount=worth, currency=currency, customer=customer, coupon=code
        ).basket

        def work(transaction: Transaction) -> Quote:
            now = self._context.clock.now()
            guesses.refuse(self._context, transaction, (code,), now)
            return price(facts.sale_of(transaction, shop, asked, now))

        quote = self._context.read(work)
        if order_amount not in (None, quote.order_amount):
            raise InvalidInput(f"The items come to {quote.order_amount}, not to {order_amount}", field="order_amount")
        verdict = quote.verdicts[-1]
        guesses.judge(self._context, verdict)
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

    @needs("coupons.validate")
    def try_out(self, amounts: Iterable[int], *, code: str = "", **terms: Any) -> tuple[Verdict, ...]:
        """Say what a coupon of these `terms`, those of `create`, would do to sales of these amounts. Makes none."""
        return trying.coupon(self._context.shop, code, terms, amounts, self._context.clock.now())

    @needs("coupons.update")
    def update(
        self,
        coupon: str,
        *,
        name: str | None = KEEP,
        max_redemptions: int | None = KEEP,
        idempotency_key: str | None = None,
    ) -> CouponView:
        """Rename a coupon, or raise its cap; `max_redemptions=None` lifts it.

        Raises `NotAllowed` with the code `cap_lowered` for a lower cap: uses may have been promised.
        """
        written = {"name": name, "max_redemptions": max_redemptions}
        asked = {key: value for key, value in written.items() if value is not KEEP}
        if not asked:
            raise InvalidInput("Say what changes: a name, or max_redemptions", field="name")
        new = {key: couponterms.read_one(key, value, self._context.shop.timezone) for key, value in asked.items()}
        request = Request.of("coupon.update", idempotency_key, coupon=coupon, **new)

        def work(unit: Unit) -> CouponView:
            row = couponrows.take(unit, coupon)
            if unit.once(request, row.id) is None:
                couponrows.rename(unit, row, new)
            return self._shown(unit, row.id)

        return self._context.write(work)

    @needs("coupons.revise")
    def revise(
        self,
        coupon: str,
        *,
        value: object = KEEP,
        conditions: Mapping[str, Any] | None = None,
        status: str = KEEP,
        idempotency_key: str | None = None,
    ) -> CouponView:
        """Change a coupon's value, the named ones of its conditions, or its status (active, inactive).

        Its code and type stay, and so does the price of whatever it was used on. A condition given as None is
        taken away; `max_uses` may only be raised. A code of a batch can only be switched off and on: the batch
        vouches for its terms. What it was and what it is now stand in the journal.
        """
        written = couponterms.spelled({"conditions": conditions or {}})
        zone = self._context.shop.timezone
        stays = written.keys() - {*CONDITIONS, "max_redemptions"}
        if stays:
            raise InvalidInput("This is no condition, or one that stays as it was made", field=min(stays))
        if not written and value is KEEP and status is KEEP:
            raise InvalidInput("Say what changes: value, conditions or status", field="value")
        new = {name: couponterms.read_one(name, given, zone) for name, given in written.items()}
        if status is not KEEP:
            new["active"] = _switch(status)
        asked = new if value is KEEP else new | {"value": value}
        request = Request.of("coupon.revise", idempotency_key, coupon=coupon, **asked)

        def work(unit: Unit) -> CouponView:
            row = couponrows.take(unit, coupon)
            if unit.once(request, row.id) is None:
                couponrows.refuse_deleted(row)
                column = VALUES[couponterms.type_of(row)]
                read = {} if value is KEEP else {column: couponterms.read_one(column, value, zone)}
                couponrows.revise(unit, row, row._asdict() | new | read)
            return self._shown(unit, row.id)

        return self._context.write(work)

    @needs("coupons.delete")
    def delete(self, coupon: str, *, idempotency_key: str | None = None) -> CouponView:
        """Take a coupon out of use for good. Its redemptions and its code stay: no code is ever used again."""
        request = Request.of("coupon.delete", idempotency_key, coupon=coupon)

        def work(unit: Unit) -> CouponView:
            row = couponrows.take(unit, coupon)
            if unit.once(request, row.id) is None and unit.transaction.change(_DELETE, coupon=row.id, now=unit.now):
                unit.journal.record("coupon.deleted", row.id)
            return self._shown(unit, row.id)

        return self._context.write(work)

    def _shown(self, unit: Unit, coupon: str) -> CouponView:
        (row,) = unit.transaction.all(couponviews.BY_ID_OR_CODE, text=coupon, key="", now=unit.now)
        return couponviews.show(row, self._context.role)


def sweep(unit: Unit) -> int:
    """Tell the journal of coupons whose window has closed since, each once, some at a time. Return how many."""
    rows = unit.transaction.all(_TELL_EXPIRED, now=unit.now)
    for row in sorted(rows):
        unit.journal.record("coupon.expired", row.id, code=row.code, valid_until=row.valid_until)
    return len(rows)


def _switch(status: object) -> bool:
    if status not in ("active", "inactive"):
        raise InvalidInput("A coupon is switched to active or to inactive", field="status")
    return status == "active"


def _state(status: object) -> str:
    if not isinstance(status, str) or status not in couponviews.STATES:
        raise InvalidInput(f"A coupon's status is one of {', '.join(couponviews.STATES)}", field="status")
    return status
