"""The PINs of vouchers: asked for before a sale's transaction, because a hash takes a tenth of a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from posconsole.codes import fold, mask
from posconsole.engine import pins, throttling
from posconsole.engine.database import among, values
from posconsole.engine.refusals import PinRefused
from posconsole.models import Voucher, table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from posconsole.engine.context import Context
    from posconsole.engine.database import Row

_VOUCHER = table(Voucher)
_WITH_PIN = (
    select(_VOUCHER.c.id, _VOUCHER.c.code, _VOUCHER.c.code_key, _VOUCHER.c.pin_hash)
    .where(among(_VOUCHER.c.code_key, bindparam("keys")), _VOUCHER.c.pin_hash.is_not(None))
    .order_by(_VOUCHER.c.code_key)
)


def check(context: Context, codes: Collection[str], given: Mapping[str, str]) -> None:
    """Check that for each of these codes that is a voucher with a PIN the right one is `given`, by code.

    Raises `PinRefused` with the code `pin_needed` or `pin_wrong`, or `TooManyGuesses`. Never inside a transaction.
    """
    if not codes:
        return
    keys = values(sorted({fold(code) for code in codes}))
    by_key = {fold(code): pin for code, pin in given.items()}
    for row in context.read(lambda transaction: transaction.all(_WITH_PIN, keys=keys)):
        _check(context, row, by_key.get(row.code_key))


def _check(context: Context, row: Row, pin: str | None) -> None:
    if pin is None:
        raise PinRefused(f"{mask(row.code)} has a PIN. Ask the customer for it.", "pin_needed", row.code)
    if not throttling.guess_pin(context, row.id, lambda: pins.fits(pin, row.pin_hash, context.key, row.id)):
        raise PinRefused(f"That is not the PIN of {mask(row.code)}.", "pin_wrong", row.code)
