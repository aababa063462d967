"""Taking money: open holds what a sale uses, capture commits it, cancel gives it back.

Cash is captured in the transaction that writes the order. Any other tender is asked between two transactions,
and the payment between them is what `recovery` settles after a crash.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, bindparam, select, update

from posconsole.codes import fold, identifier
from posconsole.engine import bookings, facts, records, salerows, spending
from posconsole.engine.context import Request
from posconsole.engine.database import one_of
from posconsole.engine.pricing import Basket, Item, price
from posconsole.engine.reasons import sentence
from posconsole.engine.refusals import CodeRefused, QuoteChanged
from posconsole.engine.tendering import TenderRequest, settle
from posconsole.errors import Busy, InvalidInput, NotAllowed, NotFound, StorageError, Unsettled
from posconsole.models import Payment, Redemption, Tender, Voucher, table
from posconsole.tenders.base import UNKNOWN, Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Update

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.pricing import Quote
    from posconsole.engine.salerows import SaleRows
    from posconsole.engine.views import PaymentView, TenderView

_PAYMENT, _TENDER, _REDEMPTION, _VOUCHER = table(Payment), table(Tender), table(Redemption), table(Voucher)
_OF: BindParameter[str] = bindparam("payment")
_CAPTURE = (
    update(_PAYMENT)
    .where(_PAYMENT.c.id == _OF, _PAYMENT.c.status == "pending")
    .values(status="captured", captured_at=bindparam("now"), receipt=bindparam("receipt_no"), expires_at=None)
)
_RELEASE = (
    update(_PAYMENT)
    .where(_PAYMENT.c.id == _OF, _PAYMENT.c.status == "pending")
    .values(status=bindparam("outcome"), expires_at=None)
)
# Answers come late: only a tender that still waits for one takes it.
_SETTLE_TENDER = (
    update(_TENDER)
    .where(_TENDER.c.id == bindparam("tender"), one_of(_TENDER.c.status, "pending", "unknown"))
    .values(status=bindparam("outcome"), approval_code=bindparam("approval"))
)
_CAPTURE_TENDERS = (
    update(_TENDER)
    .where(_TENDER.c.payment_id == _OF, one_of(_TENDER.c.status, "pending", "unknown"))
    .values(status="captured")
)
_CANCEL_TENDERS = (
    update(_TENDER).where(_TENDER.c.payment_id == _OF, _TENDER.c.status != "declined").values(status="canceled")
)
# Written before a device is told to undo its charge: from then on nobody can capture the payment.
_GIVING_UP = (
    update(_TENDER)
    .where(_TENDER.c.id == bindparam("tender"), one_of(_TENDER.c.status, "pending", "unknown", "captured"))
    .values(status="canceled")
)
_NOT_GIVEN_UP = (
    update(_TENDER).where(_TENDER.c.id == bindparam("tender"), _TENDER.c.status == "canceled").values(status="unknown")
)
_GIVEN_UP = select(_TENDER.c.id).where(_TENDER.c.payment_id == _OF, _TENDER.c.status == "canceled")
# Changes nothing, but holds the row against whoever captures or releases it.
_STILL_PENDING = update(_PAYMENT).where(_PAYMENT.c.id == _OF, _PAYMENT.c.status == "pending").values(status="pending")
_MARK_REDEMPTIONS = (
    update(_REDEMPTION)
    .where(_REDEMPTION.c.payment_id == _OF, _REDEMPTION.c.status == "pending")
    .values(status=bindparam("outcome"))
)
_ACTIVATE_SOLD = (
    update(_VOUCHER)
    .where(_VOUCHER.c.payment_id == _OF, _VOUCHER.c.status == "issued")
    .values(status="active", balance=_VOUCHER.c.initial_value)
)
_VOID_SOLD = update(_VOUCHER).where(_VOUCHER.c.payment_id == _OF, _VOUCHER.c.status == "issued").values(status="void")


@dataclass(frozen=True, slots=True)
class Selling:
    """A sale as its caller asked for it."""

    basket: Basket
    tenders: tuple[TenderRequest, ...]
    request: Request
    expected_due: int | None

    @property
    def at_once(self) -> bool:
        """Say whether no device has to be asked: cash, or nothing to pay."""
        return all(tender.kind == "cash" for tender in self.tenders)


class Payments:
    """The verbs that take money. Refunds and recovery stand in files of their own."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def create(self, **sale: Any) -> PaymentView:
        """Sell: open and capture in one. Takes what `selling` takes.

        A declined card gives a payment with the status `declined` and nothing used; one whose outcome isn't
        known stays `pending` until `recover` or a person settles it. Raises `CodeRefused` when a code doesn't
        apply, `QuoteChanged` when the amount isn't the expected one, `IdempotencyConflict`, `InvalidInput`, and
        `Unsettled` when a card was charged and the database failed after it: the same call completes the sale.
        """
        selling = self._selling(sale)
        if selling.at_once:
            return self._sell(selling, captured=True)
        opened = self._sell(selling, captured=False)
        numbers = tuple(tender.number for tender in selling.tenders if tender.kind == "card")
        return self.capture(opened.id, numbers=numbers) if opened.status == "pending" else opened

    def open(self, **sale: Any) -> PaymentView:
        """Write the order and hold what it uses for 15 minutes. Takes what `create` takes."""
        return self._sell(self._selling(sale), captured=False)

    def capture(
        self, payment: str, *, approval_code: str | None = None, numbers: Sequence[str | None] = ()
    ) -> PaymentView:
        """Ask the devices of a pending payment for the money, then commit it or give everything back.

        `approval_code` is what the person at a standalone terminal read off it. Capturing a captured payment
        returns it. Raises `NotAllowed` for one that was given up.
        """
        found = self.get(payment)
        if found.status != "pending":
            return self._captured_already(found)
        answers = self._ask(found, approval_code, list(numbers))
        if any(answer.status == "declined" for answer in answers.values()):
            return self.give_up(found, answers, "declined")
        if all(answer.status == "captured" for answer in answers.values()):
            return self._commit_taken(found, answers)
        return self._leave_unknown(found, answers)

    def decline(self, payment: str) -> PaymentView:
        """Record that the standalone terminal said no: nothing is used, nothing was taken."""
        found = self._pending(payment)
        said_no = {tender.id: Answer("declined") for tender in found.tenders if self._by_hand(tender.kind)}
        return self.give_up(found, said_no, "declined")

    def cancel(self, payment: str) -> PaymentView:
        """Give a pending payment up. Raises `NotAllowed` while a device may still have taken its money."""
        return self.give_up(self._pending(payment), {}, "canceled")

    def settle(self, payment: str, *, captured: bool, note: str = "", approval_code: str | None = None) -> PaymentView:
        """Settle a payment whose outcome no device can tell, by what a person found out. Recorded as such."""
        found, by_hand = self._pending(payment), note or "settled by hand"
        unsure = [tender.id for tender in found.tenders if tender.kind != "cash" and tender.status != "captured"]
        if captured:
            return self.commit(found, dict.fromkeys(unsure, Answer("captured", approval_code)), by_hand)
        return self.give_up(found, dict.fromkeys(unsure, Answer("declined")), "canceled", by_hand)

    def get(self, payment: str) -> PaymentView:
        """Return a payment by its id."""
        return self._context.read(lambda transaction: records.payment(transaction, payment))

    def find(self, receipt: str) -> PaymentView:
        """Return the payment with a receipt number as typed: `142` at this till, `1-142`, `1-000142`."""

        def work(transaction: Any) -> PaymentView:
            return records.payment(transaction, records.find(transaction, self._context.till, receipt))

        return self._context.read(work)

    # -- the two ways to write a sale -------------------------------------------------------------------

    def _sell(self, selling: Selling, *, captured: bool) -> PaymentView:
        context, payment = self._context, identifier("pay")

        def work(unit: Unit) -> PaymentView:
            earlier = unit.once(selling.request, payment)
            if earlier is not None:
                return records.payment(unit.transaction, earlier)
            sale = facts.sale_of(unit.transaction, context.shop, selling.basket, unit.now)
            quote = price(sale)
            self._check(quote, selling.expected_due)
            draft = self._draft(selling, quote, unit.now, captured or not quote.due)
            rows = salerows.compose(draft, payment, unit.journal.next_receipt() if draft.captured else None)
            salerows.insert(unit.transaction, rows)
            called = _called(quote)
            spending.step(unit.transaction, "spend" if draft.captured else "hold", rows.redemptions)
            told = {"request": selling.request.hash} if selling.request.key else {}
            if draft.captured:
                _book(unit, rows, called, **told)
            else:
                unit.journal.record("payment.opened", payment, rows=unit.digest(rows.frozen()), **told)
            member_name = records.member_name(unit.transaction, rows)
            return records.view(rows, called, member_name)

        return context.write(work)

    def _check(self, quote: Quote, expected_due: int | None) -> None:
        shop = self._context.shop
        if not quote.lines:
            raise InvalidInput("There is nothing to sell in this basket", field="items")
        for verdict in quote.refused:
            raise CodeRefused(sentence(verdict, shop.currency, shop.locale, shop.timezone), verdict)
        if expected_due is not None and quote.due != expected_due:
            now = shop.currency.format(quote.due, shop.locale)
            raise QuoteChanged(f"The amount to pay is {now} now. Look at the basket again, then take the money.", quote)

    def _draft(self, selling: Selling, quote: Quote, now: int, captured: bool) -> salerows.Draft:
        settlement = settle(quote.due, selling.tenders if quote.due else (), self._context.shop.smallest_coin)
        if settlement.left:
            left = self._context.shop.currency.format(settlement.left, self._context.shop.locale)
            raise InvalidInput(f"{left} is still to pay", field="tenders")
        context = self._context
        return salerows.Draft(context.till, context.operator, selling.basket.member, quote, settlement, captured, now)

    # -- between the transactions -----------------------------------------------------------------------

    def _ask(self, payment: PaymentView, approval: str | None, numbers: list[str | None]) -> dict[str, Answer]:
        """Ask each device once, stopping at the first that doesn't say yes."""
        answers: dict[str, Answer] = {}
        for tender in payment.tenders:
            if tender.kind == "cash":
                continue
            device = self._context.device(tender.kind)
            if device.by_hand:
                answer = Answer("captured", approval) if approval else UNKNOWN
            else:
                number = numbers.pop(0) if numbers else None
                answer = device.charge(tender.id, tender.amount, payment.currency, number)
            answers[tender.id] = answer
            if answer.status != "captured":
                break
        return answers

    def _commit_taken(self, payment: PaymentView, answers: Mapping[str, Answer]) -> PaymentView:
        try:
            return self.commit(payment, answers)
        except (Busy, StorageError) as error:
            if not answers:
                raise
            raise Unsettled(
                f"The card was charged, and the sale is not written yet. Don't take the money again. {error.message}"
            ) from error

    def _leave_unknown(self, payment: PaymentView, answers: Mapping[str, Answer]) -> PaymentView:
        def work(unit: Unit) -> PaymentView:
            _record_answers(unit, answers)
            return records.payment(unit.transaction, payment.id)

        return self._context.write(work)

    def give_up(
        self, payment: PaymentView, answers: Mapping[str, Answer], outcome: str, by_hand: str | None = None
    ) -> PaymentView:
        """Undo at the devices whatever a payment took, then release all that it holds.

        Raises `NotAllowed` when a device can't promise that no money is taken.
        """
        undo = [tender for tender in payment.tenders if self._may_have_charged(tender, answers)]
        if undo and self._mark(payment.id, _GIVING_UP, undo) and not self._undone(undo):
            self._mark(payment.id, _NOT_GIVEN_UP, undo)
            raise NotAllowed("Nobody can tell yet whether the card was charged. Settle it once the bank knows.")
        return self._release(payment.id, outcome, answers, by_hand)

    def _undone(self, tenders: Iterable[TenderView]) -> bool:
        return all(self._context.device(tender.kind).void(tender.id).status == "captured" for tender in tenders)

    def _may_have_charged(self, tender: TenderView, answers: Mapping[str, Answer]) -> bool:
        said = answers.get(tender.id)
        return not (tender.kind == "cash" or self._by_hand(tender.kind) or (said and said.status == "declined"))

    def _mark(self, payment: str, mark: Update, tenders: Iterable[TenderView]) -> bool:
        """Mark the tenders of a payment while it is pending; say whether it is."""

        def work(unit: Unit) -> bool:
            if unit.transaction.change(_STILL_PENDING, payment=payment) != 1:
                return False
            for tender in tenders:
                unit.transaction.change(mark, tender=tender.id)
            return True

        return self._context.write(work)

    def commit(self, found: PaymentView, answers: Mapping[str, Answer], by_hand: str | None = None) -> PaymentView:
        """Turn a pending payment's holds into redemptions and book it at its own till: one transaction."""
        payment = found.id

        def work(unit: Unit) -> PaymentView:
            receipt = unit.journal.next_receipt()
            if unit.transaction.change(_CAPTURE, payment=payment, now=unit.now, receipt_no=receipt) != 1:
                # Without an event the journal doesn't move, and the receipt number stays free.
                return self._captured_already(records.payment(unit.transaction, payment))
            if unit.transaction.scalar(_GIVEN_UP, payment=payment) is not None:
                raise NotAllowed("This payment is being given up. Take the money again, in a new one.")
            _record_answers(unit, answers)
            unit.transaction.change(_CAPTURE_TENDERS, payment=payment)
            unit.transaction.change(_MARK_REDEMPTIONS, payment=payment, outcome="applied")
            unit.transaction.change(_ACTIVATE_SOLD, payment=payment)
            rows = _read(unit, payment)
            spending.step(unit.transaction, "apply", rows.redemptions)
            _book(unit, rows, records.names(unit.transaction, rows), **({"by_hand": by_hand} if by_hand else {}))
            return records.payment(unit.transaction, payment)

        return self._context.write(work, found.till)

    def _release(self, payment: str, outcome: str, answers: Mapping[str, Answer], by_hand: str | None) -> PaymentView:
        def work(unit: Unit) -> PaymentView:
            if unit.transaction.change(_RELEASE, payment=payment, outcome=outcome) != 1:
                found = records.payment(unit.transaction, payment)
                if found.status == outcome:
                    return found
                raise NotAllowed(f"This payment is {found.status} already")
            _record_answers(unit, answers)
            unit.transaction.change(_CANCEL_TENDERS, payment=payment)
            rows = _read(unit, payment)
            spending.step(unit.transaction, "release", rows.redemptions)
            unit.transaction.change(_MARK_REDEMPTIONS, payment=payment, outcome="released")
            unit.transaction.change(_VOID_SOLD, payment=payment)
            unit.journal.record(f"payment.{outcome}", payment, **({"by_hand": by_hand} if by_hand else {}))
            return records.payment(unit.transaction, payment)

        return self._context.write(work)

    def _by_hand(self, kind: str) -> bool:
        return kind != "cash" and self._context.device(kind).by_hand

    def _pending(self, payment: str) -> PaymentView:
        found = self.get(payment)
        if found.status != "pending":
            raise NotAllowed(f"This payment is {found.status} already")
        return found

    def _captured_already(self, payment: PaymentView) -> PaymentView:
        if payment.receipt_number is None:
            raise NotAllowed(f"This payment was given up: it is {payment.status}")
        return payment

    # -- arguments --------------------------------------------------------------------------------------

    def _selling(self, sale: Mapping[str, Any]) -> Selling:
        selling = selling_of(self._context.shop.currency.code, **sale)
        for tender in selling.tenders:
            if tender.kind != "cash" and tender.kind not in self._context.devices:
                raise InvalidInput(f"This shop takes no {tender.kind[:20]!r}", field="tenders")
        return selling


