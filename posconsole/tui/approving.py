"""A manager approves on the spot: who may not do a thing asks one, who does just that one thing with them.

`asked` is for one verb; `stood_by` for a manager who stays for more, as in the back office.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar, cast

from posconsole.errors import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App

    from posconsole import Store
    from posconsole.tui.app import PosApp
    from posconsole.tui.session import Session

R = TypeVar("R")


async def asked(app: App[object], session: Session, what: str, verb: Callable[[Store], R]) -> R:
    """Return what `verb` does with the till's store; where it takes a manager, with one who approves `what`.

    `what` is what the manager reads: an amount, a name. Raises what `verb` raises, `NotAllowed` with `manager_needed`
    also when nobody approved.
    """
    try:
        return await session.call(verb, session.store)
    except NotAllowed as refused:
        if refused.code != "manager_needed":
            raise
        approved = await stood_by(app, session, what)
        if approved is None:
            raise
        return await session.call(verb, approved)


async def stood_by(app: App[object], session: Session, what: str) -> Store | None:
    """Ask for a manager's name and PIN and return the store with their rights, or None when nobody gave them."""
    from posconsole.tui.screens.approval import ApprovalScreen

    if cast("PosApp", app).leaving:
        return None
    answer: asyncio.Future[Store | None] = asyncio.get_running_loop().create_future()
    # What was typed ahead was meant for the screen beneath.
    cast("PosApp", app).forget_keys()
    app.push_screen(ApprovalScreen(session, what, answer))
    return await answer
