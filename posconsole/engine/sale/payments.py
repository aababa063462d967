"""Taking money: open holds what a sale uses, capture commits it, cancel gives it back.

Cash is captured in the transaction that writes the order. Any other tender is asked between two transactions,
and the payment between them is what `recovery` settles after a crash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from posconsole.codes import identifier
from posconsole.engine.arguments import each, flag, optional, text
from posconsole.engine.codes import guesses, voucherpins
from posconsole.engine.context import Request
from posconsole.engine.quoting import facts
from posconsole.engine.quoting.pricing import price
from posconsole.engine.quoting.reasons import sentence
from posconsole.engine.quoting.refusals import CodeRefused, QuoteChanged
from posconsole.engine.sale import baskets, outcomes, records, salerows, spending
from posconsole.engine.sale.selling import SaleArguments, Selling, selling_of
from posconsole.engine.sale.tendering import settle
from posconsole.engine.staff.access import needs
from posconsole.errors import Busy, InvalidInput, NotAllowed, OutcomeUnknown, StorageError, Unsettled
from posconsole.tenders.base import UNKNOWN, Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.quoting.quotes import Quote
    from posconsole.engine.quoting.terms import Rule, Sale
    from posconsole.engine.views import PaymentView, TenderView


PAID = ("captured", "partially_refunded", "refunded")


def _ended(payment: PaymentView) -> PaymentView:
    raise NotAllowed(f"This payment is {payment.status} already")


class Payments:
    """The verbs that take money. Refunds and recovery stand in files of their own."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("payments.sell")
    def create(self, **sale: Unpack[SaleArguments]) -> PaymentView:
        """Sell: open and capture in one. Takes what `SaleArguments` says.

        A declined card gives a payment with the status `declined` and nothing used; one whose outcome isn't
        known stays `pending` until `recover` or a person settles it. Raises `CodeRefused` when a code doesn't
        apply, `QuoteChanged` when the amount isn't the expected one, `IdempotencyConflict`, `InvalidInput`, and
        `Unsettled` when a card was charged and the database failed after it: the same call completes the sale.
        """
        selling = self._selling(**sale)
        opened = self._sell(selling, captured=selling.at_once)
        numbers = tuple(tender.number for tender in selling.tenders if tender.kind == "card")
        return self.capture(opened.id, numbers=numbers) if opened.status == "pending" else opened

    @needs("payments.sell")
    def open(self, **sale: Unpack[SaleArguments]) -> PaymentView:
        """Write the order and hold what it uses for 15 minutes. Takes what `create` takes."""
        return self._sell(self._selling(**sale), captured=False)

    @needs("payments.sell")
    def capture(
        self,
        payment: str,
        *,
        approval_code: str | None = None,
        numbers: Sequence[str | None] = (),
        idempotency_key: str | None = None,
    ) -> PaymentView:
        """Ask the devices of a pending payment for the money, then commit it or give everything back.

        `approval_code` is what the person at a standalone terminal read off it, `numbers` the sandbox's cards in the
        order of the card tenders: none that `open` was given is kept. Capturing a captured payment
        returns it. Raises `NotAllowed` for one that was given up.
        """
        approval_code = optional(approval_code, "approval_code")
        cards = each(numbers, "numbers", lambda number: optional(number, "numbers"))
        # Not the cards' numbers: a hash of them could be searched.
        request = Request.of("capture", idempotency_key, payment=payment, approval_code=approval_code)
        found = self._begun(payment, request, ("declined",), outcomes.captured_already)
        if found.status != "pending":
            return found
        if any(tender.status == "canceled" for tender in found.tenders):
            raise NotAllowed(outcomes.GIVING_UP)
        answers = self._ask(found, approval_code, list(cards))
        if any(answer.status == "declined" for answer in answers.values()):
            return self._give_up(found, answers, "declined")
        if all(answer.status == "captured" for answer in answers.values()):
            return self._commit_taken(found, answers)
        return self._leave_unknown(found, answers)

    @needs("payments.sell")
    def decline(self, payment: str, *, idempotency_key: str | None = None) -> PaymentView:
        """Record that the standalone terminal said no: nothing is used, nothing was taken."""
        request = Request.of("decline", idempotency_key, payment=payment)
        found = self._begun(payment, request, ("declined",))
        if found.status != "pending":
            return found
        said_no = {tender.id: Answer("declined") for tender in found.tenders if self._by_hand(tender.kind)}
        return self._give_up(found, said_no, "declined")

    @needs("payments.sell")
    def cancel(self, payment: str, *, idempotency_key: str | None = None) -> PaymentView:
        """Give a pending payment up. Raises `NotAllowed` while a device may still have taken its money."""
        found = self._begun(payment, Request.of("cancel", idempotency_key, payment=payment), ("canceled",))
        return self._give_up(found, {}, "canceled") if found.status == "pending" else found

    @needs("payments.settle")
    def settle(
        self,
        payment: str,
        *,
        captured: bool,
        note: str = "",
        approval_code: str | None = None,
        idempotency_key: str | None = None,
    ) -> PaymentView:
        """Settle a payment whose outcome no device can tell, by what a person found out. Recorded as such.

        Where a device can tell, it has the last word: a charge that it took is undone with the payment, and
        `NotAllowed` says that one it didn't take can't be settled as paid.
        """
        by_hand, approval_code = optional(note, "note") or "settled by hand", optional(approval_code, "approval_code")
        asked = {"captured": flag(captured, "captured"), "note": by_hand, "approval_code": approval_code}
        request = Request.of("settle", idempotency_key, payment=payment, **asked)
        found = self._begun(payment, request, PAID if captured else ("canceled",))
        if found.status != "pending":
            return found
        unsure = [tender.id for tender in found.tenders if tender.kind != "cash" and tender.status != "captured"]
        devices = {tender.id: self._context.device(tender.kind) for tender in found.tenders if tender.id in unsure}
        said = {tender: device.outcome(tender).status for tender, device in devices.items()}
        if not captured:
            silent = [tender for tender in unsure if said[tender] == "unknown"]
            released = self._give_up(found, dict.fromkeys(silent, Answer("declined")), "canceled", by_hand)
            for tender in silent:
                # Should the bank find its tongue, it is not to take the money for what is given up.
                devices[tender].void(tender)
            return released
        if not {"declined", "absent"}.isdisjoint(said.values()):
            raise NotAllowed("The bank took nothing for a part of this. Settle it as not paid, then sell it again.")
        return self._commit(found, dict.fromkeys(unsure, Answer("captured", approval_code)), by_hand)

    @needs("payments.get")
    def get(self, payment: str) -> PaymentView:
        """Return a payment by its id."""
        wanted = text(payment, "payment")
        return self._context.read(lambda transaction: records.payment(transaction, wanted))

    @needs("payments.get")
    def find(self, receipt: str) -> PaymentView:
        """Return the payment with a receipt number as typed: `142` at this till, `1-142`, `1-000142`."""
        wanted = text(receipt, "receipt")

        def work(transaction: Any) -> PaymentView:
            return records.payment(transaction, records.find(transaction, self._context.till, wanted))

        return self._context.read(work)

    # -- the two ways to write a sale -------------------------------------------------------------------

    def _sell(self, selling: Selling, *, captured: bool) -> PaymentView:
        try:
            return self._sold(selling, frozenset(), captured=captured)
        except voucherpins.Unproven:
            proven = voucherpins.check(self._context, selling.basket.codes, selling.pins)
            return self._sold(selling, proven, captured=captured)

    def _sold(self, selling: Selling, proven: Collection[str], *, captured: bool) -> PaymentView:
        """Write a sale whose vouchers' PINs are `proven`; `Unproven` when one has a PIN that isn't."""
        context, payment = self._context, identifier("pay")

        def work(unit: Unit) -> PaymentView:
            earlier = unit.once(selling.request, payment)
            if earlier is not None:
                return records.payment(unit.transaction, earlier)
            guesses.refuse(context, unit.transaction, selling.basket.codes, unit.now)
            outcomes.hold_member(unit, selling.basket.member)
            sale = facts.sale_of(unit.transaction, context.shop, selling.basket, unit.now)
            voucherpins.demand(sale.codes, proven)
            quote = price(sale)
            self._check(quote, selling.expected_due)
            draft = self._draft(unit, selling, sale, quote, captured or not quote.due)
            rows = salerows.compose(draft, payment, unit.journal.next_receipt() if draft.captured else None)
            salerows.insert(unit.transaction, rows)
            outcomes.claim(unit, rows)
            salerows.insert_shares(unit.transaction, rows)
            if selling.closes_basket:
                baskets.sold(unit.transaction, context.till, payment, captured=draft.captured)
            called = _called(quote)
            spending.step(unit.transaction, "spend" if draft.captured else "hold", rows.codes, _terms(quote))
            if draft.captured:
                outcomes.book(unit, rows, called)
            else:
                unit.journal.record("payment.opened", payment, rows=unit.digest(rows.frozen()))
            member_name = records.member_name(unit.transaction, rows)
            return records.view(rows, called, member_name, records.left(unit.transaction, rows))

        with guesses.judged(context):
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

    def _draft(self, unit: Unit, selling: Selling, sale: Sale, quote: Quote, captured: bool) -> salerows.Draft:
        settlement = settle(quote.due, selling.tenders if quote.due else (), self._context.shop.smallest_coin)
        if settlement.left:
            left = self._context.shop.currency.format(settlement.left, self._context.shop.locale)
            raise InvalidInput(f"{left} is still to pay", field="tenders")
        context = self._context
        claim = next((discount.rule.redemption for discount in quote.discounts if discount.rule.redemption), None)
        waiting = None if claim is None else salerows.redemption(unit.transaction, claim)
        return salerows.Draft(
            context.till, context.operator, sale.member, quote, settlement, captured, unit.now, waiting
        )

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
            return self._commit(payment, answers)
        except (Busy, StorageError, OutcomeUnknown) as error:
            if not answers:
                raise
            raise Unsettled(
                f"The card was charged, and the sale is not written yet. Don't take the money again. {error.message}"
            ) from error

    def _leave_unknown(self, payment: PaymentView, answers: Mapping[str, Answer]) -> PaymentView:
        def work(unit: Unit) -> PaymentView:
            outcomes.record_answers(unit, answers)
            return records.payment(unit.transaction, payment.id)

        return self._context.write(work)

    def _give_up(
        self, payment: PaymentView, answers: Mapping[str, Answer], outcome: str, by_hand: str | None = None
    ) -> PaymentView:
        """Undo at the devices whatever a payment took, then release all that it holds.

        Raises `NotAllowed` when a device can't promise that no money is taken.
        """
        key, write = payment.id, self._context.write
        undo = [tender for tender in payment.tenders if self._may_have_charged(tender, answers)]
        pending = bool(undo) and write(lambda unit: outcomes.mark_given_up(unit, key, undo))
        if pending and (left := self._undo(undo)):
            # What was undone stays marked: it can't be captured any more.
            write(lambda unit: outcomes.mark_given_up(unit, key, left, up=False))
            raise NotAllowed("Nobody can tell yet whether the card was charged. Settle it once the bank knows.")
        told = {"by_hand": by_hand} if by_hand else {}
        return write(lambda unit: outcomes.released(unit, key, outcome, answers, **told))

    def _undo(self, tenders: Iterable[TenderView]) -> Sequence[TenderView]:
        """Tell the devices to undo their charges, first those that may refuse; return what was not undone."""
        left = sorted(tenders, key=lambda tender: tender.status != "unknown")
        while left and self._context.device(left[0].kind).void(left[0].id).status == "captured":
            del left[0]
        return left

    def _may_have_charged(self, tender: TenderView, answers: Mapping[str, Answer]) -> bool:
        said = answers.get(tender.id)
        return not (tender.kind == "cash" or self._by_hand(tender.kind) or (said and said.status == "declined"))

    def _commit(self, found: PaymentView, answers: Mapping[str, Answer], by_hand: str | None = None) -> PaymentView:
        """Capture a pending payment at its own till: one transaction."""
        told = {"by_hand": by_hand} if by_hand else {}
        return self._context.write(lambda unit: outcomes.captured(unit, found.id, answers, **told), found.till)

    def _by_hand(self, kind: str) -> bool:
        return kind != "cash" and self._context.device(kind).by_hand

    def _begun(
        self,
        payment: str,
        request: Request,
        ends: Collection[str],
        otherwise: Callable[[PaymentView], PaymentView] = _ended,
    ) -> PaymentView:
        """Return a payment that a request is to bring to one of `ends`, or has brought there before.

        The key is claimed before any device is asked. `otherwise` gives, or refuses, one that isn't pending any more.
        """
        wanted = text(payment, "payment")

        def work(unit: Unit) -> PaymentView:
            found = records.payment(unit.transaction, wanted)
            again = unit.once(request, found.id) is not None
            return found if found.status == "pending" or (again and found.status in ends) else otherwise(found)

        if request.key is not None:
            return self._context.write(work)
        found = self.get(wanted)
        return found if found.status == "pending" else otherwise(found)

    def _selling(self, **sale: Unpack[SaleArguments]) -> Selling:
        selling = selling_of(self._context.shop.currency.code, **sale)
        for tender in selling.tenders:
            if tender.kind != "cash" and tender.kind not in self._context.devices:
                raise InvalidInput(f"This shop takes no {tender.kind[:20]!r}", field="tenders")
        # One answer is keyed in for a payment, so there can be one question.
        if sum(self._by_hand(tender.kind) for tender in selling.tenders) > 1:
            raise InvalidInput("The card terminal is asked once a sale. Take the rest in cash.", field="tenders")
        return selling


def _called(quote: Quote) -> records.Names:
    """Return what a quote's codes are called, without another look-up."""
    named = [(one.id, one.code, one.name) for one in quote.discounts]
    named += [(one.id, one.code, one.name) for one in quote.grants if one.kind != "voucher"]
    named += [(one.gift.reward, one.gift.name, one.gift.name) for one in quote.grants if one.gift]
    vouchers = [(one.id, one.code) for one in quote.vouchers]
    vouchers += [(one.id, one.code) for one in quote.grants if one.kind == "voucher"]
    return records.called(named, vouchers)


def _terms(quote: Quote) -> dict[str, Rule]:
    """Return the terms on which a quote's coupons were priced, by their ids."""
    rules = [*(one.rule for one in quote.discounts), *(one.rule for one in quote.grants if one.rule)]
    return {rule.id: rule for rule in rules if rule.kind == "coupon"}
