"""Who is at the till: asked at the start, when somebody else takes over, and after nobody did anything for long."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from posconsole.tui.screens.identify import IdentifyScreen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from posconsole.tui.app import PosApp
    from posconsole.tui.session import Session


class SignInScreen(IdentifyScreen):
    """Puts an operator at the till; the open sale stays as it is. `locked`: nobody leaves without a PIN."""

    def __init__(self, session: Session, name: str = "", names: Iterable[str] = (), *, locked: bool) -> None:
        super().__init__(session, name, names)
        self._locked = locked

    def heading(self) -> str:
        """Name the till."""
        locked = self._locked and self.session.opened.is_set()
        return f"{'Locked' if locked else 'Sign in'} · till {self.session.till}"

    def told(self) -> str:
        """Say what becomes of the open sale."""
        return "The open sale is kept." if self.session.opened.is_set() else ""

    def can_leave(self) -> bool:
        """Let who opened this go back to where they were, but not past a lock."""
        return not self._locked

    def left_alone(self) -> None:
        """Lock the way back."""
        if not self._locked:
            self._locked, self.called = True, ""
            self._ask()

    async def admit(self, name: str, pin: str | None) -> None:
        """Put them at the till."""
        await self.session.sign_in(name, pin)

    def admitted(self) -> None:
        """Give them the till."""
        self.dismiss()
        cast("PosApp", self.app).took_over()
