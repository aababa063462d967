"""The panel in which a manager approves one thing, over whatever the cashier was doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posconsole.tui.keys import BACK
from posconsole.tui.safe import line
from posconsole.tui.screens.identify import IdentifyScreen

if TYPE_CHECKING:
    import asyncio

    from posconsole import Store
    from posconsole.tui.session import Session


class ApprovalScreen(IdentifyScreen):
    """Takes the lowest rows only: what is to be approved stays in view. Its answer is the store, or None."""

    def __init__(self, session: Session, what: str, answer: asyncio.Future[Store | None]) -> None:
        super().__init__(session)
        self._what, self._answer = what, answer

    def heading(self) -> str:
        """Say what is to be approved."""
        return f"A manager approves: {line(self._what)}"

    def asked(self) -> str:
        """Ask for the manager, not for who is at the till."""
        return f"A manager has to approve this: name, then Enter. {BACK} if nobody does."

    async def admit(self, name: str, pin: str | None) -> None:
        """Take the manager's rights for the one thing."""
        approved = await self.session.call(self.session.store.approved, name, pin)
        if not self._answer.done():
            self._answer.set_result(approved)

    def admitted(self) -> None:
        """Go back to what the cashier was doing."""
        self.dismiss()

    def left_alone(self) -> None:
        """Nobody came: nothing is approved."""
        self.leave()

    def on_unmount(self) -> None:
        """Whichever way this went, who waits for an answer gets one."""
        if not self._answer.done():
            self._answer.set_result(None)
