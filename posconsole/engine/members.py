"""The verbs of known customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, or_, select

from posconsole.codes import identifier
from posconsole.engine import arguments, listing
from posconsole.engine.views import MemberView, Page
from posconsole.errors import Conflict, InvalidInput, NotFound
from posconsole.models import Member, table

if TYPE_CHECKING:
    from posconsole.engine.context import Context, Unit
    from posconsole.engine.database import Row, Transaction

_MEMBER = table(Member)
_BY_ID = select(_MEMBER).where(_MEMBER.c.id == bindparam("member"))
_HAS_CARD = _MEMBER.c.card == bindparam("text")
# Should one member's card be another's phone number, the card wins.
_BY_CARD_OR_PHONE = (
    select(_MEMBER)
    .where(or_(_HAS_CARD, _MEMBER.c.phone_key == bindparam("phone")))
    .order_by(case((_HAS_CARD, 0), else_=1))
    .limit(1)
)


def show(row: Row) -> MemberView:
    """Return the view of a member's row."""
    return MemberView(row.id, row.name, row.phone, row.card, row.email)


def phone_key(text: str) -> str | None:
    """Return a phone number's digits, or None when the text can't be one."""
    digits = "".join(character for character in text if character.isascii() and character.isdigit())
    plain = all(character in "0123456789 +-/()." for character in text.strip())
    return digits if plain and 5 <= len(digits) <= 15 else None


def exact(transaction: Transaction, text: str) -> MemberView | None:
    """Return the member with this card or phone number."""
    row = transaction.first(_BY_CARD_OR_PHONE, text=text.strip().upper(), phone=phone_key(text))
    return None if row is None else show(row)


class Members:
    """What can be done with members."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def create(
        self, *, name: str, phone: str | None = None, card: str | None = None, email: str | None = None
    ) -> MemberView:
        """Enrol a member. Raises `Conflict` when the phone number or the card has an account already."""
        called, phone, card = (
            arguments.optional(name, "name"),
            arguments.optional(phone, "phone"),
            arguments.optional(card, "card"),
        )
        email = arguments.optional(email, "email")
        if called is None:
            raise InvalidInput("A member needs a name", field="name")
        if phone is not None and phone_key(phone) is None:
            raise InvalidInput(f"{phone[:24]!r} is not a phone number", field="phone")
        row = {
            "id": identifier("cust"),
            "account_id": identifier("loy"),
            "points": 0,
            "points_debt": 0,
            "tier": None,
            "attributes": "{}",
            "merged_into": None,
            "name": called,
            "search": listing.folded(called, phone, phone and phone_key(phone), card, email),
            "phone": phone,
            "phone_key": phone and phone_key(phone),
            "card": card and card.upper(),
            "email": email,
        }

        def work(unit: Unit) -> None:
            if unit.transaction.insert(_MEMBER, [row | {"created_at": unit.now}], ignore=True) != 1:
                raise Conflict("There is an account with this phone number or card. Look it up.", field="phone")
            unit.journal.record("member.created", str(row["id"]))

        self._context.write(work)
        return self.get(str(row["id"]))

    def get(self, member: str) -> MemberView:
        """Return a member by id; `NotFound` when there is none."""
        row = self._context.read(
            lambda transaction: transaction.first(_BY_ID, member=arguments.text(member, "customer"))
        )
        if row is None:
            raise NotFound("There is no such member", field="customer")
        return show(row)

    def find(self, text: str, limit: int = 50) -> Page[MemberView]:
        """Return members with every word of `text` in their name, phone, e-mail or card, by name."""
        condition = listing.contains(_MEMBER.c.search, text)
        return listing.page(self._context, _MEMBER, (condition,), (_MEMBER.c.name, _MEMBER.c.id), show, limit=limit)
