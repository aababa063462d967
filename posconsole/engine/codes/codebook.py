"""The book of codes: what keeps a code from ever meaning two things.

Minted codes belong to series, a prefix each and all of one kind; written codes look like none of them. Who opens a
series and who writes a code hold the shop's row meanwhile: neither can overlook what the other is about to commit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, func, select

from posconsole.codes import BODY, fold, series_of
from posconsole.engine.sale.salerows import SOLD_PREFIX
from posconsole.errors import Conflict, InvalidInput
from posconsole.models import CodeSeries, Coupon, Shop, table

if TYPE_CHECKING:
    from posconsole.engine.context import Unit
    from posconsole.engine.db.database import Transaction

_SERIES, _COUPON, _SHOP = table(CodeSeries), table(Coupon), table(Shop)
_TAKE_BOOK = select(_SHOP.c.id).with_for_update()
_ALL_SERIES = select(_SERIES.c.prefix, _SERIES.c.kind)
_KIND = select(_SERIES.c.kind).where(_SERIES.c.prefix == bindparam("prefix"))
_COUPON_LIKE = select(_COUPON.c.id).where(
    func.length(_COUPON.c.code_key) == bindparam("length", type_=Integer) + BODY,
    func.substr(_COUPON.c.code_key, 1, bindparam("length", type_=Integer)) == bindparam("prefix"),
)
_WRITTEN = re.compile(r"[A-Z0-9][A-Z0-9 \-_.%+&!]{1,38}[A-Z0-9%+&!]", re.ASCII)
REWARD_PREFIX = "RWD"
"""The series of the codes under which discount rewards wait for their payment."""
_KEPT = {fold(SOLD_PREFIX): "voucher", fold(REWARD_PREFIX): "reward"}
"""The series that are kept for a kind before the first code of them is minted."""


def series(transaction: Transaction) -> dict[str, str]:
    """Return the kind of each series' codes, by its folded prefix, as the transaction first saw them."""
    return dict(map(tuple, transaction.seen(_ALL_SERIES)))


def reserve_series(unit: Unit, prefix: str, kind: str) -> None:
    """Open the series of `prefix` for codes of a kind (voucher, coupon, reward), or find it open for them.

    Raises `Conflict` when codes of another kind have it, or when a code that was written by hand looks like it.
    """
    key = fold(prefix)
    # A series is never closed, so one that is seen to be open needs no lock.
    has = unit.transaction.scalar(_KIND, prefix=key) or _open(unit, key, kind)
    if has != kind:
        raise Conflict(f"The codes of this series are {has}s. Take another prefix.", field="prefix")


def _open(unit: Unit, key: str, kind: str) -> str:
    if _KEPT.get(key, kind) != kind:
        return _KEPT[key]
    unit.transaction.first(_TAKE_BOOK)
    if unit.transaction.insert(_SERIES, [{"prefix": key, "kind": kind}], ignore=True) != 1:
        return str(unit.transaction.scalar(_KIND, prefix=key))
    if unit.transaction.scalar(_COUPON_LIKE, prefix=key, length=len(key)) is not None:
        raise Conflict("A coupon has a code like those of this series. Take another prefix.", field="prefix")
    return kind


def handwritten(code: str) -> str:
    """Return a code written by hand as it is printed: 3 to 40 capital letters, digits and signs."""
    written = code.strip().upper()
    if not _WRITTEN.fullmatch(written):
        raise InvalidInput("A code has 3 to 40 letters, digits and signs", field="code")
    return written


def check_handwritten(unit: Unit, code: str) -> None:
    """Check that a code written by hand can be taken for none that is minted, now or while this transaction lasts."""
    unit.transaction.first(_TAKE_BOOK)
    if series_of(code, {*unit.transaction.scalars(_ALL_SERIES), *_KEPT}):
        raise InvalidInput("This code looks like a minted one, a voucher's perhaps. Take another.", field="code")
