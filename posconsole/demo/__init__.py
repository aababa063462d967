"""Quay & Quill, coffee and paper by the harbour: a shop to try things in.

Light on purpose: the first frame shows the tips, and the shop is furnished behind it.
"""

from __future__ import annotations

SHOP = "Quay & Quill"
TILL = "1"
OPERATOR = "Ana"

PLAIN = "GIFT-KEEP-SAKE-025R"
PARTLY = "GIFT-PART-SPEN-T505"
ONCE = "GIFT-0NCE-0N1Y-0100"
MIRAS = "GIFT-F0RM-1RA0-030Q"
LATE = "GIFT-T001-ATE0-015S"
VOID = "GIFT-TAKE-NBAC-K20T"

TIPS: tuple[tuple[str, str], ...] = (
    ("3*102", "three flat whites; part of a name works too: knot"),
    ("spring15", "a coupon: 15 % off from 25.00, or what is missing for it"),
    ("breakfast", "with 205 and 102: stacks with coffee2"),
    ("gift keep sake 025r", "a gift voucher of 25.00; change a letter and see"),
    ("gift once only 0100", "single use: pays, and says first what is lost"),
    ("mira", "two members; crew is a coupon for members, once each"),
    ("summer", "expired. Also: winter, paused, gone; lastcall has one left"),
    ("F9", "pay: cash, or a card: 4242… approves, 4000…0002 declines"),
)
"""What to type, and what it shows."""