def selling_of(
    shop_currency: str,
    *,
    basket: Basket | None = None,
    items: Iterable[Mapping[str, Any] | Item] = (),
    amount: int | None = None,
    currency: str | None = None,
    customer: str | None = None,
    coupon: str | None = None,
    coupons: Sequence[str] = (),
    voucher: str | None = None,
    vouchers: Sequence[str] = (),
    tender: str = "cash",
    tenders: Iterable[Mapping[str, Any] | TenderRequest] | None = None,
    idempotency_key: str | None = None,
    expected_due: int | None = None,
) -> Selling:
    """Read a sale's arguments. Either a whole `basket`, or `items`, or one `amount` in minor units.

    `items` are mappings with `id` (a sku), `quantity`, and `price` and `name` for what the catalogue doesn't
    have. `tenders` are mappings or `TenderRequest`s; without them `tender` takes all that is due.
    """
    if currency is not None and currency != shop_currency:
        raise InvalidInput(f"This shop's currency is {shop_currency}", code="currency_mismatch", field="currency")
    if basket is None:
        basket = Basket(items=_items(items, amount))
    codes = [*basket.codes, *([coupon] if coupon else []), *coupons, *([voucher] if voucher else []), *vouchers]
    basket = replace(basket, codes=tuple(_distinct(codes)), member=customer or basket.member)
    asked = tuple(_tender(one) for one in tenders) if tenders is not None else (TenderRequest(tender),)
    request = Request.of(
        "payment",
        idempotency_key,
        items=[[item.id, item.quantity, item.price, item.name] for item in basket.items],
        codes=sorted(fold(code) for code in basket.codes),
        member=basket.member,
        # Not the card's number: a hash of it could be searched.
        tenders=[[one.kind, one.amount, one.tendered] for one in asked],
    )
    return Selling(basket, asked, request, expected_due)


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


