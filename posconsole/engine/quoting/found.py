"""What a text in the till's one input turned out to be.

Amounts are integers in minor units, tax rates basis points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posconsole.engine.quoting.quotes import Quote, Verdict


@dataclass(frozen=True, slots=True)
class ProductView:
    """A catalogue entry. A `voucher_value` marks one that sells vouchers of that value."""

    sku: str
    barcode: str | None
    name: str
    price: int
    tax_rate: int = 0
    category: str | None = None
    voucher_value: int | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class MemberView:
    """A known customer with a loyalty account: its `points`, or the `points_debt` that earnings work off first."""

    id: str
    name: str
    phone: str | None = None
    card: str | None = None
    email: str | None = None
    account: str = ""
    points: int = 0
    points_debt: int = 0
    tier: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    created: int = 0


@dataclass(frozen=True, slots=True)
class ProductFound:
    """The text names a product; Enter adds this many."""

    product: ProductView
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class CodeTried:
    """The text is a code; `quote` is what Enter would lead to (the present quote where it is refused)."""

    verdict: Verdict
    quote: Quote


@dataclass(frozen=True, slots=True)
class MemberFound:
    """The text is a member's card or phone number; Enter attaches them."""

    member: MemberView


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The text is part of these names; `more` says that there are others."""

    products: tuple[ProductView, ...]
    members: tuple[MemberView, ...]
    more: bool
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class NothingFound:
    """Nothing here is called that."""

    text: str


Look = ProductFound | CodeTried | MemberFound | Suggestions | NothingFound
