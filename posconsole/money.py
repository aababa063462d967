"""Money: integers in minor units, a currency that knows its decimals, and the one formatter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING

from posconsole.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

# ISO 4217, the currencies whose minor unit is not a hundredth.
_DECIMALS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}
# Far above any till, far below what a 64-bit sum over a year of sales could overflow.
LARGEST = 10**12
MINUS = "\N{MINUS SIGN}"


def half_up(numerator: int, denominator: int) -> int:
    """Divide two integers and round the half up, in the direction of plus infinity."""
    return (2 * numerator + denominator) // (2 * denominator)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` over `weights` by largest remainder; of equal remainders the earlier gets the unit.

    The shares sum to `total` exactly. Neither `total` nor a weight may be negative; when every weight is 0,
    `total` has to be 0 too.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    left = total - sum(shares)
    if left:
        by_remainder = sorted(range(len(weights)), key=lambda i: -(total * weights[i] % whole))
        for i in by_remainder[:left]:
            shares[i] += 1
    return shares


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency. Amounts are integers of its minor unit: 2452 of EUR are 24.52."""

    code: str
    decimals: int

    @staticmethod
    @lru_cache
    def of(code: str) -> Currency:
        """Return the currency with this three-letter code; `InvalidInput` when it can't be one."""
        code = code.strip().upper()
        if not re.fullmatch("[A-Z]{3}", code, re.ASCII):
            raise InvalidInput(f"{code!r} is not a currency: three letters like EUR", field="currency")
        return Currency(code, _DECIMALS.get(code, 2))

    def format(self, amount: int, locale: str = "en", *, symbol: bool = False) -> str:
        """Write an amount of minor units as a person of that locale would: 245210 → `2,452.10`."""
        from babel.numbers import format_currency

        value = Decimal(abs(amount)).scaleb(-self.decimals)
        text: str = format_currency(
            value, self.code, None if symbol else self._pattern(), locale=locale, currency_digits=symbol
        )
        return f"{MINUS}{text}" if amount < 0 else text

    def _pattern(self) -> str:
        return "#,##0" + ("." + "0" * self.decimals if self.decimals else "")

    def keyed(self, text: str) -> int:
        """Read an amount as keyed at a till: `1250` is 12.50; with a point or a comma it means what it says."""
        text = text.strip()
        if re.fullmatch(r"\d{1,12}", text, re.ASCII):
            return self._bounded(int(text), text)
        return self.parse(text)

    def parse(self, text: str | int | Decimal) -> int:
        """Read an amount in whole units as people write it: `25`, `25.00`, `25,5` → minor units, never negative.

        Raises `InvalidInput` for anything else: too many decimals, signs, thousands separators, exponents.
        """
        written = str(text).strip()
        if not re.fullmatch(r"\d{1,12}(?:[.,]\d{0,6})?", written, re.ASCII):
            raise InvalidInput(f"{written[:12]!r} is not an amount", field="amount")
        try:
            minor = Decimal(written.replace(",", ".")).scaleb(self.decimals)
        except InvalidOperation:  # pragma: no cover - the pattern leaves nothing Decimal can't read
            raise InvalidInput(f"{written[:12]!r} is not an amount", field="amount") from None
        if minor != int(minor):
            raise InvalidInput(
                f"{written} has more than {self.decimals} decimals, which {self.code} does not have",
                field="amount",
            )
        return self._bounded(int(minor), written)

    def _bounded(self, amount: int, written: str) -> int:
        if amount > LARGEST:
            raise InvalidInput(f"{written[:12]} is more than a till can take", field="amount")
        return amount


def percent(value: object, field: str = "percent_off") -> int:
    """Turn a percentage in (0, 100] with at most two decimals into basis points: 12.5 → 1250."""
    points = hundredths(value, field, most=100)
    if not points:
        raise InvalidInput(f"{value!r} is not a percentage above 0 and up to 100", field=field)
    return points


def hundredths(value: object, field: str, *, most: int) -> int:
    """Turn a number from 0 to `most` with at most two decimals into hundredths: 1.5 → 150."""
    written = "" if isinstance(value, int) and not 0 <= value <= most else str(value)[:40]
    found = Decimal(written).scaleb(2) if re.fullmatch(r"\d{1,9}(\.\d+)?", written, re.ASCII) else Decimal(-1)
    if found != int(found) or not 0 <= found <= most * 100:
        raise InvalidInput(f"{written!r} is not a number from 0 to {most} with two decimals at most", field=field)
    return int(found)


def minor_units(value: object, field: str, *, least: int = 0) -> int:
    """Check that `value` is an integer of minor units from `least` up to the largest a till can take."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= LARGEST:
        raise InvalidInput(f"{field} has to be a whole number of minor units, {least} or more", field=field)
    return value
