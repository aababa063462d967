"""The verbs of campaigns: named efforts with a window and perhaps a budget that group codes and offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, cast, or_, select, update

from posconsole.clock import moment
from posconsole.codes import identifier
from posconsole.engine import listing
from posconsole.engine.arguments import optional, text
from posconsole.engine.codes import campaignreport
from posconsole.engine.context import Request
from posconsole.engine.staff.access import needs
from posconsole.engine.views import CampaignView, Page
from posconsole.errors import InvalidInput, NotAllowed, NotFound
from posconsole.models import Campaign, table
from posconsole.money import minor_units

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Select

    from posconsole.engine.context import Context, Unit
    from posconsole.engine.db.database import Row, Transaction
    from posconsole.engine.sale.salerows import Fields
    from posconsole.engine.views import CampaignReport

_CAMPAIGN = table(Campaign)
TERMS = "id name starts_at ends_at budget active created_at deleted_at".split()
"""What a campaign's events vouch for: all but what its codes have used of its budget."""
STATES = ("active", "paused", "scheduled", "ended", "spent", "deleted")

_KNOWN = select(_CAMPAIGN.c.id).where(_CAMPAIGN.c.id == bindparam("campaign"), _CAMPAIGN.c.deleted_at.is_(None))
_TAKE = select(_CAMPAIGN).where(_CAMPAIGN.c.id == bindparam("campaign")).with_for_update()
_BUDGET = cast(bindparam("new_budget"), BigInteger)
_CHANGE = (
    update(_CAMPAIGN)
    .where(
        _CAMPAIGN.c.id == bindparam("campaign"),
        _CAMPAIGN.c.deleted_at.is_(None),
        or_(_BUDGET.is_(None), _CAMPAIGN.c.spent + _CAMPAIGN.c.held <= _BUDGET),
    )
    .values({name: bindparam(f"new_{name}") for name in ("name", "starts_at", "ends_at", "active", "deleted_at")})
    .values(budget=_BUDGET)
)
KEEP: Any = object()
"""What isn't given stays as it is; None takes it away."""


def check(transaction: Transaction, campaign: str | None) -> None:
    """Check that a campaign which something is made for is there."""
    if campaign is not None and transaction.scalar(_KNOWN, campaign=campaign) is None:
        raise _unknown(campaign)


class Campaigns:
    """What can be done with campaigns."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs("campaigns.create")
    def create(
        self,
        *,
        name: str,
        starts_at: object = None,
        ends_at: object = None,
        budget: int | None = None,
        idempotency_key: str | None = None,
    ) -> CampaignView:
        """Make a campaign. `budget` is what its discounts may cost in minor units; a date means the whole day.

        Coupons, batches and offers are put in it when they are made: their `campaign`. Outside its window, while it
        is paused and when its budget doesn't cover a discount any more, its codes are refused.
        """
        asked = self._read({"name": name, "starts_at": starts_at, "ends_at": ends_at, "budget": budget})
        request = Request.of("campaign", idempotency_key, **asked)

        def work(unit: Unit) -> CampaignView:
            state = {"id": identifier("cmp"), "spent": 0, "held": 0, "active": True, "deleted_at": None}
            row = {**asked, **state, "created_at": unit.now}
            earlier = unit.once(request, row["id"])
            if earlier is None:
                _checked(row)
                unit.transaction.insert(_CAMPAIGN, [row])
                _tell(unit, "campaign.created", row["id"], **asked)
            return _shown(unit, earlier or row["id"])

        return self._context.write(work)

    @needs("campaigns.get")
    def get(self, campaign: str) -> CampaignView:
        """Return a campaign by id, also a deleted one."""
        wanted, now = text(campaign, "campaign"), self._context.clock.now()
        row = self._context.read(lambda tx: tx.first(_GET, campaign=wanted, now=now))
        if row is None:
            raise _unknown(wanted)
        return show(row)

    @needs("campaigns.list")
    def list(
        self,
        limit: int = 10,
        offset: int = 0,
        *,
        starting_after: str | None = None,
        status: str | None = None,
        matching: str | None = None,
    ) -> Page[CampaignView]:
        """Return campaigns, newest first, by any part of the name; deleted ones only when asked for by `status`."""
        now = self._context.clock.now()
        if status is not None and status not in STATES:
            raise InvalidInput(f"A campaign's status is one of {', '.join(STATES)}", field="status")
        wanted = _CAMPAIGN.c.deleted_at.is_(None) if status is None else _state_at(now) == status
        conditions = (wanted, *listing.mentions(matching, _CAMPAIGN.c.name))
        page = {"limit": limit, "offset": offset}
        return listing.newest(
            self._context, _CAMPAIGN, _with_state(now), conditions, show, starting_after=starting_after, **page
        )

    @needs("campaigns.update")
    def update(
        self,
        campaign: str,
        *,
        name: str = KEEP,
        starts_at: object = KEEP,
        ends_at: object = KEEP,
        budget: int | None = KEEP,
        idempotency_key: str | None = None,
    ) -> CampaignView:
        """Change a campaign's name, window or budget; None takes a bound away.

        Raises `NotAllowed` with the code `budget_spent` for a budget below what is spent and held already.
        """
        written = {"name": name, "starts_at": starts_at, "ends_at": ends_at, "budget": budget}
        asked = self._read({key: value for key, value in written.items() if value is not KEEP})
        if not asked:
            raise InvalidInput("Say what changes: name, starts_at, ends_at or budget", field="name")
        return self._change(campaign, asked, Request.of("campaign.update", idempotency_key, campaign=campaign, **asked))

    @needs("campaigns.pause")
    def pause(self, campaign: str, *, idempotency_key: str | None = None) -> CampaignView:
        """Refuse a campaign's codes until it is resumed."""
        request = Request.of("campaign.pause", idempotency_key, campaign=campaign)
        return self._change(campaign, {"active": False}, request)

    @needs("campaigns.resume")
    def resume(self, campaign: str, *, idempotency_key: str | None = None) -> CampaignView:
        """Let a campaign's codes count again."""
        request = Request.of("campaign.resume", idempotency_key, campaign=campaign)
        return self._change(campaign, {"active": True}, request)

    @needs("campaigns.delete")
    def delete(self, campaign: str, *, idempotency_key: str | None = None) -> CampaignView:
        """Take a campaign out of use for good, and its codes with it. What it did stays."""
        request = Request.of("campaign.delete", idempotency_key, campaign=campaign)

        def work(unit: Unit) -> CampaignView:
            row = _take(unit, campaign)
            if unit.once(request, row.id) is None and row.deleted_at is None:
                # Whoever asks only whether it runs finds that it doesn't.
                _write(unit, "campaign.deleted", row, {"active": False, "deleted_at": unit.now})
            return _shown(unit, row.id)

        return self._context.write(work)

    @needs("campaigns.report")
    def report(self, campaign: str) -> CampaignReport:
        """Return what a campaign did and what it cost, in all and day by day in the shop's time zone."""
        wanted = self.get(campaign).id
        return campaignreport.report(self._context, wanted)

    def _read(self, asked: Fields) -> Fields:
        zone = self._context.shop.timezone
        readers: dict[str, Callable[[Any], Any]] = {
            "name": _name,
            "starts_at": lambda value: moment(value, zone, "starts_at"),
            "ends_at": lambda value: moment(value, zone, "ends_at", end=True),
            "budget": lambda value: None if value is None else minor_units(value, "budget"),
        }
        return {key: readers[key](value) for key, value in asked.items()}

    def _change(self, campaign: str, asked: Fields, request: Request) -> CampaignView:
        def work(unit: Unit) -> CampaignView:
            row = _take(unit, campaign)
            if unit.once(request, row.id) is None:
                _write(unit, "campaign.updated", row, asked)
            return _shown(unit, row.id)

        return self._context.write(work)


