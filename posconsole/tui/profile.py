"""All that the till shows of one member: looked up in one go, off the loop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

from posconsole.tui import club
from posconsole.tui.safe import fit, line
from posconsole.tui.words import money, points, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posconsole import Store
    from posconsole.engine.club.rewardviews import RewardRedemptionView, RewardView
    from posconsole.engine.views import LedgerRow, MemberView, PaymentView, ShopView, VoucherView
    from posconsole.tui.club import Club
    from posconsole.tui.widgets.row_list import Row

VISITS = 5
LISTED = 20
PAGE = 50
TO_HAND_OVER = "fulfillment_pending"
ADDRESS = ("name", "line1", "postalCode", "city", "country")
"""The parts of an address, as they are typed and written."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A member, what they can have now, and what they had: each newest first.

    `ledger` are the latest of the points' `moves`.
    """

    club: Club
    visits: tuple[PaymentView, ...]
    segments: tuple[str, ...]
    redemptions: tuple[RewardRedemptionView, ...]
    vouchers: tuple[VoucherView, ...]
    ledger: tuple[LedgerRow, ...]
    moves: int

    @property
    def member(self) -> MemberView:
        """Return the member."""
        return self.club.member


@dataclass(frozen=True, slots=True)
class Entry:
    """A row about a member. `act` is what F9 does with its `target`: activate, redeem, fulfill, or nothing.

    `sent` says that it goes by post, `where` to which address once that is known.
    """

    text: str
    tail: str = ""
    act: str = ""
    target: str = ""
    verb: str = ""
    sent: bool = False
    where: str = ""
    heading: bool = False


def written(listed: Sequence[Entry], width: int) -> list[Row]:
    """Return the rows of a list: each entry with its end at the right, the headings dim."""
    rows = []
    for entry in listed:
        tail = f" {line(entry.tail)} " if entry.tail else ""
        room = max(10, width - 5 - cell_len(tail))
        rows.append((entry.text, "$dim") if entry.heading else (f"  {fit(entry.text, room)}{tail}", "$ink"))
    return rows


def look_up(store: Store, member: str) -> Profile:
    """Look a member up with all that is theirs. Raises what the store raises."""
    moves = store.members.points(member, limit=LISTED)
    return Profile(
        club.recognise(store, member),
        store.payments.list(customer=member, status="captured", limit=VISITS).data,
        store.segments.of(member),
        store.loyalty.redemptions.list(account=member, limit=LISTED).data,
        store.vouchers.list(customer=member, status="active", limit=LISTED).data,
        moves.data,
        moves.total,
    )


def with_older(store: Store, profile: Profile) -> Profile:
    """Return the profile with a page more of the points' history. Raises what the store raises."""
    known = {row.id for row in profile.ledger}
    page = store.members.points(profile.member.id, limit=PAGE, offset=len(known))
    older = tuple(row for row in page.data if row.id not in known)
    return replace(profile, ledger=(*profile.ledger, *older), moves=page.total)


def entries(profile: Profile, shop: ShopView) -> list[Entry]:
    """Return the rows about a member, under headings: first what can be done for them now."""
    waiting = [one for one in profile.redemptions if one.status == TO_HAND_OVER]
    used = [one for one in profile.redemptions if one.status != TO_HAND_OVER]
    sections = (
        ("to hand over or send", [_to_hand_over(one) for one in waiting]),
        ("offers waiting", [Entry(o.name, "activate", "activate", o.offer, "Activate") for o in profile.club.offers]),
        ("what the points buy now", [_reward(one, shop) for one in profile.club.rewards]),
        ("vouchers held", [Entry(v.code, _balance(v, shop)) for v in profile.vouchers]),
        ("last visits", [Entry(_visit(v, shop), money(v.amount, shop)) for v in profile.visits]),
        ("rewards had", [Entry(f"{when(r.created, shop)}  {r.name}", r.status.replace("_", " ")) for r in used]),
        (_counted("points", len(profile.ledger), profile.moves), [_moved(row, shop) for row in profile.ledger]),
    )
    return [entry for title, listed in sections if listed for entry in (Entry(title, heading=True), *listed)]


def _counted(title: str, count: int, total: int) -> str:
    return f"{title} · {count:,} of {total:,}" if total > count else title


def _to_hand_over(redemption: RewardRedemptionView) -> Entry:
    shipping = redemption.fulfillment.shipping if redemption.fulfillment else None
    if shipping is None:
        return Entry(redemption.name, "hand over", "fulfill", redemption.id, "Hand over")
    where = ", ".join(shipping[part] for part in sorted(shipping, key=_written_at))
    return Entry(redemption.name, "send", "fulfill", redemption.id, "Mark as sent", sent=True, where=where)


def _written_at(part: str) -> int:
    return ADDRESS.index(part) if part in ADDRESS else len(ADDRESS)


def _reward(reward: RewardView, shop: ShopView) -> Entry:
    cost = points(reward.points, shop)
    if reward.kind == "discount":
        return Entry(reward.name, f"{cost}, at the sale")
    return Entry(reward.name, cost, "redeem", reward.id, "Redeem", reward.shipping)


def _balance(voucher: VoucherView, shop: ShopView) -> str:
    return points(voucher.balance, shop) if voucher.kind == "points" else money(voucher.balance, shop)


def _visit(payment: PaymentView, shop: ShopView) -> str:
    return f"{when(payment.created, shop)}  {payment.receipt_number or ''}"


def _moved(row: LedgerRow, shop: ShopView) -> Entry:
    return Entry(f"{when(row.at, shop)}  {row.kind.replace('_', ' ')}", points(row.amount, shop, signed=True))
