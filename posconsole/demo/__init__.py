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
    ("3*102, knot", "by number, or by name"),
    ("spring15", "15 % off from 25.00 on; before that, what is missing"),
    ("205, breakfast", "20 % off the bakery; coffee2 can be had with it"),
    ("giftkeepsake025r", "a gift voucher of 25.00; mistype it, and it says so"),
    ("giftonceonly0100", "single use: what it doesn't pay is lost, and it asks"),
    ("mira", "a member; F6: what she saves"),
    ("F9", "cash, or cards that approve, decline, never answer"),
    ("F5", "a card that never answered"),
    ("Ctrl+R", "refunds: try 1-000012"),
)
"""What to type, and what it shows: a card for the 48 by 17 cells of the empty basket at 80 by 24."""