def _distinct(codes: Iterable[str]) -> list[str]:
    return list({fold(code): code for code in codes}.values())


def _called(quote: Quote) -> records.Names:
    """Return what a quote's codes are called, without another look-up."""
    return records.called(
        ((discount.id, discount.code, discount.name) for discount in quote.discounts),
        ((draw.id, draw.code) for draw in quote.vouchers),
    )


def _read(unit: Unit, payment: str) -> SaleRows:
    rows = salerows.read(unit.transaction, payment)
    if rows is None:
        raise NotFound(f"There is no payment {payment[:40]}", field="payment")
    return rows


def _record_answers(unit: Unit, answers: Mapping[str, Answer]) -> None:
    for tender, answer in answers.items():
        status = answer.status if answer.status in ("captured", "declined") else "unknown"
        unit.transaction.change(_SETTLE_TENDER, tender=tender, outcome=status, approval=answer.approval_code)


def _book(unit: Unit, rows: SaleRows, called: records.Names, **told: str) -> None:
    """Write the ledger and the events of a capture; `told` goes into the capture's event."""
    payment = rows.payment
    entries = unit.post(payment["id"], bookings.sale(rows))
    for row in rows.redemptions:
        code, _ = called[row["coupon_id"] or row["voucher_id"]]
        unit.journal.record(
            f"{row['kind']}.redeemed",
            row["coupon_id"] or row["voucher_id"],
            redemption=row["id"],
            payment=payment["id"],
            code=code,
            amount=row["amount"],
        )
    for voucher in rows.sold:
        unit.journal.record("voucher.activated", voucher["id"], payment=payment["id"], value=voucher["initial_value"])
    unit.journal.record(
        "payment.captured",
        payment["id"],
        amount=payment["amount"],
        receipt=unit.journal.receipts,
        rows=unit.digest(rows.frozen()),
        ledger=unit.digest(entries),
        **told,
    )
