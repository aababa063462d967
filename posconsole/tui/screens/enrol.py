"""Enrolling a member: four questions, and one account per phone number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.content import Content

from posconsole.engine.quoting.found import MemberFound
from posconsole.engine.quoting.rung import Basket
from posconsole.errors import Conflict
from posconsole.tui import asking
from posconsole.tui.keys import DO, Key
from posconsole.tui.safe import line
from posconsole.tui.screens.form import FormScreen
from posconsole.tui.widgets.chooser import member_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posconsole.engine.views import MemberView
    from posconsole.tui.asking import Ask
    from posconsole.tui.session import Session

NONE = "none"


class EnrolScreen(FormScreen):
    """Name, phone, e-mail and card; begins with what was searched for."""

    WHAT = "New member"
    KEYS: ClassVar[tuple[Key, ...]] = (
        DO.but("Enrol", "Enrol the member as filled in."),
        *FormScreen.KEYS[1:],
    )

    def __init__(self, session: Session, sought: str, then: Callable[[MemberView], None]) -> None:
        super().__init__(session, session.store, then)
        what = "email" if "@" in sought else "phone" if any(sign.isdecimal() for sign in sought) else "name"
        first = {what: sought}
        self._asks = (
            asking.written("name", "Name", "As they want to be called.", first=first.get("name", "")),
            asking.written("phone", "Phone", "One account per number.", empty=NONE, first=first.get("phone", "")),
            asking.written("email", "E-mail", "For receipts.", empty=NONE, first=first.get("email", "")),
            asking.written("card", "Card", "Scan or type the number of their card.", empty=NONE, scanned=True),
        )

    def asks(self) -> Sequence[Ask]:
        """Return the questions."""
        return self._asks

    def act(self, values: dict[str, Any]) -> MemberView:
        """Enrol them. Who has the phone number or the card already is named."""
        try:
            return self.store.members.create(**values, idempotency_key=self.key)
        except Conflict as conflict:
            found = self.store.look(str(values.get(conflict.field or "") or ""), Basket())
            if not isinstance(found, MemberFound):
                raise
            raise Conflict(f"It is {found.member.name}'s. Search for them.", field=conflict.field) from None

    def comes_to(self, values: dict[str, Any]) -> Content:
        """Name those who are called the same: they may be the one who is to be enrolled."""
        same = self.store.members.find(values["name"], limit=5)
        rows = [Content.styled("They get a loyalty account at once.", "$dim"), Content("")]
        if same.data:
            rows.append(Content.styled("! Called so already:", "$warn"))
            rows += [Content.styled(f"  {line(member_line(one))}", "$ink") for one in same.data]
        return Content("\n").join(rows)
