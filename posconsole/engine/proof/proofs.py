"""What the journal proves: that rows are what they were when written, and that none came or went past it.

The journal is followed once, entry by entry; tables are read a page at a time, with what is told of the rows on it.
What is kept meanwhile grows with the shop's rules and members' claims, not with its sales.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, literal, or_, select

from posconsole.codes import fold
from posconsole.engine.club import memberrows, offers, rewards, segments
from posconsole.engine.codes import campaigns, couponterms, vouchers
from posconsole.engine.db.paging import each, page_of, pages
from posconsole.engine.journal import chains
from posconsole.engine.journal.events import digest
from posconsole.engine.paper.printjobs import EVENTS
from posconsole.engine.proof import (
    batchproofs,
    couponproofs,
    dayproofs,
    memberproofs,
    offerproofs,
    printproofs,
    rewardproofs,
    saleproofs,
    voucherproofs,
)
from posconsole.engine.proof.bookproofs import Books
from posconsole.engine.proof.dutyproofs import Duties
from posconsole.engine.refund.unwinding import REVERSALS
from posconsole.engine.staff import operators
from posconsole.engine.views import Finding
from posconsole.models import (
    Batch,
    Campaign,
    CashMovement,
    Coupon,
    Event,
    Member,
    Offer,
    OfferActivation,
    Operator,
    ParkedBasket,
    Payment,
    Printed,
    Redemption,
    Refund,
    Reward,
    Segment,
    SegmentMember,
    Shift,
    Shop,
    Voucher,
    table,
)
from posconsole.models.shop import SETTLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlmodel import SQLModel

    from posconsole.engine.context import Context
    from posconsole.engine.db.database import Transaction
    from posconsole.engine.journal.chains import Told
    from posconsole.engine.sale.salerows import Fields

_MADE: dict[type[SQLModel], tuple[str, Iterable[str]]] = {
    Member: ("member.created", memberrows.TERMS),
    Campaign: ("campaign.created", campaigns.TERMS),
    Coupon: ("coupon.created", couponterms.TERMS),
    Voucher: ("voucher.issued", vouchers.TERMS),
    Operator: ("operator.created", operators.TERMS),
    Reward: ("reward.created", rewards.TERMS),
    Offer: ("loyalty.offer.created", offers.TERMS),
    Segment: ("segment.created", segments.TERMS),
}
"""What is made by an event of its own: the event, and the columns for which it vouches."""
_PAGES = {model: page_of(model) for model in _MADE}

_EVENT, _REDEMPTION = table(Event), table(Redemption)
_TELLS_OF: dict[str, type[SQLModel]] = {
    **{kind: model for model, (kind, _) in _MADE.items()},
    "batch.created": Batch,
    "payment.opened": Payment,
    "payment.captured": Payment,
    "payment.refunded_without_receipt": Refund,
    "loyalty.redemption.created": Redemption,
    **dict.fromkeys(EVENTS.values(), Printed),
}


def _gone(kind: str, model: type[SQLModel]) -> Select[Any]:
    """Return the statement that finds the events of a kind whose subject is not there."""
    row, unmade = table(model), _EVENT.alias("unmade")
    drafts = select(literal(1)).where(unmade.c.subject == _EVENT.c.subject, unmade.c.type == "loyalty.offer.deleted")
    return (
        select(_EVENT.c.subject)
        .outerjoin(row, row.c.id == _EVENT.c.subject)
        .where(_EVENT.c.type == kind, row.c.id.is_(None), ~drafts.exists())
    )


_VANISHED = [_gone(kind, model) for kind, model in _TELLS_OF.items()]
_MEMBER = table(Member)
_MERGED = select(_MEMBER.c.id, _MEMBER.c.merged_into).where(_MEMBER.c.merged_into.is_not(None))
_THE_SHOP, _BATCHES = select(table(Shop)), select(table(Batch))
_PLACES, _ACTIVATIONS = select(table(SegmentMember)), select(table(OfferActivation))
_SHIFTS, _MOVEMENTS, _PARKED = select(table(Shift)), select(table(CashMovement)), select(table(ParkedBasket))
_REDEMPTIONS = page_of(Redemption)
_CLAIMS = page_of(Redemption, _REDEMPTION.c.kind == "reward")
_WITHOUT_SALE = page_of(
    Redemption,
    _REDEMPTION.c.payment_id.is_(None),
    or_(_REDEMPTION.c.kind == "voucher", _REDEMPTION.c.kind == "offer"),
)
_KEPT = ("segment.", "batch.", "shift.", "cash.", "basket.", "campaign.", "shop.")
_KEPT_DATA = ("award", "credit", "was")
_KEPT_KINDS = ("member.merged", "loyalty.offer.activated", "loyalty.offer.deactivated")


def journal_findings(context: Context, transaction: Transaction) -> Iterator[Finding]:
    """Check the chain of every till, then every business row against the event that wrote it."""
    chain, duties, books = chains.Chains(context.key), Duties(), Books(context.key)
    proofs = _Proofs(context.key, transaction)
    for event in chains.entries(transaction):
        yield from chain.follow(event)
        one = chains.told(event)
        if one is not None:
            yield from duties.follow(one)
            books.follow(one)
            proofs.follow(one)
    yield from chain.end(transaction)
    yield from books.findings(transaction)
    yield from proofs.findings()


def readable(part: Iterator[Finding]) -> Iterator[Finding]:
    """Give what a part of the audit finds, and if it can't go on say so: `rule` names the row that it can't read."""
    try:
        yield from part
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        words = f"a check broke off at a value that the program never writes ({type(error).__name__})"
        yield Finding("unreadable", "audit", words)


class _Proofs:
    """Business rows, and what the journal tells of them."""

    def __init__(self, key: bytes, transaction: Transaction) -> None:
        self._digest = partial(digest, key)
        self._transaction = transaction
        self._told: list[Told] = []
        self._reversed: Counter[object] = Counter()
        self._taken: Counter[object] = Counter()

    def follow(self, one: Told) -> None:
        """Take the next entry of the journal in: what isn't found again by the subject of a row."""
        if one.kind in REVERSALS.values():
            self._reversed[one.data.get("redemption")] += one.data.get("amount", 0)
        if one.kind.startswith(_KEPT) or one.kind in _KEPT_KINDS or not one.data.keys().isdisjoint(_KEPT_DATA):
            self._told.append(one)

    def findings(self) -> Iterator[Finding]:
        """Run every check."""
        for check in (
            self._sales,
            self._settings,
            self._claims,
            self._made,
            self._batches,
            self._uses,
            self._without_sale,
            self._activations,
            self._places,
            self._days,
            self._paper,
            self._vanished,
        ):
            yield from readable(check())

    def _sales(self) -> Iterator[Finding]:
        return saleproofs.findings(self._transaction, self._digest)

    def _all(self, statement: Select[Any]) -> list[Fields]:
        return [row._asdict() for row in self._transaction.all(statement)]

    def _settings(self) -> Iterator[Finding]:
        now = [self._digest([[row[name] for name in SETTLED]]) for row in self._all(_THE_SHOP)]
        if now != [one.data.get("rows") for one in self._told if one.kind == "shop.founded"]:
            yield Finding("altered", "shop", "its settings are not those that it was founded with")

    # -- what is made by an event of its own ------------------------------------------------------------

    def _made(self) -> Iterator[Finding]:
        states = self._states()
        for model, (kind, columns) in _MADE.items():
            for rows, span in pages(self._transaction, _PAGES[model]):
                told = chains.told_of(self._transaction, span)
                for row in rows:
                    # Sold at a till, or minted with others: the digest of the sale or the batch covers it.
                    if row.get("payment_id") is None and row.get("batch_id") is None:
                        yield from self._one_made(row, kind, columns, told[row["id"]])
                    if model in states:
                        yield from states[model](row, told[row["id"]])
                    if "code_key" in row and not _as_looked_up(row):
                        yield Finding("altered", row["id"], "its code is not written as it is looked up")

    def _one_made(self, row: Fields, kind: str, columns: Iterable[str], told: list[Told]) -> Iterator[Finding]:
        made = [one.at for one in told if one.kind == kind]
        # Of what may be changed, the latest event that tells of the row vouches for it.
        vouched = next((one.data["rows"] for one in reversed(told) if "rows" in one.data), None)
        if made != [row["created_at"]] or vouched != self._digest([[row[name] for name in columns]]):
            yield Finding("altered", row["id"], "it is not what it was made as, or changed to")

    def _states(self) -> dict[type[SQLModel], Callable[[Fields, list[Told]], Iterator[Finding]]]:
        templates = couponproofs.templates(self._all(_BATCHES))
        merged = {row["id"]: row["merged_into"] for row in self._all(_MERGED)}
        return {
            Coupon: lambda row, told: couponproofs.state(row, templates.get(row["batch_id"], {}), told),
            Voucher: lambda row, told: voucherproofs.state(row, told, merged),
            Reward: lambda row, told: rewardproofs.reward(row, told, self._taken[row["id"]]),
            Offer: offerproofs.state,
        }

    def _claims(self) -> Iterator[Finding]:
        for rows, span in pages(self._transaction, _CLAIMS):
            told = chains.told_of(self._transaction, span)
            for row in rows:
                self._taken[row["reward_id"]] += not any(one.data.get("restocked") for one in told[row["id"]])
                yield from rewardproofs.claim(row, told[row["id"]], self._digest)

    def _batches(self) -> Iterator[Finding]:
        return batchproofs.findings(self._transaction, self._all(_BATCHES), self._told, self._digest)

    # -- what was used ----------------------------------------------------------------------------------

    def _uses(self) -> Iterator[Finding]:
        yield from couponproofs.uses(self._transaction, self._told)
        for row in each(self._transaction, _REDEMPTIONS):
            if row["reversed"] != self._reversed[row["id"]]:
                words = f"{row['reversed']} of it is reversed, the journal tells of {self._reversed[row['id']]}"
                yield Finding("redemption_reversed", row["id"], words)

    def _without_sale(self) -> Iterator[Finding]:
        rows = list(each(self._transaction, _WITHOUT_SALE))
        yield from offerproofs.awards([row for row in rows if row["kind"] == "offer"], self._told, self._digest)
        yield from voucherproofs.credited([row for row in rows if row["kind"] == "voucher"], self._told, self._digest)

    def _activations(self) -> Iterator[Finding]:
        return offerproofs.claims(self._all(_ACTIVATIONS), self._told, self._digest)

    def _places(self) -> Iterator[Finding]:
        return memberproofs.findings(self._all(_PLACES), self._told)

    def _days(self) -> Iterator[Finding]:
        opened, moved, parked = map(self._all, (_SHIFTS, _MOVEMENTS, _PARKED))
        return dayproofs.findings(opened, moved, parked, self._told, self._digest)

    def _paper(self) -> Iterator[Finding]:
        return printproofs.findings(self._transaction, self._told)

    def _vanished(self) -> Iterator[Finding]:
        for statement in _VANISHED:
            for subject in self._transaction.scalars(statement):
                yield Finding("missing", subject, "the journal tells of it, and it is gone")


def _as_looked_up(row: Fields) -> bool:
    return bool(fold(row["code"]) == row["code_key"] and row["code"] == row["code"].upper())