def _write(unit: Unit, kind: str, row: Row, asked: Fields) -> None:
    """Write what changes of a campaign's row, and tell it."""
    if row.deleted_at is not None:
        raise NotAllowed("This campaign was deleted. Make a new one.", code="deleted", field="campaign")
    new = row._asdict() | asked
    _checked(new)
    if new["budget"] is not None and row.spent + row.held > new["budget"]:
        raise NotAllowed(
            f"{row.spent + row.held} of this budget are spent or held already: it can't be less.",
            code="budget_spent",
            field="budget",
        )
    names = ("name", "starts_at", "ends_at", "active", "deleted_at", "budget")
    unit.transaction.guarded(_CHANGE, campaign=row.id, **{f"new_{name}": new[name] for name in names})
    _tell(unit, kind, row.id, **asked)


def _tell(unit: Unit, kind: str, campaign: str, **told: object) -> None:
    (row,) = unit.transaction.all(_TAKE, campaign=campaign)
    unit.journal.record(kind, campaign, rows=unit.digest([[getattr(row, name) for name in TERMS]]), **told)


def _take(unit: Unit, campaign: str) -> Row:
    """Return a campaign's row, also a deleted one's, this transaction's until it ends."""
    wanted = text(campaign, "campaign")
    row = unit.transaction.first(_TAKE, campaign=wanted)
    if row is None:
        raise _unknown(wanted)
    return row


def _name(value: object) -> str:
    found = optional(value, "name")
    if found is None:
        raise InvalidInput("A campaign needs a name", field="name")
    return found


def _checked(row: Fields) -> None:
    if None not in (row["starts_at"], row["ends_at"]) and row["starts_at"] > row["ends_at"]:
        raise InvalidInput("It ends before it starts", field="ends_at")


def _unknown(campaign: str) -> NotFound:
    return NotFound(f"There is no campaign {campaign[:40]}", field="campaign")


def _state_at(now: Any) -> ColumnElement[str]:
    """Return a campaign's state at a moment; what can't come back goes before what can."""
    campaign = _CAMPAIGN.c
    conditions = {
        "deleted": campaign.deleted_at.is_not(None),
        "ended": campaign.ends_at < now,
        "paused": campaign.active.is_(False),
        "scheduled": campaign.starts_at > now,
        "spent": campaign.spent + campaign.held >= campaign.budget,
    }
    return listing.derived(conditions, "active")


def _with_state(now: Any) -> Select[Any]:
    return select(_CAMPAIGN, _state_at(now).label("state"))


_GET = _with_state(bindparam("now", type_=BigInteger)).where(_CAMPAIGN.c.id == bindparam("campaign"))


def _shown(unit: Unit, campaign: str) -> CampaignView:
    (row,) = unit.transaction.all(_GET, campaign=campaign, now=unit.now)
    return show(row)


def show(row: Row) -> CampaignView:
    """Return the view of a campaign's row with its state."""
    left = None if row.budget is None else row.budget - row.spent - row.held
    return CampaignView(
        id=row.id,
        name=row.name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        budget=row.budget,
        spent=row.spent,
        held=row.held,
        budget_left=left,
        status=row.state,
        created=row.created_at,
    )
