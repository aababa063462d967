"""What the demo's tour does: a member's sale with a coupon, a voucher and cash."""

from __future__ import annotations

STEPS: tuple[tuple[str, float], ...] = (
    ("3*102", 1.5),
    ("<enter>", 1.0),
    ("cinnamon", 2.0),
    ("<enter>", 1.0),
    ("spring15", 3.5),
    ("<f7>", 0.5),
    ("403", 1.0),
    ("<enter>", 1.5),
    ("mira olsen", 2.0),
    ("<enter>", 3.0),
    ("spring15", 3.0),
    ("<enter>", 2.0),
    ("giftkeepsake025t", 2.5),
    ("<backspace>", 0.3),
    ("r", 3.0),
    ("<enter>", 2.5),
    ("<f9>", 1.5),
    ("c", 1.0),
    ("2000", 2.5),
    ("<f9>", 6.0),
    ("<enter>", 1.5),
)
"""Keys in angle brackets or text to type, and the seconds to read what comes of it."""
