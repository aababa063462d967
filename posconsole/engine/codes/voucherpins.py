"""The PINs of vouchers: a hash takes a tenth of a second, so they are checked outside of every transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from posconsole.codes import fold, mask
from posconsole.engine.db.database import among, values
from posconsole.engine.quoting.refusals import PinRefused
from posconsole.engine.quoting.terms import StoredValue
from posconsole.engine.staff import pins, throttling
from posconsole.models import Voucher, table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from posconsole.engine.context import Context
    from posconsole.engine.db.database import Row
    from posconsole.engine.quoting.terms import Given

_VOUCHER = table(Voucher)
_WITH_PIN = (
    select(_VOUCHER.c.id, _VOUCHER.c.code, _VOUCHER.c.code_key, _VOUCHER.c.pin_hash)
    .where(among(_VOUCHER.c.code_key, bindparam("keys")), _VOUCHER.c.pin_hash.is_not(None))
    .order_by(_VOUCHER.c.code_key)
)


class Unproven(Exception):
    """A sale is paid with a voucher whose PIN hasn't been checked: nothing of it may be written."""


def demand(codes: Iterable[Given], proven: Collection[str]) -> None:
    """Raise `Unproven` unless each of a sale's vouchers that has a PIN is among the `proven`, by id."""
    for given in codes:
        voucher = given.target
        if isinstance(voucher, StoredValue) and voucher.has_pin and voucher.id not in proven:
            raise Unproven


def check(context: Context, codes: Collection[str], given: Mapping[str, str]) -> frozenset[str]:
    """Check that for each of these codes that is a voucher with a PIN the right one is `given`, by code.

    Returns the vouchers that have one, by id: whoever writes a voucher's PIN writes it once, with the voucher.
    Raises `PinRefused` with the code `pin_needed` or `pin_wrong`, or `TooManyGuesses`. Never inside a transaction.
    """
    keys = values(sorted({fold(code) for code in codes}))
    by_key = {fold(code): pin for code, pin in given.items()}
    found = context.read(lambda transaction: transaction.all(_WITH_PIN, keys=keys))
    for row in found:
        _check(context, row, by_key.get(row.code_key))
    return frozenset(row.id for row in found)


def _check(context: Context, row: Row, pin: str | None) -> None:
    if pin is None:
        raise PinRefused(f"{mask(row.code)} has a PIN. Ask the customer for it.", "pin_needed", row.code)
    if not throttling.guess_pin(context, row.id, lambda: pins.fits(pin, row.pin_hash, context.key, row.id)):
        raise PinRefused(f"That is not the PIN of {mask(row.code)}.", "pin_wrong", row.code)
