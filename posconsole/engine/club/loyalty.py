"""The verbs of loyalty: a member spends points for a reward, has it, or gives it back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from posconsole.codes import mask
from posconsole.engine import listing
from posconsole.engine.arguments import optional, text
from posconsole.engine.club import accounts, claims
from posconsole.engine.club.rewardviews import Fulfillment, RewardCredit, RewardDiscount, RewardRedemptionView
from posconsole.engine.context import Request
from posconsole.engine.sale.salerows import new_redemption
from posconsole.engine.staff.access import CASHIER, needs
from posconsole.errors import InvalidInput, NotAllowed, NotFound
from posconsole.models import Member, Redemption, Reward, Voucher, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import ColumnElement

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row
    from posconsole.engine.sale.salerows import Fields
    from posconsole.engine.views import Page

    Conditions = list[ColumnElement[bool]]

_REDEMPTION, _REWARD, _MEMBER, _VOUCHER = table(Redemption), table(Reward), table(Member), table(Voucher)
_REWARD_ROW = select(_REWARD).where(_REWARD.c.id == bindparam("reward"))
_TAKE = (
    select(_REDEMPTION)
    .where(_REDEMPTION.c.id == bindparam("redemption"), _REDEMPTION.c.kind == "reward")
    .with_for_update()
)
_FULFILL = (
    update(_REDEMPTION)
    .where(_REDEMPTION.c.id == bindparam("redemption"), _REDEMPTION.c.status == "fulfillment_pending")
    .values(status="fulfilled", tracking=bindparam("number"))
)
_SHOWN = (
    select(
        _REDEMPTION,
        _REWARD.c.name.label("reward_name"),
        _REWARD.c.kind.label("reward_kind"),
        _REWARD.c.percent_off,
        _REWARD.c.amount_off,
        _MEMBER.c.account_id,
        _VOUCHER.c.id.label("credit_id"),
        _VOUCHER.c.code.label("credit_code"),
        _VOUCHER.c.initial_value.label("credit_value"),
    )
    .join(_REWARD, _REWARD.c.id == _REDEMPTION.c.reward_id)
    .outerjoin(_MEMBER, _MEMBER.c.id == _REDEMPTION.c.member_id)
    .outerjoin(_VOUCHER, _VOUCHER.c.source_id == _REDEMPTION.c.id)
)
_SHOW = _SHOWN.where(_REDEMPTION.c.id == bindparam("redemption"))

_WAITING = {"discount": "pending", "item": "fulfillment_pending", "credit": "applied"}
"""How a claim of each kind begins: a discount waits for its payment, an item to be handed over or sent."""
_ADDRESS = {"name", "line1", "line2", "city", "region", "postalCode", "country"}
_NEEDED = ("name", "line1", "city", "country")


class Loyalty:
    """What members can do with their points."""

    def __init__(self, context: Context) -> None:
        self.redemptions = RewardRedemptions(context)


class RewardRedemptions:
    """What can be done with rewards that members claim."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("loyalty.redeem")
    def create(
        self,
        *,
        account: str,
        reward: str,
        shipping: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> RewardRedemptionView:
        """Spend a member's points (`loy_…` or `cust_…`) for a reward and give what it is, both or neither.

        A discount waits for a payment that takes it, an item to be handed over, or to be sent to `shipping` (name,
        line1, line2, city, region, postalCode, country); credit is a voucher at once. With the same key it is one
        redemption. Raises `NotFound`, or `NotAllowed` with `insufficient_points`, `reward_unavailable` or `inactive`.
        """
        who, what, address = text(account, "account"), text(reward, "reward"), _address(shipping)
        request = Request.of("loyalty.redemption", idempotency_key, account=who, reward=what, shipping=address)

        def work(unit: Unit) -> RewardRedemptionView:
            row = new_redemption("reward", what, shipping=address, created_at=unit.now)
            earlier = unit.once(request, row["id"])
            if earlier is None:
                _redeem(unit, row, who)
            return self._show(unit.transaction.first(_SHOW, redemption=earlier or row["id"]))

        return self._context.write(work)

    @needs("loyalty.fulfill")
    def fulfill(
        self, redemption: str, tracking: str | None = None, *, idempotency_key: str | None = None
    ) -> RewardRedemptionView:
        """Say that an item was handed over, or sent under a tracking number. Raises `NotAllowed` when it isn't owed."""
        wanted, number = text(redemption, "redemption"), optional(tracking, "tracking")
        request = Request.of("loyalty.fulfill", idempotency_key, redemption=wanted, tracking=number)

        def work(unit: Unit) -> RewardRedemptionView:
            row = _take(unit, wanted)
            if unit.once(request, row.id) is None:
                _fulfill(unit, row, number)
            return self._show(unit.transaction.first(_SHOW, redemption=row.id))

        return self._context.write(work)

    @needs("loyalty.reverse")
    def reverse(self, redemption: str, reason: str, *, idempotency_key: str | None = None) -> RewardRedemptionView:
        """Undo a redemption: its points return, a discount that waits, an item or unspent credit is void.

        What was used on a sale goes back by refunding that: `NotAllowed` with the code `already_applied`. Spent credit
        is refused too, and what was undone before.
        """
        wanted, why = text(redemption, "redemption"), _reason(reason)
        request = Request.of("loyalty.reverse", idempotency_key, redemption=wanted, reason=why)

        def work(unit: Unit) -> RewardRedemptionView:
            row = _take(unit, wanted)
            if unit.once(request, row.id) is None:
                _check_reversible(unit, row)
                claims.reverse(unit, row._asdict(), why)
            return self._show(unit.transaction.first(_SHOW, redemption=row.id))

        return self._context.write(work)

    @needs("loyalty.get")
    def get(self, redemption: str) -> RewardRedemptionView:
        """Return the redemption of a reward by id; `NotFound` when there is none."""
        wanted = text(redemption, "redemption")
        row = self._context.read(lambda transaction: transaction.first(_SHOW, redemption=wanted))
        if row is None:
            raise _unknown()
        return self._show(row)

    @needs("loyalty.get")
    def list(
        self,
        *,
        account: str | None = None,
        reward: str | None = None,
        status: str | None = None,
        limit: int = 10,
        offset: int = 0,
        starting_after: str | None = None,
    ) -> Page[RewardRedemptionView]:
        """Return redemptions of rewards, newest first: a member's, a reward's, or those in a status.

        A cashier sees the last four symbols of each code.
        """
        conditions: Conditions = [_REDEMPTION.c.kind == "reward"]
        if account is not None:
            owners = accounts.EVERYONE.params(member=text(account, "account"))
            conditions.append(_REDEMPTION.c.member_id.in_(owners))
        if reward is not None:
            conditions.append(_REDEMPTION.c.reward_id == text(reward, "reward"))
        if status is not None:
            conditions.append(_REDEMPTION.c.status == text(status, "status"))
        written = mask if self._context.role == CASHIER else str
        return listing.newest(
            self._context,
            _REDEMPTION,
            _SHOWN,
            conditions,
            lambda row: self._show(row, written),
            limit=limit,
            offset=offset,
            starting_after=starting_after,
        )

    def _show(self, row: Row, written: Callable[[str], str] = str) -> RewardRedemptionView:
        return RewardRedemptionView(
            id=row.id,
            reward=row.reward_id,
            name=row.reward_name,
            account=row.account_id,
            customer=row.member_id,
            points=row.points,
            status=row.status,
            payment=row.payment_id,
            discount=_discount(row, self._context.shop.currency.code, written),
            fulfillment=_fulfillment(row),
            voucher=None
            if row.credit_id is None
            else RewardCredit(row.credit_id, written(row.credit_code), row.credit_value),
            created=row.created_at,
        )


def _redeem(unit: Unit, row: Fields, account: str) -> None:
    row["member_id"] = accounts.get(unit.transaction, account, "account").id
    reward = unit.transaction.first(_REWARD_ROW, reward=row["reward_id"])
    if reward is None:
        raise NotFound("There is no such reward", field="reward")
    if (row["shipping"] is not None) != bool(reward.shipping):
        raise InvalidInput(
            f"{reward.name} is sent: it needs an address" if reward.shipping else f"{reward.name} is not sent anywhere",
            field="shipping",
        )
    row |= {"status": _WAITING[reward.kind], "points": reward.points}
    if reward.kind == "discount":
        row |= claims.waiting_code(unit)
    claims.claim(unit, row, reward)
    if reward.kind == "credit":
        claims.settle(unit, row, reward)


def _fulfill(unit: Unit, row: Row, number: str | None) -> None:
    if unit.transaction.change(_FULFILL, redemption=row.id, number=number) != 1:
        raise NotAllowed(f"No item of this redemption is to be handed over: it is {_words(row)}.")
    unit.journal.record("loyalty.redemption.fulfilled", row.id, tracking=number)


def _take(unit: Unit, redemption: str) -> Row:
    """Return the redemption of a reward, locked for this transaction."""
    row = unit.transaction.first(_TAKE, redemption=redemption)
    if row is None:
        raise _unknown()
    return row


def _check_reversible(unit: Unit, row: Row) -> None:
    if row.status in ("released", "reversed"):
        raise NotAllowed(f"This redemption is {row.status} already: its points went back.")
    if row.payment_id is not None and row.status == "pending":
        raise NotAllowed("A sale is being paid with this reward right now. Wait for that sale to end, or cancel it.")
    if row.payment_id is not None:
        raise NotAllowed(
            "This reward was used on a sale. Refund that sale.", code="already_applied", field="redemption"
        )
    credit = claims.credit_of(unit, row.id)
    if credit is not None and credit.balance < credit.initial_value + credit.adjusted:
        raise NotAllowed(
            "The credit that this reward gave was spent, at least in part.", code="already_applied", field="redemption"
        )


def _address(shipping: Mapping[str, str] | None) -> str | None:
    """Return an address as it is kept, JSON with sorted keys."""
    if shipping is None:
        return None
    try:
        given = {text(name, "shipping"): text(line, f"shipping.{name}").strip() for name, line in shipping.items()}
    except AttributeError:
        raise InvalidInput("An address has a name, line1, city and country", field="shipping") from None
    for name in sorted(given.keys() - _ADDRESS):
        raise InvalidInput(f"An address has no {name[:20]}", field="shipping")
    for name in _NEEDED:
        if not given.get(name):
            raise InvalidInput(f"An address needs its {name}", field=f"shipping.{name}")
    return json.dumps(given, sort_keys=True, ensure_ascii=False)


def _reason(reason: str) -> str:
    why = optional(reason, "reason")
    if why is None:
        raise InvalidInput("Say why, in a few words", field="reason")
    return why


def _discount(row: Row, currency: str, written: Callable[[str], str]) -> RewardDiscount | None:
    if row.reward_kind != "discount":
        return None
    return RewardDiscount(row.amount_off, row.percent_off, currency, None if row.code is None else written(row.code))


def _fulfillment(row: Row) -> Fulfillment | None:
    if row.reward_kind != "item":
        return None
    return Fulfillment(None if row.shipping is None else json.loads(row.shipping), row.tracking)


def _words(row: Row) -> str:
    words: str = row.status.replace("_", " ")
    return words


def _unknown() -> NotFound:
    return NotFound("There is no such redemption of a reward", field="redemption")
